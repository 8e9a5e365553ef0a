"""Two roles on PostgreSQL, as docs/postgresql.md gives them: what neither of the two processes can read."""

import re
from pathlib import Path

import psycopg
import pytest

from store import users
from store.model import MfaState
from store.portal import failures, roles, tokens
from store.portal.failures import Kind
from store.portal.roles import Role
from store.portal.schema import metadata
from store.portal.tokens import TokenRole
from tests.gateway.people import People
from tests.portal.caller import Caller, calling
from tests.portal.inside import MAIL, mail_program, session
from tests.portal.site import MASTER, Site
from tests.servers.certificates import Authority
from tests.servers.gateway import Gateway
from tests.servers.portal import Portal

DOCUMENT = Path(__file__).parents[2] / "docs" / "postgresql.md"
BLOCKS = re.findall(r"```sql\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
GRANTS = [text for text in BLOCKS if "GRANT" in text]
GATEWAY, PORTAL = "wicketgate", "wicketgate_portal"
SECRETS_OF_THE_PORTAL = ("authenticators", "passkeys", "recovery_codes", "main_passwords", "api_tokens")


class Roles(Site):
    """A site whose gateway and portal have a role each. `people` are changed as the owner of the tables."""

    def __init__(self, folder, authority, dovecot, postgresql):
        self.server, self.database = postgresql, postgresql.new_database()
        text = MAIL.replace("PORT", str(dovecot.port("imap", "implicit")))
        text = text.replace('"CA"', f'"{dovecot.ca_file}"').replace("MASTER", MASTER[0])
        self.passes = folder / "passes"
        self.passes.write_text("*:*:*:*:a long secret\n")
        self.passes.chmod(0o600)
        store = self.address(GATEWAY)
        self.gateway = Gateway(folder, text, authority=authority, store=store)
        (folder / "secret").write_text(MASTER[1])
        self.people = People(folder, postgresql.url(self.database))
        self.portal = Portal(self.gateway, self.gateway.third)
        self.portal.environment["WICKETGATE__STORE__URL"] = self.address(PORTAL)
        self.url = self.portal.url

    def address(self, role):
        return self.server.url(self.database, f"passfile={self.passes}", role=role)

    def grant(self):
        for role in (GATEWAY, PORTAL):
            self.server.query(f"DROP ROLE IF EXISTS {role}")
            self.server.query(f"CREATE ROLE {role} LOGIN PASSWORD 'a long secret'")
        for text in GRANTS:
            self.server.query(text, database=self.database)

    def may(self, role, query):
        """Whether the role is allowed to; nothing is changed."""
        with psycopg.connect(self.address(role)) as connection:
            try:
                connection.execute(query)
            except psycopg.errors.InsufficientPrivilege:
                return False
            finally:
                connection.rollback()
        return True


@pytest.fixture(scope="module")
def site(tmp_path_factory, dovecot, postgresql):
    folder = tmp_path_factory.mktemp("roles")
    made = Roles(folder, Authority(folder), dovecot, postgresql)
    made.grant()
    with made.portal:
        yield made
    made.people.close()
    for role in (GATEWAY, PORTAL):
        postgresql.query(f"DROP OWNED BY {role}; DROP ROLE {role}", database=made.database)
    assert "permission denied" not in made.portal.log()


def test_the_portals_role_does_all_that_pages_do(site, login):
    with calling(site) as anna:
        anna.sign_in(login)
        anna.register()
        form = {"name": "Outlook", "protocol-imap": "on", "days": ""}
        anna.submit("/app-passwords/create", form)
        anna.get("/app-passwords/new")
        [made] = users.account(site.people.database, login).app_passwords
        renaming = f"/app-passwords/rename?id={made.id}"
        anna.submit("/app-passwords/rename", {"id": made.id, "name": "Phone"}, renaming)
        assert "Phone" in anna.get("/app-passwords").text
        assert anna.get("/trouble").status_code == anna.get("/sessions").status_code == 200
        anna.submit("/app-passwords/delete", {"id": made.id}, f"/app-passwords/delete?id={made.id}")
        assert users.account(site.people.database, login).app_passwords[0].deleted_at is not None


def test_the_portals_role_does_all_that_a_help_desk_does(site, login):
    database = site.people.database
    desk = users.find(database, site.add("desk@example.test"))
    roles.grant(database, desk.id, Role.ADMINISTRATOR, actor="test")
    user = users.find(database, login)
    site.people.give(login)
    with calling(site) as caller:
        sign_in(caller, desk.login)
        for act in ("mfa", "delete-app-passwords", "block", "unblock", "unlock", "unpin", "reset"):
            answer = caller.submit(f"/help-desk/users/{user.id}/{act}", {"mfa": "enforced"})
            assert answer.status_code == 303, act
        assert caller.get("/help-desk/audit").status_code == 200
    assert users.find(database, login).mfa is MfaState.ENFORCED


@pytest.mark.parametrize(
    "path",
    [
        "/help-desk?q=%00",
        "/help-desk?after=%00",
        "/help-desk/audit?login=%00",
        "/help-desk/audit?before=9999999999",
        "/help-desk/users/2147483648",
        "/help-desk/users/9999999999",
        "/app-passwords/rename?id=%00",
    ],
)
def test_web_09_what_postgresql_can_not_take_is_no_outage(site, path):
    database = site.people.database
    login = "asks@example.test"
    desk = users.find(database, login) or users.find(database, site.add(login))
    roles.grant(database, desk.id, Role.ADMINISTRATOR, actor="test")
    with calling(site) as caller:
        sign_in(caller, desk.login)
        assert caller.get(path).status_code < 500


@pytest.mark.parametrize("path", ["/users?begins=%00", "/audit?actor=%00", "/audit?before=2147483648"])
def test_web_09_nor_is_it_by_the_api(site, path):
    token = tokens.create(site.people.database, path, TokenRole.ADMINISTRATOR, actor="test")
    with calling(site) as caller:
        answer = caller.get("/api/v1" + path, Authorization=f"Bearer {token}")
    assert answer.status_code == 422


def test_the_gateways_role_serves_logins_and_notes_refusals(site, login):
    given = site.people.give(login)
    users.set_mfa(site.people.database, login, MfaState.ENFORCED, actor="test")
    site.gateway.start()
    try:
        with mail_program(site.gateway, login, given.secret) as imap:
            assert imap.select()[0] == "OK"
    finally:
        assert site.gateway.stop() == 0
    assert "permission denied" not in site.gateway.log()


def test_web_15_a_command_with_the_gateways_role_unlocks_the_second_step(site, login):
    database, user = site.people.database, users.find(site.people.database, login)
    while failures.take_a_try(database, user.id, Kind.APP) is None:
        pass
    site.gateway.run("user", "unlock", login)
    assert failures.take_a_try(database, user.id, Kind.APP) is None


def test_the_portal_can_read_no_hash_of_an_app_password(site):
    assert not site.may(PORTAL, "SELECT hash FROM app_passwords")
    assert not site.may(PORTAL, "SELECT * FROM app_passwords")
    assert not site.may(PORTAL, "UPDATE app_passwords SET hash = '' RETURNING id")
    assert site.may(PORTAL, "SELECT name FROM app_passwords")


@pytest.mark.parametrize("table", SECRETS_OF_THE_PORTAL)
def test_the_gateway_can_read_nothing_of_second_steps(site, table):
    assert not site.may(GATEWAY, f"SELECT 1 FROM {table}")
    assert not site.may(GATEWAY, f"DELETE FROM {table}")
    assert site.may(PORTAL, f"SELECT 1 FROM {table}")


def test_the_gateway_may_see_who_has_a_role_and_give_none(site):
    assert site.may(GATEWAY, "SELECT user_id FROM portal_roles")
    assert not site.may(GATEWAY, "SELECT role FROM portal_roles")
    assert not site.may(GATEWAY, "DELETE FROM portal_roles")


@pytest.mark.parametrize("role", [GATEWAY, PORTAL])
def test_nobody_rewrites_the_feed_or_the_audit_trail(site, role):
    for table in ("changes", "audit"):
        assert not site.may(role, f"DELETE FROM {table}")
        assert not site.may(role, f"TRUNCATE {table}")


def test_every_table_is_spoken_of(site):
    granted = " ".join(GRANTS)
    assert [one.name for one in metadata.sorted_tables if not re.search(rf"\b{one.name}\b", granted)] == []


def sign_in(caller: Caller, login: str) -> None:
    caller.client.cookies.set("__Host-wicketgate", session(caller.site, login), domain="localhost.local")
