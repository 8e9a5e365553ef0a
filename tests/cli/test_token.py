"""`wicketgate token`: made once, listed without what it is, refused when it's revoked."""

import pytest

from store.database import Database
from store.portal import tokens


def test_a_token_is_printed_once_listed_and_revoked(shell):
    words = ("--role", "self-service", "--domain", "Example.Test", "--days", "30")
    token = shell("token", "create", "page", *words).out.strip()
    assert found(shell, token).held.domains == {"example.test"}
    listed = shell("token", "list", "--json")
    [row] = listed.json
    assert (row["name"], row["role"], row["domains"]) == ("page", "self-service", ["example.test"])
    assert token not in listed.out
    assert "already" in shell.refused("token", "create", "page", "--role", "auditor")
    shell("token", "revoke", "page")
    assert found(shell, token) is None
    assert shell("token", "list").out.startswith("There are no tokens.")


@pytest.mark.parametrize("name", ["", "x\n", "y" * 65])
def test_a_name_that_can_be_none_is_refused(shell, name):
    assert "a token's name" in shell.run("token", "create", name, "--role", "auditor").err
    assert shell("token", "list", "--json").json == []


def test_a_role_is_needed_and_has_to_be_one(shell):
    assert "--role" in shell.misused("token", "create", "x")
    assert "'root' is not one of" in shell.misused("token", "create", "x", "--role", "root")


def test_nobody_revokes_what_is_not_there(shell):
    assert "there is no token x" in shell.refused("token", "revoke", "x")


def found(shell, token):
    database = Database(f"sqlite:///{shell.database}")
    try:
        return tokens.find(database, token)
    finally:
        database.close()
