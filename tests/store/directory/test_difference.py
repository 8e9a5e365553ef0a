"""What a sync would do, from what is known and what is wanted."""

from datetime import UTC, datetime

import pytest

from store.directory import SyncStopped, guard
from store.directory.difference import Comparison
from store.directory.entries import Nameless, Wanted
from store.directory.state import Change, Difference, state_of
from store.directory.synced_users import Known, Totals
from store.distinguished_name import normalise_dn
from store.model import MfaState, User


def user(id, name, directory_id=None, aliases=(), mfa=MfaState.DISABLED, dn=None, disabled=False):
    login = f"{name}@example.test"
    aliases = tuple(f"{alias}@example.test" for alias in aliases)
    created = datetime(2026, 1, 1, tzinfo=UTC)
    return User(id, login, aliases, mfa, None, False, None, dn, 1, created, directory_id, disabled)


def synced(id, name, **more):
    return user(id, name, f"id-{id}", dn=f"uid={name},dc=test", **more)


def wanted(name, directory_id, aliases=None, disabled=False, mfa=None, dn=None):
    dn = dn or f"uid={name},dc=test"
    aliases = aliases if aliases is None else tuple(f"{alias}@example.test" for alias in aliases)
    return Wanted(directory_id, dn, normalise_dn(dn), f"{name}@example.test", aliases, disabled, mfa)


def compared(users, wanted, full=True, adopt=False, with_role=()):
    keys = {normalise_dn(one.dn): one.id for one in users if one.dn is not None}
    comparison = Comparison(Known(users, keys, frozenset(with_role)), adopt=adopt)
    if full:
        comparison.disable_the_gone({one.directory_id for one in wanted})
    comparison.compare(wanted)
    return comparison


def told(comparison):
    return [
        (change.kind, change.after.login.partition("@")[0], change.differences())
        for change in comparison.changes
    ]


def test_a_user_that_is_as_wanted_needs_no_change():
    comparison = compared([synced(1, "fritz")], [wanted("fritz", "id-1")])
    assert (comparison.changes, comparison.problems) == ([], [])


def test_another_spelling_of_the_dn_or_order_of_aliases_is_no_change():
    known = synced(1, "fritz", aliases=["b", "a"])
    assert compared([known], [wanted("fritz", "id-1", ["a", "b"], dn="UID=Fritz, DC=test")]).changes == []


def test_a_new_entry_is_added():
    [change] = compared([], [wanted("fritz", "id-1", ["f"], disabled=True, mfa=MfaState.ENABLED)]).changes
    assert (change.kind, change.user, change.dn_key) == ("added", None, "uid=fritz,dc=test")
    assert change.after.names == ("fritz@example.test", "f@example.test")
    assert (change.after.mfa, change.after.disabled) == (MfaState.ENABLED, True)


def test_a_user_of_the_same_login_is_adopted_and_keeps_aliases_and_state():
    known = user(1, "fritz", aliases=["f"], mfa=MfaState.ENFORCED)
    [change] = compared([known], [wanted("fritz", "id-1")], adopt=True).changes
    assert change.user is known
    assert [one.key for one in change.differences()] == ["dn", "directory_id"]


def test_name_11_an_entry_takes_over_no_user_who_was_added_here_unless_that_is_meant():
    known = user(1, "fritz", mfa=MfaState.ENFORCED, dn="uid=fritz,dc=old")
    comparison = compared([known], [wanted("fritz", "id-1", mfa=MfaState.DISABLED, disabled=True)])
    assert comparison.changes == []
    [problem] = comparison.problems
    assert "belongs to fritz@example.test, who was added here; if that is the same person" in problem.sentence


ENABLED, ENFORCED, DISABLED = MfaState.ENABLED, MfaState.ENFORCED, MfaState.DISABLED


@pytest.mark.parametrize(
    ("given", "entry", "with_role", "why"),
    [
        ({}, {}, [1], "fritz@example.test, who has a role"),
        ({"dn": "uid=fritz,dc=old"}, {}, [], "fritz@example.test, who has another DN (uid=fritz,dc=old)"),
        ({"mfa": ENFORCED}, {"mfa": DISABLED}, [], "would go down from enforced to disabled"),
        ({"mfa": ENABLED}, {"mfa": DISABLED}, [], "would go down from enabled to disabled"),
    ],
    ids=["role", "another-dn", "enforced", "enabled"],
)
def test_name_11_who_has_more_than_the_directory_says_is_never_taken_over(given, entry, with_role, why):
    entries = [wanted("fritz", "id-1", disabled=True, **entry)]
    comparison = compared([user(1, "fritz", **given)], entries, adopt=True, with_role=with_role)
    assert comparison.changes == []
    assert [why in problem.sentence for problem in comparison.problems] == [True]


@pytest.mark.parametrize(
    ("given", "entry", "mfa"),
    [
        ({"mfa": ENFORCED}, {"mfa": ENABLED}, ENFORCED),
        ({"mfa": ENABLED}, {"mfa": ENFORCED}, ENFORCED),
        ({"mfa": ENFORCED}, {}, ENFORCED),
        ({"dn": "UID=Fritz, DC=test"}, {}, DISABLED),
    ],
)
def test_who_is_held_to_no_more_is_taken_over(given, entry, mfa):
    comparison = compared([user(1, "fritz", **given)], [wanted("fritz", "id-1", **entry)], adopt=True)
    [change] = comparison.changes
    assert (change.after.mfa, change.after.directory_id, comparison.problems) == (mfa, "id-1", [])


def test_a_user_who_has_the_login_only_as_an_alias_is_not_adopted():
    comparison = compared([user(1, "boss", aliases=["fritz"])], [wanted("fritz", "id-1")])
    assert comparison.changes == []
    assert "its login fritz@example.test belongs to boss@example.test" in comparison.problems[0].sentence


def test_another_entry_with_the_login_of_a_known_one_is_never_that_user():
    """An address that was given to somebody else must not come with the app passwords of whoever had it."""
    comparison = compared([synced(1, "fritz")], [wanted("fritz", "id-2")])
    assert [(kind, name) for kind, name, _ in told(comparison)] == [("gone", "fritz")]
    assert "belongs to fritz@example.test" in comparison.problems[0].sentence


def test_a_renamed_entry_is_the_same_user():
    comparison = compared([synced(1, "fritz")], [wanted("fritz.meier", "id-1")])
    assert told(comparison) == [
        (
            "changed",
            "fritz.meier",
            (
                Difference("login", "fritz@example.test", "fritz.meier@example.test"),
                Difference("dn", "uid=fritz,dc=test", "uid=fritz.meier,dc=test"),
            ),
        )
    ]


@pytest.mark.parametrize("order", [1, -1])
def test_a_name_that_a_renamed_entry_leaves_is_free_for_the_next_whatever_the_order(order):
    entries = [wanted("fritz", "id-2"), wanted("fritz.meier", "id-1")][::order]
    comparison = compared([synced(1, "fritz")], entries)
    assert [(kind, name) for kind, name, _ in told(comparison)] == [
        ("changed", "fritz.meier"),
        ("added", "fritz"),
    ]
    assert comparison.problems == []


def test_two_who_swap_their_names_are_told_and_left():
    users = [synced(1, "fritz"), synced(2, "dora")]
    comparison = compared(users, [wanted("dora", "id-1"), wanted("fritz", "id-2")])
    assert comparison.changes == []
    assert len(comparison.problems) == 2


def test_of_two_entries_with_one_login_neither_is_taken_but_the_known_one_stays():
    comparison = compared([], [wanted("fritz", "id-1"), wanted("fritz", "id-2", dn="uid=f2,dc=test")])
    assert comparison.changes == []
    assert len(comparison.problems) == 2
    entries = [wanted("fritz", "id-2", dn="uid=f2,dc=test"), wanted("fritz", "id-1", disabled=True)]
    comparison = compared([synced(1, "fritz")], entries)
    assert [(change.kind, change.after.directory_id) for change in comparison.changes] == [
        ("changed", "id-1")
    ]
    assert [problem.entry for problem in comparison.problems] == ["uid=f2,dc=test"]


def test_an_alias_of_somebody_else_is_left_out_and_told():
    comparison = compared([user(1, "boss")], [wanted("fritz", "id-1", ["boss", "f"])])
    assert comparison.changes[0].after.aliases == ("f@example.test",)
    assert "its alias boss@example.test belongs to boss@example.test" in comparison.problems[0].sentence


def test_a_dn_of_somebody_else_is_a_conflict():
    comparison = compared([user(1, "boss", dn="uid=fritz,dc=test")], [wanted("fritz", "id-1")])
    assert comparison.changes == []
    assert "its DN belongs to boss@example.test" in comparison.problems[0].sentence


def test_who_is_gone_is_disabled_once_and_lets_go_of_the_dn_but_not_of_the_login():
    known = synced(1, "fritz")
    comparison = compared([known], [wanted("new", "id-2", dn="uid=fritz,dc=test")])
    assert [(kind, name) for kind, name, _ in told(comparison)] == [("gone", "fritz"), ("added", "new")]
    gone = comparison.changes[0].after
    assert (gone.disabled, gone.dn, gone.directory_id) == (True, None, "id-1")
    assert compared([user(1, "fritz", "id-1", disabled=True)], []).changes == []


def test_who_comes_back_is_enabled_again():
    [change] = compared([user(1, "fritz", "id-1", disabled=True)], [wanted("fritz", "id-1")]).changes
    assert Difference("disabled", True, False) in change.differences()


def test_who_is_disabled_in_the_directory_is_so_here_whatever_is_wrong_with_the_names():
    """Otherwise a name that is taken, or an address that was removed, would keep an account open."""
    users = [synced(1, "fritz"), user(2, "taken")]
    comparison = compared(users, [wanted("taken", "id-1", disabled=True, dn="uid=fritz,dc=test")])
    assert len(comparison.problems) == 1
    doubles = [wanted("boss", "id-1", disabled=True), wanted("boss", "id-3", dn="uid=3,dc=test")]
    for one in (comparison, compared(users, doubles)):
        assert told(one) == [("changed", "fritz", (Difference("disabled", False, True),))]
    nameless = compared(users, [], full=False)
    nameless.compare_nameless([Nameless("id-1", "uid=fritz,dc=test", True, None)])
    assert told(nameless) == [("changed", "fritz", (Difference("disabled", False, True),))]


def test_who_was_added_by_hand_is_never_gone():
    assert compared([user(1, "boss")], []).changes == []


@pytest.mark.parametrize(
    ("now", "said", "after"),
    [
        (MfaState.ENFORCED, MfaState.ENABLED, MfaState.ENFORCED),
        (MfaState.ENFORCED, MfaState.DISABLED, MfaState.DISABLED),
        (MfaState.ENFORCED, None, MfaState.ENFORCED),
        (MfaState.DISABLED, MfaState.ENABLED, MfaState.ENABLED),
        (MfaState.ENABLED, MfaState.ENFORCED, MfaState.ENFORCED),
    ],
)
def test_enabled_never_lowers_who_has_registered(now, said, after):
    comparison = compared([synced(1, "fritz", mfa=now)], [wanted("fritz", "id-1", mfa=said)])
    assert [change.after.mfa for change in comparison.changes] == ([after] if after is not now else [])


def disabling(number):
    users = [synced(id, f"u{id}") for id in range(number)]
    return compared(users, []).changes


@pytest.mark.parametrize(
    ("gone", "of", "stops"), [(9, 9, False), (10, 20, False), (10, 19, True), (30, 31, True)]
)
def test_a_sync_that_would_disable_most_users_stops(gone, of, stops):
    changes, totals = disabling(gone), Totals(of, of, 0)
    if stops:
        with pytest.raises(SyncStopped, match=f"{gone} of {of} users would be disabled. Nothing was changed"):
            guard.check(totals, changes, of - gone + 1, full=True)
    else:
        guard.check(totals, changes, of - gone + 1, full=True)


def test_a_sync_that_sees_no_entry_at_all_stops_unless_nobody_is_known():
    with pytest.raises(SyncStopped, match=r"shows no entry, and 1 of its users are known here.*--force"):
        guard.check(Totals(1, 1, 0), disabling(1), 0, full=True)
    guard.check(Totals(1, 1, 0), [], 0, full=False)
    guard.check(Totals(0, 0, 0), [], 0, full=True)


def test_a_sync_that_would_end_two_step_verification_for_most_stops():
    users = [synced(id, f"u{id}", mfa=MfaState.ENFORCED) for id in range(10)]
    changes = [
        Change("changed", one, state_of(synced(one.id, f"u{one.id}")), normalise_dn(one.dn)) for one in users
    ]
    with pytest.raises(SyncStopped, match="10 of 12 users would lose two-step verification"):
        guard.check(Totals(50, 50, 12), changes, 50, full=False)
    guard.check(Totals(50, 50, 20), changes, 50, full=False)
