"""One mail with what has happened, through the organisation's own server."""

import smtplib
import ssl
from collections.abc import Sequence
from email.errors import MessageError
from email.headerregistry import Address as MailAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid, parseaddr

from babel.dates import format_datetime

from config import ConfigurationError, Notices, Settings, read_secret
from portal.languages import speaking, translated
from portal.languages.speaking import spoken
from portal.notices.cannot_send import CannotSend
from portal.notices.cut_off import cut_off
from portal.notices.events import sentence
from store.portal.notices import Notice

_SECONDS, _LONGEST_SECONDS = 20, 60


def message(settings: Settings, to: str, told: Sequence[Notice]) -> EmailMessage:
    """Plain text, with no secret and no link that signs anybody in. Raises CannotSend."""
    with speaking(settings.notices.language):
        made = EmailMessage(SMTP)
        made["From"] = settings.notices.sender
        made["To"] = _address(to)
        made["Subject"] = translated("Something was changed in your account's security")
        made["Date"] = formatdate()
        made["Message-ID"] = make_msgid(domain=parseaddr(settings.notices.sender)[1].rpartition("@")[2])
        made["Auto-Submitted"] = "auto-generated"  # RFC 3834, section 5: nobody's out-of-office answers
        made.set_content(_text(settings, to, told))
        made["Content-Language"] = spoken()
    return made


def send(notices: Notices, made: EmailMessage) -> None:
    """Raises CannotSend."""
    try:
        with _connected(notices) as server, cut_off(_LONGEST_SECONDS, lambda: server.sock):
            if notices.username and notices.password_file is not None:
                password = read_secret(notices.password_file, "notices.password_file").decode()
                server.login(notices.username, password)
            server.send_message(made)
    except (OSError, smtplib.SMTPException, ValueError, ConfigurationError) as error:
        raise CannotSend(str(error) or type(error).__name__) from None


def _address(to: str) -> MailAddress:
    try:
        return MailAddress(addr_spec=to)
    except (ValueError, IndexError, MessageError):  # what the library says of what it can't read
        raise CannotSend(f"{to} is no address that mail can be sent to") from None


def _connected(notices: Notices) -> smtplib.SMTP:
    assert notices.smtp is not None, "nothing is sent without a server"
    host, port = notices.smtp.host, notices.smtp.port
    context = ssl.create_default_context(cafile=notices.ca_file)
    if notices.tls == "implicit":
        return smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=context)
    server = smtplib.SMTP(host, port, timeout=_SECONDS)
    if notices.tls == "starttls":
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server


def _text(settings: Settings, to: str, told: Sequence[Notice]) -> str:
    lines = [f"  {format_datetime(one.at, 'short', locale=spoken())} UTC  {sentence(one)}" for one in told]
    parts = [
        translated("In the account %(login)s this has happened:") % {"login": to},
        "\n".join(lines),
        translated("If that was you, there is nothing to do."),
        translated(
            "If it wasn't: type this address into your browser, delete the app password or remove the second "
            "step there, then change your password."
        ),
        settings.policy.portal_url,
    ]
    if settings.portal.help:
        parts.append(translated("Need help? %(help)s") % {"help": settings.portal.help})
    return "\n\n".join(parts) + "\n"
