"""An answer that waits in the kernel before the question is sent, on both ends of a socket pair."""

import asyncio
import select
import socket
import ssl
from contextlib import asynccontextmanager

import pytest

from gateway.connection import Connection
from gateway.converse import Finished, converse
from gateway.poller import Poller
from protocols import ldap
from protocols.dialogue import AnsweredTooSoon, Credentials, Outcome
from protocols.terms import BackTerms

# A BindResponse with resultCode 0 to the first message of a connection (RFC 4511, section 4.2.2).
BOUND = bytes.fromhex("300c02010161070a010004000400")
TERMS = BackTerms(Credentials(b"uid=fritz,dc=example", b"a guess"))


@asynccontextmanager
async def connected():
    """Our side of a connection, and the directory's."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    loop = asyncio.get_running_loop()
    poller = Poller(loop)
    connection = Connection(ours, poller, loop)
    try:
        yield connection, theirs
    finally:
        connection.close()
        theirs.close()
        poller.close()


def no_tls():
    raise AssertionError("nobody asked for TLS")


def readable(connection):
    return bool(select.select([connection.sock], [], [], 10)[0])


async def answer(theirs, data):
    """Wait for the question, and answer it."""
    await asyncio.to_thread(theirs.recv, 4096)
    await asyncio.to_thread(theirs.sendall, data)


@pytest.mark.asyncio
async def test_back_06_a_bind_is_not_accepted_by_a_yes_from_before_it():
    async with connected() as (connection, theirs):
        theirs.sendall(BOUND)
        with pytest.raises(AnsweredTooSoon):
            await converse(ldap.back(TERMS), connection, no_tls)
        theirs.settimeout(0)
        with pytest.raises(BlockingIOError):  # no password was sent
            theirs.recv(1)


@pytest.mark.asyncio
async def test_back_06_nor_inside_tls(authority):
    async with connected() as (connection, theirs):
        secure = await started(connection, theirs, authority, first=BOUND)
        with pytest.raises(AnsweredTooSoon):
            await converse(ldap.back(TERMS), connection, no_tls)
        secure.close()


@pytest.mark.asyncio
async def test_tls_tickets_that_came_before_the_question_are_no_answer(authority):
    """In TLS 1.3 a server sends them unasked, behind its handshake (RFC 8446, section 4.6.1)."""
    async with connected() as (connection, theirs):
        secure = await started(connection, theirs, authority, first=b"")
        assert readable(connection)
        asked = asyncio.ensure_future(answer(secure, BOUND))
        ended = await converse(ldap.back(TERMS), connection, no_tls)
        await asked
        assert isinstance(ended, Finished)
        assert ended.value[0].outcome is Outcome.ACCEPTED
        secure.close()


async def started(connection, theirs, authority, first):
    """Both sides in TLS; the server has said `first`, which has arrived."""
    pair = authority.server()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)

    def serve():
        secure = context.wrap_socket(theirs, server_side=True)
        if first:
            secure.sendall(first)
        return secure

    serving = asyncio.ensure_future(asyncio.to_thread(serve))
    await connection.start_tls(authority.client_context(), "localhost")
    return await serving
