"""Ways to hand over a letter. Each returns when the server has said 250 to the content, else raises."""

import random
import re
import smtplib
from collections.abc import Callable, Iterator
from itertools import pairwise

from tests.soak.letter import Letter

Way = Callable[[smtplib.SMTP, str, Letter, random.Random], None]
_DOTS = re.compile(rb"(?m)^\.")


def step_by_step(client: smtplib.SMTP, login: str, letter: Letter, _: random.Random) -> None:
    """Each command awaits its reply, and DATA takes the content."""
    for command in _envelope(login, letter):
        client.send(command)
        _expect(client, 250)
    client.send(b"DATA\r\n")
    _expect(client, 354)
    _content(client, letter)


def pipelined(client: smtplib.SMTP, login: str, letter: Letter, _: random.Random) -> None:
    """RFC 2920, section 3.1: a group of commands at once, with DATA as its last."""
    commands = list(_envelope(login, letter))
    client.send(b"".join(commands) + b"DATA\r\n")
    for _command in commands:
        _expect(client, 250)
    _expect(client, 354)
    _content(client, letter)


def in_chunks(client: smtplib.SMTP, login: str, letter: Letter, chance: random.Random) -> None:
    """RFC 3030, section 2: each BDAT awaits its reply."""
    for step in (*_envelope(login, letter), *_chunks(letter, chance)):
        client.send(step)
        _expect(client, 250)


def in_one_go(client: smtplib.SMTP, login: str, letter: Letter, chance: random.Random) -> None:
    """RFC 3030, section 4.2: envelope and chunks may all be sent before the first reply."""
    steps = (*_envelope(login, letter), *_chunks(letter, chance))
    client.send(b"".join(steps))
    for _step in steps:
        _expect(client, 250)


WAYS: tuple[Way, ...] = (step_by_step, pipelined, in_chunks, in_one_go)


def _envelope(login: str, letter: Letter) -> Iterator[bytes]:
    yield f"MAIL FROM:<{login}> BODY=8BITMIME\r\n".encode()
    for address in letter.to:
        yield f"RCPT TO:<{address}>\r\n".encode()


def _content(client: smtplib.SMTP, letter: Letter) -> None:
    # RFC 5321, section 4.5.2: a dot that begins a line is doubled.
    client.send(_DOTS.sub(b"..", letter.message) + b".\r\n")
    _expect(client, 250)


def _chunks(letter: Letter, chance: random.Random) -> Iterator[bytes]:
    """RFC 3030, section 2: the last may be empty. Postfix refuses others that are."""
    message = letter.message
    cuts = sorted(chance.sample(range(1, len(message) + 1), chance.randrange(4)))
    for begin, end in pairwise([0, *cuts]):
        yield b"BDAT %d\r\n%b" % (end - begin, message[begin:end])
    rest = message[cuts[-1] :] if cuts else message
    yield b"BDAT %d LAST\r\n%b" % (len(rest), rest)


def _expect(client: smtplib.SMTP, wanted: int) -> None:
    code, text = client.getreply()
    if code != wanted:
        raise smtplib.SMTPResponseException(code, text)
