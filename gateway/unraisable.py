"""Errors that Python can raise nowhere, since they happen in a callback of C code or in a finaliser.

Python writes a traceback of several lines for each, straight to standard error. Here each is one line of the
log, and what a stranger can cause at will is none.
"""

import sys
from typing import TYPE_CHECKING

from gateway.log import log

if TYPE_CHECKING:
    from sys import UnraisableHookArgs


def log_unraisable_errors() -> None:
    """From now on, in this process."""
    sys.unraisablehook = _tell


def _tell(unraisable: "UnraisableHookArgs") -> None:
    error = unraisable.exc_value
    if error is None or _is_server_name(unraisable):
        return
    where = unraisable.err_msg or "Exception ignored in"
    log.error("an error was raised where nothing could catch it", where=where, exc_info=error)


def _is_server_name(unraisable: "UnraisableHookArgs") -> bool:
    """Whether a client asked for a host name that is no ASCII (RFC 6066, section 3, wants A-labels).

    `ssl` decodes it before it calls our callback, and ends the handshake with an alert. That is logged where
    handshakes fail, as one line of the client's.
    """
    return isinstance(unraisable.exc_value, UnicodeDecodeError) and isinstance(unraisable.object, bytes)
