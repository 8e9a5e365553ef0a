"""[notices]: mail to users about their app passwords and second steps, and the same events for programs."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field, model_validator

from config.breach import Breach, refuse
from config.value_types import CONTROL, STRICT, Count, File, SocketAddress, TlsMode

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _webhook(value: str) -> str:
    parts = urlsplit(value)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if value and (not safe or not parts.hostname or CONTROL.search(value)):
        raise ValueError(
            f'"{value}" is no address for events; write it as in "https://hooks.example.org/mail"'
        )
    return value


def _sender(value: str) -> str:
    if value and ("@" not in value or len(value) > 255 or CONTROL.search(value)):
        raise ValueError(f'"{value}" is no sender; write it as in "Security <security@example.org>"')
    return value


class Notices(BaseModel):
    """`wicketgate portal` sends them. Without smtp no mail is sent, without webhook no event."""

    model_config = STRICT
    smtp: SocketAddress | None = Field(
        default=None, description="host:port of the organisation's mail server. Left out, no mail is sent."
    )
    tls: TlsMode = Field(default="starttls", description='"starttls", "implicit" or "none".')
    ca_file: File | None = Field(
        default=None,
        description="Certificates that vouch for the mail server; left out, the system's.",
    )
    username: Annotated[str, Field(max_length=255)] = Field(
        default="", description="Log in there as this user, if it's needed."
    )
    password_file: File | None = Field(default=None, description="File with that user's password.")
    sender: Annotated[str, AfterValidator(_sender)] = Field(
        default="", description='Whom mail comes from, such as "Security <security@example.org>".'
    )
    digest_minutes: Annotated[Count, Field(ge=0, le=1440)] = Field(
        default=10,
        description="A user gets at most one mail in so many minutes, 0 to 1440, with all that has happened.",
    )
    language: Literal["en", "de"] = Field(default="en", description='What mail is written in: "en" or "de".')
    webhook: Annotated[str, AfterValidator(_webhook)] = Field(
        default="", description="https:// address that gets each event. Left out, none is sent."
    )
    webhook_secret_file: File | None = Field(
        default=None, description="File with the secret that signs events, 32 bytes or more."
    )

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        breaches = []
        if self.smtp is not None and not self.sender:
            breaches.append(Breach(("sender",), "it is missing; smtp needs it"))
        if bool(self.username) != (self.password_file is not None):
            sentence = "username and password_file go together; set both or none"
            breaches.append(Breach(("password_file",), sentence))
        if self.username and self.tls == "none" and self.smtp and self.smtp.host not in _LOOPBACK:
            sentence = '"none" would send the password in the clear; use "starttls" or "implicit"'
            breaches.append(Breach(("tls",), sentence))
        if self.webhook and self.webhook_secret_file is None:
            breaches.append(Breach(("webhook_secret_file",), "it is missing; webhook needs it"))
        if breaches:
            refuse(breaches)
        return self
