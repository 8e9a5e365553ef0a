"""The devices that a user was refused with, from what the gateways noted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from portal.trouble.reasons import LOCKED_OUT, MENDED_BY_NEW, sentence
from store.refused_logins import Refused

Place = tuple[str, str]  # what the client calls itself, and its address


@dataclass(frozen=True, slots=True)
class Problem:
    """Why it was refused, how often, and when last."""

    protocols: str
    app_password: str
    sentence: str
    count: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Trouble:
    """One device with all its problems, the newest first. `key` is what its form sends."""

    client: str
    address: str
    problems: tuple[Problem, ...]
    new_helps: bool
    is_locked_out: bool

    @property
    def key(self) -> str:
        return sha256(f"{self.address}\n{self.client}".encode()).hexdigest()


def devices(refused: list[Refused], dismissed: Mapping[Place, datetime]) -> list[Trouble]:
    """The device that failed last comes first."""
    by_place: dict[Place, list[Refused]] = {}
    for one in refused:  # the newest first
        place = one.device.client, one.device.address
        seen = dismissed.get(place)
        if seen is None or one.times.last > seen:
            by_place.setdefault(place, []).append(one)
    return [_trouble(place, found) for place, found in by_place.items()]


def _trouble(place: Place, refused: list[Refused]) -> Trouble:
    """Several protocols that fail for one reason are one problem."""
    by_reason: dict[tuple[str, str], list[Refused]] = {}
    for one in refused:
        by_reason.setdefault((one.device.reason, one.device.app_password_id), []).append(one)
    helps = any(one.device.reason in MENDED_BY_NEW for one in refused)
    locked = any(one.device.reason == LOCKED_OUT for one in refused)
    return Trouble(*place, tuple(map(_problem, by_reason.values())), helps, locked)


def _problem(refused: list[Refused]) -> Problem:
    first = refused[0]
    return Problem(
        ", ".join(dict.fromkeys(one.device.protocol.upper() for one in refused)),
        first.app_password or "",
        sentence(first.device),
        sum(one.times.count for one in refused),
        max(one.times.last for one in refused),
    )
