"""Processes that may do less than the tests may."""

import os
import subprocess

_SUDO = ["sudo", "-n", "-u", "nobody"]


def without_override() -> list[str]:
    """What to put before a command, so that the permissions of files hold for it, even for root."""
    if os.geteuid() != 0:
        return []
    lost = "-dac_override,-dac_read_search"
    return ["setpriv", f"--bounding-set={lost}", f"--inh-caps={lost}"]


def as_nobody() -> list[str] | None:
    """What to put before a command, so that another user runs it. None where we may not become one."""
    if os.geteuid() == 0:
        return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    try:
        allowed = subprocess.run([*_SUDO, "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        allowed = False
    return _SUDO if allowed else None
