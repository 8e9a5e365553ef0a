"""Users as the command line and the gateway see them."""

from datetime import UTC, datetime

import pytest

from store import app_passwords, audit, changes, users
from store.model import MfaState


def test_a_user_is_found_by_login_and_by_alias(database, fritz):
    assert users.find(database, "fritz@example.test") == fritz
    assert users.find(database, "fritzchen@example.test") == fritz
    assert users.find(database, "nobody@example.test") is None
    assert fritz.aliases == ("fritzchen@example.test",)


@pytest.mark.parametrize(
    ("login", "aliases"),
    [
        ("fritz@example.test", ()),
        ("fritzchen@example.test", ()),
        ("dora@example.test", ("fritz@example.test",)),
        ("dora@example.test", ("fritzchen@example.test",)),
        ("dora@example.test", ("dora@example.test",)),
    ],
)
def test_logins_and_aliases_share_one_name_space(database, fritz, login, aliases):
    assert users.add(database, login, aliases, actor="test") is None
    assert users.list_users(database) == [fritz]
    assert len(changes.since(database, 0)) == 1


def test_users_are_listed_by_login_with_all_that_was_given(database, fritz):
    dora = users.add(
        database,
        "dora@example.test",
        mfa=MfaState.ENABLED,
        backend_login="dora",
        dn="uid=dora,dc=example,dc=test",
        actor="test",
    )
    assert users.list_users(database) == [dora, fritz]
    assert (dora.mfa, dora.backend_login, dora.dn) == (
        MfaState.ENABLED,
        "dora",
        "uid=dora,dc=example,dc=test",
    )


def test_many_accounts_are_the_same_as_each_by_itself(database, fritz, pepper, argon2):
    """And who was deleted is in neither."""
    dora = users.add(database, "dora@example.test", ("dora@other.test",), actor="test")
    gone = users.add(database, "gone@example.test", actor="test")
    users.delete(database, "gone@example.test", actor="test")
    for name in ("phone", "laptop"):
        app_passwords.create(database, pepper, argon2, fritz.id, name, ["imap"], limit=40, actor="test")
    ids = [fritz.id, dora.id, gone.id]
    found = users.accounts_by_id(database, ids)
    assert found == {one: users.account_by_id(database, one) for one in ids[:2]}
    assert [one.name for one in found[fritz.id].app_passwords] == ["phone", "laptop"]
    assert users.account_by_id(database, gone.id) is None
    assert users.accounts_by_id(database, []) == {}


def test_a_user_is_found_by_the_dn_however_it_was_written(database, fritz):
    dora = users.add(database, "dora@example.test", dn="UID=Dora, DC=Example,dc=test", actor="test")
    assert dora.dn == "UID=Dora, DC=Example,dc=test"
    assert users.account_by_dn(database, "uid=dora,dc=example,dc=test").user == dora
    assert users.account_by_dn(database, "uid=fritz,dc=example,dc=test") is None


def test_a_dn_belongs_to_one_user_only(database, fritz):
    users.add(database, "dora@example.test", dn="uid=dora,dc=test", actor="test")
    assert users.add(database, "other@example.test", dn="UID=DORA,DC=test", actor="test") is None
    assert users.set_dn(database, fritz.login, "uid=Dora, dc=test", actor="test") == users.DnTaken(
        "dora@example.test"
    )
    assert users.find(database, fritz.login) == fritz
    assert len(users.list_users(database)) == 2


def test_a_dn_is_set_and_forgotten(database, fritz):
    assert users.set_dn(database, fritz.login, "uid=fritz,dc=test", actor="test") is True
    assert users.set_dn(database, fritz.login, "uid=Fritz,dc=test", actor="test") is True
    assert users.account_by_dn(database, "uid=fritz,dc=test").user.dn == "uid=Fritz,dc=test"
    assert users.set_dn(database, fritz.login, None, actor="test") is True
    assert users.account_by_dn(database, "uid=fritz,dc=test") is None
    assert users.find(database, fritz.login).version == fritz.version + 3
    assert users.set_dn(database, "nobody", "uid=nobody,dc=test", actor="test") is False


@pytest.mark.parametrize("dn", ["", "fritz", "uid=fritz,", "uid=fri\u200btz,dc=test"])
def test_what_is_no_dn_is_not_stored(database, fritz, dn):
    with pytest.raises(users.InvalidDn, match=r"is not a DN\. Write it as in uid=fritz,ou=people"):
        users.add(database, "dora@example.test", dn=dn, actor="test")
    with pytest.raises(users.InvalidDn):
        users.set_dn(database, fritz.login, dn, actor="test")
    assert users.list_users(database) == [fritz]


def test_the_mfa_state_and_the_grace_date_are_set_together(database, fritz):
    until = datetime(2030, 1, 31, tzinfo=UTC)
    assert users.set_mfa(database, fritz.login, MfaState.ENABLED, until, actor="test")
    assert users.find(database, fritz.login).grace_until == until
    assert users.set_mfa(database, "fritzchen@example.test", MfaState.ENFORCED, actor="test")
    found = users.find(database, fritz.login)
    assert (found.mfa, found.grace_until) == (MfaState.ENFORCED, None)


def test_a_user_is_blocked_and_unblocked(database, fritz):
    assert users.set_blocked(database, fritz.login, True, actor="test")
    assert users.find(database, fritz.login).blocked
    assert users.set_blocked(database, fritz.login, False, actor="test")
    assert not users.find(database, fritz.login).blocked


def test_changing_an_unknown_user_says_no_and_changes_nothing(database):
    assert not users.set_mfa(database, "nobody", MfaState.ENFORCED, actor="test")
    assert not users.set_blocked(database, "nobody", True, actor="test")
    assert not users.delete(database, "nobody", actor="test")
    assert changes.since(database, 0) == []
    assert audit.entries(database) == []


def test_a_deleted_user_is_gone_with_everything_and_the_names_are_free(database, pepper, argon2, fritz):
    app_passwords.create(database, pepper, argon2, fritz.id, "phone", ["imap"], limit=40, actor="test")
    assert users.delete(database, "fritzchen@example.test", actor="test")
    assert users.account(database, fritz.login) is None
    assert users.account_by_id(database, fritz.id) is None
    assert app_passwords.list_app_passwords(database, fritz.id) == []
    again = users.add(database, fritz.login, fritz.aliases, actor="test")
    assert again is not None
    assert again.id > fritz.id


def test_every_change_raises_the_version_and_tells_feed_and_audit(database, pepper, argon2, fritz):
    made, _ = app_passwords.create(
        database, pepper, argon2, fritz.id, "phone", ["imap"], limit=40, actor="fritz"
    )
    users.set_mfa(database, fritz.login, MfaState.ENFORCED, actor="admin")
    users.set_blocked(database, fritz.login, True, actor="admin")
    users.set_blocked(database, fritz.login, False, actor="admin")
    app_passwords.delete(database, fritz.id, made.id, actor="fritz")
    users.delete(database, fritz.login, actor="admin")
    what = [
        "user-added",
        "app-password-created",
        "mfa-set",
        "blocked",
        "unblocked",
        "app-password-deleted",
        "user-deleted",
    ]
    feed = changes.since(database, 0)
    assert [(change.version, change.what) for change in feed] == list(enumerate(what, start=1))
    assert {change.user_id for change in feed} == {fritz.id}
    trail = audit.entries(database, login=fritz.login)
    assert [entry.action for entry in reversed(trail)] == what
    assert trail[0].actor == "admin"
    assert audit.entries(database, login="dora@example.test") == []


def test_an_account_is_of_one_moment_of_the_feed(database, pepper, argon2, fritz):
    made, _ = app_passwords.create(
        database, pepper, argon2, fritz.id, "phone", ["imap"], limit=40, actor="test"
    )
    app_passwords.delete(database, fritz.id, made.id, actor="test")
    account = users.account(database, "fritzchen@example.test")
    assert account == users.account_by_id(database, fritz.id)
    assert [found.id for found in account.app_passwords] == [made.id]
    assert account.app_passwords[0].deleted_at is not None
    newest = changes.since(database, 0)[-1]
    assert (account.position, account.user.version) == (newest.position, newest.version)


def test_control_characters_in_an_audit_text_cannot_break_its_line(database):
    with database.write() as connection:
        audit.record(connection, "mallory\r\n", "kick", "fritz\x1b[2J", "\udcff")
    entry = audit.entries(database)[0]
    assert (entry.actor, entry.login, entry.detail) == ("mallory??", "fritz?[2J", "?")
