"""The certificate that browsers see where the portal does TLS itself; files that change are read again."""

import ssl
from pathlib import Path
from urllib.parse import urlsplit

from config import Settings, WatchedFiles, pair_problem
from portal.log import log

_EMPTY = ""  # the passphrase: without one OpenSSL would ask for it on the terminal


class Certificate:
    """Raises OSError if a file can't be loaded."""

    __slots__ = ("_context", "_files", "_watched")

    def __init__(self, settings: Settings) -> None:
        self._files = _files(settings)
        self._watched = WatchedFiles(self._files)
        self._context = self._made()

    def context(self) -> ssl.SSLContext:
        """For the next handshake, whichever host the client names."""
        return self._context

    def look(self) -> None:
        """To be called every second. Connections keep what they have."""
        if not self._watched.changed():
            return
        problem = pair_problem(*self._files)
        if problem is None:
            try:
                self._context = self._made()
            except OSError as error:
                problem = str(error)  # it has changed again: that's read next
        if problem is None:
            log.info("certificate read again", file=str(self._files[0]))
        else:
            log.warning(
                "changed certificate not used; browsers see the one before. Put the files right",
                problem=problem,
            )

    def _made(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 9325, section 3.1.1
        context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
        context.set_alpn_protocols(["http/1.1"])
        context.load_cert_chain(*self._files, password=_EMPTY)
        return context


def _files(settings: Settings) -> tuple[Path, Path]:
    """That of [[tls.sni]] for the host of policy.portal_url, or else that for all names."""
    host = urlsplit(settings.policy.portal_url or "").hostname
    for one in settings.tls.sni:
        if host in one.names:
            return one.certificate, one.key
    assert settings.tls.certificate is not None, "the configuration requires it"
    assert settings.tls.key is not None, "the configuration requires it"
    return settings.tls.certificate, settings.tls.key
