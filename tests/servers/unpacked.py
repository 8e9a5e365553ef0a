"""Packages of Debian that are unpacked, not installed: the machine keeps the mail server that it has."""

from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[2] / "build" / "debian"


def unpacked(package: str) -> Path:
    """The root of a package's files. Raises RuntimeError if it isn't there."""
    folder = _FOLDER / package
    if not folder.is_dir():
        raise RuntimeError(f"{package} is not unpacked in {_FOLDER}; run `make debian`")
    return folder
