"""What users enter into a mail client."""

import socket
from typing import Any

import pytest

from config import ClientSettings, Listener, Settings, client_settings, example, load
from tests.config.conftest import Folder

CLEAR = {"tls": "none", "sources": ["10.0.0.0/8"]}


def backend(protocol: str) -> dict[str, str]:
    if protocol == "ldap":
        service = {"login": "service", "service_dn": "cn=s", "service_password_file": "/s"}
        return {"protocol": protocol, "address": "ldap:1", "tls": "none"} | service
    shared = {"login": "shared-password", "shared_password_file": "/s"}
    return {"protocol": protocol, "address": "mail:1", "tls": "none"} | shared


def told(*listeners: dict[str, Any], host: str = "mail.example.org") -> list[tuple[str, str, int, str]]:
    """Of listeners that are for IMAP with implicit TLS on port 993 unless they say otherwise."""
    usual = {"protocol": "imap", "address": "[::]:993", "tls": "implicit"}
    settings = Settings.model_validate(
        {
            "public": {"host": host},
            "tls": {"certificate": "/c", "key": "/k"},
            "backend": [backend(protocol) for protocol in ("imap", "pop3", "smtp", "sieve", "ldap")],
            "listener": [usual | listener for listener in listeners],
        }
    )
    return [(one.protocol, one.host, one.port, one.security) for one in client_settings(settings)]


def test_each_protocol_is_told_with_implicit_tls_first() -> None:
    assert told(
        {"protocol": "ldap", "address": "[::]:389", "tls": "starttls"},
        {"protocol": "ldap", "address": "[::]:636"},
        {"protocol": "sieve", "address": "[::]:4190", "tls": "starttls"},
        {"protocol": "smtp", "address": "[::]:587", "tls": "starttls"},
        {"protocol": "smtp", "address": "[::]:465"},
        {"protocol": "pop3", "address": "[::]:995"},
        {"address": "[::]:143", "tls": "starttls"},
        {"address": "[::]:10993"},
        {"address": "[::]:993"},
    ) == [
        ("imap", "mail.example.org", 10993, "tls"),
        ("imap", "mail.example.org", 993, "tls"),
        ("imap", "mail.example.org", 143, "starttls"),
        ("pop3", "mail.example.org", 995, "tls"),
        ("smtp", "mail.example.org", 465, "tls"),
        ("smtp", "mail.example.org", 587, "starttls"),
        ("sieve", "mail.example.org", 4190, "starttls"),
        ("ldap", "mail.example.org", 636, "tls"),
        ("ldap", "mail.example.org", 389, "starttls"),
    ]


def test_without_listeners_nothing_is_told() -> None:
    assert client_settings(Settings()) == ()


def test_without_a_public_host_it_is_the_machines_name() -> None:
    assert told({}, host="") == [("imap", socket.gethostname(), 993, "tls")]


def test_listeners_on_several_addresses_that_clients_reach_by_one_name_are_told_once() -> None:
    assert told({"address": "192.0.2.1:993"}, {"address": "[2001:db8::1]:993"}) == [
        ("imap", "mail.example.org", 993, "tls")
    ]


@pytest.mark.parametrize(
    "listener", [CLEAR, {"tls": "none", "address": "[::1]:143"}, {"sources": ["10.0.0.0/8"]}]
)
def test_a_listener_for_devices_is_not_told(listener: dict[str, Any]) -> None:
    assert told(listener) == []


@pytest.mark.parametrize(
    ("public", "host", "port"),
    [
        ("lb.example.org", "lb.example.org", 10993),
        ("LB.example.org:993", "lb.example.org", 993),
        ("192.0.2.1", "192.0.2.1", 10993),
        ("[2001:db8::1]", "2001:db8::1", 10993),
        ("[2001:db8::1]:993", "2001:db8::1", 993),
    ],
)
def test_a_public_address_is_told_instead(public: str, host: str, port: int) -> None:
    listener = {"address": "10.0.0.1:10993", "public_address": public}
    assert told(listener) == [("imap", host, port, "tls")]
    assert told(listener | {"sources": ["10.0.0.0/8"]}) == [("imap", host, port, "tls")]


@pytest.mark.parametrize(
    ("protocol", "port", "security"),
    [
        ("imap", 993, "tls"),
        ("pop3", 995, "tls"),
        ("smtp", 465, "tls"),
        ("smtp", 587, "none"),
        ("ldap", 636, "tls"),
        ("ldap", 389, "none"),
    ],
)
def test_a_load_balancer_that_does_the_tls_is_known_by_its_port(
    protocol: str, port: int, security: str
) -> None:
    listener = CLEAR | {"protocol": protocol, "public_address": f"lb.example.org:{port}"}
    assert told(listener) == [(protocol, "lb.example.org", port, security)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "this must be a string"),
        (993, "this must be a string"),
        ("[::]", "clients can't connect to"),
        ("0.0.0.0:993", "clients can't connect to"),
        ("lb:0", "is not a port; allowed is 1 to 65535"),
        ("lb:", "is not a port"),
        (":993", "is not an address"),
        ("a b", "is not a host name or an IP address"),
        ("a\r\nb", "is not a host name or an IP address"),
        ("2001:db8::1:993", "in brackets"),
        ("[mail]", "is not an IPv6 address"),
    ],
)
def test_a_public_address_that_nobody_can_enter_is_refused(text: object, says: str) -> None:
    with pytest.raises(ValueError) as raised:
        Listener.model_validate(
            {"protocol": "imap", "address": "[::]:993", "tls": "implicit", "public_address": text}
        )
    assert says in str(raised.value)


@pytest.mark.parametrize("text", ["mail.example.org", "mail.example.org:993", "[::1]", "[::1]:993"])
def test_a_public_address_prints_as_it_is_written(text: str) -> None:
    listener = Listener.model_validate(
        {"protocol": "imap", "address": "[::]:993", "tls": "implicit", "public_address": text}
    )
    assert listener.model_dump(mode="json")["public_address"] == text


def test_the_example_tells_its_listener(folder: Folder) -> None:
    settings = load(folder.write(example()), {}).settings
    assert client_settings(settings) == (ClientSettings("imap", "mail.example.org", 993, "tls"),)
