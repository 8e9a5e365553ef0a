"""Starts a fuzz target. Each `fuzz_*.py` beside this file is one: `python tests/fuzz/fuzz_sasl.py`.

The arguments are libFuzzer's; `-atheris_runs=N` ends after N inputs. An input that fails is written to the
working directory, and is run again by giving the name of its file.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris


def fuzz(target: Callable[[bytes], None], seeds: Sequence[bytes]) -> None:
    """Run `target` on inputs that grow out of `seeds` until libFuzzer has had enough."""
    with TemporaryDirectory() as folder:
        files = [Path(folder, str(number)) for number in range(len(seeds))]
        for file, seed in zip(files, seeds, strict=True):
            file.write_bytes(seed)
        names = ",".join(map(str, files))
        atheris.Setup([*sys.argv, f"-seed_inputs={names}"], target)
        atheris.Fuzz()
