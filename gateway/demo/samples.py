"""The messages that lie in every inbox of the demo when it starts."""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

_POSTMASTER = "Wicketgate demo <postmaster@example.test>"
_WELCOME = """\
Hello,

you read this through Wicketgate. Your client logged in with one password; the mail server
behind it was given another one, which your client has never seen.

Send your client away and call it back by deleting and making app passwords.
"""
_LIST = "item;number\r\nwicket gate;1\r\nhinge;2\r\nlatch;1\r\n"
_GREETING = """\
Grüße aus Köln, pozdrowienia z Łodzi, χαιρετισμούς από την Αθήνα, 東京からこんにちは.

If these words look right, so will your mail.
"""


def messages(login: str) -> list[bytes]:
    """The sample messages to `login`, oldest first, as they go over the wire: CRLF line ends."""
    return [bytes(message) for message in (_welcome(login), _attachment(login), _unicode(login))]


def _message(login: str, day: int, sender: str, subject: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = login
    message["Subject"] = subject
    message["Date"] = format_datetime(datetime(2026, 11, day, 9, 30, tzinfo=UTC))
    message["Message-ID"] = f"<sample-{day}@example.test>"
    return message


def _welcome(login: str) -> EmailMessage:
    message = _message(login, 2, _POSTMASTER, "Welcome to the demo")
    message.set_content(_WELCOME)
    return message


def _attachment(login: str) -> EmailMessage:
    message = _message(login, 3, "Petra Pfortner <petra@example.test>", "The list of parts")
    message.set_content("The parts of the gate are in the attached table.\n")
    message.add_attachment(_LIST.encode(), "text", "csv", filename="Parts.csv")
    return message


def _unicode(login: str) -> EmailMessage:
    message = _message(login, 4, "Jürgen Müller <juergen@example.test>", "Grüße from many cities ✉")
    message.set_content(_GREETING)
    return message
