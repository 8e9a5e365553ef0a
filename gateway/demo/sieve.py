"""The demo's ManageSieve server (RFC 5804), on loopback. It keeps scripts and runs none, and says so."""

import asyncio
from contextlib import suppress

from gateway.demo.accounts import Accounts
from gateway.demo.mailbox import Account
from gateway.demo.sieve_scripts import LARGEST_SCRIPT, Refusal, Scripts
from gateway.demo.sieve_words import Endless, Words, literal, quoted, read_command, string
from protocols import sasl

_IDLE_SECONDS = 1800  # RFC 5804, section 1.1, forbids less
_NOT_RUN = "The demo keeps this script, but runs none"
_CAPABILITIES = (
    b'"IMPLEMENTATION" "Wicketgate demo, which keeps scripts and runs none"\r\n'
    b'"SIEVE" ""\r\n"VERSION" "1.0"\r\n"SASL" "PLAIN"\r\n'
)
_GONE = (asyncio.IncompleteReadError, OSError)


async def listen(host: str, port: int, accounts: Accounts) -> asyncio.Server:
    """Serve ManageSieve without TLS on `host` and `port` (0: a free one), for loopback only.

    Raises OSError.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(*_GONE):
                await _Session(accounts, reader, writer).run()
        finally:
            writer.close()

    return await asyncio.start_server(serve, host, port)


class _Session:
    """One connection."""

    def __init__(
        self, accounts: Accounts, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._accounts = accounts
        self._reader = reader
        self._writer = writer
        self._account: Account | None = None

    async def run(self) -> None:
        answer = _CAPABILITIES + _ok("This is Wicketgate's demo mail server")
        while answer:
            self._writer.write(answer)
            await self._writer.drain()
            if answer.startswith(b"BYE"):
                return
            answer = await self._next()

    async def _next(self) -> bytes:
        """Read a command and carry it out. Returns the answer."""
        try:
            async with asyncio.timeout(_IDLE_SECONDS):
                words = await read_command(self._reader, LARGEST_SCRIPT)
                match words:
                    case None:
                        return _no("This doesn't follow the grammar of RFC 5804")
                    case ["LOGOUT"]:
                        return b'BYE "Goodbye"\r\n'
                    case ["AUTHENTICATE", bytes(mechanism), *initial]:
                        return await self._authenticate(mechanism, initial)
        except TimeoutError:
            return b'BYE (TRYLATER) "Nothing was said for half an hour"\r\n'
        except (Endless, asyncio.LimitOverrunError):
            return b'BYE (QUOTA/MAXSIZE) "A string may have %d octets, a line less"\r\n' % LARGEST_SCRIPT
        return self._anybodys(words) or self._users(words)

    async def _authenticate(self, mechanism: bytes, initial: Words) -> bytes:
        """PLAIN, with or without an initial response (RFC 5804, section 2.1)."""
        if self._account is not None:
            return _no("You are logged in already")
        if mechanism.upper() != b"PLAIN":
            return _no("The mechanism offered is PLAIN")
        if not initial:
            self._writer.write(b'""\r\n')
            initial = await read_command(self._reader, sasl.MAX_RESPONSE) or []
        match initial:
            case [bytes(response)]:
                message = sasl.decode(response)
                given = message if isinstance(message, sasl.Malformed) else sasl.parse_plain(message)
            case _:
                given = sasl.Malformed.MESSAGE
        if isinstance(given, sasl.Malformed):
            return _no(given.value.decode())
        self._account = self._accounts.log_in(given.username, given.password)
        return _no("Wrong user name or password") if self._account is None else _ok("Logged in")

    def _anybodys(self, words: Words) -> bytes:
        """What needs no login; b"" for everything else."""
        match words:
            case ["CAPABILITY"]:
                return _CAPABILITIES + _ok("These are the capabilities")
            case ["NOOP"]:
                return _ok("Done")
            case ["NOOP", bytes(tag)]:
                return b"OK (TAG %b)\r\n" % string(tag)
        return b""

    def _users(self, words: Words) -> bytes:
        if self._account is None:
            return _no("Log in first")
        scripts = self._account.scripts
        match words:
            case ["LISTSCRIPTS"]:
                return _listed(scripts) + _ok("These are the scripts")
            case ["GETSCRIPT", bytes(name)]:
                found = scripts.get(name)
                return _told(found) if isinstance(found, Refusal) else literal(found) + b"\r\n" + _ok("Done")
            case ["HAVESPACE", bytes(name), str(size)] if size.isdecimal() and len(size) <= 10:
                return _told(scripts.has_space(name, int(size)))
        return _changed(scripts, words)


def _changed(scripts: Scripts, words: Words) -> bytes:
    match words:
        case ["PUTSCRIPT", bytes(name), bytes(script)]:
            return _told(scripts.put(name, script), warning=_NOT_RUN)
        case ["CHECKSCRIPT", bytes(script)]:
            return _told(scripts.check(script))
        case ["SETACTIVE", bytes(name)]:
            return _told(scripts.set_active(name))
        case ["DELETESCRIPT", bytes(name)]:
            return _told(scripts.delete(name))
        case ["RENAMESCRIPT", bytes(old), bytes(new)]:
            return _told(scripts.rename(old, new))
    return _no("This command or its arguments are unknown here")


def _listed(scripts: Scripts) -> bytes:
    lines = [quoted(name) + (b" ACTIVE" if active else b"") for name, active in scripts.listed()]
    return b"".join(line + b"\r\n" for line in lines)


def _told(refusal: Refusal | None, warning: str = "") -> bytes:
    if refusal is not None:
        return _no(refusal.text, refusal.code)
    return b"OK (WARNINGS) " + quoted(warning) + b"\r\n" if warning else _ok("Done")


def _ok(text: str) -> bytes:
    return b"OK " + quoted(text) + b"\r\n"


def _no(text: str, code: str = "") -> bytes:
    return b"NO " + (f"({code}) ".encode() if code else b"") + quoted(text) + b"\r\n"
