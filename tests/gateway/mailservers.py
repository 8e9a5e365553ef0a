"""The real servers of an organisation: Dovecot, Postfix and Exim, which know the same people."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.gateway.before_dovecot import MAIN, backend, new_dovecot, table
from tests.servers.dovecot import Dovecot
from tests.servers.exim import Exim
from tests.servers.maildir import arrived
from tests.servers.postfix import Postfix

# A way to send mail: which server takes it, how the gateway logs in there, and by what TLS.
POSTFIX_XCLIENT = "postfix, XCLIENT, STARTTLS"
POSTFIX_MASTER = "postfix, master user, implicit TLS"
POSTFIX_BOTH = "postfix, XCLIENT and master user, no TLS"
EXIM = "exim, shared password, STARTTLS"
DOVECOT = "dovecot, master user, implicit TLS"
WAYS = (POSTFIX_XCLIENT, POSTFIX_MASTER, POSTFIX_BOTH, EXIM, DOVECOT)


@dataclass(frozen=True, slots=True)
class Mailservers:
    """Dovecot's submission hands on to Postfix, and Postfix asks Dovecot about passwords."""

    dovecot: Dovecot
    postfix: Postfix
    exim: Exim

    def submission(self, way: str, more: str = "") -> str:
        """The [[backend]] table of that way."""
        xclient, sasl = self.postfix.port("xclient", "starttls"), self.postfix.port("sasl", "implicit")
        both, postfix = self.postfix.port("xclient", "none"), self.postfix.ca_file
        return {
            POSTFIX_XCLIENT: table("smtp", _at(xclient), "xclient", "starttls", postfix, more),
            POSTFIX_MASTER: table("smtp", _at(sasl), "master", "implicit", postfix, more),
            POSTFIX_BOTH: table("smtp", _at(both), "master", "none", postfix, more),
            EXIM: table("smtp", _at(self.exim.port), "shared-password", "starttls", self.exim.ca_file, more),
            DOVECOT: backend(self.dovecot, "smtp", more=more),
        }[way]

    def gullible(self, more: str = "") -> str:
        """A Postfix that believes what any client says by XCLIENT."""
        address = _at(self.postfix.port("gullible"))
        return table("smtp", address, "xclient", "none", self.postfix.ca_file, more)

    def reading(self) -> str:
        """The [[backend]] tables for POP3 and ManageSieve."""
        return backend(self.dovecot, "pop3") + backend(self.dovecot, "sieve", tls="starttls")

    def arrived(self, way: str, user: str, mark: bytes) -> bytes:
        """The user's message with that mark, once it's there."""
        server = self.exim if way == EXIM else self.postfix
        return arrived(server.maildir(user), mark)


def _at(port: int) -> str:
    return f'"localhost:{port}"'


@contextmanager
def open_mailservers() -> Iterator[Mailservers]:
    """All of them, until the end of the block."""
    if os.geteuid() != 0:
        pytest.skip("Postfix and Exim have to be started by root")
    dovecot = new_dovecot()
    postfix = Postfix(MAIN, dovecot.sasl, _ANTI_SMUGGLING)
    dovecot.relay_to(postfix.port("relay"))
    with dovecot, postfix, Exim(MAIN, "backend-secret") as exim:
        yield Mailservers(dovecot, postfix, exim)


# Recommended by Postfix itself; the gateway's own address is among those that are let off.
_ANTI_SMUGGLING = "smtpd_forbid_bare_newline = yes\nsmtpd_forbid_bare_newline_exclusions = $mynetworks\n"
