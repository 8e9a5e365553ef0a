"""PROXY headers as load balancers send them, right and wrong (HAProxy's doc/proxy-protocol.txt)."""

import socket

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
V1 = b"PROXY TCP4 192.0.2.7 198.51.100.1 47110 993\r\n"
V1_IPV6 = b"PROXY TCP6 2001:db8::7 2001:db8::1 47110 993\r\n"


def version_2(
    source: str = "192.0.2.7",
    *,
    command: int = 0x21,
    family: int | None = None,
    fields: bytes = b"",
    size: int = 0,
) -> bytes:
    """A header of version 2 from that address, port 47110. `size` makes it lie about its length."""
    kind = socket.AF_INET6 if ":" in source else socket.AF_INET
    here = "2001:db8::1" if ":" in source else "198.51.100.1"
    addresses = socket.inet_pton(kind, source) + socket.inet_pton(kind, here)
    body = addresses + (47110).to_bytes(2) + (993).to_bytes(2) + fields
    usual = 0x21 if kind == socket.AF_INET6 else 0x11
    return SIGNATURE + bytes([command, family or usual]) + (size or len(body)).to_bytes(2) + body


def field(kind: int, value: bytes) -> bytes:
    """A type-length-value field."""
    return bytes([kind]) + len(value).to_bytes(2) + value


GOOD_HEADERS = {
    "version 1": (V1, "192.0.2.7"),
    "version 1, IPv6": (V1_IPV6, "2001:db8::7"),
    "version 2": (version_2(), "192.0.2.7"),
    "version 2, IPv6": (version_2("2001:db8::7"), "2001:db8::7"),
    "version 2 with fields": (
        version_2(fields=field(0x02, b"mail.example.test") + field(0x04, b"")),
        "192.0.2.7",
    ),
}
BAD_HEADERS = {
    "none": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"r" * 500,
    "two": V1 + V1,
    "two of version 2": version_2() + version_2(),
    "version 1, unknown": b"PROXY UNKNOWN\r\n",
    "version 1, unknown with addresses": b"PROXY UNKNOWN 192.0.2.7 192.0.2.1 1 2\r\n",
    "version 1, other family": b"PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n",
    "version 1, no address": b"PROXY TCP4 192.0.2.256 192.0.2.1 1 2\r\n",
    "version 1, no port": b"PROXY TCP4 192.0.2.7 192.0.2.1 65536 2\r\n",
    "version 1, leading zero": b"PROXY TCP4 192.0.2.07 192.0.2.1 1 2\r\n",
    "version 1, two spaces": b"PROXY  TCP4 192.0.2.7 192.0.2.1 1 2\r\n",
    "version 1, bare line feed": b"PROXY TCP4 192.0.2.7 192.0.2.1 1 2\n",
    "version 1, too long": b"PROXY TCP4 192.0.2.7 192.0.2.1 1 2" + b" " * 200,
    "version 1, small letters": b"proxy tcp4 192.0.2.7 192.0.2.1 1 2\r\n",
    "version 2, local": version_2(command=0x20),
    "version 2, unknown command": version_2(command=0x22),
    "version 2, version 3": version_2(command=0x31),
    "version 2, unspecified": version_2(family=0x01),
    "version 2, datagrams": version_2(family=0x12),
    "version 2, unix socket": version_2(family=0x31),
    "version 2, too short": version_2(size=11),
    "version 2, too short for IPv6": version_2(family=0x21),
    "version 2, endless": version_2(size=65535),
    "version 2, broken field": version_2(fields=b"\x02\xff\xff"),
    "version 2, wrong checksum": version_2(fields=field(0x03, b"\0\0\0\0")),
    "version 2, checksum of a wrong length": version_2(fields=field(0x03, b"\0")),
}
