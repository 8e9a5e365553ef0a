"""The recording backend as a ManageSieve server."""

import base64
from asyncio import StreamReader
from typing import TYPE_CHECKING

from tests.servers.script import Reply, Then
from tests.servers.speeches import Command
from tests.servers.speeches.imap_command import read_whole
from tests.servers.speeches.sasl import credentials

if TYPE_CHECKING:
    from tests.servers.recorded import Recorded


class _Sieve:
    """`offer` has the capabilities, with `|` between them."""

    offer = '"IMPLEMENTATION" "recorder"|"SIEVE" "fileinto"|"SASL" "PLAIN LOGIN"|"VERSION" "1.0"'

    def greeting(self, connection: "Recorded") -> bytes:
        return _capabilities(connection)

    async def read(self, reader: StreamReader, connection: "Recorded") -> Command | None:
        octets, words = await read_whole(reader, _nobody_waits)
        if not octets:
            return None
        verb, *arguments = words or [b""]
        return Command(b"", verb.decode("latin-1").upper(), tuple(arguments), octets)

    async def usual(self, command: Command, connection: "Recorded") -> Reply:
        match command.verb:
            case "CAPABILITY":
                return Reply(_capabilities(connection))
            case "STARTTLS" if connection.offers_tls:
                await connection.start_tls(b'OK "go"\r\n')
                return Reply(_capabilities(connection))
            case "AUTHENTICATE" if command.arguments:
                return await _log_in(command, connection)
            case "UNAUTHENTICATE":
                return Reply(b'NO "unknown command"\r\n')
            case "LOGOUT":
                return Reply(b'OK "bye"\r\n', Then.CLOSE)
        return Reply(b'OK "done"\r\n')


SIEVE = _Sieve()


def _capabilities(connection: "Recorded") -> bytes:
    lines = connection.offer.split("|") + (['"STARTTLS"'] if connection.offers_tls else [])
    return "".join(f"{line}\r\n" for line in [*lines, 'OK "ready"']).encode()


async def _log_in(command: Command, connection: "Recorded") -> Reply:
    login = await credentials(command.arguments, lambda text: _asked(connection, text))
    if await connection.judge(login):
        return Reply(b'OK "in"\r\n', Then.LOGGED_IN)
    return Reply(b'NO "Authentication failed."\r\n')


async def _asked(connection: "Recorded", challenge: bytes) -> bytes:
    answer = await connection.answer_to(b'"' + base64.b64encode(challenge) + b'"')
    return answer.strip(b'"')


async def _nobody_waits() -> None:
    """Literals without a plus are the server's own in ManageSieve (RFC 5804, section 4)."""
