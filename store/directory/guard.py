"""Stops a sync that looks like a mistake: a wrong base, filter or access rule, or an emptied directory."""

from collections.abc import Sequence

from store.directory.state import Change
from store.directory.synced_users import Totals
from store.directory.unavailable import SyncStopped
from store.model import MfaState

_FEW = 10  # of so many users fewer are nothing unusual

_ON = "Look at it with --dry-run --force; if it is meant, go on with --force."


def check(totals: Totals, changes: Sequence[Change], entries: int, *, full: bool) -> None:
    """Raises SyncStopped where most of the known users would be disabled, or lose two-step verification."""
    if full and totals.known and not entries:
        raise SyncStopped(
            f"The directory shows no entry, and {totals.known} of its users are known here. "
            "Nothing was changed. Check directory.search_base, directory.sync_filter and what the service "
            f"account may read. {_ON}"
        )
    changed = [(change.user, change.after) for change in changes if change.user is not None]
    _stop_if_most(
        sum(after.disabled and not user.disabled for user, after in changed),
        totals.enabled,
        "be disabled",
    )
    _stop_if_most(
        sum(after.mfa is MfaState.DISABLED is not user.mfa for user, after in changed),
        totals.with_mfa,
        "lose two-step verification",
    )


def _stop_if_most(number: int, of: int, what: str) -> None:
    if number >= _FEW and number * 2 > of:
        raise SyncStopped(f"{number} of {of} users would {what}. Nothing was changed. {_ON}")
