"""Every kind of final refusal that a stranger could try to tell apart, as credentials to send."""

from collections.abc import Callable

from tests.gateway.client import quoted
from tests.gateway.people import People
from tests.gateway.site import MAIN

Command = Callable[[], bytes]
UNKNOWN_SHAPE = "abcdefghijklmnop"


def login(user: str | bytes, password: str | bytes) -> bytes:
    return b"LOGIN " + quoted(user) + b" " + quoted(password)


def kinds_of_refusal(people: People) -> dict[str, bytes]:
    """Adds the users. The backend has to refuse those who are disabled or enabled."""
    enforced = people.add("enforced@kinds.test", "enforced")
    disabled = people.add("disabled@kinds.test", "disabled")
    blocked = people.add("blocked@kinds.test", "enforced", blocked=True)
    right = people.give(blocked).secret
    deleted = people.give(enforced, deleted=True).secret
    expired = people.give(enforced, expired=True).secret
    scope = people.give(enforced, scopes=("pop3",)).secret
    network = people.give(enforced, networks=("192.0.2.0/24",)).secret
    return {
        "app password required": login(enforced, MAIN),
        "wrong app password": login(enforced, UNKNOWN_SHAPE),
        "unknown user": login("nobody@kinds.test", MAIN),
        "unknown user, shape of an app password": login("nobody@kinds.test", UNKNOWN_SHAPE),
        "unknown domain": login("nobody@elsewhere.test", MAIN),
        "blocked": login(blocked, MAIN),
        "blocked, right app password": login(blocked, right),
        "deleted": login(enforced, deleted),
        "expired": login(enforced, expired),
        "wrong protocol": login(enforced, scope),
        "wrong network": login(enforced, network),
        "passed through, slow backend": login(disabled, MAIN),
        "empty password": login(enforced, ""),
        "no such name": login("a@b@c", MAIN),
        "control characters": b"LOGIN {8+}\r\na\r\nb\r\nc\x01 " + quoted(MAIN),
        "control characters in the password": b"LOGIN " + quoted(enforced) + b" {4+}\r\na\r\nb",
        "too long": login("x" * 300, "y" * 2000),
    }
