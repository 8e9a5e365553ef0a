"""One thing that a help desk does for a user: asked first, then done, with an optional reason."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from portal.help_desk.whose import asked_for, obstacle, to_change
from portal.log import log
from portal.visit import Visit
from store.model import User
from store.portal.reach import Barred
from store.printable import printable

_LONGEST_REASON = 200


class Unfit(Exception):
    """Something in the form; the message says what is allowed."""


@dataclass(frozen=True, slots=True)
class Deed:
    """Who does it to whom, and why. `actor` and `reason` are for the audit trail."""

    visit: Visit
    user: User
    reason: str

    @property
    def actor(self) -> str:
        return f"portal:{self.visit.who.user.login}"


@dataclass(frozen=True, slots=True)
class Act:
    """`question` and `meaning` stand on the page, `yes` on the button.

    `carry_out` may answer with a page of its own, and raises Unfit.
    """

    slug: str
    question: str
    meaning: str
    yes: str
    carry_out: Callable[[Deed], Response | None]
    is_grave: bool = False

    def ask(self, visit: Visit) -> Response:
        """What it means."""
        account = to_change(visit)
        if isinstance(account, Barred):
            return _refused(visit, account)
        return self._form(visit, account.user, "", 200)

    def do(self, visit: Visit) -> Response:
        """After the Yes."""
        account = to_change(visit)
        if isinstance(account, Barred):
            return _refused(visit, account)
        user = account.user
        reason = printable(visit.form.get("reason", "").strip(), _LONGEST_REASON)
        try:
            answer = self.carry_out(Deed(visit, user, reason))
        except Unfit as unfit:
            return self._form(visit, user, str(unfit), 400)
        log.info("help desk", act=self.slug, by=visit.who.user.login, user=user.login, address=visit.address)
        return answer or visit.go_to(f"/help-desk/users/{user.id}")

    def _form(self, visit: Visit, user: User, error: str, status: int) -> Response:
        return visit.show("help_desk_act.html", status, act=self, user=user, error=error, form=visit.form)


def _refused(visit: Visit, barred: Barred) -> Response:
    account = asked_for(visit)
    if account is None or barred is Barred.ABSENT:
        return visit.not_found()
    return visit.show("help_desk_refused.html", 403, user=account.user, why=obstacle(barred))
