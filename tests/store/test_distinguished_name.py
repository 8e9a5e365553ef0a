"""One form for each distinguished name, and no two that collapse (LDAP-12)."""

import json
import subprocess
import unicodedata
import warnings

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from store.distinguished_name import DistinguishedName, escape_value, normalise_dn, normalise_value, parse

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # ldap3 with pyasn1 0.6
    from ldap3.utils.dn import escape_rdn, parse_dn

FRITZ = "uid=fritz,ou=people,dc=example,dc=test"
PIECES = (
    *(
        "uid=",
        "cn=",
        "2.5.4.3=",
        "OU=",
        ",",
        "+",
        " ",
        "\\",
        "\\,",
        "\\2C",
        "\\20",
        "#",
        "#0401",
        "=",
        '"',
        ";",
        "<",
    ),
    *("fritz", "Fritz", "ß", "e\u0301", "\u00e9", "\\C3\\A9", "İ", "\u200b", "\x00", "\u017f", "Σ"),
)
LETTERS = st.sampled_from("aZ09 ,+=\"\\<>;#'\u00e9\u00dfΣ")
names = st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.text(max_size=40).map("cn={}".format)
values = st.text(LETTERS, min_size=1, max_size=8).map(lambda text: f"x{text}y")
avas = st.builds("{}={}".format, st.sampled_from(["uid", "CN", "2.5.4.10"]), values.map(escape_value))
rdns = st.lists(avas, min_size=1, max_size=3, unique_by=lambda ava: ava[:3]).map(" + ".join)
sound_names = st.lists(rdns, min_size=1, max_size=5).map(", ".join)


CHILD = """
import json, sys
import ldap, ldap.dn
for line in sys.stdin:
    try:
        parts = ldap.dn.str2dn(json.loads(line))
        seen = [[(type, value) for type, value, _ in rdn] for rdn in parts]
    except ldap.DECODING_ERROR:
        seen = None
    print(json.dumps(seen), flush=True)
"""


@pytest.fixture(scope="module")
def openldap():
    """OpenLDAP's own parser, by Debian's python3-ldap: (type, value folded as here) of each RDN."""
    command = ["/usr/bin/python3", "-c", CHILD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:

        def ask(presented):
            child.stdin.write(json.dumps(presented) + "\n")
            child.stdin.flush()
            seen = json.loads(child.stdout.readline())
            return [[(type, normalise_value(value)) for type, value in rdn] for rdn in seen]

        yield ask
        child.stdin.close()


@given(names | sound_names)
@example("cn=\\ a \\ ,uid=#0403414243")
@example("cn=a\\ \\ ")
def test_a_normalised_name_normalises_to_itself(presented):
    once = normalise_dn(presented)
    assert once is None or normalise_dn(once) == once


@given(st.binary(max_size=60) | names.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_bytes_of_strangers_are_a_name_or_none(presented):
    assert parse(presented) is None or isinstance(parse(presented), DistinguishedName)


@given(values | st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=30))
def test_an_escaped_value_is_that_value_and_adds_nothing(value):
    plain = parse(f"cn={escape_value(value)},dc=test")
    [[ava], [suffix]] = plain.rdns
    assert (ava.type, suffix.value) == ("cn", "test")
    assert ava.value == " ".join(unicodedata.normalize("NFC", value).lower().split())


@given(sound_names.map(lambda text: text.replace("2.5.4.10", "o").replace("#", "x")))
def test_what_is_accepted_has_the_parts_that_ldap3_sees(presented):
    """Which reads neither numeric types nor an unescaped `#`."""
    name = parse(presented)
    seen = parse_dn(presented, strip=True)
    assert len(seen) == sum(map(len, name.rdns))
    assert [separator for *_, separator in seen].count(",") == len(name.rdns) - 1


@given(names | sound_names)
def test_what_is_accepted_has_the_parts_that_openldap_sees(openldap, presented):
    """And no name is taken for an entry's that OpenLDAP can't read."""
    name = parse(presented)
    if name is not None:
        assert [sorted(folded for _, folded in rdn) for rdn in openldap(presented)] == [
            sorted(ava.value for ava in rdn) for rdn in name.rdns
        ]


@given(values)
def test_a_value_escaped_by_ldap3_is_that_value(value):
    assert parse(f"cn={escape_rdn(value)},dc=test") == parse(f"cn={escape_value(value)},dc=test")


@pytest.mark.parametrize(
    "presented",
    [
        "uid=fritz,ou=people,dc=example,dc=test",
        "UID=Fritz,OU=People,DC=Example,DC=Test",
        "uid = fritz , ou = people, dc=example , dc=test ",
        "userid=fritz,organizationalUnitName=people,domainComponent=example,dc=test",
        "0.9.2342.19200300.100.1.1=fritz,2.5.4.11=people,0.9.2342.19200300.100.1.25=example,dc=test",
        "uid=\\66ritz,ou=people,dc=example,dc=test",
        "uid=#0405667269747a,ou=people,dc=example,dc=test",
        "uid=#0C05465249545A,ou=#130670656f706c65,dc=example,dc=test",
    ],
)
def test_spellings_of_one_name_are_that_name(presented):
    assert normalise_dn(presented.encode()) == FRITZ


@pytest.mark.parametrize(
    ("presented", "canonical"),
    [
        ("cn=M\u00fcller\\, J\u00f6rg,o=x", "cn=müller\\, jörg,o=x"),
        ("cn=M\\C3\\BCller\\2C J\u00f6rg,o=x", "cn=müller\\, jörg,o=x"),
        ("cn=Mu\u0308ller,o=x", "cn=müller,o=x"),
        ("cn=Fritz   B.\\20  Meier,o=x", "cn=fritz b. meier,o=x"),
        ("cn=\\ fritz\\ ,o=x", "cn=fritz,o=x"),
        ("cn=\\#1\\+1\\=2,o=a=b", "cn=\\#1\\+1\\=2,o=a\\=b"),
        ("uid=a+cn=b,o=x", "cn=b+uid=a,o=x"),
        ("cn=b+uid=a,o=x", "cn=b+uid=a,o=x"),
        ("1.2.3.4=x,c=DE", "1.2.3.4=x,c=de"),
        ("mail=Fritz@Example.test,rfc822Mailbox=x", "mail=fritz@example.test,mail=x"),
    ],
)
def test_the_canonical_form(presented, canonical):
    assert normalise_dn(presented) == canonical


@pytest.mark.parametrize(
    "presented",
    [
        b"",
        b"fritz",
        b"=fritz",
        b"uid=",
        b"uid=\\20",
        b"uid=fritz,",
        b",uid=fritz",
        b"uid=fritz,,dc=test",
        b"uid=fritz+,dc=test",
        b"uid=fritz;dc=test",
        b'uid="fritz",dc=test',
        b"uid=<fritz>",
        b"uid=fritz\\",
        b"uid=fritz\\2",
        b"uid=fritz\\zz",
        b"uid=fritz\\FF",
        b"uid=fritz\xff",
        b"uid=fritz\x00",
        b"uid=fritz\\00",
        b"uid=fritz\\0Adn: x",
        b"uid=fritz\n",
        b"u_id=fritz",
        b"1=fritz",
        b"01.2=fritz",
        b"oid.1.2.3=fritz",
        b"uid;lang-de=fritz",
        b"uid=a+uid=b",
        b"uid=a+userid=b",
        b"uid=" + b"a" * 1021,
        b"dc=a," * 32 + b"dc=a",
    ],
)
def test_ldap_12_what_is_no_name_is_refused(presented):
    assert normalise_dn(presented) is None


@pytest.mark.parametrize(
    "value",
    [
        "#",
        "#0",
        "#04",
        "#0401",
        "#040166ff",
        "#04810166",
        "#2403040166",
        "#0480660000",
        "#3003040166",
        "#020105",
        "#030166",
        "#1e020066",
        "#0c01ff",
        "#130140",
        "#1601ff",
        "#0400",
        "#04ffffff",
        " #zz",
        "#0401 66",
        "#xx",
    ],
)
def test_ldap_12_hex_values_are_one_string_to_the_byte_or_refused(value):
    assert normalise_dn(f"uid={value},dc=test") is None


@pytest.mark.parametrize(
    "value",
    ["\uff46ritz", "fri\u200btz", "fri\\E2\\80\\8Btz", "fritz\u00a0", "\ufb01tz", "\u017fam", "a\u2028b"],
)
def test_ldap_12_compatibility_forms_and_invisible_characters_are_refused(value):
    assert normalise_dn(f"uid={value},dc=test") is None


@pytest.mark.parametrize(
    "other",
    [
        "uid=fritz\\,ou=people,dc=example,dc=test",
        "uid=fritz+cn=boss,ou=people,dc=example,dc=test",
        "cn=fritz,ou=people,dc=example,dc=test",
        "uid=fritz,ou=people,dc=example",
        "uid=fritz,dc=example,dc=test",
        "uid=fritz\\+cn\\=boss,ou=people,dc=example,dc=test",
        "uid=frit z,ou=people,dc=example,dc=test",
        "uid=fr\u0456tz,ou=people,dc=example,dc=test",
    ],
)
def test_ldap_12_names_of_other_entries_stay_apart(other):
    assert normalise_dn(other) not in (FRITZ, None)


@given(names, names)
def test_ldap_12_a_name_added_in_a_value_stays_in_it(value, more):
    """Whoever may choose a value of his entry can't choose which entry that is."""
    name = parse(f"uid={escape_value(f'{value},{more}')},dc=test")
    assert name is None or (len(name.rdns) == 2 and len(name.rdns[0]) == 1)


def test_an_entry_lies_below_its_base():
    base = parse("ou=People, dc=example,dc=test")
    assert parse(FRITZ).lies_below(base)
    assert base.lies_below(base)
    assert not parse("dc=example,dc=test").lies_below(base)
    assert not parse("uid=fritz,ou=xpeople,dc=example,dc=test").lies_below(base)
    assert not parse("uid=fritz\\,ou=people,dc=example,dc=test").lies_below(base)
