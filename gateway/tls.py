"""TLS contexts: what we offer to clients, and what we ask of backends."""

import ssl
from pathlib import Path

from config import ProtocolName, TlsProfile

# "legacy" is for Outlook 2010 on Windows 7: TLS 1.0 alone, for which OpenSSL wants a lower security level.
_MINIMUM = {
    "modern": ssl.TLSVersion.TLSv1_2,
    "intermediate": ssl.TLSVersion.TLSv1_2,
    "legacy": ssl.TLSVersion.TLSv1,
}
_MODERN = "ECDHE+AESGCM:ECDHE+CHACHA20"
_INTERMEDIATE = _MODERN + ":ECDHE+AES:RSA+AESGCM:RSA+AES:!aNULL"
_CIPHERS = {
    "modern": _MODERN,
    "intermediate": _INTERMEDIATE,
    "legacy": _INTERMEDIATE + ":@SECLEVEL=0",
}


def server_context(profile: TlsProfile, protocol: ProtocolName) -> ssl.SSLContext:
    """The context of listeners with this profile, without a certificate yet."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = _MINIMUM[profile]
    context.set_ciphers(_CIPHERS[profile])
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.set_alpn_protocols([protocol])  # echoed to those who ask (alpaca-attack.com)
    context.num_tickets = 1  # clients come back one by one; the second ticket would cost time and say nothing
    return context


def client_context(ca_file: Path | None, verify: bool) -> ssl.SSLContext:
    """The context towards a backend. Unless told otherwise, its certificate and name are verified."""
    context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
