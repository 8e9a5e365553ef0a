"""Addresses: what is accepted, and what each mistake is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import Address, Listener


def parse(text: object) -> Address:
    return Listener.model_validate({"protocol": "imap", "tls": "none", "address": text}).address


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("[::]:993", "::", 993),
        ("[2001:DB8:0::1]:1", "2001:db8::1", 1),
        ("0.0.0.0:65535", "0.0.0.0", 65535),
        ("IMAP.internal:143", "imap.internal", 143),
        ("localhost:0143", "localhost", 143),
    ],
)
def test_host_and_port_are_split(text: str, host: str, port: int) -> None:
    assert parse(text) == Address(host, port)


@pytest.mark.parametrize("text", ["[::1]:993", "192.0.2.1:143", "imap.internal:993"])
def test_an_address_prints_as_it_is_written(text: str) -> None:
    assert str(parse(text)) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("imap.internal", "is not an address"),
        (":993", "is not an address"),
        ("imap:0", "is not a port; allowed is 1 to 65535"),
        ("imap:65536", "is not a port"),
        ("imap:", "is not a port"),
        ("imap:٣", "is not a port"),
        ("::1:993", 'in brackets, as in "[::1]:993"'),
        ("[imap]:993", "is not an IPv6 address"),
        ("[192.0.2.1]:993", "is not an IPv6 address"),
        ("300.1.1.1:993", "is not an IPv4 address"),
        ("im ap:993", "is not a host name"),
        ("a\r\nb:993", "is not a host name"),
        ("-a.b:993", "is not a host name"),
        ("srv:_imaps._tcp.example.org", "not supported by this version"),
        (993, "must be a string"),
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(text: object, says: str) -> None:
    with pytest.raises(ValueError) as raised:
        parse(text)
    assert says in str(raised.value)


@given(st.text())
def test_any_text_is_an_address_that_survives_printing_or_is_refused(text: str) -> None:
    try:
        address = parse(text)
    except ValueError:
        return
    assert parse(str(address)) == address
