"""Runs the peers' benchmark harness with a password that can be an app password, and with modes of our own.

`messages`: submits messages over TLS. SMTP's backend is our own sink, which refuses a second AUTH as real
servers do; the harness's takes any number. The other modes are in files of their own, and variants.py has
further targets.
"""

import secrets
import string
import subprocess
import sys
import time
from pathlib import Path

from reload import add_reload
from searches import add_searches
from storm import SESSIONS, add_storm
from variants import add_variants
from workers import add_workers, dear_certificate

HERE = Path(__file__).resolve().parent


def main(harness_folder: Path) -> int:
    """The harness reads the rest of the command line itself; --modes has to be there."""
    sys.path.insert(0, str(harness_folder))
    import harness
    import peers
    import run

    modes = sys.argv[sys.argv.index("--modes") + 1].split(",")

    class Env(harness.Env):
        def _cert(self):
            self.password = "".join(secrets.choice(string.ascii_lowercase) for _ in range(16))
            super()._cert()
            if "workers" in modes:
                dear_certificate(harness, self)

        def start_sink(self):
            super().start_sink()
            port = self.sink_ports["smtp"] = self.port()
            command = [sys.executable, HERE / "smtp_sink.py", port]
            sink = harness.Server(self, command, self.work / "smtp_sink.log", self.cpus_load)
            harness.wait_port(port, sink)

    harness.Env = Env
    if "hash" not in modes:
        harness.N_USERS = 100  # so few that the warm-up logs each of them in once: "verdict remembered"
    if {"storm", "restart"} & set(modes):
        harness.N_USERS = SESSIONS
    add_variants(harness, peers)
    add_messages(harness, run)
    add_storm(harness, run)
    add_reload(harness, run)
    add_workers(harness, run)
    if "searches" in modes:
        if len(modes) > 1:
            sys.exit("The mode searches has another backend than all others; run it alone: --modes searches")
        add_searches(harness, peers, run)
    return run.main()


def add_messages(harness, run) -> None:
    def mode_messages(env, args, target, round_number):
        for connections in (1, 8):
            result = submit(harness, env, target, connections)
            run.record(args, target, "messages", f"tls c{connections}", round_number, result)

    run.mode_messages = mode_messages
    run.MODES += ("messages",)
    run.PROTOS["messages"] = ("submissions",)
    run.COLUMNS["messages"] = ["MB_s", "cpu_s_GB", "target_cores", "foreign_cores", "limit", "errs"]


def submit(harness, env, target, connections: int) -> dict:
    """512 MiB in messages of 8 MiB, which is less than the limit of every peer."""
    command = [sys.executable, HERE / "messages.py", target.ports["submissions"], env.message]
    command += ["--password", env.password, "--connections", connections, "--messages", 64 // connections]
    used, busy, began = harness.cpu_seconds(target.pids()), harness.machine_busy(), time.monotonic()
    sender = subprocess.run(
        ["taskset", "-c", ",".join(map(str, env.cpus_load)), *map(str, command)],
        capture_output=True,
        text=True,
        timeout=180,
    )
    if sender.returncode:
        raise RuntimeError(sender.stderr[-600:])
    time.sleep(0.1)
    elapsed = time.monotonic() - began
    used, busy = harness.cpu_seconds(target.pids()) - used, harness.machine_busy() - busy
    count = int(sender.stdout)
    cores = used / elapsed
    return {
        "bytes": count,
        "MB_s": count / elapsed / 1e6,
        "cpu_s": used,
        "cpu_s_GB": used / count * 1e9,
        "cpu_ms": used * 1e3,
        "target_cores": cores,
        "foreign_cores": max(0.0, busy / elapsed - cores - len(env.cpus_load)),
        "limit": "target" if cores > 0.88 * len(env.cpus_target) else "waiting",
        "errors": {},
        "unfinished": 0,
    }


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv.pop(1))))
