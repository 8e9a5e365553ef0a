"""`reload`: logins as fast as they go beside sessions that stay, while the gateway is reloaded many times.

Each reload replaces all workers, and begins when the one before has ended. Refused is who finds no open port
or gets no greeting; cut is who was in and loses the connection. The load generator forgives nothing.
"""

import json
import os
import select
import signal
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
RELOADS = 100
CLIENTS, HELD = 32, 300
SECONDS = 60.0  # for one reload
DONE, GIVEN_UP = b"event=reloaded", (b"configuration not used", b"reload given up")
COLUMNS = ["reloads", "logins", "rate", "refused", "cut", "errs", "held", "stays", "noops"]
COLUMNS += ["p50_ms", "p99_ms", "max_ms", "reload_p50_s", "reload_max_s", "foreign_cores"]


def add_reload(harness, run) -> None:
    """Adds the mode, for targets under the supervisor (see variants.py). With --quick, a tenth of it."""

    def mode_reload(env, args, target, round_number) -> None:
        load = env.work / "reload_load"
        if not load.exists():
            harness.sh("gcc", "-O2", "-Wall", "-o", load, HERE / "reload.c", "-lssl", "-lcrypto")
        reloads = RELOADS // 10 if args.quick else RELOADS
        result = reload_under_load(harness, env, load, target, reloads)
        run.record(args, target, "reload", f"{reloads} reloads", round_number, result)

    run.mode_reload = mode_reload
    run.MODES += ("reload",)
    run.PROTOS["reload"] = ("imaps",)
    run.COLUMNS["reload"] = COLUMNS


def reload_under_load(harness, env, load: Path, target, reloads: int) -> dict:
    keys = {"port": target.ports["imaps"], "conc": CLIENTS, "held": HELD, "pass": env.password}
    keys |= {"users": harness.N_USERS, "userfmt": harness.USERFMT}
    command = [load, "run", *(f"{key}={value}" for key, value in keys.items())]
    log = env.work / "reload_load.log"
    server = harness.Server(env, command, log, env.cpus_load, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    supervisor = target.servers[0]
    try:
        said(server, 120)
        busy, used, began = harness.machine_busy(), used_by(harness, env, target, server), time.monotonic()
        tell(server, b"go\n")
        time.sleep(2)
        took = [reload(supervisor) for _ in range(reloads)]
        time.sleep(2)
        elapsed = time.monotonic() - began
        busy = harness.machine_busy() - busy
        used = used_by(harness, env, target, server) - used
        tell(server, b"end\n")
        result = json.loads(said(server, 60))
    finally:
        server.stop()
        env.servers.remove(server)
    took.sort()
    result |= {"reloads": len(took), "reload_p50_s": took[len(took) // 2], "reload_max_s": took[-1]}
    return result | {"foreign_cores": max(0.0, (busy - used) / elapsed)}


def used_by(harness, env, target, load) -> float:
    return harness.cpu_seconds([*target.pids(), env.sink.pid, load.pid])


def tell(server, line: bytes) -> None:
    server.p.stdin.write(line)
    server.p.stdin.flush()


def said(server, seconds: float) -> bytes:
    """The load generator's next line."""
    if not select.select([server.p.stdout], [], [], seconds)[0]:
        raise RuntimeError("the load generator says nothing")
    line = server.p.stdout.readline()
    if not line:
        raise RuntimeError("the load generator died: " + server.log.read_text())
    return line


def reload(supervisor) -> float:
    """Ask for a reload, and wait until the log says that it's done. Returns the seconds it took."""
    with supervisor.log.open("rb") as log:
        log.seek(0, os.SEEK_END)
        began, rest = time.monotonic(), b""
        os.kill(supervisor.pid, signal.SIGHUP)
        while time.monotonic() - began < SECONDS:
            if not (more := log.read()):
                time.sleep(0.01)
                continue
            if any(word in rest + more for word in GIVEN_UP):
                raise RuntimeError(f"the reload was given up; {supervisor.log} says why")
            if DONE in rest + more:
                return time.monotonic() - began
            rest = more[-len(max(GIVEN_UP, key=len)) :]
    raise RuntimeError(f"a reload took longer than {SECONDS:g} seconds")
