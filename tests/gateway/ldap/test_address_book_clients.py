"""Address books of mail programs and phones: each search has the answer that slapd itself would give."""

import re

import pytest

from tests.gateway.ldap.roomy import roomy_slapd
from tests.gateway.site import MAIN
from tests.servers.directory import BASE, PEOPLE, Person, person_dn
from tests.servers.ldap_tools import tool

pytestmark = pytest.mark.timeout(60)
SIZE_LIMIT_EXCEEDED = 4
# Outlook 2010's own, with what was typed in the place of %s.
OUTLOOK = "(&(mail=*)(|(mail={0}*)(|(cn={0}*)(|(sn={0}*)(givenName={0}*)))))"
OUTLOOK_ASKS_FOR = ["mail", "cn", "postalAddress"]
PHONES = [
    "(&(telephoneNumber=*)(sn=%))",
    "(&(telephoneNumber=*)(sn=ali%))",
    "(|(cn=*ali*)(sn=*ali*))",
    "(&(|(telephoneNumber=*)(mobile=*)(homePhone=*))(cn=ali*))",
    "(|(telephoneNumber=*49301234*)(mobile=*49301234*))",
    "(cn=al*c*e 1*)",
    "(!(cn=ali*))",
    "(cn=*)",
    "(givenName=Gr\\c3\\b6\\c3\\9fe)",
    "(sn~=alice)",
    "(cn:caseExactMatch:=alice 7)",
    "(&)",
    "(uid=alice1,*)",
]
TREE_OF_FIFTY = "(!" * 49 + "(cn=alice 1)" + ")" * 49
ALICES = 230


@pytest.fixture(scope="module")
def slapd():
    alices = [
        Person(
            f"alice{number}",
            MAIN,
            {
                "cn": [f"alice {number}"],
                "sn": ["Größe"],
                "givenName": ["Größe" if number % 7 == 0 else "Alice"],
                "telephoneNumber": [f"+49 30 1234 {number}"],
                "postalAddress": ["A street$A town"],
            },
        )
        for number in range(ALICES)
    ]
    with roomy_slapd(people=alices) as slapd:
        yield slapd


def answers(door, entrant, *words, name="", tls="implicit"):
    """What ldapsearch ends with and prints, through the gateway and directly."""
    words = ["-LLL", "-o", "ldif-wrap=no", "-b", BASE, *words]
    through = tool(door.directory(tls), "ldapsearch", *words, who=(name or entrant.dn, entrant.secret))
    direct = tool(door.slapd.directory(), "ldapsearch", *words, who=(entrant.dn, MAIN))
    return (through.returncode, through.stdout), (direct.returncode, direct.stdout)


def names(text):
    return re.findall("^dn: (.*)$", text, re.MULTILINE)


@pytest.mark.parametrize("name", ["EXAMPLE\\{0}", "{0}@example.test", ""])
def test_outlook_finds_whom_its_user_types(door, entrant, name):
    limits = ["-l", "60", "-z", "100"]
    for typed, count in (("alice 22", 11), ("alice2@", 1), ("nobody", 0), ("good", 1)):
        words = [*limits, OUTLOOK.format(typed), *OUTLOOK_ASKS_FOR]
        through, direct = answers(door, entrant, *words, name=name.format(entrant.name))
        assert through == direct
        assert (through[0], len(names(through[1]))) == (0, count)
    assert "postalAddress: A street$A town\n" in answers(door, entrant, OUTLOOK.format("alice 3"))[0][1]


def test_outlooks_limit_of_a_hundred_entries_is_told_with_the_hundred(door, entrant):
    words = ["-l", "60", "-z", "100", OUTLOOK.format("al"), *OUTLOOK_ASKS_FOR]
    through, direct = answers(door, entrant, *words)
    assert through == direct
    assert (through[0], len(names(through[1]))) == (SIZE_LIMIT_EXCEEDED, 100)


@pytest.mark.parametrize("filter", [*PHONES, TREE_OF_FIFTY])
def test_filters_of_phones_and_strange_ones(door, entrant, filter):
    through, direct = answers(door, entrant, filter, "cn", "telephoneNumber")
    assert through == direct
    assert through[0] == 0


@pytest.mark.parametrize(
    "words", [["-s", "base"], ["-s", "one"], ["-s", "children"], ["-A"], ["-a", "always"]]
)
def test_scopes_and_options_of_a_search(door, entrant, words):
    through, direct = answers(door, entrant, *words, "(objectClass=*)")
    assert through == direct
    assert through[0] == 0


@pytest.mark.parametrize("wanted", ["1.1", "*", "+", "cn;lang-de", "@inetOrgPerson", "noSuchAttribute"])
def test_which_attributes_are_wanted(door, entrant, wanted):
    through, direct = answers(door, entrant, "(uid=alice7)", wanted)
    assert through == direct
    assert names(through[1]) == [person_dn("alice7")]


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_a_phone_that_binds_anew_for_each_key(door, entrant, tls):
    with door.client(tls) as client:
        for typed in ("a", "al", "ali", "alice 2", "alice 22"):
            assert client.bind(entrant.dn, entrant.secret) == (0, "")
            wanted = client.search(PEOPLE, f"(&(telephoneNumber=*)(cn={typed}*))", ["cn"])
            assert wanted
        assert [entry["cn"] for entry in wanted][:2] == [["alice 22"], ["alice 220"]]
        assert client.ldap3.extend.standard.who_am_i() == f"dn:{entrant.dn}"
