"""The portal counts wrong main passwords by the same [throttle] as the mail door."""

import httpx2
import pytest

from store import users
from store.portal.schema import main_password_failures
from tests.portal.caller import LOCAL, calling, give_password

SETTINGS = (
    LOCAL
    + """
[throttle]
failures_per_user_and_source = 3
failures_per_source = 5
failures_per_user = 4
exempt = ["127.0.0.32/28"]
"""
)


@pytest.fixture(autouse=True)
def _fresh(site):
    with site.people.database.write() as connection:
        connection.execute(main_password_failures.delete())


@pytest.fixture
def login(site, login):
    return give_password(site, login)


def told(site, source, attempts):
    """The status of each sign-in with (login, password) from there."""
    transport = httpx2.HTTPTransport(verify=site.gateway.client_context(), local_address=source)
    with calling(site, transport) as caller:
        return [caller.sign_in(*attempt).status_code for attempt in attempts]


def wrong(login, count):
    return [(login, f"wrong {number}") for number in range(count)]


def test_bf_15_what_one_user_may_fail_from_one_address_is_configured(site, login):
    assert told(site, "127.0.0.2", wrong(login, 5)) == [403] * 3 + [429] * 2


def test_bf_15_what_one_address_may_fail_is_configured(site):
    attempts = [(f"nobody{number}@example.test", "wrong") for number in range(7)]
    assert told(site, "127.0.0.3", attempts) == [403] * 5 + [429] * 2


def test_bf_15_what_one_user_may_fail_from_everywhere_is_configured(site, login):
    assert told(site, "127.0.0.4", wrong(login, 2)) == [403] * 2
    assert told(site, "127.0.0.5", wrong(login, 3)) == [403] * 2 + [429]


def test_bf_15_from_an_exempt_network_nothing_is_counted(site, login):
    assert told(site, "127.0.0.33", wrong(login, 12)) == [403] * 12
    assert told(site, "127.0.0.34", [(login,)]) == [303]


def test_bf_15_any_change_of_the_user_begins_the_counts_anew(site, login):
    assert told(site, "127.0.0.6", wrong(login, 4)) == [403] * 3 + [429]
    users.unlock(site.people.database, login, actor="test")
    assert told(site, "127.0.0.6", [(login,)]) == [303]
