"""TLS contexts: what we offer to clients, and what we ask of backends."""

import ssl
from collections.abc import Callable, Mapping
from pathlib import Path

from config import Settings

# "legacy" is for Outlook 2010 on Windows 7: TLS 1.0 alone, for which OpenSSL wants a lower security level.
_MINIMUM = {
    "modern": ssl.TLSVersion.TLSv1_2,
    "intermediate": ssl.TLSVersion.TLSv1_2,
    "legacy": ssl.TLSVersion.TLSv1,
}
_CIPHERS = {
    "modern": "ECDHE+AESGCM:ECDHE+CHACHA20",
    "intermediate": "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:RSA+AESGCM:RSA+AES:!aNULL",
    "legacy": "DEFAULT:@SECLEVEL=0",
}


def server_context(settings: Settings, profile: str | None, protocol: str) -> ssl.SSLContext:
    """The context of a listener: its profile, the certificate, and one more for each name of [[tls.sni]]."""
    context = _server_context(profile or settings.tls.profile, protocol)
    assert settings.tls.certificate
    assert settings.tls.key
    context.load_cert_chain(settings.tls.certificate, settings.tls.key)
    by_name = {}
    for sni in settings.tls.sni:
        other = _server_context(profile or settings.tls.profile, protocol)
        other.load_cert_chain(sni.certificate, sni.key)
        by_name.update({name.lower(): other for name in sni.names})
    if by_name:
        context.sni_callback = _choose(by_name)
    return context


def _server_context(profile: str, protocol: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = _MINIMUM[profile]
    context.set_ciphers(_CIPHERS[profile])
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.set_alpn_protocols([protocol])  # echoed to those who ask (alpaca-attack.com)
    context.num_tickets = 1  # clients come back one by one; the second ticket would cost time and say nothing
    return context


def _choose(
    by_name: Mapping[str, ssl.SSLContext],
) -> Callable[[ssl.SSLObject | ssl.SSLSocket, str | None, ssl.SSLContext], None]:
    def choose(tls: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
        context = by_name.get((name or "").lower())
        if context is not None:
            tls.context = context

    return choose


def client_context(ca_file: Path | None, verify: bool) -> ssl.SSLContext:
    """The context towards a backend. Unless told otherwise, its certificate and name are verified."""
    context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
