"""The real slapd does what the tests of the gateway rely on."""

import re
import socket

import pytest

from tests.servers.certificates import Authority
from tests.servers.directory import (
    BASE,
    PEOPLE,
    ROOT_DN,
    SERVICE_DN,
    SERVICE_PASSWORD,
    Directory,
    Person,
    group_dn,
    person_dn,
)
from tests.servers.ldap_tools import found, tool
from tests.servers.slapd import Slapd
from tests.servers.slapd_config import Options

DORA = Person("dora", "main password", {"homePhone": ["11 11"], "title": ["Dr."]})
ENNO = Person("enno", "other password", {"homePhone": ["22 22"]})
ODD = Person(' #a+b="c", d\\ ', "odd password", {"mail": ["odd@example.test"]})
AS_DORA, AS_ENNO = (DORA.dn, DORA.password), (ENNO.dn, ENNO.password)
AS_SERVICE = (SERVICE_DN, SERVICE_PASSWORD)
SUCCESS, CONFIDENTIALITY_REQUIRED, NO_SUCH_OBJECT, INVALID_CREDENTIALS = 0, 13, 32, 49
INSUFFICIENT_ACCESS, AUTHORIZATION_DENIED = 50, 123


@pytest.fixture(scope="module")
def slapd():
    with Slapd([DORA, ENNO, ODD], {"staff": ["dora"]}) as server:
        yield server


def bind(directory: Directory, who: tuple[str, str]) -> int:
    return tool(directory, "ldapwhoami", who=who).returncode


def home_phones(directory: Directory, *arguments: str, who: tuple[str, str]) -> list[str]:
    """Those that are to be seen by a search through all people."""
    text = found(directory, "-b", PEOPLE, *arguments, "(uid=*)", "homePhone", who=who)
    return re.findall(r"^homePhone: (.*)$", text, re.MULTILINE)


@pytest.mark.parametrize("tls", ["none", "starttls", "implicit"])
def test_people_log_in_with_each_kind_of_tls(slapd, tls):
    done = tool(slapd.directory(tls), "ldapwhoami", who=AS_DORA)
    assert (done.returncode, done.stdout) == (SUCCESS, f"dn:{DORA.dn}\n")
    assert bind(slapd.directory(tls), (DORA.dn, ENNO.password)) == INVALID_CREDENTIALS
    assert bind(slapd.directory(tls), (person_dn("nobody"), "x")) == INVALID_CREDENTIALS


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_the_certificate_is_from_the_authority_alone(slapd, tls, tmp_path):
    there = slapd.directory(tls)
    done = tool(Directory(there.host, there.port, Authority(tmp_path).ca_file, tls), "ldapwhoami")
    assert (done.returncode != SUCCESS, done.stdout) == (True, "")
    assert tool(there, "ldapwhoami").stdout == "anonymous\n"


def test_a_name_full_of_special_characters_logs_in(slapd):
    assert bind(slapd.directory(), (ODD.dn, ODD.password)) == SUCCESS


def test_each_user_sees_the_own_private_attribute_alone(slapd):
    assert home_phones(slapd.directory(), who=AS_DORA) == ["11 11"]
    assert home_phones(slapd.directory(), who=AS_ENNO) == ["22 22"]
    assert home_phones(slapd.directory(), who=AS_SERVICE) == []


def test_others_are_in_the_address_book_with_their_public_attributes(slapd):
    text = found(slapd.directory(), "-b", PEOPLE, "(mail=dora@*)", who=AS_ENNO)
    lines = {f"dn: {DORA.dn}", "objectClass: inetOrgPerson", "uid: dora", "cn: dora", "sn: dora"}
    assert set(text.split("\n")) - {""} == lines | {"mail: dora@example.test"}
    assert "title: Dr." in found(slapd.directory(), "-b", DORA.dn, who=AS_DORA)


def test_a_user_writes_the_own_entry_and_no_other(slapd):
    change = "dn: {}\nchangetype: modify\nreplace: telephoneNumber\ntelephoneNumber: 33 33\n"
    done = tool(slapd.directory(), "ldapmodify", who=AS_DORA, text=change.format(ENNO.dn))
    assert done.returncode == INSUFFICIENT_ACCESS
    assert not tool(slapd.directory(), "ldapmodify", who=AS_ENNO, text=change.format(ENNO.dn)).returncode
    assert "telephoneNumber: 33 33" in found(slapd.directory(), "-b", ENNO.dn, who=AS_DORA)


def test_a_stranger_reads_the_root_dse_alone(slapd):
    root = found(slapd.directory(), "-b", "", "-s", "base", "namingContexts", "supportedExtension")
    assert f"namingContexts: {BASE}" in root
    assert "supportedExtension: 1.3.6.1.4.1.1466.20037" in root  # StartTLS
    for place in (BASE, DORA.dn, "cn=Subschema"):
        done = tool(slapd.directory(), "ldapsearch", "-LLL", "-b", place)
        assert (done.returncode, done.stdout) == (NO_SUCH_OBJECT, "")


def test_the_service_account_finds_users_and_what_a_sync_needs(slapd):
    names = ["uid", "mail", "entryUUID", "modifyTimestamp", "userPassword", "title"]
    text = found(slapd.directory(), "-b", PEOPLE, "(mail=dora@example.test)", *names, who=AS_SERVICE)
    assert set(re.findall(r"^(\w+): ", text, re.MULTILINE)) == {"dn", *names[:4]}
    assert "userPassword" not in text  # not in base64 either, which has two colons
    assert f"dn: {group_dn('staff')}\n" in found(
        slapd.directory(), "-b", BASE, f"(member={DORA.dn})", who=AS_SERVICE
    )


def test_the_service_account_acts_for_a_user_by_proxied_authorization(slapd):
    assert home_phones(slapd.directory(), "-e", f"!authzid=dn:{DORA.dn}", who=AS_SERVICE) == ["11 11"]
    slapd.logged(f'PROXYAUTHZ dn="{DORA.dn}"')


@pytest.mark.parametrize(
    ("who", "other"),
    [(AS_SERVICE, ROOT_DN), (AS_SERVICE, group_dn("staff")), (AS_DORA, ENNO.dn), (AS_DORA, SERVICE_DN)],
)
def test_nobody_else_is_acted_for_and_nobody_else_acts(slapd, who, other):
    arguments = ["-b", BASE, "-e", f"!authzid=dn:{other}"]
    assert tool(slapd.directory(), "ldapsearch", *arguments, who=who).returncode == AUTHORIZATION_DENIED


def test_the_log_shows_binds_and_operations(slapd):
    found(slapd.directory(), "-b", BASE, "(cn=in the log)", who=AS_ENNO)
    number = slapd.logged(r'conn=(\d+) op=2 SRCH .* filter="\(cn=in the log\)"')[1]
    assert re.search(rf'conn={number} op=1 BIND dn="{ENNO.dn}" mech=SIMPLE', slapd.log())


def test_entries_are_added_changed_and_deleted():
    fritz = person_dn("fritz")
    with Slapd([DORA]) as slapd:
        slapd.add(fritz, {"objectClass": ["inetOrgPerson"], "cn": ["Fritz"], "sn": ["Größe"]})
        slapd.modify(fritz, {"mail": ["fritz@example.test", "f@example.test"], "userPassword": ["word"]})
        assert bind(slapd.directory(), (fritz, "word")) == SUCCESS
        slapd.modify(fritz, {"mail": []})
        assert "mail" not in found(slapd.directory(), "-b", fritz, who=AS_DORA)
        slapd.delete(fritz)
        assert bind(slapd.directory(), (fritz, "word")) == INVALID_CREDENTIALS
        with pytest.raises(RuntimeError, match="No such object"):
            slapd.delete(fritz)


def test_a_restart_keeps_what_was_written():
    with Slapd([DORA]) as slapd:
        slapd.modify(DORA.dn, {"telephoneNumber": ["44 44"]})
        slapd.stop()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((slapd.host, slapd.port), 5)
        slapd.start()
        assert "telephoneNumber: 44 44" in found(slapd.directory(), "-b", DORA.dn, who=AS_DORA)


def test_tls_can_be_required():
    with Slapd([DORA], options=Options(require_tls=True)) as slapd:
        assert bind(slapd.directory("none"), AS_DORA) == CONFIDENTIALITY_REQUIRED
        assert bind(slapd.directory("starttls"), AS_DORA) == SUCCESS
        assert bind(slapd.directory("implicit"), AS_DORA) == SUCCESS


def test_wrong_passwords_lock_an_account_until_it_is_unlocked():
    with Slapd([DORA, ENNO], options=Options(lock_after=3)) as slapd:
        for _ in range(3):
            assert bind(slapd.directory(), (DORA.dn, "wrong")) == INVALID_CREDENTIALS
        assert bind(slapd.directory(), AS_DORA) == INVALID_CREDENTIALS
        assert bind(slapd.directory(), AS_ENNO) == SUCCESS
        seen = found(slapd.directory(), "-b", PEOPLE, "(uid=*)", "pwdAccountLockedTime", who=AS_SERVICE)
        assert len(re.findall(r"^pwdAccountLockedTime: ", seen, re.MULTILINE)) == 1
        slapd.modify(DORA.dn, {"pwdAccountLockedTime": []})
        assert bind(slapd.directory(), AS_DORA) == SUCCESS


def test_an_administrator_locks_an_account(slapd):
    slapd.modify(ENNO.dn, {"pwdAccountLockedTime": ["000001010000Z"]})
    assert bind(slapd.directory(), AS_ENNO) == INVALID_CREDENTIALS
    slapd.modify(ENNO.dn, {"pwdAccountLockedTime": []})
    assert bind(slapd.directory(), AS_ENNO) == SUCCESS


def test_a_thousand_people_are_found_by_pages_and_at_once():
    with Slapd([DORA, *(Person(f"user{number}", "word") for number in range(1000))]) as slapd:
        for pages in ([], ["-E", "pr=100/noprompt"]):
            text = found(slapd.directory(), *pages, "-b", PEOPLE, "(uid=user*)", "mail", who=AS_DORA)
            assert len(set(re.findall(r"^mail: (.*)$", text, re.MULTILINE))) == 1000


def test_thousands_of_searches_wait_on_one_connection(slapd):
    """In one write behind a bind, each with a message ID of its own (RFC 4511, section 4.1.1)."""
    numbers = range(1000, 3000)
    with socket.create_connection((slapd.host, slapd.port), 30) as client:
        client.sendall(_message(1, b"\x60" + _sized(b"\2\1\3", _octets(DORA.dn), b"\x80\x0dmain password")))
        answers = client.recv(1024)
        client.sendall(b"".join(_message(number, _search(DORA.dn)) for number in numbers))
        while answers.count(_DONE) < len(numbers) and (more := client.recv(65536)):
            answers += more
    assert all(b"\2\2" + number.to_bytes(2, "big") + _DONE in answers for number in numbers)


_DONE = bytes.fromhex("65070a010004000400")  # SearchResultDone: success


def _search(dn: str) -> bytes:
    """A SearchRequest for this entry alone and its mail."""
    limits = bytes.fromhex("0a01000a0100020100020100010100")
    return b"\x63" + _sized(_octets(dn), limits, b"\x87\x0bobjectClass", b"\x30\x06", _octets("mail"))


def _message(number: int, operation: bytes) -> bytes:
    return b"\x30" + _sized(b"\2\2", number.to_bytes(2, "big"), operation)


def _octets(text: str) -> bytes:
    return b"\4" + _sized(text.encode())


def _sized(*parts: bytes) -> bytes:
    whole = b"".join(parts)
    assert len(whole) < 128  # a length of one octet
    return bytes([len(whole)]) + whole
