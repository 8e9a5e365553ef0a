"""The backend: opened for one session, and logged in to."""

import asyncio
import ssl
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeVar

from config import Backend as BackendSettings
from gateway.addresses import Addresses, Destination, Record
from gateway.backend_login import BackendLogin, CannotLogIn
from gateway.connection import Connection, TlsFailed, outgoing
from gateway.converse import Finished, converse
from gateway.dialogues import DIALOGUES
from gateway.directory_names import DirectoryNames
from gateway.judgement import Admit, PassThrough
from gateway.log import log
from gateway.login_line import printable
from gateway.metrics.histogram import Histogram
from gateway.outage import Outage
from gateway.patience import Patience
from gateway.poller import Poller
from gateway.repeated_lines import RepeatedLines
from gateway.tls import client_context
from protocols.dialogue import Credentials, Dialogue, LoginResult, Outcome, ProtocolError
from protocols.terms import BackTerms, Client
from store.directory import DirectoryUnavailable

T = TypeVar("T")

_CONNECT_SECONDS = 2.0
_DECIDED = (Outcome.ACCEPTED, Outcome.REJECTED)
_SPOILED = (OSError, EOFError, ProtocolError, TlsFailed, TimeoutError)


@dataclass(frozen=True, slots=True)
class Opened:
    """A backend's answer to a login. `behind` is what it sent after it."""

    result: LoginResult
    connection: Connection
    behind: bytes


class BackendUnavailable(Exception):
    """No address of the backend could be reached and understood; the text says why, for the log."""


class Backend:
    """Logs users in to one real server. `offered` is what it offers before a login, as last learnt.

    `outage` is whether it's known to be unable to.
    """

    __slots__ = (
        "_addresses",
        "_connect_patience",
        "_context",
        "_dialogues",
        "_lines",
        "_login",
        "_login_patience",
        "_loop",
        "_names",
        "_poller",
        "_seconds",
        "_settings",
        "login_seconds",
        "offered",
        "outage",
    )

    def __init__(
        self,
        settings: BackendSettings,
        poller: Poller,
        loop: asyncio.AbstractEventLoop,
        seconds: float,
        names: DirectoryNames,
        lines: RepeatedLines,
    ) -> None:
        self._settings = settings
        self._lines = lines
        self._poller = poller
        self._loop = loop
        self._seconds = seconds
        self._dialogues = DIALOGUES[settings.protocol]
        self._connect_patience = Patience(min(_CONNECT_SECONDS, seconds), loop)
        self._login_patience = Patience(seconds, loop)
        self._addresses = Addresses(settings.address, loop)
        self._context = client_context(settings.ca_file, settings.verify) if settings.tls != "none" else None
        self._login = BackendLogin(settings)
        self._names = names
        self.offered: tuple[bytes, ...] = ()
        self.login_seconds = Histogram()
        self.outage = Outage(self._can_be_reached, loop.time)

    async def open(self, verdict: Admit | PassThrough, presented: Credentials, client: Client) -> Opened:
        """Log the user in. Raises `BackendUnavailable` and `NoOwnEntry`; the caller closes the connection."""
        try:
            if self._settings.protocol == "ldap" and isinstance(verdict, PassThrough):
                presented = await self._names.own(verdict.account, presented)
            terms = self._login.terms(verdict, presented, client)
            return await self._log_in(terms, is_guess=isinstance(verdict, PassThrough))
        except CannotLogIn as error:
            raise BackendUnavailable(str(error)) from None
        except DirectoryUnavailable as error:
            self.outage.failed()
            raise BackendUnavailable(str(error)) from None

    async def open_for_gateway(self, admitted: Admit | None, client: Client) -> Opened:
        """A directory, bound as the gateway itself, or as nobody for nobody. Raises `BackendUnavailable`."""
        if admitted is None:
            return await self._log_in(self._login.nobodys_terms(), is_guess=False)
        opened = await self.open(admitted, Credentials(b"", b""), client)
        if opened.result.outcome is not Outcome.ACCEPTED:
            opened.connection.close()
            raise BackendUnavailable("it refused the gateway's own account: " + printable(opened.result.text))
        return opened

    async def identity(self, admitted: Admit) -> bytes:
        """In whose name the directory runs an admitted user's operations (RFC 4513, section 5.2.1.8).

        b"" where it runs them in the gateway's. Raises `BackendUnavailable`.
        """
        if not self._settings.proxied_authorization:
            return b""
        user = admitted.account.user
        try:
            dn = await self._names.dn(user)
        except DirectoryUnavailable as error:
            raise BackendUnavailable(str(error)) from None
        return f"dn:{dn}".encode() if dn else f"u:{user.backend_login or user.login}".encode()

    async def _log_in(self, terms: BackTerms, *, is_guess: bool) -> Opened:
        """What it says to a login of the gateway's own, such as that this user has too many sessions, tells
        nothing of whether it can judge main passwords."""
        begun = self._loop.time()
        try:
            connection, (result, behind) = await self._ask_in_turn(lambda: self._dialogues.back(terms))
        except BackendUnavailable:
            self.outage.failed()
            raise
        finally:
            self.login_seconds.observe(self._loop.time() - begun)
        if result.outcome in _DECIDED:
            self.outage.worked()
        elif is_guess:
            self.outage.failed()
        return Opened(result, connection, behind)

    def records(self) -> Collection[Record]:
        """How the tries of its addresses went."""
        return self._addresses.records()

    def may_write_line(self) -> bool:
        """Whether the log bears one more line about it."""
        return self._lines.of_backend(self._settings.protocol)

    async def learn(self) -> None:
        """Ask what it offers before a login, if its front repeats that. What was learnt before stays."""
        if self._dialogues.repeats_offer:
            await self._can_be_reached()

    async def _can_be_reached(self) -> bool:
        starttls = self._settings.tls == "starttls"
        try:
            connection, self.offered = await self._ask_in_turn(lambda: self._dialogues.probe(starttls))
        except BackendUnavailable:
            return False
        connection.close()
        return True

    async def _ask_in_turn(self, make: Callable[[], Dialogue[T]]) -> tuple[Connection, T]:
        """Hold the dialogue with the first address that can be reached and understood."""
        deadline = self._loop.time() + self._seconds
        problem = "no address of the backend could be looked up"
        for destination in await self._addresses.in_order():
            try:
                held = await self._ask(destination, make())
            except _SPOILED as error:
                self._addresses.failed(destination)
                problem = f"{destination.ip} port {destination.port}: {str(error) or type(error).__name__}"
                if self.may_write_line():
                    log.warning("backend failed", protocol=self._settings.protocol, problem=problem)
            else:
                self._addresses.worked(destination)
                return held
            if self._loop.time() >= deadline:
                break
        raise BackendUnavailable(problem)

    async def _ask(self, destination: Destination, dialogue: Dialogue[T]) -> tuple[Connection, T]:
        connection = outgoing(destination.family, self._poller, self._loop)
        self._login_patience.begin(connection)
        server_name = self._settings.server_name or destination.host
        try:
            await self._connect(connection, destination)
            if self._settings.tls == "implicit":
                await connection.start_tls(self._tls(), server_name)
            ended = await converse(dialogue, connection, self._tls, server_name)
        except BaseException:
            connection.close()
            raise
        finally:
            self._login_patience.end(connection)
        assert isinstance(ended, Finished), "a back never asks for a login"
        return connection, ended.value

    def _tls(self) -> ssl.SSLContext:
        assert self._context is not None, "a back starts TLS only where it was told to"
        return self._context

    async def _connect(self, connection: Connection, destination: Destination) -> None:
        self._connect_patience.begin(connection)
        try:
            await connection.connect((destination.ip, destination.port))
        finally:
            self._connect_patience.end(connection)

    def look_at_waits(self) -> None:
        """Give up on backends that are too slow. To be called every second."""
        self._connect_patience.look()
        self._login_patience.look()
