"""`wicketgate import`: many users from a file, all or nothing where the file is wrong."""

import io
import sys

import pytest

CHRIS, ANN = "chris@example.org", "ann@example.org"


@pytest.fixture
def load(shell):
    """`load(text)` imports it as CSV; more words are options. It returns what the command said."""

    def load(text, *more, code=0, form="csv", encoding="utf-8"):
        file = shell.folder / "users"
        file.write_bytes(text.encode(encoding))
        return shell("import", form, str(file), *more, code=code)

    return load


@pytest.fixture
def user(shell):
    return lambda login: shell("user", "show", login, "--json").json


def test_microsofts_bulk_template_is_taken_as_it_is(load, user):
    said = load(f"Username,MFA Status\r\n{CHRIS},Enabled\r\n{ANN},Enforced\r\n")
    assert said.out.splitlines()[-1] == "2 added, 0 changed, 0 as they were."
    assert (user(CHRIS)["mfa"], user(ANN)["mfa"]) == ("enabled", "enforced")


def test_every_column_and_the_byte_order_mark_of_excel(load, user):
    load(
        "login;aliases;mfa;grace_until;backend_login;dn;blocked\r\n"
        'Chris@EXAMPLE.org;"c@example.org ch@example.org";enabled;2027-01-31;c17;'
        '"cn=c,dc=example,dc=org";yes\r\n',
        encoding="utf-8-sig",
    )
    told = user(CHRIS)
    assert set(told["aliases"]) == {"c@example.org", "ch@example.org"}
    assert (told["mfa"], told["grace_until"]) == ("enabled", "2027-01-31T00:00:00+00:00")
    assert (told["backend_login"], told["dn"], told["blocked"]) == ("c17", "cn=c,dc=example,dc=org", True)


def test_only_what_differs_is_changed_and_empty_values_leave_what_is_there(load, shell, user):
    shell.add(CHRIS, "--mfa", "enforced", "--alias", "c@example.org")
    shell.add(ANN, "--mfa", "enforced")
    said = load(f"login,mfa,backend_login\n{CHRIS},,c17\n{ANN},enforced,\n")
    assert said.out == (f"~ {CHRIS}: backend login - → c17\n0 added, 1 changed, 1 as they were.\n")
    assert (user(CHRIS)["mfa"], user(CHRIS)["aliases"]) == ("enforced", ["c@example.org"])
    assert load(f"login,mfa,backend_login\n{CHRIS},,c17\n{ANN},enforced,\n").out.startswith(
        "0 added, 0 changed"
    )


def test_a_grace_date_goes_when_the_state_changes(load, user):
    load(f"login,mfa,grace_until\n{CHRIS},enabled,2027-01-31\n")
    load(f"login,mfa\n{CHRIS},enforced\n")
    assert (user(CHRIS)["mfa"], user(CHRIS)["grace_until"]) == ("enforced", None)


def test_a_dry_run_says_the_same_and_changes_nothing(load, shell):
    shell.add(ANN, "--mfa", "disabled")
    text = f"login,mfa\n{CHRIS},enabled\n{ANN},enforced\n"
    dry, wet = load(text, "--dry-run"), None
    assert [one["login"] for one in shell("user", "list", "--json").json] == [ANN]
    wet = load(text)
    assert dry.out == wet.out.rstrip("\n") + " Nothing was changed (--dry-run).\n"


def test_programs_get_json(load, shell):
    shell.add(ANN)
    told = load(f"login,mfa\n{CHRIS},enabled\n{ANN},enforced\n", "--json").json
    assert told == {
        "dry_run": False,
        "added": [CHRIS],
        "changed": {ANN: {"mfa": {"old": "disabled", "new": "enforced"}}},
        "unchanged": 0,
        "not_done": [],
    }


def test_dovecots_passwd_file_gives_its_users_and_no_password(load, shell):
    text = f"# users\n\n{CHRIS}:{{SHA512-CRYPT}}$6$abc$def:1000:1000::/home/chris::userdb_quota=1G\nbob\n"
    load(text, form="passwd-file")
    assert sorted(one["login"] for one in shell("user", "list", "--json").json) == ["bob", CHRIS]
    assert b"$6$abc" not in shell.database.read_bytes()


def test_standard_input(shell, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"login\n{CHRIS}\nno way\n".encode())))
    said = shell("import", "csv", "-", code=1)
    assert said.err.startswith('standard input:3: "no way" can be no login name')


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "x y@example.org,,",
            'users:3: "x y@example.org" can be no login name; write it as in user@example.org.',
        ),
        (f"{CHRIS},perhaps,", 'users:3: "perhaps" is no MFA state; allowed are disabled, enabled, enforced.'),
        (f"{CHRIS},,sometimes", 'users:3: "sometimes" is neither yes nor no.'),
        (f"{CHRIS}", "users:3: it has 1 values, and the first line names 3 columns."),
        (",enabled,", "users:3: the login is missing."),
        (f"{ANN},,", f"users:3: {ANN} is in line 2 already."),
        ("alias@example.org,,", "users:3: alias@example.org belongs to dora@example.org already."),
        ('"a', "users:3: it is not CSV: unexpected end of data."),
    ],
)
def test_one_wrong_line_and_nothing_is_imported(load, shell, line, sentence):
    shell.add("dora@example.org", "--alias", "alias@example.org")
    said = load(f"login,mfa,blocked\n{ANN},enabled,\n{line}\n", code=1)
    assert said.err == (
        f"{shell.folder}/{sentence}\nwicketgate: nothing was imported. Correct the file, try again.\n"
    )
    assert len(shell("user", "list", "--json").json) == 1


@pytest.mark.parametrize(
    ("first", "sentence"),
    [
        ("login,passwort", 'there is no column "passwort". Allowed are login, aliases, mfa,'),
        ("mfa,blocked", "the first line has to name the column login, and none twice."),
        ("login,user", "the first line has to name the column login, and none twice."),
    ],
)
def test_the_first_line_names_the_columns(load, first, sentence):
    assert f"users:1: {sentence}" in load(f"{first}\na,b\n", code=1).err


def test_a_dn_that_is_anothers_is_left_out_and_told(load, shell, user):
    shell.add("dora@example.org", "--dn", "cn=x,dc=example")
    said = load(f'login,dn\n{CHRIS},"CN=X, DC=example"\n{ANN},"cn=ann,dc=example"\n', code=1)
    assert "1 could not be done" in said.out
    assert "the DN belongs to another user" in said.err
    assert user(ANN)["dn"] == "cn=ann,dc=example"


def test_a_file_that_cannot_be_read(load, shell):
    assert (
        shell.refused("import", "csv", "nowhere.csv")
        == "nowhere.csv can't be read: No such file or directory."
    )
    assert "users:2: it is not UTF-8." in load("login\njürgen@example.org\n", code=1, encoding="latin-1").err


def test_the_audit_trail_names_who_imported(load, shell):
    shell.add(CHRIS)
    load(f"login,mfa,aliases\n{CHRIS},enforced,c@example.org\n")
    [entry] = shell("audit", CHRIS, "--action", "names-changed", "--json").json
    assert entry["actor"].startswith("cli:")
    assert entry["detail"] == "aliases c@example.org; mfa enforced"
