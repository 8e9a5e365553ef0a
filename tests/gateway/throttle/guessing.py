"""Strangers who guess, from any address: through a listener behind a load balancer that says whose it is."""

import asyncio
from collections.abc import Iterable
from ipaddress import ip_address

from tests.gateway.site import BACKEND_SECRET, PORTAL, Site

THROTTLED = (
    f"NO [LIMIT] Too many failed logins. Try again later, or use an app password: {PORTAL}\r\n".encode()
)
PROXIED = """
[[listener]]
protocol = "imap"
name = "proxied"
address = "127.0.0.1:{third}"
tls = "none"
proxy_from = ["127.0.0.1"]
[[backend]]
protocol = "imap"
address = "127.0.0.1:{port}"
tls = "none"
login = "master"
master_user = "gateway"
master_password_file = "secret"
"""
# The defaults: what an administrator gets who sets nothing.
THROTTLE = "[throttle]\nwindow_seconds = 600\n"
SETTINGS = (
    f"""
[policy]
portal_url = "{PORTAL}"
[limits]
refusal_seconds = 0.05
failed_logins = 100
drain_seconds = 1
"""
    + THROTTLE
    + PROXIED
)
GATEWAY = {"gateway": BACKEND_SECRET}  # how admitted users are logged in at the backend
MANY = 40  # connections at one time


def header(source: str) -> bytes:
    """What the load balancer says of that client."""
    version = ip_address(source).version
    here = "198.51.100.1" if version == 4 else "2001:db8::1"
    return f"PROXY TCP{version} {source} {here} 47110 143\r\n".encode()


async def told(site: Site, user: str, password: str, source: str) -> bytes:
    """The answer to one login from there, on a connection of its own."""
    client = await site.connect("third", first=header(source))
    answer = await client.login(user, password)
    client.abort()
    return answer.removeprefix(b"a ")


async def told_in_turn(site: Site, attempts: Iterable[tuple[str, str, str]]) -> list[bytes]:
    """The answers to (user, password, source), one after the other."""
    return [await told(site, *attempt) for attempt in attempts]


async def told_at_once(site: Site, attempts: Iterable[tuple[str, str, str]]) -> list[bytes]:
    """The answers to (user, password, source), many at the same time."""
    places = asyncio.Semaphore(MANY)

    async def one(attempt: tuple[str, str, str]) -> bytes:
        async with places:
            return await told(site, *attempt)

    return await asyncio.gather(*map(one, attempts))


def guesses(user: str, source: str, count: int, word: str = "guess") -> list[tuple[str, str, str]]:
    """So many wrong passwords, none of them twice."""
    return [(user, f"{word} {number}!", source) for number in range(count)]


def heard(site: Site, user: str) -> list[str]:
    """The passwords of the user that the backend got to hear."""
    logins = [login for connection in site.backend.connections for login in connection.logins]
    return [login.password for login in logins if login.login == user]
