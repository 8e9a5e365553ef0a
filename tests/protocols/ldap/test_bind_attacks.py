"""Attacks on the bind: ways of being let in without a password, or past the gatekeeper."""

import pytest

from protocols import ldap
from protocols.dialogue import Credentials
from protocols.terms import Anonymous, DirectoryTerms, FrontTerms
from tests.protocols.ldap.fronts import PASSED_THROUGH, open_to, over_tls
from tests.protocols.ldap.notation import message
from tests.protocols.talk import talk

BLANKS = ["", r"\x20", r"\x20\x20\x20", r"\x00", r"\x00\x00", r"\x20\x00\x20"]
MECHANISMS = [
    "EXTERNAL",
    "GSSAPI",
    "GSS-SPNEGO",
    "NTLM",
    "DIGEST-MD5",
    "PLAIN",
    "SCRAM-SHA-256",
    "OAUTHBEARER",
    "",
]
SIMPLE_ONLY = 'bind-response 1 7 "Only simple binds are offered, with name and password"'


@pytest.mark.parametrize("anonymous", Anonymous)
@pytest.mark.parametrize("blank", BLANKS)
def test_ldap_01_a_name_without_a_password_is_refused_and_asked_of_nobody(blank, anonymous):
    """A directory would say yes and mean that nobody is bound (RFC 4513, section 5.1.2)."""
    over_tls(
        rf"""
        C: bind 1 uid=fritz,dc=test "{blank}"
        S: bind-response 1 53 "A name without a password is not accepted"
        """,
        **open_to(anonymous),
    )


def test_ldap_01_and_it_takes_away_what_an_earlier_bind_gave():
    over_tls(
        PASSED_THROUGH
        + """
        C: bind 2 uid=fritz,dc=test ""
        log out
        S: bind-response 2 53 "A name without a password is not accepted"
        C: search 3 dc=test sub (cn=*)
        S: search-done 3 8 "Bind first, with name and password"
        """
    )


def test_ldap_02_nobody_is_in_after_an_anonymous_bind():
    over_tls(
        """
        C(hex): 30 0c 02 01 01 60 07 02 01 03 04 00 80 00
        S: bind-response 1 48 "Anonymous binds are not allowed: give name and password"
        C: search 2 dc=test sub (cn=*)
        S: search-done 2 8 "Bind first, with name and password"
        """
    )


@pytest.mark.parametrize("anonymous", Anonymous)
def test_ldap_03_a_password_without_a_name_is_refused(anonymous):
    over_tls(
        """
        C: bind 1 "" secret
        S: bind-response 1 53 "A password without a name is not accepted"
        """,
        **open_to(anonymous),
    )


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("name", ['""', "uid=fritz,dc=test"])
def test_ldap_07_no_sasl_mechanism_is_passed_on(mechanism, name):
    over_tls(
        f"""
        C: bind-sasl 1 {name} "{mechanism}"
        S: {SIMPLE_ONLY}
        C: bind-sasl 1 {name} "{mechanism}" "some token"
        S: {SIMPLE_ONLY}
        """
    )


@pytest.mark.parametrize("step", ['"" discovery ""', "NTLM negotiate token", '"" response token'])
def test_ldap_07_nor_windows_older_way(step):
    over_tls(
        f"""
        C: bind-sicily 1 {step}
        S: {SIMPLE_ONLY}
        """
    )


def test_ldap_07_nor_binds_that_change_nobody():
    """AD's fast binds are simple binds behind which nobody is anybody (MS-ADTS, section 3.1.1.3.4.2.2)."""
    over_tls(
        """
        C: extended 1 FastBind
        S: extended-response 1 7 "Only ordinary simple binds are offered"
        """
    )
    over_tls(
        PASSED_THROUGH
        + """
        C: extended 2 FastBind
        S: extended-response 2 7 "Only ordinary simple binds are offered"
        C: extended 3 Turn
        S: extended-response 3 2 "This operation is not offered"
        """
    )


@pytest.mark.parametrize("mechanism", ["EXTERNAL", "PLAIN"])
def test_ldap_07_a_refused_mechanism_takes_away_what_an_earlier_bind_gave(mechanism):
    over_tls(
        PASSED_THROUGH
        + f"""
        C: bind-sasl 2 "" {mechanism}
        log out
        S: bind-response 2 7 "Only simple binds are offered, with name and password"
        C: search 3 dc=test sub (cn=*)
        S: search-done 3 8 "Bind first, with name and password"
        """
    )


@pytest.mark.parametrize("tag", [0x81, 0x82, 0x84, 0x88, 0x8C, 0xA0, 0xA3, 0x04, 0x60])
def test_ldap_07_a_method_that_nobody_knows_is_no_password(tag):
    bind = bytes((0x30, 0x12, 2, 1, 1, 0x60, 0x0D, 2, 1, 3, 4, 1)) + b"x" + bytes((tag, 5)) + b"\4\3abc"
    ended = talk(ldap.front(FrontTerms()), [bind])
    assert ended.sent == message(SIMPLE_ONLY)
    assert ended.logins == []


@pytest.mark.parametrize(
    "version", [b"\2\1\0", b"\2\1\2", b"\2\1\4", b"\2\1\x7f", b"\2\2\1\3", b"\2\4\x7f\xff\xff\xff"]
)
def test_ldap_07_no_version_but_3_is_spoken(version):
    body = version + b"\4\1x\x80\1y"
    bind = b"\x30%c\2\1\1\x60%c%b" % (len(body) + 5, len(body), body)
    ended = talk(ldap.front(FrontTerms()), [bind])
    assert ended.sent.startswith(bytes.fromhex("30 4a 02 01 01 61 45 0a 01 02"))
    assert ended.logins == []


@pytest.mark.parametrize(
    "name",
    [
        b"uid=a+cn=b,dc=test",
        rb"uid=fritz\2Cou=people,dc=test",
        rb"uid=fritz\2cdc=evil,dc=test",
        b"uid=#04056672697a,dc=test",
        b"uid=fritz,dc=test ",
        b"UID=FRITZ,DC=TEST",
        b"2.5.4.3=fritz,dc=test",
        b"*)(uid=*",
        b"EXAMPLE\\fritz",
        b"EXAMPLE/fritz",
        b"fritz*master",
        b"spn=fritz,app=mail,dc=test",
        b"x" * 16_000,
        b"uid=" + b"," * 10_000,
    ],
)
def test_ldap_12_a_name_reaches_the_gatekeeper_as_it_is(name):
    """It alone says who is meant, if it is anybody: nothing is made of a name before."""
    bind = message(f'bind 1 "{name.decode("latin-1").encode("unicode_escape").decode()}" secret')
    ended = talk(ldap.front(FrontTerms(directory=DirectoryTerms())), [bind])
    assert [login.credentials for login in ended.logins] == [Credentials(name, b"secret")]
    assert ended.sent == message("bind-response 1 49 No")
