"""Whether an entry of the directory may take over a user who was added here, under the same login.

That both are one person only the administrator knows. And even then the directory, which others may write,
gets no power by it over a user who looks after others, has another entry, or is held to more than it says.
"""

from store.directory.entries import Wanted
from store.directory.state import merged
from store.model import MfaState, User
from store.printable import printable

_STRICTNESS = (MfaState.DISABLED, MfaState.ENABLED, MfaState.ENFORCED)


def obstacle(user: User, dn_key: str | None, has_role: bool, entry: Wanted) -> str | None:
    """What keeps the user from being taken over; `dn_key` is the user's normalised DN."""
    if has_role:
        return "who has a role; revoke it for the sync with `wicketgate role revoke`"
    if dn_key is not None and dn_key != entry.dn_key:
        dn = printable(user.dn or "", 255)
        return f"who has another DN ({dn}); if that is the same person, change it by `wicketgate user set-dn`"
    mfa = merged(user.mfa, entry.mfa)
    if _STRICTNESS.index(mfa) < _STRICTNESS.index(user.mfa):
        return (
            f"whose MFA state would go down from {user.mfa} to {mfa}; let the directory say {user.mfa}, "
            "or change it by `wicketgate user set-mfa`"
        )
    return None
