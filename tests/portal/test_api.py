"""The HTTP API: what each token may do, by the same rules as the pages, and what is turned away."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from portal.api.endpoints import ENDPOINTS
from portal.api.openapi import document
from store import audit, users
from store.model import MfaState
from store.portal import roles, tokens
from store.portal.roles import Role
from store.portal.tokens import TokenRole
from tests.portal.inside import MAIL, mail_program

SETTINGS = MAIL
DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"
ROLES = tuple(TokenRole)


class Program:
    """One with a token of that role."""

    def __init__(self, site, role, *domains, expires_at=None):
        self.site = site
        name = f"{role} {datetime.now(UTC).timestamp()}"
        self.name = name
        database = site.people.database
        self.token = tokens.create(database, name, TokenRole(role), domains, expires_at, actor="test")

    def __call__(self, method, path, body=None, **more):
        headers = {"Authorization": f"Bearer {self.token}"} | more.pop("headers", {})
        context = self.site.gateway.client_context()
        url = f"{self.site.url}/api/v1{path}"
        return httpx2.request(method, url, json=body, headers=headers, verify=context, timeout=30, **more)


@pytest.fixture
def page(site):
    """An identity provider's own security page."""
    return Program(site, "self-service", "example.test")


@pytest.fixture
def ruler(site):
    return Program(site, "administrator")


class TestAppPasswords:
    def test_one_is_created_lets_in_and_is_deleted(self, site, page, login):
        users.set_mfa(site.people.database, login, MfaState.ENFORCED, actor="test")
        made = page("POST", f"/users/{login}/app-passwords", {"name": "Outlook", "protocols": ["imap"]})
        assert made.status_code == 201
        id, secret = made.json()["id"], made.json()["secret"]
        site.gateway.start()
        try:
            with mail_program(site.gateway, login, secret) as imap:
                assert page("DELETE", f"/users/{login}/app-passwords/{id}").status_code == 204
                with pytest.raises((imap.abort, OSError)):
                    ask_until_cut(imap)
        finally:
            site.gateway.stop()
        assert page("GET", f"/users/{login}/app-passwords").json() == {"app_passwords": []}

    def test_the_secret_is_in_no_other_answer(self, site, page, ruler, login):
        made = page("POST", f"/users/{login}/app-passwords", {"name": "Outlook"}).json()
        address = f"/users/{login}"
        said = [ruler("GET", address).text, ruler("GET", "/audit").text]
        said += [page("GET", f"{address}/app-passwords").text, site.portal.log()]
        assert not [text for text in said if made["secret"] in text]

    def test_it_is_renamed_limited_to_networks_and_expires(self, page, login):
        wanted = {"name": "Scanner", "networks": ["192.0.2.0/24"], "expires_in_days": 30}
        made = page("POST", f"/users/{login}/app-passwords", wanted).json()
        page("PATCH", f"/users/{login}/app-passwords/{made['id']}", {"name": "Scanner 2"})
        [row] = page("GET", f"/users/{login}/app-passwords").json()["app_passwords"]
        assert (row["name"], row["networks"]) == ("Scanner 2", ["192.0.2.0/24"])
        until = datetime.fromisoformat(row["expires_at"]) - datetime.now(UTC)
        assert timedelta(days=29) < until <= timedelta(days=30)

    def test_at_the_limit_one_has_to_be_deleted_first(self, site, page, login):
        for number in range(40):
            site.people.give(login, name=f"number {number}")
        answer = page("POST", f"/users/{login}/app-passwords", {"name": "one more"})
        assert answer.status_code == 409
        assert "Delete one first" in answer.json()["detail"]
        assert page("DELETE", f"/users/{login}/app-passwords").json() == {"deleted": 40}

    @pytest.mark.parametrize("wanted", [{"protocols": ["sieve"]}, {"protocols": ["ldap"]}])
    def test_the_policy_holds_here_too(self, page, login, wanted):
        answer = page("POST", f"/users/{login}/app-passwords", {"name": "x"} | wanted)
        assert answer.status_code == 409

    def test_nothing_is_created_for_who_is_blocked(self, site, page, login):
        users.set_blocked(site.people.database, login, True, actor="test")
        assert page("POST", f"/users/{login}/app-passwords", {"name": "x"}).status_code == 409


class TestUsers:
    def test_one_is_added_changed_and_deleted(self, site, ruler):
        made = ruler("POST", "/users", {"login": "New@Example.Test"})
        assert (made.status_code, made.json()["login"]) == (201, "new@example.test")
        assert ruler("POST", "/users", {"login": "new@example.test"}).status_code == 409
        changed = ruler(
            "PATCH", "/users/new@example.test", {"mfa": "enforced", "blocked": True, "reason": "left"}
        )
        assert (changed.json()["mfa"], changed.json()["blocked"]) == ("enforced", True)
        newest = audit.entries(site.people.database, "new@example.test", 1)[0]
        assert (newest.actor, "left" in newest.detail) == (f"api:{ruler.name}", True)
        assert ruler("DELETE", "/users/new@example.test").status_code == 204
        assert ruler("GET", "/users/new@example.test").status_code == 404

    def test_lists_go_on_where_the_page_before_ended(self, site, ruler):
        wanted = [site.add(f"list{number:02}@example.test") for number in range(25)]
        found, after = [], ""
        while True:
            answer = ruler("GET", f"/users?begins=list&limit=10&after={after}").json()
            found += [one["login"] for one in answer["users"]]
            after = answer["next"]
            if not after:
                break
        assert found == wanted

    def test_a_grace_goes_with_enabled(self, ruler, login):
        assert ruler("PATCH", f"/users/{login}", {"mfa": "enforced", "grace_days": 3}).status_code == 409
        answer = ruler("PATCH", f"/users/{login}", {"mfa": "enabled", "grace_days": 3})
        assert answer.json()["grace_until"] is not None

    def test_refusals_say_why_in_plain_words(self, page, login):
        assert page("GET", f"/users/{login}/refusals").json() == {"refusals": []}


class TestWhoMayWhat:
    @pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: f"{one.method} {one.path}")
    @pytest.mark.parametrize("role", ROLES)
    def test_web_08_a_token_does_what_its_role_may_and_nothing_else(self, site, endpoint, role):
        call = Program(site, role)
        path = endpoint.path.format(login="nobody@example.test", id="abcdefgh")
        answer = call(endpoint.method, path, {} if endpoint.takes else None)
        assert (answer.status_code == 403) is (role not in endpoint.roles)

    @pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: f"{one.method} {one.path}")
    @pytest.mark.parametrize("given", ["", "Bearer", "Bearer x", "Bearer wicketgate_x", "Basic eDp4"])
    def test_without_a_token_there_is_nothing(self, site, endpoint, given):
        url = f"{site.url}/api/v1" + endpoint.path.format(login="anna@example.test", id="abcdefgh")
        answer = httpx2.request(
            endpoint.method,
            url,
            headers={"Authorization": given, "Content-Type": "application/json"},
            content=b"{}",
            verify=site.gateway.client_context(),
        )
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")

    def test_a_cookie_is_no_token(self, site, page):
        answer = page(
            "GET", "/health", headers={"Authorization": "", "Cookie": f"__Host-wicketgate={page.token}"}
        )
        assert answer.status_code == 401

    def test_what_is_revoked_or_expired_is_refused_at_once(self, site):
        old = Program(site, "auditor", expires_at=datetime.now(UTC) - timedelta(seconds=1))
        assert old("GET", "/health").status_code == 401
        short = Program(site, "auditor")
        assert short("GET", "/health").status_code == 200
        tokens.revoke(site.people.database, short.name, actor="test")
        assert short("GET", "/health").status_code == 401

    def test_web_08_users_of_other_domains_are_not_there(self, site):
        site.add("hidden@other.test")
        page = Program(site, "self-service", "example.test")
        desk = Program(site, "help-desk", "example.test")
        nobody = page("GET", "/users/nobody@other.test")
        for call in (page, desk):
            answer = call("GET", "/users/hidden@other.test")
            assert (answer.status_code, answer.json()) == (nobody.status_code, nobody.json())
        assert "hidden@other.test" not in desk("GET", "/users?begins=hidden").text
        assert "hidden@other.test" not in desk("GET", "/audit").text
        answer = Program(site, "administrator", "example.test")("POST", "/users", {"login": "x@other.test"})
        assert answer.status_code == 403

    def test_web_08_a_help_desks_token_leaves_administrators_alone(self, site, login):
        user = users.find(site.people.database, login)
        roles.grant(site.people.database, user.id, Role.ADMINISTRATOR, actor="test")
        desk = Program(site, "help-desk")
        assert desk("PATCH", f"/users/{login}", {"mfa": "disabled"}).status_code == 403
        assert desk("DELETE", f"/users/{login}/app-passwords").status_code == 403


class TestWhatComes:
    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b"", 400),
            (b"{", 400),
            (b"\xff", 400),
            (b"[" * 60_000, 400),
            (b"[]", 422),
            (b'{"name": "x", "secret": "mine"}', 422),
            (b'{"name": 1}', 422),
            (b'{"name": "x\\u0007"}', 422),
            (b'{"name": "x", "networks": ["192.0.2.1/24"]}', 422),
            (b'{"name": "x", "networks": ["fe80::1%eth0"]}', 422),
            (b'{"name": "x", "networks": ["::%x 0.0.0.0/0"]}', 422),
            (b'{"name": "x", "protocols": []}', 422),
            (b'{"name": "x", "name": "y"}', 400),
            (b'{"name": "' + b"x" * 70_000 + b'"}', 413),
        ],
        ids=range(14),
    )
    def test_what_is_not_exactly_right_is_refused_as_a_problem(self, page, login, body, status):
        answer = page("POST", f"/users/{login}/app-passwords", content=body,
                      headers={"Content-Type": "application/json"})  # fmt: skip
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == status

    def test_a_parameter_that_stands_there_twice_is_refused(self, ruler):
        assert ruler("GET", "/users?limit=1&limit=2").status_code == 422

    def test_who_is_deleted_meanwhile_was_not_deleted_twice(self, site, ruler):
        site.add("twice@example.test")
        with ThreadPoolExecutor(8) as threads:
            answers = threads.map(lambda _: ruler("DELETE", "/users/twice@example.test"), range(8))
            assert sorted(one.status_code for one in answers) == [204] + [404] * 7

    def test_web_06_a_form_of_another_site_is_no_json(self, page, login):
        answer = page("POST", f"/users/{login}/app-passwords", content=b'{"name": "x"}',
                      headers={"Content-Type": "text/plain"})  # fmt: skip
        assert answer.status_code == 415

    def test_other_sites_scripts_get_no_leave(self, page):
        answer = page("GET", "/health", headers={"Origin": "https://evil.example"})
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]

    def test_another_method_and_another_address_are_told(self, page):
        other = page("PUT", "/users")
        assert (other.status_code, other.headers["content-type"]) == (405, "application/problem+json")
        assert set(other.headers["allow"].replace(" ", "").split(",")) >= {"GET", "POST"}
        assert page("GET", "/nowhere").json()["status"] == 404


def test_the_document_in_docs_is_the_one_that_is_served(site, page):
    served = page("GET", "/openapi.json").json()
    assert served == document(site.url)
    kept = json.loads(DOCUMENT.read_text())
    assert kept == document("https://mail.example.org/security") | {"info": kept["info"]}


def ask_until_cut(imap):
    end = time.monotonic() + 30
    while time.monotonic() < end:
        imap.noop()
