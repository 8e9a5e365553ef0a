"""The PROXY header: who the client is, and not a byte more than the header is read."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from protocols import proxy_header
from protocols.dialogue import ProtocolError
from protocols.proxy_header import SIGNATURE, Header
from tests.protocols import proxy_headers
from tests.protocols.proxy_headers import CRC32C, LOCAL, PROXY, extension, read, v1, v2, v2_raw, with_checksum

CLIENT, SERVER = IPv4Address("192.0.2.7"), IPv4Address("198.51.100.1")
CLIENT6, SERVER6 = IPv6Address("2001:db8::7"), IPv6Address("2001:db8::1")
PORTS = (49152, 993)

ports = st.integers(0, 65535)
four = st.tuples(st.ip_addresses(v=4), st.ip_addresses(v=4))
six = st.tuples(st.ip_addresses(v=6), st.ip_addresses(v=6)).filter(lambda pair: pair[0].ipv4_mapped is None)
addresses = four | six
extensions = st.lists(
    st.builds(extension, st.integers(0, 255).filter(lambda kind: kind != CRC32C), st.binary(max_size=40)),
    max_size=4,
).map(b"".join)


@given(addresses, st.tuples(ports, ports), st.binary(max_size=200))
def test_a_line_of_version_1_is_read_and_not_a_byte_behind_it(addresses, ports, behind):
    assert read(v1(*addresses, ports) + behind) == (Header(addresses[0], ports[0]), behind)


@given(addresses, st.tuples(ports, ports), extensions, st.booleans(), st.binary(max_size=200))
def test_a_header_of_version_2_is_read_and_not_a_byte_behind_it(
    addresses, ports, extensions, checksum, behind
):
    make = with_checksum if checksum else v2
    assert read(make(*addresses, ports, extensions) + behind) == (Header(addresses[0], ports[0]), behind)


@given(addresses, st.tuples(ports, ports), st.data())
def test_a_header_in_any_pieces_is_the_same(addresses, ports, data):
    header = data.draw(st.sampled_from([v1(*addresses, ports), with_checksum(*addresses, ports)]))
    have = b""
    while isinstance(wanted := proxy_header.parse(have), int):
        piece = data.draw(st.integers(1, wanted))
        have += header[len(have) :][:piece]
    assert wanted == Header(addresses[0], ports[0])
    assert have == header


@given(
    st.binary(max_size=300)
    | st.binary(max_size=100).map(SIGNATURE.__add__)
    | st.binary(max_size=150).map(b"PROXY TCP4 ".__add__)
)
@example(b"PROXY TCP4 1.1.1.1 2.2.2.2 1 99999\r\n")
@example(b"PROXY TCP4 1.1.1.999 2.2.2.2 1 1\r\n")
def test_any_bytes_are_a_header_or_refused_or_wanting_more(stream):
    try:
        header, _ = read(stream)
    except (ProtocolError, EOFError):
        return
    assert 0 <= header.port <= 65535


@given(st.binary(max_size=300))
def test_any_bytes_at_once_are_a_header_or_refused_or_wanting_more(data):
    try:
        answer = proxy_header.parse(data)
    except ProtocolError:
        return
    assert isinstance(answer, Header) or 0 < answer <= proxy_header.MAX_V2


@pytest.mark.parametrize("make", [v1, v2])
def test_an_ipv4_client_in_an_ipv6_header_is_the_ipv4_client(make):
    """Load balancers that listen on [::] say it so; rules and limits for its network must still meet it."""
    mapped = make(IPv6Address("::ffff:192.0.2.7"), IPv6Address("::ffff:198.51.100.1"), PORTS)
    assert read(mapped) == (Header(CLIENT, 49152), b"")


def refused(stream, complaint):
    with pytest.raises(ProtocolError, match=complaint):
        read(stream)


@pytest.mark.parametrize("line", [b"PROXY UNKNOWN\r\n", b"PROXY UNKNOWN ::1 ::1 1 1\r\n"])
def test_bf_07_unknown_is_dropped_without_waiting_for_more(line):
    refused(line, "without a TCP client")


@pytest.mark.parametrize("family", [0x00, 0x11, 0x21, 0x31])
def test_bf_07_local_is_dropped(family):
    refused(v2_raw(LOCAL, family, bytes(36)), "without a TCP client")


@pytest.mark.parametrize(
    "family",
    [0x00, 0x10, 0x12, 0x13, 0x20, 0x22, 0x30, 0x31, 0x32, 0x41, 0xFF],
    ids=lambda family: f"{family:#x}",
)
def test_bf_07_unix_sockets_datagrams_and_unknown_families_are_dropped(family):
    refused(v2_raw(PROXY, family, bytes(216)), "without a TCP client")


@pytest.mark.parametrize("command", [0x00, 0x01, 0x11, 0x22, 0x2F, 0x31, 0xFF])
def test_bf_07_other_versions_and_commands_are_dropped(command):
    refused(v2_raw(command, 0x11, bytes(12)), "without a TCP client")


@pytest.mark.parametrize(
    ("family", "size"), [(0x11, 0), (0x11, 11), (0x21, 12), (0x21, 35), (0x11, 2049), (0x21, 65535)]
)
def test_bf_07_a_bad_length_is_dropped(family, size):
    refused(v2_raw(PROXY, family, bytes(size)), "of a wrong length")


def test_bf_07_the_longest_header_is_taken():
    longest = v2(CLIENT, SERVER, PORTS, extension(0x04, bytes(2048 - 12 - 3)))
    assert len(longest) == proxy_header.MAX_V2
    assert read(longest) == (Header(CLIENT, 49152), b"")


@pytest.mark.parametrize(
    ("extensions", "complaint"),
    [
        (b"\x04", "truncated field"),
        (b"\x04\x00", "truncated field"),
        (b"\x04\x00\x01", "field of a wrong length"),
        (extension(0x04, b"abc")[:-1], "field of a wrong length"),
        (extension(0x04, b"abc") + b"\x04\xff\xff", "field of a wrong length"),
        (extension(CRC32C, bytes(3)), "field of a wrong length"),
        (extension(CRC32C, bytes(5)), "field of a wrong length"),
        (extension(CRC32C, b""), "field of a wrong length"),
    ],
)
def test_bf_07_fields_that_do_not_fill_the_header_are_dropped(extensions, complaint):
    refused(v2(CLIENT, SERVER, PORTS, extensions), complaint)


@pytest.mark.parametrize("at", [16, 19, 20, 24, 27, 31, 34, 40])
def test_bf_07_a_wrong_checksum_is_dropped(at):
    """Whatever was altered on the way: addresses, ports, the sum itself, or another field."""
    header = bytearray(with_checksum(CLIENT, SERVER, PORTS, extension(0x02, b"mail.example.test")))
    header[at] ^= 1
    refused(bytes(header), "wrong checksum")


def test_bf_07_a_checksum_of_zeros_is_no_way_around():
    refused(v2(CLIENT, SERVER, PORTS, extension(CRC32C, bytes(4))), "wrong checksum")


def test_bf_07_a_second_checksum_is_dropped():
    header = with_checksum(CLIENT, SERVER, PORTS, extension(CRC32C, bytes(4)))
    refused(header, "two checksums")


@pytest.mark.parametrize("make", [v1, v2])
def test_bf_07_a_duplicate_header_is_not_read(make):
    """The first one counts; the second is left for the protocol behind it, which knows no such command."""
    forged = make(IPv4Address("127.0.0.1"), SERVER, PORTS)
    assert read(make(CLIENT, SERVER, PORTS) + forged) == (Header(CLIENT, 49152), forged)


@pytest.mark.parametrize(
    "start",
    [
        b"a LOGIN alice secret\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(20),
        b"proxy TCP4 1.1.1.1 2.2.2.2 1 1\r\n",
        b" PROXY TCP4 1.1.1.1 2.2.2.2 1 1\r\n",
        SIGNATURE[:-1] + b"x" + bytes(20),
    ],
)
def test_bf_07_no_header_where_one_is_required_is_dropped(start):
    refused(start, "no PROXY header")


@pytest.mark.parametrize(
    "line",
    [
        b"PROXY TCP4 192.0.2.7 198.51.100.1 49152 993\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 49152\r\n",
        b"PROXY TCP4 192.0.2.7  198.51.100.1 49152 993\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 49152 993 \r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 049152 993\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 -1 993\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 49152 +993\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 499152 993\r\n",
        b"PROXY TCP5 192.0.2.7 198.51.100.1 49152 993\r\n",
        b"PROXY tcp4 192.0.2.7 198.51.100.1 49152 993\r\n",
        b"PROXY TCP4 mail.example.test 198.51.100.1 49152 993\r\n",
        b"PROXY TCP6 fe80::1%eth0 2001:db8::1 49152 993\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1\x00 49152 993\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1\r 49152 993\r\n",
        b"PROXY TCP4 192.0.2.7\n198.51.100.1 49152 993\r\n",
        b"PROXY TCP4\r\n" + bytes(16),
    ],
)
def test_bf_07_a_line_that_is_not_just_so_is_dropped(line):
    refused(line + b"\n", "malformed PROXY header")


@pytest.mark.parametrize(
    "address", [b"192.0.2", b"192.0.2.256", b"192.0.02.7", b"::ffff::1", b"1:2:3:4:5:6:7:8:9", b".."]
)
def test_bf_07_an_address_that_is_none_is_dropped(address):
    refused(b"PROXY TCP4 " + address + b" 198.51.100.1 49152 993\r\n", "malformed address")
    refused(b"PROXY TCP4 192.0.2.7 " + address + b" 49152 993\r\n", "malformed address")


@pytest.mark.parametrize(
    "line",
    [
        b"PROXY TCP4 2001:db8::7 198.51.100.1 49152 993\r\n",
        b"PROXY TCP4 192.0.2.7 2001:db8::1 49152 993\r\n",
        b"PROXY TCP6 192.0.2.7 198.51.100.1 49152 993\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 65536 993\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 49152 65536\r\n",
    ],
)
def test_bf_07_a_line_that_contradicts_itself_is_dropped(line):
    refused(line, "contradicts itself")


def test_bf_07_a_line_without_end_is_dropped_at_107_bytes():
    refused(b"PROXY TCP4 " + b"1" * 96, "too long")
    with pytest.raises(EOFError):
        read(b"PROXY TCP4 " + b"1" * 95)


def test_the_checksum_is_the_one_of_rfc_3720():
    assert proxy_headers.crc32c(b"123456789") == 0xE3069283
