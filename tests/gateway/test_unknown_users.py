"""With unknown_users = "pass", people whom the store doesn't know pass, and are held by their name."""

import pytest

from tests.gateway.before_dovecot import open_mailhouse
from tests.gateway.live import Live
from tests.servers.dovecot import Dovecot

PAT, PAM, WORD = "pat@example.test", "pam@example.test", "main password"


@pytest.fixture(scope="module")
def house(authority, tmp_path_factory):
    with Dovecot({PAT: WORD, PAM: WORD}, {"gate": "backend-secret"}) as dovecot:
        folder = tmp_path_factory.mktemp("gateway")
        limits = "sessions_per_user = 3\ndrain_seconds = 0\n"
        policy = 'unknown_users = "pass"\nunknown_domains = ["example.test"]\n'
        with open_mailhouse(folder, authority, dovecot, limits=limits, policy=policy) as house:
            yield house


def test_however_they_write_their_name_it_is_one_user(house):
    spelt = ["pat@example.test", "PAT@Example.Test", "Pat@EXAMPLE.test"]
    live = [Live(house, f'"{name}"', WORD) for name in spelt]
    assert house.sessions() == [PAT] * 3
    assert house.answer("pAT@example.test", WORD).startswith("[LIMIT] ")
    assert house.gateway.run("kick", "PAT@example.test").stdout == f"Cut 3 sessions of {PAT}.\n"
    for one in live:
        assert one.octets_until_the_cut() == 0
        one.close()


def test_once_they_are_added_the_rules_of_their_state_hold_for_the_sessions_that_they_have(house):
    pat, pam = Live.in_idle(house, PAT, WORD), Live.in_idle(house, PAM, WORD)
    house.gateway.run("user", "add", "p@example.test", "--alias", PAT, "--mfa", "enforced")
    pat.octets_until_the_cut()
    house.gateway.run("user", "add", PAM, "--mfa", "disabled")
    house.gateway.run("user", "block", PAM)
    pam.octets_until_the_cut()
    for one in (pat, pam):
        one.close()
