"""The pepper: a key outside the database, without which what is stored of a secret is of no use."""

import hmac
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

_KEY_BYTES = 32
_WRITTEN = re.compile(rb"[0-9a-fA-F]{64}\s*")

# Each use of the key has its own first words, so that no output of one is an output of the other.
_TAG = b"wicketgate app password tag 1\0"
_SEASON = b"wicketgate app password hash 1\0"


class PepperError(Exception):
    """The pepper file can't be used. The message says why and what to do next."""


@dataclass(frozen=True, slots=True)
class Pepper:
    """The key, and the two things that are derived with it."""

    key: bytes = field(repr=False)

    def tag(self, user_id: int, secret: str) -> int:
        """The 16-bit number that picks the candidate among the user's app passwords."""
        message = _TAG + user_id.to_bytes(8, "big") + secret.encode()
        return int.from_bytes(hmac.digest(self.key, message, "sha256")[:2], "big")

    def season(self, secret: str) -> bytes:
        """The 32 bytes that go into argon2 in the secret's place."""
        return hmac.digest(self.key, _SEASON + secret.encode(), "sha256")


def load_pepper(path: Path) -> Pepper:
    """Read the pepper: 32 bytes, written as 64 hexadecimal digits. Raises PepperError."""
    try:
        with open(path, "rb") as file:
            written = file.read(1024)
    except OSError as error:
        raise PepperError(
            f"The pepper file {path} can't be read: {error.strerror}. "
            "Check store.pepper_file and its permissions; the first `wicketgate db upgrade` creates it."
        ) from None
    if not _WRITTEN.fullmatch(written):
        raise PepperError(
            f"The pepper file {path} must hold 64 hexadecimal digits and nothing else. "
            "Restore it from a backup: with another pepper no stored app password works."
        )
    return Pepper(bytes.fromhex(written.decode("ascii")))


def create_pepper(path: Path) -> None:
    """Write a new pepper, for its owner only, safely on disk. Raises PepperError; never overwrites."""
    try:
        write_new_key(path)
    except FileExistsError:
        raise PepperError(f"The pepper file {path} already exists and is left as it is.") from None
    except OSError as error:
        raise PepperError(
            f"The pepper file {path} can't be written: {error.strerror}. "
            "Check store.pepper_file, the directory and its permissions, then try again."
        ) from None


def write_new_key(path: Path) -> None:
    """32 random bytes in hexadecimal, for the file's owner only. Raises OSError; never overwrites."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        _write_durably(descriptor, path)
    except OSError:
        path.unlink()
        raise


def _write_durably(descriptor: int, path: Path) -> None:
    with open(descriptor, "wb") as file:
        file.write(secrets.token_hex(_KEY_BYTES).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
