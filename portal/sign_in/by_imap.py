"""The main password, checked by logging in at the IMAP backend."""

import contextlib
import imaplib
import socket
import ssl
from dataclasses import dataclass

from config import Address, Backend
from portal.state import CannotCheck
from store.model import User

_ANSWER = "[UNAVAILABLE]"


@dataclass(frozen=True, slots=True)
class ByImap:
    """Tries the backend's addresses in order. Over TLS, or on loopback and private links as configured."""

    backend: Backend
    seconds: float

    def are_right(self, name: str, user: User | None, password: str) -> bool:
        """Whether the backend lets the user in with it. Raises CannotCheck."""
        login = (user.backend_login or user.login) if user is not None else name
        error: Exception | None = None
        for address in self.backend.address:
            try:
                connection = self._opened(address)
            except (OSError, imaplib.IMAP4.error) as failure:
                error = failure
                continue
            try:
                return self._log_in(connection, login, password)
            except (OSError, imaplib.IMAP4.abort) as failure:
                error = failure
            finally:
                _close(connection)
        raise CannotCheck(f"no IMAP backend answers: {error}")

    def _opened(self, address: Address) -> imaplib.IMAP4:
        context = _context(self.backend)
        if self.backend.tls == "implicit":
            return imaplib.IMAP4_SSL(address.host, address.port, ssl_context=context, timeout=self.seconds)
        connection = imaplib.IMAP4(address.host, address.port, timeout=self.seconds)
        if self.backend.tls == "starttls":
            try:
                connection.starttls(context)
            except BaseException:
                _close(connection)
                raise
        return connection

    def _log_in(self, connection: imaplib.IMAP4, login: str, password: str) -> bool:
        def answer(challenge: bytes) -> bytes:
            return b"\0" + login.encode() + b"\0" + password.encode()

        if "\0" in login or "\0" in password:
            return False
        try:
            connection.authenticate("PLAIN", answer)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            # RFC 5530: the server could not say, and that is not a no.
            if _ANSWER in str(error) or "[SERVERBUG]" in str(error):
                raise CannotCheck(f"the IMAP backend says: {error}") from None
            return False
        return True


class _Context(ssl.SSLContext):
    """Expects the configured name in the certificate, where imaplib would expect the host."""

    expected: str | None = None

    def wrap_socket(  # type: ignore[override]
        self, sock: socket.socket, *, server_hostname: str | None = None
    ) -> ssl.SSLSocket:
        """What imaplib calls for implicit TLS and after STARTTLS."""
        return super().wrap_socket(sock, server_hostname=self.expected or server_hostname)


def _context(backend: Backend) -> ssl.SSLContext:
    context = _Context(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.expected = backend.server_name
    if backend.ca_file is not None:
        context.load_verify_locations(backend.ca_file)
    else:
        context.load_default_certs()
    if not backend.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _close(connection: imaplib.IMAP4) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown()
