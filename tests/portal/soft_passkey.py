"""A passkey that is a program, and that lies where a test wants it to (WebAuthn, level 3, section 6)."""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ELIGIBLE, SYNCED, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40
ES256 = -7


@dataclass(frozen=True, slots=True)
class Lies:
    """What is said in the place of the truth; None is the truth."""

    origin: str | None = None
    rp_id: str | None = None
    type: str | None = None
    challenge: str | None = None
    flags: int = PRESENT | VERIFIED
    count: int | None = None
    framed: bool = False
    algorithm: int = ES256
    format: str = "none"
    statement: Any = None
    user_handle: bytes | None = None


HONEST = Lies()


class SoftPasskey:
    """`options` are those of the pages, `origin` is where the browser is."""

    def __init__(self, origin: str, id: bytes | None = None, *, counts: bool = True) -> None:
        self.origin = origin
        self.id = id or secrets.token_bytes(16)
        self.counts = counts
        self.count = 0
        self._key = ec.generate_private_key(ec.SECP256R1())

    def create(self, options: dict[str, Any], lies: Lies = HONEST) -> str:
        """The answer of navigator.credentials.create."""
        client_data = self._client_data("webauthn.create", options, lies)
        credential = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + self._public(lies.algorithm)
        data = self._data(options["rp"]["id"], lies, lies.flags | ATTESTED) + credential
        attestation = {"fmt": lies.format, "attStmt": lies.statement or {}, "authData": data}
        return self._answer(clientDataJSON=client_data, attestationObject=cbor2.dumps(attestation))

    def get(self, options: dict[str, Any], lies: Lies = HONEST) -> str:
        """The answer of navigator.credentials.get."""
        client_data = self._client_data("webauthn.get", options, lies)
        self.count += self.counts
        data = self._data(options["rpId"], lies, lies.flags)
        signature = self._key.sign(data + sha256(client_data).digest(), ec.ECDSA(SHA256()))
        said = {"clientDataJSON": client_data, "authenticatorData": data, "signature": signature}
        if lies.user_handle is not None:
            said["userHandle"] = lies.user_handle
        return self._answer(**said)

    def _client_data(self, type: str, options: dict[str, Any], lies: Lies) -> bytes:
        said = {
            "type": lies.type or type,
            "challenge": options["challenge"] if lies.challenge is None else lies.challenge,
            "origin": lies.origin or self.origin,
            "crossOrigin": lies.framed,
        }
        return json.dumps(said).encode()

    def _data(self, rp_id: str, lies: Lies, flags: int) -> bytes:
        count = self.count if lies.count is None else lies.count
        host = sha256((lies.rp_id or rp_id).encode()).digest()
        return host + bytes([flags]) + count.to_bytes(4, "big")

    def _public(self, algorithm: int) -> bytes:
        """As COSE has it (RFC 9053, section 7.1.1)."""
        numbers = self._key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        return cbor2.dumps({1: 2, 3: algorithm, -1: 1, -2: x, -3: y})

    def _answer(self, **response: bytes) -> str:
        said = {name: b64(value) for name, value in response.items()}
        return json.dumps({"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": said})


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
