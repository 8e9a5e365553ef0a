"""What a refused client is told.

A stranger learns nothing about an account: unless the configuration says `specific`, every final refusal is
the same sentence. A temporary one says that it is temporary, or clients throw good passwords away.
"""

from typing import Literal

from gateway.judgement import Refusal, Why
from protocols.dialogue import LoginResult, Outcome

_OUTCOMES = {
    Why.EXPIRED: Outcome.EXPIRED,
    Why.BLOCKED: Outcome.BLOCKED,
}
_KINDS = {
    Refusal.WRONG_CREDENTIAL: Outcome.REJECTED,
    Refusal.APP_PASSWORD_REQUIRED: Outcome.APP_PASSWORD_REQUIRED,
    Refusal.POLICY: Outcome.FORBIDDEN,
    Refusal.THROTTLED: Outcome.LIMITED,
    Refusal.UNAVAILABLE: Outcome.UNAVAILABLE,
}


class Refusals:
    """The answers to refused logins, made once."""

    __slots__ = ("_answers",)

    def __init__(self, hint: Literal["always", "none", "specific"], portal_url: str) -> None:
        self._answers = {why: self._answer(why, hint, portal_url) for why in Why}

    def answer(self, why: Why) -> LoginResult:
        return self._answers[why]

    @staticmethod
    def _answer(why: Why, hint: Literal["always", "none", "specific"], portal_url: str) -> LoginResult:
        where = f": {portal_url}" if portal_url else ""
        if why.kind is Refusal.UNAVAILABLE:
            return LoginResult(
                Outcome.UNAVAILABLE, b"The service is unavailable for the moment. Please try again later"
            )
        if why is Why.TOO_MANY_SESSIONS:  # only who has the right password gets this far
            return LoginResult(Outcome.LIMITED, b"Too many connections at once. Please close some of them")
        if why is Why.TOO_MANY_FAILURES:
            advice = f", or use an app password{where}" if hint != "none" else ""
            sentence = f"Too many failed logins. Try again later{advice}"
            return LoginResult(Outcome.LIMITED, sentence.encode())
        if hint == "specific":
            sentence = f"{why.sentence[0].upper()}{why.sentence[1:]}. Use an app password{where}"
            return LoginResult(_OUTCOMES.get(why, _KINDS[why.kind]), sentence.encode())
        sentence = "Wrong user name or password"
        if hint == "always":
            sentence += f". With two-step verification, use an app password{where}"
        return LoginResult(Outcome.REJECTED, sentence.encode())
