"""Tokens on the pages of administrators: shown once, no wider than who makes them, refused when revoked."""

import re

import pytest

from store import users
from store.portal import roles, tokens
from store.portal.roles import Role
from tests.portal.caller import LOCAL
from tests.portal.inside import inside

SETTINGS = LOCAL


@pytest.fixture
def of_one_domain(site):
    with _ruler(site, "one@example.test", ["example.test"]) as caller:
        yield caller


@pytest.fixture
def of_all(site):
    with _ruler(site, "all@example.test", []) as caller:
        yield caller


def _ruler(site, login, domains):
    database = site.people.database
    found = users.find(database, login) or users.find(database, site.add(login))
    roles.grant(database, found.id, Role.ADMINISTRATOR, domains, actor="test")
    return inside(site, login)


def make(caller, called, **form):
    usual = {"name": called, "role": "help-desk", "domains": "example.test", "days": "365"}
    return caller.submit("/help-desk/tokens", usual | form)


def test_it_is_shown_once_works_and_is_revoked(site, of_one_domain):
    assert of_one_domain.place(make(of_one_domain, "page & <b>")) == "/help-desk/tokens/new"
    secret = re.search(r'data-copy-source="([^"]+)"', of_one_domain.get("/help-desk/tokens/new").text)[1]
    assert of_one_domain.place(of_one_domain.get("/help-desk/tokens/new")) == "/help-desk/tokens"
    found = tokens.find(site.people.database, secret)
    assert (found.held.domains, found.expires_at is None) == ({"example.test"}, False)
    listed = of_one_domain.get("/help-desk/tokens").text
    assert "page &amp; &lt;b&gt;" in listed
    assert secret not in listed + site.portal.log()
    page = "/help-desk/tokens/revoke?name=page+%26+%3Cb%3E"
    of_one_domain.submit("/help-desk/tokens/revoke", {"name": "page & <b>"}, page)
    assert tokens.find(site.people.database, secret) is None


@pytest.mark.parametrize(
    "form",
    [
        {"domains": ""},
        {"domains": "other.test"},
        {"domains": "example.test other.test"},
        {"domains": "a b@c"},
        {"role": "root"},
        {"role": "self-service"},
        {"days": "9999"},
        {"name": ""},
        {"name": "x" * 65},
    ],
    ids=str,
)
def test_web_08_nobody_makes_one_that_reaches_further_than_they_do(site, of_one_domain, form):
    assert make(of_one_domain, "wide", **form).status_code == 400
    assert "wide" not in [one.name for one in tokens.tokens(site.people.database)]


def test_web_08_tokens_of_others_are_neither_seen_nor_revoked(site, of_all, of_one_domain):
    make(of_all, "for all", domains="")
    assert "for all" not in of_one_domain.get("/help-desk/tokens").text
    of_one_domain.post(
        "/help-desk/tokens/revoke", {"token": of_one_domain.token("/help-desk/tokens"), "name": "for all"}
    )
    assert "for all" in [one.name for one in tokens.tokens(site.people.database)]


def test_a_name_that_is_taken_is_told(of_all):
    make(of_all, "twice")
    assert make(of_all, "twice").status_code == 400
