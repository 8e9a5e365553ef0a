"""The audit log of the reader's domains: who did what for whom, with filters, and as CSV."""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from starlette.responses import Response

from portal.help_desk.csv_cells import as_csv
from portal.languages import marked
from portal.visit import Visit
from store import audit
from store.model import AuditEntry

_ON_A_PAGE = 100
_MOST_EXPORTED = 50_000
_LONGEST = 255
_LONGEST_ID, _MOST_ID = 10, 2**31 - 1  # of the column's type on PostgreSQL
_FIELDS = ("login", "actor", "action", "since")
_COLUMNS = ("at", "actor", "action", "login", "detail")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The filters as they were typed, those that are empty left out."""

    typed: dict[str, str]

    @property
    def since(self) -> datetime | None:
        """Raises ValueError."""
        text = self.typed.get("since")
        return datetime.fromisoformat(text[:10]).replace(tzinfo=UTC) if text else None

    def entries(self, visit: Visit, limit: int, before: int | None = None) -> list[AuditEntry]:
        """Raises ValueError for what is no date."""
        return audit.entries(
            visit.state.database,
            self.typed.get("login", "").lower() or None,
            limit,
            since=self.since,
            actor=self.typed.get("actor"),
            action=self.typed.get("action"),
            before=before,
            domains=visit.power.domains,
        )

    def address(self, **more: str) -> str:
        return urlencode(self.typed | more)


def show(visit: Visit) -> Response:
    """The newest first, a page at a time."""
    wanted, before = _wanted(visit), visit.request.query_params.get("before", "")
    error, found = "", []
    try:
        known = before.isascii() and before.isdigit() and len(before) <= _LONGEST_ID
        earlier = min(int(before), _MOST_ID) if known else None
        found = wanted.entries(visit, _ON_A_PAGE + 1, earlier)
    except ValueError:
        error = marked("Write the date as in 2027-01-31.")
    page, more = found[:_ON_A_PAGE], len(found) > _ON_A_PAGE
    return visit.show(
        "help_desk_audit.html",
        400 if error else 200,
        error=error,
        typed=wanted.typed,
        entries=page,
        export=wanted.address(),
        older=wanted.address(before=str(page[-1].id)) if more else "",
    )


def export(visit: Visit) -> Response:
    """The same as a file, at most the newest 50,000."""
    try:
        found = _wanted(visit).entries(visit, _MOST_EXPORTED)
    except ValueError:
        return visit.go_to("/help-desk/audit")
    rows = [(f"{one.at:%Y-%m-%d %H:%M:%S}", one.actor, one.action, one.login, one.detail) for one in found]
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return Response(as_csv([_COLUMNS, *rows]), media_type="text/csv", headers=headers)


def _wanted(visit: Visit) -> _Wanted:
    asked = visit.request.query_params
    typed = {name: asked.get(name, "").strip()[:_LONGEST] for name in _FIELDS}
    return _Wanted({name: text for name, text in typed.items() if text})
