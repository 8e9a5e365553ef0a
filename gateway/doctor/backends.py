"""Does every backend answer, in its protocol and with a certificate that is accepted?"""

from collections.abc import Iterator

from config import Settings
from gateway.doctor.backend_probe import probe
from gateway.doctor.finding import Finding, Level


def examine_backends(settings: Settings) -> Iterator[Finding]:
    """Each address. No credentials are sent."""
    if not settings.backend:
        yield Finding(
            Level.FAILED, "backend", "there is none. Add a [[backend]]: `wicketgate config example`."
        )
    for backend in settings.backend:
        for address in backend.address:
            found = probe(backend, address, settings.limits.backend_seconds)
            level = Level.OK if found.ok else Level.FAILED
            yield Finding(level, f"backend {backend.protocol}", f"{address}: {found.what}")
        if not backend.verify and backend.tls != "none":
            yield Finding(
                Level.WARNING,
                f"backend {backend.protocol}",
                "its certificate is not verified, so anybody in between reads all passwords. "
                "Set ca_file and remove verify = false.",
            )
