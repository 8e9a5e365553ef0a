"""An LDAP client that says what it is told to, and shows what it hears: ldap3, one operation at a time."""

import ssl
from typing import Any, Self

import ldap3
from ldap3.core.exceptions import LDAPExceptionError

from tests.servers.directory import Directory

_SECONDS = 45


class Client:
    """One connection. Each operation returns or raises within 20 seconds."""

    def __init__(self, directory: Directory, source: str = "") -> None:
        tls = ldap3.Tls(
            validate=ssl.CERT_REQUIRED, ca_certs_file=str(directory.ca_file), valid_names=["localhost"]
        )
        server = ldap3.Server(
            directory.host,
            directory.port,
            use_ssl=directory.tls == "implicit",
            tls=tls,
            get_info=ldap3.NONE,
            connect_timeout=_SECONDS,
        )
        self.ldap3 = ldap3.Connection(
            server,
            receive_timeout=_SECONDS,
            check_names=False,
            auto_range=False,
            source_address=source or None,
        )
        self.ldap3.open()
        if directory.tls == "starttls":
            self.ldap3.start_tls()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.ldap3.unbind()

    def bind(self, name: str, password: str) -> tuple[int, str]:
        """A simple bind, of whatever form: ldap3 itself would refuse some."""
        request = ldap3.operation.bind.bind_operation(3, ldap3.SIMPLE, name, password)
        response = self._done(self.ldap3.send("bindRequest", request))
        return response["result"], response["message"]

    def search(
        self, base: str, filter: str, attributes: list[str], **more: Any
    ) -> list[dict[str, list[str]]]:
        """The attributes of all that was found. Raises AssertionError for any result but success."""
        self.ldap3.search(base, filter, attributes=attributes, **more)
        assert self.ldap3.result["result"] == 0, self.ldap3.result
        return [
            dict(entry["attributes"]) for entry in self.ldap3.response if entry["type"] == "searchResEntry"
        ]

    def code(self, operation: str, *arguments: Any, **more: Any) -> int:
        """The result code of an operation of ldap3: search, modify, compare and so on."""
        getattr(self.ldap3, operation)(*arguments, **more)
        return self.ldap3.result["result"]

    def is_cut(self) -> bool:
        """Whether the server has ended the connection: waits for it, and raises TimeoutError if it stays."""
        self.ldap3.socket.settimeout(_SECONDS)
        try:
            while self.ldap3.socket.recv(1 << 16):
                pass
        except (ConnectionError, ssl.SSLEOFError):
            pass
        return True

    def _done(self, sent: Any) -> dict[str, Any]:
        if isinstance(sent, int):
            _, sent = self.ldap3.get_response(sent)
        if sent is None:
            raise LDAPExceptionError("there was no answer")
        return sent
