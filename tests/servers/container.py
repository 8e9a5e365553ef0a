"""A Debian root for one server, in a container of systemd-nspawn whose network is loopback alone."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import IO, Self

from tests.servers.ports import free_ports

_ROOT = Path(__file__).parents[2] / "build" / "directories" / "root"
_FORWARDER = Path(__file__).with_name("forwarder.py")
_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}


class Container:
    """`with Container(folder, name)`: `folder` is there under the same path, for both sides to write to.

    Nothing in the root is changed, and all that runs in the container ends with it.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._command = [
            *("systemd-nspawn", "--quiet", "--pipe", "--volatile=overlay", "--private-network", "--as-pid2"),
            *("--register=no", "--keep-unit", "-D", str(_ROOT)),
            *(f"--machine={name}-{os.getpid()}", f"--hostname={name}", f"--bind={folder}"),
            *("sh", "-c", "echo ready; exec sleep infinity"),
        ]
        self._started: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        assert _ROOT.is_dir(), "there is no root for it: `make test-directories` makes one"
        self._nspawn = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert self._nspawn.stdout is not None
        said = self._nspawn.stdout.readline()
        if said != b"ready\n":
            self._nspawn.kill()
            _, error = self._nspawn.communicate()
            raise RuntimeError(f"systemd-nspawn can't start a container here: {said!r} {error!r}")
        children = Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children").read_text().split()
        self._init = int(children[0])
        return self

    def __exit__(self, *_: object) -> None:
        """With its first process, all of the container end."""
        os.kill(self._init, signal.SIGKILL)
        self._nspawn.communicate(timeout=30)
        for process in self._started:
            process.kill()
            process.wait()

    def run(self, *command: str, text: str = "") -> str:
        """What a command prints. Raises RuntimeError with all that it said if it fails."""
        done = subprocess.run(
            [*self._enter(), *command], input=text, capture_output=True, text=True, env=_ENVIRONMENT
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
        return done.stdout

    def start(self, *command: str, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start what goes on until the container ends."""
        words = [*self._enter(), *command]
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=_ENVIRONMENT)
        self._started.append(process)
        return process

    def path(self, inside: str) -> Path:
        """Where a file of the container is for us."""
        return Path(f"/proc/{self._init}/root{inside}")

    def forward(self, port: int) -> int:
        """A port of this machine's loopback, which leads to that one of the container's."""
        [here] = free_ports(1)
        with socket.create_server(("127.0.0.1", here)) as listener:
            network = ["nsenter", f"--target={self._init}", "--net", "--"]
            forward = [sys.executable, "-I", str(_FORWARDER), str(listener.fileno()), str(port)]
            self._started.append(subprocess.Popen([*network, *forward], pass_fds=[listener.fileno()]))
        return here

    def _enter(self) -> list[str]:
        spaces = ("--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd")
        return ["nsenter", f"--target={self._init}", *spaces, "--"]
