"""[policy] and [login]: who may log in with what, and how a login name becomes a user."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from config.breach import Breach, refuse
from config.value_types import (
    STRICT,
    AppPasswordPolicy,
    Count,
    Domain,
    Flag,
    Login,
    Networks,
    OptionalDomain,
    ProtocolName,
    Text,
)

# The URL stands in answers of protocols, some of them in quotes: RFC 3501, section 9, `quoted`.
PORTAL_URL = re.compile(r"https?://[!#-\[\]-~]{1,200}")
_DELIMITERS = "+-_=#~!|"
SETTABLE = ("observe", "app_passwords", "trusted_networks", "refuse")


def _portal_url(url: str) -> str:
    if url and not PORTAL_URL.fullmatch(url):
        raise ValueError(
            "this must be empty or an http:// or https:// URL of at most 200 ASCII characters without spaces"
        )
    return url


def _folded_names(domains: Mapping[str, str]) -> Mapping[str, str]:
    folded = {name.lower(): domain for name, domain in domains.items()}
    if len(folded) < len(domains):
        raise ValueError("two names differ only in upper and lower case; leave one of them")
    for name, domain in folded.items():
        if folded.get(domain, domain) != domain:
            raise ValueError(
                f'"{name}" stands for {domain}, and that for {folded[domain]}; write the last one for both'
            )
    return folded


def _delimiters(text: str) -> str:
    if len(text) > 8 or not all(one in _DELIMITERS for one in text):
        raise ValueError(f"this must be at most 8 of the characters {_DELIMITERS}")
    return text


class Override(BaseModel):
    """What differs from [policy] for some users, domains or protocols. Later ones win."""

    model_config = STRICT
    users: tuple[Login, ...] = Field(
        default=(), description="Full login names that it is for, in any case; empty means all users."
    )
    domains: tuple[Domain, ...] = Field(
        default=(), description="Mail domains that it is for; empty means all domains."
    )
    protocols: tuple[ProtocolName, ...] = Field(
        default=(), description="Protocols that it is for; empty means all protocols."
    )
    observe: Flag | None = Field(
        default=None, description="Replaces policy.observe; left out, it stays as it is."
    )
    app_passwords: AppPasswordPolicy | None = Field(
        default=None, description="Replaces policy.app_passwords; left out, it stays as it is."
    )
    trusted_networks: Networks | None = Field(
        default=None, description="Replaces policy.trusted_networks; left out, they stay as they are."
    )
    refuse: Flag | None = Field(
        default=None,
        description="true switches the matching protocols off for the matching users, false switches them "
        "on again; left out, it stays as it is.",
    )

    @model_validator(mode="after")
    def _matches_and_sets(self) -> Self:
        breaches = []
        if not (self.users or self.domains or self.protocols):
            sentence = "it does not say whom it is for; give at least one of users, domains, protocols"
            breaches.append(Breach((), sentence))
        if all(getattr(self, name) is None for name in SETTABLE):
            breaches.append(Breach((), f"it changes nothing; give at least one of {', '.join(SETTABLE)}"))
        refuse(breaches)
        return self


class Policy(BaseModel):
    """What holds for everybody, as far as no override says otherwise."""

    model_config = STRICT
    max_app_passwords: Annotated[Count, Field(ge=1, le=1000)] = Field(
        default=40, description="Live app passwords that one user may have, 1 to 1000."
    )
    app_passwords: AppPasswordPolicy = Field(
        default="allowed",
        description="allowed: users may create and use them. no-new: those that exist work, none can be "
        "created. denied: none is accepted.",
    )
    unknown_users: Literal["refuse", "pass"] = Field(
        default="refuse",
        description="refuse: a user that the store does not know can't log in. pass: the backend judges, in "
        "the domains of unknown_domains.",
    )
    unknown_domains: tuple[OptionalDomain, ...] = Field(
        default=(),
        description='With unknown_users = "pass": the domains in which unknown users pass, each one of its '
        'own at the backend and no other name of another; "" stands for names without a domain.',
    )
    refusal_hint: Literal["always", "none", "specific"] = Field(
        default="always",
        description="always: every refusal carries the same sentence on app passwords. none: no sentence. "
        "specific: the sentence says which reason it was; only for closed networks.",
    )
    portal_url: Annotated[str, AfterValidator(_portal_url)] = Field(
        default="", description="Where users create app passwords; named in refusals. Empty means none."
    )
    trusted_networks: Networks = Field(
        default=(),
        description="Networks from which the main password is accepted, as long as the user has no app "
        "password.",
    )
    observe: Flag = Field(
        default=False, description="true lets in what enforcing would refuse, and logs it, to try it out."
    )
    protocols_off: tuple[ProtocolName, ...] = Field(
        default=(), description="Protocols with which nobody may log in."
    )
    override: tuple[Override, ...] = Field(
        default=(), description="Exceptions, tried in order; where several match, later ones win."
    )

    @model_validator(mode="after")
    def _unknown_users_have_domains(self) -> Self:
        """Without them, another spelling of a user with two-step verification would pass in any domain."""
        breaches = []
        if self.unknown_users == "pass" and not self.unknown_domains:
            sentence = (
                '"pass" holds only in domains that are listed: write unknown_domains = ["example.org"] with '
                'the domains whose users the store does not know yet, or "refuse"'
            )
            breaches.append(Breach(("unknown_users",), sentence))
        if self.unknown_users == "refuse" and self.unknown_domains:
            sentence = 'it has no meaning with unknown_users = "refuse"; remove it, or write "pass" there'
            breaches.append(Breach(("unknown_domains",), sentence))
        refuse(breaches)
        return self


class LoginNames(BaseModel):
    """How the name that a client sends becomes the login of a user."""

    model_config = STRICT
    default_domain: OptionalDomain = Field(
        default="", description="Appended to a login name without @; empty means none."
    )
    domains: Annotated[Mapping[Text, Domain], AfterValidator(_folded_names)] = Field(
        default={},
        description="NetBIOS name or other name of a domain (in any case) to mail domain, for logins of the "
        "form DOMAIN\\user and user@DOMAIN.",
    )
    recipient_delimiter: Annotated[str, AfterValidator(_delimiters)] = Field(
        default="",
        description="Characters that begin a tag at the backend: user+tag is then user. Empty means that a "
        "tag is part of the name.",
    )
