"""What goes over the wire. Whatever isn't named here is refused."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from config import ProtocolName
from store.model import MfaState

Protocols = Annotated[list[ProtocolName], Field(min_length=1, max_length=5)]
# PostgreSQL takes no NUL.
_NO_NUL = r"^[^\x00]*$"
# As app passwords are named: no control characters, and something that is seen.
_UNSEEN = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
_NAMED = rf"^[^{_UNSEEN}]*[^\s{_UNSEEN}][^{_UNSEEN}]*$"
Name = Annotated[str, StringConstraints(max_length=64, pattern=_NAMED)]
Login = Annotated[
    str,
    StringConstraints(max_length=255),
    Field(json_schema_extra={"format": "login"}, examples=["anna@example.org"]),
]
NetworkText = Annotated[
    str,
    StringConstraints(max_length=43),
    Field(json_schema_extra={"format": "ip-network"}, examples=["192.0.2.0/24", "2001:db8::/32"]),
]


def _whole(value: object) -> object:
    """JSON knows one kind of number: 30.0 is an integer to it (JSON Schema, section 6.1.1)."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


# In this order: behind the validator pydantic would hold the bounds, and not describe them.
Days = Annotated[int, Field(ge=1, le=3650), BeforeValidator(_whole)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class NewUser(_Strict):
    """A user to add."""

    login: Login
    mfa: Literal["disabled", "enabled", "enforced"] = "enabled"


class UserChange(_Strict):
    """What is to be changed; the rest stays. `grace_days` goes with "enabled"."""

    mfa: Literal["disabled", "enabled", "enforced"] | None = None
    grace_days: Days | None = None
    blocked: bool | None = None
    reason: Annotated[str, StringConstraints(max_length=200)] = ""


class NewAppPassword(_Strict):
    """An app password to create. Without protocols it's for all that the user may have it for."""

    name: Name
    protocols: Protocols | None = None
    networks: Annotated[list[NetworkText], Field(max_length=20)] = []
    expires_in_days: Days | None = None


class Renaming(_Strict):
    """Another name."""

    name: Name


class UserRow(BaseModel):
    """One user of a list. `disabled` is what the directory says."""

    login: str
    mfa: MfaState
    blocked: bool
    disabled: bool


class UserList(BaseModel):
    """`next` is the `after` of the next page; empty at the end."""

    users: list[UserRow]
    next: str


class Methods(BaseModel):
    """Second steps, counted."""

    passkeys: int
    authenticators: int
    recovery_codes: int


class UserDetail(UserRow):
    """One user, without any secret."""

    aliases: list[str]
    grace_until: datetime | None
    created_at: datetime
    methods: Methods
    app_passwords: int
    app_passwords_limit: int
    app_passwords_for: list[ProtocolName]


class LastUsed(BaseModel):
    """When an app password was used last, and by what."""

    at: datetime
    protocol: str
    address: str
    client: str


class AppPasswordRow(BaseModel):
    """One app password, without its secret."""

    id: str
    name: str
    protocols: list[ProtocolName]
    networks: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used: LastUsed | None


class AppPasswordList(BaseModel):
    """The oldest first."""

    app_passwords: list[AppPasswordRow]


class CreatedAppPassword(AppPasswordRow):
    """`secret` is in this one answer and nowhere else. Show it in groups of four, copy it without spaces."""

    secret: str


class Deleted(BaseModel):
    """How many were deleted."""

    deleted: int


class Refusal(BaseModel):
    """Logins of one device that were refused. `sentence` says why, and what helps."""

    reason: str
    sentence: str
    protocol: str
    client: str
    address: str
    app_password: str | None
    count: int
    first_at: datetime
    last_at: datetime


class RefusalList(BaseModel):
    """The latest first."""

    refusals: list[Refusal]


class AuditRow(BaseModel):
    """Who did what."""

    id: int
    at: datetime
    actor: str
    action: str
    login: str
    detail: str


class AuditList(BaseModel):
    """The newest first. `next` is the `before` of the next page; null at the end."""

    entries: list[AuditRow]
    next: int | None


class Health(BaseModel):
    """The store answers."""

    status: Literal["ok"]


class UserQuery(BaseModel):
    """Users by how their logins and aliases begin."""

    model_config = ConfigDict(extra="forbid")
    begins: Annotated[str, StringConstraints(max_length=255, pattern=_NO_NUL)] = ""
    after: Annotated[str, StringConstraints(max_length=255, pattern=_NO_NUL)] = ""
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class AuditQuery(BaseModel):
    """Entries that fit all that is asked for."""

    model_config = ConfigDict(extra="forbid")
    login: Annotated[str, StringConstraints(max_length=255, pattern=_NO_NUL)] | None = None
    actor: Annotated[str, StringConstraints(max_length=255, pattern=_NO_NUL)] | None = None
    action: Annotated[str, StringConstraints(max_length=255, pattern=_NO_NUL)] | None = None
    before: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class NoQuery(BaseModel):
    """Nothing is asked for."""

    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    """RFC 9457."""

    status: int
    title: str
    detail: str
