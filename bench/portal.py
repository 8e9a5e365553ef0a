"""How long the portal's pages take with 100,000 users in the store.

`make bench-portal` fills a SQLite file, serves it, and asks for each list page again and again. What is
printed is the time of the whole answer, TLS and the loopback included.
"""

import argparse
import json
import ssl
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import httpx2
from sqlalchemy import insert

from store import users
from store.database import Database
from store.portal import registration, roles, sessions
from store.portal.authenticators import new_secret
from store.portal.key import load_portal_key
from store.portal.roles import Role
from store.portal.sessions import Stage
from store.schema import app_passwords, audit, names, refused_logins
from store.schema import users as users_table
from store.skeleton import skeleton
from tests.gateway.people import People
from tests.portal.caller import LOCAL, SESSION
from tests.servers.certificates import Authority
from tests.servers.gateway import Gateway
from tests.servers.portal import Portal

DOMAINS = ("example.test", "students.example.test")
PAGES = (
    "/help-desk",
    "/help-desk?q=user09",
    "/help-desk?q=user09&after=user0950",
    "/help-desk/users/{id}",
    "/help-desk/audit",
    "/help-desk/audit?login={login}",
    "/help-desk/audit?actor=cli:root&action=mfa-set",
    "/help-desk/audit?before=150000",
    "/app-passwords",
    "/trouble",
    "/sessions",
    "/",
)


def seed(database: Database, number: int) -> None:
    """Users with two app passwords, three audit rows and, every tenth, a refusal."""
    now = datetime.now(UTC)
    for begin in range(0, number, 5000):
        some = range(begin + 10, min(begin + 5000, number) + 10)
        logins = {n: f"user{n:06}@{DOMAINS[n % 2]}" for n in some}
        with database.write() as connection:
            row = {"mfa": "enforced", "blocked": False, "version": 1, "created_at": now, "disabled": False}
            connection.execute(insert(users_table), [{"id": n, **row} for n in some])
            connection.execute(insert(names), [_name(logins[n], n) for n in some])
            connection.execute(
                insert(app_passwords), [_app_password(n, k, now) for n in some for k in (0, 1)]
            )
            connection.execute(insert(audit), [_entry(logins[n], k, now) for n in some for k in range(3)])
            connection.execute(insert(refused_logins), [_refusal(n, now) for n in some if n % 10 == 0])


def _name(login: str, user: int) -> dict[str, object]:
    local, domain = skeleton(login)
    return {"name": login, "user_id": user, "rank": 0, "skeleton": local, "domain": domain}


def _app_password(user: int, number: int, now: datetime) -> dict[str, object]:
    return {
        "id": f"{user:06}{'ab'[number]}a",
        "user_id": user,
        "name": f"Device {number}",
        "scopes": "imap smtp",
        "networks": "",
        "tag": number,
        "hash": "x",
        "created_at": now,
        "last_used_at": now - timedelta(days=number),
        "last_used_protocol": "imap",
        "last_used_address": "192.0.2.7",
        "last_used_client": "Thunderbird",
    }


def _entry(login: str, number: int, now: datetime) -> dict[str, object]:
    actions = ("user-added", "mfa-set", "app-password-created")
    return {"at": now, "actor": "cli:root", "action": actions[number], "login": login, "detail": "x"}


def _refusal(user: int, now: datetime) -> dict[str, object]:
    words = {"protocol": "imap", "client": "Phone", "address": "192.0.2.8", "reason": "deleted"}
    return {"user_id": user, "app_password_id": "", "count": 3, "first_at": now, "last_at": now, **words}


def main() -> None:
    """Prints a table, and JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measured(Path(folder), given.users, given.times)
    if given.json:
        print(json.dumps(found))
        return
    print(f"| page, {given.users} users | p50 | p99 | KiB |\n| --- | --- | --- | --- |")
    for page, (middle, worst, size) in found.items():
        print(f"| {page} | {middle:.1f} ms | {worst:.1f} ms | {size:.0f} |")


def measured(folder: Path, number: int, times: int) -> dict[str, tuple[float, float, float]]:
    """By page: p50 and p99 in ms, and the size."""
    gateway = Gateway(folder, LOCAL.split("[[backend]]")[0] + BACKEND, authority=Authority(folder))
    people = People(folder)
    login = people.add("ruler@example.test", "enabled")
    seed(people.database, number)
    few = people.add("few@rare.test", "enabled")
    with Portal(gateway, gateway.third) as portal:
        words = {"id": number // 2, "login": quote(f"user{number // 2:06}@{DOMAINS[0]}")}
        pages = {page: portal.url + page.format(**words) for page in PAGES}
        with _reader(gateway, _let_in(people.database, folder, login)) as client:
            found = {page: _asked(client, address, times) for page, address in pages.items()}
        # Whoever may see a few users alone: the others must not cost them time.
        with _reader(gateway, _let_in(people.database, folder, few, "rare.test")) as client:
            for page in ("/help-desk", "/help-desk?q=user09", "/help-desk/audit"):
                found[f"{page}, for a small domain"] = _asked(client, pages[page], times)
    people.close()
    return found


BACKEND = """
[[backend]]
protocol = "imap"
address = "127.0.0.1:1"
tls = "none"
login = "shared-password"
shared_password_file = "secret"
"""


def _reader(gateway: Gateway, cookie: str) -> httpx2.Client:
    context: ssl.SSLContext = gateway.client_context()
    return httpx2.Client(verify=context, timeout=60, cookies={SESSION: cookie})


def _let_in(database: Database, folder: Path, login: str, *domains: str) -> str:
    found = users.find(database, login)
    assert found is not None
    roles.grant(database, found.id, Role.ADMINISTRATOR, domains, actor="bench")
    key = load_portal_key(folder / "portal.key")
    registration.register_authenticator(database, key, found.id, "App", new_secret(), 1, actor="bench")
    return sessions.begin(database, found.id, Stage.SECOND_STEP, "127.0.0.1", "bench")


def _asked(client: httpx2.Client, address: str, times: int) -> tuple[float, float, float]:
    seconds, size = [], 0
    for _ in range(times + 3):
        began = time.perf_counter()
        answer = client.get(address)
        seconds.append(time.perf_counter() - began)
        assert answer.status_code == 200, (address, answer.status_code, answer.text[:500])
        size = len(answer.content)
    best = sorted(seconds[3:])
    return statistics.median(best) * 1000, best[int(len(best) * 0.99)] * 1000, size / 1024


if __name__ == "__main__":
    main()
