"""App passwords in the portal: created, shown once, used, renamed and deleted."""

import imaplib
import re
import time

import pytest
from babel.dates import format_date
from playwright.sync_api import expect

from store import audit
from tests.portal.inside import MAIL, inside, let_in, mail_program, named
from tests.portal.site import visitor

SETTINGS = MAIL
both_sizes = pytest.mark.parametrize("anna", ["phone", "desktop"], indirect=True)


@pytest.fixture(scope="module")
def gateway(site):
    site.gateway.start()
    yield site.gateway
    site.gateway.stop()


def create(visitor, name):
    """Returns the app password as it stands on the page."""
    visitor.page.get_by_role("link", name="Create", exact=True).click()
    visitor.page.get_by_label("Name").fill(name)
    visitor.page.get_by_role("button", name="Create").click()
    expect(visitor.page.get_by_role("heading", name="Your app password")).to_be_visible()
    return visitor.page.locator(".secret").inner_text().replace(" ", "")


def ask_until_cut(imap: imaplib.IMAP4) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        imap.noop()


class TestTheFiveSteps:
    @both_sizes
    def test_create_name_copy_listed_paste_connected_and_delete(self, site, gateway, anna, login):
        anna.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.portal.origin)
        let_in(anna, login)
        shown = create(anna, "Outlook 2010 on my laptop")
        anna.page.get_by_role("button", name="Copy", exact=True).first.click()
        expect(anna.page.get_by_text("Copied")).to_be_visible()
        secret = anna.page.evaluate("navigator.clipboard.readText()")
        assert re.fullmatch("[a-z]{16}", secret)
        assert secret == shown
        with mail_program(gateway, login, secret, "Thunderbird") as imap:
            assert imap.select()[0] == "OK"
            news = anna.page.locator(".news")
            expect(news).to_have_text("Connected: Thunderbird, IMAP, 127.0.0.1", timeout=20_000)
            anna.page.get_by_role("link", name="Done").click()
            row = anna.page.get_by_role("row").filter(has_text="Outlook 2010 on my laptop")
            expect(row).to_contain_text("IMAP, Thunderbird, 127.0.0.1")
            row.get_by_role("link", name="Delete").click()
            anna.page.get_by_role("button", name="Yes").click()
            expect(anna.page.get_by_text("You have no app passwords yet")).to_be_visible()
            with pytest.raises((imaplib.IMAP4.abort, OSError)):
                ask_until_cut(imap)
        with pytest.raises(imaplib.IMAP4.error), mail_program(gateway, login, secret):
            pass

    def test_the_same_without_scripts(self, site, gateway, browser, login):
        with visitor(site, browser, "phone", scripts=False) as bert:
            let_in(bert, login)
            secret = create(bert, "Scanner")
            bert.page.get_by_role("link", name="Did it connect?").click()
            assert secret not in bert.page.content()
            expect(bert.page.locator(".news")).to_contain_text("Waiting")
            with mail_program(gateway, login, secret, "<b>Scanner</b>"):
                for _ in range(200):
                    bert.page.get_by_role("link", name="Check again").click()
                    if "Connected" in bert.page.locator(".news").inner_text():
                        break
            expect(bert.page.locator(".news")).to_have_text("Connected: <b>Scanner</b>, IMAP, 127.0.0.1")
            bert.page.get_by_role("link", name="Done").click()
            bert.page.get_by_role("link", name="Delete Scanner").click()
            bert.page.get_by_role("button", name="Yes").click()
            assert named(site, login) == {}

    def test_the_page_says_why_it_failed(self, site, gateway, anna, login):
        let_in(anna, login, "/app-passwords/create?for=scanner")
        anna.page.get_by_role("button", name="Create").click()
        secret = anna.page.locator(".secret").inner_text().replace(" ", "")
        with pytest.raises(imaplib.IMAP4.error), mail_program(gateway, login, secret, "Phone"):
            pass
        expect(anna.page.locator(".news")).to_contain_text(
            "It was refused: Phone, IMAP, 127.0.0.1. Its app password isn't for this.", timeout=20_000
        )


class TestCreating:
    def test_presets_fill_in_the_name_and_what_it_may_do(self, site, login):
        with inside(site, login) as anna:
            found = {}
            for preset in ("outlook", "thunderbird", "phone", "scanner", "script"):
                page = anna.get(f"/app-passwords/create?for={preset}").text
                name = re.search(r'id="name" name="name" value="([^"]+)"', page)[1]
                found[preset] = name, re.findall(r'name="protocol-(\w+)" value="yes" checked', page)
        assert found == {
            "outlook": ("Outlook", ["imap", "smtp"]),
            "thunderbird": ("Thunderbird", ["imap", "smtp"]),
            "phone": ("My phone", ["imap", "smtp"]),
            "scanner": ("Scanner", ["smtp"]),
            "script": ("Script", ["imap", "smtp"]),
        }

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"name": " "}, "1 to 64 characters"),
            ({"name": "x" * 65}, "1 to 64 characters"),
            ({"protocol-imap": None, "protocol-ldap": "yes"}, "at least one thing"),
            ({"days": "1000"}, "how long"),
            ({"networks": "10.0.0.0/8 here"}, "192.0.2.0/24"),
            ({"networks": "fe80::1%eth0"}, "192.0.2.0/24"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_is_made(self, site, login, fields, said):
        sent = {"name": "Phone", "protocol-imap": "yes", "days": "", "networks": ""} | fields
        with inside(site, login) as anna:
            answer = anna.submit(
                "/app-passwords/create", {key: value for key, value in sent.items() if value is not None}
            )
        assert answer.status_code == 400
        assert said in answer.text
        assert named(site, login) == {}

    def test_expiry_and_networks_are_kept_and_listed(self, site, login):
        fields = {"name": "Printer", "protocol-smtp": "yes", "days": "30", "networks": "192.0.2.0/24, ::1"}
        with inside(site, login) as anna:
            anna.submit("/app-passwords/create", fields)
            page = anna.get("/app-passwords").text
        made = named(site, login)["Printer"]
        assert [str(network) for network in made.networks] == ["192.0.2.0/24", "::1/128"]
        assert format_date(made.expires_at, "medium", locale="en") in page
        assert "from 192.0.2.0/24, ::1/128" in page
        assert "1 of 40" in page

    def test_at_the_limit_one_is_deleted_first_on_the_same_page(self, site, browser, login):
        given = [site.people.give(login, f"Device {number}") for number in range(40)]
        with visitor(site, browser, scripts=False) as bert:
            let_in(bert, login)
            expect(bert.page.get_by_text("40 of 40")).to_be_visible()
            bert.page.get_by_role("link", name="Create", exact=True).click()
            expect(bert.page.get_by_role("heading", name="Delete one first")).to_be_visible()
            bert.page.get_by_label("Delete Device 7", exact=True).click()
            bert.page.get_by_role("button", name="Yes, delete Device 7").click()
            assert bert.path() == "/app-passwords/create"
            expect(bert.page.get_by_text("You have 39 of 40")).to_be_visible()
        assert set(named(site, login)) == {one.name for one in given} - {"Device 7"}

    def test_who_creates_the_41st_by_a_form_of_before_is_asked_the_same(self, site, login):
        with inside(site, login) as anna:
            token = anna.token("/app-passwords/create")
            for number in range(40):
                site.people.give(login, f"Device {number}")
            fields = {"token": token, "name": "One more", "protocol-imap": "yes"}
            answer = anna.post("/app-passwords/create", fields)
        assert "Delete one first" in answer.text
        assert len(named(site, login)) == 40

    def test_those_that_have_expired_make_room(self, site, login):
        for number in range(40):
            site.people.give(login, f"Device {number}", expired=True)
        with inside(site, login) as anna:
            assert "You have 0 of 40" in anna.get("/app-passwords/create").text
            assert anna.get("/app-passwords").text.count(">expired<") == 40


class TestDeletingAll:
    @both_sizes
    def test_all_clients_are_cut_after_one_yes(self, site, gateway, anna, login):
        given = [site.people.give(login, name) for name in ("Laptop", "Phone")]
        other = site.people.give(site.add(f"other-of-{login}"), "Not mine")
        let_in(anna, login)
        with (
            mail_program(gateway, login, given[0].secret) as one,
            mail_program(gateway, login, given[1].secret) as two,
        ):
            anna.page.get_by_role("link", name="Delete all").click()
            expect(anna.page.get_by_role("heading", level=1)).to_have_text("Delete all 2 app passwords?")
            anna.page.get_by_role("link", name="No", exact=True).click()
            assert set(named(site, login)) == {"Laptop", "Phone"}
            anna.page.get_by_role("link", name="Delete all").click()
            anna.page.get_by_role("button", name="Yes, delete all").click()
            expect(anna.page.get_by_text("You have no app passwords yet")).to_be_visible()
            for imap in (one, two):
                with pytest.raises((imaplib.IMAP4.abort, OSError)):
                    ask_until_cut(imap)
        assert named(site, login) == {}
        assert other.id in {one.id for one in named(site, f"other-of-{login}").values()}


class TestRenaming:
    def test_whatever_uses_it_goes_on(self, site, gateway, anna, login):
        given = site.people.give(login, "test")
        with mail_program(gateway, login, given.secret) as imap:
            let_in(anna, login)
            anna.page.get_by_role("link", name="Rename test").click()
            anna.page.get_by_label("Name").fill("Outlook at home")
            anna.page.get_by_role("button", name="Rename").click()
            expect(anna.page.get_by_role("rowheader", name="Outlook at home")).to_be_visible()
            assert imap.noop()[0] == "OK"
        newest = audit.entries(site.people.database, login, 1)[0]
        assert (newest.actor, newest.action) == (f"portal:{login}", "app-password-renamed")

    def test_a_name_that_can_be_none_is_refused(self, site, login):
        given = site.people.give(login, "test")
        with inside(site, login) as anna:
            page = f"/app-passwords/rename?id={given.id}"
            answer = anna.submit("/app-passwords/rename", {"id": given.id, "name": "a\tb"}, page)
        assert answer.status_code == 400
        assert set(named(site, login)) == {"test"}


class TestAttacks:
    def test_web_07_no_cache_keeps_the_page_that_shows_it(self, site, login):
        with inside(site, login) as anna:
            anna.submit("/app-passwords/create", {"name": "Phone", "protocol-imap": "yes"})
            page = anna.get("/app-passwords/new")
            assert page.headers["cache-control"] == "no-store"
            secret = re.search(r'data-copy-source="([a-z]{16})"', page.text)[1]
            assert anna.get("/app-passwords/new").status_code == 303
            id = named(site, login)["Phone"].id
            for path in ("/app-passwords", "/setup", f"/app-passwords/connected?id={id}", "/trouble"):
                answer = anna.get(path)
                assert answer.headers["cache-control"] == "no-store"
                assert secret not in answer.text
        assert secret not in site.portal.log()

    def test_web_08_another_users_app_password_is_none(self, site, login):
        other = site.add(f"other-of-{login}")
        theirs = site.people.give(other, "Their phone")
        mine = site.people.give(login, "mine")
        with inside(site, login) as anna:
            for page in ("delete", "rename", "connected"):
                answer = anna.get(f"/app-passwords/{page}?id={theirs.id}")
                assert anna.place(answer) == "/app-passwords"
            assert anna.get(f"/app-passwords/connected.json?id={theirs.id}").status_code == 404
            fields = {"id": theirs.id, "name": "Stolen"}
            for page in ("delete", "rename"):
                anna.submit(f"/app-passwords/{page}", fields, f"/app-passwords/rename?id={mine.id}")
        assert set(named(site, other)) == {"Their phone"}
        assert set(named(site, login)) == {"mine"}

    def test_web_09_names_are_text_and_no_markup(self, site, anna, login):
        name = "<img src=x onerror=alert(1)>'\"&{{7*7}}"
        said = []
        anna.page.on("dialog", lambda dialog: said.append(dialog) or dialog.dismiss())
        anna.page.on("console", lambda message: said.append(message.text))
        let_in(anna, login)
        create(anna, name)
        expect(anna.page.locator("section strong").first).to_have_text(name)
        anna.page.get_by_role("link", name="Done").click()
        expect(anna.page.get_by_role("rowheader")).to_contain_text(name)
        for page in ("rename", "delete", "connected"):
            anna.go(f"/app-passwords/{page}?id={named(site, login)[name].id}")
            expect(anna.page.get_by_role("heading", level=1)).to_contain_text(name)
        assert said == []
        assert anna.page.locator("main img").count() == 0
