"""Files that hold a secret: one line, for the gateway's eyes only."""

import os
import re
import stat
from pathlib import Path

from config.problem import ConfigurationError, Problem

MAX_BYTES = 4096


class UnusableFileError(Exception):
    """str() is the sentence that says why a file can't be used."""


def read_secret(path: Path, key: str = "") -> bytes:
    """The content without the newline at its end; `key` is the dotted key that names the file.

    Raise ConfigurationError when it can't be read, is empty, too long, or open to everybody.
    """
    try:
        return secret(path)
    except UnusableFileError as error:
        raise ConfigurationError([Problem("", key, str(error))]) from None


def secret(path: Path) -> bytes:
    """As read_secret; raise UnusableFileError."""
    data = content(path, MAX_BYTES, private=True)
    line = data.removesuffix(b"\n").removesuffix(b"\r")
    if not line:
        raise UnusableFileError(f"{path} is empty; write the secret into it")
    if any(byte in line for byte in b"\0\r\n"):
        raise UnusableFileError(f"{path} holds more than one line; allowed is the secret alone")
    return line


def sealing_key(path: Path) -> bytes:
    """The 32 bytes in the file, written as 64 hexadecimal digits; raise UnusableFileError."""
    written = secret(path)
    if not re.fullmatch(rb"[0-9a-fA-F]{64}", written):
        raise UnusableFileError(
            f"{path} must hold 64 hexadecimal digits and nothing else; make such a file with"
            " `wicketgate config cache-key FILE`"
        )
    return bytes.fromhex(written.decode("ascii"))


def content(path: Path, limit: int, *, private: bool) -> bytes:
    """The bytes of a regular file; raise UnusableFileError.

    A `private` one may not be readable by everybody.
    """
    try:
        # Without O_NONBLOCK, a named pipe would wait for a writer for ever.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            _judge(path, os.fstat(file.fileno()), limit, private=private)
            return file.read(limit)
    except FileNotFoundError:
        raise UnusableFileError(f"there is no file {path}") from None
    except OSError as error:
        raise UnusableFileError(f"{path} can't be read: {error.strerror}") from None


def _judge(path: Path, status: os.stat_result, limit: int, *, private: bool) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise UnusableFileError(f"{path} is not a regular file")
    if status.st_size > limit:
        raise UnusableFileError(f"{path} is too large; allowed are {limit} bytes")
    if private and status.st_mode & stat.S_IRWXO:
        raise UnusableFileError(
            f"{path} is open to every user of this machine; close it with: chmod o= {path}"
        )
