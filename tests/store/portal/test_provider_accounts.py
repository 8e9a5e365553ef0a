"""WEB-17: accounts at the provider, on each kind of store and by two portals at once."""

from itertools import count

from store import users
from store.portal import provider_accounts
from store.portal.provider_accounts import Pinned, pin
from tests.store.portal.test_races import at_once

ISSUER = "https://login.example.test"


def test_web_17_of_many_accounts_that_come_first_at_once_one_stays(database, other, fritz):
    nodes, numbers = iter([database, other] * 50), count()
    took = at_once(lambda: pin(next(nodes), fritz.id, ISSUER, f"account {next(numbers)}", actor="test"))
    assert took.count(Pinned.MINE) == 1
    assert took.count(Pinned.OTHER_ACCOUNT) == 49


def test_web_17_of_many_users_who_come_with_one_account_at_once_one_gets_it(database, other, fritz):
    ids = [users.add(database, f"user{number}@example.test", actor="test").id for number in range(20)]
    nodes, wanted = iter([database, other] * 10), iter(ids)
    took = at_once(lambda: pin(next(nodes), next(wanted), ISSUER, "account", actor="test"), 20)
    assert took.count(Pinned.MINE) == 1
    assert took.count(Pinned.OTHER_USER) == 19


def test_web_17_an_account_is_that_of_one_issuer(database, fritz):
    dora = users.add(database, "dora@example.test", actor="test")
    assert pin(database, fritz.id, ISSUER, "1", actor="test") is Pinned.MINE
    assert pin(database, fritz.id, "https://evil.test", "1", actor="test") is Pinned.OTHER_ACCOUNT
    assert pin(database, dora.id, "https://evil.test", "1", actor="test") is Pinned.MINE


def test_what_is_forgotten_may_be_pinned_anew_and_goes_with_its_user(database, fritz):
    assert not provider_accounts.forget(database, fritz.id, actor="test")
    pin(database, fritz.id, ISSUER, "1", actor="test")
    assert provider_accounts.forget(database, fritz.id, actor="test")
    assert pin(database, fritz.id, ISSUER, "2", actor="test") is Pinned.MINE
    users.delete(database, fritz.login, actor="test")
    dora = users.add(database, "dora@example.test", actor="test")
    assert pin(database, dora.id, ISSUER, "2", actor="test") is Pinned.MINE
    assert pin(database, fritz.id, ISSUER, "3", actor="test") is Pinned.OTHER_ACCOUNT
