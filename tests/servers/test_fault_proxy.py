"""The fault proxy breaks connections as it is told to."""

import asyncio
import contextlib

import pytest

from tests.servers.fault_proxy import Direction, Fault, FaultProxy, Mode
from tests.servers.recorder import Recorder
from tests.servers.script import Reply, Then

ECHO = {"GREETING": Reply(b"hello\r\n", Then.ECHO)}


@pytest.fixture
async def echo():
    async with Recorder(script=ECHO) as server:
        yield server


@contextlib.asynccontextmanager
async def connection(proxy):
    reader, writer = await asyncio.open_connection(proxy.host, proxy.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def said(reader, octets):
    async with asyncio.timeout(10):
        return await reader.readexactly(len(octets)) == octets


async def quiet(reader):
    """True if nothing comes, not even an end, while the loop goes round for a moment."""
    try:
        async with asyncio.timeout(0.1):
            await reader.read(1)
    except TimeoutError:
        return True
    return False


@pytest.mark.parametrize("mode", [Mode(), Mode(Fault.DELAY, seconds=0.01), Mode(Fault.DRIP, seconds=0.001)])
async def test_what_is_passed_or_slowed_arrives_whole_and_in_order(echo, mode):
    octets = bytes(range(256))
    async with FaultProxy(echo.host, echo.port, mode) as proxy, connection(proxy) as (reader, writer):
        writer.write(octets)
        assert await said(reader, b"hello\r\n" + octets)
        assert proxy.accepted == 1


async def test_drip_sends_octet_by_octet(echo):
    mode = Mode(Fault.DRIP, seconds=0.02)
    async with FaultProxy(echo.host, echo.port, mode) as proxy, connection(proxy) as (reader, _):
        assert await reader.read(100) == b"h"


async def test_a_stall_holds_everything_until_the_mode_changes(echo):
    async with FaultProxy(echo.host, echo.port) as proxy, connection(proxy) as (reader, writer):
        assert await said(reader, b"hello\r\n")
        proxy.switch(Mode(Fault.STALL))
        writer.write(b"held")
        assert await quiet(reader)
        proxy.switch(Mode())
        assert await said(reader, b"held")


async def test_a_delay_is_over_when_the_mode_changes(echo):
    mode = Mode(Fault.DELAY, seconds=3600)
    async with FaultProxy(echo.host, echo.port, mode) as proxy, connection(proxy) as (reader, _):
        assert await quiet(reader)
        proxy.switch(Mode())
        assert await said(reader, b"hello\r\n")


async def test_a_blackhole_takes_everything_and_never_reaches_the_server(echo):
    mode = Mode(Fault.BLACKHOLE)
    async with FaultProxy(echo.host, echo.port, mode) as proxy, connection(proxy) as (reader, writer):
        writer.write(b"lost")
        assert await quiet(reader)
        assert echo.connections == []


async def test_a_connection_that_turns_into_a_blackhole_loses_what_is_sent(echo):
    async with FaultProxy(echo.host, echo.port) as proxy, connection(proxy) as (reader, writer):
        assert await said(reader, b"hello\r\n")
        proxy.switch(Mode(Fault.BLACKHOLE))
        writer.write(b"lost")
        assert await quiet(reader)
        proxy.switch(Mode())
        writer.write(b"found")
        assert await said(reader, b"found")


async def test_connections_that_are_lost_stay_so_and_new_ones_work(echo):
    async with FaultProxy(echo.host, echo.port) as proxy, connection(proxy) as (reader, writer):
        assert await said(reader, b"hello\r\n")
        proxy.lose()
        proxy.switch(Mode())
        writer.write(b"lost")
        assert await quiet(reader)
        async with connection(proxy) as (late, more):
            assert await said(late, b"hello\r\n")
            more.write(b"found")
            assert await said(late, b"found")


async def test_a_truncation_passes_so_many_octets_and_ends_both_sides(echo):
    mode = Mode(Fault.TRUNCATE, size=4, direction=Direction.TO_CLIENT)
    async with FaultProxy(echo.host, echo.port, mode) as proxy, connection(proxy) as (reader, _):
        async with asyncio.timeout(10):
            assert await reader.read(-1) == b"hell"
        await (await echo.connected()).until_closed()


async def test_a_reset_hits_both_sides_at_once_and_every_newcomer(echo):
    async with FaultProxy(echo.host, echo.port) as proxy, connection(proxy) as (reader, _):
        assert await said(reader, b"hello\r\n")
        proxy.switch(Mode(Fault.RESET))
        with pytest.raises(ConnectionResetError):
            await reader.read(1)
        await (await echo.connected()).until_closed()
        async with connection(proxy) as (late, _):
            with pytest.raises(ConnectionResetError):
                await late.read(1)


async def test_a_half_close_ends_one_direction_and_leaves_the_other(echo):
    async with FaultProxy(echo.host, echo.port) as proxy, connection(proxy) as (reader, writer):
        assert await said(reader, b"hello\r\n")
        proxy.switch(Mode(Fault.HALF_CLOSE, direction=Direction.TO_CLIENT))
        async with asyncio.timeout(10):
            assert await reader.read(1) == b""
        writer.write(b"still going")
        await (await echo.connected()).until(b"still going")


async def test_a_clients_own_half_close_reaches_the_server(echo):
    async with FaultProxy(echo.host, echo.port) as proxy, connection(proxy) as (reader, writer):
        assert await said(reader, b"hello\r\n")
        writer.write_eof()
        await (await echo.connected()).until_closed()


async def test_a_server_that_isnt_there_ends_the_connection():
    async with Recorder() as gone:
        port = gone.port
    async with FaultProxy("127.0.0.1", port) as proxy, connection(proxy) as (reader, _):
        async with asyncio.timeout(10):
            assert await reader.read(1) == b""
