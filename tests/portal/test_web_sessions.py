"""Sessions of the portal over HTTP: no step can be skipped, and every session can be ended."""

import pytest

from portal.pages import PAGES
from portal.visit import Needs
from store import users
from store.portal import sessions
from tests.portal.caller import LOCAL, SESSION, calling, give_password
from tests.portal.site import MAIN

SETTINGS = LOCAL
_BEHIND = (Needs.SECOND_STEP, Needs.FRESH_SECOND_STEP)
GUARDED = [page for page in PAGES if page.needs in (Needs.PASSWORD, *_BEHIND)]
BEHIND = [page for page in PAGES if page.needs in _BEHIND]


def path_of(page):
    return page.path


@pytest.fixture
def login(site, login):
    return give_password(site, login)


@pytest.fixture
def caller(site):
    with calling(site) as caller:
        yield caller


@pytest.fixture
def anna(caller, login):
    """Somebody who has done both steps."""
    caller.sign_up(login)
    return caller


@pytest.fixture(scope="module")
def half_way(site):
    """Somebody who has a second step, and has shown the main password alone."""
    login = give_password(site, site.add("half-way@example.test"))
    with calling(site) as first, calling(site) as later:
        first.sign_up(login)
        later.sign_in(login)
        yield later


class TestWeb04:
    """The second step can't be skipped."""

    @pytest.mark.parametrize("page", GUARDED, ids=path_of)
    def test_web_04_nobody_comes_in_without_a_session(self, caller, page):
        answers = [caller.get(page.path)] if page.get else []
        answers += [caller.post(page.path, {"token": "x"})] if page.post else []
        assert {caller.place(answer).partition("?")[0] for answer in answers} == {"/sign-in"}

    @pytest.mark.parametrize("page", BEHIND, ids=path_of)
    def test_web_04_nobody_comes_further_with_the_main_password_alone(self, half_way, page):
        token = half_way.token("/second-step")
        answers = [half_way.get(page.path)] if page.get else []
        answers += [half_way.post(page.path, {"token": token})] if page.post else []
        assert {half_way.place(answer).partition("?")[0] for answer in answers} == {"/second-step"}

    @pytest.mark.parametrize("path", ["/register", "/register/authenticator", "/register/passkey"])
    def test_web_04_who_has_a_second_step_adds_none_by_the_main_password(self, half_way, path):
        assert half_way.place(half_way.get(path)).startswith("/second-step")
        token = half_way.token("/second-step")
        if path != "/register":
            answer = half_way.post(path, {"token": token, "code": "123456"})
            assert half_way.place(answer).startswith("/second-step")

    @pytest.mark.parametrize(
        "path",
        [
            *("//app-passwords", "/./app-passwords", "/app-passwords/", "/APP-PASSWORDS", "/%61pp-passwords"),
            *(
                "/app-passwords%00",
                "/app-passwords;x",
                "/static/../app-passwords",
                "/static/%2e%2e/app-passwords",
            ),
        ],
    )
    def test_web_04_no_other_spelling_of_an_address_leads_in(self, half_way, path):
        answer = half_way.get(path)
        assert answer.status_code in (303, 307, 400, 404)
        assert "<h1>App passwords" not in answer.text

    def test_web_04_the_steps_have_no_other_order(self, site, caller, anna, login):
        """A session that has not shown the main password takes no code."""
        with calling(site) as other:
            answer = other.post("/second-step", {"token": "", "code": anna.code(1)})
            assert (other.place(answer).partition("?")[0], other.cookie) == ("/sign-in", None)

    def test_web_04_what_was_begun_before_a_second_step_was_there_ends_then(self, site, caller, login):
        """Somebody with the main password waits at the registration until the user has registered."""
        with calling(site) as thief:
            thief.sign_in(login)
            page = thief.get("/register/authenticator")
            assert page.status_code == 200
            caller.sign_up(login)
            assert thief.place(thief.get("/register/authenticator")).startswith("/sign-in")


class TestWeb05:
    """Session fixation, and sessions that don't end."""

    def test_web_05_a_token_that_the_visitor_brings_is_never_taken(self, caller, login):
        caller.client.cookies.set(SESSION, "chosen-by-somebody-else", domain="localhost.local", path="/")
        answer = caller.post(
            "/sign-in", {"login": login, "password": MAIN}, {"Cookie": f"{SESSION}=chosen-by-somebody-else"}
        )
        assert answer.status_code == 303
        assert "chosen" not in answer.headers["set-cookie"]

    def test_web_05_the_token_changes_at_sign_in_and_at_the_second_step(self, site, caller, login):
        caller.sign_in(login)
        first = caller.cookie
        caller.register()
        second = caller.cookie
        caller.second_step(caller.code(1))
        third = caller.cookie
        caller.sign_in(login)
        assert len({first, second, third, caller.cookie}) == 4
        for old in (first, second, third):
            assert is_over(site, old)

    def test_web_05_signing_out_ends_the_session_on_the_server(self, site, anna):
        token = anna.cookie
        answer = anna.submit("/sign-out", page="/")
        assert (anna.place(answer), anna.cookie) == ("/sign-in", None)
        assert is_over(site, token)

    def test_web_05_a_blocked_user_is_out_at_once_and_for_good(self, site, anna, login):
        token = anna.cookie
        users.set_blocked(site.people.database, login, True, actor="test")
        assert anna.place(anna.get("/")).startswith("/sign-in")
        users.set_blocked(site.people.database, login, False, actor="test")
        assert is_over(site, token)

    def test_web_05_a_new_second_step_ends_all_other_sessions(self, site, anna, login):
        with calling(site) as other:
            other.sign_in(login)
            assert other.get("/second-step").status_code == 200
            anna.register()
            assert is_over(site, other.cookie)
        assert anna.get("/").status_code == 200

    def test_web_05_new_recovery_codes_end_all_other_sessions(self, site, anna, login):
        with calling(site) as other:
            other.sign_in(login)
            anna.submit("/recovery-codes")
            assert is_over(site, other.cookie)
        assert anna.get("/").status_code == 200

    @pytest.mark.parametrize("token", ["", "x", "x" * 101, "'", "\xff", "a" * 5000])
    def test_web_05_what_is_no_token_is_none(self, site, token):
        assert is_over(site, token)


def is_over(site, token):
    """Whether nobody gets anywhere by that token."""
    with calling(site) as caller:
        answer = caller.client.get(
            site.url + "/second-step", headers=[(b"Cookie", f"{SESSION}={token}".encode("latin-1"))]
        )
        return caller.place(answer).startswith("/sign-in")


class TestTheSessionsPage:
    def test_shows_where_a_user_is_signed_in_and_ends_one(self, site, anna, login):
        with calling(site) as other:
            other.client.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"
            other.sign_in(login)
            page = anna.get("/sessions").text
            assert "Firefox, Linux" in page
            assert "127.0.0.1" in page
            [id] = [one.split('"')[0] for one in page.split('name="id" value="')[1:]]
            anna.submit("/sessions/end", {"id": id}, page="/sessions")
            assert is_over(site, other.cookie)
        assert "Firefox" not in anna.get("/sessions").text

    def test_ends_all_others(self, site, anna, login):
        with calling(site) as one, calling(site) as two:
            one.sign_in(login)
            two.sign_in(login)
            anna.submit("/sessions/end-others", page="/sessions")
            assert is_over(site, one.cookie)
            assert is_over(site, two.cookie)
        assert anna.get("/sessions").status_code == 200

    def test_ends_no_session_of_anybody_else(self, site, anna):
        with calling(site) as other:
            login = give_password(site, site.add("somebody-else@example.test"))
            other.sign_up(login)
            found = users.find(site.people.database, login)
            [theirs] = sessions.of_user(site.people.database, found.id)
            anna.submit("/sessions/end", {"id": theirs.digest.hex()[:24]}, page="/sessions")
            assert other.get("/").status_code == 200

    def test_web_09_what_a_browser_says_of_itself_is_shown_as_text(self, site, anna, login):
        with calling(site) as other:
            other.client.headers["User-Agent"] = "<script>alert(1)</script> Firefox/1"
            other.sign_in(login)
            assert "<script>alert" not in anna.get("/sessions").text
