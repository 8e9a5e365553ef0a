"""`wicketgate demo`: try it, with nothing to install."""

import errno
import os
import shutil
import signal
import tempfile
from pathlib import Path

import click

from gateway.cannot_listen import CannotListen
from gateway.cli.fail import fail

# Above the base, each protocol has the port that it's known by.
_PORTS = {
    "imap": 143,
    "imaps": 993,
    "smtp": 587,
    "smtps": 465,
    "pop3": 110,
    "pop3s": 995,
    "sieve": 4190,
    "ldap": 389,
    "ldaps": 636,
    "portal": 443,
}
_LAST_BASE = 65535 - max(_PORTS.values())


@click.command()
@click.option(
    "--port-base",
    type=click.IntRange(1024, _LAST_BASE),
    default=20000,
    show_default=True,
    help="Each protocol is at this + the port that it is known by: IMAP at + 143 and, with TLS, + 993; "
    "the portal at + 443.",
)
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="End by itself after this time.")
@click.option(
    "--describe",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write ports, users and passwords to this file as JSON, once all is ready.",
)
def demo(port_base: int, seconds: float | None, describe: Path | None) -> None:
    """Run the gateway and the portal on loopback, with mail servers, a directory and users of its own.

    It needs no root, installs nothing and leaves nothing behind. The users are dora (MFA disabled), enno
    (enabled) and fritz (enforced) at example.test; what it prints has lines to copy and try.
    """
    if describe is not None and not os.access(describe.parent, os.W_OK):
        fail(f"cannot write {describe}: its folder is missing or not writable. Choose another file.")
    ports = {name: port_base + offset for name, offset in _PORTS.items()}
    with tempfile.TemporaryDirectory(prefix="wicketgate-demo-") as folder:
        _end_at_once(Path(folder))
        from gateway.cli.outcome import failures_told
        from gateway.demo.run import run
        from store.portal.key import PortalKeyError

        with failures_told():
            try:
                run(Path(folder), ports, seconds, describe)
            except PortalKeyError as error:
                fail(str(error))
            except OSError as error:
                reason = str(error.strerror or error).rstrip(".")
                fail(f"the demo cannot start: {reason}. {_advice(error)}")


def _advice(error: OSError) -> str:
    if isinstance(error, CannotListen) or error.errno == errno.EADDRINUSE:
        return "Choose other ports: --port-base 30000"
    if error.errno == errno.ENOSPC:
        return "Free some space, or name a folder on another disk: TMPDIR=/var/tmp"
    return "Put that right, then try again."


def _end_at_once(folder: Path) -> None:
    """Let Ctrl-C remove the folder and end the process, until the gateway listens to it and drains.

    Nothing else is made before. KeyboardInterrupt would come up wherever Python then is: in a callback of the
    garbage collector, which ignores it, or in a library that makes another error of it.
    """

    def end(number: int, _: object) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    # Whoever started us in the background wants it ignored.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, end)
