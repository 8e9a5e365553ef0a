"""Setting up mail programs: the fields, Apple's profile, and what programs ask for by themselves."""

import plistlib
import re
import xml.etree.ElementTree as ET

import httpx2
import pytest
from playwright.sync_api import expect

from tests.portal.inside import MAIL, inside, let_in
from tests.portal.site import visitor

SETTINGS = MAIL + '[login]\ndefault_domain = "example.test"\n'
PROGRAMS = [
    "Outlook 2010",
    "Outlook",
    "Thunderbird",
    "Apple Mail",
    "Android",
    "A scanner",
    "A script",
    "Another program",
]
both_sizes = pytest.mark.parametrize("anna", ["phone", "desktop"], indirect=True)
APPLE = "application/x-apple-aspen-config"


@pytest.fixture
def stranger(site):
    """A mail program: no session, no origin."""
    with httpx2.Client(verify=site.gateway.client_context(), base_url=site.portal.origin) as client:
        yield client


def fields(page, program):
    """What the page says to type, by the names of the fields. Later ones of one name win."""
    guide = page.locator("details.guide").filter(has=page.get_by_text(program, exact=True))
    terms = guide.locator("dt").all_inner_texts()
    return dict(zip(terms, guide.locator("dd > span").all_inner_texts(), strict=True))


class TestFields:
    @both_sizes
    def test_a_new_app_password_comes_with_them(self, site, anna, login):
        anna.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.portal.origin)
        let_in(anna, login, "/app-passwords/create?for=outlook")
        anna.page.get_by_role("button", name="Create").click()
        assert anna.page.locator("details.guide > summary").all_inner_texts() == PROGRAMS
        outlook = fields(anna.page, "Outlook 2010")
        imaps, smtps = site.gateway.ports["imaps"], site.gateway.ports["smtps"]
        assert outlook["Incoming mail server"] == outlook["Outgoing mail server (SMTP)"] == "localhost"
        assert outlook["User Name"] == outlook["E-mail Address"] == login
        assert outlook["Incoming server (IMAP)"] == str(imaps)
        assert outlook["Outgoing server (SMTP)"] == str(smtps)
        assert outlook["Use the following type of encrypted connection"] == "SSL"
        assert outlook["Require logon using Secure Password Authentication (SPA)"] == "not ticked"
        assert outlook["My outgoing server (SMTP) requires authentication"] == "ticked"
        anna.page.get_by_role("button", name="Copy Outgoing server (SMTP)").click()
        expect(anna.page.get_by_text("✓")).to_be_visible()
        assert anna.page.evaluate("navigator.clipboard.readText()") == str(smtps)

    def test_without_scripts_they_open_and_can_be_looked_up_later(self, site, browser, login):
        with visitor(site, browser, "phone", scripts=False) as bert:
            let_in(bert, login, "/setup")
            bert.page.get_by_text("Thunderbird", exact=True).click()
            assert fields(bert.page, "Thunderbird")["Connection security"] == "SSL/TLS"
            assert bert.page.get_by_role("button", name="Copy").count() == 0
            expect(bert.page.get_by_text("Authentication method").first).to_be_visible()

    def test_a_scanner_is_told_of_sending_only(self, site, login):
        with inside(site, login) as anna:
            anna.submit("/app-passwords/create", {"name": "Scanner", "protocol-smtp": "yes"})
            page = anna.get("/app-passwords/new").text
        assert re.findall("<summary>([^<]+)", page) == ["A scanner", "A script", "Another program"]
        assert str(site.gateway.ports["imaps"]) not in page
        assert "mobileconfig" not in page


class TestProfile:
    @pytest.fixture
    def made(self, site, login):
        """The app password, and the link to its profile."""
        with inside(site, login) as anna:
            anna.submit(
                "/app-passwords/create", {"name": "Phone", "protocol-imap": "yes", "protocol-smtp": "yes"}
            )
            page = anna.get("/app-passwords/new").text
        secret = re.search(r'data-copy-source="([a-z]{16})"', page)[1]
        return secret, re.search(r'href="(https://[^"]+/setup/mail\.mobileconfig\?key=[^"]+)"', page)[1]

    def test_a_phone_gets_all_it_needs_by_the_link_once(self, site, stranger, login, made):
        secret, link = made
        assert link.startswith(site.url)
        answer = stranger.get(link)
        assert answer.headers["content-type"] == APPLE
        assert answer.headers["cache-control"] == "no-store"
        mail = plistlib.loads(answer.content)["PayloadContent"][0]
        assert mail["PayloadType"] == "com.apple.mail.managed"
        assert mail["EmailAccountType"] == "EmailTypeIMAP"
        for side in ("Incoming", "Outgoing"):
            assert mail[f"{side}MailServerUseSSL"] is True
            assert mail[f"{side}MailServerHostName"] == "localhost"
            assert mail[f"{side}MailServerUsername"] == login
        assert mail["IncomingMailServerPortNumber"] == site.gateway.ports["imaps"]
        assert mail["OutgoingMailServerPortNumber"] == site.gateway.ports["smtps"]
        assert mail["IncomingPassword"] == secret
        again = stranger.get(link)
        assert again.status_code == 404
        assert "This link is used up" in again.text
        assert secret not in site.portal.log()

    def test_looking_ahead_does_not_use_it_up(self, stranger, made):
        assert stranger.head(made[1]).status_code == 204
        assert stranger.get(made[1], headers={"Sec-Purpose": "prefetch"}).status_code == 204
        assert stranger.get(made[1]).status_code == 200

    @pytest.mark.parametrize("key", ["", "x", "x" * 10_000, "%00", "%ff"])
    def test_a_guessed_link_gives_nothing(self, site, stranger, made, key):
        answer = stranger.get(f"{site.url}/setup/mail.mobileconfig?key={key}")
        assert answer.status_code == (400 if key == "%00" else 404)  # no page takes a NUL
        assert stranger.get(made[1]).status_code == 200

    def test_once_the_app_password_is_deleted_it_gives_nothing(self, site, stranger, login, made):
        with inside(site, login) as anna:
            anna.submit("/app-passwords/delete-all")
        assert stranger.get(made[1]).status_code == 404

    def test_of_a_blocked_user_it_gives_nothing(self, site, stranger, login, made):
        site.people.block(login)
        assert stranger.get(made[1]).status_code == 404

    def test_web_10_the_link_is_to_the_portal_whatever_host_was_asked(self, site, login):
        with inside(site, login) as anna:
            anna.submit("/app-passwords/create", {"name": "Phone", "protocol-imap": "yes"})
            answer = anna.get("/app-passwords/new", Host="evil.test")
            assert answer.status_code == 421
            page = anna.get("/app-passwords/new", **{"X-Forwarded-Host": "evil.test"}).text
        assert "evil.test" not in page


class TestAutoconfig:
    @pytest.mark.parametrize(
        "path", ["/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml"]
    )
    def test_thunderbird_finds_the_servers(self, site, stranger, path):
        answer = stranger.get(
            path, params={"emailaddress": "nobody@example.test"}, headers={"Host": "autoconfig.example.test"}
        )
        assert answer.headers["content-type"].startswith("text/xml")
        provider = ET.fromstring(answer.content).find("emailProvider")
        assert [one.text for one in provider.findall("domain")] == ["example.test"]
        found = {
            server.get("type"): {child.tag: child.text for child in server}
            for tag in ("incomingServer", "outgoingServer")
            for server in provider.findall(tag)
        }
        usual = {
            "hostname": "localhost",
            "socketType": "SSL",
            "authentication": "password-cleartext",
            "username": "%EMAILADDRESS%",
        }
        assert found == {
            "imap": {**usual, "port": str(site.gateway.ports["imaps"])},
            "smtp": {**usual, "port": str(site.gateway.ports["smtps"])},
        }
        assert provider.find("documentation").get("url") == site.url + "/app-passwords"


REQUEST = """<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">
  <Request>
    <EMailAddress>{address}</EMailAddress>
    <AcceptableResponseSchema>{schema}</AcceptableResponseSchema>
  </Request>
</Autodiscover>"""
OUTLOOK = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
PHONE = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"
AROUND = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"


def ask(stranger, body, path="/autodiscover/autodiscover.xml", **headers):
    headers = {"Content-Type": "text/xml; charset=utf-8", **headers}
    return stranger.post(path, content=body, headers=headers)


def discovered(answer):
    root = ET.fromstring(answer.content)
    assert root.tag == f"{{{AROUND}}}Autodiscover"
    return [
        {child.tag.rpartition("}")[2]: child.text for child in protocol}
        for protocol in root.iter(f"{{{OUTLOOK}}}Protocol")
    ]


def code(answer):
    assert answer.status_code == 200
    return ET.fromstring(answer.content).find(f".//{{{AROUND}}}ErrorCode").text


class TestAutodiscover:
    @pytest.mark.parametrize(
        "path", [f"/{word}/{word}.xml" for word in ("autodiscover", "Autodiscover", "AutoDiscover")]
    )
    def test_outlook_2010_finds_the_servers(self, site, stranger, path):
        body = REQUEST.format(address="anna@example.test", schema=OUTLOOK)
        answer = ask(stranger, body, path, Host="autodiscover.example.test", Authorization="Basic eDp5")
        usual = {
            "Server": "localhost",
            "LoginName": "anna@example.test",
            "DomainRequired": "off",
            "SPA": "off",
            "SSL": "on",
            "Encryption": "SSL",
            "AuthRequired": "on",
        }
        assert discovered(answer) == [
            {"Type": "IMAP", "Port": str(site.gateway.ports["imaps"]), **usual},
            {
                "Type": "SMTP",
                "Port": str(site.gateway.ports["smtps"]),
                **usual,
                "UsePOPAuth": "on",
                "SMTPLast": "off",
            },
        ]

    def test_nobody_learns_who_exists(self, stranger, login):
        known, unknown = (
            ask(stranger, REQUEST.format(address=one, schema=OUTLOOK)).text.replace(one, "ADDRESS")
            for one in (login, "nobody@example.test")
        )
        assert known == unknown

    def test_phones_with_activesync_are_told_that_there_is_none(self, stranger):
        assert code(ask(stranger, REQUEST.format(address="anna@example.test", schema=PHONE))) == "601"

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"\xff\xfe\x00",
            b"<Autodiscover/>",
            b"not xml",
            REQUEST.format(address="anna", schema=OUTLOOK),
            REQUEST.format(address="a\u202eb@example.test", schema=OUTLOOK),
            REQUEST.format(address="x" * 600 + "@example.test", schema=OUTLOOK),
            REQUEST.format(address="<a>" * 500 + "</a>" * 500, schema=OUTLOOK),
            REQUEST.replace("requestschema/2006", "requestschema/2007").format(
                address="a@b.c", schema=OUTLOOK
            ),
        ],
        ids=range(9),
    )
    def test_what_is_no_request_gets_the_protocols_own_error(self, stranger, body):
        assert code(ask(stranger, body)) == "600"

    def test_a_large_document_is_refused(self, stranger):
        body = REQUEST.format(address="anna@example.test", schema=OUTLOOK) + " " * 20_000
        assert ask(stranger, body).status_code == 413

    @pytest.mark.parametrize(
        "declared",
        [
            '<!ENTITY e SYSTEM "file:///etc/hostname">',
            '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY e "&b;&b;&b;&b;">',
            '<!ENTITY % p SYSTEM "https://localhost:1/x"> %p;',
        ],
    )
    def test_entities_are_refused(self, stranger, declared):
        head, rest = REQUEST.format(address="&e;@example.test", schema=OUTLOOK).split("\n", 1)
        answer = ask(stranger, f"{head}\n<!DOCTYPE Autodiscover [{declared}]>\n{rest}")
        assert code(answer) == "600"
        assert "aaaa" not in answer.text

    def test_web_09_markup_in_an_address_comes_back_as_text_or_not_at_all(self, stranger):
        body = REQUEST.format(address="a&lt;b&gt;@example.test", schema=OUTLOOK)
        assert code(ask(stranger, body)) == "600"
        body = REQUEST.format(address="a&amp;b@example.test", schema=OUTLOOK)
        assert {one["LoginName"] for one in discovered(ask(stranger, body))} == {"a&b@example.test"}


def test_mail_programs_may_come_to_these_pages_only(site, stranger):
    """The host, the origin and the session are asked for everywhere else."""
    assert stranger.get("/security/sign-in", headers={"Host": "autoconfig.example.test"}).status_code == 421
    answer = ask(stranger, "x=y", "/security/sign-in")
    assert answer.status_code == 403
    for path in ("/mail/config-v1.1.xml", "/autodiscover/autodiscover.xml"):
        assert stranger.get("/security" + path).status_code == 404
