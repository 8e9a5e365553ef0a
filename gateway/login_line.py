"""The one line that every login leaves in the log."""

from gateway.connection import shown
from gateway.gatekeeper import Attempt
from gateway.judgement import Admit, PassThrough, Verdict, Why
from gateway.log import log

_LONGEST = 255


def log_login(attempt: Attempt, verdict: Verdict, refused: Why | None, seconds: float) -> None:
    """`refused` is why the client did not get in, whoever decided that."""
    account = None if not isinstance(verdict, Admit | PassThrough) else verdict.account
    app_password = verdict.app_password if isinstance(verdict, Admit) else None
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
        verdict=_word(verdict) if refused is None else "refused",
        reason=_reason(verdict) if refused is None else refused.slug,
        ms=round(seconds * 1000, 1),
    )


def _word(verdict: Verdict) -> str:
    return "admitted" if isinstance(verdict, Admit) else "passed-through"


def _reason(verdict: Verdict) -> str:
    return verdict.remark if isinstance(verdict, PassThrough) else ""


def printable(sent: bytes) -> str:
    """What a stranger sent, cut to a length that a log bears. The log itself escapes what isn't printable."""
    return sent[:_LONGEST].decode("utf-8", "backslashreplace")
