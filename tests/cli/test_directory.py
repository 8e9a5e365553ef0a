"""`wicketgate directory sync`: what it prints, and how it ends."""

from collections.abc import Iterator

import pytest

from tests.cli.conftest import Shell
from tests.servers.directory import PEOPLE, SERVICE_DN, SERVICE_PASSWORD, Person, person_dn
from tests.servers.slapd import Slapd

FRITZ = Person("fritz", "word")
SUMMARY = "2 entries in all: 2 added, 0 changed, 0 disabled, 0 skipped, 0 as they were."


@pytest.fixture
def slapd() -> Iterator[Slapd]:
    with Slapd([FRITZ, Person("dora", "word")]) as slapd:
        yield slapd


@pytest.fixture
def synced(shell: Shell, slapd: Slapd) -> Shell:
    """A store, and a directory with fritz and dora that nobody was brought over from yet."""
    secret = shell.folder / "service-password"
    secret.touch(0o600)
    secret.write_text(SERVICE_PASSWORD)
    shell.configure(
        f'[directory]\nsearch_base = "{PEOPLE}"\nalias_attributes = ["uid"]\n[[backend]]\nprotocol = "ldap"\n'
        f'address = "localhost:{slapd.tls_port}"\ntls = "implicit"\nlogin = "service"\n'
        f'ca_file = "{slapd.ca_file}"\n'
        f'service_dn = "{SERVICE_DN}"\nservice_password_file = "service-password"\n'
    )
    return shell


def test_each_change_is_a_line_and_a_dry_run_changes_nothing(synced, slapd):
    added = [
        f"+ fritz@example.test (mfa disabled, aliases fritz): {person_dn('fritz')}",
        f"+ dora@example.test (mfa disabled, aliases dora): {person_dn('dora')}",
    ]
    said = synced("directory", "sync", "--dry-run").out.splitlines()
    assert said == [*added, f"{SUMMARY} Nothing was changed (--dry-run)."]
    assert synced("user", "list", "--json").json == []
    assert synced("directory", "sync").out.splitlines() == [*added, SUMMARY]
    slapd.modify(person_dn("dora"), {"mail": ["dora.meier@example.test"], "sn": ["Meier"]})
    slapd.modify(FRITZ.dn, {"pwdAccountLockedTime": ["000001010000Z"]})
    slapd.add(
        person_dn("other"),
        {"objectClass": ["inetOrgPerson"], "cn": ["o"], "sn": ["o"], "mail": ["fritz@example.test"]},
    )
    said = synced("directory", "sync", "--full").out.splitlines()
    assert sorted(said[:-1], key=lambda line: line[0]) == [
        f"! {person_dn('other')}: 2 entries have the login fritz@example.test; leave it to one of them",
        "- fritz@example.test: disabled no → yes",
        "~ dora@example.test: login dora@example.test → dora.meier@example.test",
    ]
    assert said[-1] == "3 entries in all: 0 added, 1 changed, 1 disabled, 1 skipped, 0 as they were."
    slapd.delete(person_dn("dora"))
    assert synced("directory", "sync", "--full").out.splitlines()[0] == (
        "- dora.meier@example.test: disabled, since its entry is gone"
    )


def test_programs_get_json(synced):
    said = synced("directory", "sync", "--json").json
    assert (said["full"], said["dry_run"], said["entries"], said["skipped"]) == (True, False, 2, [])
    assert said["changes"][0] == {
        "what": "added",
        "login": "fritz@example.test",
        "differences": {},
        "user": {
            "login": "fritz@example.test",
            "aliases": ["fritz"],
            "mfa": "disabled",
            "disabled": False,
            "dn": FRITZ.dn,
        },
    }
    said = synced("directory", "sync", "--json").json
    assert (said["full"], said["changes"], said["unchanged"]) == (False, [], 2)


def test_a_user_who_was_added_here_is_taken_over_only_when_asked(synced):
    synced("user", "add", "fritz@example.test", "--mfa", "enforced")
    [added, told, _] = synced("directory", "sync").out.splitlines()
    assert added.startswith("+ dora@example.test")
    fritz = "fritz@example.test"
    assert told.startswith(f"! {FRITZ.dn}: its login {fritz} belongs to {fritz}, who was added here; ")
    assert "directory sync --adopt" in told
    [told, summary] = synced("directory", "sync", "--adopt").out.splitlines()
    assert told.startswith("~ fritz@example.test: ")
    assert summary == "2 entries in all: 0 added, 1 changed, 0 disabled, 0 skipped, 1 as they were."
    assert synced("user", "show", "fritz@example.test", "--json").json["mfa"] == "enforced"


def test_a_disabled_user_is_shown_as_such(synced, slapd):
    slapd.modify(FRITZ.dn, {"pwdAccountLockedTime": ["000001010000Z"]})
    synced("directory", "sync")
    told = synced("user", "show", "fritz@example.test", "--json").json
    assert (told["disabled"], told["blocked"]) == (True, False)


def test_a_directory_that_is_down_is_told_and_ends_with_1(synced, slapd):
    slapd.stop()
    assert synced.refused("directory", "sync").startswith("The directory can't be asked. localhost:")


def test_a_sync_that_looks_like_a_mistake_is_stopped_until_it_is_forced(synced, slapd):
    synced("directory", "sync")
    for name in ("fritz", "dora"):
        slapd.delete(person_dn(name))
    assert synced.refused("directory", "sync", "--full").startswith(
        "The directory shows no entry, and 2 of its users are known here. Nothing was changed."
    )
    assert synced("directory", "sync", "--full", "--force").out.splitlines()[-1] == (
        "0 entries in all: 0 added, 0 changed, 2 disabled, 0 skipped, 0 as they were."
    )


def test_without_a_search_base_there_is_nothing_to_bring_over(shell):
    assert shell.refused("directory", "sync").startswith("directory.search_base is not set")


def test_a_missing_password_file_is_a_configuration_error(synced):
    (synced.folder / "service-password").unlink()
    said = synced("directory", "sync", code=78)
    assert "backend[0].service_password_file: there is no file" in said.err
