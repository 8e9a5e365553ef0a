"""One user has many names: each spelling of the DN that is the same, UPN, DOMAIN\\user, the bare name."""

import pytest

from tests.gateway.ldap.door import REFUSED, login_of
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, person_dn

SUCCESS, INVALID_CREDENTIALS = (0, ""), (49, REFUSED)
# Of uid=fritz,ou=people,dc=example,dc=test (RFC 4514, sections 2 and 3; RFC 4517, section 4.2.11).
DNS = [
    "uid=fritz,ou=people,dc=example,dc=test",
    "UID=FRITZ,OU=PEOPLE,DC=EXAMPLE,DC=TEST",
    "uid=Fritz, ou=People, dc=example, dc=test",
    "uid = fritz , ou = people , dc = example , dc = test",
    "uid=fritz\\20\\20,ou=people,dc=example,dc=test",
    r"uid=\66\72\69\74\7a,ou=people,dc=example,dc=test",
    r"uid=\46ritz,ou=p\65ople,dc=example,dc=test",
    "0.9.2342.19200300.100.1.1=fritz,2.5.4.11=people,0.9.2342.19200300.100.1.25=example,dc=test",
    "userid=fritz,organizationalUnitName=people,domainComponent=example,dc=test",
]
# The value's BER (section 2.4), as OCTET STRING and as UTF8String. slapd itself can't read it.
HEX_DNS = [
    "uid=#0405667269747a,ou=people,dc=example,dc=test",
    "uid=#0C05667269747A,ou=people,dc=example,dc=test",
]
OTHER_NAMES = [
    "fritz@example.test",
    "FRITZ@Example.Test",
    "EXAMPLE\\fritz",
    "example\\FRITZ",
    "EXAMPLE/fritz",
    "fritz",
    " fritz ",
    "Fritz",
]


@pytest.fixture(scope="module", autouse=True)
def people(standing_door):
    standing_door.add("fritz", "enforced")
    standing_door.add("dora", "disabled")
    standing_door.fritz = standing_door.give("fritz")


@pytest.mark.parametrize("name", DNS + HEX_DNS + OTHER_NAMES)
def test_it_is_the_one_user_whose_app_password_and_identity_count(door, name):
    with door.client() as client:
        assert client.bind(name, MAIN) == INVALID_CREDENTIALS
        assert client.bind(name, door.fritz.secret) == SUCCESS
        client.search(PEOPLE, "(uid=good)", ["mail"])
        assert [session["login"] for session in door.sessions()] == [login_of("fritz")]
    assert [line["verdict"] for line in door.logins()] == ["refused", "admitted"]
    assert f'PROXYAUTHZ dn="{person_dn("fritz")}"' in door.slapd_log()


@pytest.mark.parametrize("name", DNS + HEX_DNS + OTHER_NAMES)
def test_slapd_is_shown_the_main_password_under_one_name_alone(door, name):
    for letters in (("fritz", "dora"), ("FRITZ", "DORA"), ("Fritz", "Dora")):
        name = name.replace(*letters)
    name = name.replace(r"\66\72\69\74\7a", r"\64\6f\72\61").replace(r"\46ritz", r"\44ora")
    name = name.replace("#0405667269747a", "#0404646f7261").replace("#0C05667269747A", "#0C04646F7261")
    assert door.bind(name, MAIN) == SUCCESS
    assert door.binds_at_slapd() == [person_dn("dora")]
    assert door.logins()[0]["user"] == login_of("dora")


def test_slapd_takes_these_spellings_too_so_they_have_to_be_one_user_here(door):
    """The counter-proof: a spelling that slapd alone knew would be a way around the enforcing."""
    with door.slapd_client() as client:
        assert {client.bind(name, MAIN) for name in DNS} == {SUCCESS}


def test_a_dn_may_be_longer_than_a_login_name(door):
    long = "uid=" + "".join(f"\\{octet:02x}" for octet in b"fritz")
    long += ",ou=" + "".join(f"\\{octet:02x}" for octet in b"people") + " " * 300 + ",dc=example,dc=test"
    assert door.bind(long, door.fritz.secret) == SUCCESS


@pytest.mark.parametrize("size", [1025, 5000])
def test_a_dn_has_an_end(door, size):
    name = ("uid=fritz,ou=people,dc=example,dc=" + "test".rjust(2000))[:size].rjust(size)
    assert door.bind(name, door.fritz.secret) == INVALID_CREDENTIALS
    assert [line["reason"] for line in door.logins()] == ["malformed"]


@pytest.mark.parametrize(
    "name",
    ["größe", "straße", "with'quote", "a+tag", 'odd"one', "o,comma", "#hash", "back<slash>", "semi;colon"],
)
def test_a_login_with_special_letters_is_the_same_by_its_dn(door, name):
    door.add_to_slapd(name, mail=["odd@example.test"])
    door.add(name, "disabled")
    given = door.give(name)
    for spelt in (person_dn(name), person_dn(name[0].upper() + name[1:]), login_of(name)):
        with door.client() as client:
            assert client.bind(spelt, given.secret) == SUCCESS
            client.search(PEOPLE, "(uid=good)", ["mail"])
            assert client.bind(spelt, MAIN) == SUCCESS
