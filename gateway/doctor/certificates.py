"""Do the certificates last, and have they the names by which clients come?"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from config import Settings, public_host
from gateway.doctor.finding import Finding, Level

_SOON = timedelta(days=14)


def examine_certificates(settings: Settings) -> Iterator[Finding]:
    """Those of [tls] and of every [[tls.sni]]. That files can be read and fit was checked before."""
    if not any(listener.tls != "none" for listener in settings.listener):
        return
    tls = settings.tls
    assert tls.certificate is not None, "a listener with TLS needs one"
    wanted = public_host(settings)
    pairs = [("tls", tls.certificate, [wanted])]
    pairs += [(f"tls.sni[{i}]", sni.certificate, list(sni.names)) for i, sni in enumerate(tls.sni)]
    by_sni = {name for sni in tls.sni for name in sni.names}
    for table, file, names in pairs:
        yield from _examine(table, file, [name for name in names if table != "tls" or name not in by_sni])


def _examine(table: str, file: Path, names: list[str]) -> Iterator[Finding]:
    try:
        [certificate, *_] = x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError) as error:
        yield Finding(Level.FAILED, table, f"{file} can't be read: {error}. Name a certificate in PEM.")
        return
    yield _lasts(table, file, certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    known = _names(certificate)
    for name in names:
        if not any(_covers(one, name) for one in known):
            yield Finding(
                Level.WARNING,
                table,
                f"{file} is for {', '.join(known) or 'no name'} and not for {name}: mail programs will warn. "
                "Get one for that name, or set public.host to the name that clients use.",
            )


def _lasts(table: str, file: Path, begin: datetime, end: datetime) -> Finding:
    now = datetime.now(UTC)
    if now >= end:
        return Finding(Level.FAILED, table, f"{file} has expired on {end:%Y-%m-%d}. Renew it.")
    if now < begin:
        return Finding(Level.FAILED, table, f"{file} is valid from {begin:%Y-%m-%d} on. Is the clock right?")
    days = (end - now).days
    if end - now < _SOON:
        return Finding(
            Level.WARNING, table, f"{file} expires in {days} days. Renew it; no restart is needed."
        )
    return Finding(Level.OK, table, f"{file} is valid for {days} days")


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    addresses = map(str, extension.value.get_values_for_type(x509.IPAddress))
    return [*extension.value.get_values_for_type(x509.DNSName), *addresses]


def _covers(pattern: str, name: str) -> bool:
    # RFC 9525, section 6.3: a wildcard stands for the whole of the left-most label.
    pattern, name = pattern.lower(), name.lower()
    return pattern == name or (pattern.startswith("*.") and pattern[1:] == "." + name.partition(".")[2])
