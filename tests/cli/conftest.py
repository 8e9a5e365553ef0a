"""The command line, run in this process: quick, and with the exit code and all that it prints."""

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.cli import main

SETTINGS = """
[store]
url = "sqlite:///{folder}/wicketgate.db"
pepper_file = "pepper"
[argon2]
memory_kib = 8
time_cost = 1
[control]
socket = "control.sock"
"""


@dataclass(frozen=True)
class Said:
    """The exit code, and what went to standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Shell:
    """`shell("user", "list")` runs a command with the configuration of `folder`."""

    def __init__(self, folder: Path, run: Callable[[list[str]], Said]) -> None:
        self.folder = folder
        self.config = folder / "wicketgate.toml"
        self.database = folder / "wicketgate.db"
        self._run = run
        self.configure("")

    def configure(self, more: str) -> None:
        self.config.write_text(SETTINGS.replace("{folder}", str(self.folder)) + more)

    def run(self, *words: str) -> Said:
        """Whatever a command says. It is never a traceback."""
        said = self._run(list(words))
        assert "Traceback" not in said.out + said.err
        return said

    def __call__(self, *words: str, code: int = 0) -> Said:
        """What a command says that ends with this exit code."""
        said = self.run(*words)
        assert said.code == code, said
        return said

    def refused(self, *words: str) -> str:
        """The sentence of a command that ends with exit code 1."""
        said = self(*words, code=1).err
        assert said.startswith("wicketgate: "), said
        return said.removeprefix("wicketgate: ").removesuffix("\n")

    def misused(self, *words: str) -> str:
        """The sentence of a command that was called in a wrong way."""
        return self(*words, code=2).err.rpartition("Error: ")[2].removesuffix("\n")

    def add(self, login: str, *more: str) -> str:
        self("user", "add", login, *more)
        return login

    def give(self, login: str, name: str = "test", *more: str) -> str:
        """The id of a new app password."""
        return self("app-password", "create", login, "--name", name, *more, "--json").json["id"]


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A configuration, and no store yet."""

    def run(words: list[str]) -> Said:
        monkeypatch.setattr(sys, "argv", ["wicketgate", *words])
        capsys.readouterr()
        try:
            main()
            code: object = 0
        except SystemExit as end:
            code = end.code
        assert isinstance(code, int), code
        return Said(code, *capsys.readouterr())

    shell = Shell(tmp_path, run)
    monkeypatch.setenv("WICKETGATE_CONFIG", str(shell.config))
    return shell


@pytest.fixture(scope="session")
def new_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty store, to be copied: making one takes longer than any test."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture
def shell(bare: Shell, new_store: Path) -> Shell:
    """A configuration with an empty store."""
    made = (new_store / "pepper").exists()
    if not made:
        bare("db", "upgrade")
    origin, copy = (new_store, bare.folder) if made else (bare.folder, new_store)
    for name in ("wicketgate.db", "pepper"):
        shutil.copy(origin / name, copy / name)
    return bare
