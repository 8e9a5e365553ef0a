"""The certificates that clients see, made into TLS contexts; files that change are read again."""

import ssl
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from config import Listener, ProtocolName, Settings, TlsProfile, WatchedFiles, pair_problem
from gateway.log import log
from gateway.tls import server_context

_Offer = tuple[TlsProfile, ProtocolName]  # what the contexts of a certificate differ in
_ChooseByName = Callable[[ssl.SSLObject | ssl.SSLSocket, str | None, ssl.SSLContext], None]


class Certificates:
    """What a handshake begins with: the context of a listener. Raises OSError if a file can't be loaded."""

    __slots__ = ("_default", "_pairs", "_profile")

    def __init__(self, settings: Settings) -> None:
        tls = settings.tls
        self._profile = tls.profile
        offers = frozenset(self._offer(listener) for listener in settings.listener if listener.tls != "none")
        self._pairs: list[_Pair] = []
        if not offers:
            return
        by_name = {}
        for index, sni in enumerate(tls.sni):
            pair = _Pair(f"tls.sni[{index}]", (sni.certificate, sni.key), offers)
            by_name.update(dict.fromkeys(sni.names, pair))
            self._pairs.append(pair)
        assert tls.certificate
        assert tls.key
        self._default = _Pair("tls", (tls.certificate, tls.key), offers, by_name)
        self._pairs.append(self._default)

    def context(self, listener: Listener) -> ssl.SSLContext:
        """For the next handshake of a listener that has TLS; it knows the certificates of all names."""
        return self._default.contexts[self._offer(listener)]

    def in_use(self) -> list[tuple[str, bytes]]:
        """By the table that names it, the certificate that clients see, in PEM."""
        return [(pair.table, pair.certificate) for pair in self._pairs]

    def look(self) -> None:
        """Read files again that have changed. To be called every second. Sessions keep what they have."""
        for pair in self._pairs:
            pair.look()

    def _offer(self, listener: Listener) -> _Offer:
        return listener.tls_profile or self._profile, listener.protocol


class _Pair:
    """A certificate and its key on disk, and the contexts made of the last good ones.

    A change makes new contexts: one that takes a second certificate keeps the first, if their keys are of
    different kinds.
    """

    __slots__ = ("_by_name", "_files", "_offers", "_watched", "certificate", "contexts", "table")

    def __init__(
        self,
        table: str,
        files: tuple[Path, Path],
        offers: Iterable[_Offer],
        by_name: Mapping[str, "_Pair"] | None = None,
    ) -> None:
        self.table = table
        self._files = files
        self._offers = offers
        self._by_name = by_name or {}
        self._watched = WatchedFiles(files)
        self.contexts = self._made()
        self.certificate = files[0].read_bytes()

    def look(self) -> None:
        """Read them again if they have changed."""
        if self._watched.changed():
            self._read()

    def _read(self) -> None:
        problem = pair_problem(*self._files)
        if problem is None:
            try:
                self.contexts = self._made()
                self.certificate = self._files[0].read_bytes()
            except OSError as error:
                problem = str(error)  # it has changed again: that's read next
        if problem is None:
            log.info("certificate read again", table=self.table, file=str(self._files[0]))
        else:
            log.warning(
                "changed certificate not used; clients see the one before. Put the files right",
                table=self.table,
                problem=problem,
            )

    def _made(self) -> dict[_Offer, ssl.SSLContext]:
        return {offer: self._context(offer) for offer in self._offers}

    def _context(self, offer: _Offer) -> ssl.SSLContext:
        context = server_context(*offer)
        # The empty passphrase keeps OpenSSL from asking for one on the terminal.
        context.load_cert_chain(*self._files, password="")
        if self._by_name:
            context.sni_callback = _choose(self._by_name, offer)
        return context


def _choose(by_name: Mapping[str, _Pair], offer: _Offer) -> _ChooseByName:
    def choose(tls: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
        pair = by_name.get((name or "").lower())
        if pair is not None:
            tls.context = pair.contexts[offer]

    return choose
