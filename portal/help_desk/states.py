"""MFA states of many users by CSV: shown first, then set as they were shown."""

from datetime import timedelta

from starlette.responses import Response

from portal.help_desk.states_plan import changed_since, planned, versions
from portal.log import log
from portal.visit import Visit
from store.importing import carry_out
from store.portal import pending

_WHAT = "mfa states"
_LASTS = timedelta(minutes=15)


def show(visit: Visit) -> Response:
    """The form."""
    return visit.show("help_desk_states.html", text="", problems=())


def check(visit: Visit) -> Response:
    """What would be done. Nothing is changed yet."""
    text = visit.form.get("csv", "")
    plan = planned(visit, text)
    if plan.problems:
        return visit.show("help_desk_states.html", 400, text=text, problems=plan.problems)
    state, value = visit.state, {"text": text, "versions": versions(plan)}
    pending.put_aside(state.database, state.key, visit.here, _WHAT, value, _LASTS)
    return visit.show("help_desk_states_plan.html", plan=plan)


def apply(visit: Visit) -> Response:
    """What was shown, and nothing else: who was changed meanwhile is left out and named."""
    state = visit.state
    value = pending.take(state.database, state.key, visit.here, _WHAT)
    if value is None:
        return visit.go_to("/help-desk/states")
    # If one of them may not be changed any more, the plan has no steps at all, and all of them are left.
    plan = planned(visit, value["text"])
    steps = [one for one in plan.steps if not changed_since(one, value["versions"])]
    not_taken = carry_out(state.database, steps, f"portal:{visit.who.user.login}")
    done = {one.entry.login for one in steps} - {one.entry.login for one in not_taken}
    left = sorted({*value["versions"], *(one.entry.login for one in plan.steps)} - done)
    log.info("mfa states set", by=visit.who.user.login, address=visit.address, number=len(done))
    return visit.show("help_desk_states_done.html", number=len(done), left=left)
