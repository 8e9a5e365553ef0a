"""What holds for any answers of a directory in any pieces."""

from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.dialogue import ProtocolError
from protocols.ldap import Exchange
from tests.protocols.chunks import cuts
from tests.protocols.ldap.lengths import long_form
from tests.protocols.ldap.notation import message
from tests.protocols.ldap.notation import request as understood
from tests.protocols.talk import cutter

REQUESTS = [
    "search {} dc=test sub (cn=*)",
    "compare {} cn=x cn=y",
    "delete {} cn=x",
    "extended {} WhoAmI",
    "abandon {} 3",
]
ANSWERS = [
    "entry {} cn=x mail=a",
    "entry {} cn=x jpegPhoto=" + "x" * 300,
    "reference {} ldap://elsewhere.test/",
    "intermediate {} 1.2.3",
    "search-done {} 0",
    "compare-response {} 6",
    "delete-response {} 0 [1.2.3=x]",
    "extended-response {} 0",
]
FINAL = ("search-done", "compare-response", "delete-response", "extended-response")

numbers = st.integers(0, 5) | st.sampled_from([127, 128, 65535, 2147483647])
requests = st.lists(st.builds(str.format, st.sampled_from(REQUESTS), numbers), max_size=8)
answers = st.lists(
    st.tuples(st.builds(str.format, st.sampled_from(ANSWERS), numbers), st.integers(0, 4)), max_size=8
)


def octets_of(answer, width):
    """Short ones with lengths of any width."""
    octets = message(answer)
    return long_form(octets, width) if width and len(octets) < 0x80 else octets


@settings(max_examples=300)
@given(requests, answers, cuts)
def test_the_same_is_counted_for_any_chunks_and_messages_end_where_they_end(asked, told, cut):
    exchange, waiting = Exchange(), []
    for request in asked:
        exchange.ask(understood(message(request)))
        if not request.startswith("abandon"):
            waiting.append(request.split()[1])
        elif "3" in waiting:
            waiting.remove("3")
    pieces = [octets_of(answer, width) for answer, width in told]
    ends, total = {0: len(waiting)}, 0
    for (answer, _), octets in zip(told, pieces, strict=True):
        kind, number, *_ = answer.split()
        if kind in FINAL and number in waiting:
            waiting.remove(number)
        total += len(octets)
        ends[total] = len(waiting)
    heard = 0
    for piece in cut(b"".join(pieces)):
        exchange.hear(piece)
        heard += len(piece)
        assert exchange.between_messages == (heard in ends)
        if heard in ends:
            assert exchange.unanswered == ends[heard]
    assert heard == total


@settings(max_examples=300)
@given(
    st.lists(
        st.builds(octets_of, st.sampled_from(ANSWERS).map(lambda text: text.format(2)), st.integers(0, 4))
        | st.binary(max_size=20)
        | st.sampled_from([b"\x30", b"\x30\x84", b"\x30\x84\0\0\0\5", b"\x30\x05\2\1"]),
        max_size=6,
    ),
    cuts,
)
def test_any_bytes_are_counted_or_refused_the_same_for_any_chunks(stream, cut):
    def outcome(cut):
        exchange = Exchange()
        exchange.ask(understood(message("search 2 dc=test sub (cn=*)")))
        try:
            for piece in cut(b"".join(stream)):
                exchange.hear(piece)
        except ProtocolError:
            return "refused"
        return exchange.unanswered, exchange.between_messages

    assert outcome(cut) == outcome(cutter([1 << 20]))
