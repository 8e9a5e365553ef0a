"""`wicketgate config`: example, schema, show and clients."""

import json

from click.testing import CliRunner, Result

from config import Settings, example
from gateway.cli.config_commands import config
from tests.config.conftest import Folder

TWO_LISTENERS = """
[public]
host = "mail.example.org"
[tls]
certificate = "c"
key = "k"
[[listener]]
protocol = "imap"
address = "[::]:143"
tls = "starttls"
[[listener]]
protocol = "imap"
address = "[::]:993"
tls = "implicit"
[[backend]]
protocol = "imap"
address = "imap:143"
tls = "none"
login = "shared-password"
shared_password_file = "s"
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(config, arguments)


def test_example_prints_the_example() -> None:
    assert run("example").stdout == example()


def test_schema_prints_the_json_schema() -> None:
    schema = json.loads(run("schema").stdout)
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == set(Settings.model_fields)


def test_show_prints_every_setting_and_with_origin_where_it_comes_from(folder: Folder) -> None:
    path = str(folder.write("[login.domains]\nCORP = 'example.org'\n"))
    lines = run("show", "-c", path, "--origin").stdout.splitlines()
    assert f'login.domains.corp = "example.org"  # {path}:2' in lines
    assert "limits.sessions = 20000  # default" in lines
    assert "tls.key = (not set)  # default" in lines
    assert "limits.sessions = 20000" in run("show", "-c", path).stdout.splitlines()


def test_show_prints_json(folder: Folder) -> None:
    path = str(folder.write("[log]\nlevel = 'debug'\n"))
    rows = json.loads(run("show", "-c", path, "--origin", "--json").stdout)
    assert {"key": "log.level", "value": "debug", "origin": f"{path}:2"} in rows
    assert {"key": "log.level", "value": "debug"} in json.loads(run("show", "-c", path, "--json").stdout)


def test_show_of_a_wrong_configuration_exits_with_78(folder: Folder) -> None:
    result = run("show", "-c", str(folder.write("a = 1")))
    assert (result.exit_code, result.stdout) == (78, "")
    assert "w.toml:1: a: there is no such key" in result.stderr


def test_clients_prints_what_users_enter_the_best_first(folder: Folder) -> None:
    path = str(folder.write(TWO_LISTENERS))
    assert run("clients", "-c", path).stdout.splitlines() == [
        "PROTOCOL  HOST              PORT  SECURITY",
        "imap      mail.example.org  993   tls",
        "imap      mail.example.org  143   starttls",
    ]
    assert json.loads(run("clients", "-c", path, "--json").stdout) == [
        {"protocol": "imap", "host": "mail.example.org", "port": 993, "security": "tls"},
        {"protocol": "imap", "host": "mail.example.org", "port": 143, "security": "starttls"},
    ]


def test_clients_says_what_to_do_where_there_is_nothing_to_enter(folder: Folder) -> None:
    path = str(folder.write(""))
    assert "Set public_address where a load balancer stands in front." in run("clients", "-c", path).stdout
    assert json.loads(run("clients", "-c", path, "--json").stdout) == []
