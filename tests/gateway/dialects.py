"""What a client says and hears in each protocol, for tests that hold for all of them."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from tests.gateway.client import Client
from tests.servers.speeches import Speech
from tests.servers.speeches.imap import IMAP
from tests.servers.speeches.pop3 import POP3
from tests.servers.speeches.sieve import SIEVE
from tests.servers.speeches.smtp import SMTP

PORTAL = "https://portal.example.test/security"
_WRONG = f"Wrong user name or password. With two-step verification, use an app password: {PORTAL}"
_LATER = "The service is unavailable for the moment. Please try again later"


@dataclass(frozen=True, slots=True)
class Dialect:
    """Answers are lines without the client's tag, which is always `a`.

    `capabilities` asks what the gateway can do, and its answer ends in a line that begins with `listed`.
    `accepted` is what an accepted login's answer begins with; `done` answers `noop`, asked of the recording
    backend, which calls a login `login_verb`. `behind` is said to a client that sends more behind a login
    that fails.
    """

    protocol: str
    speech: Speech
    greeted: bytes
    noop: bytes
    done: bytes
    quit: bytes
    starttls: bytes
    go_ahead: bytes
    capabilities: bytes
    listed: bytes
    offers_tls: bytes
    accepted: bytes
    refused: bytes
    unavailable: bytes
    privacy: bytes
    behind: bytes
    malformed: bytes
    login_verb: str

    async def greeting(self, client: Client) -> bytes:
        return await client.until_line(self.greeted)

    async def start_tls(self, client: Client, context: object) -> None:
        """From the command to the end of what the server says unasked inside TLS."""
        await client.send(self.starttls)
        assert await client.line() == self.go_ahead
        await client.start_tls(context)
        if self.protocol == "sieve":
            await client.until_line(b"OK")

    def login(self, user: str, password: str) -> bytes:
        """One command; for POP3 it's AUTH with all in it."""
        return self.authenticate(plain(user, password))

    def authenticate(self, response: bytes) -> bytes:
        """SASL PLAIN with an initial response."""
        return _AUTHENTICATE[self.protocol] % response


_AUTHENTICATE = {
    "imap": b"a AUTHENTICATE PLAIN %b\r\n",
    "smtp": b"AUTH PLAIN %b\r\n",
    "pop3": b"AUTH PLAIN %b\r\n",
    "sieve": b'AUTHENTICATE "PLAIN" "%b"\r\n',
}
DIALECTS: Mapping[str, Dialect] = {
    "imap": Dialect(
        "imap",
        IMAP,
        greeted=b"* OK",
        noop=b"a NOOP\r\n",
        done=b"a OK done\r\n",
        quit=b"a LOGOUT\r\n",
        starttls=b"a STARTTLS\r\n",
        go_ahead=b"a OK Begin TLS negotiation now\r\n",
        capabilities=b"a CAPABILITY\r\n",
        listed=b"a OK",
        offers_tls=b"STARTTLS",
        accepted=b"a OK ",
        refused=f"a NO [AUTHENTICATIONFAILED] {_WRONG}\r\n".encode(),
        unavailable=f"a NO [UNAVAILABLE] {_LATER}\r\n".encode(),
        privacy=b"a NO [PRIVACYREQUIRED] Start TLS first, then log in\r\n",
        behind=b"* BYE Commands behind a login that failed\r\n",
        malformed=b"a BAD ",
        login_verb="AUTHENTICATE",
    ),
    "smtp": Dialect(
        "smtp",
        SMTP,
        greeted=b"220 ",
        noop=b"NOOP\r\n",
        done=b"250 done\r\n",
        quit=b"QUIT\r\n",
        starttls=b"STARTTLS\r\n",
        go_ahead=b"220 2.0.0 Ready to start TLS\r\n",
        capabilities=b"EHLO laptop\r\n",
        listed=b"250 ",
        offers_tls=b"STARTTLS",
        accepted=b"235 ",
        refused=f"535 5.7.8 {_WRONG}\r\n".encode(),
        unavailable=f"454 4.7.0 {_LATER}\r\n".encode(),
        privacy=b"530 5.7.0 Must issue a STARTTLS command first, then log in\r\n",
        behind=b"421 4.7.0 Commands behind a login that failed\r\n",
        malformed=b"501 5.5.2 ",
        login_verb="AUTH",
    ),
    "pop3": Dialect(
        "pop3",
        POP3,
        greeted=b"+OK",
        noop=b"NOOP\r\n",
        done=b"+OK done\r\n",
        quit=b"QUIT\r\n",
        starttls=b"STLS\r\n",
        go_ahead=b"+OK Begin TLS negotiation now\r\n",
        capabilities=b"CAPA\r\n",
        listed=b".",
        offers_tls=b"STLS",
        accepted=b"+OK ",
        refused=f"-ERR [AUTH] {_WRONG}\r\n".encode(),
        unavailable=f"-ERR [SYS/TEMP] {_LATER}\r\n".encode(),
        privacy=b"-ERR Start TLS first, then log in\r\n",
        behind=b"-ERR Commands behind a login that failed\r\n",
        malformed=b"-ERR ",
        login_verb="AUTH",
    ),
    "sieve": Dialect(
        "sieve",
        SIEVE,
        greeted=b"OK ",
        noop=b"NOOP\r\n",
        done=b'OK "done"\r\n',
        quit=b"LOGOUT\r\n",
        starttls=b"STARTTLS\r\n",
        go_ahead=b'OK "Begin TLS negotiation now."\r\n',
        capabilities=b"CAPABILITY\r\n",
        listed=b"OK ",
        offers_tls=b'"STARTTLS"',
        accepted=b"OK ",
        refused=f'NO "{_WRONG}"\r\n'.encode(),
        unavailable=f'NO (TRYLATER) "{_LATER}"\r\n'.encode(),
        privacy=b'NO (ENCRYPT-NEEDED) "Start TLS first, then log in"\r\n',
        behind=b'BYE "Commands behind a login that failed"\r\n',
        malformed=b"NO ",
        login_verb="AUTHENTICATE",
    ),
}
PROTOCOLS = tuple(DIALECTS)


def plain(user: str | bytes, password: str | bytes, authzid: bytes = b"") -> bytes:
    """The response of SASL PLAIN."""
    words = [one.encode() if isinstance(one, str) else one for one in (user, password)]
    return base64.b64encode(b"\0".join((authzid, *words)))
