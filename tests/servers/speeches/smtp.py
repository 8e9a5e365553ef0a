"""The recording backend as a submission server."""

import base64
from asyncio import StreamReader
from typing import TYPE_CHECKING

from tests.servers.script import Reply, Then
from tests.servers.speeches import Command
from tests.servers.speeches.lines import read_line
from tests.servers.speeches.sasl import credentials

if TYPE_CHECKING:
    from tests.servers.recorded import Recorded


class _Smtp:
    """`offer` has the extensions, with `|` between them."""

    offer = "PIPELINING|SIZE 10240000|8BITMIME|CHUNKING|AUTH PLAIN LOGIN"

    def greeting(self, connection: "Recorded") -> bytes:
        return b"220 recorder ESMTP\r\n"

    async def read(self, reader: StreamReader, connection: "Recorded") -> Command | None:
        command = await read_line(reader)
        if command is None or command.verb != "DATA":
            return command
        await connection.send(b"354 go ahead\r\n")
        octets = command.octets
        while (line := await reader.readline()) and line != b".\r\n":
            octets += line
        return Command(b"", "DATA", (), octets + line) if line else None

    async def usual(self, command: Command, connection: "Recorded") -> Reply:
        match command.verb:
            case "EHLO":
                lines = ["recorder", *connection.offer.split("|")]
                lines += ["STARTTLS"] if connection.offers_tls else []
                return Reply(b"".join(_line(line, line is lines[-1]) for line in lines))
            case "STARTTLS" if connection.offers_tls:
                return Reply(b"220 go\r\n", Then.START_TLS)
            case "AUTH" if connection.logged_in:
                return Reply(b"503 already in\r\n")
            case "AUTH" if command.arguments:
                return await _log_in(command, connection)
            case "QUIT":
                return Reply(b"221 bye\r\n", Then.CLOSE)
        return Reply(b"250 done\r\n")


SMTP = _Smtp()


def _line(text: str, last: bool) -> bytes:
    return b"250%b%b\r\n" % (b" " if last else b"-", text.encode())


async def _log_in(command: Command, connection: "Recorded") -> Reply:
    login = await credentials(command.arguments, lambda text: _asked(connection, text))
    if await connection.judge(login):
        return Reply(b"235 in\r\n", Then.LOGGED_IN)
    return Reply(b"535 5.7.8 Authentication failed.\r\n")


async def _asked(connection: "Recorded", challenge: bytes) -> bytes:
    return await connection.answer_to(b"334 " + base64.b64encode(challenge))
