"""Mail to users, through a real Postfix, and events for programs, to a receiver that checks them."""

import base64
import email
import email.policy
import hmac
import queue
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, update

from store import app_passwords, users
from store.last_used import LastUsed
from store.model import LastUse
from store.portal import links
from store.portal.failures import FREE, LOCKED, MANY_FAILURES
from store.portal.happenings import FIRST_USED, NEW_NETWORK
from store.portal.schema import mailed
from store.portal.schema import notices as waiting
from tests.portal.caller import LOCAL, calling, give_password
from tests.portal.conftest import PEOPLE
from tests.portal.site import Site
from tests.portal.test_api import Program
from tests.servers.certificates import Authority
from tests.servers.maildir import arrived
from tests.servers.postfix import Postfix
from tests.servers.receiver import Receiver
from tests.store.portal.test_failures import fail, fail_until_locked

SECRET = "a secret that signs events, long enough"
NOTICES = """
[notices]
smtp = "localhost:SMTP"
ca_file = "POSTFIX"
sender = "Example Security <security@example.test>"
digest_minutes = 60
language = "LANGUAGE"
webhook = "http://127.0.0.1:HOOK/events"
webhook_secret_file = "hook-secret"
"""


@pytest.fixture(scope="module")
def postfix():
    with Postfix([f"{name}@example.test" for name in PEOPLE], sasl=1) as server:
        yield server


@pytest.fixture(scope="module")
def receiver():
    made = Receiver()
    yield made
    made.close()


@pytest.fixture(scope="module", params=["en"])
def site(request, tmp_path_factory, dovecot, postfix, receiver):
    folder = tmp_path_factory.mktemp("notices")
    text = NOTICES.replace("SMTP", str(postfix.port("relay", "starttls"))).replace("HOOK", str(receiver.port))
    text = text.replace("POSTFIX", str(postfix.ca_file)).replace("LANGUAGE", request.param)
    made = Site(folder, Authority(folder), dovecot, LOCAL + text)
    (folder / "hook-secret").write_text(SECRET)
    (folder / "hook-secret").chmod(0o600)
    with made.portal:
        # From here on something is told; what was before isn't.
        made.people.add("begin@example.test")
        receiver.begins(made.people.database)
        yield made
    made.people.close()
    assert "failed" not in made.portal.log()
    assert SECRET not in made.portal.log()


def mail(postfix, login, mark):
    read = email.message_from_bytes(
        arrived(postfix.maildir(login), mark.encode()), policy=email.policy.default
    )
    return read, read.get_content()


def use(site, given, address, client="Thunderbird"):
    """As the gateway notes it."""
    used = LastUsed(site.people.database)
    used.note(given.id, LastUse(datetime.now(UTC), "imap", address, client))
    used.flush()


def let_mail_go(site, login):
    """As if the digest's time was over, which begins when the portal has noted that the mail went out."""
    end = time.monotonic() + 30
    gone = 0
    while not gone:
        assert time.monotonic() < end, f"{login} got no mail"
        with site.people.database.write() as connection:
            gone = connection.execute(delete(mailed).where(mailed.c.login == login)).rowcount
        time.sleep(0.02)


class TestMail:
    def test_who_gets_an_app_password_is_told_and_then_of_its_first_use(self, site, postfix, receiver, login):
        given = site.people.give(login, name="Outlook & <b>co</b>")
        read, text = mail(postfix, login, "An app password was created")
        assert "An app password was created: Outlook & <b>co</b>" in text
        assert read["From"] == "Example Security <security@example.test>"
        assert (read["To"], read["Auto-Submitted"]) == (login, "auto-generated")
        assert read.get_content_type() == "text/plain"
        assert given.secret not in text
        let_mail_go(site, login)
        use(site, given, "192.0.2.7")
        _, text = mail(postfix, login, "for the first time")
        assert "Outlook & <b>co</b> (Thunderbird, IMAP, 192.0.2.7)" in text

    def test_a_new_network_is_told_and_a_known_one_is_not(self, site, postfix, receiver, login):
        given = site.people.give(login, name="Phone")
        use(site, given, "192.0.2.7")
        receiver.next(login, FIRST_USED)
        use(site, given, "192.0.2.200")
        use(site, given, "2001:db8:1:2::7")
        _, _, told = receiver.next(login, NEW_NETWORK)
        assert told["data"]["use"]["address"] == "2001:db8:1:2::7"

    def test_at_once_and_then_not_before_the_digests_time_with_all_in_one(
        self, site, postfix, receiver, login
    ):
        site.people.give(login, name="first")
        mail(postfix, login, "created: first")
        for name in ("second", "third"):
            site.people.give(login, name=name)
        users.set_blocked(site.people.database, login, True, actor="test")
        receiver.next(login, "blocked")  # so the rest was gathered too
        assert len(list(postfix.maildir(login).glob("new/*"))) == 1
        let_mail_go(site, login)
        _, text = mail(postfix, login, "created: third")
        assert "created: second" in text

    def test_second_steps_are_told(self, site, postfix, login):
        give_password(site, login)
        with calling(site) as anna:
            anna.sign_up(login)
        mail(postfix, login, "A second step was added")

    def test_web_14_mail_names_the_token_that_made_an_app_password(self, site, postfix, receiver, login):
        page = Program(site, "self-service", "example.test")
        made = page("POST", f"/users/{login}/app-passwords", {"name": "Outlook"}).json()
        _, text = mail(postfix, login, "created: Outlook")
        assert f'created: Outlook (by the program "{page.name}")' in text
        _, _, told = receiver.next(login, "app-password-created")
        assert told["data"]["actor"] == f"api:{page.name}"
        page("PATCH", f"/users/{login}/app-passwords/{made['id']}", {"name": "Renamed"})
        for event in ("app-password-renamed", "app-password-deleted"):
            if event == "app-password-deleted":
                page("DELETE", f"/users/{login}/app-passwords/{made['id']}")
            _, _, told = receiver.next(login, event)
            assert told["data"]["actor"] == f"api:{page.name}"

    @pytest.mark.parametrize(
        ("actor", "told"),
        [
            ("portal:desk@example.test", " (by desk@example.test)"),
            ("cli:root", " (on the command line, by root)"),
            ("portal:{login}", ""),
        ],
    )
    def test_web_14_mail_names_who_else_has_acted(self, site, postfix, login, actor, told):
        user = users.find(site.people.database, login)
        links.reset_methods(site.people.database, user.id, actor=actor.format(login=login))
        _, text = mail(postfix, login, "was reset")
        [line] = [one for one in text.splitlines() if "was reset" in one]
        assert line.endswith(f"Your second step was reset by a help desk.{told}")

    def test_web_15_mail_tells_of_five_wrong_codes_in_a_row_and_of_the_lock(
        self, site, postfix, receiver, login
    ):
        user = users.find(site.people.database, login)
        for _ in range(FREE):
            fail(site.people.database, user)
        _, text = mail(postfix, login, "wrong codes in a row")
        assert "change the password" in text
        fail_until_locked(site.people.database, user)
        for event in (MANY_FAILURES, LOCKED):
            _, _, told = receiver.next(login, event)
            assert told["data"]["detail"].endswith("in a row, authenticator app")

    def test_a_name_makes_no_header(self, site, postfix, login):
        site.people.give(login, name="x Bcc: eve@example.test")
        read, _ = mail(postfix, login, "created: x Bcc")
        assert read["Bcc"] is None

    @pytest.mark.parametrize("site", ["de"], indirect=True)
    def test_it_is_written_in_the_language_of_the_configuration(self, site, postfix, login):
        site.people.give(login, name="Telefon")
        read, _ = mail(postfix, login, "Ein App-Passwort wurde erstellt: Telefon")
        assert read["Content-Language"] == "de"


class TestWebhook:
    def test_it_is_signed(self, site, receiver, login):
        given = site.people.give(login, name="Scanner")
        headers, body, told = receiver.next(login, "app-password-created")
        assert told["data"]["actor"] == "test"
        assert given.secret.encode() not in body
        signing = f"{headers['Webhook-Id']}.{headers['Webhook-Timestamp']}.".encode() + body
        mac = base64.b64encode(hmac.digest(SECRET.encode(), signing, "sha256")).decode()
        assert headers["Webhook-Signature"] == f"v1,{mac}"
        assert abs(datetime.now(UTC).timestamp() - int(headers["Webhook-Timestamp"])) < 300

    @pytest.mark.parametrize("code", [500, 302, 404])
    def test_what_is_not_taken_comes_again_and_nothing_is_lost(self, site, receiver, login, code):
        receiver.answers.append(code)
        user = users.find(site.people.database, login)
        given = site.people.give(login)
        app_passwords.delete(site.people.database, user.id, given.id, actor="test")
        while True:
            with site.people.database.write() as connection:  # as if the pause was over
                connection.execute(update(waiting).values(next_at=datetime.now(UTC)))
            try:
                receiver.next(login, "app-password-deleted", 2)
                return
            except queue.Empty:
                continue
