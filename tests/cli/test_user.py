"""`wicketgate user`: adding, showing, changing and deleting users."""

import io
from datetime import UTC, datetime

import pytest

from store import audit
from store.database import Database

FRITZ = "fritz@example.test"
NOBODY = "there is no user nobody@example.test. `wicketgate user list` shows all."
MANY = ("--alias", "F@Example.test", "--mfa", "enforced", "--dn", "uid=fritz", "--backend-login", "fritz")


def test_a_new_user_is_disabled_unless_told_otherwise(shell):
    assert shell("user", "add", FRITZ).out == f"Added {FRITZ} (disabled).\n"
    assert (
        shell("user", "add", "enno@example.test", "--mfa", "enabled").out
        == "Added enno@example.test (enabled).\n"
    )


def test_list_shows_a_table_and_json(shell):
    shell.add(FRITZ, *MANY)
    shell.add("dora@example.test")
    rows = [line.split("  ") for line in shell("user", "list").out.splitlines()]
    assert [[cell.strip() for cell in row if cell] for row in rows] == [
        ["LOGIN", "ALIASES", "MFA", "GRACE UNTIL", "BLOCKED", "DISABLED", "BACKEND LOGIN", "DN"],
        ["dora@example.test", "-", "disabled", "-", "no", "no", "-", "-"],
        ["fritz@example.test", "f@example.test", "enforced", "-", "no", "no", "fritz", "uid=fritz"],
    ]
    assert shell("user", "list", "--json").json[1] == {
        "login": FRITZ,
        "aliases": ["f@example.test"],
        "mfa": "enforced",
        "grace_until": None,
        "blocked": False,
        "disabled": False,
        "backend_login": "fritz",
        "dn": "uid=fritz",
    }


def test_list_of_no_users(shell):
    assert shell("user", "list").out == "There are no users yet. Add one: wicketgate user add LOGIN\n"
    assert shell("user", "list", "--json").json == []


def test_show_tells_all_by_any_of_the_names(shell):
    shell.add(FRITZ, *MANY)
    shell("app-password", "delete", FRITZ, shell.give(FRITZ))
    shell.give(FRITZ)
    lines = shell("user", "show", "F@EXAMPLE.TEST").out.splitlines()
    created = lines.pop(9)
    assert created.startswith("created at: 20")
    assert lines == [
        f"login: {FRITZ}",
        "aliases: f@example.test",
        "mfa: enforced",
        "grace until: -",
        "blocked: no",
        "disabled: no",
        "backend login: fritz",
        "dn: uid=fritz",
        "version: 4",
        "app passwords: 1",
        "deleted app passwords: 1",
    ]
    told = shell("user", "show", FRITZ, "--json").json
    assert (told["version"], told["app_passwords"], told["deleted_app_passwords"]) == (4, 1, 1)


def test_an_alias_that_is_the_login_or_comes_twice_counts_once(shell):
    shell.add(FRITZ, "--alias", FRITZ.upper(), "--alias", "f@example.test", "--alias", "F@example.test")
    assert shell("user", "show", FRITZ, "--json").json["aliases"] == ["f@example.test"]


@pytest.mark.parametrize("name", [FRITZ, "FRITZ@Example.Test", "f@example.test"])
@pytest.mark.parametrize("as_alias", [False, True], ids=["login", "alias"])
def test_a_name_belongs_to_one_user_only(shell, name, as_alias):
    shell.add(FRITZ, "--alias", "f@example.test")
    words = ("other@example.test", "--alias", name) if as_alias else (name,)
    assert shell.refused("user", "add", *words) == (
        f"{name.lower()} belongs to {FRITZ}. Choose another name, or delete that user."
    )
    assert len(shell("user", "list", "--json").json) == 1


@pytest.mark.parametrize("name", ["", "a b@example.test", "x*y@example.test", "a@b@c", "a\nb@example.test"])
def test_what_can_be_no_login_name_is_refused_everywhere(shell, name):
    sentence = (
        f'"{name.replace(chr(10), "?")}" can\'t be a login name. '
        "Write it as in user@example.org, without spaces, asterisks and control characters."
    )
    for words in (("add", name), ("add", FRITZ, "--alias", name), ("show", name), ("block", name)):
        assert shell.refused("user", *words) == sentence


def test_mfa_states_are_set(shell):
    shell.add(FRITZ)
    for state in ("enabled", "enforced", "disabled"):
        assert shell("user", "set-mfa", FRITZ, state).out == f"{FRITZ} is now {state}.\n"
        assert shell("user", "show", FRITZ, "--json").json["mfa"] == state


@pytest.mark.parametrize(
    ("until", "shown", "told"),
    [
        ("2099-01-31", "2099-01-31T00:00:00+00:00", "2099-01-31 00:00"),
        ("2099-01-31T18:30", "2099-01-31T18:30:00+00:00", "2099-01-31 18:30"),
        ("2099-01-31T18:30:00+02:00", "2099-01-31T16:30:00+00:00", "2099-01-31 16:30"),
    ],
)
def test_a_grace_date_goes_with_enabled_and_ends_with_the_next_change(shell, until, shown, told):
    shell.add(FRITZ)
    said = shell("user", "set-mfa", FRITZ, "enabled", "--grace-until", until)
    assert said.out == f"{FRITZ} is now enabled. The main password works until {told} UTC.\n"
    assert shell("user", "show", FRITZ, "--json").json["grace_until"] == shown
    shell("user", "set-mfa", FRITZ, "enforced")
    assert shell("user", "show", FRITZ, "--json").json["grace_until"] is None


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("enforced", "--grace-until", "2099-01-31"), "--grace-until goes with the state enabled only."),
        (
            ("enabled", "--grace-until", "tomorrow"),
            "Invalid value for '--grace-until': \"tomorrow\" is not a date; "
            "write it as in 2027-01-31 or 2027-01-31T18:00 (UTC).",
        ),
        (
            ("enabled", "--grace-until", "2020-01-31"),
            "Invalid value for '--grace-until': \"2020-01-31\" is in the past; give a time to come.",
        ),
        (
            ("off",),
            "Invalid value for '{disabled|enabled|enforced}': "
            "'off' is not one of 'disabled', 'enabled', 'enforced'.",
        ),
    ],
)
def test_wrong_states_and_dates_are_misuse(shell, words, sentence):
    shell.add(FRITZ)
    assert shell.misused("user", "set-mfa", FRITZ, *words) == sentence
    assert shell("user", "show", FRITZ, "--json").json["mfa"] == "disabled"


@pytest.mark.parametrize("option", ["--backend-login", "--dn"])
@pytest.mark.parametrize("value", ["", " ", "two\nlines", "x" * 256])
def test_names_for_other_servers_are_one_line(shell, option, value):
    assert shell.misused("user", "add", FRITZ, option, value) == (
        f"Invalid value for '{option}': it has to be 1 to 255 characters long, without control characters."
    )
    assert shell("user", "list", "--json").json == []


@pytest.mark.parametrize("words", [("add", "dora@example.test", "--dn"), ("set-dn", FRITZ)])
def test_a_dn_has_to_be_one_and_belongs_to_one_user_only(shell, words):
    shell.add(FRITZ)
    shell.add("enno@example.test", "--dn", "uid=enno,dc=example")
    sentence = shell.refused("user", *words, "UID=Enno, dc=example")
    assert sentence.startswith("the DN UID=Enno, dc=example belongs to enno@example.test. ")
    assert shell.refused("user", *words, "enno") == (
        '"enno" is not a DN. Write it as in uid=fritz,ou=people,dc=example,dc=org (RFC 4514), '
        "without invisible characters."
    )
    assert len(shell("user", "list", "--json").json) == 2


def test_a_dn_is_set_and_forgotten(shell):
    shell.add(FRITZ, "--alias", "f@example.test")
    assert shell("user", "set-dn", "f@example.test", "uid=fritz,dc=example").out == (
        "f@example.test is uid=fritz,dc=example in the directory.\n"
    )
    assert shell("user", "show", FRITZ, "--json").json["dn"] == "uid=fritz,dc=example"
    assert shell("user", "set-dn", FRITZ, "--none").out == f"{FRITZ} has no DN of its own any more.\n"
    assert shell("user", "show", FRITZ, "--json").json["dn"] is None


@pytest.mark.parametrize("words", [(), ("uid=x", "--none")])
def test_setting_a_dn_takes_either_one_or_none(shell, words):
    shell.add(FRITZ)
    assert shell.misused("user", "set-dn", FRITZ, *words) == "Give either a DN or --none."


def test_block_and_unblock(shell):
    shell.add(FRITZ, "--alias", "f@example.test")
    assert shell("user", "block", FRITZ).out == f"{FRITZ} is blocked.\n"
    assert shell("user", "show", FRITZ, "--json").json["blocked"] is True
    assert shell("user", "unblock", "f@example.test").out == "f@example.test is no longer blocked.\n"
    assert shell("user", "show", FRITZ, "--json").json["blocked"] is False


def test_delete_asks_first_and_leaves_the_name_free(shell, monkeypatch):
    shell.add(FRITZ)
    shell.give(FRITZ)
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    said = shell("user", "delete", FRITZ, code=1)
    assert "--yes skips this question. Delete the user? [y/N]" in said.out
    assert said.err.endswith("Aborted!\n")
    assert shell("user", "delete", FRITZ, "--yes").out == f"Deleted {FRITZ}.\n"
    assert shell("user", "list", "--json").json == []
    shell.add(FRITZ)
    assert shell("user", "show", FRITZ, "--json").json["app_passwords"] == 0


@pytest.mark.parametrize(
    "words",
    [("show",), ("set-mfa", "enforced"), ("set-dn", "--none"), ("block",), ("unblock",), ("delete", "--yes")],
    ids=lambda words: words[0],
)
def test_a_user_who_is_not_there(shell, words):
    command, *more = words
    assert shell.refused("user", command, "nobody@example.test", *more) == NOBODY


def test_the_default_domain_holds_for_the_command_line_too(shell):
    shell.configure('[login]\ndefault_domain = "example.test"\ndomains = { CORP = "example.test" }\n')
    shell.add("fritz")
    assert shell("user", "show", "CORP\\Fritz", "--json").json["login"] == FRITZ


def test_who_did_what_is_in_the_audit_trail(shell, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "helpdesk")
    before = datetime.now(UTC)
    shell.add(FRITZ)
    shell("user", "block", FRITZ)
    database = Database(f"sqlite:///{shell.database}")
    try:
        done = audit.entries(database, FRITZ)
    finally:
        database.close()
    assert [(one.actor, one.action) for one in done] == [
        ("cli:helpdesk", "blocked"),
        ("cli:helpdesk", "user-added"),
    ]
    assert all(one.at >= before for one in done)
