"""The recording backend records what comes and says what it is told to say."""

import asyncio
import base64
import imaplib
import ssl

import pytest

from tests.servers.certificates import Authority
from tests.servers.recorder import Recorder
from tests.servers.script import Reply, Then


class Client:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def line(self):
        async with asyncio.timeout(10):
            return await self.reader.readline()

    async def says(self, octets):
        self.writer.write(octets)
        return await self.line()


@pytest.fixture
async def connect():
    writers = []

    async def connect(backend, **options):
        reader, writer = await asyncio.open_connection(backend.host, backend.port, **options)
        writers.append(writer)
        return Client(reader, writer)

    yield connect
    for writer in writers:
        writer.transport.abort()


def plain(*parts):
    return base64.b64encode("\0".join(parts).encode())


async def test_python_s_client_logs_in_and_its_octets_are_recorded():
    def session(port):
        with imaplib.IMAP4("127.0.0.1", port, timeout=10) as client:
            client.login("dora", "secret words")
            client.select()

    async with Recorder(passwords={"dora": "secret words"}) as backend:
        await asyncio.to_thread(session, backend.port)
        connection = await backend.connected()
        assert [(login.login, login.password) for login in connection.logins] == [("dora", "secret words")]
        assert [command.verb for command in connection.commands] == [
            "CAPABILITY",
            "LOGIN",
            "SELECT",
            "LOGOUT",
        ]
        assert b'LOGIN dora "secret words"\r\n' in connection.received


@pytest.mark.parametrize(
    "login",
    [
        b'a LOGIN dora "pass\\"word"\r\n',
        b'a LOGIN {4+}\r\ndora {9+}\r\npass"word\r\n',
        b"a AUTHENTICATE PLAIN " + plain("", "dora", 'pass"word') + b"\r\n",
        b"a authenticate plain " + plain("enno", "dora", 'pass"word') + b"\r\n",
    ],
)
async def test_a_login_in_any_form_is_understood(connect, login):
    async with Recorder(passwords={"dora": 'pass"word'}) as backend:
        client = await connect(backend)
        await client.line()
        assert (await client.says(login)).startswith(b"a OK")
        connection = await backend.connected()
        assert (connection.logins[0].login, connection.logins[0].password) == ("dora", 'pass"word')
        assert connection.logins[0].acts_as in ("", "enno")
        assert connection.logged_in


async def test_literals_and_challenges_are_asked_for(connect):
    async with Recorder() as backend:
        client = await connect(backend)
        await client.line()
        assert (await client.says(b"a LOGIN {4}\r\n")).startswith(b"+ ")
        assert (await client.says(b"dora {2}\r\n")).startswith(b"+ ")
        assert (await client.says(b"pw\r\n")).startswith(b"a OK")
        assert await client.says(b"b AUTHENTICATE LOGIN\r\n") == b"+ VXNlcm5hbWU6\r\n"
        assert await client.says(plain("enno") + b"\r\n") == b"+ UGFzc3dvcmQ6\r\n"
        assert (await client.says(plain("word") + b"\r\n")).startswith(b"b OK")
        assert [login.login for login in backend.connections[0].logins] == ["dora", "enno"]


async def test_a_wrong_password_is_refused_after_the_delay(connect):
    async with Recorder(passwords={"dora": "right"}, login_delay=0.01) as backend:
        client = await connect(backend)
        await client.line()
        assert (await client.says(b"a LOGIN dora wrong\r\n")).startswith(b"a NO [AUTHENTICATIONFAILED]")
        assert not backend.connections[0].logged_in


async def test_every_connection_is_counted(connect):
    async with Recorder() as backend:
        assert backend.connections == []
        for _ in range(3):
            await connect(backend)
        await backend.connected(3)
        assert len(backend.connections) == 3


async def test_octets_count_as_received_before_the_login_is_answered(connect):
    async with Recorder(login_delay=3600) as backend:
        client = await connect(backend)
        client.writer.write(b"a LOGIN dora pw\r\nb NOOP\r\n")
        await (await backend.connected()).until(b"b NOOP\r\n")
        assert backend.received().endswith(b"b NOOP\r\n")
        assert not backend.connections[0].logged_in


async def test_a_fetch_gives_a_literal_of_the_asked_size(connect):
    async with Recorder() as backend:
        client = await connect(backend)
        await client.line()
        assert await client.says(b"a FETCH 100000 BODY[]\r\n") == b"* 100000 FETCH (BODY[] {100000}\r\n"
        async with asyncio.timeout(10):
            assert len(await client.reader.readexactly(100_000)) == 100_000
            assert await client.reader.readuntil(b"done\r\n") == b")\r\na OK done\r\n"


async def test_idle_waits_for_done_and_the_test_can_speak_up(connect):
    async with Recorder() as backend:
        client = await connect(backend)
        await client.line()
        assert await client.says(b"a IDLE\r\n") == b"+ idling\r\n"
        await backend.connections[0].send(b"* 1 EXISTS\r\n")
        assert await client.line() == b"* 1 EXISTS\r\n"
        assert await client.says(b"DONE\r\n") == b"a OK done\r\n"


async def test_a_scripted_login_can_be_cut_in_the_middle(connect):
    script = {"LOGIN": Reply(b"{tag} OK [CAPABI", Then.CLOSE)}
    async with Recorder(script=script) as backend:
        client = await connect(backend)
        await client.line()
        assert await client.says(b"x7 LOGIN dora pw\r\n") == b"x7 OK [CAPABI"
        await backend.connections[0].until_closed()


async def test_a_scripted_reset_is_an_rst(connect):
    async with Recorder(script={"NOOP": Reply(then=Then.RESET)}) as backend:
        client = await connect(backend)
        await client.line()
        with pytest.raises(ConnectionResetError):
            await client.says(b"a NOOP\r\n")


async def test_a_scripted_greeting_may_be_preauth_or_nothing(connect):
    async with Recorder(script={"GREETING": Reply(b"* PREAUTH welcome\r\n")}) as backend:
        assert await (await connect(backend)).line() == b"* PREAUTH welcome\r\n"
    async with Recorder(script={"GREETING": Reply(then=Then.SILENCE)}) as backend:
        client = await connect(backend)
        client.writer.write(b"a NOOP\r\n")
        await (await backend.connected()).until(b"a NOOP\r\n")


async def test_an_endless_line_lasts_until_the_client_goes(connect):
    async with Recorder(script={"NOOP": Reply(b"x" * 1000, Then.REPEAT)}) as backend:
        client = await connect(backend)
        await client.line()
        client.writer.write(b"a NOOP\r\n")
        async with asyncio.timeout(10):
            assert set(await client.reader.readexactly(1_000_000)) == set(b"x")
        client.writer.transport.abort()
        await backend.connections[0].until_closed()


async def test_a_scripted_echo_gives_every_octet_back(connect):
    script = {"LOGIN": Reply(b"{tag} OK in\r\n", Then.ECHO)}
    async with Recorder(script=script) as backend:
        client = await connect(backend)
        await client.line()
        client.writer.write(b"a LOGIN dora pw\r\n" + bytes(range(256)))
        async with asyncio.timeout(10):
            assert await client.reader.readexactly(9 + 256) == b"a OK in\r\n" + bytes(range(256))


async def test_starttls_is_offered_and_taken(connect, tmp_path):
    authority = Authority(tmp_path)
    async with Recorder(tls=authority.server().server_context()) as backend:
        client = await connect(backend)
        assert b" STARTTLS]" in await client.line()
        assert (await client.says(b"a STARTTLS\r\n")).startswith(b"a OK")
        await client.writer.start_tls(authority.client_context(), server_hostname="localhost")
        assert b"STARTTLS" not in await client.says(b"b CAPABILITY\r\n")
        assert backend.connections[0].tls
        assert b"b CAPABILITY" in backend.connections[0].received


async def test_plaintext_can_follow_the_answer_to_starttls_in_the_same_segment(connect, tmp_path):
    script = {"STARTTLS": Reply(b"{tag} OK go\r\n* CAPABILITY INJECTED\r\n", Then.START_TLS)}
    async with Recorder(tls=Authority(tmp_path).server().server_context(), script=script) as backend:
        client = await connect(backend)
        await client.line()
        client.writer.write(b"a STARTTLS\r\n")
        assert await client.reader.read(1000) == b"a OK go\r\n* CAPABILITY INJECTED\r\n"


async def test_implicit_tls_comes_first(connect, tmp_path):
    authority = Authority(tmp_path)
    async with Recorder(tls=authority.server().server_context(), implicit=True) as backend:
        client = await connect(backend, ssl=authority.client_context(), server_hostname="127.0.0.1")
        assert (await client.line()).startswith(b"* OK")
        assert backend.connections[0].tls


@pytest.mark.parametrize("kind", ["expired", "wrong_name", "untrusted", "self_signed"])
async def test_a_bad_certificate_is_refused_by_a_client_that_verifies(connect, tmp_path, kind):
    authority = Authority(tmp_path)
    context = getattr(authority, kind)().server_context()
    async with Recorder(tls=context, implicit=True) as backend:
        with pytest.raises(ssl.SSLCertVerificationError):
            await connect(backend, ssl=authority.client_context(), server_hostname="localhost")


async def test_leaving_ends_every_connection_whatever_it_is_doing(connect):
    script = {"NOOP": Reply(b"x", Then.REPEAT), "CHECK": Reply(delay=3600)}
    async with Recorder(script=script) as backend:
        clients = [await connect(backend) for _ in range(3)]
        for client, command in zip(clients, (b"a NOOP\r\n", b"a CHECK\r\n", b"a LOGIN {5}\r\n"), strict=True):
            client.writer.write(command)
        for number, octets in enumerate((b"NOOP", b"CHECK", b"LOGIN"), 1):
            await (await backend.connected(number)).until(octets)
    assert all(connection.closed for connection in backend.connections)
