"""Why a login was refused, in words for the user whom it concerns, and what helps."""

from collections.abc import Mapping

from portal.languages import marked
from store.refused_logins import Device

# By the reasons that gateways note (store.refused_logins).
REASONS: Mapping[str, str] = {
    "deleted": "It still uses an app password that was deleted. Create a new one and enter it there, or "
    "remove the account from this device.",
    "expired": "Its app password has expired. Create a new one and enter it there.",
    "app-password-required": "It uses the password of your account, or a mistyped one. It needs an app "
    "password: create one and enter it in the place of the password.",
    "backend-refused": "It uses a wrong password. Enter the right one, or an app password.",
    "protocol-out-of-scope": "Its app password isn't for this. Create one that is.",
    "network-out-of-scope": "Its app password isn't for this network. Create one without that limit.",
    "app-passwords-off": "Your organisation doesn't accept app passwords. Ask your help desk.",
    "protocol-off": "Your organisation has switched this off. Ask your help desk.",
    "blocked": "Your account is blocked. Ask your help desk.",
    "disabled": "Your account is switched off. Ask your help desk.",
    "too-many-sessions": "Too many programs are signed in at once. Close some of them.",
    "too-many-failures": "There were too many wrong passwords from this device or its network, so for a "
    "while none is tried any more. An app password gets in at once: create one and enter it there.",
    "observed": "It still works with the password of your account, but soon won't. Create an app password "
    "and enter it there.",
}
_OTHER = marked("It was refused. Create a new app password and enter it there.")

# What the user can end here. What the network's other users have failed with lapses by itself.
LOCKED_OUT = "too-many-failures"

# What a new app password mends: nobody can guess one, so it's let in where other passwords are locked out.
MENDED_BY_NEW = frozenset(REASONS) - {
    "app-passwords-off",
    "protocol-off",
    "blocked",
    "disabled",
    "too-many-sessions",
}


def sentence(device: Device) -> str:
    """Why this device is refused, and what to do."""
    return REASONS.get(device.reason, _OTHER)
