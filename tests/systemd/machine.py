"""A machine with a real systemd: a container of systemd-nspawn, whose network is loopback alone."""

import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Self, TypeVar

T = TypeVar("T")
_NEW_NETWORK = 0x40000000  # CLONE_NEWNET
_SECONDS_TO_BOOT = 60
_ENVIRONMENT = {"PATH": "/opt/wicketgate/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}


class Machine:
    """`with Machine(root, log)`: booted from the folder `root`, in which nothing is changed."""

    def __init__(self, root: Path, log: Path) -> None:
        self._log = log
        command = [
            *("systemd-nspawn", "--quiet", "--boot", "--volatile=overlay", "--private-network"),
            *("--register=no", "--keep-unit", "--link-journal=no", f"--machine=wicketgate-{os.getpid()}"),
            *("-D", str(root)),
        ]
        with log.open("wb") as file:
            self._nspawn = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        self._init = 0
        self._page: list[str] = []

    def __enter__(self) -> Self:
        try:
            self._wait_until_booted()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """With its first process, all of the container end."""
        if self._init:
            os.kill(self._init, signal.SIGKILL)
        else:
            self._nspawn.kill()
        self._nspawn.wait(30)

    def path(self, inside: str) -> Path:
        """Where a file of the machine is for us."""
        return Path(f"/proc/{self._init}/root{inside}")

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A command as root. Raises AssertionError with what it said if it fails and `check` is set."""
        enter = [f"--target={self._init}", "--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd"]
        done = subprocess.run(
            ["nsenter", *enter, "--", *command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=_ENVIRONMENT,
        )
        assert not check or done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"
        return done

    def systemctl(self, *arguments: str) -> str:
        """Raises AssertionError, with the end of the journal, if it fails."""
        done = self.run("systemctl", *arguments, check=False)
        if done.returncode != 0:
            journal = self.run("journalctl", "--no-pager", "--output=cat", *self._page).stdout.splitlines()
            lines = [line for line in journal if "event=login" not in line][-40:]
            raise AssertionError("\n".join([f"systemctl {' '.join(arguments)}: {done.stderr}", *lines]))
        return done.stdout.strip()

    def property(self, unit: str, name: str) -> str:
        return self.systemctl("show", "--value", f"--property={name}", unit)

    def wait_until_active(self, unit: str, seconds: float = 60) -> None:
        """Neither starting nor reloading any more."""
        self.wait_until(lambda: self.property(unit, "ActiveState") == "active", f"{unit} is active", seconds)

    def main_pid(self, unit: str) -> int:
        return int(self.property(unit, "MainPID"))

    def journal(self, unit: str) -> str:
        """What the unit has said, and systemd of it, since the page was turned."""
        return self.run("journalctl", "--no-pager", "--output=cat", f"--unit={unit}", *self._page).stdout

    def turn_the_page(self) -> None:
        """Read the journal from here on."""
        told = self.run("journalctl", "--no-pager", "--lines=0", "--show-cursor").stdout
        self._page = ["--after-cursor=" + told.strip().rpartition("-- cursor: ")[2]]

    def wait_until(self, true: Callable[[], bool], what: str, seconds: float = 30) -> None:
        """Another process's doing can only be looked at again and again."""
        until = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < until, f"not within {seconds} seconds: {what}"
            time.sleep(0.1)

    def connect(self, port: int, seconds: float = 30) -> socket.socket:
        """A connection in the machine's network, to its loopback."""
        return self.there(lambda: socket.create_connection(("127.0.0.1", port), seconds))

    def listens(self, port: int) -> bool:
        """Whether somebody takes connections at this port."""
        try:
            self.connect(port).close()
        except ConnectionRefusedError:
            return False
        return True

    def there(self, function: Callable[[], T]) -> T:
        """Call it in a thread whose new sockets belong to the machine's network (setns(2))."""
        result: list[T] = []
        errors: list[BaseException] = []

        def in_thread() -> None:
            try:
                self.enter_network()
                result.append(function())
            except BaseException as error:
                errors.append(error)

        thread = Thread(target=in_thread)
        thread.start()
        thread.join()
        if errors:
            raise errors[0]
        return result[0]

    def enter_network(self) -> None:
        """The calling thread's new sockets belong to the machine's network from now on."""
        with open(f"/proc/{self._init}/ns/net") as network:
            if ctypes.CDLL(None, use_errno=True).setns(network.fileno(), _NEW_NETWORK) != 0:
                raise OSError(ctypes.get_errno(), "the container's network can't be entered")

    def _wait_until_booted(self) -> None:
        until = time.monotonic() + _SECONDS_TO_BOOT
        while time.monotonic() < until and self._nspawn.poll() is None:
            children = Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children").read_text().split()
            if children:
                self._init = int(children[0])
                state = self.run("systemctl", "is-system-running", check=False).stdout.strip()
                if state in ("running", "degraded"):
                    return
            time.sleep(0.2)
        raise AssertionError(
            "systemd-nspawn can't boot a systemd here. It needs root, and a kernel that gives it namespaces, "
            f"cgroups and overlayfs. It said:\n{self._log.read_text(errors='replace')[-4000:]}"
        )
