"""Users brought over from a real directory: added, changed, disabled, and never more than that."""

from datetime import UTC, datetime

import pytest

from store import app_passwords, audit, changes, users
from store.directory import DirectoryUnavailable, SyncStopped, synchronise
from store.directory.synced_users import apply
from store.model import MfaState
from store.portal import roles
from store.portal.roles import Role
from tests.servers.directory import BASE, GROUPS, PEOPLE, ROOT_DN, ROOT_PASSWORD, Person, group_dn, person_dn
from tests.servers.ldap_tools import tool
from tests.servers.ldif import entry
from tests.servers.slapd import Slapd
from tests.store.directory.conftest import settings_for
from tests.store.directory.fakes import nobody_calls

ENABLED, ENFORCED, DISABLED = MfaState.ENABLED, MfaState.ENFORCED, MfaState.DISABLED
MFA = group_dn("mfa")


class Site:
    """A directory with fritz and dora, whose group is fritz alone, and a store."""

    def __init__(self, slapd, database, secret):
        self.slapd, self.database, self.secret = slapd, database, secret

    def sync(self, full=False, force=False, dry_run=False, by_hand=False, **directory):
        settings = settings_for(self.slapd, self.secret, **directory)
        return synchronise(self.database, settings, full=full, force=force, dry_run=dry_run, adopt=by_hand)

    def user(self, name):
        return users.find(self.database, f"{name}@example.test")

    def set(self, name, **attributes):
        self.slapd.modify(person_dn(name), attributes)

    def rename(self, name, new):
        done = tool(
            self.slapd.directory("implicit"),
            "ldapmodrdn",
            "-r",
            person_dn(name),
            f"uid={new}",
            who=(ROOT_DN, ROOT_PASSWORD),
        )
        assert done.returncode == 0, done.stderr

    def position(self):
        """How many changes the feed has had."""
        return len(changes.since(self.database, 0))


@pytest.fixture
def site(database, secret):
    people = [Person("fritz", "word"), Person("dora", "word")]
    with Slapd(people, {"mfa": ["fritz"]}) as slapd:
        yield Site(slapd, database, secret)


def kinds(report):
    return [(change.kind, change.after.login.partition("@")[0]) for change in report.changes]


def test_the_first_sync_adds_everybody_and_the_second_writes_nothing(site):
    report = site.sync()
    assert (report.full, kinds(report), report.problems) == (
        True,
        [("added", "fritz"), ("added", "dora")],
        (),
    )
    fritz = site.user("fritz")
    assert (fritz.dn, fritz.mfa, fritz.disabled, fritz.blocked) == (
        person_dn("fritz"),
        DISABLED,
        False,
        False,
    )
    assert users.account_by_dn(site.database, person_dn("fritz")).user == fritz
    before = site.position()
    report = site.sync()
    assert (report.full, report.changes, report.unchanged) == (False, (), 2)
    assert site.position() == before
    assert site.sync(full=True).changes == ()
    assert site.position() == before


def test_every_change_is_in_the_feed_and_the_audit_trail_with_its_version(site):
    site.sync()
    site.set("fritz", mail=["f.meier@example.test"])
    site.sync()
    fritz = site.user("f.meier")
    done = changes.since(site.database, 0)
    assert [(one.what, one.version) for one in done if one.user_id == fritz.id] == [
        ("user-added", 1),
        ("names-changed", 2),
    ]
    [entry] = audit.entries(site.database, fritz.login)
    assert (entry.actor, entry.action, entry.detail) == (
        "directory sync",
        "names-changed",
        "login f.meier@example.test",
    )


def test_a_sync_sees_what_changed_since_the_last_one(site):
    site.sync()
    site.slapd.add(
        person_dn("enno"),
        {"objectClass": ["inetOrgPerson"], "cn": ["e"], "sn": ["e"], "mail": ["enno@example.test"]},
    )
    site.slapd.delete(person_dn("dora"))
    assert kinds(site.sync()) == [("added", "enno")]
    assert not site.user("dora").disabled
    report = site.sync(full=True)
    assert kinds(report) == [("gone", "dora")]
    assert site.user("dora").disabled


def test_a_full_sync_is_due_after_its_time_and_after_another_configuration(site):
    site.sync()
    assert not site.sync().full
    assert site.sync(full_sync_seconds=0.0).full
    assert site.sync(alias_attributes=["uid"]).full
    assert not site.sync(alias_attributes=["uid"]).full
    assert not site.sync(alias_attributes=["uid"], page_size=7, sync_seconds=60.0).full


def test_app_passwords_outlive_a_new_name_a_disabling_and_an_entry_that_is_gone(site, pepper, argon2):
    site.sync()
    fritz = site.user("fritz")
    made, _ = app_passwords.create(
        site.database, pepper, argon2, fritz.id, "phone", ["imap"], limit=40, actor="test"
    )
    site.rename("fritz", "f.meier")
    site.set("f.meier", mail=["f.meier@example.test"], pwdAccountLockedTime=["000001010000Z"])
    assert kinds(site.sync()) == [("changed", "f.meier")]
    site.slapd.delete(person_dn("f.meier"))
    assert kinds(site.sync(full=True)) == [("gone", "f.meier")]
    found = site.user("f.meier")
    assert (found.id, found.disabled, found.dn, found.mfa) == (fritz.id, True, None, fritz.mfa)
    assert users.find(site.database, "fritz@example.test") is None
    [kept] = app_passwords.list_app_passwords(site.database, fritz.id)
    assert (kept.id, kept.deleted_at) == (made.id, None)


def test_an_account_that_is_locked_in_the_directory_is_disabled_until_it_is_unlocked(site):
    site.sync()
    site.set("fritz", pwdAccountLockedTime=["000001010000Z"])
    site.sync()
    assert (site.user("fritz").disabled, site.user("dora").disabled) == (True, False)
    assert not site.user("fritz").blocked
    site.set("fritz", pwdAccountLockedTime=[])
    assert not site.sync().full
    assert not site.user("fritz").disabled


def test_an_account_that_is_locked_is_disabled_though_its_address_was_taken_away(site):
    site.sync()
    site.set("fritz", pwdAccountLockedTime=["000001010000Z"], mail=[])
    report = site.sync()
    assert site.user("fritz").disabled
    assert [problem.sentence for problem in report.problems] == ["it has no mail, and exactly one is needed"]


def test_who_matches_the_disabled_filter_is_disabled(site):
    site.set("fritz", telephoneNumber=["0"])
    site.sync(disabled_filter="(telephoneNumber=0)")
    assert (site.user("fritz").disabled, site.user("dora").disabled) == (True, False)


def test_a_block_by_an_administrator_is_not_the_directorys_to_take_back(site):
    site.sync()
    users.set_blocked(site.database, "fritz@example.test", True, actor="admin")
    site.set("fritz", sn=["Meier"])
    assert site.sync(full=True).changes == ()
    assert site.user("fritz").blocked


def test_aliases_are_the_directorys_where_it_has_them(site):
    site.set("fritz", telephoneNumber=["f", "boss"])
    users.add(site.database, "boss", actor="test")
    [problem] = site.sync(alias_attributes=["telephoneNumber"]).problems
    assert problem.sentence == "its alias boss belongs to boss, and is left out"
    assert site.user("fritz").aliases == ("f",)
    site.set("fritz", telephoneNumber=["fm"])
    site.sync(alias_attributes=["telephoneNumber"])
    assert site.user("fritz").aliases == ("fm",)
    assert users.find(site.database, "f") is None


def test_a_user_of_the_same_login_is_adopted_with_all_that_was_set_by_hand(site, pepper, argon2):
    until = datetime(2099, 1, 1, tzinfo=UTC)
    by_hand = users.add(
        site.database, "fritz@example.test", ["f@example.test"], backend_login="fm", actor="test"
    )
    users.set_mfa(site.database, by_hand.login, ENABLED, until, actor="test")
    app_passwords.create(site.database, pepper, argon2, by_hand.id, "x", ["imap"], limit=40, actor="test")
    users.add(site.database, "manual@example.test", actor="test")
    assert kinds(site.sync()) == [("added", "dora")]
    assert site.user("fritz").directory_id is None
    assert kinds(site.sync(by_hand=True, dry_run=True)) == [("changed", "fritz")]
    assert kinds(site.sync(by_hand=True)) == [("changed", "fritz")]
    adopted = site.user("fritz")
    assert (adopted.id, adopted.aliases, adopted.backend_login) == (by_hand.id, by_hand.aliases, "fm")
    assert (adopted.mfa, adopted.grace_until) == (ENABLED, until)
    assert adopted.directory_id is not None
    assert len(app_passwords.list_app_passwords(site.database, by_hand.id)) == 1
    assert not site.user("manual").disabled


def test_name_11_a_sync_neither_moves_nor_lowers_a_user_who_was_added_here(site):
    """Who may write one entry of the directory would otherwise take the second step of anybody away."""
    site.set("fritz", telephoneNumber=["disabled"])
    by_hand = users.add(site.database, "fritz@example.test", mfa=ENFORCED, dn="cn=root,dc=x", actor="test")
    dora = users.add(site.database, "dora@example.test", actor="test")
    roles.grant(site.database, dora.id, Role.HELP_DESK, actor="test")
    before = site.position()
    for adopt in ({}, {"by_hand": True}, {"adopt": True}):
        report = site.sync(full=True, mfa_attribute="telephoneNumber", **adopt)
        assert (report.changes, len(report.problems)) == ((), 2)
    assert site.position() == before
    assert site.user("fritz") == by_hand
    assert site.user("dora").directory_id is None
    assert {problem.entry: problem.sentence.partition(", ")[2][:15] for problem in report.problems} == {
        person_dn("fritz"): "who has another",
        person_dn("dora"): "who has a role;",
    }


def test_the_setting_lets_every_sync_take_users_over(site):
    by_hand = users.add(site.database, "fritz@example.test", mfa=ENFORCED, actor="test")
    assert kinds(site.sync(adopt=True)) == [("changed", "fritz"), ("added", "dora")]
    assert (site.user("fritz").id, site.user("fritz").mfa) == (by_hand.id, ENFORCED)


def test_the_mfa_state_comes_from_an_attribute(site):
    site.set("fritz", telephoneNumber=["enforced"])
    site.set("dora", telephoneNumber=["on"])
    report = site.sync(mfa_attribute="telephoneNumber")
    assert (site.user("fritz").mfa, site.user("dora").mfa) == (ENFORCED, DISABLED)
    assert [problem.entry for problem in report.problems] == [person_dn("dora")]


def test_the_mfa_state_comes_from_a_group_also_when_only_the_group_changed(site):
    site.sync(mfa_group=MFA)
    assert (site.user("fritz").mfa, site.user("dora").mfa) == (ENABLED, DISABLED)
    users.set_mfa(site.database, "fritz@example.test", ENFORCED, actor="registration")
    site.sync(mfa_group=MFA, full=True)
    assert site.user("fritz").mfa is ENFORCED
    site.slapd.modify(MFA, {"member": [person_dn("dora")]})
    site.sync(mfa_group=MFA)
    assert (site.user("fritz").mfa, site.user("dora").mfa) == (DISABLED, ENABLED)
    site.sync(mfa_group=MFA, mfa_group_state="enforced")
    assert site.user("dora").mfa is ENFORCED


def test_members_of_a_posix_group_are_known_by_their_uids(site):
    attributes = {"objectClass": ["posixGroup"], "gidNumber": ["1"], "memberUid": ["dora"]}
    site.slapd.add(group_dn("posix"), attributes)
    site.sync(mfa_group=group_dn("posix"))
    assert (site.user("fritz").mfa, site.user("dora").mfa) == (DISABLED, ENABLED)


NESTED = {
    "at a depth of one": {"mfa": ["inner"], "inner": ["dora"]},
    "at a depth of three": {"mfa": ["a"], "a": ["b"], "b": ["c"], "c": ["dora"]},
    "in a circle": {"mfa": ["a"], "a": ["b"], "b": ["a", "mfa", "dora"]},
    "in itself": {"mfa": ["mfa", "inner"], "inner": ["inner", "dora"]},
    "on two ways": {"mfa": ["a", "b"], "a": ["c"], "b": ["c"], "c": ["dora"]},
}


def nest(site, groups):
    """Groups with these members, be they groups themselves or people."""
    for name, members in groups.items():
        dns = [group_dn(one) if one in groups else person_dn(one) for one in members]
        if name != "mfa":
            site.slapd.add(group_dn(name), {"objectClass": ["groupOfNames"], "member": dns})
    top = [group_dn(one) if one in groups else person_dn(one) for one in groups["mfa"]]
    site.slapd.modify(MFA, {"member": top})


@pytest.mark.parametrize("how", NESTED)
def test_members_of_a_group_in_the_group_are_members(site, how):
    nest(site, NESTED[how])
    site.sync(mfa_group=MFA)
    assert (site.user("fritz").mfa, site.user("dora").mfa) == (DISABLED, ENABLED)


def test_it_is_seen_at_once_that_somebody_left_a_group_in_the_group(site):
    nest(site, {"mfa": ["inner"], "inner": ["fritz", "dora"]})
    site.sync(mfa_group=MFA)
    site.slapd.modify(group_dn("inner"), {"member": [person_dn("dora")]})
    report = site.sync(mfa_group=MFA)
    assert not report.full
    assert (site.user("fritz").mfa, site.user("dora").mfa) == (DISABLED, ENABLED)


def test_a_group_in_the_group_may_list_uids_or_lie_elsewhere(site):
    posix = {"objectClass": ["posixGroup"], "gidNumber": ["1"], "memberUid": ["dora"]}
    site.slapd.add(f"ou=more,{GROUPS}", {"objectClass": ["organizationalUnit"]})
    site.slapd.add(f"cn=posix,ou=more,{GROUPS}", posix)
    gone = "cn=gone,ou=nowhere,dc=other,dc=test"
    site.slapd.modify(MFA, {"member": [gone, f"cn=POSIX,  OU=more,{GROUPS}"]})
    site.sync(mfa_group=MFA)
    assert (site.user("fritz").mfa, site.user("dora").mfa) == (DISABLED, ENABLED)


def test_more_groups_than_can_be_followed_stop_the_sync(site):
    many = {f"g{number}": [f"g{number + 1}"] for number in range(1000)} | {"g1000": ["fritz"]}
    entries = [
        entry(group_dn(name), {"objectClass": ["groupOfNames"], "member": [_dn(one) for one in members]})
        for name, members in many.items()
    ]
    who = (ROOT_DN, ROOT_PASSWORD)
    tool(site.slapd.directory("implicit"), "ldapmodify", "-a", who=who, text="".join(entries))
    site.slapd.modify(MFA, {"member": [group_dn("g0")]})
    with pytest.raises(SyncStopped, match="more than 1000 groups"):
        site.sync(mfa_group=MFA)
    assert site.user("fritz") is None
    site.slapd.modify(MFA, {"member": [group_dn("g1")]})
    with pytest.raises(SyncStopped):
        site.sync(mfa_group=MFA)
    site.slapd.modify(MFA, {"member": [group_dn("g3")]})
    site.sync(mfa_group=MFA)
    assert site.user("fritz").mfa is ENABLED


def _dn(name):
    return person_dn(name) if name == "fritz" else group_dn(name)


def test_a_group_that_is_not_there_never_ends_two_step_verification(site):
    site.sync(mfa_group=MFA)
    site.slapd.delete(MFA)
    with pytest.raises(SyncStopped, match="There is no group cn=mfa"):
        site.sync(mfa_group=MFA, full=True, force=True)
    assert site.user("fritz").mfa is ENABLED


def test_a_dry_run_tells_and_changes_nothing(site):
    before = site.position()
    report = site.sync(dry_run=True)
    assert (kinds(report), report.dry_run) == ([("added", "fritz"), ("added", "dora")], True)
    assert site.position() == before
    assert users.list_users(site.database) == []
    assert kinds(site.sync()) == kinds(report)


def test_many_entries_come_in_pages(database, secret):
    with Slapd([Person(f"u{number}", "word") for number in range(25)]) as slapd:
        report = synchronise(database, settings_for(slapd, secret, page_size=10))
        assert (len(report.changes), report.entries) == (25, 25)
        assert slapd.log().count(" nentries=10 ") == 2
        slapd.logged(" nentries=5 ")


def test_a_sync_that_sees_nobody_any_more_changes_nothing_unless_it_is_meant(site):
    site.sync()
    before = site.position()
    with pytest.raises(SyncStopped, match="shows no entry, and 2 of its users are known here"):
        site.sync(sync_filter="(objectClass=account)")
    assert site.position() == before
    report = site.sync(sync_filter="(objectClass=account)", force=True)
    assert sorted(kinds(report)) == [("gone", "dora"), ("gone", "fritz")]


def test_a_directory_that_is_down_or_shows_only_a_part_changes_nothing(site):
    site.sync()
    before = site.position()
    with pytest.raises(DirectoryUnavailable, match="noSuchObject"):
        site.sync(search_base=f"ou=nowhere,{BASE}", full=True)
    site.slapd.stop()
    with pytest.raises(DirectoryUnavailable):
        site.sync(full=True)
    assert site.position() == before


def test_a_user_who_was_changed_meanwhile_is_left_for_the_next_sync(site):
    planned = site.sync(dry_run=True).changes
    site.sync()
    site.set("fritz", mail=["f@example.test"])
    [stale] = site.sync(dry_run=True).changes
    users.set_blocked(site.database, "fritz@example.test", True, actor="admin")
    before = site.position()
    assert apply(site.database, [stale, *planned]) == [stale, *planned]
    assert site.position() == before
    assert site.user("f") is None
    assert kinds(site.sync()) == [("changed", "f")]


def test_ldap_13_entries_of_other_servers_are_not_fetched(site):
    with nobody_calls() as port:
        site.slapd.add(
            f"ou=branch,{PEOPLE}",
            {
                "objectClass": ["referral", "extensibleObject"],
                "ref": [f"ldap://127.0.0.1:{port}/ou=branch,{PEOPLE}"],
            },
        )
        assert len(site.sync().changes) == 2
        with pytest.raises(DirectoryUnavailable, match="refers to another server, which is not followed"):
            site.sync(search_base=f"ou=branch,{PEOPLE}")
