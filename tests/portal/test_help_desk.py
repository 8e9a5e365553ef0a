"""The help desk's pages: what it does for users, and what it can't."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from store import audit, users
from store.model import MfaState
from store.portal import failures, registration
from store.portal.failures import FREE, Kind
from store.portal.roles import Role
from store.portal.schema import enrolment_links
from tests.portal.caller import LOCAL, calling, give_password
from tests.portal.desk import do, helped, holder, now
from tests.portal.inside import inside

SETTINGS = LOCAL + "[throttle]\nwindow_seconds = 600\n"


@pytest.fixture
def desk(site):
    """Somebody of the help desk of example.test."""
    with holder(site, "desk", Role.HELP_DESK) as caller:
        yield caller


@pytest.fixture
def ruler(site):
    """An administrator of example.test."""
    with holder(site, "ruler", Role.ADMINISTRATOR) as caller:
        yield caller


@pytest.fixture
def user(site, login):
    """Whom it's about."""
    return helped(site, login)


class TestActs:
    def test_the_state_is_set_with_a_reason_in_the_audit_trail(self, site, desk, user):
        answer = do(desk, user, "mfa", mfa="enforced", reason="asked for by Dora")
        assert desk.place(answer) == f"/help-desk/users/{user.id}"
        assert now(site, user).user.mfa is MfaState.ENFORCED
        newest = audit.entries(site.people.database, user.login, 1)[0]
        assert newest.actor == "portal:desk@example.test"
        assert "asked for by Dora" in newest.detail

    def test_a_grace_goes_with_enabled_and_lies_ahead(self, site, desk, user):
        day = (datetime.now(UTC) + timedelta(days=30)).date()
        do(desk, user, "mfa", mfa="enabled", grace_until=str(day))
        assert now(site, user).user.grace_until.date() == day
        for mfa, until in (("enforced", str(day)), ("enabled", "2020-01-01"), ("enabled", "x"), ("x", "")):
            assert do(desk, user, "mfa", mfa=mfa, grace_until=until).status_code == 400
        assert now(site, user).user.grace_until.date() == day

    def test_all_app_passwords_are_deleted(self, site, desk, user):
        do(desk, user, "delete-app-passwords")
        assert [one.deleted_at is None for one in now(site, user).app_passwords] == [False]

    def test_blocked_is_signed_out_and_kept_out_until_unblocked(self, site, desk, user):
        with inside(site, user.login) as anna:
            assert anna.get("/").status_code == 200
            do(desk, user, "block")
            assert anna.place(anna.get("/")).startswith("/sign-in")
        with calling(site) as again:
            assert again.sign_in(user.login).status_code == 403
            do(desk, user, "unblock")
            assert again.sign_in(user.login).status_code == 303

    def test_unlock_lets_the_user_in_at_once_from_where_the_wrong_passwords_came(self, site, desk, user):
        with calling(site) as anna:
            for number in range(10):
                anna.sign_in(user.login, f"wrong {number}")
            assert anna.sign_in(user.login).status_code == 429
            do(desk, user, "unlock", reason="on the phone")
            assert anna.sign_in(user.login).status_code == 303
        newest = audit.entries(site.people.database, user.login, 1)[0]
        told = (newest.actor, newest.action, newest.detail)
        assert told == ("portal:desk@example.test", "unlocked", "on the phone")

    def test_unlock_lets_the_user_in_at_once_with_a_browser_that_is_known(self, site, desk, user):
        with inside(site, user.login) as anna:
            anna.get("/")
            anna.submit("/sign-out", page="/")
            for number in range(10):
                anna.sign_in(user.login, f"wrong {number}")
            assert anna.sign_in(user.login).status_code == 429
            do(desk, user, "unlock")
            assert anna.sign_in(user.login).status_code == 303

    def test_unlock_lets_codes_be_tried_again(self, site, desk, user):
        for _ in range(FREE):
            assert failures.take_a_try(site.people.database, user.id, Kind.APP) is None
        assert "Wrong codes of the app" in desk.get(f"/help-desk/users/{user.id}").text
        assert failures.take_a_try(site.people.database, user.id, Kind.APP) is not None
        do(desk, user, "unlock")
        assert "Wrong codes of the app" not in desk.get(f"/help-desk/users/{user.id}").text
        assert failures.take_a_try(site.people.database, user.id, Kind.APP) is None

    def test_nothing_is_done_without_a_yes(self, site, desk, user):
        before = now(site, user)
        for act in ("mfa", "delete-app-passwords", "reset", "unlock", "unpin", "block", "unblock"):
            assert desk.get(f"/help-desk/users/{user.id}/{act}").status_code == 200
        assert now(site, user) == before

    def test_nobody_helps_themselves(self, site, desk):
        me = users.find(site.people.database, "desk@example.test")
        assert do_without_page(desk, me, "mfa", mfa="disabled").status_code == 403
        assert now(site, me).user.mfa is not MfaState.DISABLED

    def test_web_08_somebody_who_may_do_more_is_left_alone(self, site, desk, ruler):
        boss = users.find(site.people.database, "ruler@example.test")
        for act in ("mfa", "delete-app-passwords", "reset", "unlock", "unpin", "block", "unblock"):
            assert do_without_page(desk, boss, act, mfa="disabled").status_code == 403
        assert not now(site, boss).user.blocked
        assert registration.has_second_step(site.people.database, boss.id)


def do_without_page(caller, user, act, **form):
    token = caller.token("/app-passwords/create")
    return caller.post(f"/help-desk/users/{user.id}/{act}", {"token": token, **form})


class TestReset:
    def test_the_link_with_the_password_lets_the_user_register_once(self, site, desk, user):
        link = reset(desk, user)
        with calling(site) as anna:
            anna.sign_in(user.login)
            assert anna.submit(path_of(site, link)).headers["location"].endswith("/register")
            anna.register()
            assert len(anna.codes) == 10
        with calling(site) as again:
            again.sign_in(user.login)
            assert again.get(path_of(site, link)).headers.get("location", "").endswith("/methods")

    def test_without_the_link_nobody_registers(self, site, desk, user):
        reset(desk, user)
        with calling(site) as thief:
            thief.sign_in(user.login)
            assert "reset" in thief.get("/register/authenticator").text
            assert not registration.has_second_step(site.people.database, user.id)

    def test_the_link_of_another_user_is_refused(self, site, desk, user):
        link = reset(desk, user)
        other = give_password(site, site.add(f"other-of-{user.login}"))
        reset(desk, users.find(site.people.database, other))
        with calling(site) as eve:
            eve.sign_in(other)
            assert eve.submit(path_of(site, link)).status_code == 403

    def test_after_a_day_it_is_refused(self, site, desk, user):
        link = reset(desk, user)
        with site.people.database.write() as connection:
            connection.execute(update(enrolment_links).values(expires_at=datetime.now(UTC)))
        with calling(site) as anna:
            anna.sign_in(user.login)
            assert anna.submit(path_of(site, link)).status_code == 403

    def test_it_is_shown_once(self, desk, user):
        reset(desk, user)
        assert desk.place(desk.get("/help-desk/link")) == "/help-desk"

    def test_who_was_signed_in_is_signed_out(self, site, desk, user):
        with inside(site, user.login) as anna:
            reset(desk, user)
            assert anna.place(anna.get("/")).startswith("/sign-in")

    def test_web_10_the_link_names_the_configured_host_alone(self, site, desk, user):
        token = desk.token(f"/help-desk/users/{user.id}/reset")
        headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
        turned = desk.post(f"/help-desk/users/{user.id}/reset", {"token": token}, headers)
        assert turned.status_code == 421
        headers = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
        desk.post(f"/help-desk/users/{user.id}/reset", {"token": token}, headers)
        page = desk.get("/help-desk/link").text
        assert f"{site.url}/enrol/" in page
        assert "evil.example" not in page


def reset(desk, user):
    """The link."""
    do(desk, user, "reset")
    page = desk.get("/help-desk/link").text
    return re.search(r'data-copy-source="([^"]+)"', page)[1]


def path_of(site, link):
    return link.removeprefix(site.url)


class TestSecrets:
    def test_no_page_shows_a_secret(self, site, desk, user):
        given = site.people.give(user.login, name="Laptop")
        [row] = [one for one in now(site, user).app_passwords if one.id == given.id]
        page = desk.get(f"/help-desk/users/{user.id}").text + desk.get("/help-desk/audit").text
        assert "Laptop" in page
        for secret in (given.secret, row.hash, row.hash.rpartition("$")[2]):
            assert secret not in page

    def test_web_08_nobody_creates_app_passwords_for_others(self, site, desk, user):
        before = len(now(site, user).app_passwords)
        desk.submit(
            "/app-passwords/create",
            {"name": "x", "protocol-imap": "on", "user": str(user.id), "login": user.login, "days": ""},
        )
        assert len(now(site, user).app_passwords) == before


class TestSearch:
    def test_by_the_beginning_of_login_or_alias_in_ones_own_domains(self, site, desk):
        site.people.add("zora@example.test", "enabled", aliases=["zz-alias@example.test"])
        site.add("zora@other.test")
        assert "zora@example.test" in desk.get("/help-desk?q=zor").text
        assert "zora@other.test" not in desk.get("/help-desk?q=zor").text
        assert "zora@example.test" in desk.get("/help-desk?q=ZZ-AL").text
        everybody = desk.get("/help-desk?after=zora").text
        assert "zora@example.test" in everybody
        assert "zora@other.test" not in everybody
        assert "zz-alias" not in everybody

    def test_by_pages_that_miss_nobody(self, site, desk):
        for number in range(120):
            site.add(f"page{number:03}@example.test")
        seen, address = [], "/help-desk?q=page"
        while address:
            page = desk.get(address).text
            seen += re.findall(r"page\d{3}@example\.test(?=</a>)", page)
            more = re.search(r'href="/security(/help-desk\?[^"]*after=[^"]*)"', page)
            address = more[1].replace("&amp;", "&") if more else ""
        assert seen == [f"page{number:03}@example.test" for number in range(120)]

    @pytest.mark.parametrize("words", ["%25", "_", "%27%20OR%201=1", "%00", "\\"])
    def test_web_09_what_is_searched_for_is_text(self, desk, words):
        assert "desk@example.test</a>" not in desk.get(f"/help-desk?q={words}").text


class TestAudit:
    def test_filters_and_pages(self, site, desk, user):
        do(desk, user, "block", reason="lost phone")
        page = desk.get(f"/help-desk/audit?login={user.login}&action=blocked").text
        assert "lost phone" in page
        assert "lost phone" not in desk.get(f"/help-desk/audit?login={user.login}&actor=nobody").text
        assert desk.get("/help-desk/audit?since=yesterday").status_code == 400

    def test_other_domains_are_not_in_it(self, site, desk):
        site.add("secret@other.test")
        assert "secret@other.test" not in desk.get("/help-desk/audit").text
        assert "secret@other.test" not in desk.get("/help-desk/audit.csv").text

    def test_web_09_a_spreadsheet_reckons_nothing(self, site, desk, user):
        do(desk, user, "block", reason='=HYPERLINK("http://evil.example","x")')
        rows = list(csv.reader(io.StringIO(desk.get(f"/help-desk/audit.csv?login={user.login}").text)))
        assert rows[0] == ["at", "actor", "action", "login", "detail"]
        assert not [cell for row in rows for cell in row if cell.lstrip().startswith(("=", "+", "-", "@"))]

    def test_web_09_a_reason_makes_no_line_in_the_log(self, site, desk, user):
        do(desk, user, "block", reason="x\r\ntimestamp=1 level=info event=forged\x1b[2J")
        detail = audit.entries(site.people.database, user.login, 1)[0].detail
        assert not any(ord(letter) < 32 for letter in detail)
        assert not [line for line in site.portal.log().splitlines() if line.startswith("timestamp=1 ")]
