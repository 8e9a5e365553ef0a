"""Which user a page of the help desk is about, and whether its reader may do something for that user."""

from collections.abc import Mapping

from portal.languages import marked
from portal.visit import Visit
from store import users
from store.model import Account
from store.portal.reach import Barred, Reach, user_to_change

_LONGEST_ID = 10  # digits
_MOST_ID = 2**31 - 1  # the column's type on PostgreSQL
_SENTENCES: Mapping[Barred, str] = {
    Barred.LOOKS_ONLY: marked("Auditors look, and change nothing."),
    Barred.SELF: marked("This is you. Somebody else has to do it."),
    Barred.OUTRANKED: marked("This user has a role that yours doesn't reach. Ask an administrator."),
}


def asked_for(visit: Visit) -> Account | None:
    """The user of the address. None for one of other domains, too: for this reader there is no such user."""
    id = str(visit.request.path_params.get("id", ""))
    if not id.isascii() or not id.isdigit() or len(id) > _LONGEST_ID or int(id) > _MOST_ID:
        return None
    account = users.account_by_id(visit.state.database, int(id))
    return account if account is not None and visit.power.covers(account.user.login) else None


def to_change(visit: Visit) -> Account | Barred:
    """The user of the address, for whatever the reader is about to change."""
    return user_to_change(visit.state.database, reach_of(visit), asked_for(visit))


def reach_of(visit: Visit) -> Reach:
    """Which users the reader may change."""
    return Reach(visit.power, own_id=visit.who.user.id)


def obstacle(barred: Account | Barred) -> str:
    """Why the reader may do nothing for this user; empty where nothing speaks against it."""
    return _SENTENCES[barred] if isinstance(barred, Barred) else ""
