"""Which names that the store doesn't know may pass, where policy.unknown_users lets unknown users pass.

What passes is judged by the backend alone, and a backend may know a user by more spellings than we do. So
only plain names in the listed domains pass, none by which a master user logs in, and none that looks like a
name of a known user (store/lookalikes.py).
"""

import re
from collections.abc import Iterable

from config import Backend, Policy
from gateway.judgement import Why
from store.skeleton import skeleton

# As presented, so that the backend reads what we have read; and the local part as normalised.
_PLAIN_PRESENTED = re.compile(rb"[A-Za-z0-9._+-]+(?:@[A-Za-z0-9.-]+)?|[A-Za-z0-9._-]+[\\/][A-Za-z0-9._+-]+")
_PLAIN_LOCAL = re.compile(r"[a-z0-9._+-]+")


class UnknownNames:
    """Judges a name by itself. It knows neither users nor the store."""

    __slots__ = ("_domains", "_masters", "_separators")

    def __init__(self, policy: Policy, backends: Iterable[Backend]) -> None:
        self._domains = frozenset(policy.unknown_domains)
        masters = [one for one in backends if one.master_user is not None]
        self._masters = frozenset(skeleton(one.master_user or "")[0] for one in masters)
        separating = {one.separator for one in masters if one.login == "master-separator"}
        # A "*" is in no login name anyhow. A server looks at the first character alone.
        self._separators = tuple(one[0] for one in separating if one[0] != "*")

    def is_master_login(self, presented: bytes) -> bool:
        """Whether a backend would take a part of the name for a master user's, and ask for that password."""
        return any(separator in presented.decode("utf-8", "replace") for separator in self._separators)

    def objection(self, presented: bytes, name: str) -> Why | None:
        """Why a normalised name doesn't pass, if it doesn't. `presented` is b"" where that was a DN."""
        local, _, domain = name.partition("@")
        plain = not presented or _PLAIN_PRESENTED.fullmatch(presented) is not None
        if not plain or not _PLAIN_LOCAL.fullmatch(local):
            return Why.ODD_NAME
        if domain not in self._domains:
            return Why.NOT_IN_UNKNOWN_DOMAINS
        return Why.LOOKALIKE if skeleton(name)[0] in self._masters else None
