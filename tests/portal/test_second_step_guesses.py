"""WEB-15, WEB-16: guessing at the second step over HTTP, and how the user gets in all the same."""

import pytest

from store import users
from store.portal import failures
from store.portal.failures import FREE, MOST_FAILURES, Kind
from tests.portal.caller import LOCAL, calling, give_password
from tests.portal.passkey_caller import create, is_in, show
from tests.portal.soft_passkey import SoftPasskey
from tests.store.portal.test_failures import fail_until_locked

SETTINGS = LOCAL
WRONG = {Kind.APP: "000000", Kind.RECOVERY: "bbbb-bbbb-bbbb"}


@pytest.fixture
def user(site, login):
    give_password(site, login)
    return users.find(site.people.database, login)


@pytest.fixture
def anna(site, user):
    """The user, on the way to the second step."""
    with calling(site) as caller:
        caller.sign_up(user.login)
        caller.sign_in(user.login)
        yield caller


def wrong(anna, kind=Kind.APP):
    """A code that isn't right."""
    return WRONG[kind] if kind is Kind.RECOVERY or WRONG[kind] != anna.code(0) else "000001"


@pytest.mark.parametrize("kind", list(Kind))
def test_web_15_the_sixth_wrong_code_in_a_row_has_to_wait(site, user, anna, kind):
    answers = [anna.second_step(wrong(anna, kind)) for _ in range(FREE + 1)]
    assert [one.status_code for one in answers] == [403] * FREE + [429]
    assert "seconds" in answers[-1].text
    with calling(site) as elsewhere:
        elsewhere.sign_in(user.login)
        assert elsewhere.second_step(wrong(anna, kind)).status_code == 429


def test_web_15_when_locked_the_right_code_is_refused_until_a_recovery_code_opens_it(site, user, anna):
    fail_until_locked(site.people.database, user)
    refused = anna.second_step(anna.code(1))
    assert refused.status_code == 429
    assert "recovery code" in refused.text
    assert "help desk" in refused.text
    assert anna.place(anna.second_step(anna.codes[0])) == "/"
    anna.sign_in(user.login)
    assert anna.place(anna.second_step(anna.code(1))) == "/"


def test_web_15_the_command_opens_the_lock(site, user, anna):
    fail_until_locked(site.people.database, user)
    assert anna.second_step(anna.code(1)).status_code == 429
    assert "wrong codes" in site.gateway.run("user", "unlock", user.login).stdout
    assert anna.place(anna.second_step(anna.code(1))) == "/"


def test_web_15_the_users_own_unlocking_of_mail_programs_opens_no_lock(site, user):
    fail_until_locked(site.people.database, user)
    users.unlock(site.people.database, user.login, actor=f"portal:{user.login}")
    assert failures.take_a_try(site.people.database, user.id, Kind.APP) is not None


def test_web_15_a_passkey_gets_in_and_makes_nothing_good(site, user):
    """Its user comes every day: guesses at the codes would begin anew as often."""
    passkey = SoftPasskey(site.portal.origin)
    with calling(site) as anna:
        anna.sign_in(user.login)
        create(anna, passkey)
        fail_until_locked(site.people.database, user)
        anna.sign_in(user.login)
        show(anna, passkey)
        assert is_in(anna)
    assert failures.streaks(site.people.database, user.id)[0].count == MOST_FAILURES


def test_web_16_recovery_codes_are_guessed_at_a_hundred_times_at_most(site, user, anna):
    fail_until_locked(site.people.database, user, Kind.RECOVERY)
    assert anna.second_step(anna.codes[0]).status_code == 429
    assert anna.place(anna.second_step(anna.code(1))) == "/"
    anna.sign_in(user.login)
    assert anna.place(anna.second_step(anna.codes[0])) == "/"


@pytest.mark.parametrize("spelling", ["{0} {1}", " {0}{1} ", "{0}\u2003{1}"])
def test_web_16_a_code_counts_as_one_however_it_is_spelt(site, user, anna, spelling):
    for _ in range(FREE):
        assert anna.second_step(spelling.format("000", "001")).status_code == 403
    [streak] = failures.streaks(site.people.database, user.id)
    assert (streak.kind, streak.count) == (Kind.APP, FREE)
