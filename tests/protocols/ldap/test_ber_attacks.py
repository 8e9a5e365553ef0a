"""Attacks with BER: lengths that lie, numbers out of bounds, tags that nobody has."""

import tracemalloc

import pytest

from protocols import ldap
from protocols.dialogue import Credentials, LoginResult, Outcome
from protocols.ldap import Exchange
from protocols.terms import FrontTerms
from tests.protocols.ldap.lengths import long_form
from tests.protocols.ldap.notation import message, request, said
from tests.protocols.talk import cutter, talk

ACCEPTED = LoginResult(Outcome.ACCEPTED, b"")
BIND = message("bind 1 fritz secret")
REFUSED = {
    "this is not LDAP": ["00", "02 01 01", "31 05 02 01 01 42 00", "60 07", "ff", "0d 0a", "16 03 01"],
    "an element has a length that can't be read": [
        "30 80 02 01 01 42 00 00 00",  # of indefinite length
        "30 85 00 00 00 00 05 02 01 01 42 00",
        "30 88 ff ff ff ff ff ff ff ff",
        "30 fe" + " 00" * 126,
        "30 ff",
        "30 09 02 01 01 77 80 80 01 31 00 00",
        "30 0a 02 01 01 77 05 80 85 00 00 00",
        "30 05 02 01 01 42 80",
        "30 07 02 80 01 42 00 00 00",
    ],
    "message too long: 16384 bytes are allowed here": [
        "30 84 7f ff ff ff",
        "30 84 ff ff ff ff",
        "30 82 40 00",
        "30 82 3f fd",  # one byte more than may be
    ],
    "an element is longer than what it stands in": [
        "30 05 02 01 01 42 01",
        "30 05 02 01 01 60 7f",
        "30 32 02 01 01 60 84 7f ff ff ff" + " 00" * 41,  # 2 GiB in 50 bytes
        "30 0f 02 01 01 60 0a 02 01 03 04 06 66 72 69 80 00",
        "30 0c 02 01 01 60 07 02 01 03 04 00 80 01",
        "30 08 02 7f 01 42 00 00 00 00",
    ],
    "an element is cut off": ["30 00", "30 01 02", "30 03 02 01 01", "30 04 02 01 01 42"],
    "an element has a tag of several bytes": ["30 06 02 01 01 7f 81 00", "30 06 02 01 01 1f 2a 00"],
    "an element has another tag than it should": [
        "30 05 04 01 01 42 00",
        "30 05 0a 01 01 42 00",
        "30 07 02 01 01 42 00 04 00",
        "30 08 02 01 01 60 03 04 01 03",
    ],
    "a number is not one of those allowed": [
        "30 04 02 00 42 00",
        "30 05 02 01 ff 42 00",  # negative
        "30 08 02 04 80 00 00 00 42 00",
        "30 09 02 05 00 80 00 00 00 42 00",
        "30 0d 02 09 01 00 00 00 00 00 00 00 00 42 00",
        "30 0d 02 01 01 60 08 02 02 ff ff 04 00 80 00",
        "30 05 02 01 01 50 00",  # an Abandon of nothing
        "30 06 02 01 01 50 01 ff",
        "30 0a 02 01 01 50 05 01 00 00 00 00",
    ],
    "a message has more in it than it should": ["30 09 02 01 01 42 00 a0 00 42 00"],
    "a bind has more in it than it should": ["30 0e 02 01 01 60 09 02 01 03 04 00 80 00 04 00"],
    "the message ID 0 is not for clients": [
        "30 0c 02 01 00 60 07 02 01 03 04 00 80 00",
        "30 05 02 01 00 4a 00",
    ],
    "this is no request that a client can make": [
        "30 05 02 01 01 41 00",
        "30 05 02 01 01 7e 00",
        "30 05 02 01 01 04 00",
    ],
}
BROKEN = [(text, octets) for text, many in REFUSED.items() for octets in many]


def notice(text):
    return message(f'notice 2 "{text[0].upper()}{text[1:]}"')


@pytest.mark.parametrize(("text", "octets"), BROKEN, ids=[octets[:40] for _, octets in BROKEN])
@pytest.mark.parametrize("cut", [cutter([1 << 20]), cutter([1])], ids=["whole", "byte by byte"])
def test_ldap_10_what_is_no_ber_gets_one_notice_and_the_end(text, octets, cut):
    stream = bytes.fromhex(octets)
    for terms in (FrontTerms(), FrontTerms(tls=False, starttls=True)):
        ended = talk(ldap.front(terms), [stream + BIND], cut)
        assert ended.end == f"ProtocolError: {text}"
        assert ended.happened == [notice(text)]


@pytest.mark.parametrize(("text", "octets"), BROKEN, ids=[octets[:40] for _, octets in BROKEN])
def test_ldap_10_also_from_those_who_are_bound(text, octets):
    ended = talk(ldap.front(FrontTerms()), [BIND + bytes.fromhex(octets) + BIND], results=[ACCEPTED])
    text = text.replace("16384", "4194303")
    may_be_so_long = octets in ("30 82 40 00", "30 82 3f fd")
    assert ended.forwarded == []
    assert len(ended.logins) == 1
    assert ended.sent == message("bind-response 1 0") + (b"" if may_be_so_long else notice(text))


@pytest.mark.parametrize("bound", [False, True], ids=["stranger", "bound"])
def test_ldap_10_nothing_is_allocated_for_a_length_that_is_claimed(bound):
    claimed = 4_194_303 if bound else 16_384
    begun = b"\x30\x84" + (claimed - 6).to_bytes(4) + b"\2\1\2\x63"
    front = ldap.front(FrontTerms())
    tracemalloc.start()
    try:
        ended = talk(front, [(BIND if bound else b"") + begun], results=[ACCEPTED])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert ended.end == "EOFError: "
    assert peak < 100_000


@pytest.mark.parametrize(("most", "bind"), [(16_384, b""), (4_194_303, BIND)], ids=["stranger", "bound"])
def test_ldap_10_a_message_may_be_as_long_as_the_cap_and_not_longer(most, bind):
    def padded(size):
        """A compare of so many bytes."""
        value = bytes(size - 36)
        return b"".join(
            (
                b"\x30\x84" + (size - 6).to_bytes(4) + b"\2\1\2",
                b"\x6e\x84" + (size - 15).to_bytes(4) + b"\4\1x",
                b"\x30\x84" + (size - 24).to_bytes(4) + b"\4\4mail",
                b"\4\x84" + (size - 36).to_bytes(4) + value,
            )
        )

    taken = talk(ldap.front(FrontTerms()), [bind + padded(most)], cutter([65536]), [ACCEPTED])
    assert taken.end == "EOFError: "
    assert taken.forwarded == ([Exchange().ask(request(padded(most)))] if bind else [])
    refused = talk(ldap.front(FrontTerms()), [bind + padded(most + 1)], cutter([65536]), [ACCEPTED])
    assert refused.end == f"ProtocolError: message too long: {most} bytes are allowed here"


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_ldap_10_lengths_may_be_written_longer_than_they_need_be_as_windows_does(width):
    bind, search, done = (
        long_form(BIND, width),
        message("search 2 dc=test sub (&(cn=*)(sn=x)) mail"),
        message("unbind 3"),
    )
    written, search = search, long_form(search, width)
    for cut in (cutter([1 << 20]), cutter([1])):
        ended = talk(ldap.front(FrontTerms()), [bind + search + long_form(done, width)], cut, [ACCEPTED])
        assert [login.credentials for login in ended.logins] == [Credentials(b"fritz", b"secret")]
        assert ended.forwarded == [written]
        assert ended.sent == message("bind-response 1 0")
        assert ended.end is None


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_ldap_10_those_of_an_admitted_user_s_operations_too(width):
    """Whoever looks into them to judge them has to read them as the directory would."""
    admitted = LoginResult(Outcome.ACCEPTED, b"", delegated=b"u:fritz")
    for line, passes in (
        ("modify 2 cn=x replace:mail=a", True),
        ("modify 2 cn=x replace:mail=a replace:userPassword=b", False),
        ("add 2 cn=x mail=a userPassword=b", False),
        ("rename 2 cn=x userPassword=b", False),
        ("delete 2 cn=x [SessionTracking]", False),
    ):
        stream = long_form(BIND, width) + long_form(message(line), width)
        ended = talk(ldap.front(FrontTerms()), [stream], results=[admitted])
        assert bool(ended.forwarded) == passes
        assert (" 53 " in said("S", ended.sent)[-1] or " 12 " in said("S", ended.sent)[-1]) != passes


@pytest.mark.parametrize("number", ["01", "00 01", "00 00 00 01", "7f ff ff ff"])
def test_ldap_10_numbers_may_have_zeros_in_front(number):
    octets = bytes.fromhex(number)
    body = b"\2%c%b\x60\x07\2\1\3\4\0\x80\0" % (len(octets), octets)
    ended = talk(ldap.front(FrontTerms()), [b"\x30%c%b" % (len(body), body)])
    assert said("S", ended.sent)[0].startswith(f"S: bind-response {int.from_bytes(octets)} 48 ")
