"""A host and a port, as `host:port`; an IPv6 address stands in brackets."""

import ipaddress
import re
from dataclasses import dataclass

HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?")
PUBLIC_EXAMPLE = '"host" or "host:port" such as "mail.example.org" or "mail.example.org:993"'
EXAMPLE = '"host:port" such as "imap.internal:993", "192.0.2.1:143" or "[::]:993"'


@dataclass(frozen=True, slots=True)
class Address:
    """`host` is a name or an IP address (without brackets), `port` is 1 to 65535."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """What clients enter to reach a listener. `port` is None where it is the listener's own."""

    host: str
    port: int | None = None

    def __str__(self) -> str:
        if self.port is not None:
            return str(Address(self.host, self.port))
        return f"[{self.host}]" if ":" in self.host else self.host


def parse_address(text: object) -> Address:
    """Raise ValueError, with a sentence for the administrator, when it is no address."""
    if isinstance(text, Address):
        return text
    if not isinstance(text, str):
        raise ValueError(f"this must be a string, {EXAMPLE}")
    if text.startswith("srv:"):
        raise ValueError("srv: look-ups are not supported by this version; list the servers as host:port")
    host, colon, port = text.rpartition(":")
    if not colon or not host:
        raise ValueError(f'"{text}" is not an address; write {EXAMPLE}')
    return Address(_parse_host(host), _parse_port(port))


def parse_public_address(text: object) -> PublicAddress:
    """Raise ValueError, with a sentence for the administrator, when clients can't enter it."""
    if isinstance(text, PublicAddress):
        return text
    if not isinstance(text, str) or not text:
        raise ValueError(f"this must be a string, {PUBLIC_EXAMPLE}")
    if ":" in text and not text.endswith("]"):
        whole = parse_address(text)
        parsed = PublicAddress(whole.host, whole.port)
    else:
        parsed = PublicAddress(_parse_host(text))
    if parsed.host in ("0.0.0.0", "::"):  # noqa: S104 (it is refused)
        raise ValueError(f'clients can\'t connect to "{text}"; write {PUBLIC_EXAMPLE}')
    return parsed


def _parse_port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise ValueError(f'"{text}" is not a port; allowed is 1 to 65535')
    return int(text)


def _parse_host(text: str) -> str:
    if text.startswith("[") and text.endswith("]"):
        return _parse_ip(text[1:-1], 6)
    if ":" in text:
        raise ValueError(f'an IPv6 address must stand in brackets, as in "[{text}]:993"')
    if re.fullmatch(r"[0-9.]+", text):
        return _parse_ip(text, 4)
    if len(text) > 253 or not HOST_NAME.fullmatch(text):
        raise ValueError(f'"{text}" is not a host name or an IP address')
    return text.lower()


def _parse_ip(text: str, version: int) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        address = None
    if address is None or address.version != version:
        raise ValueError(f'"{text}" is not an IPv{version} address')
    return str(address)
