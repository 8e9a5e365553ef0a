"""When a certificate expires."""

from functools import lru_cache

from cryptography.x509 import load_pem_x509_certificate

_MOST = 256  # certificates whose end is remembered


@lru_cache(_MOST)
def end_of(pem: bytes) -> float:
    """In seconds since 1970, NaN when it can't be read. Of a chain, the first one is the server's own."""
    try:
        return load_pem_x509_certificate(pem).not_valid_after_utc.timestamp()
    except ValueError:
        return float("nan")  # OpenSSL takes it all the same
