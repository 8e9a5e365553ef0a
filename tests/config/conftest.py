"""A folder with a configuration in it, and what loading it says."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from config import ConfigurationError, Loaded, load


@dataclass(frozen=True)
class Folder:
    """Files to load; `problems` are the lines of the error with the folder's own path taken off."""

    path: Path

    def write(self, text: str, name: str = "w.toml") -> Path:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def load(self, text: str = "", environ: Mapping[str, str] | None = None) -> Loaded:
        return load(self.write(text), environ or {})

    def problems(self, text: str = "", environ: Mapping[str, str] | None = None) -> list[str]:
        with pytest.raises(ConfigurationError) as raised:
            self.load(text, environ)
        assert str(raised.value).splitlines() == [str(problem) for problem in raised.value.problems]
        return [str(problem).replace(f"{self.path}/", "") for problem in raised.value.problems]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)
