"""The portal's unit: what it allows, and that it serves pages by what it's given."""

import re
import ssl
from collections.abc import Iterator

import pytest

from tests.systemd.site import Site, set_up_portal
from tests.systemd.test_hardening import MOST

UNIT = "wicketgate-portal.service"


@pytest.fixture(scope="module")
def served(whole_site: Site) -> Iterator[Site]:
    """A site whose portal serves."""
    set_up_portal(whole_site)
    whole_site.machine.systemctl("start", UNIT)
    yield whole_site
    whole_site.machine.systemctl("stop", UNIT)
    whole_site.configure()


def test_systemd_understands_every_line_of_the_portals_unit(served: Site):
    done = served.machine.run("systemd-analyze", "verify", f"/etc/systemd/system/{UNIT}")
    assert done.stdout + done.stderr == ""


def test_the_portals_exposure_is_low(served: Site):
    said = served.machine.run("systemd-analyze", "security", "--no-pager", UNIT).stdout
    score = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)
    assert score is not None, said
    assert float(score[1]) <= MOST, said


def test_it_serves_pages_as_soon_as_systemd_says_so(served: Site):
    context = served.account.context
    with (
        served.machine.connect(8443) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as one,
    ):
        one.sendall(b"GET /security/sign-in HTTP/1.1\r\nHost: localhost:8443\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: _some(one), b""))
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"Sign in" in answer


def test_the_portal_is_given_no_password_of_a_mail_server(served: Site):
    machine = served.machine
    folder = f"/run/credentials/{UNIT}"
    given = machine.run("nsenter", "--mount", "--target", str(machine.main_pid(UNIT)), "ls", folder).stdout
    assert set(given.split()) == {"portal.key_file", "store.pepper_file"}


def test_the_gateway_is_not_given_the_key_of_second_steps(served: Site):
    machine = served.machine
    machine.systemctl("start", "wicketgate.service")
    pid = str(machine.main_pid("wicketgate.service"))
    folder = "/run/credentials/wicketgate.service"
    given = machine.run("nsenter", "--mount", "--target", pid, "ls", folder).stdout.split()
    assert "store.pepper_file" in given
    assert "portal.key_file" not in given
    machine.systemctl("stop", "wicketgate.socket", "wicketgate.service")


def test_dos_08_the_portals_memory_has_an_end(served: Site):
    high, most = (int(served.machine.property(UNIT, name)) for name in ("MemoryHigh", "MemoryMax"))
    assert (high, most) == (768 * 1024**2, 1024**3)


def test_a_stop_is_no_failure(served: Site):
    served.machine.systemctl("restart", UNIT)
    served.machine.systemctl("stop", UNIT)
    assert served.machine.property(UNIT, "Result") == "success"
    served.machine.systemctl("start", UNIT)


def _some(one: ssl.SSLSocket) -> bytes:
    return one.recv(65536)
