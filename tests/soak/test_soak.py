"""The short form of `make soak`."""

import os
import random

import pytest

from tests.soak.disturber import Pace
from tests.soak.run import Plan, run


def test_every_acknowledged_message_is_there_once_though_gateway_and_postfix_are_killed():
    if os.geteuid() != 0:
        pytest.skip("Postfix has to be started by root")
    seed = random.randrange(10**6)
    outcome = run(Plan(300, seed, Pace(letters=20, least=0.0, most=0.5)))
    assert outcome.judgement.faults == (), f"seed {seed}:\n{outcome}"
