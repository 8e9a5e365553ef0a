"""[portal]: the web pages where users register a second step and create app passwords."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from config.breach import Breach, refuse
from config.value_types import STRICT, Count, File, Flag, Networks, Seconds, SocketAddress


class Portal(BaseModel):
    """Its own process: `wicketgate portal`. Its public address is policy.portal_url."""

    model_config = STRICT
    address: SocketAddress | None = Field(
        default=None, description="Where it listens, host:port. Left out, there is no portal."
    )
    tls: Flag = Field(
        default=True,
        description="true: https with the certificate of [tls]. false: a web server in front does TLS; its "
        "networks stand in proxies.",
    )
    proxies: Networks = Field(
        default=(), description="Networks of web servers in front, whose X-Forwarded-For is believed."
    )
    key_file: File | None = Field(
        default=None,
        description="File with 32 random bytes in hexadecimal that seal second steps. `wicketgate "
        "db upgrade` creates it, or else the first `wicketgate portal`.",
    )
    sign_in: Literal["imap", "ldap", "local", "oidc"] = Field(
        default="imap",
        description="Who checks the main password. imap, ldap: the [[backend]] of that protocol. local: the "
        "store, where `wicketgate user set-password` puts it. oidc: the provider of [oidc].",
    )
    organisation: Annotated[str, Field(max_length=60)] = Field(
        default="", description="The name that every page has at its top, at most 60 characters."
    )
    help: Annotated[str, Field(max_length=200)] = Field(
        default="", description="How to reach the help desk, on every page; at most 200 characters."
    )
    idle_minutes: Annotated[Count, Field(ge=1, le=1440)] = Field(
        default=30, description="A session ends when it isn't used for so long, 1 to 1440."
    )
    session_hours: Annotated[Count, Field(ge=1, le=720)] = Field(
        default=12, description="A session ends after so long in any case, 1 to 720."
    )
    fresh_minutes: Annotated[Count, Field(ge=1, le=60)] = Field(
        default=10, description="So long after a second step it isn't asked for again, 1 to 60."
    )

    max_connections: Annotated[Count, Field(ge=1, le=100_000)] = Field(
        default=1000,
        description="Connections at one time, 1 to 100000. When all are taken, a newcomer gets the place of "
        "the client that has kept one for longest without having asked for anything.",
    )
    max_connections_per_source: Annotated[Count, Field(ge=1, le=100_000)] = Field(
        default=100,
        description="Of these from one address, or from one IPv6 /64, 1 to 100000. It doesn't hold for the "
        "web servers in proxies.",
    )
    handshake_seconds: Annotated[Seconds, Field(gt=0, le=60)] = Field(
        default=10.0,
        description="How long a TLS handshake may take from connecting to its end, in seconds, at most 60.",
    )

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        if self.address is not None and self.key_file is None:
            refuse([Breach(("key_file",), "it is missing; it seals the second steps")])
        return self
