"""WEB-17 to WEB-19: which account at the OpenID Connect provider is which user, and how claims are read."""

import json

import pytest
from joserfc import jws
from playwright.sync_api import expect

from store import audit, users
from store.portal import provider_accounts
from store.portal.roles import Role
from store.portal.sessions import of_user
from tests.portal.at_provider import OIDC, go, provided, served
from tests.portal.caller import calling
from tests.portal.desk import do, granted
from tests.portal.inside import inside
from tests.portal.looking import look
from tests.portal.site import visitor
from tests.servers.oidc import CLIENT

# Somebody at the mail door may leave the domain out, or write it as Windows does.
OTHER_SPELLINGS = '[login]\ndefault_domain = "example.test"\ndomains = { EXAMPLE = "example.test" }\n'


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    with provided(tmp_path_factory.mktemp("provider")) as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory, dovecot, provider):
    folder = tmp_path_factory.mktemp("oidc")
    with served(folder, dovecot, provider, oidc=OIDC + OTHER_SPELLINGS) as made:
        yield made


@pytest.fixture
def anna(site, provider, login):
    """Somebody whom the provider knows."""
    provider.begin(login)
    with calling(site) as caller:
        yield caller


@pytest.fixture
def eve(site):
    """Another browser."""
    with calling(site) as caller:
        yield caller


@pytest.fixture
def user(site, login):
    return users.find(site.people.database, login)


def last_refusal(site):
    return [line for line in site.portal.log().splitlines() if "verdict=refused" in line][-1]


class TestPins:
    def test_web_17_the_first_account_stays_the_users_and_another_is_refused(
        self, site, provider, anna, eve, login, user
    ):
        assert anna.place(go(anna, provider)) == "/register"
        provider.claims = {"sub": "somebody else's", "amr": ["mfa"]}
        refused = go(eve, provider)
        assert (refused.status_code, eve.cookie) == (403, None)
        assert "help desk" in refused.text
        assert "Call 1234." in refused.text
        assert "another account" in last_refusal(site)
        provider.claims = {}
        assert anna.place(go(anna, provider)) == "/register"
        [pinned] = [provider_accounts.of_user(site.people.database, user.id)]
        assert (pinned.issuer, pinned.subject) == (provider.issuer, f"account of {login}")

    def test_web_17_one_account_is_one_user(self, site, provider, anna, eve, login):
        """Whoever may change an address at the provider becomes nobody else who hasn't come here before."""
        go(anna, provider)
        victim = site.add(f"not-yet-here-{login}")
        provider.claims = {"sub": f"account of {login}", "email": victim}
        refused = go(eve, provider)
        assert (refused.status_code, eve.cookie) == (403, None)
        assert "help desk" in refused.text
        assert f"provider is {login}'s" in last_refusal(site)
        assert login not in refused.text.replace(victim, "")
        found = users.find(site.people.database, victim)
        assert provider_accounts.of_user(site.people.database, found.id) is None

    def test_web_17_who_is_refused_pins_nothing(self, site, provider, anna, login, user):
        provider.claims = {"email_verified": False}
        assert go(anna, provider).status_code == 403
        users.set_blocked(site.people.database, login, True, actor="test")
        provider.claims = {}
        assert go(anna, provider).status_code == 403
        assert provider_accounts.of_user(site.people.database, user.id) is None

    @pytest.mark.parametrize("sub", ["", 7, ["a"], {"a": "b"}, "x" * 256, "a\0b", "a\nb"], ids=range(7))
    def test_web_17_a_subject_that_can_be_none_lets_nobody_in(self, provider, anna, sub):
        provider.claims = {"sub": sub}
        assert go(anna, provider).status_code == 403
        assert anna.cookie is None

    def test_web_17_a_subject_differs_by_its_case(self, provider, anna, eve):
        go(anna, provider)
        provider.claims = {"sub": f"account of {provider.login}".upper()}
        assert go(eve, provider).status_code == 403

    def test_web_17_the_help_desk_lets_another_account_in_and_ends_sessions(
        self, site, provider, anna, eve, user
    ):
        go(anna, provider)
        with inside(site, granted(site, "desk", Role.HELP_DESK)) as desk:
            page = f"/help-desk/users/{user.id}"
            assert f"{page}/unpin" in desk.get(page).text
            do(desk, user, "unpin", reason="new account")
            assert f"{page}/unpin" not in desk.get(page).text
        assert of_user(site.people.database, user.id) == []
        newest = audit.entries(site.people.database, user.login, 1)[0]
        assert (newest.action, newest.detail) == ("provider-account-forgotten", "new account")
        provider.claims = {"sub": f"the new account of {provider.login}"}
        assert eve.place(go(eve, provider)) == "/register"
        provider.claims = {}
        assert go(anna, provider).status_code == 403

    def test_web_17_so_does_a_command(self, site, provider, anna, eve, login, user):
        go(anna, provider)
        assert login in site.gateway.run("user", "unpin", login).stdout
        provider.claims = {"sub": f"the new account of {provider.login}"}
        assert eve.place(go(eve, provider)) == "/register"
        gone = site.gateway.run("user", "unpin", "nobody@example.test", check=False)
        assert (gone.returncode, "there is no user" in gone.stderr) == (1, True)
        site.gateway.run("user", "unpin", login)
        none_left = site.gateway.run("user", "unpin", login, check=False)
        assert (none_left.returncode, "no account" in none_left.stderr) == (1, True)

    def test_web_17_a_command_forgets_all_when_the_provider_is_another_one(self, site, provider, anna, user):
        go(anna, provider)
        assert site.gateway.run("user", "unpin", check=False).returncode == 2
        assert site.gateway.run("user", "unpin", "--all", user.login, check=False).returncode == 2
        assert "forgotten" in site.gateway.run("user", "unpin", "--all").stdout
        assert provider_accounts.of_user(site.people.database, user.id) is None
        assert of_user(site.people.database, user.id) == []


def test_who_is_refused_reads_what_to_do_and_axe_finds_nothing(site, provider, anna, browser, login):
    go(anna, provider)
    victim = site.add(f"new-name-of-{login}")
    with visitor(site, browser) as bert:
        for name, claims, told in (
            ("/sign-in/oidc another account", {"sub": f"another of {login}"}, "it can forget the old one"),
            ("/sign-in/oidc another user", {"email": victim}, "it can give the account to your new name"),
        ):
            provider.claims = claims
            bert.go("/sign-in")
            bert.page.get_by_role("link", name="Continue to sign in").click()
            expect(bert.page.get_by_text(told)).to_be_visible()
            look(bert, name)


class TestClaims:
    @pytest.mark.parametrize("said", [None, False, "false", "", 1, "yes", "True", ["true"], {}], ids=range(9))
    def test_web_18_an_address_that_is_not_said_to_be_verified_lets_nobody_in(
        self, site, provider, anna, said
    ):
        provider.claims = {"email_verified": said}
        assert go(anna, provider).status_code == 403
        assert anna.cookie is None
        assert "email_verified" in last_refusal(site)

    @pytest.mark.parametrize("said", [True, "true"])
    def test_web_18_one_that_is_lets_its_user_in(self, provider, anna, said):
        provider.claims = {"email_verified": said}
        assert anna.place(go(anna, provider)) == "/register"

    @pytest.mark.parametrize(
        "written",
        [
            "{local}",
            "EXAMPLE\\{local}",
            "EXAMPLE/{local}",
            "example.test\\{local}",
            " {login}",
            "{login} ",
            "{login}\u00a0",
            "{login}\n",
            "{login}*admin",
            "{local}@EXAMPLE",
        ],
    )
    def test_web_19_a_claim_is_the_full_login_and_nothing_is_made_of_it(
        self, site, provider, anna, login, user, written
    ):
        local = login.partition("@")[0]
        provider.claims = {"email": written.format(login=login, local=local)}
        assert go(anna, provider).status_code == 403
        assert (anna.cookie, provider_accounts.of_user(site.people.database, user.id)) == (None, None)

    def test_web_19_half_a_character_is_no_other_users_question_mark(self, site, provider, anna, login):
        other = site.add(f"a?{login}")
        provider.claims = {"email": other.replace("?", "\ud800")}
        header = {"alg": "RS256", "kid": "one"}
        provider.sign = lambda claims: jws.serialize_compact(header, json.dumps(claims), provider.key)
        assert go(anna, provider).status_code == 403
        assert "no such user" in last_refusal(site)

    def test_web_19_a_login_is_the_same_in_any_case_as_it_is_everywhere(self, provider, anna, login):
        provider.claims = {"email": login.upper()}
        assert anna.place(go(anna, provider)) == "/register"


def test_web_19_another_claim_is_read_as_strictly(tmp_path, dovecot, provider):
    by_name = OIDC.replace(f'client_id = "{CLIENT}"', f'client_id = "{CLIENT}"\nlogin_claim = "upn"')
    with served(tmp_path, dovecot, provider, oidc=by_name + OTHER_SPELLINGS) as made, calling(made) as bert:
        provider.begin(made.add("user1@example.test"))
        for name, status in (("user1", 403), ("EXAMPLE\\user1", 403), ("user1@example.test", 303)):
            provider.claims = {"upn": name, "email_verified": None}
            assert go(bert, provider).status_code == status
