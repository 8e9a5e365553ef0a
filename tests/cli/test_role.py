"""`wicketgate role`: granting, revoking, listing."""

from store import audit
from store.database import Database

FRITZ = "fritz@example.test"


def test_roles_are_granted_listed_replaced_and_revoked(shell):
    shell.add(FRITZ)
    assert shell("role", "list").out.startswith("Nobody has a role. Grant one:")
    said = shell("role", "grant", FRITZ, "help-desk", "--domain", "Example.test", "--domain", "b.test").out
    assert said == f"{FRITZ} is now help-desk for b.test, example.test.\n"
    assert shell("role", "list", "--json").json == [
        {"login": FRITZ, "role": "help-desk", "domains": ["b.test", "example.test"]}
    ]
    assert shell("role", "grant", FRITZ, "auditor").out == f"{FRITZ} is now auditor for all domains.\n"
    assert shell("role", "list", "--json").json == [{"login": FRITZ, "role": "auditor", "domains": ["all"]}]
    assert shell("role", "revoke", FRITZ).out == f"{FRITZ} has no role any more.\n"
    assert shell("role", "list", "--json").json == []


def test_every_change_is_in_the_audit_trail(shell):
    shell.add(FRITZ)
    shell("role", "grant", FRITZ, "administrator", "--domain", "example.test")
    shell("role", "revoke", FRITZ)
    database = Database(f"sqlite:///{shell.database}")
    told = [(one.action, one.login, one.detail) for one in audit.entries(database, limit=2)]
    database.close()
    assert told == [
        ("role-revoked", FRITZ, "administrator"),
        ("role-granted", FRITZ, "administrator for example.test"),
    ]


def test_what_can_not_be_done_is_told(shell):
    shell.add(FRITZ)
    assert shell.refused("role", "grant", "nobody@example.test", "auditor").startswith("there is no user")
    assert shell.refused("role", "revoke", "nobody@example.test").startswith("there is no user")
    assert shell.refused("role", "revoke", FRITZ).startswith(f"{FRITZ} has no role.")
    assert "is not a mail domain" in shell.refused("role", "grant", FRITZ, "auditor", "--domain", "a b")
    assert "'root' is not one of" in shell.misused("role", "grant", FRITZ, "root")
