"""Asks the worker processes over their control sockets, all at the same time."""

import asyncio
import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SECONDS = 2.0  # in which a worker has to answer; Prometheus waits for 10 by default
_LONGEST = 4 * 1024 * 1024  # bytes of an answer


@dataclass(frozen=True, slots=True)
class WorkerProcess:
    """`label` tells it from all others, in metrics. `current` is False for one that drains."""

    label: str
    socket: Path
    current: bool


async def ask_all(
    processes: Sequence[WorkerProcess], command: str
) -> list[tuple[WorkerProcess, dict[str, Any] | None]]:
    """Each with its answer, or None when it gave none in time."""
    answers = await asyncio.gather(*(_ask(one.socket, command) for one in processes))
    return list(zip(processes, answers, strict=True))


async def _ask(path: Path, command: str) -> dict[str, Any] | None:
    try:
        async with asyncio.timeout(_SECONDS):
            answer = json.loads(await _line(path, command))
    except (OSError, ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) and "error" not in answer else None


async def _line(path: Path, command: str) -> bytes:
    reader, writer = await asyncio.open_unix_connection(path, limit=_LONGEST)
    with contextlib.closing(writer):
        writer.write(json.dumps({"command": command}).encode() + b"\n")
        return await reader.readline()
