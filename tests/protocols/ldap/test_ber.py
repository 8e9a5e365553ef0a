"""The codec, against ldap3's and pyasn1's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3.protocol import rfc4511
from ldap3.utils.asn1 import decoder, encode
from pyasn1.type import univ

from protocols.dialogue import Credentials, ProtocolError
from protocols.ldap import ber, extended
from protocols.ldap import message as ldap
from protocols.ldap.back import bind_request
from protocols.ldap.decoding import controls_of
from protocols.ldap.objections import NotUnderstood
from protocols.ldap.root_dse import encode_attribute, parse_attribute
from tests.protocols.ldap.notation import message

tags = st.integers(0, 255).filter(lambda tag: tag & 0x1F != 0x1F)
contents = st.binary(max_size=300) | st.integers(0, 70_000).map(bytes)
numbers = st.integers(0, 2**31 - 1) | st.sampled_from([0, 127, 128, 255, 256, 32767, 32768, 2**31 - 1])
values = st.binary(max_size=200)


@given(tags, contents, st.binary(max_size=5), st.binary(max_size=5))
def test_what_is_encoded_is_found_again_wherever_it_stands(tag, value, before, behind):
    element = ber.encode(tag, value)
    data = before + element + behind
    assert ber.element(data, len(before), len(data)) == (
        tag,
        len(before) + len(element) - len(value),
        len(before) + len(element),
    )


@given(tags, contents, st.integers(1, 70_000))
def test_an_element_that_is_cut_off_is_none(tag, value, missing):
    element = ber.encode(tag, value)
    with pytest.raises(ProtocolError):
        ber.element(element, 0, max(0, len(element) - missing))


@given(contents)
def test_octets_are_encoded_as_pyasn1_does(value):
    assert ber.encode(ber.OCTET_STRING, value) == encode(univ.OctetString(value))


@given(numbers)
def test_numbers_are_encoded_as_pyasn1_does_and_read_again(number):
    element = ber.encode_unsigned(ber.INTEGER, number)
    assert element == encode(univ.Integer(number))
    assert ber.unsigned(element, 2, len(element)) == number


@given(st.integers(-(2**70), -1) | st.integers(2**31, 2**70))
def test_numbers_out_of_bounds_are_not_read(number):
    element = encode(univ.Integer(number))
    with pytest.raises(ProtocolError):
        ber.unsigned(element, 2, len(element))


@given(numbers, contents, st.integers(0, 8))
def test_a_message_is_measured_before_it_is_there(number, value, there):
    whole = ldap.encode_message(number, ber.encode(0x63, value))
    needed = ber.measure(whole[:there], 1 << 20)
    known = there >= 2 and there >= (2 + (whole[1] & 0x7F) if whole[1] & 0x80 else 2)
    assert needed == len(whole) if known else there < needed <= len(whole)
    with pytest.raises(ProtocolError):
        ber.measure(whole[:8], len(whole) - 1)


@given(numbers, values, values)
def test_a_bind_is_what_ldap3_would_write(number, name, password):
    envelope = rfc4511.LDAPMessage()
    envelope["messageID"] = number
    request = rfc4511.BindRequest()
    request["version"], request["name"] = 3, name
    request["authentication"]["simple"] = password
    envelope["protocolOp"] = rfc4511.ProtocolOp().setComponentByName("bindRequest", request)
    octets = encode(envelope)
    assert bind_request(number, Credentials(name, password)) == octets
    read = ldap.parse(octets)
    assert (read.id, read.operation) == (number, ldap.BIND)
    assert ldap.parse_bind(read) == ldap.Bind(3, name, password)


@given(numbers, st.integers(0, 4096), values, values)
def test_a_result_is_read_by_pyasn1_and_by_us(number, code, text, name):
    octets = extended.response(number, code, name, text=text)
    envelope, rest = decoder.decode(octets, asn1Spec=rfc4511.LDAPMessage())
    response = envelope["protocolOp"]["extendedResp"]
    assert (int(envelope["messageID"]), rest) == (number, b"")
    assert int(response["resultCode"]) == code
    assert [bytes(response[field]) for field in ("matchedDN", "diagnosticMessage", "responseName")] == [
        b"",
        text,
        name,
    ]
    assert encode(envelope) == octets
    assert ldap.parse_result(ldap.parse(octets)) == (code, text)


@given(values, st.lists(values, max_size=5))
def test_an_attribute_is_read_by_pyasn1_and_by_us(name, several):
    octets = encode_attribute(name, several)
    attribute, rest = decoder.decode(octets, asn1Spec=rfc4511.PartialAttribute())
    assert bytes(attribute["type"]) == name
    assert ([bytes(value) for value in attribute["vals"]], rest) == (several, b"")
    assert parse_attribute(octets, 0, len(octets)) == ((name, several), len(octets))


@given(
    numbers.filter(bool),
    st.lists(
        st.tuples(st.sampled_from(["1.2.3", "1.2.840.113556.1.4.319"]), st.booleans(), st.booleans()),
        max_size=2,
        unique_by=lambda control: control[0],
    ),
)
def test_controls_are_found_as_ldap3_writes_them(number, controls):
    words = [f"[{oid}{'=x' * value}{' critical' * critical}]" for oid, critical, value in controls]
    octets = message(f"search {number} dc=test sub (cn=*) mail {' '.join(words)}")
    read = ldap.parse(octets)
    assert (read.id, read.operation) == (number, ldap.SEARCH)
    found = [(control.oid, control.critical, control.value) for control in controls_of(read)]
    assert found == [(oid.encode(), critical, b"x" if value else None) for oid, critical, value in controls]


@given(st.binary(max_size=60) | st.binary(max_size=60).map(lambda body: b"\x30%c%b" % (len(body), body)))
def test_any_bytes_are_a_message_or_refused(octets):
    try:
        read = ldap.parse(octets)
        controls_of(read)
        ldap.parse_bind(read)
    except (ProtocolError, NotUnderstood):
        return
    assert octets[0] == ber.SEQUENCE
