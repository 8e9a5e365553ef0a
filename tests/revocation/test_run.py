"""The short form of `make revocation`, and what it takes for a broken promise."""

import asyncio

import pytest

from tests.revocation.faults import LEASE
from tests.revocation.kinds import KINDS
from tests.revocation.report import Report
from tests.revocation.run import Plan, run
from tests.revocation.trial import Outcome
from tests.revocation.visits import Answer, Try

YES, NO = Try(0.0, 0.1, Answer.YES), Try(0.0, 0.1, Answer.NO)
HELD = Outcome("block", yes=[0.1, 0.0], refused=[0.2, 0.1], closed=[0.3, 0.1])


def broken(outcome=HELD, tries=(YES,), healthy=True):
    return Report("a title", healthy, [outcome], tries).broken()


def test_each_kind_of_revocation_is_obeyed_by_every_node():
    report = asyncio.run(run(Plan(2 * len(KINDS), rate=10.0)))
    assert {one.kind for one in report.outcomes} == set(KINDS)
    for one in report.outcomes:
        assert None not in one.refused
        assert None not in one.closed
        assert len(one.refused) == len(one.closed) == 3
    assert {one.answer for one in report.tries} == {Answer.YES}


def test_what_is_obeyed_in_time_is_no_broken_promise():
    assert broken() == []


@pytest.mark.parametrize("healthy", [True, False])
@pytest.mark.parametrize(
    ("outcome", "tries", "told"),
    [
        (HELD, (YES, NO), "a good login was refused"),
        (
            Outcome("block", [LEASE + 1], [0.1], [0.1]),
            (YES,),
            "somebody was let in after more than the lease",
        ),
        (Outcome("block", [0.0], [None], [0.1]), (YES,), "somebody was never refused"),
        (Outcome("block", [0.0], [0.1], [None]), (YES,), "a live session was never closed"),
    ],
)
def test_what_is_never_allowed(outcome, tries, told, healthy):
    assert told in broken(outcome, tries, healthy)


@pytest.mark.parametrize(
    ("outcome", "tries", "told"),
    [
        (Outcome("block", [0.0], [1.5], [0.1]), (YES,), "refused later than promised"),
        (Outcome("block", [0.0], [0.1], [2.5]), (YES,), "closed later than promised"),
        (HELD, (YES, Try(0.0, 0.1, Answer.LATER)), "a good login failed"),
        (HELD, (YES, Try(0.0, 9.0, Answer.NONE)), "a good login failed"),
    ],
)
def test_what_is_allowed_only_while_something_is_broken(outcome, tries, told):
    assert broken(outcome, tries, healthy=True) == [told]
    assert broken(outcome, tries, healthy=False) == []
