"""Opens a connection to the directory by TLS that is verified, and binds: as the service account, or to see
whether somebody's password is right."""

import math
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import ldap3

from config import Address, Backend, ConfigurationError, read_secret
from store.directory.answers import MEANS_NO
from store.directory.connection import DirectoryConnection, described, trouble_told
from store.directory.unavailable import DirectoryUnavailable

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class _Who:
    """Who binds."""

    dn: str
    password: bytes = field(repr=False)


class _VerifiedTls(ldap3.Tls):  # type: ignore[misc]
    """TLS in which OpenSSL itself verifies the one name that is right.

    ldap3's own check takes a certificate for the host as well where another name was asked for.
    """

    def __init__(self, settings: Backend, address: Address) -> None:
        super().__init__()
        self._name = settings.server_name or address.host
        self._context = ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        if not settings.verify:
            self._context.check_hostname = False
            self._context.verify_mode = ssl.CERT_NONE

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        """What ldap3 calls for implicit TLS and after StartTLS."""
        connection.socket = self._context.wrap_socket(
            connection.socket, do_handshake_on_connect=do_handshake, server_hostname=self._name
        )


def connect(settings: Backend, seconds: float) -> DirectoryConnection:
    """A connection to the first address that takes the service account. Raises DirectoryUnavailable."""
    assert settings.service_password_file is not None, "login = service needs it"
    try:
        password = read_secret(settings.service_password_file, "service_password_file")
    except ConfigurationError as error:
        raise DirectoryUnavailable(f"The service account has no password. {error}") from None
    who = _Who(settings.service_dn or "", password)
    return _first(settings, lambda address, host: _bound(settings, address, host, who, seconds))


def is_right(settings: Backend, dn: str, password: str, seconds: float) -> bool:
    """Whether the directory takes this password for that entry. Raises DirectoryUnavailable."""
    if not dn or not password:
        # A bind without a password is an anonymous one, which succeeds for anybody (RFC 4513, section 5.1.2).
        return False
    who = _Who(dn, password.encode())
    return _first(settings, lambda address, host: _takes(settings, address, host, who, seconds))


def _first(settings: Backend, ask: Callable[[Address, str], Answer]) -> Answer:
    """What the first address answers that can be asked. Raises DirectoryUnavailable."""
    problems = []
    for address in settings.address:
        try:
            hosts = _hosts(address)
        except OSError as error:
            problems.append(f"{address}: {error.strerror or 'the name cannot be looked up'}")
            continue
        for host in hosts:
            try:
                return ask(address, host)
            except DirectoryUnavailable as error:
                problems.append(f"{address}: {error}")
    told = "; ".join(dict.fromkeys(problems))
    raise DirectoryUnavailable(
        f"The directory can't be asked. {told}. Check the [[backend]] for ldap: `wicketgate check-config "
        "--online` connects to it."
    )


def _hosts(address: Address) -> list[str]:
    """The IP addresses. Each gets a connection of its own, which is closed when nothing comes of it."""
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def _bound(settings: Backend, address: Address, host: str, who: _Who, seconds: float) -> DirectoryConnection:
    with trouble_told():
        connection = _prepared(settings, address, host, who, seconds)
    try:
        with trouble_told(connection):
            if not _bind(connection, settings):
                refused = described(connection.result)
                raise DirectoryUnavailable(f"it refused the service account {settings.service_dn}: {refused}")
    except BaseException:
        DirectoryConnection(connection).close()
        raise
    return DirectoryConnection(connection)


def _takes(settings: Backend, address: Address, host: str, who: _Who, seconds: float) -> bool:
    with trouble_told():
        connection = _prepared(settings, address, host, who, seconds)
    try:
        with trouble_told(connection):
            if _bind(connection, settings):
                return True
            if connection.result["result"] in MEANS_NO:
                return False
            raise DirectoryUnavailable(f"it can't check a password: {described(connection.result)}")
    finally:
        DirectoryConnection(connection).close()


def _bind(connection: Any, settings: Backend) -> bool:
    connection.open(read_server_info=False)
    if settings.tls == "starttls" and not connection.start_tls(read_server_info=False):
        raise DirectoryUnavailable("it did not start TLS")
    return bool(connection.bind(read_server_info=False))


def _prepared(settings: Backend, address: Address, host: str, who: _Who, seconds: float) -> Any:
    server = ldap3.Server(
        host,
        address.port,
        use_ssl=settings.tls == "implicit",
        tls=_VerifiedTls(settings, address) if settings.tls != "none" else None,
        get_info=ldap3.NONE,
        connect_timeout=seconds,
        allowed_referral_hosts=[],
    )
    return ldap3.Connection(
        server,
        who.dn,
        who.password,  # bytes are sent as they are
        authentication=ldap3.SIMPLE,
        client_strategy=ldap3.SYNC,
        read_only=True,
        auto_referrals=False,
        check_names=False,
        auto_escape=False,  # filters come escaped
        return_empty_attributes=False,
        receive_timeout=max(1, math.ceil(seconds)),
    )
