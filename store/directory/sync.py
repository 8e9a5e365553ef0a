"""The directory sync: users, aliases, disabled accounts and MFA states, brought over from the directory.

App passwords are never touched, and nobody is deleted: who is gone from the directory becomes disabled.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING

from config import Directory, Settings
from store.database import Database
from store.directory import guard, synced_users
from store.directory.answers import Entry
from store.directory.counter import Counter, read_counter
from store.directory.difference import Comparison
from store.directory.entries import UID, Nameless, Problem, Reader, Wanted, directory_id, mfa_by_attribute
from store.directory.filters import both
from store.directory.group import Group, read_group
from store.directory.lookup import ldap_backend
from store.directory.progress import Progress, progress, remember, scope_of
from store.directory.report import Report
from store.directory.synced_users import Known
from store.distinguished_name import normalise_dn
from store.model import MfaState

if TYPE_CHECKING:
    from store.directory.connection import DirectoryConnection

_MANY = 1000  # entries, for which the store is asked for all users rather than for each


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the directory said. `seen` are the identities of all entries, those that were skipped included."""

    full: bool
    wanted: list[Wanted]
    nameless: list[Nameless]
    problems: list[Problem]
    seen: frozenset[str]
    entries: int
    group: Group | None
    made: Progress


def synchronise(
    database: Database,
    settings: Settings,
    *,
    full: bool = False,
    force: bool = False,
    dry_run: bool = False,
    adopt: bool = False,
) -> Report:
    """Bring the store's users to what the directory says. It blocks.

    It looks at what changed since the last time; at all entries when `full` asks for it, or
    full_sync_seconds after the last full one. With `adopt`, or directory.adopt, entries take over users of
    their logins who were added here. Raises DirectoryUnavailable, StoreUnavailable, and SyncStopped where
    most users would be disabled and `force` doesn't say that this is meant.
    """
    before = progress(database)
    reading = _read(settings, before, full=full or adopt)
    adopt = adopt or settings.directory.adopt
    everybody = reading.full or reading.group is not None or len(reading.wanted) > _MANY
    known = (
        synced_users.known(database)
        if everybody
        else synced_users.concerned(database, reading.seen, reading.wanted)
    )
    if adopt:
        known = replace(known, with_role=synced_users.with_role(database))
    comparison = _compared(reading, known, settings.directory, adopt=adopt)
    if not force:
        guard.check(synced_users.totals(database), comparison.changes, reading.entries, full=reading.full)
    problems = reading.problems + comparison.problems
    left = [] if dry_run else synced_users.apply(database, comparison.changes)
    if not dry_run:
        problems += [Problem(one.after.login, "the store was changed meanwhile; sync again") for one in left]
        # What was left would not be seen again by the new cursor.
        if not left and reading.made != before:
            remember(database, reading.made)
    concerned = {change.after.directory_id for change in comparison.changes} | comparison.skipped
    return Report(
        reading.full,
        dry_run,
        reading.entries,
        changes=tuple(change for change in comparison.changes if change not in left),
        problems=tuple(problems),
        unchanged=sum(one.directory_id not in concerned for one in reading.wanted),
    )


def _read(settings: Settings, before: Progress | None, *, full: bool) -> _Reading:
    from store.directory.opening import connect

    connection = connect(ldap_backend(settings), settings.limits.backend_seconds)
    try:
        return _read_from(connection, settings, before, full=full)
    finally:
        connection.close()


def _read_from(
    connection: "DirectoryConnection", settings: Settings, before: Progress | None, *, full: bool
) -> _Reading:
    began, now = monotonic(), datetime.now(UTC)
    scope, counter = scope_of(settings), read_counter(connection)
    cursor = "" if full else _cursor(before, counter, scope, now, settings.directory.full_sync_seconds)
    directory = settings.directory
    filter = both(directory.sync_filter, counter.since(cursor) if cursor else "")
    group = read_group(connection, directory.mfa_group) if directory.mfa_group else None
    disabled = _disabled(connection, directory, filter)
    reader = Reader(directory, settings.login, _mfa(directory, group), disabled.__contains__)
    attributes = [*reader.attributes(), counter.attribute]
    found = list(connection.pages(directory.search_base, filter, attributes, directory.page_size))
    read = [reader.read(entry) for entry in found]
    return _Reading(
        full=not cursor,
        wanted=[one for one, _ in read if isinstance(one, Wanted)],
        nameless=[one for one, _ in read if isinstance(one, Nameless)],
        problems=[problem for _, problems in read for problem in problems],
        seen=frozenset(identity for entry in found if (identity := directory_id(entry)) is not None),
        entries=len(found),
        group=group,
        made=Progress(
            scope,
            counter.name,
            counter.next_cursor(found, cursor, monotonic() - began),
            before.full_at if cursor and before is not None else now,
        ),
    )


def _cursor(before: Progress | None, counter: Counter, scope: str, now: datetime, full_seconds: float) -> str:
    """From where to go on; empty when all entries are to be looked at."""
    if before is None or (before.scope, before.counter) != (scope, counter.name):
        return ""
    fresh = 0 <= (now - before.full_at).total_seconds() < full_seconds
    return before.cursor if fresh and not counter.was_set_back(before.cursor) else ""


def _disabled(connection: "DirectoryConnection", directory: Directory, filter: str) -> frozenset[str]:
    """The normalised DNs of those who match disabled_filter."""
    if not directory.disabled_filter:
        return frozenset()
    matching = both(filter, directory.disabled_filter)
    found = connection.pages(directory.search_base, matching, (), directory.page_size)
    return frozenset(key for entry in found if (key := normalise_dn(entry.dn)) is not None)


def _mfa(directory: Directory, group: Group | None) -> Callable[[Entry], MfaState | None]:
    if directory.mfa_attribute:
        return mfa_by_attribute(directory.mfa_attribute)
    if group is None:
        return lambda entry: None
    return lambda entry: _by_group(directory, group.has(entry.dn, entry.texts(UID)))


def _by_group(directory: Directory, member: bool | None) -> MfaState | None:
    if member is None:
        return None
    return MfaState(directory.mfa_group_state) if member else MfaState.DISABLED


def _compared(reading: _Reading, known: Known, directory: Directory, *, adopt: bool) -> Comparison:
    comparison = Comparison(known, adopt=adopt)
    if reading.full:
        comparison.disable_the_gone(reading.seen)
    comparison.compare(reading.wanted)
    comparison.compare_nameless(reading.nameless)
    group = reading.group
    if group is not None and not reading.full:
        comparison.compare_mfa(reading.seen, lambda user: _by_group(directory, group.has(user.dn or "")))
    return comparison
