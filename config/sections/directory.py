"""[directory]: how names and the directory's entries belong together, and the directory sync."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from config.breach import Breach, refuse
from config.dn_syntax import is_written_plainly, split_dn
from config.filter_syntax import is_filter, placeholders
from config.value_types import (
    CONTROL,
    STRICT,
    Attribute,
    Count,
    Flag,
    OptionalAttribute,
    OptionalDn,
    Seconds,
)

NAMES = ("{login}", "{local}", "{domain}")


def _dn_template(value: str) -> str:
    """Each placeholder is the whole value of an RDN, so that no name can add to what stands around it."""
    if not value:
        return value
    rdns = split_dn(value) if is_written_plainly(value) else None
    if rdns is None:
        raise ValueError(f'"{value}" is not a DN; write it as in "uid={{local}},ou=people,dc=example,dc=org"')
    braced = [ava.value for rdn in rdns for ava in rdn if placeholders(str(ava.value))]
    single = [rdn[0].value for rdn in rdns if len(rdn) == 1]
    if any(value not in NAMES or value not in single for value in braced):
        raise ValueError("each of {login}, {local} and {domain} must be the whole value of an RDN of its own")
    if sorted(map(str, braced)) not in (["{login}"], ["{local}"], ["{domain}", "{local}"]):
        raise ValueError("allowed is {login} once, or {local} once, with or without {domain} once")
    return value


def _filter(value: str) -> str:
    if len(value) > 1024 or CONTROL.search(value) or not is_filter(value):
        raise ValueError(f'"{value}" is not a filter; write it as in "(objectClass=person)" (RFC 4515)')
    return value


def _optional_filter(value: str) -> str:
    return _filter(value) if value else ""


def _search_filter(value: str) -> str:
    found = placeholders(_filter(value))
    unknown = [name for name in found if name not in NAMES]
    if unknown:
        raise ValueError(f'"{unknown[0]}" is no placeholder; allowed are {", ".join(NAMES)}')
    if "{login}" not in found and "{local}" not in found:
        raise ValueError("it finds the same entries for everybody; {login} or {local} has to be in it")
    return value


def _pause(value: float) -> float:
    if 0 < value < 1:
        raise ValueError(f"{value:g} is too small; allowed is 0, or 1 to 86400")
    return value


Filter = Annotated[str, AfterValidator(_filter)]


class Directory(BaseModel):
    """A user's entry is the DN in the store, else the template's, else the one that a search finds."""

    model_config = STRICT
    dn_template: Annotated[str, AfterValidator(_dn_template)] = Field(
        default="",
        description='The DN of a user, as in "uid={local},ou=people,dc=example,dc=org"; {login} is the whole '
        "login, {local} and {domain} its parts. Empty means none.",
    )
    search_base: OptionalDn = Field(
        default="",
        description="The entry below which users are searched. Empty: the directory is not searched.",
    )
    search_filter: Annotated[str, AfterValidator(_search_filter)] = Field(
        default="(mail={login})",
        description="The filter that finds the one entry of a user, with {login}, {local}, {domain}.",
    )
    login_attribute: Attribute = Field(
        default="mail", description="The attribute that holds a user's login name, with one value."
    )
    remember_seconds: Annotated[Seconds, Field(ge=0, le=86400)] = Field(
        default=300.0, description="How long it is remembered what a search found, 0 to 86400."
    )
    sync_seconds: Annotated[Seconds, Field(ge=0, le=86400), AfterValidator(_pause)] = Field(
        default=0.0,
        description="How often `serve` brings users over from the directory, 1 to 86400; 0 means never.",
    )
    full_sync_seconds: Annotated[Seconds, Field(ge=0, le=604800)] = Field(
        default=3600.0,
        description="How often a sync looks at all entries, 0 to 604800; only then it is seen who is gone.",
    )
    sync_filter: Filter = Field(
        default="(objectClass=person)", description="The filter for the entries that are users."
    )
    alias_attributes: tuple[Attribute, ...] = Field(
        default=(), description="Attributes whose values are further login names of a user."
    )
    adopt: Flag = Field(
        default=False,
        description="true: an entry takes over the user of its login who was added here, unless that user "
        "has a role, another DN or a stricter MFA state. false: such an entry is skipped.",
    )
    page_size: Annotated[Count, Field(ge=1, le=1000)] = Field(
        default=500, description="Entries in one page of a sync, 1 to 1000."
    )
    disabled_filter: Annotated[str, AfterValidator(_optional_filter)] = Field(
        default="",
        description="Who matches this filter counts as disabled, besides userAccountControl, "
        "pwdAccountLockedTime and nsAccountLock. Empty means none.",
    )
    mfa_attribute: OptionalAttribute = Field(
        default="",
        description="The attribute that holds a user's MFA state: disabled, enabled or enforced. Empty means "
        "none.",
    )
    mfa_group: OptionalDn = Field(
        default="",
        description="A group: its members, and those of groups in it, get mfa_group_state, everybody else "
        "disabled. Empty means none.",
    )
    mfa_group_state: Literal["enabled", "enforced"] = Field(
        default="enabled", description="The MFA state of the members of mfa_group: enabled or enforced."
    )

    @model_validator(mode="after")
    def _keys_fit_together(self) -> Self:
        breaches = []
        if self.sync_seconds and not self.search_base:
            breaches.append(Breach(("search_base",), "it is missing; sync_seconds needs it"))
        if self.mfa_attribute and self.mfa_group:
            breaches.append(Breach(("mfa_group",), "mfa_attribute is set too; remove one of them"))
        if "mfa_group_state" in self.model_fields_set and not self.mfa_group:
            breaches.append(Breach(("mfa_group_state",), "it has no meaning without mfa_group; remove it"))
        refuse(breaches)
        return self
