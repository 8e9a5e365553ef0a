"""`systemctl reload`: a good configuration takes effect and a bad one doesn't, and nobody notices either."""

import re

import pytest

from tests.systemd.clients import crowd
from tests.systemd.site import SUBMISSIONS, Site

_GOOD = '[public]\nhost = "after.example.test"\n'
_BAD = '[limits]\ndrain_seconds = "soon"\n'


def host(site: Site) -> str:
    """The name by which the gateway greets."""
    plain = site.machine.connect(SUBMISSIONS)
    with site.account.context.wrap_socket(plain, server_hostname="localhost") as client:
        greeting = client.makefile("rb").readline().decode()
    found = re.match(r"220 (\S+) ", greeting)
    assert found is not None, greeting
    return found[1]


@pytest.fixture
def running(site: Site) -> Site:
    site.machine.systemctl("start", "wicketgate.service")
    return site


def test_a_good_configuration_takes_effect_and_nobody_is_refused_or_cut(running: Site):
    machine, main = running.machine, running.machine.main_pid("wicketgate.service")
    with crowd(machine, running.account):
        running.configure(_GOOD)
        machine.systemctl("reload", "wicketgate.service")
        machine.wait_until(lambda: "event=reloaded" in machine.journal("wicketgate.service"), "reloaded")
        machine.wait_until_active("wicketgate.service")
        assert host(running) == "after.example.test"
    assert machine.main_pid("wicketgate.service") == main


def test_a_bad_configuration_leaves_all_as_it_was_and_is_told(running: Site):
    machine, main = running.machine, running.machine.main_pid("wicketgate.service")
    before = host(running)
    with crowd(machine, running.account):
        running.configure(text=_GOOD + _BAD)
        assert machine.run("systemctl", "reload", "wicketgate.service", check=False).returncode != 0
        assert "wicketgate.toml:4: limits.drain_seconds" in machine.journal("wicketgate.service")
        assert "not used" not in machine.journal("wicketgate.service")
        machine.wait_until_active("wicketgate.service")
        assert host(running) == before
    assert machine.main_pid("wicketgate.service") == main


def test_a_bad_configuration_that_is_signalled_past_the_check_is_not_used_either(running: Site):
    machine = running.machine
    before = host(running)
    with crowd(machine, running.account):
        running.configure(text=_GOOD + _BAD)
        machine.systemctl("kill", "--kill-who=main", "--signal=SIGHUP", "wicketgate.service")
        machine.wait_until(
            lambda: "wicketgate.toml:4: limits.drain_seconds" in machine.journal("wicketgate.service"),
            "the log says what is wrong",
        )
        machine.wait_until_active("wicketgate.service")
        assert host(running) == before
