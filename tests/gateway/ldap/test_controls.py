"""Controls mean the same through the gateway, and referrals pass: slapd answers as it does directly."""

import re

import ldap3
import pytest

from tests.gateway.ldap.roomy import roomy_slapd
from tests.gateway.site import MAIN
from tests.servers.directory import BASE, PEOPLE, Person, person_dn
from tests.servers.ldap_tools import found, tool

pytestmark = pytest.mark.timeout(60)
REFERRAL, UNAVAILABLE_CRITICAL_EXTENSION, ASSERTION_FAILED = 10, 12, 122
NUMBERS = 230
BRANCH = f"ou=branch,{BASE}"
ELSEWHERE = f"ldap://elsewhere.example.test/ou=branch,{BASE}"
OVERLAYS = "overlay sssvlv\n"
RULES = "access to attrs=ref by users read\n"
SETTINGS = "moduleload sssvlv.so\n"


@pytest.fixture(scope="module")
def slapd():
    people = [Person(f"page{number}", MAIN, {"cn": [f"page {number:03}"]}) for number in range(NUMBERS)]
    with roomy_slapd(RULES, OVERLAYS, people, SETTINGS) as slapd:
        slapd.add(
            BRANCH, {"objectClass": ["referral", "extensibleObject"], "ou": ["branch"], "ref": [ELSEWHERE]}
        )
        yield slapd


def ask(directory, who, program, *words, text=""):
    words = ["-LLL", "-o", "ldif-wrap=no", *words] if program == "ldapsearch" else words
    done = tool(directory, program, *words, who=who, text=text)
    # Cookies of pages and of sorted lists are slapd's own.
    return done.returncode, re.sub("(?m)^# (pagedresults|vlvResult).*$", "", done.stdout), done.stderr


def both(door, entrant, program, *words, text=""):
    """What the tool ends with and prints, through the gateway and directly: it has to be the same."""
    through = ask(door.directory(), entrant.who, program, *words, text=text)
    direct = ask(door.slapd.directory(), (entrant.dn, MAIN), program, *words, text=text)
    assert through == direct
    return through


def names(text):
    return re.findall("^dn: (.*)$", text, re.MULTILINE)


def test_pages_of_a_hundred_with_a_critical_control(door, entrant):
    code, text, _ = both(
        door, entrant, "ldapsearch", "-b", PEOPLE, "-E", "!pr=100/noprompt", "(cn=page *)", "cn"
    )
    assert (code, len(set(names(text)))) == (0, NUMBERS)
    assert door.slapd_log().count('filter="(cn=page *)"') == 2 * 3


def test_pages_of_fifty_by_ldap3_with_other_searches_between_them(door, entrant):
    with door.client() as client:
        assert client.bind(entrant.dn, entrant.secret) == (0, "")
        pages = client.ldap3.extend.standard.paged_search(
            PEOPLE, "(cn=page *)", ldap3.SUBTREE, attributes=["cn"], paged_size=50, paged_criticality=True
        )
        seen = []
        for entry in pages:
            seen.append(entry["attributes"]["cn"][0])
            if len(seen) % 50 == 25:
                assert client.search(PEOPLE, f"(uid={entrant.name})", ["mail"])
    assert sorted(seen) == [f"page {number:03}" for number in range(NUMBERS)]


def test_a_sorted_answer_and_a_window_of_it(door, entrant):
    sorted_ = ["-b", PEOPLE, "-E", "!sss=-uid:2.5.13.3", "(cn=page *)", "cn"]
    code, text, _ = both(door, entrant, "ldapsearch", *sorted_)
    uids = [name.partition(",")[0].removeprefix("uid=") for name in names(text)]
    assert (code, uids) == (0, sorted((f"page{number}" for number in range(NUMBERS)), reverse=True))
    # Of the windows that it shows, the first.
    _, text, _ = both(door, entrant, "ldapsearch", "-E", "!vlv=0/9/1/0", *sorted_)
    assert names(text)[:10] == [person_dn(uid) for uid in uids[:10]]


def test_an_unknown_critical_control_is_refused_and_another_ignored(door, entrant):
    """Of who was admitted by the gateway, which lets through what it knows; else by slapd."""
    words = ["-b", PEOPLE, "(uid=good)", "mail"]
    code, text, said = ask(door.directory(), entrant.who, "ldapsearch", "-E", "!1.2.3.4.5=:value", *words)
    assert (code, names(text)) == (UNAVAILABLE_CRITICAL_EXTENSION, [])
    by_whom = {
        "admitted": "With an app password, this control can't be used here: 1.2.3.4.5",
        "passed": "critical extension is not recognized",
    }
    assert by_whom[entrant.kind] in said
    code, text, _ = both(door, entrant, "ldapsearch", "-E", "1.2.3.4.5=:value", *words)
    assert (code, names(text)) == (0, [person_dn("good")])


def test_an_assertion_decides_whether_a_change_is_made(door, entrant):
    change = f"dn: {entrant.dn}\nchangetype: modify\nreplace: title\ntitle: {{}}\n"
    asserted = ["-e", "!assert=(uid=somebody else)"]
    code, *_ = both(door, entrant, "ldapmodify", *asserted, text=change.format("no"))
    assert code == ASSERTION_FAILED
    asserted = ["-e", f"!assert=(uid={entrant.name})"]
    assert both(door, entrant, "ldapmodify", *asserted, text=change.format("yes"))[0] == 0
    assert "title: yes\n" in found(door.directory(), "-b", entrant.dn, "title", who=entrant.who)


def test_an_entry_is_read_by_the_operation_that_changes_it(door, entrant):
    """RFC 4527: a control of the response."""
    change = f"dn: {entrant.dn}\nchangetype: modify\nreplace: title\ntitle: new\n"
    code, text, _ = both(door, entrant, "ldapmodify", "-e", "!postread=title,uid", text=change)
    assert code == 0
    assert "title: new\n" in text


def test_several_controls_on_one_search(door, entrant):
    words = [
        "-E",
        "!pr=40/noprompt",
        "-e",
        "!assert=(objectClass=*)",
        "-M",
        "-b",
        PEOPLE,
        "(cn=page *)",
        "cn",
    ]
    code, text, _ = both(door, entrant, "ldapsearch", *words)
    assert (code, len(set(names(text)))) == (0, NUMBERS)


def test_a_referral_is_passed_on_and_followed_by_nobody(door, entrant):
    code, text, _ = both(door, entrant, "ldapsearch", "-b", BASE, "(ou=*)", "ou")
    assert code == 0
    assert f"# ref{ELSEWHERE}??sub\n" in text
    done = tool(
        door.directory(), "ldapsearch", "-o", "ldif-wrap=no", "-b", f"ou=offices,{BRANCH}", who=entrant.who
    )
    assert done.returncode == REFERRAL
    assert f"ref: ldap://elsewhere.example.test/ou=offices,{BRANCH}??sub\n" in done.stdout
    change = f"dn: {BRANCH}\nchangetype: modify\nreplace: description\ndescription: mine\n"
    code, _, said = both(door, entrant, "ldapmodify", text=change)
    assert code == REFERRAL
    assert f"{ELSEWHERE}" in said


def test_manage_dsa_it_shows_the_referral_itself(door, entrant):
    code, text, _ = both(door, entrant, "ldapsearch", "-MM", "-b", BRANCH, "-s", "base", "ref")
    assert (code, text) == (0, f"dn: {BRANCH}\nref: {ELSEWHERE}\n\n")
    through = found(door.directory(), "-MM", "-b", BASE, "(ou=*)", "ou", who=entrant.who)
    assert BRANCH in names(through)
    assert "# ref" not in through
