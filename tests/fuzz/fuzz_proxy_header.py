"""Any bytes where a PROXY header has to be.

An input is a byte for the size of the pieces in which it comes, and the bytes.
"""

from ipaddress import IPv4Address, IPv6Address

import atheris

with atheris.instrument_imports(include=["protocols"]):
    from protocols import proxy_header
    from protocols.dialogue import ProtocolError
    from protocols.proxy_header import MAX_V2, SIGNATURE, Header

from fuzzing import fuzz

from tests.protocols.proxy_headers import extension, v1, v2, with_checksum

FOUR = IPv4Address("192.0.2.7"), IPv4Address("198.51.100.1"), (49152, 993)
SIX = IPv6Address("2001:db8::7"), IPv6Address("::ffff:192.0.2.7"), (49152, 993)
HEADERS = [
    *(make(*ends) for make in (v1, v2, with_checksum) for ends in (FOUR, SIX)),
    with_checksum(*FOUR, extension(0x02, b"mail.example.test")),
    b"PROXY UNKNOWN\r\n",
]
SEEDS = [bytes((size,)) + header + b"a1 NOOP\r\n" for header in HEADERS for size in (0, 255)]


def target(data: bytes) -> None:
    size, stream = data[0] + 1 if data else 1, data[1:]
    answer = read(stream, size)
    assert answer == read(stream, 1 << 16)
    try:
        proxy_header.parse(data)
    except ProtocolError:
        return


def read(stream: bytes, size: int) -> tuple[Header, bytes] | str:
    """The header and what is behind it, when at most `size` bytes come at a time."""
    have = b""
    try:
        while isinstance(answer := proxy_header.parse(have), int):
            assert 0 < answer <= MAX_V2 - len(have)
            if not stream:
                return "wants more"
            taken = min(answer, size)
            have, stream = have + stream[:taken], stream[taken:]
    except ProtocolError as error:
        return str(error)
    assert 0 <= answer.port <= 65535
    assert have.startswith(SIGNATURE) or have.endswith(b"\r\n")
    return answer, stream


if __name__ == "__main__":
    fuzz(target, SEEDS)
