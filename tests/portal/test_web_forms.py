"""Requests that no page of the portal has made: from other sites, without tokens, with wrong hosts."""

import http.client

import pytest

from portal.pages import PAGES
from portal.visit import Needs
from store import changes
from store.portal.schema import metadata
from tests.portal.caller import KNOWN, LOCAL, SESSION, calling, give_password
from tests.portal.site import MAIN

SETTINGS = LOCAL
_OWN = (Needs.PASSWORD, Needs.SECOND_STEP, Needs.FRESH_SECOND_STEP)
MUTATING = [page.path for page in PAGES if page.post is not None and page.needs in _OWN]
READING = [page.path for page in PAGES if page.get is not None and page.needs in (*_OWN, Needs.NOTHING)]
FORMS = [*MUTATING, "/sign-in"]
# What a page that is looked at may write: that somebody was there, and what the page is in the middle of.
_NOTED = {"portal_sessions", "portal_pending", "main_password_failures"}


@pytest.fixture(scope="module")
def caller(site):
    """Somebody who has done both steps, and a moment ago."""
    with calling(site) as caller:
        caller.sign_up(give_password(site, site.add("forms@example.test")))
        yield caller


@pytest.fixture(scope="module")
def token(caller):
    return caller.token("/")


def held(site):
    """All that is stored and means anything."""
    with site.people.database.read() as connection:
        tables = [table for table in metadata.sorted_tables if table.name not in _NOTED]
        return {table.name: connection.execute(table.select()).all() for table in tables}


class TestWeb06:
    """Cross-site request forgery."""

    @pytest.mark.parametrize("path", MUTATING)
    @pytest.mark.parametrize("sent", [{"x": "y"}, {"token": ""}, {"token": "x" * 43}])
    def test_web_06_no_form_is_taken_without_its_token(self, site, caller, path, sent):
        before = changes.since(site.people.database, 0)
        assert caller.post(path, sent).status_code == 403
        assert changes.since(site.people.database, 0) == before

    @pytest.mark.parametrize("path", FORMS)
    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": ""},
            {"Origin": "http://localhost"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Sec-Fetch-Site": "none"},
            {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        ],
        ids=str,
    )
    def test_web_06_no_form_of_another_site_is_taken_although_it_has_the_token(
        self, caller, token, path, headers
    ):
        assert caller.post(path, {"token": token}, headers).status_code == 403

    @pytest.mark.parametrize("path", FORMS)
    def test_web_06_a_request_that_says_nothing_of_its_origin_is_not_taken(self, site, caller, token, path):
        answer = caller.client.post(site.url + path, data={"token": token})
        assert answer.status_code == 403

    @pytest.mark.parametrize("path", FORMS)
    @pytest.mark.parametrize(
        "kind", ["text/plain", "application/json", "multipart/form-data; boundary=x", "", "application/xml"]
    )
    def test_web_06_no_other_kind_of_body_is_taken(self, site, caller, token, path, kind):
        headers = {"Origin": site.portal.origin, "Content-Type": kind}
        answer = caller.client.post(site.url + path, content=f"token={token}", headers=headers)
        assert answer.status_code == 415

    @pytest.mark.parametrize("path", READING)
    def test_web_06_looking_at_a_page_changes_nothing(self, site, caller, token, path):
        before = held(site)
        assert caller.get(f"{path}?token={token}&id=x&to=/").status_code < 500
        assert held(site) == before

    @pytest.mark.parametrize("path", MUTATING)
    def test_web_06_other_methods_do_nothing(self, site, caller, token, path):
        before = held(site)
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"):
            answer = caller.client.request(method, site.url + path, headers={"Origin": site.portal.origin})
            assert answer.status_code in (200, 303, 405)
            assert "access-control-allow-origin" not in answer.headers
        assert held(site) == before

    def test_web_06_nobody_is_signed_in_by_another_site(self, site, caller):
        """Login CSRF: the victim would go on as the attacker."""
        with calling(site) as victim:
            fields = {"login": "forms@example.test", "password": MAIN}
            answer = victim.post("/sign-in", fields, {"Origin": "https://evil.example"})
            assert (answer.status_code, victim.cookie) == (403, None)

    def test_web_06_the_token_of_one_session_is_not_that_of_another(self, site, caller, token):
        with calling(site) as other:
            other.sign_up(give_password(site, site.add("other@example.test")))
            assert other.post("/sign-out", {"token": token}).status_code == 403


class TestWeb07:
    """Headers."""

    @pytest.mark.parametrize(
        ("method", "path"),
        [("GET", "/sign-in"), ("GET", "/"), ("GET", "/nowhere"), ("GET", "/static/portal.css"),
         ("POST", "/sign-in"), ("PUT", "/sign-in"), ("GET", "/app-passwords/create")],
    )  # fmt: skip
    def test_web_07_every_answer_carries_them(self, site, caller, method, path):
        headers = caller.client.request(method, site.url + path).headers
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["strict-transport-security"].startswith("max-age=")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["referrer-policy"] == "same-origin"
        assert "server" not in headers
        assert "access-control-allow-origin" not in headers

    @pytest.mark.parametrize("path", ["", "/sign-in/", "/setup/", "/api/v1", "/api/v1/", "/api/v1/health/"])
    @pytest.mark.parametrize("host", ["evil.example", "evil.example:443"])
    def test_web_07_no_answer_leads_to_the_host_that_was_asked_for(self, site, caller, path, host):
        answer = caller.client.get(site.url + path, headers={"Host": host})
        assert host not in answer.headers.get("location", "")

    @pytest.mark.parametrize("path", READING)
    def test_web_07_no_page_is_kept_by_anybody(self, caller, path):
        assert caller.get(path).headers["cache-control"] == "no-store"

    @pytest.mark.parametrize("path", READING)
    def test_web_07_no_page_has_scripts_or_styles_in_it(self, caller, path):
        text = caller.get(path).text
        for word in ("<style", " style=", " onclick=", " onload=", "javascript:"):
            assert word not in text
        assert text.count("<script") == text.count('<script type="module" src=')

    def test_web_07_cookies_are_for_this_host_https_and_no_script(self, site):
        with calling(site) as caller:
            login = give_password(site, site.add("cookies@example.test"))
            answers = [caller.sign_in(login), caller.register(), caller.get("/")]
        cookies = [one for answer in answers for one in answer.headers.get_list("set-cookie")]
        assert {one.partition("=")[0] for one in cookies} == {SESSION, KNOWN}
        for cookie in cookies:
            parts = {part.strip().lower() for part in cookie.split(";")[1:]}
            assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts
            assert not any(part.startswith("domain") for part in parts)


class TestWeb10:
    """Hosts and destinations that somebody else has chosen."""

    @pytest.mark.parametrize(
        "host", ["evil.example", "localhost", "localhost:1", "127.0.0.1", "", "evil@localhost"]
    )
    @pytest.mark.parametrize("path", ["/sign-in", "/", "/app-passwords"])
    def test_web_10_another_host_is_answered_with_no_page(self, caller, host, path):
        answer = caller.get(path, Host=host)
        assert answer.status_code in (400, 421)
        assert "evil" not in answer.text

    def test_web_10_forwarded_hosts_are_not_believed(self, site, caller):
        for header in ("X-Forwarded-Host", "Forwarded", "X-Host", "X-Original-URL", "X-Rewrite-URL"):
            answer = caller.get("/", **{header: "host=evil.example"})
            assert (answer.status_code, "evil.example" in answer.text) == (200, False)

    def test_web_10_two_hosts_are_no_host(self, site):
        connection = http.client.HTTPSConnection(
            "localhost", site.portal.port, context=site.gateway.client_context(), timeout=20
        )
        connection.putrequest("GET", "/security/sign-in", skip_host=True)
        connection.putheader("Host", f"localhost:{site.portal.port}")
        connection.putheader("Host", "evil.example")
        connection.endheaders()
        assert connection.getresponse().status == 400
        connection.close()

    @pytest.mark.parametrize(
        "to",
        ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:x",
         "/sign-in?to=//evil.example", "/%2fevil.example", "evil.example", "/x@evil.example", "/a\r\nX: y"],
    )  # fmt: skip
    def test_web_10_nobody_is_sent_elsewhere(self, site, login, to):
        with calling(site) as caller:
            give_password(site, login)
            first = caller.sign_in(login, to=to)
            assert first.headers["location"] == "/security/register"
            caller.register()
            second = caller.second_step(caller.code(1), to=to)
            assert second.headers["location"] == "/security/"
            assert "evil" not in caller.get(f"/sign-in?to={to!r}").text.replace("evil@", "")

    def test_a_form_that_is_too_large_is_not_read(self, site, caller, token):
        answer = caller.post("/sign-in", {"login": "x" * 70_000})
        assert answer.status_code == 413
        fields = {f"field{number}": "x" for number in range(200)}
        assert caller.post("/sign-in", fields).status_code in (400, 403)
