"""Whom a page of the help desk is about, and whether its reader may do something for them."""

from portal.languages import marked
from portal.visit import Visit
from store import users
from store.model import Account
from store.portal import roles
from store.portal.roles import Role

_LONGEST_ID = 10  # digits
_MOST_ID = 2**31 - 1  # the column's type on PostgreSQL


def asked_for(visit: Visit) -> Account | None:
    """The user of the address. None for one of other domains, too: for this reader there is no such user."""
    id = str(visit.request.path_params.get("id", ""))
    if not id.isascii() or not id.isdigit() or len(id) > _LONGEST_ID or int(id) > _MOST_ID:
        return None
    account = users.account_by_id(visit.state.database, int(id))
    return account if account is not None and visit.power.covers(account.user.login) else None


def obstacle(visit: Visit, account: Account) -> str:
    """Why the reader may do nothing for this user; empty where nothing speaks against it."""
    if not visit.power.reaches(Role.HELP_DESK):
        return marked("Auditors look, and change nothing.")
    if account.user.id == visit.who.user.id:
        return marked("This is you. Somebody else has to do it.")
    if not visit.power.may_act_on(roles.held(visit.state.database, account.user.id)):
        return marked("This user has a role that yours doesn't reach. Ask an administrator.")
    return ""
