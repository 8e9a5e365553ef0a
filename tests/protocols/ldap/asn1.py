"""Requests as hypothesis makes them up, and what ldap3 reads in them."""

from collections.abc import Callable

from hypothesis import strategies as st
from ldap3.protocol import rfc4511
from ldap3.utils.asn1 import decoder
from pyasn1.error import PyAsn1Error

from protocols.ldap import ber
from protocols.ldap.operations import (
    Abandon,
    Add,
    Attribute,
    Change,
    Compare,
    Control,
    Delete,
    Extended,
    Modify,
    ModifyDN,
    Request,
    Search,
)

values = st.binary(max_size=20) | st.integers(100, 300).map(bytes)
names = st.sampled_from([b"cn", b"mail", b"member;range=0-9", b"x-1;lang-en", b"2.5.4.3"])
described = st.sampled_from([b"cn", b"mail", b"x-1;lang-en", b"2.5.4.3"])
numbers = st.integers(1, ber.MAX_INT) | st.sampled_from([1, 127, 128, 255, 256, ber.MAX_INT])
limits = st.integers(0, ber.MAX_INT) | st.just(0)
attributes = st.builds(Attribute, described, st.lists(values, max_size=3).map(tuple))

changes = st.builds(Change, st.integers(0, 2), attributes)


def octets(tag: int) -> Callable[[bytes], bytes]:
    return lambda value: ber.encode(tag, value)


assertions = st.builds(
    lambda tag, name, value: ber.encode(tag, ber.encode_octets(name), ber.encode_octets(value)),
    st.sampled_from([0xA3, 0xA5, 0xA6, 0xA8]),
    described,
    values,
)
pieces = st.tuples(st.booleans(), st.integers(0, 2), st.booleans()).filter(any)
substrings = st.builds(
    lambda name, shape: ber.encode(
        0xA4,
        ber.encode_octets(name),
        ber.encode(ber.SEQUENCE, b"\x80\1a" * shape[0] + b"\x81\1b" * shape[1] + b"\x82\1c" * shape[2]),
    ),
    described,
    pieces,
)
extensible = st.builds(
    lambda rule, name, value, dn: ber.encode(
        0xA9, rule, ber.encode(0x82, name), ber.encode(0x83, value), b"\x84\1\xff" * dn
    ),
    st.sampled_from([b"", ber.encode(0x81, b"2.5.13.2"), ber.encode(0x81, b"caseIgnoreMatch")]),
    described,
    values,
    st.booleans(),
)
terms = assertions | substrings | extensible | described.map(octets(0x87))
filters_of_any_shape = st.recursive(
    terms,
    lambda inner: (
        st.builds(
            lambda tag, several: ber.encode(tag, *several),
            st.sampled_from([0xA0, 0xA1]),
            st.lists(inner, max_size=3),
        )
        | inner.map(octets(0xA2))
    ),
    max_leaves=6,
)
operations = st.one_of(
    st.builds(
        Search,
        values,
        st.integers(0, 3),
        st.integers(0, 3),
        limits,
        limits,
        st.booleans(),
        filters_of_any_shape,
        st.lists(names, max_size=4).map(tuple),
    ),
    st.builds(
        Modify, values, st.lists(st.builds(Change, st.integers(0, 3), attributes), max_size=3).map(tuple)
    ),
    st.builds(Add, values, st.lists(attributes, max_size=3).map(tuple)),
    st.builds(Delete, values),
    st.builds(ModifyDN, values, values, st.booleans(), st.none() | values),
    st.builds(Compare, values, described, values),
    st.builds(Abandon, numbers),
    st.builds(Extended, st.sampled_from([b"1.3.6.1.4.1.4203.1.11.3", b"1.2"]), st.none() | values),
)
controls = st.lists(
    st.builds(
        Control,
        st.sampled_from([b"1.2.3", b"1.2.840.113556.1.4.319", b"2.5"]),
        st.booleans(),
        st.none() | values,
    ),
    max_size=3,
    unique_by=lambda control: control.oid,
)
requests = st.builds(Request, numbers, operations, controls.map(tuple))


def read_by_ldap3(data: bytes) -> str | None:
    """What ldap3 reads, without regard to how it was written; None for the filters that it can't read.

    Those are sets without terms (RFC 4526), and a Not around an And or an Or.
    """
    try:
        envelope, rest = decoder.decode(data, asn1Spec=rfc4511.LDAPMessage())
    except PyAsn1Error:
        return None
    assert not rest
    text = str(envelope.prettyPrint()).rstrip()
    return text.removesuffix("controls=Controls:").rstrip()  # an empty list says what none says
