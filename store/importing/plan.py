"""What has to change so that the store's users are as a file wants them. It does no I/O."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from store.importing.entry import Entry, Problem
from store.model import MfaState, User

Value = str | bool | None | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One user to add (`user` is None) or to change. `differences` has old and new by the column's name."""

    entry: Entry
    user: User | None
    differences: dict[str, tuple[Value, Value]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done, and what stands against it. Nobody is ever deleted."""

    steps: tuple[Step, ...]
    unchanged: int
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Planner:
    """Goes through the entries, and keeps in mind whose each name would be by then."""

    owners: dict[str, str]  # a name or alias, and the login of who has it
    users: dict[str, User]
    seen: dict[str, int] = field(default_factory=dict)

    def obstacle(self, entry: Entry) -> str | None:
        """Why an entry can't be taken."""
        before = self.seen.setdefault(entry.login, entry.line)
        if before != entry.line:
            return f"{entry.login} is in line {before} already."
        for name in (entry.login, *(entry.aliases or ())):
            owner = self.owners.get(name, entry.login)
            if owner != entry.login:
                return f"{name} belongs to {owner} already."
        return None

    def step(self, entry: Entry) -> Step | None:
        """What is to be done, None where all is as wanted."""
        user = self.users.get(entry.login)
        self.owners.update(dict.fromkeys((entry.login, *(entry.aliases or ())), entry.login))
        if user is None:
            return Step(entry, None, {})
        differences = _differences(user, entry)
        return Step(entry, user, differences) if differences else None


def plan(entries: Iterable[Entry], known: Sequence[User]) -> Plan:
    """Compare with all users of the store."""
    owners = {name: user.login for user in known for name in (user.login, *user.aliases)}
    planner = _Planner(owners, {user.login: user for user in known})
    steps: list[Step] = []
    problems: list[Problem] = []
    unchanged = 0
    for entry in entries:
        if (obstacle := planner.obstacle(entry)) is not None:
            problems.append(Problem(entry.line, obstacle))
        elif (step := planner.step(entry)) is not None:
            steps.append(step)
        else:
            unchanged += 1
    return Plan(tuple(steps), unchanged, tuple(problems))


def _differences(user: User, entry: Entry) -> dict[str, tuple[Value, Value]]:
    wanted: dict[str, tuple[Value, Value]] = {
        "aliases": (user.aliases, entry.aliases),
        "mfa": (user.mfa.value, entry.mfa.value if entry.mfa else None),
        "backend_login": (user.backend_login, entry.backend_login),
        "dn": (user.dn, entry.dn),
        "blocked": (user.blocked, entry.blocked),
    }
    if entry.mfa is MfaState.ENABLED:
        old, new = user.grace_until, entry.grace_until
        wanted["grace_until"] = (old.isoformat() if old else None, new.isoformat() if new else None)
    return {
        name: (old, new) for name, (old, new) in wanted.items() if new is not None and not _same(old, new)
    }


def _same(old: Value, new: Value) -> bool:
    if isinstance(old, tuple) and isinstance(new, tuple):
        return set(old) == set(new)
    return old == new
