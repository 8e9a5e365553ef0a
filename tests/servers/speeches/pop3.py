"""The recording backend as a POP3 server."""

import base64
from asyncio import StreamReader
from typing import TYPE_CHECKING

from tests.servers.script import Reply, Then
from tests.servers.speeches import Command, Login
from tests.servers.speeches.lines import read_line
from tests.servers.speeches.sasl import credentials

if TYPE_CHECKING:
    from tests.servers.recorded import Recorded


class _Pop3:
    """`offer` has the capabilities, with `|` between them."""

    offer = "TOP|UIDL|USER|RESP-CODES|PIPELINING|SASL PLAIN LOGIN"

    def greeting(self, connection: "Recorded") -> bytes:
        return b"+OK recorder\r\n"

    async def read(self, reader: StreamReader, connection: "Recorded") -> Command | None:
        return await read_line(reader)

    async def usual(self, command: Command, connection: "Recorded") -> Reply:
        match command.verb:
            case "CAPA":
                lines = connection.offer.split("|") + (["STLS"] if connection.offers_tls else [])
                return Reply(b"+OK\r\n" + "".join(f"{line}\r\n" for line in lines).encode() + b".\r\n")
            case "STLS" if connection.offers_tls:
                return Reply(b"+OK go\r\n", Then.START_TLS)
            case "PASS" | "AUTH" if command.arguments:
                return await _log_in(command, connection)
            case "RETR" if command.arguments and command.arguments[0].isdigit():
                octets = b"0123456789" * int(command.arguments[0])
                return Reply(b"+OK\r\n%b\r\n.\r\n" % octets)
            case "QUIT":
                return Reply(b"+OK bye\r\n", Then.CLOSE)
        return Reply(b"+OK done\r\n")


POP3 = _Pop3()


async def _log_in(command: Command, connection: "Recorded") -> Reply:
    if command.verb == "PASS":
        user = next(past for past in reversed(connection.commands) if past.verb == "USER")
        name, password = (_rest(each) for each in (user, command))
        login = Login(name, password)
    else:
        login = await credentials(command.arguments, lambda text: _asked(connection, text))
    if await connection.judge(login):
        return Reply(b"+OK in\r\n", Then.LOGGED_IN)
    return Reply(b"-ERR [AUTH] Authentication failed.\r\n")


async def _asked(connection: "Recorded", challenge: bytes) -> bytes:
    return await connection.answer_to(b"+ " + base64.b64encode(challenge))


def _rest(command: Command) -> str:
    return command.octets.rstrip(b"\r\n").partition(b" ")[2].decode("utf-8", "replace")
