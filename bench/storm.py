"""`storm` and `restart`: thousands of IMAP sessions over TLS, each another user's, are lost and come back.

In a storm it's the network that cuts them; they come back with full handshakes, or with TLS sessions resumed.
In a restart the server is ended and started anew, and has forgotten whatever was in its own memory. Measured
is the time until all are in again, and how often somebody had to try more than once.
"""

import json
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SESSIONS, RESTARTED = (
    5000,
    1000,
)  # where nothing is remembered, each costs a hash, before the restart and after
# Without a pause, thousands of clients would try a closed port so often that nobody else had a turn.
PAUSE_MS = 200
COLUMNS = ["all_s", "p50_ms", "p99_ms", "rate", "cpu_ms", "aux_cpu_ms", "connects", "unfinished"]
COLUMNS += ["target_cores", "load_cores", "foreign_cores", "limit", "errs"]


def add_storm(harness, run) -> None:
    """Adds the modes; --idle-conns says how many sessions there are."""

    def mode_storm(env, args, target, round_number) -> None:
        sessions = (args.idle_conns or [SESSIONS])[-1]
        storm(harness, env, target, conc=sessions)  # so that each of several workers has met most users
        for name, resume in (("tls", 0), ("tls-resume", 1)):
            result = storm(harness, env, target, conc=sessions, resume=resume)
            run.record(args, target, "storm", f"{name} {sessions}", round_number, result)

    def mode_restart(env, args, target, round_number) -> None:
        sessions = (args.idle_conns or [RESTARTED])[-1]
        down = 0.0

        def start_anew(_opened: int) -> dict:
            nonlocal down
            began = time.monotonic()
            restarted(harness, env, target)
            down = time.monotonic() - began
            return {"down_s": down}

        result = storm(harness, env, target, hold=start_anew, conc=sessions, pause=PAUSE_MS)
        result["all_s"] += down
        result["argon2_runs"] = argon2_runs(harness, target)
        run.record(args, target, "restart", f"tls {sessions}", round_number, result)

    run.mode_storm, run.mode_restart = mode_storm, mode_restart
    run.MODES += ("storm", "restart")
    run.PROTOS |= {"storm": ("imaps",), "restart": ("imaps",)}
    run.COLUMNS |= {"storm": COLUMNS, "restart": [*COLUMNS, "argon2_runs"]}


def storm(harness, env, target, hold=None, **keys) -> dict:
    """One storm, driven as the harness drives its own loads. `all_s`: from the cut until all are in again."""
    own, env.loadgen = env.loadgen, compiled(harness, env)
    try:
        keys = {"src": 8, "users": harness.N_USERS, "secs": 170, **keys}
        result = env.load(target, "run", target.ports["imaps"], hold=hold, **keys)
    finally:
        env.loadgen = own
    result["all_s"] = result["elapsed"]
    return result


def compiled(harness, env) -> Path:
    load = env.work / "storm_load"
    if not load.exists():
        harness.sh("gcc", "-O2", "-Wall", "-o", load, HERE / "storm.c", "-lssl", "-lcrypto")
    return load


def restarted(harness, env, target) -> None:
    """End the target and start the same again, without waiting until it listens: the clients don't either."""
    old = target.servers
    target.servers = []
    for server in old:
        server.stop()
        env.servers.remove(server)
        target.servers.append(harness.Server(env, server.cmd, server.log, env.cpus_target, cwd=target.dir))


def argon2_runs(harness, target) -> int:
    """Of the gateway since its start; 0 for others, which hash nothing here."""
    [program, *_], configuration = target.servers[0].cmd, target.dir / "wicketgate.toml"
    if not configuration.exists():
        return 0
    return json.loads(harness.sh(program, "status", "-c", configuration, "--json"))["argon2_runs"]
