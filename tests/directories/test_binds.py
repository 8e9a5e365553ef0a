"""Who gets in before a real directory, by whichever name, and as whom."""

import pytest

from tests.gateway.site import MAIN

INVALID_CREDENTIALS = 49
NAMES = ("dn", "dn in capitals", "user@domain", "DOMAIN\\user", "bare name")


@pytest.fixture(scope="module", autouse=True)
def people(site):
    for name, mfa in (("erin", "enforced"), ("paul", "disabled"), ("eve", "enabled")):
        site.add(name, mfa)
    site.erins, site.eves = site.give("erin"), site.give("eve")


def spelt(site, name, how):
    short = site.directory.domain.partition(".")[0].upper()
    return {
        "dn": site.dn(name),
        "dn in capitals": site.dn(name).upper(),
        "user@domain": site.login(name),
        "DOMAIN\\user": f"{short}\\{name}",
        "bare name": name,
    }[how]


@pytest.mark.parametrize("how", NAMES)
def test_an_app_password_is_admitted(site, how):
    with site.client() as client:
        assert client.bind(spelt(site, "erin", how), site.erins.secret) == (0, "")
        assert client.search(site.directory.people, "(cn=paul)", ["sn"]) == [{"sn": ["paul"]}]
    line = site.last_login()
    assert (line["user"], line["verdict"]) == (site.login("erin"), "admitted")


@pytest.mark.parametrize("how", NAMES)
def test_a_main_password_passes_through(site, how):
    with site.client() as client:
        assert client.bind(spelt(site, "paul", how), MAIN) == (0, "")
        assert client.search(site.directory.people, "(cn=erin)", ["sn"]) == [{"sn": ["erin"]}]
    line = site.last_login()
    assert (line["user"], line["verdict"]) == (site.login("paul"), "passed-through")


@pytest.mark.parametrize("how", NAMES)
def test_the_main_password_of_an_enforced_user_is_refused(site, how):
    assert site.bind(spelt(site, "erin", how), MAIN) == INVALID_CREDENTIALS
    assert site.last_login()["reason"] == "app-password-required"


@pytest.mark.parametrize("how", NAMES)
def test_a_wrong_password_is_refused_by_the_directory(site, how):
    assert site.bind(spelt(site, "paul", how), "not the main password") == INVALID_CREDENTIALS


def test_who_is_enabled_gets_in_by_both(site):
    assert site.bind(site.login("eve"), site.eves.secret) == 0
    assert site.bind(site.login("eve"), MAIN) == 0


def test_an_entry_that_the_store_does_not_know_is_nobody(site):
    dn = site.add_to_directory("stranger")
    assert site.bind(dn, MAIN) == INVALID_CREDENTIALS
    assert site.bind(site.login("stranger"), MAIN) == INVALID_CREDENTIALS
