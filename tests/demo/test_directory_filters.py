"""Which entries of the demo's directory a filter describes. The filters are encoded by ldap3."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.demo.directory.entries import BASE, entry, person
from gateway.demo.directory.filters import matches, read_filter
from protocols.dialogue import ProtocolError
from tests.demo.filters import encoded_filter, escaped

DORA = person("Dora", "Dorn", ("dora@example.test", "dora.alias@example.test"), 1)
OUTLOOK = "(&(mail=*)(|(mail={0}*)(|(cn={0}*)(|(sn={0}*)(givenName={0}*)))))"


def verdict(text, entry=DORA):
    """True, False, or None for Undefined."""
    octets = encoded_filter(text)
    filter, end = read_filter(octets, 0, len(octets))
    assert end == len(octets)
    return matches(filter, entry)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(uid=dora)", True),
        ("(UID=DORA)", True),
        ("(0.9.2342.19200300.100.1.1=dora)", True),
        ("(userid=dora)", True),
        ("(uid=dor)", False),
        ("(uid=*)", True),
        ("(description=*)", False),
        ("(cn=  Dora   DORN )", True),
        ("(commonName=dora dorn)", True),
        ("(cn=doradorn)", False),
        ("(objectClass=inetOrgPerson)", True),
        ("(objectClass=groupOfNames)", False),
        ("(mail=dora.alias@example.test)", True),
        ("(mail=dora\\2ealias@example.test)", True),
        ("(mail=\\2a)", False),
        ("(telephoneNumber=+492215550001)", True),
        ("(telephoneNumber=+49 221 5550)", False),
        ("(postalAddress=dora dorn$torstra\\c3\\9fe 1$50667 K\\c3\\b6ln)", True),
        ("(postalAddress=*KO\\cc\\88LN)", True),
        ("(sn=\\ef\\bc\\a4orn)", True),
    ],
)
def test_equality_and_presence_as_names_and_values_compare(text, expected):
    assert verdict(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(cn=d*)", True),
        ("(cn=*n)", True),
        ("(cn=*RA D*)", True),
        ("(cn=dora *)", True),
        ("(cn=dora  *)", True),
        ("(cn=* dorn)", True),
        ("(cn=* dora*)", True),
        ("(cn= dora*dorn )", True),
        ("(cn=*a*d*n)", True),
        ("(cn=d*o*r*a* *d*o*r*n)", True),
        ("(cn=*orn*dora*)", False),
        ("(cn=dora dorn*dora dorn)", False),
        ("(cn=dora*a dorn)", False),
        ("(cn=*dorn*n)", False),
        ("(cn=o*)", False),
        ("(cn=*dor)", False),
        ("(mail=dora@*.test)", True),
        ("(mail=dora@*alias*)", False),
        ("(telephoneNumber=+49-221*0-0*)", True),
        ("(description=*a*)", False),
    ],
)
def test_substrings_are_found_in_their_order_and_apart_from_each_other(text, expected):
    assert verdict(text) is expected


@pytest.mark.parametrize(
    "text",
    [
        "(cn>=a)",
        "(cn<=z)",
        "(cn~=dora dorn)",
        "(cn:caseExactMatch:=Dora Dorn)",
        "(cn:dn:=Dora Dorn)",
        "(:caseIgnoreMatch:=dora)",
        "(nickname=*)",
        "(nickname=dora)",
        "(nickname=d*)",
        "(cn;lang-de=*)",
        "(userPassword=*)",
        "(userPassword=doras-main-password)",
        "(cn=\\ff)",
        "(cn=d*\\ff*)",
    ],
)
def test_what_is_not_known_here_describes_nobody_however_it_is_negated(text):
    assert [verdict(text), verdict(f"(!{text})"), verdict(f"(!(!{text}))")] == [None] * 3


TRUE, FALSE, UNDEFINED = "(uid=dora)", "(uid=enno)", "(nickname=*)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"(&{TRUE}{TRUE})", True),
        (f"(&{TRUE}{FALSE})", False),
        (f"(&{TRUE}{UNDEFINED})", None),
        (f"(&{UNDEFINED}{FALSE})", False),
        (f"(|{FALSE}{FALSE})", False),
        (f"(|{FALSE}{TRUE})", True),
        (f"(|{FALSE}{UNDEFINED})", None),
        (f"(|{UNDEFINED}{TRUE})", True),
        (f"(!{TRUE})", False),
        (f"(!{FALSE})", True),
        (f"(&(|{FALSE}{TRUE})(!{FALSE}))", True),
    ],
)
def test_and_or_and_not_have_three_values(text, expected):
    assert verdict(text) is expected


@pytest.mark.parametrize(("octets", "expected"), [(b"\xa0\x00", True), (b"\xa1\x00", False)])
def test_an_empty_and_is_true_and_an_empty_or_is_false(octets, expected):
    filter, _ = read_filter(octets, 0, len(octets))
    assert matches(filter, DORA) is expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("d", True), ("DORA", True), ("dora d", True), ("dorn", True), ("e", False), ("a", False)],
)
def test_outlooks_default_filter_finds_who_begins_like_what_was_typed(typed, expected):
    assert verdict(OUTLOOK.format(typed)) is expected


def test_outlooks_default_filter_finds_nobody_without_an_address():
    assert verdict(OUTLOOK.format("p"), entry(f"ou=people,{BASE}", ou=("people",), cn=("people",))) is False


@pytest.mark.parametrize(
    "octets",
    [
        "",
        "a3",
        "a30404026364",
        "a3 09 0402636e 04026430 00",
        "a3 0b 0402636e 0404646f7261 ff",
        "a2 00",
        "a2 08 8702636e 8702736e",
        "a0 04 8704636e",
        "a4 06 0402636e 3000",
        "a4 09 0402636e 3003 830164",
        "a4 0c 0402636e 3006 810161 800164",
        "a4 0c 0402636e 3006 820161 810164",
        "a4 0b 0402636e 3003 810161 0500",
    ],
)
def test_a_filter_that_is_not_well_formed_is_told_apart_from_one_that_finds_nobody(octets):
    data = bytes.fromhex(octets)
    with pytest.raises(ProtocolError):
        read_filter(data, 0, len(data))


texts = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=8)


@given(st.lists(texts, min_size=2, max_size=6), st.data())
def test_pieces_of_a_value_in_their_order_always_find_it(pieces, data):
    """Whatever of the value is left out between two of them."""
    one = entry(BASE, cn=(" ".join(pieces),))
    kept = sorted(data.draw(st.sets(st.sampled_from(range(len(pieces))), min_size=1)))
    described = "*".join(escaped(pieces[index]) for index in kept)
    assert verdict(f"(cn=*{described}*)", one) is True
    assert verdict(f"(cn={escaped(pieces[0])} *)", one) is True
    assert verdict(f"(cn=* {escaped(pieces[-1])})", one) is True


items = st.sampled_from(
    [
        "(uid=dora)",
        "(uid=enno)",
        "(uid=*)",
        "(cn=*o*)",
        "(sn=x*)",
        "(nickname=*)",
        "(cn>=a)",
        "(description=*)",
    ]
)
filters = st.recursive(
    items,
    lambda inner: st.one_of(
        st.builds("(!{})".format, inner),
        st.builds("(&{})".format, st.lists(inner, min_size=1, max_size=3).map("".join)),
        st.builds("(|{})".format, st.lists(inner, min_size=1, max_size=3).map("".join)),
    ),
    max_leaves=12,
)


@given(filters, filters)
def test_the_laws_of_logic_hold_for_every_filter(one, other):
    assert verdict(f"(!(!{one}))") is verdict(one)
    assert verdict(f"(!(&{one}{other}))") is verdict(f"(|(!{one})(!{other}))")
    assert verdict(f"(!(|{one}{other}))") is verdict(f"(&(!{one})(!{other}))")
    assert verdict(f"(&{one}{other})") is verdict(f"(&{other}{one})")
    assert verdict(f"(|{one}(&{one}{other}))") is verdict(one)


@given(
    st.one_of(st.binary(max_size=64), filters.map(encoded_filter)), st.integers(0, 63), st.integers(0, 255)
)
def test_any_octets_are_a_filter_with_a_verdict_or_malformed(octets, position, octet):
    changed = octets[:position] + bytes((octet,)) + octets[position + 1 :]
    try:
        filter, end = read_filter(changed, 0, len(changed))
    except ProtocolError:
        return
    assert 0 < end <= len(changed)
    assert matches(filter, DORA) in (True, False, None)
