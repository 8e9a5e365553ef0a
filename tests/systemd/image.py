"""A Debian 12 with systemd, Python and the gateway's libraries, in a folder that is made once and kept."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement

CHECKOUT = Path(__file__).parents[2]
_FOLDER = CHECKOUT / "build" / "systemd"
_REQUIREMENTS = CHECKOUT / "requirements" / "runtime.txt"
_DEBOOTSTRAP = [
    "debootstrap",
    "--variant=minbase",
    "--include=systemd,systemd-sysv,dbus,python3,python3-venv",
    "bookworm",
]
_COMMANDS = (
    "python3 -m venv /opt/wicketgate",
    "/opt/wicketgate/bin/pip install --no-index --no-deps /srv/wheels/*.whl",
)
# What Debian 12 has, whatever Python runs the tests. The libraries are chosen for it.
_PYTHON = {
    "python_version": "3.11",
    "python_full_version": "3.11.2",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
    "sys_platform": "linux",
    "os_name": "posix",
}


def image() -> Path:
    """The root folder, to be used without changing it. Making it takes root, a network and some minutes."""
    recipe = repr((_DEBOOTSTRAP, _PYTHON, _COMMANDS)).encode() + _REQUIREMENTS.read_bytes()
    folder = _FOLDER / hashlib.sha256(recipe).hexdigest()[:16]
    if not folder.exists():
        shutil.rmtree(_FOLDER, ignore_errors=True)
        unfinished = _FOLDER / "unfinished"
        unfinished.mkdir(parents=True)
        _make(unfinished)
        unfinished.rename(folder)
    return folder / "root"


def _make(folder: Path) -> None:
    root = folder / "root"
    _run(*_DEBOOTSTRAP, root)
    wheels = root / "srv" / "wheels"
    requirements = folder / "requirements.txt"
    requirements.write_text(_for_debian(_REQUIREMENTS.read_text()))
    _pip(
        *("download", "--require-hashes", "--no-deps", "--only-binary=:all:", "--python-version=3.11"),
        *("--requirement", requirements, "--dest", wheels),
    )
    for command in _COMMANDS:
        _inside(root, command)
    shutil.rmtree(wheels)


def _for_debian(locked: str) -> str:
    """The lines of the lock that hold for Debian's Python, without their conditions.

    pip would judge those by the Python that it runs in.
    """
    kept = []
    for line in locked.replace("\\\n", " ").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        specification, *hashes = line.split("--hash=")
        requirement = Requirement(specification.strip())
        if requirement.marker is None or requirement.marker.evaluate(_PYTHON):
            requirement.marker = None
            kept.append(" ".join([str(requirement), *(f"--hash={one.strip()}" for one in hashes)]))
    return "\n".join(kept)


def _inside(root: Path, command: str) -> None:
    _run(
        "systemd-nspawn",
        "--quiet",
        "--register=no",
        "--keep-unit",
        "--private-network",
        "-D",
        root,
        "sh",
        "-c",
        command,
    )


def _pip(*arguments: str | Path) -> None:
    _run(sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments)


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0, f"{command[0]} failed:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
