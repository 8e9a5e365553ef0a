"""Who opens connections to the portal and has asked for nothing: bounded for each source and in all.

TestDos08 and TestDos09 come as strangers do; test_connections.py has those who come as browsers and are slow.
"""

import re
import select
import socket
import ssl
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from portal.client_address import peer_address
from store.source import source_of
from tests.gateway.people import People
from tests.portal.caller import LOCAL, calling
from tests.portal.key_updates import KeyUpdates
from tests.portal.site import Site
from tests.portal.test_connections import all_until_closed, answer, whole
from tests.servers.certificates import Authority
from tests.servers.gateway import Gateway
from tests.servers.portal import Portal

MOST, MOST_OF_SOURCE = 120, 30
CAPS = f"max_connections = {MOST}\nmax_connections_per_source = {MOST_OF_SOURCE}\n"
# Time is no reason to close anything here, but where a test sets its own.
SETTINGS = LOCAL.replace("[limits]", "[limits]\npreauth_seconds = 120").replace(
    "[portal]", f"[portal]\nhandshake_seconds = 60\n{CAPS}"
)
STRANGER = "127.0.0.2"


def connect(site, source):
    return socket.create_connection(("127.0.0.1", site.portal.port), 60, source_address=(source, 0))


def nothing(site, source):
    return connect(site, source)


def half_a_hello(site, source):
    plain = connect(site, source)
    plain.sendall(hello(site)[:100])
    return plain


def whole_hello(site, source):
    plain = connect(site, source)
    plain.sendall(hello(site))
    return plain


def handshake_alone(site, source):
    return site.gateway.client_context().wrap_socket(connect(site, source), server_hostname="localhost")


def half_a_request(site, source):
    tls = handshake_alone(site, source)
    tls.sendall(whole(site)[:30])
    return tls


def hello(site):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = site.gateway.client_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        one.do_handshake()
    return outgoing.read()


def is_open(one):
    """Whether the portal has not closed it so far."""
    poll = select.poll()
    poll.register(one, select.POLLRDHUP)
    return not poll.poll(0)


def until_closed(one):
    """Raises TimeoutError."""
    try:
        while socket.socket.recv(one, 4096):
            pass
    except ConnectionResetError:
        pass


def page_for(site):
    """What a browser at another address gets."""
    with calling(site) as anna:
        return anna.get("/sign-in").status_code


def memory_kib(process):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())[1])


KINDS = [nothing, half_a_hello, whole_hello, handshake_alone, half_a_request]
of_every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


class TestDos08:
    """Connections by the hundred that ask for nothing."""

    @of_every_kind
    def test_dos_08_one_address_gets_its_places_and_no_more(self, site, kind):
        with ExitStack() as stack:
            held = [stack.enter_context(kind(site, STRANGER)) for _ in range(10 * MOST_OF_SOURCE)]
            assert page_for(site) == 200
            for one in held[:-MOST_OF_SOURCE]:  # the oldest have made room
                until_closed(one)
            assert all(map(is_open, held[-MOST_OF_SOURCE:]))

    def test_dos_08_who_shares_the_address_gets_in(self, site):
        """By another's place: a browser asks at once, and is nobody's oldest stranger."""
        with ExitStack() as stack:
            for _ in range(2 * MOST_OF_SOURCE):
                stack.enter_context(nothing(site, "127.0.0.1"))
            assert page_for(site) == 200

    @of_every_kind
    def test_dos_08_many_addresses_get_all_places_and_no_more(self, site, kind):
        sources = [f"127.0.0.{number}" for number in range(2, 12)]
        with ExitStack() as stack:
            held = [stack.enter_context(kind(site, one)) for one in sources for _ in range(MOST_OF_SOURCE)]
            for one in held[:-MOST]:
                until_closed(one)
            assert page_for(site) == 200
            assert sum(map(is_open, held)) >= MOST - 2

    def test_dos_08_who_waits_for_an_answer_keeps_the_place(self, tmp_path, dovecot):
        settings = SETTINGS.replace("refusal_seconds = 0.05", "refusal_seconds = 3")
        slow = Site(tmp_path, Authority(tmp_path), dovecot, settings)
        form = (
            b"POST /security/sign-in HTTP/1.1\r\nHost: localhost:%d\r\nOrigin: %s\r\nContent-Length: 20\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\nlogin=anna&password=x"
        )
        with slow.portal, handshake_alone(slow, "127.0.0.1") as anna, ExitStack() as stack:
            anna.sendall((form % (slow.portal.port, slow.portal.origin.encode()))[:-1])
            while "verdict=refused" not in slow.portal.log():
                assert slow.portal.process.poll() is None
            held = [
                stack.enter_context(nothing(slow, f"127.0.0.{number % 9 + 1}")) for number in range(3 * MOST)
            ]
            until_closed(held[0])
            assert answer(anna) == 403
        slow.people.close()

    def test_dos_08_a_silent_one_costs_little(self, site):
        before = memory_kib(site.portal.process)
        with ExitStack() as stack:
            for number in range(MOST):
                stack.enter_context(nothing(site, f"127.0.0.{number % 8 + 2}"))
            assert page_for(site) == 200
            assert memory_kib(site.portal.process) - before < 16 * MOST

    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            ("2001:db8::1", "2001:db8::ffff:1", True),
            ("2001:db8::1", "2001:db8:0:1::1", False),
            ("192.0.2.1", "192.0.2.2", False),
            ("::ffff:192.0.2.1", "192.0.2.1", True),
            # RFC 6052: all clients of IPv4 behind NAT64 would be one source.
            ("64:ff9b::192.0.2.1", "64:ff9b::192.0.2.2", False),
        ],
    )
    def test_dos_08_an_ipv6_network_of_64_bits_is_one_source(self, one, other, same):
        assert (source_of(peer_address(one)) == source_of(peer_address(other))) is same

    def test_dos_08_places_are_given_back(self, site):
        for kind in KINDS:
            for _ in range(2 * MOST_OF_SOURCE):
                kind(site, "127.0.0.1").close()
        with ExitStack() as stack:
            held = [stack.enter_context(nothing(site, "127.0.0.1")) for _ in range(MOST_OF_SOURCE - 1)]
            assert page_for(site) == 200
            assert all(map(is_open, held))


@pytest.fixture(scope="module")
def hasty(tmp_path_factory, dovecot):
    folder = tmp_path_factory.mktemp("hasty")
    text = SETTINGS.replace("handshake_seconds = 60", "handshake_seconds = 0.5")
    made = Site(folder, Authority(folder), dovecot, text)
    with made.portal:
        yield made
    made.people.close()


class TestDos09:
    """Those who take their time."""

    @pytest.mark.parametrize("kind", [nothing, half_a_hello, whole_hello], ids=lambda kind: kind.__name__)
    def test_dos_09_a_handshake_that_takes_too_long_is_cut(self, hasty, kind):
        with kind(hasty, STRANGER) as one:
            until_closed(one)
            assert page_for(hasty) == 200

    def test_dos_09_a_byte_now_and_then_gives_no_more_time_for_the_handshake(self, hasty):
        with nothing(hasty, STRANGER) as one:
            one.settimeout(0.05)
            for byte in hello(hasty):
                try:
                    one.sendall(bytes([byte]))
                    if not one.recv(1):
                        return
                except TimeoutError:
                    continue
                except OSError:
                    return
        pytest.fail("the whole of a handshake's first message came byte by byte")

    def test_dos_09_who_does_not_take_the_answers_is_cut(self, tmp_path, dovecot):
        settings = SETTINGS.replace("preauth_seconds = 120", "preauth_seconds = 1")
        hasty = Site(tmp_path, Authority(tmp_path), dovecot, settings)
        with hasty.portal, socket.socket() as plain:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            plain.settimeout(60)
            plain.connect(("127.0.0.1", hasty.portal.port))
            with hasty.gateway.client_context().wrap_socket(plain, server_hostname="localhost") as tls:
                style = whole(hasty).replace(b"/sign-in", b"/static/portal.css")
                tls.sendall(style * 500)
                poll = select.poll()
                poll.register(tls, 0)  # errors alone: to read would be to take the answers
                assert poll.poll(60_000)
            assert page_for(hasty) == 200
        hasty.people.close()

    def test_dos_09_who_makes_new_keys_without_end_is_cut(self, site):
        """OpenSSL alone would read on for as long as they come, and no other client have a turn."""
        with KeyUpdates(site.portal.port) as flood:
            records = flood.records(20_000, whole(site))
            with suppress(OSError):
                flood.socket.sendall(records)
                while is_open(flood.socket):
                    assert flood.receive() == b""
            assert page_for(site) == 200

    def test_dos_09_who_makes_new_keys_now_and_then_is_answered(self, site):
        with KeyUpdates(site.portal.port) as client:
            for _ in range(50):
                client.socket.sendall(client.records(3, whole(site)))
                data = b""
                while not data.rstrip().endswith(b"</html>"):
                    assert is_open(client.socket)
                    data += client.receive()
                assert data.startswith(b"HTTP/1.1 200")


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    """One whose web server is at 127.0.0.1."""
    folder = tmp_path_factory.mktemp("behind")
    more = '[portal]\ntls = false\nproxies = ["127.0.0.1/32"]'
    settings = SETTINGS.replace("[portal]", more).replace("PORT", "1").replace('ca_file = "CA"', "")
    gateway = Gateway(folder, settings)
    People(folder).close()
    with Portal(gateway, gateway.third, scheme="http") as portal:
        yield portal


class TestWeb22:
    """A web server in front, whose one address is that of everybody."""

    def test_web_22_its_own_connections_are_bounded_in_all_alone(self, behind):
        whole = b"GET /security/sign-in HTTP/1.1\r\nHost: localhost:%d\r\n\r\n" % behind.port
        with ExitStack() as stack:
            held = [
                stack.enter_context(socket.create_connection(("127.0.0.1", behind.port), 60))
                for _ in range(3 * MOST_OF_SOURCE)
            ]
            for one in held:
                one.sendall(whole)
            assert {answer(one) for one in held} == {200}

    def test_web_22_who_comes_past_it_is_one_source(self, behind):
        with ExitStack() as stack:
            held = [
                stack.enter_context(
                    socket.create_connection(("127.0.0.1", behind.port), 60, source_address=(STRANGER, 0))
                )
                for _ in range(2 * MOST_OF_SOURCE)
            ]
            assert all_until_closed(held[0]) == b""
            assert all(map(is_open, held[-MOST_OF_SOURCE:]))
