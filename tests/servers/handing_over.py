"""Starts a gateway with sockets that are handed over, as systemd does (sd_listen_fds(3))."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from tests.servers.gateway import WICKETGATE, Gateway

# The files have to be 3, 4 and so on, and LISTEN_PID that of the process which becomes the gateway.
_LAUNCH = """
import fcntl, os, sys
files = [fcntl.fcntl(int(file), fcntl.F_DUPFD_CLOEXEC, 100) for file in sys.argv[1].split(",")]
for number, file in enumerate(files, 3):
    os.dup2(file, number)
os.environ.setdefault("LISTEN_PID", str(os.getpid()))
os.environ.setdefault("LISTEN_FDS", str(len(files)))
os.execv(sys.argv[2], sys.argv[2:])
"""


def start(
    gateway: Gateway,
    handed: Sequence[tuple[str, Any]],
    environ: Mapping[str, str] | None = None,
    workers: int = 0,
) -> None:
    """`handed` are names and files or sockets. The gateway is started, and may not be ready yet."""
    files = [file.fileno() for _, file in handed]
    arguments = [WICKETGATE, "serve", "--workers", str(workers), "-c", gateway.config]
    with gateway.log_file.open("ab") as log:
        gateway.process = subprocess.Popen(
            [sys.executable, "-c", _LAUNCH, ",".join(map(str, files)), *arguments],
            pass_fds=files,
            env=os.environ | {"LISTEN_FDNAMES": ":".join(name for name, _ in handed)} | dict(environ or {}),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def listening(port: int, host: str = "127.0.0.1") -> socket.socket:
    """A socket as systemd makes it for ListenStream=; for "::" it takes IPv4 too."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    sock.bind((host, port))
    sock.listen(100)
    sock.setblocking(False)
    return sock
