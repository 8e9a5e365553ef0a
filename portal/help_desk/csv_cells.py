"""CSV (RFC 4180) that a spreadsheet shows as text, whatever a cell begins with."""

import csv
import io
from collections.abc import Iterable, Sequence

# With these a cell is a formula, in some programs by their full-width forms as well.
_BEGINS_A_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def as_csv(rows: Iterable[Sequence[str]]) -> str:
    """Every cell in quotes; an apostrophe stands before what would be reckoned."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return written.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.lstrip().startswith(_BEGINS_A_FORMULA) else cell
