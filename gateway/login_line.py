"""The one line that a login leaves in the log, and its place in the metrics."""

from gateway.connection import shown
from gateway.gatekeeper import Attempt
from gateway.judgement import Admit, PassThrough, Refuse, Verdict, Why
from gateway.log import log
from gateway.metrics.tally import Tally
from gateway.repeated_lines import RepeatedLines

_LONGEST = 255


def note_login(
    tally: Tally,
    lines: RepeatedLines,
    attempt: Attempt,
    verdict: Verdict,
    refused: Why | None,
    judged: float,
    ended: float,
) -> None:
    """`refused` is why the client did not get in, whoever decided that; the rest are moments of the loop."""
    word, reason = _outcome(verdict) if refused is None else ("refused", refused.slug)
    tally.login(attempt.protocol, word, reason, judged - attempt.started, ended - attempt.started)
    if refused is not None and not lines.of_source(attempt.address):
        return
    # Who is refused stands there as presented.
    account = verdict.account if isinstance(verdict, Admit | PassThrough) else None
    app_password = verdict.app_password if isinstance(verdict, Admit | Refuse) else None
    log.info(
        "login",
        protocol=attempt.protocol,
        listener=attempt.listener,
        user=account.user.login if account is not None else printable(attempt.credentials.username),
        app_password=app_password.name if app_password is not None else "",
        app_password_id=app_password.id if app_password is not None else "",
        address=shown(attempt.address),
        port=attempt.port,
        tls=attempt.tls,
        client=attempt.client,
        verdict=word,
        reason=reason,
        ms=round((ended - attempt.started) * 1000, 1),
    )


def _outcome(verdict: Verdict) -> tuple[str, str]:
    return ("passed-through", verdict.remark) if isinstance(verdict, PassThrough) else ("admitted", "")


def printable(sent: bytes) -> str:
    """What a stranger sent, cut to a length that a log bears. The log itself escapes what isn't printable."""
    return sent[:_LONGEST].decode("utf-8", "backslashreplace")
