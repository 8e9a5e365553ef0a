"""What lies in Redis is sealed: who reads it learns nothing, and who writes it is not believed.

The name of an entry is a MAC, so nobody can tell whose it is, or guess a password by it. The entry is sealed
with a key that is derived for this name alone: copied to another name, or from another key, it doesn't open.
An older entry that is put back in its place does open. Whoever reads it has to know what came after it.
"""

import secrets
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from store.redis.keys import CacheKey

_FORMAT = b"\x01"
_NONCE_BYTES = 12
_OVERHEAD = len(_FORMAT) + _NONCE_BYTES + 16  # bytes, with the tag of GCM
MOST_BYTES = 1 << 16  # of what is sealed
LONGEST = MOST_BYTES + _OVERHEAD


def name_of(key: CacheKey, kind: str, what: str) -> str:
    """The name of an entry of this kind, behind the prefix: it's the key's id and a MAC (RFC 7693)."""
    digest = blake2b(f"{kind}\0{what}".encode(), key=key.names, digest_size=32, person=b"wicketgate")
    return f"{kind}:{key.id}:{digest.hexdigest()}"


def seal(key: CacheKey, name: str, plain: bytes) -> bytes:
    """AES-256-GCM (RFC 5116, section 5.2). Each name has its own key, so random nonces don't run out."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _FORMAT + nonce + _cipher(key, name).encrypt(nonce, plain, _FORMAT + name.encode())


def unseal(key: CacheKey, name: str, sealed: object) -> bytes | None:
    """What was sealed under this name with this key; None for anything else."""
    if not isinstance(sealed, bytes) or not _OVERHEAD <= len(sealed) <= LONGEST:
        return None
    if not sealed.startswith(_FORMAT):
        return None
    nonce, box = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return _cipher(key, name).decrypt(nonce, box, _FORMAT + name.encode())
    except InvalidTag:
        return None


def _cipher(key: CacheKey, name: str) -> AESGCM:
    return AESGCM(blake2b(name.encode(), key=key.seals, digest_size=32, person=b"wicketgate").digest())
