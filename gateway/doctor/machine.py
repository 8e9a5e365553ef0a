"""Does the machine bear what the configuration asks of it?"""

import os
import resource
from collections.abc import Iterator

from config import Settings
from gateway.doctor.finding import Finding, Level

_FILES_A_SESSION = 2
_KIB_AN_IDLE_SESSION = 20  # two TLS connections; docs/performance.md


def examine_machine(settings: Settings) -> Iterator[Finding]:
    """Open files and memory. Limits are those of whoever calls; the unit's may differ."""
    yield _files(settings)
    yield _memory(settings)


def _files(settings: Settings) -> Finding:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = _FILES_A_SESSION * settings.limits.sessions + 100
    if hard < needed:
        return Finding(
            Level.WARNING,
            "open files",
            f"at most {hard} here, and limits.sessions = {settings.limits.sessions} needs {needed}. "
            "Raise LimitNOFILE in the unit, or lower limits.sessions.",
        )
    return Finding(Level.OK, "open files", f"at most {hard}, {needed} are needed")


def _memory(settings: Settings) -> Finding:
    threads = settings.limits.hash_threads or os.cpu_count() or 1
    hashing = threads * settings.argon2.memory_kib // 1024
    sessions = settings.limits.sessions * _KIB_AN_IDLE_SESSION // 1024
    there = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1024 // 1024
    told = f"{hashing} MiB for hashing and about {sessions} MiB for {settings.limits.sessions} sessions"
    if hashing + sessions > there // 2:
        return Finding(
            Level.WARNING,
            "memory",
            f"a process may take {told}, of {there} MiB. Lower limits.sessions or limits.hash_threads.",
        )
    return Finding(Level.OK, "memory", f"a process may take {told}, of {there} MiB")
