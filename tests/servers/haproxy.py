"""Debian's HAProxy, run in the foreground with a configuration that somebody else wrote."""

import socket
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from tests.servers.unpacked import unpacked

_START_SECONDS = 20


class Haproxy:
    """`with Haproxy(folder, text, ports)`: listens at these loopback ports until the end of the block.

    `text` is its configuration. It logs to standard output, where the configuration says `log stdout`.
    """

    host = "127.0.0.1"

    def __init__(self, folder: Path, text: str, ports: Iterable[int]) -> None:
        self._program = unpacked("haproxy") / "usr/sbin/haproxy"
        self._ports = tuple(ports)
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._configuration = folder / "haproxy.cfg"
        self._log_file = folder / "haproxy.log"
        self._configuration.write_text(text)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def check(self) -> str:
        """What it says to its configuration, with warnings counting as errors. Raises AssertionError."""
        command = [self._program, "-c", "-dW", "-f", self._configuration]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self) -> None:
        """Start, and wait until it listens. Raises RuntimeError with its log if it doesn't."""
        with self._log_file.open("ab") as log:
            command = [self._program, "-db", "-dW", "-f", self._configuration]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            for port in self._ports:
                self._wait_until_it_listens(port)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it, and every connection with it."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def log(self) -> str:
        return self._log_file.read_text(errors="replace")

    def wait_for_log(self, words: str, seconds: float = 20, begin: int = 0) -> None:
        """Returns once these words are in the log, behind `begin` letters. Raises AssertionError."""
        end = time.monotonic() + seconds
        while words not in self.log()[begin:]:
            assert time.monotonic() < end, f"{words!r} is not in the log:\n{self.log()[begin:]}"
            time.sleep(0.02)

    def _wait_until_it_listens(self, port: int) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self._process is not None and self._process.poll() is None:
            try:
                socket.create_connection((self.host, port), 5).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError(f"HAProxy didn't start. Its log:\n{self.log()[-4000:]}")
