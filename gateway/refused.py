"""Notes which devices of known users are refused, for help desks and for those who plan to enforce."""

from gateway.connection import shown
from gateway.gatekeeper import Attempt
from gateway.judgement import OBSERVED, Admit, PassThrough, Refusal, Refuse, Verdict, Why
from store.refused_logins import Device, RefusedLogins

OBSERVED_SLUG = "observed"


def note_refused(refused_logins: RefusedLogins, attempt: Attempt, verdict: Verdict, why: Why | None) -> None:
    """Count a refusal of somebody whom the store knows, or who passes as observed. Outages are nobody's."""
    if why is not None and why.kind is Refusal.UNAVAILABLE:
        return
    observed = isinstance(verdict, PassThrough) and verdict.remark == OBSERVED and why is None
    if verdict.account is None or (why is None and not observed):
        return
    app_password = verdict.app_password if isinstance(verdict, Admit | Refuse) else None
    device = Device(
        verdict.account.user.id,
        attempt.protocol,
        attempt.client,
        shown(attempt.address),
        why.slug if why is not None else OBSERVED_SLUG,
        app_password.id if app_password is not None else "",
    )
    refused_logins.note(device)
