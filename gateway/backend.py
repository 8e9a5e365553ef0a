"""The backend: opened for one session, and logged in to."""

import asyncio
from dataclasses import dataclass

from config import Backend as BackendSettings
from config import read_secret
from gateway.addresses import Addresses, Destination
from gateway.connection import Address, Connection, TlsFailed, outgoing
from gateway.converse import Finished, converse
from gateway.judgement import Admit, PassThrough
from gateway.log import log
from gateway.patience import Patience
from gateway.poller import Poller
from gateway.tls import client_context
from protocols import imap
from protocols.dialogue import Credentials, Dialogue, LoginResult, ProtocolError

_CONNECT_SECONDS = 2.0
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
    """Logs users in to one real server."""

    __slots__ = (
        "_addresses",
        "_connect_patience",
        "_context",
        "_login_patience",
        "_loop",
        "_poller",
        "_seconds",
        "_secret",
        "_settings",
    )

    def __init__(
        self, settings: BackendSettings, poller: Poller, loop: asyncio.AbstractEventLoop, seconds: float
    ) -> None:
        self._settings = settings
        self._poller = poller
        self._loop = loop
        self._seconds = seconds
        self._connect_patience = Patience(min(_CONNECT_SECONDS, seconds), loop)
        self._login_patience = Patience(seconds, loop)
        self._addresses = Addresses(settings.address, loop)
        self._context = client_context(settings.ca_file, settings.verify) if settings.tls != "none" else None
        self._secret = _secret(settings)

    async def open(
        self, verdict: Admit | PassThrough, presented: Credentials, client: tuple[Address, int]
    ) -> Opened:
        """Log the user in. Raises `BackendUnavailable`; the caller closes the connection."""
        credentials = self._credentials(verdict, presented)
        deadline = self._loop.time() + self._seconds
        problem = "no address of the backend could be looked up"
        for destination in await self._addresses.in_order():
            try:
                opened = await self._log_in(destination, credentials, client)
            except _SPOILED as error:
                self._addresses.failed(destination)
                problem = f"{destination.ip} port {destination.port}: {str(error) or type(error).__name__}"
                log.warning("backend failed", protocol=self._settings.protocol, problem=problem)
            else:
                self._addresses.worked(destination)
                return opened
            if self._loop.time() >= deadline:
                break
        raise BackendUnavailable(problem)

    def _credentials(self, verdict: Admit | PassThrough, presented: Credentials) -> Credentials:
        """A passed-through login presents the client's own, unchanged; an admitted one ours."""
        if isinstance(verdict, PassThrough):
            return Credentials(presented.username, presented.password)
        user = verdict.account.user
        login = (user.backend_login or user.login).encode()
        master = (self._settings.master_user or "").encode()
        if self._settings.login == "master":
            return Credentials(master, self._secret, authzid=login)
        if self._settings.login == "master-separator":
            if self._settings.separator.encode() in login:
                # The backend would take what stands behind it for the master user's name.
                raise BackendUnavailable("the login name contains the separator of the master user")
            return Credentials(login + self._settings.separator.encode() + master, self._secret)
        return Credentials(login, self._secret)

    async def _log_in(
        self, destination: Destination, credentials: Credentials, client: tuple[Address, int]
    ) -> Opened:
        connection = outgoing(destination.family, self._poller, self._loop)
        self._login_patience.begin(connection)
        server_name = self._settings.server_name or destination.host
        try:
            await self._connect(connection, destination)
            if self._settings.tls == "implicit":
                assert self._context is not None
                await connection.start_tls(self._context, server_name)
            ended = await converse(
                self._dialogue(credentials, client), connection, self._context, server_name
            )
        except BaseException:
            connection.close()
            raise
        finally:
            self._login_patience.end(connection)
        assert isinstance(ended, Finished), "a back never asks for a login"
        result, behind = ended.value
        return Opened(result, connection, behind)

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

    def _dialogue(
        self, credentials: Credentials, client: tuple[Address, int]
    ) -> Dialogue[tuple[LoginResult, bytes]]:
        client_id: list[tuple[bytes, bytes]] = []
        if self._settings.forward_client == "auto":
            # Dovecot takes these from a proxy that it trusts; others ignore them.
            address, port = client
            client_id = [(b"x-originating-ip", str(address).encode()), (b"x-originating-port", b"%d" % port)]
        return imap.back(credentials, starttls=self._settings.tls == "starttls", client_id=client_id)


def _secret(settings: BackendSettings) -> bytes:
    """What logs an admitted user in. Raises `ConfigurationError`."""
    shared = settings.login == "shared-password"
    path = settings.shared_password_file if shared else settings.master_password_file
    return read_secret(path) if path is not None else b""
