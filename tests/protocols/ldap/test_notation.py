"""The notation of LDAP's transcripts itself: what doesn't go as it says must fail."""

import pytest

from protocols.dialogue import READ, Credentials, Forward, Login, LogOut, Send
from tests.protocols.ldap import notation
from tests.protocols.ldap.notation import lines_of, message, request, said
from tests.protocols.play import play

SAID = [
    'bind 1 uid=fritz,dc=x "a b"',
    'bind 2 "" "" 2',
    "unbind 3",
    'search 5 "" base (objectClass=*) * +',
    "extended 6 WhoAmI",
    'bind-response 1 49 "No such luck"',
    "bind-response 1 0",
    'search-done 1 10 "" @matched=x @referral=ldap://x',
    'extended-response 5 0 "" @name=StartTLS',
    'extended-response 5 0 "" @value=dn:x',
    'entry 6 "" a=b a=c d e=',
    'notice 2 "Too long"',
]
TRANSCRIPT = """
    C: bind 1 fritz secret
    login fritz secret -> admitted u:fritz
    S: bind-response 1 0 u:fritz
    C: delete 2 cn=x
    forward delete 2 cn=x
    C: delete 3 cn=x
    forward delete 3 cn=x -> not taken
    log out
    closed
"""


def dialogue():
    yield READ
    result = yield Login(Credentials(b"fritz", b"secret"))
    yield Send(message(f"bind-response 1 0 {result.delegated.decode()}"))
    for number, expected in ((2, True), (3, False)):
        data = yield READ
        taken = yield Forward(request(data))
        assert taken == expected, number
    yield LogOut()


def test_a_dialogue_that_goes_as_written_passes():
    play(dialogue, TRANSCRIPT, cuts=[lambda data: [data]], notation=notation)


@pytest.mark.parametrize(
    ("written", "changed", "complaint"),
    [
        ("S: bind-response 1 0 u:fritz", "S: bind-response 1 1 u:fritz", "+ S: bind-response 1 0 u:fritz"),
        ("S: bind-response 1 0 u:fritz", "S: bind-response 2 0 u:fritz", "+ S: bind-response 1 0 u:fritz"),
        ("admitted u:fritz", "admitted u:dora", "+ S: bind-response 1 0 u:dora"),
        ("    log out\n", "", "+ log out"),
        ("    forward delete 2 cn=x\n", "    forward delete 2 cn=y\n", "- forward delete 2 cn=y"),
        ("    forward delete 2 cn=x\n", "", "+ error: bytes stand behind a message"),
    ],
)
def test_any_difference_fails_and_is_shown(written, changed, complaint):
    assert written in TRANSCRIPT
    with pytest.raises(pytest.fail.Exception) as failure:
        play(dialogue, TRANSCRIPT.replace(written, changed, 1), cuts=[lambda data: [data]], notation=notation)
    assert complaint in str(failure.value)


@pytest.mark.parametrize("line", SAID)
def test_what_is_said_is_written_as_it_would_be_in_a_transcript(line):
    assert said("S", message(line)) == [f"S: {line}"] == lines_of(f"S: {line}")


def test_several_messages_are_several_lines():
    assert said("C", b"".join(map(message, SAID))) == [f"C: {line}" for line in SAID]


@pytest.mark.parametrize(
    "octets", ["30 81 05 02 01 03 42 00", "30 06 02 02 00 03 42 00", "30 05 02 01", "47 45 54"]
)
def test_octets_that_ldap3_would_not_write_so_are_shown_as_they_are(octets):
    assert said("S", bytes.fromhex(octets)) == [f"S(hex): {octets}"]


def test_lines_are_the_same_however_they_are_written():
    assert lines_of('C:  bind  1   "fritz" "secret"  [1.2.3  critical]')[0].startswith(
        "C: bind 1 fritz secret "
    )
    assert lines_of('S: bind-response 1 0 ""') == ["S: bind-response 1 0"]
