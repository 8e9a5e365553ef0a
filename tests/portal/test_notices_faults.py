"""What is to be told gets through outages, restarts and crashes, and from several portals once."""

import contextlib
import imaplib
import os
import queue
import socket
import subprocess
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, update

from portal.notices.cut_off import cut_off
from store import users
from store.portal import schema
from store.schema import audit
from tests.portal.caller import LOCAL
from tests.portal.conftest import PEOPLE
from tests.portal.site import Site
from tests.servers.certificates import Authority
from tests.servers.gateway import WICKETGATE
from tests.servers.mail_room import MailRoom
from tests.servers.portal import Portal
from tests.servers.ports import free_ports
from tests.servers.receiver import Receiver

SECRET = "a secret that signs events, long enough"
HOOK = """
webhook = "http://127.0.0.1:HOOK/events?of=us"
webhook_secret_file = "hook-secret"
"""
MAIL = """
smtp = "127.0.0.1:SMTP"
tls = "none"
username = ""
sender = "Example Security <security@example.test>"
"""


class Setting:
    """A portal, who gets its mail, and who gets its events."""

    def __init__(self, site, room, receiver):
        self.site, self.room, self.receiver = site, room, receiver
        self.people, self.portal = site.people, site.portal
        self.database = site.people.database

    def hasten(self):
        """As if all pauses, and the times of all digests, were over."""
        with self.database.write() as connection:
            connection.execute(update(schema.notices).values(next_at=datetime.now(UTC) - timedelta(hours=1)))
            connection.execute(delete(schema.mailed))

    def waiting(self):
        with self.database.read() as connection:
            return connection.execute(select(schema.notices)).all()

    def until_tried(self, login):
        """Until somebody has failed to tell of that user."""
        self.until(lambda: any(row.login == login and row.tries for row in self.waiting()))

    def until_gathered(self):
        """Until the portals have read all that has happened so far."""
        with self.database.read() as connection:
            newest = connection.execute(select(func.max(audit.c.id))).scalar_one()

        def gathered():
            with self.database.read() as connection:
                return connection.execute(select(schema.notice_state.c.audit_id)).scalar_one() >= newest

        self.until(gathered)

    def until_told(self):
        """Until nothing waits, without the pauses."""

        def all_told():
            self.hasten()
            return not self.waiting()

        self.until_gathered()
        self.until(all_told)

    def until(self, holds, seconds=60):
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, self.portal.log()
            time.sleep(0.1)

    def ids_of(self, login, event):
        """The ids of all such events so far."""
        found = []
        with contextlib.suppress(queue.Empty):
            while True:
                found.append(self.receiver.next(login, event, 0.01)[0]["webhook-id"])
        return found


@contextlib.contextmanager
def setting(folder, dovecot, room, notices):
    receiver = Receiver()
    text = notices.replace("SMTP", str(room.port)).replace("HOOK", str(receiver.port))
    site = Site(folder, Authority(folder), dovecot, f"{LOCAL}\n[notices]\n{text}")
    (folder / "hook-secret").write_text(SECRET)
    (folder / "hook-secret").chmod(0o600)
    room.start()
    try:
        with site.portal:
            site.people.add("begin@example.test")
            made = Setting(site, room, receiver)
            if HOOK in notices:
                receiver.begins(site.people.database)
            yield made
        for word in ("Traceback", "upkeep failed", SECRET):
            assert word not in site.portal.log(), site.portal.log()
    finally:
        receiver.may_answer.set()
        site.gateway.stop()
        site.people.close()
        room.stop()
        receiver.close()


@pytest.fixture(scope="module")
def both(tmp_path_factory, dovecot):
    folder = tmp_path_factory.mktemp("faults")
    with setting(folder, dovecot, MailRoom(), MAIL + HOOK) as made:
        yield made


@pytest.fixture
def site(both):
    """For `login`."""
    return both.site


def wicketgate(both, *arguments):
    environment = {**os.environ, "WICKETGATE_CONFIG": str(both.site.gateway.config)}
    subprocess.run([WICKETGATE, *arguments], env=environment, check=True, capture_output=True, timeout=60)


class TestWhoeverDidIt:
    def test_a_command_that_ran_while_no_portal_did_is_told_afterwards(self, both, login):
        both.portal.stop()
        try:
            wicketgate(both, "app-password", "create", login, "--name", "By hand")
            wicketgate(both, "user", "block", login)
        finally:
            both.portal.start()
        assert both.receiver.next(login, "blocked")[2]["data"]["actor"].startswith("cli")
        both.room.got(login, "created: By hand")

    def test_the_first_login_at_the_real_gateway(self, both, login):
        given = both.people.give(login, name="Thunderbird", scopes=["imap"])
        both.room.got(login, "created: Thunderbird")
        both.site.gateway.start()
        imap = imaplib.IMAP4_SSL(
            "localhost", both.site.gateway.ports["imaps"], ssl_context=both.site.gateway.client_context()
        )
        with imap:
            imap.login(login, given.secret)
            use = both.receiver.next(login, "app-password-first-used")[2]["data"]["use"]
        assert (use["name"], use["protocol"], use["address"]) == ("Thunderbird", "imap", "127.0.0.1")
        both.until_told()
        both.room.got(login, "for the first time: Thunderbird")


class TestOutages:
    def test_a_mail_server_that_is_down_loses_nothing_and_events_go_on(self, both, login):
        both.room.stop()
        try:
            both.people.give(login, name="while it was down")
            both.receiver.next(login, "app-password-created")
            both.until_tried(login)
            both.portal.stop()
            both.portal.start()
        finally:
            both.room.start()
        both.until_told()
        assert len(both.room.got(login, "while it was down")) == 1

    def test_one_whose_mail_is_refused_keeps_nobody_else_waiting(self, both, login):
        refused = both.people.add(f"{PEOPLE[-1]}@example.test")
        both.room.refused.add(refused)
        both.people.give(refused, name="refused")
        both.people.give(login, name="taken")
        both.room.got(login, "created: taken")
        both.until_tried(refused)
        both.room.refused.clear()
        both.until_told()
        both.room.got(refused, "created: refused")

    def test_a_secret_that_is_gone_is_waited_for(self, both, login):
        file = both.site.gateway.folder / "hook-secret"
        file.rename(file.with_name("elsewhere"))
        both.people.give(login, name="unsigned")
        both.room.got(login, "created: unsigned")
        both.until_tried(login)
        file.with_name("elsewhere").rename(file)
        both.until_told()
        assert len(both.ids_of(login, "app-password-created")) == 1

    def test_a_receiver_that_is_down_keeps_events_until_it_is_back(self, both, login):
        both.receiver.answers += [503] * 6
        for state in (True, False) * 4:
            users.set_blocked(both.database, login, state, actor="test")
        both.until_told()
        ids = both.ids_of(login, "blocked")
        assert len(ids) == len(set(ids)) == 4


class TestOnce:
    def test_what_a_killed_portal_had_sent_and_not_noted_comes_again_with_the_same_id(self, both, login):
        both.receiver.may_answer.clear()
        users.set_blocked(both.database, login, True, actor="test")
        first = both.receiver.next(login, "blocked")[0]["webhook-id"]
        both.portal.process.kill()
        both.portal.process.wait()
        both.receiver.may_answer.set()
        both.portal.start()
        both.hasten()  # whoever claims it has it for five minutes
        assert both.receiver.next(login, "blocked")[0]["webhook-id"] == first

    def test_two_portals_tell_each_event_once(self, both, login):
        [port] = free_ports(1)
        other = Portal(both.site.gateway, port, host=both.portal.host)
        other.environment = {"WICKETGATE__PORTAL__ADDRESS": f"127.0.0.1:{port}"}
        with other:
            for state in (True, False) * 15:
                users.set_blocked(both.database, login, state, actor="test")
            both.people.give(login, name="from two portals")
            both.until_gathered()
            both.until(lambda: not both.waiting())
        ids = both.ids_of(login, "blocked")
        assert len(ids) == len(set(ids)) == 15
        assert len(both.room.got(login, "from two portals")) == 1


def test_a_portal_ends_while_a_mail_server_hangs(both, login):
    """It would take 20 seconds for each of the users."""
    both.room.stop()
    hanging = socket.create_server(("127.0.0.1", both.room.port))
    try:
        for number in range(5):
            both.people.give(both.people.add(f"{number}.{login}"))
        caught, _ = hanging.accept()
        with caught:
            assert both.portal.stop(20) == 0
    finally:
        hanging.close()
        both.portal.start()
        both.room.start()
    both.until_told()


def test_an_exchange_that_takes_too_long_in_all_is_cut():
    ours, theirs = socket.socketpair()
    with ours, theirs, cut_off(0.1, lambda: ours):
        assert ours.recv(1) == b""


def test_mail_goes_to_no_server_that_cannot_be_verified(tmp_path, dovecot):
    room = MailRoom(Authority(tmp_path).untrusted().server_context())
    secure = MAIL.replace('"127.0.0.1:', '"localhost:').replace('tls = "none"', 'tls = "starttls"')
    with setting(tmp_path, dovecot, room, secure) as only_mail:
        login = only_mail.people.add("fritz@example.test")

        def tried():
            only_mail.people.give(login, name="secret")
            return "CERTIFICATE_VERIFY_FAILED" in only_mail.portal.log()

        only_mail.until(tried)
        assert room.sent == []
