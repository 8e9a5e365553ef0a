"""[cache]: where verified logins and users are remembered, besides the process itself."""

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from config.breach import Breach, refuse
from config.cache_url import MEMORY, CacheAddress, CacheKind, parse_cache_url
from config.value_types import STRICT, Count, File, Text

SEALING = ("key_file", "previous_key_file")
_FOR_SENTINELS = ("sentinel_username", "sentinel_password_file")
_FOR_TLS = ("ca_file", "certificate", "key")
_REMOTE = ("username", "password_file", *SEALING, *_FOR_SENTINELS, *_FOR_TLS)
_TOGETHER = (("key", "certificate"), ("certificate", "key"), ("username", "password_file"), _FOR_SENTINELS)


def _cache_url(url: str) -> str:
    parse_cache_url(url)
    return url


class Cache(BaseModel):
    """Redis, and the key that seals what lies in it."""

    model_config = STRICT
    url: Annotated[str, AfterValidator(_cache_url)] = Field(
        default=MEMORY,
        description="Where verified logins and users are remembered: memory: (in the process), "
        "redis://host:6379/0, redis+sentinel://host1,host2,host3/mymaster, redis+cluster://host1,host2, "
        "or with rediss in the place of redis for TLS.",
    )
    key_file: File | None = Field(
        default=None,
        description="File with 32 random bytes in hexadecimal that seal what lies in Redis, the same on all "
        "nodes. `wicketgate config cache-key FILE` makes one.",
    )
    previous_key_file: File | None = Field(
        default=None,
        description="A second key, while keys are changed: what it sealed is read too, and sealed anew.",
    )
    username: Text | None = Field(
        default=None, description="The ACL user of Redis; left out, the default user."
    )
    password_file: File | None = Field(default=None, description="File with that user's password.")
    sentinel_username: Text | None = Field(
        default=None, description="The ACL user of the sentinels; left out, the default user."
    )
    sentinel_password_file: File | None = Field(
        default=None, description="File with the password for the sentinels."
    )
    ca_file: File | None = Field(
        default=None,
        description="File with the certificates that are trusted, in PEM; left out, the system's.",
    )
    certificate: File | None = Field(
        default=None, description="File with the certificate that the gateway presents to Redis, in PEM."
    )
    key: File | None = Field(default=None, description="File with the certificate's private key, in PEM.")
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,32}$")] = Field(
        default="wicketgate",
        description="The first word of every key and channel in Redis: 1 to 32 letters, digits and _.-",
    )
    seconds: Annotated[Count, Field(ge=60, le=2_592_000)] = Field(
        default=86400, description="How long an entry is kept in Redis, 60 to 2592000."
    )

    @property
    def address(self) -> CacheAddress | None:
        """Where Redis is; None when all is remembered in the process alone."""
        return parse_cache_url(self.url)

    @model_validator(mode="after")
    def _has_what_the_url_needs(self) -> Self:
        address = self.address
        given = {name for name in _REMOTE if getattr(self, name) is not None}
        breaches = [Breach((name,), why) for name, why in _idle(address) if name in given]
        if address is not None and "key_file" not in given:
            breaches.append(Breach(("key_file",), "it is missing; it seals what lies in Redis"))
        breaches += [
            Breach((needed,), f"it is missing; {name} needs it")
            for name, needed in _TOGETHER
            if name in given and needed not in given
        ]
        refuse(breaches)
        return self


def _idle(address: CacheAddress | None) -> list[tuple[str, str]]:
    """The keys that have no meaning with this address, and why."""
    if address is None:
        return [(name, 'it has no meaning with url = "memory:"; remove it, or set url') for name in _REMOTE]
    idle = []
    if not address.tls:
        why = "it has no meaning without TLS; write rediss in the place of redis, or remove it"
        idle += [(name, why) for name in _FOR_TLS]
    if address.kind is not CacheKind.SENTINEL:
        why = "it is for redis+sentinel:// only; remove it"
        idle += [(name, why) for name in _FOR_SENTINELS]
    return idle
