"""Signing in with the main password: what is told, how many guesses there are, and for whom."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from store import users
from store.portal.schema import main_password_failures
from tests.portal.caller import KNOWN, LOCAL, calling, give_password

SETTINGS = LOCAL + "[throttle]\nwindow_seconds = 600\n"
WRONG = "and password don"
TOO_MANY = "There were too many wrong passwords"


@pytest.fixture(autouse=True)
def _fresh(site):
    """Each test begins with a source from which nobody has guessed."""
    with site.people.database.write() as connection:
        connection.execute(main_password_failures.delete())


@pytest.fixture
def login(site, login):
    return give_password(site, login)


@pytest.fixture
def caller(site):
    with calling(site) as caller:
        yield caller


def test_a_blocked_user_is_told_the_same_as_for_a_wrong_password(site, caller, login):
    users.set_blocked(site.people.database, login, True, actor="test")
    answer = caller.sign_in(login)
    assert (answer.status_code, WRONG in answer.text) == (403, True)


@pytest.mark.parametrize("password", ["", " ", "x" * 1025, "pass\0word", "ü" * 600, "*"])
def test_a_password_that_can_be_none_is_a_wrong_one(caller, login, password):
    answer = caller.sign_in(login, password)
    assert (answer.status_code, WRONG in answer.text) == (403, True)


@pytest.mark.parametrize(
    "name", ["", "*", "a b", "x" * 300, "fritz*wicketgate", "\0", "a@b@c", "ü@example.test"]
)
def test_a_name_that_can_be_none_is_an_unknown_one(caller, name):
    answer = caller.sign_in(name)
    assert (answer.status_code, WRONG in answer.text) == (403, True)


def test_after_ten_wrong_passwords_no_backend_hears_of_more(caller, login):
    assert [caller.sign_in(login, f"wrong {n}").status_code for n in range(10)] == [403] * 10
    answer = caller.sign_in(login)  # with the right one
    assert (answer.status_code, TOO_MANY in answer.text, caller.cookie) == (429, True, None)


def test_unknown_names_count_as_known_ones(caller):
    codes = [caller.sign_in("nobody-at-all@example.test", f"wrong {n}").status_code for n in range(11)]
    assert codes == [403] * 10 + [429]


def test_of_one_source_there_are_twenty_guesses_over_all_names(caller):
    codes = [caller.sign_in(f"nobody{n}@example.test").status_code for n in range(21)]
    assert codes == [403] * 20 + [429]


def test_no_stranger_locks_the_user_out_of_a_browser_where_both_steps_were_done(site, caller, login):
    caller.sign_up(login)
    caller.get("/")
    assert caller.client.cookies.get(KNOWN)
    caller.submit("/sign-out", page="/")
    with calling(site) as stranger:
        for number in range(11):
            last = stranger.sign_in(login, f"wrong {number}")
        assert last.status_code == 429
        assert stranger.sign_in(login).status_code == 429
    assert caller.place(caller.sign_in(login)).startswith("/second-step")


def test_a_browser_known_for_one_user_is_not_known_for_another(site, caller, login):
    other = give_password(site, site.add("another@example.test"))
    caller.sign_up(login)
    caller.get("/")
    caller.submit("/sign-out", page="/")
    with calling(site) as stranger:
        for number in range(11):
            stranger.sign_in(other, f"wrong {number}")
    assert caller.sign_in(other).status_code == 429


def test_a_browser_has_no_more_guesses_than_anybody_by_being_known(site, caller, login):
    caller.sign_up(login)
    caller.get("/")
    caller.submit("/sign-out", page="/")
    codes = [caller.sign_in(login, f"wrong {n}").status_code for n in range(11)]
    assert codes == [403] * 10 + [429]


@pytest.mark.parametrize("forged", ["x.9999999999.y", "a.b.c", "..", "x" * 5000, "1.2"])
def test_a_forged_mark_of_a_known_browser_is_worth_nothing(site, caller, login, forged):
    for number in range(10):
        caller.sign_in(login, f"wrong {number}")
    answer = caller.post(
        "/sign-in", {"login": login, "password": "wrong"}, headers={"Cookie": f"{KNOWN}={forged}"}
    )
    assert answer.status_code == 429


def test_the_right_password_takes_back_what_the_user_did_wrong(caller, login):
    for _ in range(3):
        codes = [caller.sign_in(login, f"wrong {number}").status_code for number in range(6)]
        assert codes == [403] * 6
        assert caller.sign_in(login).status_code == 303


def test_guesses_from_many_connections_at_once_are_no_more_than_allowed(site, login):
    def guess(number):
        with calling(site) as caller:
            return caller.sign_in(login, f"wrong {number}").status_code

    with ThreadPoolExecutor(16) as threads:
        codes = list(threads.map(guess, range(30)))
    assert (codes.count(403), codes.count(429)) == (10, 20)
