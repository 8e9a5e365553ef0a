"""What strangers, users and backends can make the dialogues do: never more than what they send is long.

Each flood is as long as the limits of its protocol let pass. It comes in pieces of one octet too, as a peer
that wants to be a burden sends it.
"""

from base64 import b64encode

import pytest

from protocols import imap, ldap, pop3, proxy_header, sieve, smtp
from protocols.dialogue import Buffer, Credentials, Outcome, ProtocolError
from protocols.terms import BackTerms, FrontTerms
from tests.protocols.growth import assert_linear, at_once, hear, in_bytes, in_chunks
from tests.protocols.ldap.filters import AND, PRESENT, element, nested, search
from tests.protocols.proxy_headers import extension, v2_raw

every_cut = pytest.mark.parametrize("cut", [at_once, in_chunks, in_bytes])
both_cuts = pytest.mark.parametrize("cut", [in_chunks, in_bytes])
PLAIN = b64encode(b"\0alice\0wrong")
BIND = element(0x30, b"\2\1\1" + element(0x60, b"\2\1\3" + b"\4\5alice" + b"\x80\6secret"))
ROOT_DSE = search(b"\x87\x0bobjectClass", base=b"")
CONTROL = element(0x30, b"\4\0061.2.34")
ALICE = Credentials(b"alice", b"secret")
OFFER = b"* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n"
SIEVE_OFFER = b'"SASL" "PLAIN"\r\n"VERSION" "1.0"\r\nOK\r\n'
EHLO = b"220 ready\r\n250-b\r\n250 AUTH PLAIN\r\n"
ENTRY = element(0x30, b"\4\1x" + element(0x31, b"\4\1y"))


def filled(before, unit, behind=b""):
    """`unit` again and again between the two, so that all of it has the wanted size."""
    return lambda size: before + unit * ((size - len(before) - len(behind)) // len(unit)) + behind


def searching(wrap):
    """A bind, then a search of the wanted size."""
    return lambda size: BIND + wrap(size - len(BIND))


def controlled(size):
    """A search with as many controls as fit."""
    operation = search(PRESENT)[6:]
    return BIND + element(0x30, operation + element(0xA0, CONTROL * (size // len(CONTROL))))


# A protocol, a flood by its size, and a size that eight times are still within the limits.
FRONTS = {
    "imap: commands": (imap, filled(b"", b"a NOOP\r\n"), 32768),
    "imap: a long line": (imap, filled(b"a ", b"x", b"\r\n"), 2000),
    "imap: no line end": (imap, filled(b"", b"x"), 2000),
    "imap: literals": (imap, filled(b"a ID ", b" {0+}\r\n", b"\r\n"), 8000),
    "imap: literals that hold something": (imap, filled(b"a LOGIN", b" {200+}\r\n" + b"x" * 200), 8000),
    "imap: words": (imap, filled(b"a LOGIN", b" x", b"\r\n"), 2000),
    "imap: quoted strings": (imap, filled(b"a LOGIN", b' "x"', b"\r\n"), 2000),
    "imap: escapes": (imap, filled(b'a LOGIN "', b"\\\\", b'"\r\n'), 2000),
    "imap: a quoted string without end": (imap, filled(b'a LOGIN "', b"\\\\", b"\r\n"), 2000),
    "imap: brackets": (imap, filled(b"a LOGIN", b" {1", b"}\r\n"), 2000),
    "imap: digits": (imap, filled(b"a LOGIN {", b"1", b"}\r\n"), 2000),
    "imap: zeros": (imap, filled(b"a LOGIN {", b"0", b"+}\r\n"), 2000),
    "imap: a list": (imap, filled(b"a ID (", b'"x" ', b")\r\n"), 2000),
    "imap: tags": (imap, filled(b"", b"a", b" NOOP\r\n"), 2000),
    "pop3: commands": (pop3, filled(b"", b"CAPA\r\n"), 32768),
    "pop3: names": (pop3, filled(b"", b"USER x\r\n"), 32768),
    "pop3: a long line": (pop3, filled(b"USER ", b"x", b"\r\n"), 1500),
    "pop3: a response": (pop3, filled(b"AUTH PLAIN ", b"AAAA", b"\r\n"), 1500),
    "pop3: words": (pop3, filled(b"AUTH PLAIN", b" x", b"\r\n"), 1500),
    "smtp: commands": (smtp, filled(b"", b"NOOP\r\n"), 32768),
    "smtp: greetings": (smtp, filled(b"", b"EHLO x\r\n"), 32768),
    "smtp: a long line": (smtp, filled(b"EHLO ", b"x", b"\r\n"), 8000),
    "smtp: blanks": (smtp, filled(b"AUTH", b" ", b"\r\n"), 8000),
    "smtp: a response": (smtp, filled(b"AUTH PLAIN ", b"AAAA", b"\r\n"), 1500),
    "sieve: commands": (sieve, filled(b"", b'NOOP "x"\r\n'), 32768),
    "sieve: a long line": (sieve, filled(b'NOOP "', b"x", b'"\r\n'), 2000),
    "sieve: literals": (sieve, filled(b"NOOP", b" {0+}\r\n", b"\r\n"), 8000),
    "sieve: literals of quotes": (sieve, filled(b"NOOP", b" {200+}\r\n" + b'"' * 200, b"\r\n"), 8000),
    "sieve: words": (sieve, filled(b"NOOP", b" x", b"\r\n"), 2000),
    "sieve: blanks": (sieve, filled(b"NOOP", b" ", b'"\r\n'), 2000),
    "sieve: escapes": (sieve, filled(b'NOOP "', b"\\\\", b"\r\n"), 2000),
    "sieve: brackets": (sieve, filled(b"NOOP", b" {1", b"}\r\n"), 2000),
    "ldap: binds": (ldap, filled(b"", BIND), 32768),
    "ldap: searches": (ldap, filled(b"", ROOT_DSE), 32768),
    "ldap: a long name": (
        ldap,
        searching(lambda size: search(PRESENT, base=b"x" * 50) * (size // 99)),
        32768,
    ),
    "ldap: attributes": (ldap, searching(lambda size: search(PRESENT, b"\4\1x" * (size // 3))), 8192),
    "ldap: terms": (ldap, searching(lambda size: search(element(AND, PRESENT * (size // 3)))), 8192),
    "ldap: a deep filter": (ldap, searching(lambda size: search(nested([AND] * (size // 6)))), 8192),
    "ldap: controls": (ldap, controlled, 8192),
    "ldap: a long value": (ldap, searching(lambda size: search(element(0x87, b"x" * size))), 8192),
}
BACKS = {
    "imap: responses": (imap, filled(OFFER, b"* x\r\n"), 32768),
    "imap: literals": (imap, filled(OFFER + b"* ", b"{0}\r\n", b"\r\n"), 8000),
    "imap: literals behind a long line": (imap, filled(OFFER + b"x" * 4000, b"{0}\r\n", b"\r\n"), 8000),
    "imap: capabilities": (imap, filled(b"* CAPABILITY", b" x", b"\r\n"), 2000),
    "imap: a code without end": (imap, filled(b"* OK [", b"x", b"\r\n"), 2000),
    "imap: a code of words": (imap, filled(b"* OK [", b"x ", b"\r\n"), 2000),
    "pop3: a code without end": (
        pop3,
        filled(b"+OK\r\n+OK\r\nSASL PLAIN\r\n.\r\n-ERR [", b"x", b"\r\n"),
        250,
    ),
    "pop3: a code of words": (pop3, filled(b"+OK\r\n+OK\r\nSASL PLAIN\r\n.\r\n-ERR [", b"x ", b"\r\n"), 250),
    "pop3: capabilities": (pop3, filled(b"+OK\r\n+OK\r\n", b"x\r\n"), 32768),
    "smtp: a reply that goes on": (smtp, filled(b"", b"220-x\r\n"), 32768),
    "smtp: extensions": (smtp, filled(b"220 ready\r\n250-b\r\n250 AUTH", b" x", b"\r\n"), 250),
    "smtp: challenges": (smtp, filled(EHLO, b"334 \r\n"), 32768),
    "sieve: literals": (sieve, filled(SIEVE_OFFER + b"NO ", b"{0}\r\n", b"\r\n"), 8000),
    "sieve: literals behind a long line": (
        sieve,
        filled(SIEVE_OFFER + b"x" * 4000, b"{0}\r\n", b"\r\n"),
        8000,
    ),
    "sieve: a code": (sieve, filled(SIEVE_OFFER + b"NO (X ", b') "', b"\r\n"), 2000),
    "sieve: a text": (sieve, filled(SIEVE_OFFER + b'NO "', b"\\\\", b"\r\n"), 2000),
    "sieve: capabilities": (sieve, filled(b"", b'"X" "y"\r\n'), 32768),
    "ldap: an answer": (ldap, lambda size: element(0x30, b"\2\1\1" + element(0x61, b"x" * size)), 16384),
    "ldap: notices": (ldap, filled(b"", element(0x30, b"\2\1\0" + element(0x78, b""))), 32768),
}
ATTRIBUTES = lambda size: element(  # noqa: E731
    0x30, b"\2\1\1" + element(0x64, b"\4\0" + element(0x30, ENTRY * (size // len(ENTRY))))
)
PROBES = {
    "imap": (imap, filled(b"* OK [CAPABILITY", b" x", b"]\r\n"), 2000),
    "pop3": (pop3, filled(b"+OK\r\n+OK\r\n", b"x\r\n"), 2000),
    "smtp": (smtp, filled(b"220 x\r\n", b"250-x\r\n"), 2000),
    "sieve": (sieve, filled(b"", b'"X" "y"\r\n'), 2000),
    "ldap": (ldap, ATTRIBUTES, 16384),
}


def talking(make, flood, cut, outcome=Outcome.REJECTED):
    def work(size):
        pieces = list(cut(flood(size)))
        return lambda: hear(make(), iter(pieces), outcome)

    return work


@both_cuts
@pytest.mark.parametrize(("protocol", "flood", "size"), FRONTS.values(), ids=FRONTS)
def test_dos_21_a_front_takes_what_a_client_sends_in_linear_time(protocol, flood, size, cut):
    outcome = Outcome.ACCEPTED if protocol is ldap else Outcome.REJECTED
    terms = FrontTerms(failed_logins=1 << 30, offered=(b"X",) if protocol is smtp else ())
    assert_linear(talking(lambda: protocol.front(terms), flood, cut, outcome), size)


@both_cuts
@pytest.mark.parametrize(("protocol", "flood", "size"), BACKS.values(), ids=BACKS)
def test_dos_22_a_back_takes_what_a_backend_sends_in_linear_time(protocol, flood, size, cut):
    assert_linear(talking(lambda: protocol.back(BackTerms(ALICE)), flood, cut), size)


@both_cuts
@pytest.mark.parametrize(("protocol", "flood", "size"), PROBES.values(), ids=PROBES)
def test_dos_22_a_probe_takes_what_a_backend_sends_in_linear_time(protocol, flood, size, cut):
    assert_linear(talking(lambda: protocol.probe(False), flood, cut), size)


def lines():
    buffer = Buffer()
    while True:
        yield from buffer.read_line(1 << 30)


def pieces_of(count):
    buffer = Buffer()
    while True:
        yield from buffer.read_exactly(count)


def measured():
    buffer = Buffer()
    while True:
        yield from buffer.read_measured(lambda data: 4)


def one_of(size):
    def read():
        yield from Buffer().read_measured(lambda data: size)

    return read()


READING = {
    "short lines": (lines, filled(b"", b"\n"), 65536),
    "a long line": (lines, filled(b"", b"x", b"\n"), 65536),
    "no line end": (lines, filled(b"", b"x"), 65536),
    "short pieces": (lambda: pieces_of(1), filled(b"", b"x"), 65536),
    "a long piece": (lambda: pieces_of(1 << 30), filled(b"", b"x"), 65536),
    "short messages": (measured, filled(b"", b"abcd"), 65536),
    "a long message": (lambda: one_of(1 << 30), filled(b"", b"x"), 65536),
}


@every_cut
@pytest.mark.parametrize(("make", "flood", "size"), READING.values(), ids=READING)
def test_dos_21_the_buffer_of_every_dialogue_is_read_in_linear_time(make, flood, size, cut):
    assert_linear(talking(make, flood, cut), size)


def taken_as_asked_for(header):
    """As a connection reads a PROXY header: each time as many octets as surely belong to it."""
    data = b""
    try:
        while isinstance(wanted := proxy_header.parse(data), int) and len(data) < len(header):
            data += header[len(data) : len(data) + wanted]
    except ProtocolError:
        return


@pytest.mark.parametrize(
    "header",
    [
        lambda size: v2_raw(0x21, 0x11, bytes(12) + extension(4, b"") * (size // 3)),
        lambda size: v2_raw(0x21, 0x11, bytes(12) + extension(4, bytes(size))),
        lambda size: v2_raw(0x21, 0x11, bytes(12) + extension(3, bytes(4)) * (size // 7)),
        lambda size: v2_raw(0x21, 0x11, bytes(12) + extension(3, bytes(4)) + extension(4, bytes(size))),
        filled(b"PROXY TCP4 ", b"1", b"\r\n"),
        filled(b"PROXY ", b" ", b"\r\n"),
    ],
    ids=["fields", "a field", "checksums", "a checksum", "a long address", "blanks"],
)
def test_dos_23_a_proxy_header_is_read_in_linear_time(header):
    def work(size):
        data = header(size)
        return lambda: taken_as_asked_for(data)

    assert_linear(work, 240)
