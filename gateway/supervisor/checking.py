"""Reads and checks the configuration in a process of its own: what goes wrong there leaves nothing behind.

`python -m gateway.supervisor.checking [FILE]` writes the settings to standard output as workers get them, or
what is wrong with them to standard error.
"""

import asyncio
import io
import os
import sys
from pathlib import Path

from config import Settings
from gateway.lifeline import packed, received

_SECONDS = 60.0
_BY_HAND = "run wicketgate check-config"


class NotUsable(Exception):
    """The configuration has errors; `problems` has one sentence for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("the configuration can't be used")
        self.problems = problems


async def checked(config_path: Path | None) -> Settings:
    """The settings as the file has them now. Raises `NotUsable`."""
    try:
        async with asyncio.timeout(_SECONDS):
            code, out, said = await _check(config_path)
        if not code:
            return received(io.BytesIO(out))
    except (OSError, EOFError, ValueError) as error:  # TimeoutError is one of OSError
        raise NotUsable([f"the check broke off ({error or type(error).__name__}); {_BY_HAND}"]) from None
    lines = said.decode("utf-8", "replace").splitlines()
    raise NotUsable(lines or [f"the check ended with {code}; {_BY_HAND}"])


async def _check(config_path: Path | None) -> tuple[int | None, bytes, bytes]:
    """The exit code and both outputs. -P: what lies in the current folder is none of our modules."""
    words = [sys.executable, "-P", "-m", __name__, *([str(config_path)] if config_path else [])]
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        *words, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe
    )
    try:
        out, said = await child.communicate()
    finally:
        if child.returncode is None:
            child.kill()
    return child.returncode, out, said


def main() -> None:
    """The process of its own."""
    from gateway.cli.config_option import load_or_exit

    settings = load_or_exit(Path(sys.argv[1]) if len(sys.argv) > 1 else None, files=True)
    if not settings.listener:
        sys.stderr.write("no [[listener]] is configured; `wicketgate config example` shows how\n")
        raise SystemExit(os.EX_CONFIG)
    sys.stdout.buffer.write(packed(settings))


if __name__ == "__main__":
    main()
