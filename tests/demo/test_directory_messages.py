"""The demo's directory, message by message: controls, and what no client should send."""

import socket

import ldap3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3.operation.abandon import abandon_operation
from ldap3.operation.bind import bind_operation
from ldap3.operation.compare import compare_operation
from ldap3.operation.extended import extended_operation
from ldap3.operation.search import search_operation
from ldap3.operation.unbind import unbind_operation
from ldap3.protocol.rfc4511 import LDAPMessage
from pyasn1.codec.ber import decoder

from gateway.demo.directory.session import Session
from gateway.demo.people import directory
from protocols.dialogue import ProtocolError
from protocols.ldap.message import ABANDON, parse
from tests.demo.directory_client import (
    BASE,
    PROXIED,
    SERVICE,
    WHO_AM_I,
    DirectoryClient,
    bind_request,
    dn,
    encoded,
)
from tests.demo.mailhost import SHARED

NOTICE = "1.3.6.1.4.1.1466.20036"
PAGED = "1.2.840.113556.1.4.319"


@pytest.fixture
def service(ports):
    with DirectoryClient(ports["ldap"]) as client:
        assert client.bind(SERVICE, SHARED) == (0, "")
        yield client


@pytest.fixture
def wire(ports):
    with socket.create_connection(("127.0.0.1", ports["ldap"]), timeout=20) as wire:
        yield wire


def acting_as(identity, critical=True):
    return [(PROXIED, critical, identity.encode())]


def everything(wire):
    """All messages until the server closes."""
    octets = b"".join(iter(lambda: wire.recv(65536), b""))
    heard = []
    while octets:
        message, octets = decoder.decode(octets, asn1Spec=LDAPMessage())
        operation = message["protocolOp"].getComponent()
        heard.append((int(message["messageID"]), message["protocolOp"].getName(), operation))
    return heard


def bind(number, version=3):
    request = bind_request(dn("dora"), "doras-main-password", version)
    return encoded(number, "bindRequest", request)


SEARCH_DEFAULTS = (ldap3.DEREF_NEVER, ["1.1"], 0, 0, False, False, False)


def search(number, filter="(mail=*)"):
    return encoded(number, "searchRequest", search_operation(BASE, filter, ldap3.SUBTREE, *SEARCH_DEFAULTS))


def unbind(number):
    return encoded(number, "unbindRequest", unbind_operation())


@pytest.mark.parametrize(
    "identity",
    [f"dn:{dn('dora')}", "dn:UID=Dora,ou=people, dc=example,dc=test", "u:dora", "u:Dora.Alias@example.test"],
)
def test_the_gateways_account_acts_for_a_user(service, identity):
    assert service.who_am_i(controls=acting_as(identity)) == f"dn:{dn('dora')}"
    assert list(service.search(BASE, "(uid=enno)", controls=acting_as(identity))) == [dn("enno")]
    assert service.ask("delete", dn("enno"), controls=acting_as(identity)) == 53
    assert service.who_am_i() == f"dn:{SERVICE}"


@pytest.mark.parametrize("identity", ["", "dn:"])
def test_it_may_act_for_nobody_who_finds_nothing(service, identity):
    assert service.who_am_i(controls=acting_as(identity)) == ""
    assert (service.search(BASE, controls=acting_as(identity)), service.code) == ({}, 50)


@pytest.mark.parametrize(
    "identity",
    [f"dn:{dn('nobody')}", f"dn:{SERVICE}", f"dn:{BASE}", "dn:dora", "u:nobody", "u:", "dora", ":"],
)
def test_it_acts_for_users_alone(service, identity):
    assert service.ask("extended", WHO_AM_I, controls=acting_as(identity)) == 123
    assert (service.search(BASE, controls=acting_as(identity)), service.code) == ({}, 123)


@pytest.mark.parametrize("name", [None, "dora"])
def test_nobody_else_acts_for_anybody(ports, name):
    with DirectoryClient(ports["ldap"]) as client:
        if name is not None:
            client.bind(dn(name), f"{name}s-main-password")
        for identity in (f"dn:{dn('dora')}", f"dn:{dn('fritz')}", ""):
            assert (client.search(BASE, controls=acting_as(identity)), client.code) == ({}, 123)
            assert client.ask("compare", dn("dora"), "sn", "Dorn", controls=acting_as(identity)) == 123


def test_acting_for_a_user_has_to_be_critical_and_once(service):
    identity = f"dn:{dn('dora')}"
    assert (service.search(BASE, controls=acting_as(identity, critical=False)), service.code) == ({}, 2)
    assert (service.search(BASE, controls=acting_as(identity) * 2), service.code) == ({}, 2)


def test_a_critical_control_that_is_not_known_is_told_and_any_other_makes_no_difference(service):
    everybody = service.search(BASE, "(mail=*)")
    assert len(everybody) == 3
    for critical in ([(PAGED, True, b"")], [*acting_as("u:dora"), (PAGED, True, None)]):
        assert (service.search(BASE, "(mail=*)", controls=critical), service.code) == ({}, 12)
    assert service.search(BASE, "(mail=*)", controls=[(PAGED, False, b"")]) == everybody


def test_a_bind_takes_no_critical_control(service):
    for control in (acting_as("u:dora"), [(PAGED, True, b"")]):
        assert service.bind(SERVICE, SHARED, controls=control)[0] == 12
        assert service.who_am_i() == ""


def test_requests_may_come_in_one_packet_and_are_answered_in_their_order(wire):
    numbers = range(2, 102)
    abandoned = encoded(200, "abandonRequest", abandon_operation(50))
    wire.sendall(bind(1) + b"".join(map(search, numbers)) + abandoned + unbind(201) + search(202))
    heard = everything(wire)
    assert heard.pop(0)[:2] == (1, "bindResponse")
    kinds = ["searchResEntry"] * 3 + ["searchResDone"]
    assert [one[:2] for one in heard] == [(number, kind) for number in numbers for kind in kinds]


def test_requests_may_come_octet_by_octet(wire):
    for octet in bind(1) + search(2, "(uid=enno)") + unbind(3):
        wire.sendall(bytes((octet,)))
    assert [one[1] for one in everything(wire)] == ["bindResponse", "searchResEntry", "searchResDone"]


@pytest.mark.parametrize(("version", "code"), [(2, 2), (3, 0)])
def test_only_version_3_is_spoken(wire, version, code):
    wire.sendall(bind(1, version=version) + unbind(2))
    [(_, _, result)] = everything(wire)
    assert int(result["resultCode"]) == code


def test_sasl_is_refused(wire):
    request = bind_operation(3, ldap3.SASL, "", sasl_mechanism="EXTERNAL", sasl_credentials=b"")
    wire.sendall(encoded(1, "bindRequest", request) + unbind(2))
    [(_, _, result)] = everything(wire)
    assert int(result["resultCode"]) == 7


@pytest.mark.parametrize(
    "octets",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        bytes.fromhex("30847fffffff"),
        bytes.fromhex("3080020101420000"),
        bytes.fromhex("3088ffffffffffffffff"),
        bytes.fromhex("3005020101610a"),
        bytes.fromhex("300c02010161070a010004000400"),
        bytes.fromhex("3006020101630100"),
        bytes.fromhex("300c020100600702010304008000"),
    ],
)
def test_what_is_no_request_gets_a_notice_of_disconnection_and_the_end(wire, octets):
    wire.sendall(bind(1))
    wire.sendall(octets)
    (_, kind, _), (number, last, notice) = everything(wire)
    assert (kind, number, last) == ("bindResponse", 0, "extendedResp")
    assert (str(notice["responseName"]), int(notice["resultCode"])) == (NOTICE, 2)


TREE = directory(SHARED)
REQUESTS = [
    encoded(1, "bindRequest", bind_request(SERVICE, SHARED)),
    search(2),
    search(3, "(&(mail=*)(|(cn=d*o*n)(!(sn=x))))"),
    encoded(4, "extendedReq", extended_operation(WHO_AM_I)),
    encoded(5, "compareRequest", compare_operation(dn("dora"), "sn", "Dorn", False), acting_as("u:enno")),
    encoded(6, "searchRequest", search_operation("", "(a=*)", ldap3.BASE, *SEARCH_DEFAULTS)),
    encoded(7, "abandonRequest", abandon_operation(6)),
]


@given(st.sampled_from(REQUESTS), st.lists(st.tuples(st.integers(0, 120), st.integers(0, 255)), max_size=4))
def test_any_octets_get_an_answer_or_a_notice(request, changes):
    """Whatever is wrong with them: nothing else may go wrong."""
    octets = bytearray(request)
    for position, octet in changes:
        octets[position % len(octets)] = octet
    session = Session(TREE)
    session.answer(parse(REQUESTS[0]))
    try:
        message = parse(bytes(octets))
        answer = session.answer(message)
    except ProtocolError:
        return
    assert answer or message.operation == ABANDON
