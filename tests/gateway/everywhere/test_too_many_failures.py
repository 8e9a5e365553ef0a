"""Too many failed logins: a temporary code in each protocol's own words, and never a wrong password."""

import pytest

from tests.gateway.site import GOOD, MAIN, PORTAL
from tests.gateway.throttle.guessing import THROTTLE

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = f"""
[policy]
portal_url = "{PORTAL}"
[limits]
refusal_seconds = 0.05
failed_logins = 3
{THROTTLE}
"""
_SENTENCE = f"Too many failed logins. Try again later, or use an app password: {PORTAL}"
TEMPORARY = {
    "imap": f"a NO [LIMIT] {_SENTENCE}\r\n",
    "smtp": f"454 4.7.0 {_SENTENCE}\r\n",
    "pop3": f"-ERR [SYS/TEMP] {_SENTENCE}\r\n",
    "sieve": f'NO (TRYLATER) "{_SENTENCE}"\r\n',
}


async def test_bf_01_is_a_temporary_code_and_an_app_password_gets_in(site):
    dora = site.people.add(f"dora-{site.dialect.protocol}@example.test", "disabled")
    given = site.people.give(dora)
    site.backend.passwords = {}
    wrong = [await site.told(dora, f"guess {number}", source="127.0.0.7") for number in range(10)]
    assert wrong == [site.dialect.refused] * 10
    before = len(site.backend.connections)
    for name, password in ((dora, "guess"), (dora, MAIN)):
        answer = await site.told(name, password, source="127.0.0.7")
        assert answer.decode() == TEMPORARY[site.dialect.protocol]
    assert len(site.backend.connections) == before
    site.backend.passwords = None
    for user, secret in ((dora, given.secret), (GOOD, site.good.secret)):
        assert (await site.told(user, secret, source="127.0.0.7")).startswith(site.dialect.accepted)
