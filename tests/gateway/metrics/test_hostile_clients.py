"""The address for metrics and those who aren't Prometheus: each gets a bounded answer, and clients go on."""

import asyncio
import socket

import pytest

from tests.gateway.metrics.scrape import exchange, get, read
from tests.gateway.site import QUICK

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = QUICK + '\n[metrics]\naddress = "127.0.0.1:{third}"\nsources = ["127.0.0.1/32"]\n'
GET = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n"
SLOTS = 16


@pytest.fixture
def port(site):
    return site.gateway.third


@pytest.mark.parametrize(
    "octets",
    [
        b"\r\n\r\n",
        b"GET /health/live\r\n\r\n",
        b"GET /health/live HTTP/2.0\r\nHost: a\r\n\r\n",
        b"GET  /health/live HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET http://localhost/health/live HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /health/live HTTP/1.1\r\n\r\n",
        GET + b"Host: twice\r\n\r\n",
        GET + b"no colon\r\n\r\n",
        GET + b"Space : before\r\n\r\n",
        GET + b"X: folded\r\n line\r\n\r\n",
        GET + b"X: nul\0\r\n\r\n",
        GET + b"X: a\nY: b\r\n\r\n",
        GET + b"Content-Length: 5\r\n\r\nhello",
        GET + b"Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello",
        GET + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
)
async def test_what_is_no_plain_request_is_refused(port, octets):
    assert read(await exchange(port, octets)).status == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get"])
async def test_nothing_but_get_and_head_is_allowed(port, method):
    answer = await get(port, "/metrics", method=method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/", "/metrics/", "/metricsx", "/..%2fmetrics", "/health", "/debug/pprof"])
async def test_what_is_not_there_is_not_found(port, path):
    assert (await get(port, path)).status == 404


async def test_head_gets_the_same_without_the_body(port):
    whole, head = await get(port, "/health/ready"), await get(port, "/health/ready", method="HEAD")
    assert (head.status, head.headers, head.body) == (whole.status, whole.headers, "")


async def test_http_1_0_needs_no_host(port):
    assert read(await exchange(port, b"GET /health/ready HTTP/1.0\r\n\r\n")).body == "ready\n"


@pytest.mark.parametrize("size", [8193, 1_000_000])
async def test_a_huge_request_is_refused_before_it_is_read_to_its_end(port, size):
    answer = read(await exchange(port, GET + b"X: " + b"x" * size))
    assert answer.status == 431


async def test_of_pipelined_requests_one_is_answered(port):
    answer = await exchange(port, (GET + b"\r\n") * 100)
    assert answer.count(b"HTTP/1.1 200 OK") == 1
    assert read(answer).body == "alive\n"


async def test_what_a_client_sends_is_never_in_the_answer(port):
    canary = "application/openmetrics-text; version=CANARY; escaping=CANARY, CANARY/x"
    for path in ("/metrics?CANARY=1", "/CANARY"):
        octets = f"GET {path} HTTP/1.1\r\nHost: CANARY\r\nAccept: {canary}\r\nCANARY: x\r\n\r\n".encode()
        assert b"CANARY" not in await exchange(port, octets)


async def test_who_is_not_in_the_sources_is_turned_away_without_an_answer(site, port):
    with pytest.raises(ConnectionResetError):
        await exchange(port, GET + b"\r\n", source="127.0.0.2")
    await site.until_log('reason="it\'s not in metrics.sources"')
    assert (await get(port, "/health/live")).status == 200


async def test_strangers_to_the_sources_take_no_place_from_those_who_may_ask(port):
    held = [await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.2", 0)) for _ in range(50)]
    for _, writer in held:
        writer.write(b"G")
    assert (await get(port, "/health/live")).status == 200
    for _, writer in held:
        writer.close()


async def test_slow_clients_hold_few_places_and_not_for_long(site, port):
    """They send a byte and no more. Meanwhile mail clients log in, and later there is room again."""
    held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2 * SLOTS)]
    for _, writer in held:
        writer.write(b"G")
    await site.lets_a_good_login_in()
    async with asyncio.timeout(20):
        ends = await asyncio.gather(*(reader.read() for reader, _ in held), return_exceptions=True)
    assert all(end == b"" or isinstance(end, ConnectionResetError) for end in ends)
    for _, writer in held:
        writer.close()
    assert (await get(port, "/health/live")).status == 200


async def test_who_does_not_take_the_answer_is_cut(site, port):
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        sock.setblocking(False)
        loop = asyncio.get_running_loop()
        files = site.open_files()
        await loop.sock_connect(sock, ("127.0.0.1", port))
        await loop.sock_sendall(sock, b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
        await site.lets_a_good_login_in()
        async with asyncio.timeout(20):
            while site.open_files() <= files:  # noqa: ASYNC110 (it's another process)
                await asyncio.sleep(0.01)
            while site.open_files() > files:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
