"""Puts PROXY headers together as a load balancer does, and reads them as a connection does."""

import struct
from ipaddress import IPv4Address, IPv6Address

from protocols import proxy_header
from protocols.proxy_header import SIGNATURE, Header

Address = IPv4Address | IPv6Address
PROXY, LOCAL = 0x21, 0x20
CRC32C = 0x03


def v1(source: Address, destination: Address, ports: tuple[int, int]) -> bytes:
    return f"PROXY TCP{source.version} {source} {destination} {ports[0]} {ports[1]}\r\n".encode()


def v2(source: Address, destination: Address, ports: tuple[int, int], extensions: bytes = b"") -> bytes:
    family = 0x11 if source.version == 4 else 0x21
    return v2_raw(PROXY, family, source.packed + destination.packed + struct.pack("!HH", *ports) + extensions)


def v2_raw(command: int, family: int, payload: bytes) -> bytes:
    return SIGNATURE + struct.pack("!BBH", command, family, len(payload)) + payload


def extension(kind: int, value: bytes) -> bytes:
    return struct.pack("!BH", kind, len(value)) + value


def with_checksum(source: Address, destination: Address, ports: tuple[int, int], more: bytes = b"") -> bytes:
    """A header whose checksum field stands in front of `more`."""
    header = v2(source, destination, ports, extension(CRC32C, bytes(4)) + more)
    at = 16 + 2 * len(source.packed) + 4 + 3
    return header[:at] + struct.pack("!I", crc32c(header)) + header[at + 4 :]


def crc32c(data: bytes) -> int:
    """By long division of the reflected polynomial, bit by bit, as RFC 3720 defines it."""
    remainder = 0xFFFFFFFF
    for byte in data:
        for bit in range(8):
            last = (remainder ^ (byte >> bit)) & 1
            remainder = (remainder >> 1) ^ (0x82F63B78 * last)
    return remainder ^ 0xFFFFFFFF


def read(stream: bytes) -> tuple[Header, bytes]:
    """The header in front of `stream`, and what was never asked for. Raises EOFError at the end of it."""
    data = b""
    while isinstance(header := proxy_header.parse(data), int):
        assert header > 0
        if not stream:
            raise EOFError
        data, stream = data + stream[:header], stream[header:]
    return header, stream
