"""The real gateway: `wicketgate serve` as a child, with a configuration and a store of its own."""

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from tests.servers.certificates import Authority
from tests.servers.ports import free_ports

WICKETGATE = Path(sys.executable).parent / "wicketgate"
# Cheap on purpose: the tests are about who gets in, not about what a hash costs.
DEFAULTS = """
[store]
url = "{store}"
pepper_file = "pepper"
[argon2]
memory_kib = 8
time_cost = 1
[tls]
certificate = "{certificate}"
key = "{key}"
[control]
socket = "control.sock"
"""
# Tests guess more than strangers may. Those of the throttle have a table of their own.
_UNTHROTTLED = """
[throttle]
exempt = ["127.0.0.0/8"]
"""
# All servers of the tests share the machine's cores, so a backend may be slow now and then.
_PATIENT = "[limits]\nbackend_seconds = 20\n"

# Tests look at each line that they cause. Those of the log's own bounds say how many there are to be.
_ALL_LINES = "[log]\nlines_per_source = 0\n"

_LISTENERS = """
[[listener]]
protocol = "{protocol}"
name = "{protocol}s"
address = "127.0.0.1:{implicit}"
tls = "implicit"
[[listener]]
protocol = "{protocol}"
name = "{protocol}"
address = "127.0.0.1:{starttls}"
tls = "starttls"
"""
_BACKEND = re.compile(r'\[\[backend\]\]\s+protocol = "(\w+)"')


class Gateway:
    """`with Gateway(folder, more) as gateway`: serves until the end of the block.

    `more` is TOML behind the defaults above: [policy], [limits], [[backend]], further listeners. Each
    backend's protocol gets two listeners, such as imaps (implicit TLS) and imap (STARTTLS). The words
    {folder}, {third} (a free port) and {imap}, {imaps} and so on in it are filled in. `store` is the store's
    URL, else a file in the folder. `environment` is added to that of `serve`.
    """

    host = "127.0.0.1"

    def __init__(
        self,
        folder: Path,
        more: str,
        *,
        authority: Authority | None = None,
        store: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.authority = authority or Authority(folder)
        self.arguments: tuple[str, ...] = ("--workers", "0")  # of `serve`, at the next start
        self._environment = {**os.environ, **(environment or {})}
        self.config = folder / "wicketgate.toml"
        protocols = tuple(dict.fromkeys(_BACKEND.findall(more))) or ("imap",)
        names = [name for protocol in protocols for name in (protocol, protocol + "s")]
        *ports, self.third = free_ports(len(names) + 1)
        self.ports = dict(zip(names, ports, strict=True))
        pair = self.authority.server()
        words = {
            "folder": folder,
            "store": store or f"sqlite:///{folder}/wicketgate.db",
            "certificate": pair.certificate,
            "key": pair.key,
            "third": self.third,
        }
        words |= self.ports
        text = DEFAULTS + "".join(map(self._listeners, protocols)) + more
        text += "" if "[throttle]" in more else _UNTHROTTLED
        if "backend_seconds" not in more:
            text = text.replace("[limits]\n", _PATIENT) if "[limits]\n" in text else f"{text}\n{_PATIENT}"
        if "lines_per_source" not in more:
            text = text.replace("[log]\n", _ALL_LINES) if "[log]\n" in text else f"{text}\n{_ALL_LINES}"
        self.configure(re.sub(r"\{(\w+)\}", lambda m: str(words.get(m[1], m[0])), text))
        (folder / "secret").write_text("backend-secret")
        (folder / "secret").chmod(0o600)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def imap(self) -> int:
        return self.ports["imap"]

    @property
    def imaps(self) -> int:
        return self.ports["imaps"]

    def configure(self, text: str) -> None:
        """Replace the configuration; it takes effect at the next start."""
        self.config.write_text(text)

    def __enter__(self) -> Self:
        self.run("db", "upgrade")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, seconds: float = 60) -> None:
        """Start, and wait until it says that it is ready."""
        with self.log_file.open("ab") as log:
            before = log.tell()
            self.process = subprocess.Popen(
                [WICKETGATE, "serve", *self.arguments, "-c", self.config],
                stderr=log,
                stdout=log,
                stdin=subprocess.DEVNULL,
                env=self._environment,
            )
        self.wait_for_log("event=ready", seconds, before)

    def stop(self, number: int = signal.SIGTERM, seconds: float = 40) -> int:
        """End it by a signal and return the exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        self.process = None
        return code

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A command of the CLI. Raises AssertionError with what it said if it fails and `check` is set."""
        environment = {**os.environ, "WICKETGATE_CONFIG": str(self.config)}
        done = subprocess.run([WICKETGATE, *arguments], capture_output=True, text=True, env=environment)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json").stdout)

    def add_user(self, login: str, mfa: str = "disabled", *more: str) -> None:
        self.run("user", "add", login, "--mfa", mfa, *more)

    def create_app_password(self, login: str, name: str = "test", *more: str) -> tuple[str, str]:
        """Its id and its secret."""
        made = self.json("app-password", "create", login, "--name", name, *more)
        return made["id"], made["secret"]

    @property
    def log_file(self) -> Path:
        return self.folder / "gateway.log"

    def log(self) -> str:
        return self.log_file.read_text()

    def wait_for_log(self, words: str, seconds: float = 10, begin: int = 0) -> str:
        """The first line with these words, once it's there."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for line in self.log_file.read_bytes()[begin:].decode().splitlines():
                if words in line:
                    return line
            if self.process is not None and self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError(f"{words!r} is not in the log:\n{self.log()[begin:]}")

    def connect(self, listener: str = "imaps", *, source: str = "127.0.0.1") -> ssl.SSLSocket:
        """A client's socket at a listener whose TLS comes first."""
        address = self.host, self.ports[listener]
        sock = socket.create_connection(address, timeout=20, source_address=(source, 0))
        return self.client_context().wrap_socket(sock, server_hostname="localhost")

    def client_context(self) -> ssl.SSLContext:
        return self.authority.client_context()

    def _listeners(self, protocol: str) -> str:
        implicit, starttls = self.ports[protocol + "s"], self.ports[protocol]
        return _LISTENERS.format(protocol=protocol, implicit=implicit, starttls=starttls)
