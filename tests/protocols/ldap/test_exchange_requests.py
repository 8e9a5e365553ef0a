"""What is sent to a directory for a client: its requests, with the control that says in whose name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.dialogue import ProtocolError
from protocols.ldap import Exchange
from tests.protocols.ldap.fronts import OPERATIONS
from tests.protocols.ldap.lengths import long_form
from tests.protocols.ldap.notation import message

IDENTITY = b"dn:uid=fritz,dc=test"
CONTROL = "[ProxiedAuthorization=dn:uid=fritz,dc=test critical]"


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("controls", ["", "[1.2.3 critical]", "[PagedResults=abc critical] [1.2.4]"])
def test_an_operation_is_sent_as_it_is(operation, controls):
    request = message(f"{operation} {controls}")
    assert Exchange().ask(request) == request


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_identity_is_added_as_a_critical_control(operation):
    """RFC 4370, section 3: its value is the identity itself."""
    assert Exchange(IDENTITY).ask(message(operation)) == message(f"{operation} {CONTROL}")


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("controls", ["[1.2.3 critical]", "[PagedResults=abc critical] [1.2.4=x]"])
def test_the_client_s_own_controls_keep_their_place_before_it(operation, controls):
    sent = Exchange(IDENTITY).ask(message(f"{operation} {controls}"))
    assert sent == message(f"{operation} {controls} {CONTROL}")


def test_an_empty_list_of_controls_is_filled():
    request = bytes.fromhex("30 0a 02 01 02 4a 03 63 6e 3d a0 00")
    body = request[2:-2] + message(f"delete 2 x {CONTROL}")[8:]
    assert Exchange(IDENTITY).ask(request) == bytes((0x30, len(body))) + body


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_what_the_client_wrote_stays_as_it_wrote_it_inside(width):
    """Windows writes lengths with four bytes. Only what is put around is new."""
    request = long_form(message("modify 2 cn=x replace:cn=y [1.2.3=z critical]"), width)
    assert Exchange().ask(request) == request
    sent = Exchange(IDENTITY).ask(request)
    operation_and_control = request[2 + width :]
    at = operation_and_control.index(b"\xa0" + bytes((0x80 + width,)))
    assert operation_and_control[:at] in sent
    assert operation_and_control[at + 2 + width :] in sent
    assert sent.endswith(message(f"delete 2 x {CONTROL}")[10:])


@pytest.mark.parametrize("identity", [b"", IDENTITY])
def test_an_abandon_gets_no_control_and_no_answer(identity):
    """Nobody could say that it was refused (RFC 4511, section 4.11)."""
    exchange = Exchange(identity)
    assert exchange.ask(message("abandon 3 2")) == message("abandon 3 2")
    assert exchange.unanswered == 0


@given(st.integers(0, 70_000), st.binary(min_size=1, max_size=300))
def test_identities_and_requests_of_any_size(size, identity):
    dn = "x" * size
    value = (
        identity.decode("latin-1")
        .encode("unicode_escape")
        .decode()
        .replace("]", r"\x5d")
        .replace(" ", r"\x20")
    )
    expected = message(f"delete 2 {dn or chr(34) * 2} [ProxiedAuthorization={value} critical]")
    assert Exchange(identity).ask(message(f"delete 2 {dn or chr(34) * 2}")) == expected


@pytest.mark.parametrize(
    "octets",
    [
        "30 05 02 01 01 50 00",  # an Abandon of nothing
        "30 06 02 01 01 50 01 ff",
        "30 03 02 01 01",
        "30 05 02 01 01 4a 00 00",  # one byte too many
        "30 05 02 01 01 4a 00 a0 00",  # controls behind its end
        "",
    ],
)
def test_what_is_no_request_is_not_sent(octets):
    with pytest.raises(ProtocolError):
        Exchange(IDENTITY).ask(bytes.fromhex(octets))
