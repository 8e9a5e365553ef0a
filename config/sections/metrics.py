"""[metrics]: where monitoring and load balancers ask how the running gateway is doing."""

from ipaddress import ip_network
from typing import Annotated

from pydantic import BaseModel, Field

from config.value_types import STRICT, Count, Networks, SocketAddress


class Metrics(BaseModel):
    """An HTTP address of its own, apart from those for clients."""

    model_config = STRICT
    address: SocketAddress | None = Field(
        default=None,
        description='Where metrics and health are served over HTTP, such as "127.0.0.1:9164". Left out, '
        "nowhere. `serve --worker N` adds N to the port.",
    )
    sources: Networks = Field(
        default=(ip_network("127.0.0.0/8"), ip_network("::1/128")),
        description="Networks that may ask; anybody else is turned away. The answers hold no secret and no "
        "user's name, but tell how busy the gateway is.",
    )
    max_connections: Annotated[Count, Field(ge=1, le=1000)] = Field(
        default=16,
        description="Connections at one time, 1 to 1000. When all are taken, a newcomer gets the place of "
        "the oldest that hasn't asked yet.",
    )
    max_connections_per_source: Annotated[Count, Field(ge=1, le=1000)] = Field(
        default=8, description="Of these from one address, or from one IPv6 /64, 1 to 1000."
    )
