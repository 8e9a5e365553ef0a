"""The portal's key: 32 bytes in a file, without which no second step that is stored can be read or made."""

import hmac
import os
import secrets
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select

from config import ConfigurationError, read_secret
from store.database import Database
from store.pepper import write_new_key
from store.portal.schema import authenticators, recovery_codes

_NONCE_BYTES = 12


class PortalKeyError(Exception):
    """The key file can't be used. The message says why and what to do next."""


@dataclass(frozen=True, slots=True)
class PortalKey:
    """What is derived from the file's bytes."""

    _seals: bytes = field(repr=False)
    _digests: bytes = field(repr=False)

    def seal(self, plain: bytes, bound_to: str) -> bytes:
        """Encrypt (AES-256-GCM, RFC 5116). It opens only for the same `bound_to`.

        Each use and owner has a key of its own, so random nonces don't run out.
        """
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher(bound_to).encrypt(nonce, plain, bound_to.encode())

    def unseal(self, sealed: bytes, bound_to: str) -> bytes | None:
        """What was sealed for this; None for anything else."""
        nonce, box = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._cipher(bound_to).decrypt(nonce, box, bound_to.encode())
        except (InvalidTag, ValueError):
            return None

    def digest(self, text: str) -> bytes:
        """A keyed digest of something that is stored only to be compared."""
        return hmac.digest(self._digests, text.encode(), "sha256")

    def _cipher(self, bound_to: str) -> AESGCM:
        return AESGCM(_derived(self._seals, bound_to))


def portal_key(master: bytes) -> PortalKey:
    """The key of 32 random bytes."""
    return PortalKey(_derived(master, "portal seals 1"), _derived(master, "portal digests 1"))


def load_portal_key(path: Path) -> PortalKey:
    """Read 64 hexadecimal digits. Raises PortalKeyError."""
    try:
        master = bytes.fromhex(read_secret(path, "portal.key_file").decode("ascii"))
    except ConfigurationError as error:
        raise PortalKeyError(f"The portal's key can't be used. {error}") from None
    except ValueError:
        master = b""
    if len(master) != 32:
        raise PortalKeyError(
            f"The portal's key {path} must hold 64 hexadecimal digits and nothing else. "
            "Restore it from a backup: no other key opens the second steps that are stored."
        )
    return portal_key(master)


def create_portal_key(database: Database, path: Path) -> None:
    """Write a new key, for its owner only, unless there is one. Raises PortalKeyError and StoreUnavailable.

    Where somebody has a second step already, the key is lost or looked for in the wrong place: another one
    would open nothing, and shut everybody out for good.
    """
    if os.path.lexists(path):
        return
    if _is_needed(database):
        raise PortalKeyError(
            f"The portal's key {path} is not there, and the store holds second steps that it has sealed. "
            "Restore it from a backup, copy it from another node, or correct portal.key_file."
        )
    try:
        write_new_key(path)
    except OSError as error:
        raise PortalKeyError(
            f"The portal's key {path} can't be written: {error.strerror}. "
            "Check portal.key_file, the directory and its permissions, then try again."
        ) from None


def _is_needed(database: Database) -> bool:
    with database.read() as connection:
        return any(
            connection.execute(select(table.c.user_id).limit(1)).first() is not None
            for table in (authenticators, recovery_codes)
        )


def _derived(key: bytes, use: str) -> bytes:
    return blake2b(use.encode(), key=key, digest_size=32, person=b"wicketgate").digest()
