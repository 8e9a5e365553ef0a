"""What an entry of the directory says of a user: names, identity, whether it's disabled, the MFA state."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from config import Directory, LoginNames
from store.directory.answers import Entry
from store.distinguished_name import normalise_dn
from store.model import MfaState
from store.names import normalise_login
from store.printable import printable

# What entries are known by for ever: RFC 4530, Active Directory, and 389 Directory Server.
_ENTRY_UUID, _OBJECT_GUID, _NS_UNIQUE_ID = "entryUUID", "objectGUID", "nsUniqueId"
IDENTITIES = (_ENTRY_UUID, _OBJECT_GUID, _NS_UNIQUE_ID)
# What disables a user: Active Directory, draft-behera-ldap-password-policy, and 389 Directory Server.
LOCKS = ("userAccountControl", "pwdAccountLockedTime", "nsAccountLock")
UID = "uid"  # by which a posixGroup knows its members
_ACCOUNT_DISABLED = 0x0002  # MS-ADTS, section 2.2.16
# draft-behera-ldap-password-policy-10, section 5.3.3: locked by an administrator. Another time is that of too
# many wrong passwords, which ends by itself.
_LOCKED_FOR_GOOD = "000001010000"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a user should be, by the directory. What is None, the directory says nothing of."""

    directory_id: str
    dn: str
    dn_key: str
    login: str
    aliases: tuple[str, ...] | None
    disabled: bool
    mfa: MfaState | None


@dataclass(frozen=True, slots=True)
class Nameless:
    """What can be said of an entry whose names can't be used: it may still be that of a known user."""

    directory_id: str
    dn: str
    disabled: bool
    mfa: MfaState | None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an entry, or a name of it, was skipped; `entry` is its DN."""

    entry: str
    sentence: str


def directory_id(entry: Entry) -> str | None:
    """The entry's identity, which a new name doesn't change."""
    if guids := entry.attributes.get(_OBJECT_GUID.lower()):
        return str(uuid.UUID(bytes_le=guids[0])) if len(guids[0]) == 16 else None
    ids = entry.texts(_ENTRY_UUID) or entry.texts(_NS_UNIQUE_ID)
    return ids[0].lower() if len(ids) == 1 and ids[0].isascii() and len(ids[0]) <= 64 else None


class Reader:
    """Turns entries into what is wanted. Names are normalised as those that clients send."""

    def __init__(
        self,
        directory: Directory,
        login_names: LoginNames,
        mfa: Callable[[Entry], MfaState | None],
        disabled: Callable[[str], bool],
    ) -> None:
        """`disabled` tells of a normalised DN whether disabled_filter matches."""
        self._directory = directory
        self._login_names = login_names
        self._mfa = mfa
        self._disabled = disabled

    def attributes(self) -> list[str]:
        """What has to be asked for."""
        directory = self._directory
        own = (directory.login_attribute, *directory.alias_attributes, directory.mfa_attribute)
        uid = (UID,) if directory.mfa_group else ()
        return [*dict.fromkeys(name for name in (*own, *uid) if name), *IDENTITIES, *LOCKS]

    def read(self, entry: Entry) -> tuple[Wanted | Nameless | None, list[Problem]]:
        """What is wanted, None where it can't be known of whom; and what was skipped."""
        identity, key = directory_id(entry), normalise_dn(entry.dn)
        if identity is None:
            sentence = "its entryUUID (or objectGUID) can't be read; let the service account read it"
            return None, [_problem(entry, sentence)]
        mfa, problems = self._mfa_state(entry)
        disabled = is_locked(entry) or (key is not None and self._disabled(key))
        login, why = self._login(entry)
        if key is None:
            why = "its DN has characters that no DN here may have"
        if key is None or login is None:
            return Nameless(identity, entry.dn, disabled, mfa), [*problems, _problem(entry, why)]
        aliases, left_out = self._aliases(entry, login)
        wanted = Wanted(identity, entry.dn, key, login, aliases, disabled, mfa)
        return wanted, [*problems, *left_out]

    def _mfa_state(self, entry: Entry) -> tuple[MfaState | None, list[Problem]]:
        try:
            return self._mfa(entry), []
        except ValueError as error:
            return None, [_problem(entry, str(error))]

    def _login(self, entry: Entry) -> tuple[str | None, str]:
        attribute = self._directory.login_attribute
        values = entry.texts(attribute)
        if len(values) != 1:
            return None, f"it has {len(values) or 'no'} {attribute}, and exactly one is needed"
        login = self._normalised(values[0])
        return login, "" if login else f'its {attribute} "{printable(values[0], 255)}" is no login name'

    def _aliases(self, entry: Entry, login: str) -> tuple[tuple[str, ...] | None, list[Problem]]:
        attributes = self._directory.alias_attributes
        if not attributes:
            return None, []
        found = dict.fromkeys(value for name in attributes for value in entry.texts(name))
        names = {value: self._normalised(value) for value in found}
        problems = [
            _problem(entry, f'"{printable(value, 255)}" is no login name, and is left out')
            for value, name in names.items()
            if name is None
        ]
        # The directory's order of values means nothing, and may differ from one answer to the next.
        aliases = {name for name in names.values() if name is not None and name != login}
        return tuple(sorted(aliases)), problems

    def _normalised(self, value: str) -> str | None:
        names = self._login_names
        return normalise_login(value.encode(), names.default_domain, names.domains, names.recipient_delimiter)


def is_locked(entry: Entry) -> bool:
    """Whether one of the well-known attributes disables the account."""
    controls = [int(value) for value in entry.texts("userAccountControl") if value.lstrip("-").isdecimal()]
    return (
        any(control & _ACCOUNT_DISABLED for control in controls)
        or any(value.startswith(_LOCKED_FOR_GOOD) for value in entry.texts("pwdAccountLockedTime"))
        or any(value.upper() == "TRUE" for value in entry.texts("nsAccountLock"))
    )


def mfa_by_attribute(attribute: str) -> Callable[[Entry], MfaState | None]:
    """The MFA state that an attribute holds; None where an entry has none. ValueError for another word."""

    def read(entry: Entry) -> MfaState | None:
        values = entry.texts(attribute)
        if not values:
            return None
        try:
            [value] = values
            return MfaState(value.strip().lower())
        except ValueError:
            told = printable(", ".join(values), 100)
            raise ValueError(f'its {attribute} "{told}" is not one of disabled, enabled, enforced') from None

    return read


def _problem(entry: Entry, sentence: str) -> Problem:
    return Problem(printable(entry.dn, 255), sentence)
