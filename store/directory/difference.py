"""What has to change so that the store's users are as the directory wants them. It does no I/O."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from store.directory.adoption import obstacle
from store.directory.entries import Nameless, Problem, Wanted
from store.directory.state import Change, State, merged, state_of
from store.directory.synced_users import Known
from store.model import MfaState, User
from store.printable import printable

Owner = int | str  # a user's id, or the directory_id of one who is to be added


class Comparison:
    """Compares, one entry after the other, and keeps in mind whose each name and DN would be by then."""

    def __init__(self, known: Known, *, adopt: bool = False) -> None:
        """`adopt`: an entry may take over a user of its login who was added here."""
        users = known.users
        self._adopt = adopt
        self._with_role = known.with_role
        self.changes: list[Change] = []
        self.problems: list[Problem] = []
        self.skipped: set[str] = set()  # identities of entries that nothing came of
        self._by_id = {user.id: user for user in users}
        self._by_directory_id = {user.directory_id: user for user in users if user.directory_id is not None}
        self._names: dict[str, Owner] = {
            name: user.id for user in users for name in (user.login, *user.aliases)
        }
        self._dns: dict[str, Owner] = dict(known.dn_keys)
        self._key_of = {owner: key for key, owner in known.dn_keys.items()}

    def disable_the_gone(self, seen: Collection[str]) -> None:
        """Disable the users of whom a look at all entries saw nothing. Their DNs are nobody's any more."""
        for user in self._by_directory_id.values():
            if user.directory_id not in seen:
                after = replace(state_of(user), disabled=True, dn=None)
                self._note(Change("gone", user, after, None))

    def compare(self, wanted: Iterable[Wanted]) -> None:
        """Take each entry's user as it is wanted. Who wants what another has waits until that has moved."""
        left = self._without_doubles(list(wanted))
        before = len(left) + 1
        while len(left) < before:
            before = len(left)
            left = [one for one in left if not self._take(one)]
        for one in left:
            self._skip(one, self._obstacle(one) or "")

    def compare_nameless(self, nameless: Iterable[Nameless]) -> None:
        """Take over what holds of users whose entries have no usable names, which was told already."""
        for one in nameless:
            self._keep_names(one)

    def compare_mfa(self, seen: Collection[str], said: Callable[[User], MfaState | None]) -> None:
        """Set the MFA state of users whose own entries didn't change, though the group did."""
        for user in self._by_directory_id.values():
            if user.directory_id not in seen and user.dn is not None:
                after = replace(state_of(user), mfa=merged(user.mfa, said(user)))
                self._note(Change("changed", user, after, self._key_of.get(user.id)))

    def _without_doubles(self, wanted: list[Wanted]) -> list[Wanted]:
        """Of several entries with one login, only the one whose user has it already is that login's."""
        number = Counter(one.login for one in wanted)
        alone = []
        for one in wanted:
            user = self._by_directory_id.get(one.directory_id)
            if number[one.login] == 1 or (user is not None and user.login == one.login):
                alone.append(one)
            else:
                sentence = f"{number[one.login]} entries have the login {one.login}; leave it to one of them"
                self._skip(one, sentence)
        return alone

    def _skip(self, one: Wanted, sentence: str) -> None:
        self.skipped.add(one.directory_id)
        self.problems.append(Problem(printable(one.dn, 255), sentence))
        self._keep_names(one)

    def _keep_names(self, one: Wanted | Nameless) -> None:
        """Leave names and DN as they are. Who is disabled in the directory is disabled here nevertheless."""
        user = self._by_directory_id.get(one.directory_id)
        if user is not None:
            after = replace(state_of(user), disabled=one.disabled, mfa=merged(user.mfa, one.mfa))
            self._note(Change("changed", user, after, self._key_of.get(user.id)))

    def _take(self, one: Wanted) -> bool:
        """Note the change; False where something is in its way."""
        if self._obstacle(one) is not None:
            return False
        user = self._user_of(one)
        owner = self._owner_of(one)
        after = State(
            login=one.login,
            aliases=self._aliases(one, user, owner),
            mfa=merged(user.mfa if user else MfaState.DISABLED, one.mfa),
            disabled=one.disabled,
            # Another spelling of the same DN is no change.
            dn=user.dn if user and self._key_of.get(user.id) == one.dn_key else one.dn,
            directory_id=one.directory_id,
        )
        self._note(Change("changed" if user else "added", user, after, one.dn_key))
        self._names |= dict.fromkeys(after.names, owner)
        self._dns[one.dn_key] = owner
        return True

    def _note(self, change: Change) -> None:
        """Keep a change in mind, if it is one, and what it sets free for others.

        Somebody who is gone keeps the names: whoever comes next under one of them is another person.
        """
        if change.user is None:
            self.changes.append(change)
        elif change.differences():
            self.changes.append(change)
            for name in state_of(change.user).names:
                if name not in change.after.names:
                    self._names.pop(name, None)
            key = self._key_of.get(change.user.id)
            if key is not None and key != change.dn_key:
                self._dns.pop(key, None)

    def _obstacle(self, one: Wanted) -> str | None:
        """Whose the login or the DN is, when it's somebody else's."""
        mine = self._owner_of(one)
        for what, owner in (
            (f"login {one.login}", self._names.get(one.login, mine)),
            ("DN", self._dns.get(one.dn_key, mine)),
        ):
            if owner != mine:
                return f"its {what} belongs to {self._called(owner)}{self._advice(one, owner)}"
        return None

    def _advice(self, one: Wanted, owner: Owner) -> str:
        local = self._local(one)
        if local is None or local.id != owner:
            return "; if that is the same person no more, delete that user or change it"
        if not self._adopt:
            return (
                ", who was added here; if that is the same person, take the user over with `wicketgate "
                "directory sync --adopt`, else delete or rename one of them"
            )
        return f", {self._kept_apart(local, one)}"

    def _aliases(self, one: Wanted, user: User | None, mine: Owner) -> tuple[str, ...]:
        now = tuple(alias for alias in user.aliases if alias != one.login) if user else ()
        if one.aliases is None:
            return now
        free = []
        for alias in one.aliases:
            if (owner := self._names.get(alias, mine)) == mine:
                free.append(alias)
            else:
                sentence = f"its alias {alias} belongs to {self._called(owner)}, and is left out"
                self.problems.append(Problem(printable(one.dn, 255), sentence))
        return now if set(now) == set(free) else tuple(free)

    def _user_of(self, one: Wanted) -> User | None:
        """The entry's user; else the one of the same login who was added here, if that may be taken over."""
        user = self._by_directory_id.get(one.directory_id)
        if user is not None:
            return user
        local = self._local(one) if self._adopt else None
        return local if local is not None and self._kept_apart(local, one) is None else None

    def _local(self, one: Wanted) -> User | None:
        """The user of this login who never came from the directory."""
        owner = self._names.get(one.login)
        user = self._by_id.get(owner) if isinstance(owner, int) else None
        return user if user is not None and user.directory_id is None and user.login == one.login else None

    def _kept_apart(self, user: User, one: Wanted) -> str | None:
        return obstacle(user, self._key_of.get(user.id), user.id in self._with_role, one)

    def _owner_of(self, one: Wanted) -> Owner:
        user = self._user_of(one)
        return user.id if user is not None else one.directory_id

    def _called(self, owner: Owner) -> str:
        user = self._by_id.get(owner) if isinstance(owner, int) else None
        return user.login if user is not None else "another new entry"
