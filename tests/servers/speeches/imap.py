"""The recording backend as an IMAP server."""

import base64
from asyncio import StreamReader
from functools import partial
from typing import TYPE_CHECKING

from tests.servers.script import Reply, Then
from tests.servers.speeches import Command, Login
from tests.servers.speeches.imap_command import read_command
from tests.servers.speeches.sasl import credentials

if TYPE_CHECKING:
    from tests.servers.recorded import Recorded


class _Imap:
    offer = "IMAP4rev1 LITERAL+ SASL-IR ID IDLE AUTH=PLAIN AUTH=LOGIN"

    def greeting(self, connection: "Recorded") -> bytes:
        return f"* OK [CAPABILITY {_capability(connection)}] ready\r\n".encode()

    async def read(self, reader: StreamReader, connection: "Recorded") -> Command | None:
        return await read_command(reader, partial(connection.send, b"+ go ahead\r\n"))

    async def usual(self, command: Command, connection: "Recorded") -> Reply:
        match command.verb:
            case "CAPABILITY":
                return Reply(f"* CAPABILITY {_capability(connection)}\r\n{{tag}} OK done\r\n".encode())
            case "ID":
                return Reply(b'* ID ("name" "recorder")\r\n{tag} OK done\r\n')
            case "STARTTLS" if connection.offers_tls:
                return Reply(b"{tag} OK go\r\n", Then.START_TLS)
            case "LOGIN" | "AUTHENTICATE" if command.arguments:
                return await _log_in(command, connection)
            case "IDLE":
                return Reply(b"+ idling\r\n")
            case "" if command.tag.upper() == b"DONE":
                idle = next(past for past in reversed(connection.commands) if past.verb == "IDLE")
                return Reply(idle.tag + b" OK done\r\n")
            case "FETCH" if command.arguments and command.arguments[0].isdigit():
                return Reply(_message(int(command.arguments[0])))
            case "UNAUTHENTICATE":
                return Reply(b"{tag} BAD unknown command\r\n")
            case "LOGOUT":
                return Reply(b"* BYE\r\n{tag} OK bye\r\n", Then.CLOSE)
        return Reply(b"{tag} OK done\r\n")


IMAP = _Imap()


def _capability(connection: "Recorded") -> str:
    return connection.offer + (" STARTTLS" if connection.offers_tls else "")


async def _log_in(command: Command, connection: "Recorded") -> Reply:
    if command.verb == "LOGIN":
        name, password = (word.decode("utf-8", "replace") for word in command.arguments)
        login = Login(name, password)
    else:
        login = await credentials(command.arguments, lambda text: _asked(connection, text))
    if await connection.judge(login):
        return Reply(f"{{tag}} OK [CAPABILITY {_capability(connection)}] in\r\n".encode(), Then.LOGGED_IN)
    return Reply(b"{tag} NO [AUTHENTICATIONFAILED] Authentication failed.\r\n")


async def _asked(connection: "Recorded", challenge: bytes) -> bytes:
    return await connection.answer_to(b"+ " + base64.b64encode(challenge))


def _message(size: int) -> bytes:
    line = b"0123456789" * 7 + b"\r\n"
    octets = (line * (size // len(line) + 1))[:size]
    return b"* %d FETCH (BODY[] {%d}\r\n%b)\r\n{tag} OK done\r\n" % (size, size, octets)
