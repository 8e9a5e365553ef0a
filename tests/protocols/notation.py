"""The notation of transcripts: a line for each thing that happens, bytes written as in Python."""

import re
from textwrap import dedent

from protocols.dialogue import Login, LoginResult, Outcome

_EMPTY = re.compile(r"^([CS]:|-> [a-z]+)\\x20$")  # a line that says nothing needs no space at its end


def lines_of(transcript: str) -> list[str]:
    """The lines in the one way of writing them: `\\x20` for a space at the end, `\\\\` for a backslash."""
    lines = dedent(transcript).strip("\n").split("\n")
    written = [shown(bytes_of(line)) for line in lines if line.strip()]
    return [_EMPTY.sub(r"\1", line) for line in written]


def shown(data: bytes) -> str:
    text = data.decode("latin-1").encode("unicode_escape").decode()
    return text[:-1] + r"\x20" if text.endswith(" ") else text


def bytes_of(text: str) -> bytes:
    return text.encode("latin-1").decode("unicode_escape").encode("latin-1")


def said(by: str, data: bytes) -> list[str]:
    """A line for each line that was sent; `(raw)` marks what doesn't end as a line does."""
    *whole, rest = data.split(b"\r\n")
    lines = [f"{by}: {shown(line)}" if line else f"{by}:" for line in whole]
    return [*lines, f"{by}(raw): {shown(rest)}"] if rest else lines


def saying(by: str, line: str) -> bytes | None:
    """What is said by a line of the transcript, or None when it isn't `by` who speaks in it."""
    if line == f"{by}:":
        return b"\r\n"
    if line.startswith(f"{by}: "):
        return bytes_of(line[len(by) + 2 :]) + b"\r\n"
    raw = f"{by}(raw): "
    return bytes_of(line.removeprefix(raw)) if line.startswith(raw) else None


def offer(data: bytes) -> str:
    """One of the things that a probe has learned."""
    return shown(data)


def login_of(request: Login) -> str:
    credentials = request.credentials
    text = f"login {word(credentials.username)} {word(credentials.password)}"
    if credentials.authzid:
        text += f" as {word(credentials.authzid)}"
    return text + f" from {shown(request.client)}" if request.client else text


def result_of(result: LoginResult) -> str:
    outcome = f"-> {result.outcome.name.lower()}"
    return f"{outcome} {shown(result.text)}" if result.text else outcome


def parse_result(text: str, pipelined: bool) -> LoginResult:
    """What stands behind `->`: an outcome's name and, if wanted, a text.

    `admitted` is an accepted login at a backend that knows the gateway alone; an identity stands behind it.
    """
    name, _, words = text.partition(" ")
    if name == "admitted":
        return LoginResult(Outcome.ACCEPTED, b"", pipelined, delegated=bytes_of(words))
    return LoginResult(Outcome[name.upper()], bytes_of(words), pipelined)


def word(value: bytes) -> str:
    """A value that has to be told apart from what stands around it."""
    text = shown(value)
    return text if text and " " not in text and '"' not in text else f'"{text}"'
