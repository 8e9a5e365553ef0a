"""WEB-08: every page, for everybody. A page that isn't in the table fails the test."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from portal.pages import PAGES
from portal.visit import Needs
from store import users
from store.portal import roles, sessions
from store.portal.roles import Held, Role
from store.portal.sessions import Lifetime, Stage
from tests.portal.caller import LOCAL, SESSION, calling
from tests.portal.inside import session

SETTINGS = LOCAL
VISITORS = ("nobody", "password", "user", "auditor", "elsewhere", "desk", "administrator")
# For each visitor: s is sent to sign in, 2 to the second step, - finds no such page, + comes in.
OPEN, OWN, FIRST = "+++++++", "s2+++++", "s++++++"
LOOKS, HELPS, RULES = "s2-++++", "s2--+++", "s2----+"
# The help desk of another domain finds no such user.
LOOKS_AT_USER, HELPS_USER = "s2-+-++", "s2---++"
TABLE = {
    "GET /": OWN,
    "GET /sign-in": OPEN,
    "POST /sign-in": OPEN,
    "GET /sign-in/oidc": "-------",
    "GET /sign-in/oidc/callback": "-------",
    "POST /language": OPEN,
    "POST /sign-out": "s++++++",
    "GET /second-step": FIRST,
    "POST /second-step": FIRST,
    "POST /second-step/passkey": FIRST,
    "GET /register": OWN,
    "GET /register/passkey": OWN,
    "POST /register/passkey": OWN,
    "GET /register/authenticator": OWN,
    "POST /register/authenticator": OWN,
    "GET /methods": OWN,
    "GET /methods/rename": OWN,
    "POST /methods/rename": OWN,
    "GET /methods/remove": OWN,
    "POST /methods/remove": OWN,
    "GET /recovery-codes": OWN,
    "POST /recovery-codes": OWN,
    "GET /sessions": OWN,
    "POST /sessions/end": OWN,
    "POST /sessions/end-others": OWN,
    "GET /app-passwords": OWN,
    "GET /app-passwords/create": OWN,
    "POST /app-passwords/create": OWN,
    "GET /app-passwords/new": OWN,
    "GET /app-passwords/connected": OWN,
    "GET /app-passwords/connected.json": OWN,
    "GET /app-passwords/rename": OWN,
    "POST /app-passwords/rename": OWN,
    "GET /app-passwords/delete": OWN,
    "POST /app-passwords/delete": OWN,
    "GET /app-passwords/delete-all": OWN,
    "POST /app-passwords/delete-all": OWN,
    "GET /setup": OWN,
    "GET /setup/mail.mobileconfig": OPEN,
    "GET /trouble": OWN,
    "POST /trouble/unlock": OWN,
    "POST /trouble/dismiss": OWN,
    "GET /enrol/{link}": FIRST,
    "POST /enrol/{link}": FIRST,
    "GET /help-desk": LOOKS,
    "GET /help-desk/policy": LOOKS,
    "GET /help-desk/audit": LOOKS,
    "GET /help-desk/audit.csv": LOOKS,
    "GET /help-desk/states": RULES,
    "POST /help-desk/states": RULES,
    "POST /help-desk/states/set": RULES,
    "GET /help-desk/tokens": RULES,
    "POST /help-desk/tokens": RULES,
    "GET /help-desk/tokens/new": RULES,
    "GET /help-desk/tokens/revoke": RULES,
    "POST /help-desk/tokens/revoke": RULES,
    "GET /help-desk/link": HELPS,
    "GET /help-desk/users/{id}": LOOKS_AT_USER,
    "GET /help-desk/users/{id}/mfa": HELPS_USER,
    "POST /help-desk/users/{id}/mfa": HELPS_USER,
    "GET /help-desk/users/{id}/delete-app-passwords": HELPS_USER,
    "POST /help-desk/users/{id}/delete-app-passwords": HELPS_USER,
    "GET /help-desk/users/{id}/reset": HELPS_USER,
    "POST /help-desk/users/{id}/reset": HELPS_USER,
    "GET /help-desk/users/{id}/unlock": HELPS_USER,
    "POST /help-desk/users/{id}/unlock": HELPS_USER,
    "GET /help-desk/users/{id}/unpin": HELPS_USER,
    "POST /help-desk/users/{id}/unpin": HELPS_USER,
    "GET /help-desk/users/{id}/block": HELPS_USER,
    "POST /help-desk/users/{id}/block": HELPS_USER,
    "GET /help-desk/users/{id}/unblock": HELPS_USER,
    "POST /help-desk/users/{id}/unblock": HELPS_USER,
    "GET /mail/config-v1.1.xml": OPEN,
    "GET /.well-known/autoconfig/mail/config-v1.1.xml": OPEN,
    "POST /autodiscover/autodiscover.xml": OPEN,
    "POST /Autodiscover/Autodiscover.xml": OPEN,
    "POST /AutoDiscover/AutoDiscover.xml": OPEN,
}
ROLES = {
    "auditor": Held(Role.AUDITOR),
    "elsewhere": Held(Role.HELP_DESK, frozenset(["other.test"])),
    "desk": Held(Role.HELP_DESK, frozenset(["example.test"])),
    "administrator": Held(Role.ADMINISTRATOR),
}


@dataclass(frozen=True)
class Walker:
    """Asks for every page as somebody who has just come, so that no page spoils the next."""

    caller: object
    who: str
    target: int

    def marks(self):
        found = {}
        for page in PAGES:
            for method, handler in (("GET", page.get), ("POST", page.post)):
                if handler is not None:
                    found[f"{method} {page.path}"] = self._mark(method, page)
        return found

    def _mark(self, method, page):
        site, client = self.caller.site, self.caller.client
        client.cookies.clear()
        token = self._come()
        base = site.portal.origin if page.needs is Needs.MAIL_PROGRAM else site.url
        path = page.path.format(id=self.target, link="0" * 64)
        answer = client.request(
            method,
            base + path,
            data={"token": token} if method == "POST" else None,
            headers={"Origin": site.portal.origin},
        )
        assert answer.status_code < 500, (method, path)
        place = self.caller.place(answer)
        if place.startswith("/sign-in?"):
            return "s"
        if place.startswith("/second-step"):
            return "2"
        return "-" if answer.status_code == 404 and "There is no such page" in answer.text else "+"

    def _come(self):
        """Signed in a moment ago; the token for forms."""
        if self.who == "nobody":
            return ""
        database, login = self.caller.site.people.database, f"{self.who}@example.test"
        cookie = session(self.caller.site, login)
        if self.who == "password":
            user = users.find(database, login).id
            cookie = sessions.begin(database, user, Stage.PASSWORD, "127.0.0.1", "test")
        self.caller.client.cookies.set(SESSION, cookie, domain="localhost.local")
        return sessions.find(database, cookie, Lifetime(timedelta(days=1), timedelta(days=1))).form_token


@pytest.fixture(scope="module")
def target(site):
    for who in VISITORS[1:]:
        site.add(f"{who}@example.test")
        if who in ROLES:
            user, held = users.find(site.people.database, f"{who}@example.test"), ROLES[who]
            roles.grant(site.people.database, user.id, held.role, held.domains, actor="test")
    return users.find(site.people.database, site.add("target@example.test")).id


@pytest.mark.parametrize("who", VISITORS)
def test_web_08_every_page_lets_in_whom_it_should_and_nobody_else(site, target, who):
    expected = {row: marks[VISITORS.index(who)] for row, marks in TABLE.items()}
    with calling(site) as caller:
        assert Walker(caller, who, target).marks() == expected


def test_a_role_is_gone_at_once_when_it_is_taken_away(site, target):
    database = site.people.database
    login = site.add("short@example.test")
    user = users.find(database, login).id
    roles.grant(database, user, Role.AUDITOR, actor="test")
    with calling(site) as caller:
        caller.client.cookies.set(SESSION, session(site, login), domain="localhost.local")
        assert caller.get("/help-desk").status_code == 200
        roles.revoke(database, user, actor="test")
        assert caller.get("/help-desk").status_code == 404


@pytest.mark.parametrize(
    ("mine", "theirs", "may"),
    [
        (Held(Role.HELP_DESK), None, True),
        (Held(Role.HELP_DESK), Held(Role.HELP_DESK), True),
        (Held(Role.HELP_DESK), Held(Role.ADMINISTRATOR), False),
        (Held(Role.ADMINISTRATOR), Held(Role.HELP_DESK), True),
        (Held(Role.ADMINISTRATOR, frozenset("a")), Held(Role.AUDITOR), False),
        (Held(Role.ADMINISTRATOR, frozenset("a")), Held(Role.AUDITOR, frozenset("ab")), False),
        (Held(Role.ADMINISTRATOR, frozenset("ab")), Held(Role.AUDITOR, frozenset("b")), True),
    ],
)
def test_web_08_nobody_acts_on_somebody_who_may_do_more(mine, theirs, may):
    assert mine.may_act_on(theirs) is may


def test_a_user_without_a_domain_is_covered_by_a_role_for_all_alone():
    assert Held(Role.HELP_DESK).covers("root")
    assert not Held(Role.HELP_DESK, frozenset(["example.test"])).covers("root")
    assert not Held(Role.HELP_DESK, frozenset(["example.test"])).covers("a@sub.example.test")
