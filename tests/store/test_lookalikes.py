"""Whom a name may mean that no user has, on both kinds of store."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import users
from store.directory.state import Change, State
from store.directory.synced_users import apply
from store.importing.carry_out import carry_out
from store.importing.entry import Entry
from store.importing.plan import plan
from store.lookalikes import Claim, owners
from store.model import MfaState
from store.names import normalise_login
from store.skeleton import skeleton


def finds(database, name, *dns):
    return {one.login for one in users.list_users(database, owners(database, [Claim(name, dns)]))}


@pytest.mark.parametrize(
    ("known", "claimed"),
    [
        ("fritz.meier@example.test", "fritzmeier@example.test"),
        ("fritz.meier@example.test", "f.ritz-mei_er@example.test"),
        ("fritz.meier@example.test", "fritz.meier+tag@example.test"),
        ("fritz+x@example.test", "fritz@example.test"),
        ("fritz", "fritz@example.test"),
        ("fritz@example.test", "fritz"),
        ("frítz@example.test", "fritz@example.test"),
        ("straße@example.test", "strasse@example.test"),
        ("łukasz.sørensen@example.test", "lukasz.sorensen@example.test"),
        ("o'brien@example.test", "obrien@example.test"),
        ("+@example.test", "+@example.test"),
    ],
)
def test_another_spelling_leads_to_the_user(database, known, claimed):
    login = normalise_login(known.encode(), "", {})
    users.add(database, login, actor="test")
    assert finds(database, claimed) == {login}


@pytest.mark.parametrize(
    "claimed", ["fritz@other.test", "fritzi@example.test", "frits@example.test", "x+fritz@example.test", "%"]
)
def test_another_name_does_not(database, fritz, claimed):
    assert finds(database, claimed) == set()


def test_names_are_found_however_they_were_given(database):
    users.add(database, "first@example.test", ["al.ias@example.test"], actor="test")
    entry = Entry(1, "im.ported@example.test", ("second@example.test",))
    carry_out(database, plan([entry], []).steps, "test")
    state = State("syn.ced@example.test", (), MfaState.DISABLED, False, "uid=s,dc=test", "id-1")
    assert apply(database, [Change("added", None, state, "uid=s,dc=test")]) == []
    found = {
        "alias@example.test": "first@example.test",
        "imported@example.test": "im.ported@example.test",
        "synced@example.test": "syn.ced@example.test",
    }
    assert {claimed: {login} for claimed, login in found.items()} == {
        claimed: finds(database, claimed) for claimed in found
    }


def test_who_is_renamed_or_deleted_is_found_by_the_old_names_no_more(database):
    users.add(database, "fritz@example.test", actor="test")
    [fritz] = users.list_users(database)
    state = State("meier@example.test", (), MfaState.DISABLED, False, None, None)
    apply(database, [Change("changed", fritz, state, None)])
    assert (finds(database, "fri.tz@example.test"), finds(database, "mei.er@example.test")) == (
        set(),
        {"meier@example.test"},
    )
    users.delete(database, "meier@example.test", actor="test")
    assert finds(database, "mei.er@example.test") == set()


def test_a_dn_leads_to_its_user(database):
    users.add(database, "fritz@example.test", dn="UID=Fritz, DC=Test", actor="test")
    assert finds(database, "other@example.test", "uid=fritz,dc=test") == {"fritz@example.test"}
    assert finds(database, "other@example.test", "uid=other,dc=test") == set()


def test_many_are_looked_for_at_once(database):
    for number in range(3):
        users.add(database, f"u{number}@example.test", actor="test")
    claims = [Claim(f"u.{number}@example.test", (f"uid={number},dc=test",)) for number in range(250)]
    assert len(owners(database, claims)) == 3
    assert owners(database, []) == set()


@given(st.text(min_size=1, max_size=40))
def test_every_name_has_a_skeleton_that_is_its_own(text):
    name = normalise_login(text.encode("utf-8", "replace"), "example.test", {})
    if name is not None:
        local, domain = skeleton(name)
        assert local
        assert skeleton(f"{local}@{domain}") == (local, domain)
