"""Is every letter there that was acknowledged, as it was sent, and once?"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.soak.letter import letter, number_of

# What Postfix puts in front: these, and then one Received, in which it says how the queue file was called.
_TRACE = re.compile(
    rb"\A(?:(?:Return-Path|X-Original-To|Delivered-To): .*\n)+"
    rb"Received: .*\n(?:[ \t].*\n)*?[ \t]by \S+ \(Postfix\) with \S+ id (\w+);?\n(?:[ \t].*\n)*"
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message in somebody's mailbox. `number` is None if it is no letter of the run."""

    box: str
    number: int | None
    queue_id: str
    intact: bool
    file: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """`faults` are sentences; the run is good without any. Copies are counted by mailbox.

    `copies` are of one queue file: Postfix was killed after it delivered and before it removed the file.
    `doubles` came in twice by SMTP, which is the gateway's fault: no sender sends a letter again.
    """

    faults: tuple[str, ...]
    arrived_unacknowledged: int
    copies: int
    doubles: int


def judge(seed: int, begun: int, acknowledged: Collection[int], arrivals: Iterable[Arrival]) -> Judgement:
    """`begun` is the highest number of a letter; what is not in `acknowledged` may be there or not."""
    faults: list[str] = []
    found: dict[int, list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        if arrival.number is None or not 1 <= arrival.number <= begun:
            faults.append(f"nobody has sent {arrival.file} in {arrival.box}")
        else:
            found[arrival.number].append(arrival)
    copies = doubles = 0
    for number in range(1, begun + 1):
        there = found.get(number, [])
        files, ids = {(a.box, a.queue_id) for a in there}, {a.queue_id for a in there}
        copies += len(there) - len(files)
        doubles += max(0, len(ids) - 1)
        faults += _faults(number, letter(seed, number).to, there, number in acknowledged)
    return Judgement(tuple(faults), len(found.keys() - set(acknowledged)), copies, doubles)


def _faults(number: int, to: tuple[str, ...], there: list[Arrival], acknowledged: bool) -> Iterator[str]:
    what = f"letter {number} ({'acknowledged' if acknowledged else 'not acknowledged'})"
    boxes = {arrival.box for arrival in there}
    # One that came in is delivered to all its addresses, whoever has heard the 250.
    if acknowledged or there:
        for box in sorted(set(to) - boxes):
            yield f"{what} is not in {box}"
    for box in sorted(boxes - set(to)):
        yield f"{what} is in {box}, where it was not sent to"
    for arrival in there:
        if not arrival.intact:
            yield f"{what} is altered in {arrival.box}, {arrival.file}"
    if len(ids := sorted({arrival.queue_id for arrival in there})) > 1:
        yield f"{what} came in {len(ids)} times, as {', '.join(ids)}"


def arrivals_in(maildir: Path, box: str, seed: int) -> Iterator[Arrival]:
    """What lies in a Maildir that nobody delivers to any more."""
    for file in sorted((maildir / "new").iterdir()):
        queue_id, message = _without_trace(file)
        number = number_of(message)
        intact = number is not None and message == letter(seed, number).message
        yield Arrival(box, number, queue_id, intact, file.name)


def _without_trace(file: Path) -> tuple[str, bytes]:
    """The queue id, and the message as it was sent, with CRLF."""
    stored = file.read_bytes()
    trace = _TRACE.match(stored)
    assert trace, f"{file} does not begin with what Postfix puts in front:\n{stored[:1000]!r}"
    return trace[1].decode(), stored[trace.end() :].replace(b"\n", b"\r\n")
