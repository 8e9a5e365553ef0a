"""Too many failed binds: 51, by whatever name; the directory hears of no more, and locks nobody out."""

from tests.gateway.ldap.door import REFUSED, login_of
from tests.gateway.site import MAIN, PORTAL
from tests.servers.directory import person_dn

POLICY = 'unknown_users = "pass"\nunknown_domains = ["example.test"]'
MORE = "[throttle]\nwindow_seconds = 600\n"
BUSY = (51, f"Too many failed logins. Try again later, or use an app password: {PORTAL}")


def told(door, name, source, count=12):
    return [door.bind(name, f"guess {number}", source=source) for number in range(count)]


def test_bf_01_a_dn_that_somebody_has(door):
    door.add("dora", "disabled")
    assert told(door, person_dn("dora"), "127.0.0.11") == [(49, REFUSED)] * 10 + [BUSY] * 2
    assert door.bind(person_dn("dora"), MAIN, source="127.0.0.11") == BUSY
    assert door.bind(person_dn("dora"), door.give("dora").secret, source="127.0.0.11")[0] == 0
    assert door.bind(person_dn("dora"), MAIN, source="127.0.0.12")[0] == 0


def test_enum_01_a_dn_that_nobody_has(door):
    for number, name in enumerate((person_dn("nobody"), "cn=printer,ou=devices,dc=example,dc=test")):
        answers = told(door, name, f"127.0.0.{20 + number}")
        assert answers == [(49, REFUSED)] * 10 + [BUSY] * 2


def test_bf_01_another_spelling_of_a_dn_is_no_other_name(door):
    door.add("enno", "disabled")
    dn = person_dn("enno")
    assert told(door, dn, "127.0.0.13", 10) == [(49, REFUSED)] * 10
    for spelling in (dn.upper(), dn.replace(",", " , "), dn.replace("enno", "\\65nno")):
        assert door.bind(spelling, "another guess", source="127.0.0.13") == BUSY


def test_bf_02_names_and_dns_from_one_address_use_up_the_same(door):
    door.add("fritz", "disabled")
    names = [f"nobody{number}@example.test" for number in range(10)]
    dns = [person_dn(f"nobody{number}") for number in range(10)]
    answers = [door.bind(name, "x", source="127.0.0.14") for name in (*names, *dns)]
    assert answers == [(49, REFUSED)] * 20
    for name in (login_of("fritz"), person_dn("fritz"), person_dn("somebody")):
        assert door.bind(name, MAIN, source="127.0.0.14") == BUSY
