"""Scanners, scripts, and whatever else there is."""

import shlex

from config import ClientSettings
from portal.languages import marked
from portal.setup.guide import THE_APP_PASSWORD, Field, Group, Guide, Owner
from portal.setup.servers import Servers


def scanner(outgoing: ClientSettings, user: Owner) -> Guide:
    """A device that sends only."""
    fields = (
        Field("SMTP server", outgoing.host, True),
        Field("Port", str(outgoing.port), True),
        Field("Security", "SSL/TLS" if outgoing.security == "tls" else "STARTTLS"),
        Field("SMTP authentication", "on (LOGIN or PLAIN)"),
        Field("User name", user.login, True),
        Field("Password", THE_APP_PASSWORD),
        Field("Sender's address", user.address, True),
    )
    way = marked(
        "On the device's own web page, look for e-mail or SMTP settings. Set its clock first: TLS needs it."
    )
    return Guide("scanner", "A scanner", way, (Group("E-mail settings", fields),))


def script(found: Servers, user: Owner) -> Guide:
    """With curl, which is everywhere."""
    login, address = shlex.quote(user.login), shlex.quote(user.address)
    commands = []
    if (imap := found.by_protocol.get("imap")) is not None:
        commands.append(f"curl --ssl-reqd --user {login} {_url(imap)}/INBOX")
    if (pop3 := found.by_protocol.get("pop3")) is not None:
        commands.append(f"curl --ssl-reqd --user {login} {_url(pop3)}/")
    if (smtp := found.outgoing) is not None:
        commands.append(
            f"curl --ssl-reqd --user {login} --mail-from {address} --mail-rcpt somebody@example.org "
            f"--upload-file mail.txt {_url(smtp)}"
        )
    way = marked(
        "These ask for the app password. In a script, keep it in a file that only the script's user can "
        "read, such as .netrc, and never in the command: everybody on the machine can see commands."
    )
    return Guide("script", "A script", way, commands=tuple(commands))


def other(found: Servers, user: Owner) -> Guide:
    """All that there is, in the words of standards."""
    words = {"imap": "IMAP", "pop3": "POP3", "smtp": "SMTP", "sieve": "ManageSieve", "ldap": "LDAP"}
    groups = [
        Group(
            words[protocol],
            (
                Field("Server", one.host, True),
                Field("Port", str(one.port), True),
                Field("Security", "SSL/TLS" if one.security == "tls" else "STARTTLS"),
                Field("User name", user.login, True),
                Field("Password", THE_APP_PASSWORD),
            ),
        )
        for protocol, one in found.by_protocol.items()
    ]
    return Guide("other", "Another program", "Look for the account's server settings.", tuple(groups))


def _url(one: ClientSettings) -> str:
    scheme = f"{one.protocol}s" if one.security == "tls" else one.protocol
    host = f"[{one.host}]" if ":" in one.host else one.host
    return f"{scheme}://{host}:{one.port}"
