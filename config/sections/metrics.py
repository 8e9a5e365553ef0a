"""[metrics]: where monitoring and load balancers ask how the running gateway is doing."""

from ipaddress import ip_network

from pydantic import BaseModel, Field

from config.value_types import STRICT, Networks, SocketAddress


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
