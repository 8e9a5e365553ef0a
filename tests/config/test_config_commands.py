"""`wicketgate config`: example, schema and show."""

import json

from click.testing import CliRunner, Result

from config import Settings, example
from gateway.cli.config_commands import config
from tests.config.conftest import Folder


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
