"""The first page of the help desk: users by how their login or alias begins."""

from starlette.responses import Response

from portal.visit import Visit
from store.portal.search import search

_ON_A_PAGE = 50
_LONGEST = 255


def show(visit: Visit) -> Response:
    """Those that fit, a page at a time."""
    asked = visit.request.query_params
    wanted, after = asked.get("q", "").strip().lower()[:_LONGEST], asked.get("after", "")[:_LONGEST]
    domains = visit.power.domains
    database = visit.state.database
    found = search(database, wanted, domains, after=after, limit=_ON_A_PAGE + 1)
    page, more = found[:_ON_A_PAGE], len(found) > _ON_A_PAGE
    return visit.show(
        "help_desk_search.html",
        wanted=wanted,
        found=page,
        domains=sorted(domains),
        more=page[-1].name if more else "",
    )
