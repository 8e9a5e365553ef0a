"""[[listener]]: an address on which clients of one protocol connect."""

from pydantic import BaseModel, Field

from config.value_types import (
    STRICT,
    ClientAddress,
    Networks,
    ProtocolName,
    SocketAddress,
    Text,
    TlsMode,
    TlsProfile,
)


class Listener(BaseModel):
    """`name` is what logs call it; `label` is that or its default."""

    model_config = STRICT
    protocol: ProtocolName = Field(description="What clients speak here: imap, pop3, smtp, sieve or ldap.")
    address: SocketAddress = Field(
        description='Where it listens: "[::]:993", "0.0.0.0:143" or "name:port"; the port is 1 to 65535.'
    )
    tls: TlsMode = Field(
        description="implicit: TLS from the first byte. starttls: logins only after STARTTLS. none: no TLS, "
        "for loopback, or for the networks in sources or proxy_from."
    )
    name: Text | None = Field(
        default=None, description="What logs call it; left out, it is protocol-port, such as imap-993."
    )
    proxy_from: Networks = Field(
        default=(), description="Networks allowed, and then required, to send a PROXY header (v1 or v2)."
    )
    tls_profile: TlsProfile | None = Field(
        default=None, description="Replaces tls.profile here: modern, intermediate or legacy."
    )
    sources: Networks = Field(
        default=(), description="Only clients in these networks may connect; empty means all."
    )
    public_address: ClientAddress | None = Field(
        default=None,
        description='What clients enter when a load balancer stands in front: "host" or "host:port". Left '
        "out, public.host and the port of the address.",
    )

    @property
    def label(self) -> str:
        """The name in logs."""
        return self.name or f"{self.protocol}-{self.address.port}"
