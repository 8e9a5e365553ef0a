"""The list of app passwords: who comes there, from where, and what deserves a look."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from store import schema
from tests.portal.caller import calling
from tests.portal.inside import MAIL, inside, let_in, named

SETTINGS = (
    MAIL
    + """
[[policy.override]]
domains = ["frozen.test"]
app_passwords = "no-new"
[[policy.override]]
domains = ["denied.test"]
app_passwords = "denied"
[[policy.override]]
domains = ["reading.test"]
protocols = ["smtp"]
app_passwords = "no-new"
"""
)
ROW = re.compile(r'<th scope="row">([\w ]+?)((?: <span class="badge">[^<]+</span>)*)</th>')


def set_times(site, id, used, expires):
    """As if it had been used and limited then."""
    with site.people.database.write() as connection:
        table = schema.app_passwords
        values = {"last_used_protocol": "imap", "last_used_address": "192.0.2.7", "last_used_client": ""}
        connection.execute(
            update(table)
            .where(table.c.id == id)
            .values(last_used_at=used, expires_at=expires, **(values if used else {}))
        )


class TestWherePolicyDoesNotAllowThem:
    @pytest.mark.parametrize("domain", ["frozen.test", "denied.test"])
    def test_the_option_is_not_shown_and_its_address_says_so(self, site, login, domain):
        who = site.add(f"{login.partition('@')[0]}@{domain}")
        with inside(site, who) as anna:
            assert "App passwords" not in anna.get("/").text
            for path in ("/app-passwords", "/app-passwords/create", "/setup"):
                answer = anna.get(path)
                assert answer.status_code == 403
                assert "App passwords are not allowed" in answer.text
            fields = {"name": "Phone", "protocol-imap": "yes", "token": anna.token("/")}
            assert anna.post("/app-passwords/create", fields).status_code == 403
        assert named(site, who) == {}

    @pytest.mark.parametrize("domain", ["frozen.test", "denied.test"])
    def test_those_that_exist_can_be_deleted(self, site, anna, login, domain):
        who = site.add(f"{login.partition('@')[0]}@{domain}")
        site.people.give(who, "Old phone")
        let_in(anna, who, "/")
        anna.page.get_by_role("main").get_by_role("link", name="App passwords").click()
        assert anna.page.get_by_role("link", name="Create", exact=True).count() == 0
        anna.page.get_by_role("link", name="Delete Old phone").click()
        anna.page.get_by_role("button", name="Yes").click()
        assert named(site, who) == {}

    def test_a_protocol_that_is_not_allowed_is_not_offered_nor_taken(self, site, login):
        who = site.add(f"{login.partition('@')[0]}@reading.test")
        with inside(site, who) as anna:
            page = anna.get("/app-passwords/create").text
            assert re.findall(r'name="protocol-(\w+)"', page) == ["imap"]
            assert "?for=scanner" not in page
            fields = {"name": "Phone", "protocol-imap": "yes", "protocol-smtp": "yes"}
            anna.submit("/app-passwords/create", fields)
        assert named(site, who)["Phone"].scopes == {"imap"}


class TestComingIn:
    def test_organisations_can_link_to_the_page_directly(self, site, login):
        with calling(site) as anna:
            anna.sign_up(login)
            anna.client.cookies.clear()
            assert anna.place(anna.get("/app-passwords")) == "/sign-in?to=/app-passwords"
            assert 'name="to" value="/app-passwords"' in anna.get("/sign-in?to=/app-passwords").text
            second = anna.place(anna.sign_in(login, to="/app-passwords"))
            assert second == "/second-step?to=/app-passwords"
            assert anna.place(anna.second_step(anna.codes[0], to="/app-passwords")) == "/app-passwords"
            assert anna.get("/app-passwords").status_code == 200

    def test_a_link_with_a_query_leads_to_just_that(self, site, login):
        page, to = (
            "/app-passwords/create?for=scanner&name=M%C3%BCller",
            "to=/app-passwords/create%3Ffor%3Dscanner",
        )
        with calling(site) as anna:
            anna.sign_up(login)
            anna.client.cookies.clear()
            first = anna.place(anna.get(page))
            assert first.startswith(f"/sign-in?{to}")
            [wanted] = re.findall(r'name="to" value="([^"]*)"', anna.get(first).text)[:1]
            second = anna.place(anna.sign_in(login, to=html.unescape(wanted)))
            assert second.startswith(f"/second-step?{to}")
            [wanted] = set(re.findall(r'name="to" value="(/app[^"]*)"', anna.get(second).text))
            assert anna.place(anna.second_step(anna.codes[0], to=html.unescape(wanted))) == page

    def test_who_chooses_a_language_stays_on_the_page(self, site, login):
        given = site.people.give(login)
        page = f"/app-passwords/rename?id={given.id}"
        with inside(site, login) as anna:
            anna.get("/")
            chosen = anna.submit("/language", {"language": "de", "to": page}, page="/")
            assert anna.place(chosen) == page
            assert f'name="to" value="{page}"' in anna.get(page).text

    @pytest.mark.parametrize("page", ["/", "/methods"])
    def test_the_account_page_and_the_security_page_lead_there(self, site, login, page):
        with inside(site, login) as anna:
            content = anna.get(page).text.partition("<main")[2]
        assert 'href="/security/app-passwords"' in content


class TestBadges:
    def test_what_deserves_a_look_is_marked(self, site, login):
        now = datetime.now(UTC)
        times = {  # created, and then: last used, expires
            "In use": (now - timedelta(days=89), None),
            "Forgotten": (now - timedelta(days=91), None),
            "New": (None, None),
            "Ending": (now, now + timedelta(days=13)),
            "Lasting": (now, now + timedelta(days=15)),
            "Ended": (now, now - timedelta(days=1)),
        }
        for name, (used, expires) in times.items():
            set_times(site, site.people.give(login, name).id, used, expires)
        with inside(site, login) as anna:
            page = anna.get("/app-passwords").text
        rows = {row[0]: re.findall(r'badge">([^<]+)<', row[1]) for row in ROW.findall(page)}
        assert rows == {
            "In use": [],
            "Forgotten": ["unused for 90 days"],
            "New": ["never used"],
            "Ending": ["expires soon"],
            "Lasting": [],
            "Ended": ["expired"],
        }
        assert "5 of 40" in page
