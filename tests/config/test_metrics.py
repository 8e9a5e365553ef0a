"""[metrics]: where monitoring asks."""

from ipaddress import ip_address
from typing import Any

import pytest

from config import Address, Settings

LISTENER = {"protocol": "imap", "address": "127.0.0.1:9164", "tls": "none"}
BACKEND = {"protocol": "imap", "address": "imap:143", "tls": "none", "login": "shared-password"}
SERVED = {"listener": [LISTENER], "backend": [BACKEND | {"shared_password_file": "/s"}]}


def settings(**metrics: Any) -> Settings:
    return Settings.model_validate(SERVED | {"metrics": metrics})


def test_left_out_nothing_is_served_and_only_this_machine_may_ask() -> None:
    metrics = Settings().metrics
    assert metrics.address is None
    for address, may in (("127.0.0.1", True), ("::1", True), ("192.0.2.1", False), ("2001:db8::1", False)):
        assert any(ip_address(address) in network for network in metrics.sources) is may


def test_an_address_is_taken() -> None:
    assert settings(address="[::]:9165").metrics.address == Address("::", 9165)


@pytest.mark.parametrize(
    ("metrics", "says"),
    [
        ({"address": "127.0.0.1:9164"}, "listener[0] listens on 127.0.0.1:9164 too"),
        ({"address": "9164"}, "is not an address"),
        ({"sources": ["10.0.0.1/8"]}, 'Did you mean "10.0.0.0/8"?'),
        ({"port": 9164}, "port"),
    ],
)
def test_a_mistake_is_refused_with_the_reason(metrics: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError) as raised:
        settings(**metrics)
    assert says in str(raised.value)
