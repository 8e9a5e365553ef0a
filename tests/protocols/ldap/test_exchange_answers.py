"""Which requests are unanswered, and where a message ends, by what is heard of a directory."""

import pytest

from protocols.dialogue import ProtocolError
from protocols.ldap import Exchange
from tests.protocols.ldap.fronts import OPERATIONS
from tests.protocols.ldap.notation import message
from tests.protocols.ldap.notation import request as understood


def exchange_of(*requests):
    exchange = Exchange()
    for request in requests:
        exchange.ask(understood(message(request)))
    return exchange


def left_after(exchange, *answers):
    """How many are unanswered after each."""
    counts = []
    for answer in answers:
        exchange.hear(message(answer))
        assert exchange.between_messages
        counts.append(exchange.unanswered)
    return counts


@pytest.mark.parametrize(("operation", "answer"), OPERATIONS.items())
@pytest.mark.parametrize("code", [0, 5, 10, 32, 53])
def test_a_request_is_answered_by_its_result_whatever_that_says(operation, answer, code):
    assert left_after(exchange_of(operation), f"{answer} 2 {code}") == [0]


def test_a_search_is_answered_by_its_end_alone():
    exchange = exchange_of("search 2 dc=test sub (cn=*)")
    answers = [
        "entry 2 cn=x mail=a",
        "reference 2 ldap://elsewhere.test/",
        "intermediate 2 1.2.3",
        "entry 2 cn=y mail=b [1.2.3]",
        "search-done 2 0 [PagedResults=x]",
    ]
    assert left_after(exchange, *answers) == [1, 1, 1, 1, 0]


def test_answers_may_come_in_any_order():
    exchange = exchange_of("search 2 dc=test sub (cn=*)", "compare 3 cn=x cn=y", "extended 4 WhoAmI")
    assert left_after(exchange, "extended-response 4 0", "entry 2 cn=x", "search-done 2 0") == [2, 2, 1]
    assert left_after(exchange, "compare-response 3 6") == [0]


def test_what_nobody_asked_for_answers_nothing():
    exchange = exchange_of("search 2 dc=test sub (cn=*)")
    assert left_after(exchange, "notice 52 Bye", "search-done 3 0", "extended-response 0 0") == [1, 1, 1]
    assert left_after(exchange, "search-done 2 0", "search-done 2 0") == [0, 0]


def test_what_is_abandoned_is_no_longer_waited_for():
    exchange = exchange_of(
        "search 2 dc=test sub (cn=*)", "search 3 dc=test sub (cn=*)", "abandon 4 2", "abandon 5 9"
    )
    assert exchange.unanswered == 1
    assert left_after(exchange, "search-done 2 0", "search-done 3 0") == [1, 0]


@pytest.mark.parametrize("answered", [True, False])
def test_ldap_23_what_was_abandoned_may_still_be_answered(answered):
    """RFC 4511, section 4.11: so nobody else may ever ask on the same connection."""
    exchange = exchange_of("search 2 dc=test sub (cn=*)")
    assert not exchange.settled
    exchange.ask(understood(message("abandon 3 2")))
    if answered:
        exchange.hear(message("search-done 2 0"))
    assert exchange.unanswered == 0
    assert not exchange.settled


def test_ldap_23_what_is_abandoned_when_it_was_answered_already_leaves_nothing_behind():
    exchange = exchange_of("search 2 dc=test sub (cn=*)")
    exchange.hear(message("search-done 2 0"))
    exchange.ask(understood(message("abandon 3 2")))
    assert exchange.settled


def test_a_number_that_is_used_twice_waits_for_two_answers():
    """It shouldn't be (RFC 4511, section 4.1.1.1); but nobody may get around the limit by doing so."""
    exchange = exchange_of(
        "search 2 dc=test sub (cn=*)", "search 2 dc=test sub (cn=*)", "search 2 dc=test sub (cn=*)"
    )
    assert exchange.unanswered == 3
    assert left_after(exchange, "search-done 2 0", "search-done 2 0") == [2, 1]
    exchange.ask(understood(message("abandon 3 2")))
    assert exchange.unanswered == 0


def test_a_thousand_requests_are_counted_one_by_one():
    exchange = exchange_of(*(f"compare {number} cn=x cn=y" for number in range(1, 1001)))
    assert exchange.unanswered == 1000
    answers = [f"compare-response {number} 6" for number in range(1000, 0, -1)]
    assert left_after(exchange, *answers) == list(range(999, -1, -1))


def test_an_entry_of_a_mebibyte_passes_in_pieces():
    exchange = exchange_of("search 2 dc=test sub (cn=*)")
    entry = message("entry 2 cn=x jpegPhoto=" + "x" * (1 << 20))
    for at in range(0, len(entry), 4000):
        assert exchange.between_messages == (at == 0)
        exchange.hear(entry[at : at + 4000])
    assert exchange.between_messages
    assert left_after(exchange, "search-done 2 0") == [0]


def test_an_entry_may_claim_two_gibibytes_for_which_nobody_waits():
    exchange = exchange_of("search 2 dc=test sub (cn=*)")
    exchange.hear(b"\x30\x84\x7f\xff\xff\x00\2\1\2\x64\x84\x7f\xff\xfe\xf0" + bytes(100))
    assert not exchange.between_messages
    assert exchange.unanswered == 1


@pytest.mark.parametrize(
    "answer",
    [
        "30 84 00 00 00 0f 02 84 00 00 00 01 02 65 07 0a 01 00 04 00 04",
        "30 81 0c 02 01 02 65 07 0a 01 00 04 00 04",
    ],
)
def test_lengths_may_be_written_longer_than_they_need_be(answer):
    octets = bytes.fromhex(answer)
    octets += bytes.fromhex("00") * 1 if answer.startswith("30 81") else b""
    exchange = exchange_of("search 2 dc=test sub (cn=*)")
    exchange.hear(octets)
    assert exchange.unanswered == 0


@pytest.mark.parametrize(
    "octets",
    [
        "00",
        "2a 20 4f 4b 0d 0a",
        "30 80 02 01 02 65 07 0a 01 00 04 00 04 00 00 00",
        "30 84 ff ff ff ff",
        "30 85 00 00 00 00 05",
        "30 00",
        "30 03 02 01 02",
        "30 05 04 01 02 65 00",
        "30 05 02 01 ff 65 00",
        "30 04 02 00 65 00",
        "30 05 02 7f 02 65 00",
        "30 0c 02 09 00 00 00 00 00 00 00 00 02 65 00",
    ],
)
def test_what_is_no_ldap_is_told_apart(octets):
    exchange = exchange_of("search 2 dc=test sub (cn=*)")
    with pytest.raises(ProtocolError):
        exchange.hear(bytes.fromhex(octets) + message("search-done 9 0") * 2)
