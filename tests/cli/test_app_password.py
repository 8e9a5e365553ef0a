"""`wicketgate app-password`: creating, listing and deleting."""

import re
from datetime import UTC, datetime, timedelta

import pytest

FRITZ, DORA = "fritz@example.test", "dora@example.test"
EVERYWHERE = ["imap", "ldap", "pop3", "sieve", "smtp"]
ID = "[a-z2-7]{8}"


@pytest.fixture
def fritz(shell):
    return shell.add(FRITZ, "--alias", "f@example.test")


def test_it_is_shown_once_in_groups_of_four(shell, fritz):
    said = shell("app-password", "create", fritz, "--name", "Outlook 2010")
    letters, _, told = said.out.partition("\n\n")
    assert re.fullmatch("[a-z]{4}( [a-z]{4}){3}", letters)
    assert re.fullmatch(
        rf'This is the app password "Outlook 2010" \(id {ID}\)\. It is shown only now\. '
        r"Spaces, dashes and capitals don't matter\.\n",
        told,
    )
    shown = shell("app-password", "list", fritz).out + shell("user", "show", fritz).out
    assert letters not in shown
    assert letters.replace(" ", "") not in shown


def test_as_json_it_has_what_programs_need(shell, fritz):
    made = shell("app-password", "create", "F@Example.test", "--name", "x", "--json").json
    assert made.keys() == {"id", "name", "secret", "scopes"}
    assert re.fullmatch("[a-z]{16}", made["secret"])
    assert (made["name"], made["scopes"]) == ("x", EVERYWHERE)


def test_list_tells_all_about_each(shell, fritz):
    plain = shell.give(fritz, "plain")
    narrow = shell.give(
        fritz,
        *["scanner", "--protocol", "smtp", "--protocol", "imap", "--expires", "90d"],
        *["--network", "192.0.2.0/24", "--network", "2001:db8::/32"],
    )
    first, second = shell("app-password", "list", fritz, "--json").json
    created, expires = (datetime.fromisoformat(second.pop(key)) for key in ("created", "expires"))
    assert abs(datetime.now(UTC) - created) < timedelta(minutes=1)
    assert expires - created == timedelta(days=90)
    unused = dict.fromkeys(["deleted", "last_used", "last_protocol", "last_address", "last_client"])
    networks = ["192.0.2.0/24", "2001:db8::/32"]
    assert (
        second
        == {"id": narrow, "name": "scanner", "protocols": ["imap", "smtp"], "networks": networks} | unused
    )
    assert (first["id"], first["protocols"], first["networks"]) == (plain, EVERYWHERE, [])
    title, *rows = shell("app-password", "list", fritz).out.splitlines()
    assert re.split(" {2,}", title) == [
        *["ID", "NAME", "PROTOCOLS", "NETWORKS", "CREATED", "EXPIRES", "DELETED"],
        *["LAST USED", "LAST PROTOCOL", "LAST ADDRESS", "LAST CLIENT"],
    ]
    assert [row.split()[:2] for row in rows] == [[plain, "plain"], [narrow, "scanner"]]


@pytest.mark.parametrize(("expires", "days"), [("1d", 1), ("12w", 84), ("1y", 365), ("100y", 36500)])
def test_times_until_it_expires(shell, fritz, expires, days):
    shell.give(fritz, "x", "--expires", expires)
    [one] = shell("app-password", "list", fritz, "--json").json
    created, end = (datetime.fromisoformat(one[key]) for key in ("created", "expires"))
    assert end - created == timedelta(days=days)


@pytest.mark.parametrize(
    "expires", ["0d", "9999y", "101y", "99999d", "1h", "-1d", "d", "1", "²d", "2027-01-01"]
)
def test_other_times_are_misuse(shell, fritz, expires):
    assert shell.misused("app-password", "create", fritz, "--name", "x", f"--expires={expires}") == (
        f"Invalid value for '--expires': \"{expires}\" is not a time; "
        "write days, weeks or years as in 90d, 12w or 1y, up to 100y."
    )
    assert shell("app-password", "list", fritz, "--json").json == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("--network", "192.0.2.7/24"),
            '"192.0.2.7/24" is not a network; write it as in 192.0.2.0/24 or 2001:db8::/32.',
        ),
        (("--network", "home"), '"home" is not a network; write it as in 192.0.2.0/24 or 2001:db8::/32.'),
        (("--protocol", "http"), "'http' is not one of 'imap', 'pop3', 'smtp', 'sieve', 'ldap'."),
    ],
)
def test_wrong_networks_and_protocols_are_misuse(shell, fritz, words, sentence):
    said = shell.misused("app-password", "create", fritz, "--name", "x", *words)
    assert said == f"Invalid value for '{words[0]}': {sentence}"


def test_a_name_is_needed(shell, fritz):
    assert shell.misused("app-password", "create", fritz) == "Missing option '--name'."


@pytest.mark.parametrize("name", ["", " ", "two\nlines", "x" * 65, "\x1b[31m"])
def test_a_name_is_one_short_line(shell, fritz, name):
    assert shell.refused("app-password", "create", fritz, "--name", name) == (
        "An app password's name has 1 to 64 characters and no control characters. "
        "Choose another name, such as the device's."
    )


def test_at_the_limit_one_has_to_be_deleted_first(shell, fritz):
    shell.configure("[policy]\nmax_app_passwords = 2\n")
    first = shell.give(fritz)
    shell.give(fritz)
    assert shell.refused("app-password", "create", fritz, "--name", "third") == (
        f"{fritz} has 2 app passwords, and no more are allowed. Delete one first; "
        f"`wicketgate app-password list {fritz}` shows all."
    )
    shell("app-password", "delete", fritz, first)
    shell.give(fritz)


@pytest.mark.parametrize("policy", ["no-new", "denied"])
def test_where_creating_is_switched_off_deleting_still_works(shell, fritz, policy):
    made = shell.give(fritz)
    shell.configure(f'[[policy.override]]\nprotocols = ["imap"]\napp_passwords = "{policy}"\n')
    assert shell.refused("app-password", "create", fritz, "--name", "x") == (
        f"the policy does not allow new app passwords for {fritz} over imap "
        f'(app_passwords = "{policy}"). Change it, or name other protocols by --protocol.'
    )
    shell.give(fritz, "x", "--protocol", "smtp")
    shell("app-password", "delete", fritz, made)


def test_delete_leaves_a_tombstone_and_tells_it_apart(shell, fritz):
    gone, left = shell.give(fritz, "gone"), shell.give(fritz, "left")
    assert (
        shell("app-password", "delete", "f@example.test", gone).out
        == f"Deleted app password {gone} of {fritz}.\n"
    )
    assert [one["id"] for one in shell("app-password", "list", fritz, "--json").json] == [left]
    listed = shell("app-password", "list", fritz, "--deleted", "--json").json
    assert [(one["id"], one["deleted"] is not None) for one in listed] == [(left, False), (gone, True)]
    assert shell.refused("app-password", "delete", fritz, gone) == (
        f'{fritz} has no app password "{gone}" that could be deleted. '
        f"`wicketgate app-password list {fritz}` shows all."
    )


def test_nobody_deletes_the_app_password_of_somebody_else(shell, fritz):
    made = shell.give(fritz)
    shell.add(DORA)
    assert "could be deleted" in shell.refused("app-password", "delete", DORA, made)
    assert len(shell("app-password", "list", fritz, "--json").json) == 1


def test_delete_all(shell, fritz):
    for name in ("one", "two"):
        shell.give(fritz, name)
    for sentence in ("Deleted 2 app passwords of", "Deleted 0 app passwords of"):
        assert shell("app-password", "delete-all", fritz).out == f"{sentence} {fritz}.\n"
    shell.give(fritz)
    assert shell("app-password", "delete-all", fritz).out == f"Deleted 1 app password of {fritz}.\n"
    assert shell("app-password", "list", fritz).out == f"{fritz} has no app passwords.\n"


@pytest.mark.parametrize(
    "words",
    [("create", "--name", "x"), ("list",), ("delete", "abcdefgh"), ("delete-all",)],
    ids=lambda words: words[0],
)
def test_a_user_who_is_not_there(shell, words):
    command, *more = words
    assert shell.refused("app-password", command, "nobody@example.test", *more) == (
        "there is no user nobody@example.test. `wicketgate user list` shows all."
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            None,
            "The pepper file {path} can't be read: No such file or directory. "
            "Check store.pepper_file and its permissions; the first `wicketgate db upgrade` creates it.",
        ),
        (
            "not hexadecimal",
            "The pepper file {path} must hold 64 hexadecimal digits and nothing else. "
            "Restore it from a backup: with another pepper no stored app password works.",
        ),
    ],
    ids=["missing", "wrong"],
)
def test_without_its_pepper_nothing_is_created(shell, fritz, content, sentence):
    path = shell.folder / "pepper"
    path.unlink() if content is None else path.write_text(content)
    assert shell.refused("app-password", "create", fritz, "--name", "x") == sentence.format(path=path)
    assert shell("app-password", "list", fritz, "--json").json == []
