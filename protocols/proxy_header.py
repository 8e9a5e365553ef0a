"""The PROXY header, versions 1 and 2: who the client behind a load balancer is.

The specification is HAProxy's doc/proxy-protocol.txt. The header stands before everything else, TLS included,
so not a byte behind it may be read with it: `parse` always says how many bytes surely belong to it still.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from protocols.dialogue import ProtocolError

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
_SHORTEST = 15  # bytes: "PROXY UNKNOWN" and its line end
_FIXED = 16  # bytes in front of the addresses of version 2
MAX_V1 = 107  # section 2.1: the longest line, its CRLF included
MAX_V2 = _FIXED + 2048  # section 2.2: addresses and TLVs; ours is a bound on what we are ready to look at
_V1 = re.compile(
    rb"PROXY (TCP4|TCP6) ([0-9A-Fa-f.:]{2,39}) ([0-9A-Fa-f.:]{2,39}) "
    rb"(0|[1-9][0-9]{0,4}) (0|[1-9][0-9]{0,4})\r\n"
)
_PROXY, _TCP4, _TCP6 = 0x21, 0x11, 0x21
_CRC32C, _CRC32C_POLYNOMIAL = 0x03, 0x82F63B78


@dataclass(frozen=True, slots=True)
class Header:
    """The client's address and port."""

    address: IPv4Address | IPv6Address
    port: int


def parse(data: bytes) -> Header | int:
    """The header that `data` is, or the number of bytes to read next: no more than belong to the header.

    Raises `ProtocolError` for anything else: no header, a wrong one, and one that names no TCP client (LOCAL,
    UNKNOWN, UNIX), since a login must have a source that limits and rules can be held against.
    """
    if len(data) < _SHORTEST:
        return _SHORTEST - len(data)
    if data.startswith(SIGNATURE):
        return _parse_v2(data)
    if data.startswith(b"PROXY "):
        return _parse_v1(data)
    raise ProtocolError("no PROXY header where one is required")


def _parse_v1(data: bytes) -> Header | int:
    if not data.endswith(b"\n"):
        if len(data) >= MAX_V1:
            raise ProtocolError("PROXY header too long")
        return 1
    match = _V1.fullmatch(data)
    if not match:
        raise ProtocolError("malformed PROXY header, or one without a TCP client")
    family, source, destination, source_port, destination_port = (part.decode() for part in match.groups())
    try:
        addresses = ip_address(source), ip_address(destination)
    except ValueError:
        raise ProtocolError("malformed address in a PROXY header") from None
    version = 4 if family == "TCP4" else 6
    if any(a.version != version for a in addresses) or max(int(source_port), int(destination_port)) > 65535:
        raise ProtocolError("PROXY header contradicts itself")
    return _header(addresses[0], int(source_port))


def _parse_v2(data: bytes) -> Header | int:
    if len(data) < _FIXED:
        return _FIXED - len(data)
    command, family, size = data[12], data[13], int.from_bytes(data[14:16])
    end = _FIXED + size
    if command != _PROXY or family not in (_TCP4, _TCP6):
        raise ProtocolError("PROXY header without a TCP client")
    needed = 12 if family == _TCP4 else 36
    if end > MAX_V2 or size < needed:
        raise ProtocolError("PROXY header of a wrong length")
    if len(data) < end:
        return end - len(data)
    _check_extensions(data, _FIXED + needed)
    width = (needed - 4) // 2
    source = data[_FIXED : _FIXED + width]
    port = int.from_bytes(data[_FIXED + 2 * width :][:2])
    return _header(IPv4Address(source) if family == _TCP4 else IPv6Address(source), port)


def _header(address: IPv4Address | IPv6Address, port: int) -> Header:
    """Load balancers that listen on [::] write IPv4 clients as ::ffff:192.0.2.1, which no rule would meet."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return Header(mapped or address, port)


def _check_extensions(header: bytes, at: int) -> None:
    """The type-length-value fields must fill the header, and a checksum must be right (section 2.2.3).

    There is one at most: each covers the whole header.
    """
    checked = False
    while at < len(header):
        if at + 3 > len(header):
            raise ProtocolError("truncated field in a PROXY header")
        kind, size = header[at], int.from_bytes(header[at + 1 : at + 3])
        value = at + 3
        at = value + size
        if at > len(header) or (kind == _CRC32C and size != 4):
            raise ProtocolError("field of a wrong length in a PROXY header")
        if kind == _CRC32C:
            if checked:
                raise ProtocolError("two checksums in a PROXY header")
            checked = True
            claimed = int.from_bytes(header[value:at])
            if _crc32c(header[:value] + bytes(4) + header[at:]) != claimed:
                raise ProtocolError("wrong checksum in a PROXY header")


def _crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (_CRC32C_POLYNOMIAL if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF
