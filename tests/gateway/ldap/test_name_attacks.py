"""LDAP-12 and SASL-12: a name that isn't exactly one user's is refused, and nobody else ever reads it."""

import pytest

from tests.gateway.ldap.door import REFUSED
from tests.gateway.site import MAIN
from tests.servers.directory import BASE, PEOPLE, ROOT_DN, ROOT_PASSWORD, SERVICE_DN, SERVICE_PASSWORD

INVALID_CREDENTIALS = (49, REFUSED)
# dora would pass with the main password: whatever is taken for her reaches slapd.
NO_DN = [
    "uid=dora",
    f"uid=dora,{BASE}",
    f"dora,{PEOPLE}",
    f"uid=dora,{PEOPLE},",
    f",uid=dora,{PEOPLE}",
    f"uid=dora,,{PEOPLE}",
    f"uid=dora,{PEOPLE},dc=more",
    f"uid=dora,uid=dora,{PEOPLE}",
    f"cn=dora,{PEOPLE}",
    f"mail=dora@example.test,{PEOPLE}",
    f"uid;lang-en=dora,{PEOPLE}",
    f"uid=dora+cn=b,{PEOPLE}",
    f"cn=dora+uid=dora,{PEOPLE}",
    f"uid=dora+uid=dora,{PEOPLE}",
    f"uid=dora+uid=b,{PEOPLE}",
    f"uid=dora\\,ou=x,{PEOPLE}",
    f"uid=dora\\2Cou=x,{PEOPLE}",
    f"uid=dora\\2a,{PEOPLE}",
    f"uid=dora\\00,{PEOPLE}",
    f"uid=dora\\0a,{PEOPLE}",
    f"uid=dora\\,{PEOPLE}",
    "uid=dora\\",
    f"uid=\\ dora\\zz,{PEOPLE}",
    f"uid=do ra,{PEOPLE}",
    f"uid=*,{PEOPLE}",
    f"uid=d*,{PEOPLE}",
    f"uid=,{PEOPLE}",
    f"uid=\\20,{PEOPLE}",
    f"uid={{local}},{PEOPLE}",
    f"uid={{login}},{PEOPLE}",
    f"uid=dora@example.test,{PEOPLE}",
    f"uid=EXAMPLE\\\\dora,{PEOPLE}",
    f"uid=EXAMPLE/dora,{PEOPLE}",
    f'uid="dora",{PEOPLE}',
    f"uid=dora;{PEOPLE.replace(',', ';')}",
    f"uid=#,{PEOPLE}",
    f"uid=#04,{PEOPLE}",
    f"uid=#0405646f7261,{PEOPLE}",
    f"uid=#048104646f7261,{PEOPLE}",
    f"uid=#04046,{PEOPLE}",
    f"uid=#240604046,{PEOPLE}",
    f"uid=#0404646f726100,{PEOPLE}",
    f"uid=\u200bdora,{PEOPLE}",
    f"uid=do\u00adra,{PEOPLE}",
    f"uid=\uff44\uff4f\uff52\uff41,{PEOPLE}",
    f"uid=d\u03bfra,{PEOPLE}",
    f"<LDAP://uid=dora,{PEOPLE}>",
    f"ldap:///uid=dora,{PEOPLE}",
    f"dn:uid=dora,{PEOPLE}",
    f"uid=dora,{PEOPLE}??base",
    "=",
    "=,=",
    "*)(uid=*",
    "dora)(|(uid=*",
    "a,ou=x",
    "uid=" * 250,
]
NO_NAME = [
    "*",
    "d*",
    "dora*",
    "(dora)",
    "a'--",
    "a\\2a",
    "dora\\",
    "\\dora",
    "OTHER\\dora",
    "EXAMPLE\\dora\\x",
    "EXAMPLE\\dora@example.test",
    "example.test\\dora",
    "dora@",
    "@example.test",
    "dora@example.test@example.test",
    "dora@elsewhere.test",
    "dora@example.test.",
    "dora @example.test",
    "do ra",
    "u:dora",
    "dn:dora",
    "%u",
    "%{user}",
    "$(id)",
    "${jndi:ldap://127.0.0.1/x}",
    "{0}",
    "{login}",
    "{local}",
    "\uff44\uff4f\uff52\uff41",
    "dora\u200b",
    "{00000000-0000-0000-0000-000000000000}",
    "S-1-5-21-1-2-3-500",
    "host/dora",
]
OCTETS = [b"dora\xff", b"uid=dora\xff,ou=people,dc=example,dc=test", b"\xfe\xff\0d\0o\0r\0a", b"\xc0\xae"]
SYSTEM = {
    "the service account": (SERVICE_DN, SERVICE_PASSWORD),
    "the service account in another case": (SERVICE_DN.upper(), SERVICE_PASSWORD),
    "the administrator": (ROOT_DN, ROOT_PASSWORD),
    "the folder of people": (PEOPLE, MAIN),
}


@pytest.fixture(scope="module", autouse=True)
def people(standing_door):
    standing_door.add("dora", "disabled")
    standing_door.dora = standing_door.give("dora")


def assert_nobodys(door, name):
    with door.wire() as wire:
        for secret in (MAIN, door.dora.secret, door.good.secret):
            assert wire.bind(name, secret) == INVALID_CREDENTIALS
    assert {line["verdict"] for line in door.logins()} == {"refused"}
    assert {line["reason"] for line in door.logins()} <= {"malformed", "unknown-user"}
    assert door.connections_at_slapd() == 0


@pytest.mark.parametrize("name", NO_DN)
def test_ldap_12_a_dn_that_is_not_exactly_one_users(door, name):
    assert_nobodys(door, name)


@pytest.mark.parametrize("name", NO_NAME)
def test_sasl_12_a_name_with_a_meaning_elsewhere_has_none_here(door, name):
    assert_nobodys(door, name)


@pytest.mark.parametrize("name", OCTETS)
def test_ldap_12_octets_that_are_no_text(door, name):
    assert_nobodys(door, name)


@pytest.mark.parametrize("whose", SYSTEM)
def test_ldap_12_the_directorys_own_accounts_are_nobodys_here_even_with_their_passwords(door, whose):
    name, password = SYSTEM[whose]
    assert door.bind(name, password) == INVALID_CREDENTIALS
    assert door.logins()[0]["reason"] == "unknown-user"
    assert door.connections_at_slapd() == 0


def test_the_directorys_own_accounts_get_into_slapd_directly(door):
    """The counter-proof: at slapd these passwords are right."""
    with door.slapd_client() as client:
        assert client.bind(SERVICE_DN, SERVICE_PASSWORD)[0] == 0
        assert client.bind(ROOT_DN, ROOT_PASSWORD)[0] == 0


@pytest.mark.parametrize(
    "word", ["%u", "$(id)", "' OR 1=1 --", "*)(uid=*", 'quo"te\\back', "sp\u00e4\u00df \u20ac", "x{login}"]
)
def test_sasl_12_a_password_that_looks_like_a_program_is_passed_on_as_it_is(door, word):
    name = word.encode().hex()
    dn = door.add_to_slapd(name, word)
    door.add(name, "disabled")
    assert door.bind(dn, word) == (0, "")
    assert door.bind(dn, word + "x") == INVALID_CREDENTIALS
