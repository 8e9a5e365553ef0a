"""The real portal: `wicketgate portal` as a child, beside the store and the configuration of a gateway."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

from tests.servers.gateway import WICKETGATE, Gateway


class Portal:
    """`with Portal(gateway, port) as portal`: serves until the end of the block.

    The gateway's configuration has to hold [portal] with that port. `scheme` is http where a web server in
    front would do TLS. `host` is what browsers call it, where that isn't the port's own name.
    """

    def __init__(
        self, gateway: Gateway, port: int, path: str = "/security", *, scheme: str = "https", host: str = ""
    ) -> None:
        self.gateway = gateway
        self.port = port
        self.host = host or f"localhost:{port}"
        self.origin = f"https://{self.host}"
        self.url = self.origin + path
        self.listens_at = f"{scheme}://localhost:{port}{path}"
        self.environment: dict[str, str] = {}  # added to its own, at the next start
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log_file(self) -> Path:
        return self.gateway.folder / "portal.log"

    def log(self) -> str:
        return self.log_file.read_text()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, seconds: float = 30) -> None:
        """Start, and wait until it answers."""
        environment = {**os.environ, "WICKETGATE_CONFIG": str(self.gateway.config), **self.environment}
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [WICKETGATE, "portal"], stderr=log, stdout=log, stdin=subprocess.DEVNULL, env=environment
            )
        context = self.gateway.authority.client_context()
        asked = urllib.request.Request(f"{self.listens_at}/sign-in", headers={"Host": self.host})
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            try:
                urllib.request.urlopen(asked, timeout=5, context=context).close()
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.05)
        raise AssertionError(f"the portal doesn't answer:\n{self.log()}")

    def stop(self, seconds: float = 20) -> int:
        """End it and return the exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process = None
