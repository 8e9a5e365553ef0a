"""Which public keys passkeys may have: of the algorithms that we offer, and fit for them.

The library believes what a key says of its own algorithm. A key that can't check what it says would be
registered, and never get its owner in again.
"""

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography
from webauthn.helpers.cose import COSEAlgorithmIdentifier as Algorithm

# WebAuthn, section 5.8.5: with these three every authenticator can do one.
OFFERED = [Algorithm.EDDSA, Algorithm.ECDSA_SHA_256, Algorithm.RSASSA_PKCS1_v1_5_SHA_256]
_RSA_BITS = range(2048, 4097)


def is_fit(public_key: bytes) -> bool:
    """Whether the key is of the kind that its algorithm needs. Raises what the library does for no key."""
    decoded = decode_credential_public_key(public_key)
    key = decoded_public_key_to_cryptography(decoded)
    if isinstance(key, EllipticCurvePublicKey):
        return decoded.alg == Algorithm.ECDSA_SHA_256 and isinstance(key.curve, SECP256R1)
    if isinstance(key, RSAPublicKey):
        return decoded.alg == Algorithm.RSASSA_PKCS1_v1_5_SHA_256 and key.key_size in _RSA_BITS
    return isinstance(key, Ed25519PublicKey) and decoded.alg == Algorithm.EDDSA
