"""The spellings of a user with enforced two-step verification, before a Dovecot that takes all of them."""

import imaplib

import pytest

from tests.gateway.before_dovecot import REFUSED, backend, open_mailhouse
from tests.servers.dovecot import Dovecot

FRITZ, WORD, PAT, JULE = "fritz.meier@example.test", "main-password", "pat@example.test", "jülé@example.test"
# As its documentation has it for names in any form: every character, the domain dropped, any password taken.
LENIENT = """
auth_username_chars =
auth_username_format = %Ln
auth_username_translation = "%@!@"
passdb {
  driver = static
  args = password=main-password
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=/tmp/%u
}
"""
SPELLINGS = [
    *["fritz.meier", "FRITZ.MEIER", "Fritz.Meier@Example.Test", "FRITZ.MEIER@EXAMPLE.TEST"],
    *["fritz.meier+x@example.test", "fritz.meier+@example.test", "Fritz.Meier+X@example.test"],
    *["fritz.meier+a+b@example.test", "fritz.meier+x", "fritzmeier@example.test"],
    *["f.r.i.t.z.meier@example.test", "fritz..meier@example.test", "fritz.meier.@example.test"],
    *["fritz-meier@example.test", "fritz_meier@example.test", "fritz.meier-@example.test"],
    *[".fritz.meier@example.test", "fritzmeier+x@example.test", "fritz.meier@other.test"],
    *["fritz.meier@sub.example.test", "fritz.meier@example.test.", "fritz.meier@"],
    *["fritz.meier@localhost", "fritz.meier@xn--exmple-cua.test", "fritz.meier@ex\u00e4mple.test"],
    *["OTHER\\fritz.meier", "EXAMPLE\\fritz.meier", "example/fritz.meier", "EXAMPLE\\fritz.meier+x"],
    *["fritz.meier@EXAMPLE", "fritz.meier%example.test", "fritz.meier%other.test"],
    *["fritz.meier%example.test@example.test", "fritz.meier!example.test", "example.test!fritz.meier"],
    *["fr\u00edtz.meier@example.test", "fritz.m\u00e8ier@example.test", "fritz.me\u0131er@example.test"],
    *["\uff46ritz.meier@example.test", "fritz.meier\u0301@example.test", "frit\u200bz.meier@example.test"],
    *["\u0444ritz.meier@example.test", " fritz.meier@example.test", "fritz.meier@example.test "],
    *["fritz.meier @example.test", '"fritz.meier"@example.test', "'fritz.meier'@example.test"],
    *["<fritz.meier@example.test>", "fritz.meier=x@example.test", "fritz.meier#x@example.test"],
    *["fritz.meier|x@example.test", "fritz.meier*gate", "fritz.meier@example.test*gate"],
    *["f@example.test@example.test", "fritz.meier@pat.test@example.test", "fritz.meier@alias.test"],
    *["fritz.meier+x@alias.test", "fm@example.test", "FM+x@example.test"],
    *["jule@example.test", "jule", "jule+x@example.test"],
]
POLICY = 'unknown_users = "pass"\nunknown_domains = ["example.test", "second.test"]\n'
LOGIN = """
[login]
default_domain = "example.test"
domains = { EXAMPLE = "example.test", "alias.test" = "example.test" }
"""


@pytest.fixture(scope="module", params=["", LENIENT], ids=["default-settings", "lenient"])
def house(request, authority, tmp_path_factory):
    more = request.param
    with Dovecot({FRITZ: WORD, PAT: WORD, JULE: WORD}, {"gate": "backend-secret"}, more) as dovecot:
        folder = tmp_path_factory.mktemp("gateway")
        with open_mailhouse(folder, authority, dovecot, LOGIN + backend(dovecot), policy=POLICY) as house:
            house.people.add(FRITZ, "enforced", aliases=["fm@example.test"])
            house.people.add(JULE, "enforced")
            yield house


def spelt(house, name):
    """What a client hears that presents the name in a literal, byte for byte."""
    with house.connect() as client:
        octets = name.encode()
        client.send(b"a LOGIN {%d+}\r\n%b {%d+}\r\n%b\r\n" % (len(octets), octets, len(WORD), WORD.encode()))
        while not (line := client.readline()).startswith(b"a "):
            assert line, "the connection ended before the answer"
        return line.decode().strip().removeprefix("a NO ")


def attempts(house):
    """Dovecot's lines, without those of the gateway's looks at whether it is there."""
    return [line for line in house.dovecot.log().splitlines() if "no auth attempts" not in line]


@pytest.mark.parametrize("name", SPELLINGS, ids=ascii)
def test_name_08_no_spelling_of_an_enforced_user_is_asked_of_the_backend(house, name):
    before = attempts(house)
    assert spelt(house, name) == REFUSED
    assert attempts(house) == before


def test_a_user_of_whom_the_store_knows_nothing_passes(house):
    assert spelt(house, PAT).startswith("a OK ")


@pytest.mark.parametrize("house", [LENIENT], ids=["lenient"], indirect=True)
@pytest.mark.parametrize("name", ["fritz.meier", "fritz.meier+x@example.test", "fritz.meier%other.test"])
def test_that_dovecot_would_take_them(house, name):
    """Else the table above would show nothing."""
    with imaplib.IMAP4(house.dovecot.host, house.dovecot.plain) as client:
        assert client.login(name, WORD)[0] == "OK"
