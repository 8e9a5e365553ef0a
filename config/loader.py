"""The configuration, from all its sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.key import dotted, leaves
from config.problem import ConfigurationError, Problem
from config.relative_paths import make_absolute
from config.settings import Settings
from config.sources.credentials import apply_credentials
from config.sources.document import Document, Origin
from config.sources.environment import apply_environment
from config.sources.toml_file import read_toml
from config.validation import validate

VARIABLE = "WICKETGATE_CONFIG"
DEFAULT = Path("/etc/wicketgate/wicketgate.toml")


@dataclass(frozen=True, slots=True)
class Loaded:
    """`origins` tells, for each key that was set, its file:line, variable or credential.

    Its keys are dotted and in lower case, such as `listener[0].tls`.
    """

    settings: Settings
    origins: Mapping[str, str]

    def origin(self, key: str) -> str:
        """Where the value of a dotted key comes from; "default" when nobody set it."""
        return self.origins.get(key.lower(), "default")


def default_path(environ: Mapping[str, str]) -> Path:
    """Where the configuration is when nobody names a file."""
    return Path(environ.get(VARIABLE) or DEFAULT)


def load(path: Path, environ: Mapping[str, str]) -> Loaded:
    """Read the file, conf.d beside it, the environment and the credentials; later ones win.

    Raise ConfigurationError with everything that is wrong.
    """
    document = Document(Origin(str(path), path.absolute().parent))
    _read_files(document, path)
    apply_environment(document, environ)
    apply_credentials(document, environ)
    make_absolute(document)
    settings = validate(document)
    origins = {dotted(key).lower(): str(document.origin(key)) for key, _ in leaves(document.values)}
    return Loaded(settings, origins)


def _read_files(document: Document, path: Path) -> None:
    files, problems = _files(path)
    for file in files:
        try:
            read = read_toml(file)
        except ConfigurationError as error:
            problems += error.problems
        else:
            document.merge(read.values, read.origins)
    if problems:
        # What is missing in a file that can't be read would only lead astray: stop here.
        raise ConfigurationError(problems)


def _files(path: Path) -> tuple[list[Path], list[Problem]]:
    """The file, and those of conf.d by name, without hidden ones, which editors leave behind."""
    folder = path.parent / "conf.d"
    try:
        names = sorted(file.name for file in folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return [path], []
    except OSError as error:
        return [path], [Problem(str(folder), "", f"the folder can't be read: {error.strerror}")]
    return [path, *(folder / name for name in names if name.endswith(".toml") and name[0] != ".")], []
