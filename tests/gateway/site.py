"""A gateway in front of a recording backend: what one test needs of the world."""

import asyncio
import os
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from gateway.control import ask
from tests.gateway.client import Client
from tests.gateway.dialects import DIALECTS, PORTAL, plain
from tests.gateway.people import Given, People
from tests.servers.certificates import Authority
from tests.servers.gateway import Gateway
from tests.servers.recorder import Recorder

REFUSAL = DIALECTS["imap"].refused.removeprefix(b"a ")
UNAVAILABLE = DIALECTS["imap"].unavailable.removeprefix(b"a ")
BACKEND_SECRET = "backend-secret"
MAIN = "Main password of 2026!"
GOOD = "good@example.test"
QUICK = f"""
[policy]
portal_url = "{PORTAL}"
[limits]
refusal_seconds = 0.05
drain_seconds = 1
"""
BACKEND = """
[[backend]]
protocol = "{protocol}"
address = "127.0.0.1:{port}"
tls = "none"
login = "shared-password"
shared_password_file = "secret"
"""
_PAIR = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|[^\s"]*)(?: |$)')


class Site:
    """`settings` is TOML. `{port}` in it is the backend's; without a [[backend]] it gets a simple one.

    `dialect` is that of the backend's protocol, in which clients of the site speak.
    """

    def __init__(
        self,
        folder: Path,
        settings: str,
        authority: Authority,
        backend: Recorder,
        protocol: str = "imap",
        store: str = "",
        environment: dict[str, str] | None = None,
    ) -> None:
        text = settings if "[[backend]]" in settings else settings + BACKEND
        text = text.replace("{port}", str(backend.port)).replace("{protocol}", protocol)
        self.dialect = DIALECTS[protocol]
        self.gateway = Gateway(folder, text, authority=authority, store=store, environment=environment)
        self.people = People(folder, store)
        self.backend = backend
        self.people.add(GOOD, "enforced")
        self.good: Given = self.people.give(GOOD, "good one")
        self._clients: list[Client] = []
        self._log_begins = 0

    def begin(self) -> None:
        """Forget what happened before: a new test begins."""
        for client in self._clients:
            client.abort()
        self._clients.clear()
        self.backend.connections.clear()
        self.backend.script.clear()
        self.backend.passwords, self.backend.login_delay = None, 0.0
        self.backend.capability = self.dialect.speech.offer
        log = self.gateway.log_file
        self._log_begins = log.stat().st_size if log.exists() else 0

    async def connect(
        self,
        listener: str = "",
        *,
        source: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
        greeted: bool = True,
        first: bytes = b"",
    ) -> Client:
        """A client of that listener (left out: the one with implicit TLS), once it has been greeted.

        `first` goes out in clear, in the same segment as what comes next. `greeted=False`: don't wait, and
        do no handshake.
        """
        secure = self.dialect.protocol + "s"
        listener = listener or secure
        if tls is None and listener == secure and greeted:
            tls = self.gateway.client_context()
        port = self.gateway.third if listener == "third" else self.gateway.ports[listener]
        client = await Client.connect(port, tls=tls, source=source, first=first)
        self._clients.append(client)
        if greeted:
            client.greeting = await self.dialect.greeting(client)
        return client

    async def login(self, user: str | bytes, password: str | bytes, *, source: str = "127.0.0.1") -> bytes:
        """The answer to one IMAP login on a connection of its own, without its tag."""
        client = await self.connect(source=source)
        return (await client.login(user, password)).removeprefix(b"a ")

    async def told(self, user: str | bytes, password: str | bytes, *, source: str = "127.0.0.1") -> bytes:
        """The answer to one login by PLAIN on a connection of its own, in any protocol."""
        client = await self.connect(source=source)
        await client.send(self.dialect.authenticate(plain(user, password)))
        return await client.line()

    async def logged_in(self, listener: str = "") -> Client:
        """A client that the good one's app password let in."""
        client = await self.connect(listener)
        if listener == self.dialect.protocol:
            await self.dialect.start_tls(client, self.gateway.client_context())
        await client.send(self.dialect.login(GOOD, self.good.secret))
        answer = await client.line()
        assert answer.startswith(self.dialect.accepted), answer
        return client

    async def lets_a_good_login_in(self) -> None:
        """The oracle of every attack: the gateway lives, and works."""
        assert self.gateway.process is not None
        assert self.gateway.process.poll() is None
        client = await self.logged_in()
        await client.send(self.dialect.noop)
        assert await client.line() == self.dialect.done
        client.abort()
        for word in ("Traceback", "session failed", "callback failed", "background task failed"):
            assert word not in self.gateway.log()

    def log(self) -> str:
        """The log since the test began."""
        return self.gateway.log_file.read_bytes()[self._log_begins :].decode()

    def logins(self) -> list[dict[str, str]]:
        """The lines of logins since the test began. A line stands there before the client is answered."""
        return [line for line in map(fields, self.log().splitlines()) if line.get("event") == "login"]

    def status(self) -> dict[str, Any]:
        return ask(self.gateway.folder / "control.sock", {"command": "status"})

    def sessions(self) -> list[dict[str, Any]]:
        return ask(self.gateway.folder / "control.sock", {"command": "sessions"})["sessions"]

    async def until_status(self, **wanted: object) -> None:
        """Returns once the status shows these values. Raises TimeoutError."""
        async with asyncio.timeout(90):
            while not wanted.items() <= self.status().items():  # noqa: ASYNC110 (it's another process)
                await asyncio.sleep(0.01)

    async def until_log(self, words: str) -> str:
        """The line of this test's log that has these words, once it's there."""
        async with asyncio.timeout(90):
            while True:
                for line in self.log().splitlines():
                    if words in line:
                        return line
                await asyncio.sleep(0.01)  # a file: there is nothing to await

    def memory_kib(self) -> int:
        """What the gateway's process holds in memory now."""
        assert self.gateway.process is not None
        status = Path(f"/proc/{self.gateway.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1])

    def open_files(self) -> int:
        """How many files the gateway's process has open."""
        assert self.gateway.process is not None
        return len(os.listdir(f"/proc/{self.gateway.process.pid}/fd"))


def fields(line: str) -> dict[str, str]:
    """The pairs of one log line."""
    return {key: _plain(value) for key, value in _PAIR.findall(line)}


def _plain(value: str) -> str:
    inner = value[1:-1] if value.startswith('"') else value
    return inner.encode("latin-1", "backslashreplace").decode("unicode_escape") if "\\" in inner else inner


@asynccontextmanager
async def open_site(
    folder: Path,
    settings: str,
    authority: Authority,
    protocol: str = "imap",
    *,
    store: str = "",
    **backend: Any,
) -> AsyncIterator[Site]:
    """A gateway that serves until the end of the block. `backend` are options of its `Recorder`."""
    async with Recorder(speech=DIALECTS[protocol].speech, **backend) as recorder:
        site = Site(folder, settings, authority, recorder, protocol, store)
        try:
            await asyncio.to_thread(site.gateway.start)
            site.begin()
            yield site
        finally:
            site.begin()
            await asyncio.to_thread(site.gateway.stop)  # the backend must hear of it meanwhile
            site.people.close()


def old_client_context() -> ssl.SSLContext:
    """A client that takes whatever it gets."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
