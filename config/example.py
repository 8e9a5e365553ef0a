"""The annotated example, which is the reference of all settings."""

from importlib.resources import files


def example() -> str:
    """The text of the example, valid TOML."""
    return files("config").joinpath("example.toml").read_text(encoding="utf-8")
