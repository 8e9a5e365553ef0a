"""What is sent to a directory for a client: its requests anew, and the control that says in whose name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.ldap import Exchange
from tests.protocols.ldap.fronts import OPERATIONS, PAGE
from tests.protocols.ldap.lengths import long_form
from tests.protocols.ldap.notation import message, request

IDENTITY = b"dn:uid=fritz,dc=test"
CONTROL = "[ProxiedAuthorization=dn:uid=fritz,dc=test critical]"


def sent(line, identity=b""):
    return Exchange(identity).ask(request(message(line)))


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("controls", ["", "[1.2.3 critical]", f"[{PAGE} critical] [1.2.4]"])
def test_an_operation_is_sent_as_ldap3_would_send_it(operation, controls):
    assert sent(f"{operation} {controls}") == message(f"{operation} {controls}")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_identity_is_added_as_a_critical_control(operation):
    """RFC 4370, section 3: its value is the identity itself."""
    assert sent(operation, IDENTITY) == message(f"{operation} {CONTROL}")


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("controls", ["[1.2.3 critical]", f"[{PAGE} critical] [1.2.4=x]"])
def test_ldap_22_the_identity_comes_before_the_client_s_own_controls(operation, controls):
    assert sent(f"{operation} {controls}", IDENTITY) == message(f"{operation} {CONTROL} {controls}")


def test_an_empty_list_of_controls_is_none():
    octets = request(bytes.fromhex("30 0a 02 01 02 4a 03 63 6e 3d a0 00"))
    assert Exchange().ask(octets) == bytes.fromhex("30 08 02 01 02 4a 03 63 6e 3d")


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_nothing_is_left_of_how_the_client_wrote_it(operation, width):
    """Windows writes lengths with four bytes."""
    controls = "[1.2.3=z critical] [1.2.4]"
    read = request(long_form(message(f"{operation} {controls}"), width))
    assert Exchange().ask(read) == message(f"{operation} {controls}")
    assert Exchange(IDENTITY).ask(read) == message(f"{operation} {CONTROL} {controls}")


@pytest.mark.parametrize("identity", [b"", IDENTITY])
def test_an_abandon_gets_no_control_and_no_answer(identity):
    """Nobody could say that it was refused (RFC 4511, section 4.11)."""
    exchange = Exchange(identity)
    assert exchange.ask(request(message("abandon 3 2"))) == message("abandon 3 2")
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
    assert sent(f"delete 2 {dn or chr(34) * 2}", identity) == expected
