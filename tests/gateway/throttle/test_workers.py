"""Workers of one machine without Redis: each counts for itself, and all together allow no more for a user."""

from collections import Counter

import pytest

from tests.gateway.site import MAIN, REFUSAL
from tests.gateway.supervisor.crew import open_crew
from tests.gateway.throttle.guessing import GATEWAY, SETTINGS, THROTTLED, heard, told_at_once

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_bf_03_of_guesses_at_two_workers_the_backend_hears_a_hundred_at_most(tmp_path, authority):
    async with open_crew(tmp_path, authority, settings=SETTINGS) as crew:
        dora = crew.people.add("dora@example.test", "disabled")
        crew.backend.passwords = {dora: MAIN, **GATEWAY}
        attempts = [(dora, f"guess {number}!", f"10.3.{number % 200}.1") for number in range(300)]
        answers = Counter(await told_at_once(crew, attempts))
        assert set(answers) == {REFUSAL, THROTTLED}
        assert 50 <= len(heard(crew, dora)) <= 100
        assert answers[REFUSAL] == len(heard(crew, dora))
