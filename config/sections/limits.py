"""[limits] and [argon2]: how much of everything, and how long."""

from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from config.breach import Breach, refuse
from config.value_types import STRICT, Count, Seconds


class Limits(BaseModel):
    """Times are in seconds."""

    model_config = STRICT
    preauth_seconds: Annotated[Seconds, Field(gt=0, le=600)] = Field(
        default=30.0,
        description="How long a connection may last before the login, at most 600; and a request to the "
        "portal, until all of it has come, or a client that takes nothing of its answer.",
    )
    refusal_seconds: Annotated[Seconds, Field(ge=0, le=30)] = Field(
        default=2.0,
        description="Every refusal is answered this long after the attempt, 0 to 30, so that its moment "
        "tells nothing.",
    )
    backend_seconds: Annotated[Seconds, Field(gt=0, le=300)] = Field(
        default=10.0, description="Connect, TLS and login at the backend together, at most 300."
    )
    drain_seconds: Annotated[Seconds, Field(ge=0, le=86400)] = Field(
        default=30.0, description="How long sessions may go on after a stop was asked for, 0 to 86400."
    )
    drain_notice_seconds: Annotated[Seconds, Field(ge=0, le=3600)] = Field(
        default=0.0,
        description="How long clients are still accepted after a stop was asked for, 0 to 3600, while "
        "/health/ready says no, so that a load balancer sends them elsewhere first.",
    )
    lease_seconds: Annotated[Seconds, Field(gt=0, le=300)] = Field(
        default=30.0,
        description="Without news of the change feed for this long, at most 300, logins get the temporary "
        "code.",
    )
    blind_seconds: Annotated[Seconds, Field(ge=0, le=86400)] = Field(
        default=0.0,
        description="Without news of the change feed for this long, 0 to 86400, all live sessions are cut, "
        "since nobody can tell which were revoked. 0: they go on until there is news.",
    )
    feed_seconds: Annotated[Seconds, Field(gt=0, le=60)] = Field(
        default=0.25, description="How often the change feed is looked at; at most a third of lease_seconds."
    )
    learn_seconds: Annotated[Seconds, Field(ge=1, le=86400)] = Field(
        default=60.0,
        description="How often POP3, SMTP and ManageSieve backends are asked what they offer, 1 to 86400.",
    )
    sessions: Annotated[Count, Field(ge=1, le=1_000_000)] = Field(
        default=20000, description="Connections at one time in this process, 1 to 1000000."
    )
    strangers: Annotated[Count, Field(ge=1, le=1_000_000)] = Field(
        default=5000,
        description="Connections at one time in this process without a login, 1 to 1000000. "
        "One more cuts the oldest of them.",
    )
    strangers_per_source: Annotated[Count, Field(ge=1, le=1_000_000)] = Field(
        default=200,
        description="The same of one address (with IPv6 of one /64), 1 to 1000000. It doesn't hold for those "
        "in throttle.exempt.",
    )
    sessions_per_user: Annotated[Count, Field(ge=1, le=100_000)] = Field(
        default=100, description="Sessions of one user at one time, 1 to 100000."
    )
    failed_logins: Annotated[Count, Field(ge=1, le=100)] = Field(
        default=3, description="Failed logins on one connection before it is closed, 1 to 100."
    )
    workers: Annotated[Count, Field(ge=0, le=256)] | None = Field(
        default=None,
        description="Processes that serve, 0 to 256; left out, one a core. 0: `wicketgate serve` itself.",
    )
    hash_threads: Annotated[Count, Field(ge=0, le=256)] = Field(
        default=0, description="Threads that hash, 1 to 256; 0 means one for each core."
    )
    hash_queue: Annotated[Count, Field(ge=1, le=100_000)] = Field(
        default=64,
        description="Logins that may wait for a hash, 1 to 100000; more than these get the temporary code.",
    )

    @model_validator(mode="after")
    def _feed_is_faster_than_the_lease(self) -> Self:
        if self.feed_seconds * 3 > self.lease_seconds:
            sentence = (
                f"{self.feed_seconds:g} is too slow for lease_seconds = {self.lease_seconds:g};"
                f" allowed is at most a third of it, {self.lease_seconds / 3:g}"
            )
            refuse([Breach(("feed_seconds",), sentence)])
        return self


class Argon2(BaseModel):
    """The cost of an argon2id hash. After a change, hashes are renewed at the next login."""

    model_config = STRICT
    memory_kib: Annotated[Count, Field(ge=8, le=1_048_576)] = Field(
        default=19456, description="Memory of one hash in KiB, 8 to 1048576, and at least 8 a lane."
    )
    time_cost: Annotated[Count, Field(ge=1, le=20)] = Field(
        default=2, description="Passes over the memory, 1 to 20."
    )
    parallelism: Annotated[Count, Field(ge=1, le=16)] = Field(
        default=1, description="Lanes of one hash, 1 to 16."
    )

    @model_validator(mode="after")
    def _memory_holds_the_lanes(self) -> Self:
        # RFC 9106, section 3.1: the memory is at least 8 KiB for each lane.
        if self.memory_kib < 8 * self.parallelism:
            sentence = f"{self.memory_kib} is too little; allowed is at least 8 for each of the lanes"
            refuse([Breach(("memory_kib",), sentence)])
        return self
