"""Every word that pages say, as it stands in templates and in code: what each .po file must have.

`python -m portal.languages.extraction` brings the .po files up to date; what is new has no translation then.
"""

import ast
import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from portal.languages.catalogs import FOLDER, catalog
from portal.languages.speaking import ENGLISH, NAMES
from portal.rendering import templates
from portal.state import Place

_PORTAL = Path(__file__).parents[1]
# Whose arguments, counted from 0, are words for people.
_SPOKEN = {
    "marked": (0,),
    "translated": (0,),
    "_": (0,),
    "Act": (1, 2, 3),
    "Field": (0, 1),
    "Group": (0,),
    "Guide": (1, 2),
    "Preset": (1, 2),
    "Unfit": (0,),
    "_Wrong": (0,),
}
# What differs from run to run, and whom nobody is.
_NOT_KEPT = (
    '"POT-Creation',
    '"PO-Revision',
    '"Generated-By',
    '"Last-Translator',
    '"Language-Team',
    '"Report-Msgid',
    '"Project-Id',
)
# Tables whose values all are.
_TABLES = {"REASONS"}


def words() -> set[str]:
    """All of them, in English."""
    return set(_of_templates()) | {word for file in _PORTAL.rglob("*.py") for word in _of_code(file)}


def brought_up_to_date(language: str) -> str:
    """The .po file with what is new, and without what is gone."""
    before = catalog(language)
    head = f"# Wicketgate's pages in {NAMES[language]}."
    after = Catalog(locale=language, project="Wicketgate", header_comment=head, fuzzy=False)
    for word in sorted(words()):
        known = before.get(word)
        after.add(word, known.string if known is not None else "")
    written = io.BytesIO()
    write_po(written, after, width=110, sort_output=True)
    lines = written.getvalue().decode().splitlines()
    return "\n".join(line for line in lines if not line.startswith(_NOT_KEPT)).rstrip() + "\n"


def _of_templates() -> Iterator[str]:
    environment = templates(Place("", "", ""), "", "")
    for file in sorted((_PORTAL / "templates").glob("*.html")):
        for _, _, message in environment.extract_translations(file.read_text()):  # type: ignore[attr-defined]
            word = message[0] if isinstance(message, tuple) else message  # with values, or without
            if word is not None:  # else they are words of the code that are only shown there
                yield word


def _of_code(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            for index in _SPOKEN.get(node.func.id, ()):
                yield from _said(node.args[index : index + 1])
        elif isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") in _TABLES:
            yield from _said(getattr(node.value, "values", []))


def _said(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and any(map(str.isalpha, node.value))
        ):
            yield node.value


if __name__ == "__main__":
    for one in NAMES:
        if one != ENGLISH:
            (FOLDER / f"{one}.po").write_text(brought_up_to_date(one))
