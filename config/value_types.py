"""The types of single values: what is accepted, what it becomes, and how it is described in the schema."""

import ipaddress
import re
import unicodedata
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, PlainSerializer, PlainValidator
from pydantic import WithJsonSchema as Schema

from config.address import Address, PublicAddress, parse_address, parse_public_address
from config.dn_syntax import is_written_plainly
from config.networks import Network, parse_network

STRICT = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=False)

ProtocolName = Literal["imap", "pop3", "smtp", "sieve", "ldap"]
TlsMode = Literal["implicit", "starttls", "none"]
TlsProfile = Literal["modern", "intermediate", "legacy"]
AppPasswordPolicy = Literal["allowed", "no-new", "denied"]

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
DOMAIN = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")

ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]*|[0-9]+(\.[0-9]+)+")  # RFC 4512, section 2.5


def _text(value: str) -> str:
    if not value or len(value) > 255 or CONTROL.search(value):
        raise ValueError("this must be 1 to 255 characters without control characters")
    return value


def _domain(value: str) -> str:
    lowered = value.lower()
    if len(lowered) > 253 or not DOMAIN.fullmatch(lowered):
        raise ValueError(f'"{value}" is not a domain; write it as in "example.org" (xn--… for other scripts)')
    return lowered


def _optional_domain(value: str) -> str:
    return _domain(value) if value else ""


def _login(value: str) -> str:
    """The form in which logins are compared: lower case, composed characters, domain in A-labels."""
    local, at, domain = unicodedata.normalize("NFC", _text(value).lower()).partition("@")
    if not local or re.search(r"[\s*/\\]", value) or "@" in domain:
        raise ValueError(f'"{value}" is not a login name; write it in full, as in "fritz@example.org"')
    return f"{local}@{_domain(domain)}" if at else local


def _certificate_name(value: str) -> str:
    if "*" in value:
        raise ValueError(f'"{value}" is not a host name; list every name that clients ask for, without *')
    return _domain(value)


def _server_name(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        return _domain(value)


def _network(value: object) -> Network:
    if isinstance(value, ipaddress.IPv4Network | ipaddress.IPv6Network):
        return value
    if not isinstance(value, str):
        raise ValueError('a network is a string such as "10.0.0.0/8" or "2001:db8::/32"')
    try:
        loose = parse_network(value, strict=False)
    except ValueError:
        raise ValueError(
            f'"{value}" is not a network; write it as in "10.0.0.0/8" or "2001:db8::/32"'
        ) from None
    try:
        return parse_network(value)
    except ValueError:
        raise ValueError(
            f'"{value}" has bits set behind its prefix. Did you mean "{loose.with_prefixlen}"?'
        ) from None


def _file(value: object) -> Path:
    if isinstance(value, Path):
        return value
    if not isinstance(value, str) or not value or CONTROL.search(value):
        raise ValueError("this must be the path of a file, as a string")
    return Path(value)


def _attribute(value: str) -> str:
    if len(value) > 255 or not ATTRIBUTE.fullmatch(value):
        raise ValueError(f'"{value}" is not the name of an attribute; write it as in "mail" or "2.5.4.3"')
    return value


def _optional_attribute(value: str) -> str:
    return _attribute(value) if value else ""


def _dn(value: str) -> str:
    if value and not is_written_plainly(value):
        raise ValueError(f'"{value}" is not a DN; write it as in "ou=people,dc=example,dc=org" (RFC 4514)')
    return value


def _listed(value: Any) -> Any:
    """One value may stand without the brackets of a list."""
    return [value] if isinstance(value, str) else value


Text = Annotated[str, AfterValidator(_text)]
Login = Annotated[str, AfterValidator(_login)]
Domain = Annotated[str, AfterValidator(_domain)]
CertificateName = Annotated[str, AfterValidator(_certificate_name)]
ServerName = Annotated[str, AfterValidator(_server_name)]
Attribute = Annotated[str, AfterValidator(_attribute)]
OptionalAttribute = Annotated[str, AfterValidator(_optional_attribute)]
OptionalDn = Annotated[str, AfterValidator(_dn)]
OptionalDomain = Annotated[str, AfterValidator(_optional_domain)]
File = Annotated[
    Path, PlainValidator(_file), PlainSerializer(str), Schema({"type": "string", "format": "path"})
]
Networks = tuple[
    Annotated[
        Network,
        PlainValidator(_network),
        PlainSerializer(str),
        Schema({"type": "string", "format": "network"}),
    ],
    ...,
]
SocketAddress = Annotated[
    Address,
    PlainValidator(parse_address),
    PlainSerializer(str),
    Schema({"type": "string", "examples": ["[::]:993", "imap.internal:993"]}),
]
ClientAddress = Annotated[
    PublicAddress,
    PlainValidator(parse_public_address),
    PlainSerializer(str),
    Schema({"type": "string", "examples": ["mail.example.org", "mail.example.org:993"]}),
]
Addresses = Annotated[
    tuple[SocketAddress, ...],
    BeforeValidator(_listed),
    Field(min_length=1, max_length=16),
    Schema({"type": ["string", "array"], "items": {"type": "string"}, "minItems": 1, "maxItems": 16}),
]
Flag = Annotated[bool, Field(strict=True)]
Count = Annotated[int, Field(strict=True)]
Seconds = Annotated[float, Field(strict=True, allow_inf_nan=False)]
