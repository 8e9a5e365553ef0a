"""The annotated example is the reference: complete, right about the defaults, and loadable."""

import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from config import Backend, Listener, Override, Settings, Sni, example, load
from config.fields import model_at
from config.key import Key

HEADER = re.compile(r"\[+([a-z0-9_.]+)\]+")
ENTRY = re.compile(r"(#?)([a-z0-9_]+) = (.*)")
LISTS = {"listener": Listener, "backend": Backend, "tls.sni": Sni, "policy.override": Override}
TABLES = [name for name in Settings.model_fields if name not in LISTS]


@dataclass(frozen=True)
class Entry:
    """A line `key = value`; `comment` is what stands above it."""

    name: str
    value: Any
    is_default: bool
    comment: str


def entries() -> dict[str, list[Entry]]:
    """By table, as the example has them."""
    found, table, comment = defaultdict(list), "", ""
    for line in example().splitlines():
        if header := HEADER.fullmatch(line):
            table = header[1]
        elif entry := ENTRY.fullmatch(line):
            value = tomllib.loads(f"value = {entry[3]}")["value"]
            found[table].append(Entry(entry[2], value, bool(entry[1]), comment))
            continue
        comment = comment + line if line.startswith("# ") else ""
    return found


def model(table: str) -> type[BaseModel]:
    key: Key = (*table.split("."), 0) if table in LISTS else tuple(table.split("."))
    found = model_at(key)
    assert found is not None
    return found


def test_the_example_loads_and_every_line_of_it_has_its_origin(tmp_path: Path) -> None:
    (tmp_path / "example.toml").write_text(example())
    loaded = load(tmp_path / "example.toml", {})
    assert loaded.settings.backend[0].address[1].host == "imap2.internal"
    line = example().splitlines().index('portal_url = "https://mail.example.org/security"') + 1
    assert loaded.origin("policy.portal_url") == f"{tmp_path}/example.toml:{line}"


def test_every_table_is_in_the_example() -> None:
    headers = HEADER.findall("\n".join(line for line in example().splitlines() if line.startswith("[")))
    assert sorted(headers) == sorted([*TABLES, *LISTS])


@pytest.mark.parametrize("table", [*TABLES, *LISTS])
def test_every_key_is_in_the_example_with_a_comment(table: str) -> None:
    written = entries()[table]
    tables = {name.rpartition(".")[2] for name in LISTS if name.rpartition(".")[0] == table}
    assert {entry.name for entry in written} == set(model(table).model_fields) - tables
    assert all(re.search(r"[.:]$|[.] ", entry.comment) for entry in written)


@pytest.mark.parametrize("table", [*TABLES, *LISTS])
def test_every_default_in_the_example_is_the_default_of_the_model(table: str) -> None:
    written = {entry.name: entry for entry in entries()[table] if entry.is_default}
    fields = model(table).model_fields
    with_default = {
        name for name, field in fields.items() if field.default not in (None, ()) or name in written
    }
    for name in with_default - {"override", "sni"}:
        if not fields[name].is_required() and fields[name].default is not None:
            assert coerced(table, name, written[name].value) == fields[name].default


@pytest.mark.parametrize("table", [*TABLES, *LISTS])
def test_a_key_without_a_default_says_so(table: str) -> None:
    for entry in entries()[table]:
        field = model(table).model_fields[entry.name]
        if not field.is_required() and field.default is None:
            assert re.search("No default|Left out", entry.comment)


def coerced(table: str, name: str, value: Any) -> Any:
    """The value as the model takes it, among values that are right for the other keys."""
    others: dict[str, dict[str, Any]] = {
        "listener": {"protocol": "imap", "address": "a:1", "tls": "none"},
        "backend": {"protocol": "imap", "address": "a:1", "tls": "none", "login": "shared-password"}
        | {"shared_password_file": "s"},
        "directory": {"mfa_group": "cn=staff"} if name == "mfa_group_state" else {},
        "policy.override": {"protocols": ["imap"], "domains": ["a"], "refuse": True},
    }
    keys_of_ldap = ("proxied_authorization", "operations", "password_attributes")
    if table == "backend" and name in keys_of_ldap:
        service = {"login": "service", "service_dn": "cn=s", "service_password_file": "s"}
        others["backend"] = {"protocol": "ldap", "address": "a:1", "tls": "none"} | service
        others["backend"] |= {"proxied_authorization": False}
    return getattr(model(table).model_validate(others.get(table, {}) | {name: value}), name)


def test_every_setting_has_a_description_in_the_schema() -> None:
    schema = Settings.model_json_schema()
    for definition in (schema, *schema["$defs"].values()):
        for name, field in definition["properties"].items():
            assert field.get("description"), name
