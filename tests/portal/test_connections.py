"""Connections to the portal that cost it something and ask for nothing; and the certificate that they see."""

import shutil
import socket
import ssl
import time
from contextlib import ExitStack

import pytest

from tests.portal.caller import LOCAL, calling
from tests.portal.site import Site
from tests.servers.certificates import Authority

SECONDS = 2
SETTINGS = LOCAL.replace("[limits]", f"[limits]\npreauth_seconds = {SECONDS}")
MOST = 1000  # the portal's own limit
WHOLE = b"GET /security/sign-in HTTP/1.1\r\nHost: localhost:%d\r\n\r\n"


def connect(site):
    plain = socket.create_connection(("127.0.0.1", site.portal.port), timeout=30)
    return site.gateway.client_context().wrap_socket(plain, server_hostname="localhost")


def whole(site):
    return WHOLE % site.portal.port


def half_a_form(site):
    return (
        b"POST /security/sign-in HTTP/1.1\r\nHost: localhost:%d\r\nOrigin: %s\r\nContent-Length: 60\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\nlogin=anna"
    ) % (site.portal.port, site.portal.origin.encode())


def answer(tls):
    """The status of one answer that has a length, read to its end."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = tls.recv(4096)
        assert piece, head
        head += piece
    head, _, body = head.partition(b"\r\n\r\n")
    [length] = [int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while len(body) < length:
        body += tls.recv(4096)
    return int(head.split()[1])


def all_until_closed(tls):
    """What comes before the portal closes the connection, in whichever way."""
    received = b""
    try:
        while piece := tls.recv(4096):
            received += piece
    except (ConnectionResetError, ssl.SSLEOFError):
        pass
    return received


class TestDos01:
    """Slowloris."""

    @pytest.mark.parametrize(
        "said",
        [
            lambda _: b"",
            lambda _: b"GET /security/sign-in HTTP/1.1\r\nHost: ",
            half_a_form,
            lambda _: b"POST /security/api/v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{",
        ],
        ids=["nothing", "half a head", "half a form", "half a body"],
    )
    def test_dos_01_who_does_not_finish_a_request_is_cut(self, site, said):
        with connect(site) as tls:
            tls.sendall(said(site))
            assert b" 200 " not in all_until_closed(tls)

    def test_dos_01_a_byte_now_and_then_gives_no_more_time(self, site):
        with connect(site) as tls:
            tls.settimeout(0.2)
            end, closed = time.monotonic() + 30, False
            while not closed and time.monotonic() < end:
                try:
                    tls.sendall(b"x")
                    closed = not tls.recv(1)
                except TimeoutError:
                    continue
                except OSError:
                    closed = True
            assert closed

    def test_dos_01_the_second_request_of_a_connection_is_waited_for_no_longer(self, site):
        with connect(site) as tls:
            tls.sendall(whole(site))
            assert answer(tls) == 200
            tls.sendall(b"GET /security/sign-in HTTP/1.1\r\n")
            assert all_until_closed(tls) == b""

    def test_dos_01_who_asks_in_time_may_go_on(self, site):
        began = time.monotonic()
        with connect(site) as tls:
            while time.monotonic() < began + 2 * SECONDS:
                tls.sendall(whole(site)[:20])
                assert site.portal.process.poll() is None
                tls.sendall(whole(site)[20:])
                assert answer(tls) == 200


class TestDos02:
    """Connections that say nothing."""

    def test_dos_02_a_thousand_silent_ones_keep_nobody_out(self, site):
        with ExitStack() as silent:
            for _ in range(MOST + 50):
                silent.enter_context(connect(site))
            with calling(site) as anna:
                assert anna.get("/sign-in").status_code == 200


class TestCertificate:
    def test_a_renewed_one_is_seen_by_new_connections_and_a_broken_one_is_not(self, site, tmp_path):
        folder = site.gateway.authority.folder
        before = seen(site)
        with connect(site) as old:
            renewed = site.gateway.authority.server()
            until(lambda: seen(site) != before)
            shutil.copy(renewed.key, folder / "kept.key")
            shutil.copy(Authority(tmp_path).server().key, renewed.key)
            until(lambda: "changed certificate not used" in site.portal.log())
            assert seen(site) != before
            shutil.copy(folder / "kept.key", renewed.key)
            assert all_until_closed(old) == b""

    def test_that_of_the_portals_own_host_goes_before_that_for_all_names(self, tmp_path, dovecot):
        (tmp_path / "named").mkdir()
        authority = Authority(tmp_path / "named")
        named = authority.server()
        files = f"certificate = '{named.certificate}'\nkey = '{named.key}'\n"
        more = f"[[tls.sni]]\nnames = ['localhost']\n{files}"
        site = Site(tmp_path, Authority(tmp_path), dovecot, SETTINGS + more)
        site.gateway.authority = authority  # which the clients trust
        with site.portal:
            assert ssl.DER_cert_to_PEM_cert(seen(site)) in named.certificate.read_text()
        site.people.close()


def seen(site):
    with connect(site) as tls:
        return tls.getpeercert(binary_form=True)


def until(come):
    end = time.monotonic() + 30
    while not come():
        assert time.monotonic() < end
        time.sleep(0.05)
