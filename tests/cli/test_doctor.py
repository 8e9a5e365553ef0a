"""`wicketgate doctor`: what lacks is found and said, with what to do about it."""

from datetime import UTC, datetime, timedelta

import pytest
import trustme

from tests.servers.certificates import NAMES, Authority
from tests.servers.dovecot import Dovecot
from tests.servers.ports import free_ports

SETTINGS = """
[public]
host = "{host}"
[limits]
backend_seconds = 5
sessions = {sessions}
[tls]
certificate = "{certificate}"
key = "{key}"
[[listener]]
protocol = "imap"
address = "127.0.0.1:{port}"
tls = "implicit"
[[backend]]
protocol = "imap"
address = "localhost:{backend}"
tls = "implicit"
ca_file = "{ca_file}"
login = "shared-password"
shared_password_file = "secret"
"""


@pytest.fixture(scope="module")
def dovecot():
    with Dovecot({"fritz@example.test": "secret"}) as dovecot:
        yield dovecot


@pytest.fixture
def examine(shell, dovecot):
    """`examine(certificate)` gives (level, what is told) by area; more settings by name."""

    def examine(pair, more="", code=0, **other):
        (shell.folder / "secret").touch(0o600)
        (shell.folder / "secret").write_text("secret")
        [port] = free_ports(1)
        values = {
            "host": "localhost",
            "sessions": 100,
            "port": port,
            "backend": dovecot.port("imap", "implicit"),
            "ca_file": dovecot.ca_file,
            "certificate": pair.certificate,
            "key": pair.key,
        }
        shell.configure(SETTINGS.format(**(values | other)) + more)
        return [(one["level"], one["area"], one["what"]) for one in shell("doctor", "--json", code=code).json]

    return examine


def certificate(folder, *, names=NAMES, begins=None, ends=None):
    """A pair that is valid between these days from now."""
    authority = Authority(folder)
    now = datetime.now(UTC)
    leaf = trustme.CA().issue_cert(
        *names,
        not_before=now + timedelta(days=begins) if begins is not None else None,
        not_after=now + timedelta(days=ends) if ends is not None else None,
    )
    return authority._write("made", leaf)


def found(findings, area):
    return [(level, what) for level, one, what in findings if one == area]


def test_all_is_well(examine, tmp_path, shell):
    findings = examine(certificate(tmp_path, ends=90))
    assert {level for level, _, _ in findings} == {"ok"}
    assert [area for _, area, _ in findings] == [
        "store",
        "pepper",
        "tls",
        "backend imap",
        "open files",
        "memory",
    ]
    [(_, what)] = found(findings, "backend imap")
    assert what.endswith(": TLSv1.3, certificate verified")
    assert "valid for 89 days" in found(findings, "tls")[0][1]
    first = shell("doctor").out.splitlines()[0]
    assert first.startswith("ok       store: up to date, answers within")


@pytest.mark.parametrize(
    ("days", "level", "what"),
    [
        ({"ends": 5}, "warning", "expires in 4 days. Renew it; no restart is needed."),
        ({"begins": -9, "ends": -1}, "failed", ". Renew it."),
        ({"begins": 2, "ends": 9}, "failed", "Is the clock right?"),
    ],
)
def test_a_certificate_that_does_not_last(examine, tmp_path, days, level, what):
    [(found_level, told)] = found(examine(certificate(tmp_path, **days), code=int(level == "failed")), "tls")
    assert found_level == level
    assert told.endswith(what)


@pytest.mark.parametrize(
    ("names", "host", "well"),
    [
        (("mail.example.org",), "mail.example.org", True),
        (("*.example.org",), "MAIL.example.org", True),
        (("*.example.org",), "a.mail.example.org", False),
        (("*.example.org",), "example.org", False),
        (("imap.example.org", "pop.example.org"), "mail.example.org", False),
    ],
)
def test_a_certificate_for_the_name_that_clients_use(examine, tmp_path, names, host, well):
    told = [what for _, what in found(examine(certificate(tmp_path, names=names), host=host), "tls")]
    assert (len(told) == 1) is well
    assert well or "mail programs will warn" in told[1]


def test_backends_that_do_not_answer_or_are_not_verified(examine, tmp_path):
    [port] = free_ports(1)
    pair = certificate(tmp_path)
    [(level, what)] = found(examine(pair, code=1, backend=port), "backend imap")
    assert (level, what) == ("failed", f"localhost:{port}: no connection: Connection refused")
    findings = examine(pair, "verify = false\n")
    assert [level for level, _ in found(findings, "backend imap")] == ["ok", "warning"]


def test_a_pepper_that_is_gone(examine, tmp_path, shell):
    (shell.folder / "pepper").unlink()
    [(level, what)] = found(examine(certificate(tmp_path), code=1), "pepper")
    assert level == "failed"
    assert "can't be read: No such file or directory" in what


def test_a_store_that_is_not_there(bare):
    assert "failed   store: The store can't be used: unable to open" in bare("doctor", code=1).out


def test_more_than_the_machine_bears(examine, tmp_path):
    findings = examine(certificate(tmp_path), sessions=1_000_000)
    for area, advice in (("open files", "Raise LimitNOFILE"), ("memory", "Lower limits.sessions")):
        [(level, what)] = found(findings, area)
        assert level == "warning"
        assert advice in what
