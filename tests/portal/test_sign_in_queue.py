"""Signing in, when a server that is slow or hangs has to say whether a main password is right."""

import select
import socket
import ssl
import time
from contextlib import ExitStack

from tests.gateway.people import People
from tests.portal.imap_that_says_no import ImapThatSaysNo
from tests.portal.site import SETTINGS
from tests.portal.test_connections import answer
from tests.servers.gateway import Gateway
from tests.servers.portal import Portal

REST = SETTINGS[: SETTINGS.index("[[backend]]")]
BACKEND = """
[[backend]]
protocol = "imap"
address = "127.0.0.1:%d"
tls = "none"
login = "shared-password"
shared_password_file = "secret"
"""
RUNNING, RUNNING_OF_SOURCE = 16, 4
WAITING, WAITING_OF_SOURCE = 64, 16
TURN = 1.0


def opened(folder, imap, turn=0.05):
    """A portal whose main passwords are at that server, on which it waits for as long as a test may take."""
    limits = f"[limits]\nbackend_seconds = 120\npreauth_seconds = 120\nrefusal_seconds = {turn}"
    settings = REST.replace("[limits]\nrefusal_seconds = 0.05", limits)
    assert "backend_seconds = 120" in settings
    gateway = Gateway(folder, settings + BACKEND % imap.port)
    People(folder).close()
    return Portal(gateway, gateway.third)


def connect(portal, source="127.0.0.1"):
    plain = socket.create_connection(("127.0.0.1", portal.port), 60, source_address=(source, 0))
    context = portal.gateway.client_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # which sends nothing by itself after the handshake
    return context.wrap_socket(plain, server_hostname="localhost")


def form(portal, login):
    body = f"login={login}&password=x".encode()
    head = (
        f"POST /security/sign-in HTTP/1.1\r\nHost: {portal.host}\r\nOrigin: {portal.origin}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def sign_in(stack, portal, source, login):
    """Sent, and not answered yet."""
    tls = stack.enter_context(connect(portal, source))
    tls.sendall(form(portal, login))
    return tls


def answered(held):
    """Those of them that have been answered so far."""
    poll = select.poll()
    for one in held:
        poll.register(one, select.POLLIN)
    ready = {number for number, _ in poll.poll(0)}
    return [one for one in held if one.fileno() in ready]


def until(come):
    end = time.monotonic() + 60
    while not come():
        assert time.monotonic() < end
        time.sleep(0.01)


class TestWeb25:
    """What the moment of a refusal tells."""

    def test_web_25_a_refusal_that_took_longer_comes_at_the_next_whole_turn(self, tmp_path):
        imap = ImapThatSaysNo(1.2 * TURN)
        with opened(tmp_path, imap, TURN) as portal, imap, connect(portal) as tls:
            began = time.monotonic()
            tls.sendall(form(portal, "nobody"))
            assert answer(tls) == 403
            assert time.monotonic() - began >= 2 * TURN

    def test_web_25_the_turn_begins_with_the_last_octet_of_the_form(self, tmp_path):
        """Else a client that holds it back could measure what is left of the turn."""
        imap = ImapThatSaysNo()
        with opened(tmp_path, imap, TURN) as portal, imap, connect(portal) as tls:
            whole = form(portal, "nobody")
            tls.sendall(whole[:-1])
            assert not select.select([tls], [], [], 0.6 * TURN)[0]
            began = time.monotonic()
            tls.sendall(whole[-1:])
            assert answer(tls) == 403
            assert time.monotonic() - began >= TURN


class TestWeb26:
    """Sign-ins by the hundred, each of which holds something."""

    def test_web_26_one_source_has_its_places_and_others_theirs(self, tmp_path):
        imap = ImapThatSaysNo()
        with opened(tmp_path, imap) as portal, imap, ExitStack() as stack:
            most = RUNNING_OF_SOURCE + WAITING_OF_SOURCE
            held = [sign_in(stack, portal, "127.0.0.2", f"waits{number}") for number in range(2 * most)]
            until(lambda: len(answered(held)) == most)
            assert {answer(one) for one in answered(held)} == {503}
            with connect(portal) as anna:
                anna.sendall(form(portal, "anna"))
                assert answer(anna) == 403
            assert answered(held) == []

    def test_web_26_a_full_queue_makes_room_for_who_has_fewest_in_it(self, tmp_path):
        imap = ImapThatSaysNo()
        with opened(tmp_path, imap) as portal, imap, ExitStack() as stack:
            sources = [f"127.0.0.{number}" for number in range(2, 6)]
            each = RUNNING_OF_SOURCE + WAITING_OF_SOURCE
            held = [
                sign_in(stack, portal, source, f"waits{source}{number}")
                for number in range(each)
                for source in sources
            ]
            for _ in range(RUNNING):
                assert imap.asked.get(timeout=60).startswith(b"waits")
            anna = sign_in(stack, portal, "127.0.0.1", "anna")
            until(lambda: len(answered(held)) == 1)  # it has given up its place
            assert answer(*answered(held)) == 503
            imap.release()  # and hers is the next turn
            assert answer(anna) == 403
            until(lambda: imap.asked.qsize() >= 1)
            assert imap.asked.get() == b"anna"

    def test_web_26_who_has_left_is_asked_about_no_more(self, tmp_path):
        imap = ImapThatSaysNo()
        with opened(tmp_path, imap) as portal, imap, ExitStack() as stack:
            for number in range(RUNNING_OF_SOURCE):
                sign_in(stack, portal, "127.0.0.2", f"waits{number}")
                imap.asked.get(timeout=60)
            with ExitStack() as gone:
                held = [
                    sign_in(gone, portal, "127.0.0.2", f"gone{number}")
                    for number in range(WAITING_OF_SOURCE + 1)
                ]
                until(lambda: answered(held))  # one too many: the others wait
            imap.release(RUNNING_OF_SOURCE)
            until(lambda: answer(sign_in(stack, portal, "127.0.0.2", "stays")) == 403)
            assert imap.asked.get(timeout=60) == b"stays"

    def test_web_26_pages_are_shown_meanwhile(self, tmp_path):
        imap = ImapThatSaysNo()
        with opened(tmp_path, imap) as portal, imap, ExitStack() as stack:
            for number in range(RUNNING + WAITING):
                sign_in(stack, portal, f"127.0.0.{number % 8 + 2}", f"waits{number}")
            with connect(portal, "127.0.0.2") as tls:
                tls.sendall(b"GET /security/sign-in HTTP/1.1\r\nHost: %s\r\n\r\n" % portal.host.encode())
                assert answer(tls) == 200
