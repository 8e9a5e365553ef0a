"""`workers`: logins a second of two workers against one, all on the same cores: run it with --pin none.

The load generator and the backend need CPU too, about as much a login as the gateway does; with them on the
same two cores, two workers could not be much faster than one. A certificate of RSA-4096 makes a login dear
for the server alone, so that most of both cores is the gateway's. `gave` is what the machine itself made of
two cores at that moment: work of two processes at once, against one.
"""

import subprocess
import sys
import time

CLIENTS = 64
COLUMNS = [
    "rate",
    "cpu_ms",
    "p50_ms",
    "p99_ms",
    "target_cores",
    "load_cores",
    "foreign_cores",
    "gave",
    "errs",
]
WORK = "import hashlib; hashlib.pbkdf2_hmac('sha256', b'', b'', 1_500_000)"


def add_workers(harness, run) -> None:
    """Adds the mode, for the targets of variants.py."""

    def mode_workers(env, args, target, round_number) -> None:
        keys = {"proto": "imap", "tls": 1, "conc": CLIENTS, "drain": 10}
        env.load(target, "login", target.ports["imaps"], secs=1, **keys)
        gave = cores_given()
        result = env.load(target, "login", target.ports["imaps"], secs=args.secs, **keys) | {"gave": gave}
        run.record(args, target, "workers", f"tls rsa4096 c{CLIENTS}", round_number, result)

    run.mode_workers = mode_workers
    run.MODES += ("workers",)
    run.PROTOS["workers"] = ("imaps",)
    run.COLUMNS["workers"] = COLUMNS


def dear_certificate(harness, env) -> None:
    """In the place of the harness's own."""
    new = ["-newkey", "rsa:4096", "-keyout", env.key, "-out", env.cert, "-subj", "/CN=localhost"]
    harness.sh("openssl", "req", "-x509", "-nodes", "-days", "30", *new)
    env.pem.write_bytes(env.cert.read_bytes() + env.key.read_bytes())
    env.key.chmod(0o644)


def cores_given() -> float:
    """How many times the work of one process two do in the same time."""
    return 2 * seconds_of(1) / seconds_of(2)


def seconds_of(processes: int) -> float:
    began = time.monotonic()
    started = [subprocess.Popen([sys.executable, "-c", WORK]) for _ in range(processes)]
    for process in started:
        process.wait()
    return time.monotonic() - began
