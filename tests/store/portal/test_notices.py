"""What waits to be told, on each kind of store: nothing is lost or comes twice, nobody waits for others."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from store import app_passwords, users
from store.last_used import LastUsed
from store.model import LastUse
from store.portal import notices, schema
from store.portal.happenings import FIRST_USED, NEW_NETWORK, forget_place, gather, network_of
from store.portal.notices import Channel
from store.schema import app_passwords as app_password_rows

EVENTS = {"blocked", "unblocked", "app-password-created", FIRST_USED, NEW_NETWORK}
HOOK = {Channel.WEBHOOK: EVENTS}
MAIL = {Channel.MAIL: EVENTS}
DIGEST = timedelta(minutes=10)


@pytest.fixture
def give(database, fritz, pepper, argon2):
    """A new app password of fritz's; its id."""

    def give(name="phone"):
        made = app_passwords.create(
            database, pepper, argon2, fritz.id, name, ["imap"], [], None, limit=40, actor="test"
        )
        return made[0].id

    return give


@pytest.fixture
def begun(database, fritz):
    gather(database, HOOK)


def block(database, times=1):
    """So many events, and gather them."""
    for number in range(times):
        users.set_blocked(database, "fritz@example.test", number % 2 == 0, actor="test")
    gather(database, HOOK)


def use(database, id, address="192.0.2.7", at=None):
    """As a gateway writes it."""
    used = LastUsed(database)
    used.note(id, LastUse(at or datetime.now(UTC), "imap", address, ""))
    used.flush()


def let_pass(database, time):
    """As if so much time had passed for everything that waits."""
    with database.write() as connection:
        for row in connection.execute(schema.notices.select()).all():
            mine = update(schema.notices).where(schema.notices.c.id == row.id)
            connection.execute(mine.values(next_at=row.next_at - time, queued_at=row.queued_at - time))


def told(database, wanted=HOOK, **kwargs):
    """Gather, and the kinds of what is due."""
    gather(database, wanted, **kwargs)
    [channel] = wanted
    due = notices.claim(database, channel)
    notices.done(database, due)
    return [one.event for one in due]


class TestGathering:
    def test_nobody_is_told_of_what_was_before(self, database, fritz, give):
        use(database, give())
        assert told(database) == told(database) == []

    def test_a_network_of_before_is_known_and_another_one_is_new(self, database, give):
        id = give()
        use(database, id, "192.0.2.7")
        gather(database, HOOK)
        use(database, id, "192.0.2.8")
        assert told(database) == []
        use(database, id, "198.51.100.1")
        assert told(database) == [NEW_NETWORK]

    def test_what_was_never_used_before_has_its_first_use_later(self, database, give):
        id = give()
        gather(database, HOOK)
        use(database, id)
        assert told(database) == [FIRST_USED]

    def test_a_use_that_another_gateway_writes_late_is_told(self, database, begun, give):
        early, late = give(), give("other")
        now = datetime.now(UTC)
        use(database, early, at=now)
        assert told(database).count(FIRST_USED) == 1
        use(database, late, at=now - timedelta(minutes=5))
        assert told(database, back=timedelta(minutes=15)) == [FIRST_USED]
        assert told(database, back=timedelta(minutes=15)) == []

    def test_a_gateway_whose_clock_is_ahead_hides_no_uses_of_others(self, database, begun, give):
        ahead, right = give(), give("other")
        use(database, ahead, at=datetime.now(UTC) + timedelta(hours=1))
        assert told(database).count(FIRST_USED) == 1
        use(database, right)
        assert told(database) == [FIRST_USED]

    def test_uses_beyond_what_one_page_holds_are_all_told(self, database, begun, fritz):
        now = datetime.now(UTC)
        with database.write() as connection:
            used = {"last_used_at": now, "last_used_protocol": "imap", "last_used_address": "192.0.2.7"}
            same = {"user_id": fritz.id, "name": "many", "scopes": "imap", "networks": "", "hash": ""}
            same |= {"created_at": now, "last_used_client": "", **used}
            rows = [{"id": f"many{number}", "tag": number, **same} for number in range(1200)]
            connection.execute(app_password_rows.insert(), rows)
        found = []
        for _ in range(4):  # so many at once go into one transaction
            found += told(database, back=timedelta(minutes=15)) + told(database)
        assert found == [FIRST_USED] * 1200

    def test_two_portals_that_look_at_once_tell_once(self, database, other, begun, give):
        for name in "abcdefgh":
            use(database, give(name))
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda one: gather(one, HOOK), [database, other] * 10))
        assert sorted(told(database)) == sorted(["app-password-created"] * 8 + [FIRST_USED] * 8)

    def test_two_portals_may_begin_at_once(self, database, other, give):
        use(database, give())
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda one: gather(one, HOOK), [database, other] * 10))
        block(database)
        assert told(database) == ["blocked"]

    def test_of_the_time_in_which_notices_were_off_nobody_is_told(self, database, begun):
        forget_place(database)
        users.set_blocked(database, "fritz@example.test", True, actor="test")
        assert told(database) == []
        users.set_blocked(database, "fritz@example.test", False, actor="test")
        assert told(database) == ["unblocked"]


class TestSending:
    def test_two_portals_never_have_the_same(self, database, other, begun):
        block(database, 40)
        with ThreadPoolExecutor(8) as threads:
            claims = list(
                threads.map(lambda one: notices.claim(one, Channel.WEBHOOK), [database, other] * 10)
            )
        ids = [one.id for claim in claims for one in claim]
        assert len(ids) == len(set(ids)) == 40

    def test_what_was_claimed_by_who_died_is_sent_by_another(self, database, begun):
        block(database)
        first = notices.claim(database, Channel.WEBHOOK)
        assert notices.claim(database, Channel.WEBHOOK) == []
        let_pass(database, notices.CLAIMED)
        assert [one.id for one in notices.claim(database, Channel.WEBHOOK)] == [one.id for one in first]

    def test_who_comes_too_late_marks_no_other_notice(self, database, begun):
        block(database)
        slow = notices.claim(database, Channel.WEBHOOK)
        notices.done(database, slow)  # by another portal, in whose hands it was meanwhile
        block(database)
        notices.done(database, slow)
        assert len(notices.claim(database, Channel.WEBHOOK)) == 1

    def test_what_fails_again_and_again_keeps_nobody_waiting(self, database, begun):
        block(database)
        poison = notices.claim(database, Channel.WEBHOOK)
        notices.failed(database, poison)
        block(database)
        let_pass(database, timedelta(hours=1))
        assert notices.claim(database, Channel.WEBHOOK)[-1].id == poison[0].id

    def test_pauses_grow_to_an_hour(self, database, begun):
        block(database)
        pauses = []
        for _ in range(10):
            due = notices.claim(database, Channel.WEBHOOK)
            notices.failed(database, due)
            before = datetime.now(UTC)
            with database.read() as connection:
                [row] = connection.execute(schema.notices.select()).all()
            pauses.append(round((row.next_at - before).total_seconds()))
            let_pass(database, timedelta(hours=1))
        assert pauses[:3] == [30, 60, 120]
        assert pauses[-1] == 3600

    def test_after_a_day_it_is_given_up(self, database, begun):
        block(database)
        let_pass(database, timedelta(hours=23))
        assert notices.failed(database, notices.claim(database, Channel.WEBHOOK)) == 0
        let_pass(database, timedelta(hours=2))
        assert notices.failed(database, notices.claim(database, Channel.WEBHOOK)) == 1

    def test_what_happened_long_ago_is_still_tried_for_a_day(self, database, begun):
        """The portal was off for a week, and the server isn't there at once."""
        block(database)
        with database.write() as connection:
            connection.execute(update(schema.notices).values(at=datetime.now(UTC) - timedelta(days=7)))
        assert notices.failed(database, notices.claim(database, Channel.WEBHOOK)) == 0

    def test_who_waits_behind_a_server_that_is_down_loses_nothing(self, database, begun):
        block(database, 3)
        let_pass(database, timedelta(days=2))
        due = notices.claim(database, Channel.WEBHOOK)
        assert notices.give_back(database, due, is_server_down=True) == 0
        assert notices.claim(database, Channel.WEBHOOK) == []
        let_pass(database, timedelta(seconds=31))
        assert len(notices.claim(database, Channel.WEBHOOK)) == 3
        let_pass(database, timedelta(days=7))
        assert notices.give_back(database, due := notices.claim(database, Channel.WEBHOOK)) == len(due) == 3

    def test_two_portals_send_no_two_mails_within_the_digest(self, database, other, fritz, give):
        gather(database, MAIL)
        give("first")
        gather(database, MAIL)
        first = notices.claim(database, Channel.MAIL, DIGEST)
        give("second")
        gather(other, MAIL)
        assert notices.claim(other, Channel.MAIL, DIGEST) == []
        notices.done(database, first, mailed_to=fritz.login)
        assert notices.claim(other, Channel.MAIL, DIGEST) == []
        with database.write() as connection:
            connection.execute(update(schema.mailed).values(at=datetime.now(UTC) - DIGEST))
        assert len(notices.claim(other, Channel.MAIL, DIGEST)) == 1

    def test_what_is_switched_off_is_dropped_and_the_rest_stays(self, database, begun):
        users.set_blocked(database, "fritz@example.test", True, actor="test")
        gather(database, HOOK | MAIL)
        notices.drop(database, Channel.MAIL)
        assert notices.claim(database, Channel.MAIL) == []
        assert len(notices.claim(database, Channel.WEBHOOK)) == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("unknown", "unknown"),
    ],
)
def test_a_network_is_one_place(address, network):
    assert network_of(address) == network
