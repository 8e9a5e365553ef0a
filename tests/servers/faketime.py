"""Debian's libfaketime: a process that takes another time for the present."""

from tests.servers.unpacked import unpacked


def shifted(by: str) -> dict[str, str]:
    """The environment of a process whose clock is wrong, by "+5m" say; durations stay as they are."""
    [library] = unpacked("libfaketime").glob("usr/lib/*/faketime/libfaketime.so.1")
    return {"LD_PRELOAD": str(library), "FAKETIME": by, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
