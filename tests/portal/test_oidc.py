"""Signing in at an OpenID Connect provider: the way there and back, and what doesn't lead in."""

import base64
import hmac
import json
import time
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import update

from store import users
from store.portal.schema import portal_sessions
from store.portal.sessions import of_user
from tests.portal.at_provider import go, provided, served
from tests.portal.caller import calling
from tests.portal.site import visitor
from tests.servers.oidc import CLIENT

HOUR = 3600
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
NOTHING = [{"amr": ["pwd"]}, {"amr": "mfa"}, {"amr": [["mfa"]]}, {"acr": "1"}, {}]


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    with provided(tmp_path_factory.mktemp("provider")) as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory, dovecot, provider):
    with served(tmp_path_factory.mktemp("oidc"), dovecot, provider) as made:
        yield made


@pytest.fixture
def anna(site, provider, login):
    """Somebody whom the provider knows."""
    provider.begin(login)
    with calling(site) as caller:
        yield caller


def by_hand(algorithm, claims, key=b""):
    """A token as libraries refuse to make it."""
    header = {"alg": algorithm, "kid": "one"}
    parts = [_encoded(json.dumps(one).encode()) for one in (header, claims)]
    mac = hmac.digest(key, ".".join(parts).encode(), "sha256") if key else b""
    return ".".join([*parts, _encoded(mac)])


def _encoded(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def is_in(caller):
    return caller.cookie is not None


class TestTheWay:
    def test_there_and_back_and_on_to_the_second_step(self, site, provider, anna):
        answer = go(anna, provider, "/app-passwords")
        assert anna.place(answer) == "/register"
        asked = provider.authorized
        assert asked["redirect_uri"] == f"{site.url}/sign-in/oidc/callback"
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert set(asked["scope"].split()) == {"openid", "email"}

    @pytest.mark.parametrize(
        "claims", [{"amr": ["pwd", "mfa"]}, {"amr": ["hwk"]}, {"acr": "https://refeds.org/profile/mfa"}]
    )
    def test_the_providers_second_step_counts_where_it_says_so(self, provider, anna, claims):
        provider.claims = claims
        assert anna.place(go(anna, provider, "/app-passwords")) == "/app-passwords"
        assert anna.get("/app-passwords").status_code == 200

    @pytest.mark.parametrize("claims", NOTHING)
    def test_anything_else_is_the_first_step_alone(self, provider, anna, claims):
        provider.claims = claims
        assert anna.place(go(anna, provider, "/app-passwords")) == "/register"
        assert anna.place(anna.get("/app-passwords")) == "/register"

    def test_in_a_browser_without_scripts(self, site, provider, login, browser):
        provider.begin(login)
        provider.claims = {"amr": ["mfa"]}
        with visitor(site, browser, scripts=False) as bert:
            bert.go("/app-passwords")
            bert.page.get_by_role("link", name="Continue to sign in").click()
            assert bert.path() == "/app-passwords"

    def test_a_second_step_of_long_ago_is_done_anew_there(self, site, provider, anna, login):
        provider.claims = {"amr": ["mfa"]}
        go(anna, provider)
        user = users.find(site.people.database, login).id
        with site.people.database.write() as connection:
            mine = portal_sessions.c.user_id == user
            connection.execute(update(portal_sessions).where(mine).values(second_at=LONG_AGO))
        prompt = anna.place(anna.get("/app-passwords/create"))
        assert prompt == "/second-step?to=/app-passwords/create"
        assert anna.place(anna.get(prompt)) == "/sign-in/oidc?fresh=1&to=/app-passwords/create"
        assert anna.place(go(anna, provider, "/app-passwords/create", "&fresh=1")) == "/app-passwords/create"
        assert provider.authorized["max_age"] == "0"
        provider.claims = {"amr": ["mfa"], "auth_time": int(time.time()) - HOUR}
        assert go(anna, provider, "/", "&fresh=1").status_code == 403

    @pytest.mark.parametrize("at", [-HOUR, HOUR, None, "now", True, 1e300], ids=range(6))
    @pytest.mark.parametrize("page", ["/app-passwords/create", "/methods", "/register"])
    def test_web_04_who_was_seen_there_long_ago_is_not_fresh_by_coming_again(self, provider, anna, at, page):
        """The provider asks nobody for anything who is signed in there still (ASVS 6.8.4)."""
        told = int(time.time()) + at if at in (HOUR, -HOUR) else at
        provider.claims = {"amr": ["mfa"], "auth_time": told}
        assert anna.place(go(anna, provider, "/app-passwords")) == "/app-passwords"
        assert anna.place(anna.get(page)) == f"/second-step?to={page}"

    def test_nobody_is_asked_for_a_main_password(self, anna, login):
        assert "password" not in anna.get("/sign-in").text.lower()
        assert anna.place(anna.sign_in(login)) == "/sign-in"


class TestAttacks:
    @pytest.mark.parametrize(
        "claims",
        [
            {"iss": "https://evil.example"},
            {"iss": None},
            {"aud": "another client"},
            {"aud": [CLIENT, "another client"]},
            {"aud": None},
            {"azp": "another client"},
            {"nonce": "another one"},
            {"nonce": None},
            {"exp": int(time.time()) - HOUR},
            {"exp": None},
            {"iat": int(time.time()) + HOUR},
            {"sub": None},
            {"email": None},
            {"email": ["a"]},
            {"email": "nobody@example.test"},
            {"email": "a@b@c"},
            {"email_verified": False},
        ],
        ids=range(17),
    )
    def test_a_token_that_is_not_right_in_every_way_lets_nobody_in(self, provider, anna, claims):
        provider.claims = claims
        assert go(anna, provider).status_code == 403
        assert not is_in(anna)

    def test_a_token_signed_by_nobody_or_by_somebody_else_lets_nobody_in(self, provider, anna):
        other = RSAKey.generate_key(2048, {"kid": "one"})
        for sign in (
            lambda claims: jwt.encode({"alg": "RS256", "kid": "one"}, claims, other),
            lambda claims: by_hand("HS256", claims, provider.key.as_pem(private=False)),
            lambda claims: by_hand("none", claims),
            lambda claims: provider.signed(claims)[:-4] + "AAAA",
            lambda claims: "x.y.z",
        ):
            provider.sign = sign
            assert go(anna, provider).status_code == 403
        assert not is_in(anna)

    def test_another_state_or_none_lets_nobody_in(self, provider, anna):
        for change in (
            lambda back: back.replace("state=", "state=x"),
            lambda back: back.replace("state=", "other="),
        ):
            assert go(anna, provider, change=change).status_code == 403
        assert not is_in(anna)

    def test_the_answer_of_another_provider_lets_nobody_in(self, provider, anna):
        changed = go(
            anna, provider, change=lambda back: back.replace("iss=", "iss=https%3A%2F%2Fevil.example%2F")
        )
        assert changed.status_code == 403

    def test_nobody_is_signed_in_by_an_answer_that_their_browser_did_not_ask_for(self, site, provider, anna):
        """Login CSRF: Eve's own answer, opened by somebody else."""
        backs = []
        go(anna, provider, change=lambda back: backs.append(back) or "/sign-in")
        with calling(site) as victim:
            assert victim.get(backs[0]).status_code == 403
            assert not is_in(victim)

    def test_an_answer_works_once(self, site, provider, anna, login):
        backs = []
        go(anna, provider, change=lambda back: backs.append(back) or back)
        assert anna.get(backs[0]).status_code == 403
        assert len(of_user(site.people.database, users.find(site.people.database, login).id)) == 1

    def test_a_cookie_that_was_changed_is_no_question(self, provider, anna):
        begun = anna.get("/sign-in/oidc?to=/")
        state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
        for value in ("x", "A" * 200, "A" * 10_000, ""):
            cookie = {"Cookie": f"__Host-wicketgate-oidc={value}"}
            assert anna.get(f"/sign-in/oidc/callback?code=x&state={state}", **cookie).status_code == 403

    def test_who_is_blocked_does_not_come_in(self, site, provider, anna, login):
        users.set_blocked(site.people.database, login, True, actor="test")
        assert go(anna, provider).status_code == 403

    @pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/\\evil"])
    def test_web_10_nobody_is_sent_elsewhere_after_it(self, provider, anna, to):
        provider.claims = {"amr": ["mfa"]}
        assert anna.place(go(anna, provider, to)) == "/"

    def test_an_error_of_the_providers_is_a_refusal(self, anna):
        begun = anna.get("/sign-in/oidc")
        state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
        answer = anna.get(
            f"/sign-in/oidc/callback?error=access_denied&error_description=<b>x</b>&state={state}"
        )
        assert answer.status_code == 403
        assert "<b>x</b>" not in answer.text
