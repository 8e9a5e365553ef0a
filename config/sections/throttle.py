"""[throttle]: how many wrong guesses are allowed, and to whom."""

from typing import Annotated, Self

from pydantic import BaseModel, Field

from config.value_types import STRICT, Count, Networks, Seconds

_Failures = Annotated[Count, Field(ge=0, le=1000)]
_WRONG_SECONDS = 300.0
_Window = Annotated[Seconds, Field(ge=1, le=604800)]


class Throttle(BaseModel):
    """Failed logins beyond these numbers get the temporary code, and no backend hears of them."""

    model_config = STRICT
    failures_per_source: _Failures = Field(
        default=20,
        description="Failed logins from one address (IPv6: one /64, and ten times as many from one /48) "
        "within window_seconds, 0 to 1000; 0 means any number.",
    )
    failures_per_user_and_source: _Failures = Field(
        default=10,
        description="Failed logins of one user from one address within window_seconds, 0 to 1000; 0 means "
        "any number.",
    )
    failures_per_user: Annotated[Count, Field(ge=0, le=100)] = Field(
        default=100,
        description="Failed logins of one user from all addresses together within user_window_seconds, 0 to "
        "100; 0 means any number. An address from which the user has logged in has as many of its own; all "
        "such addresses together have ten times as many.",
    )
    window_seconds: _Window = Field(
        default=600.0, description="How long failures of a source count, 1 to 604800."
    )
    user_window_seconds: _Window = Field(
        default=86400.0, description="How long failures of a user count, 1 to 604800."
    )
    exempt: Networks = Field(
        default=(),
        description="Networks from which nothing is counted: servers that limit guesses themselves, such as "
        "a webmail.",
    )

    @property
    def wrong_seconds(self) -> float:
        """How long a password that was wrong is known to be so, and no backend is asked about it again."""
        return max(_WRONG_SECONDS, self.window_seconds)

    def for_each_of(self, processes: int) -> Self:
        """For processes that count by themselves: all together allow a user no more failures than one would.

        An address may fail as often in each of them. It would be a small number for each, and clients come to
        all of them by chance.
        """
        if not self.failures_per_user:
            return self
        return self.model_copy(update={"failures_per_user": max(1, self.failures_per_user // processes)})
