"""`workers`: logins a second of two workers against one, all on the same cores: run it with --pin none.

The load generator and the backend need CPU too, about as much a login as the gateway does; with them on the
same two cores, two workers could not be much faster than one. A certificate of RSA-7680 makes a login dear
for the server alone, so that nearly all of both cores is the gateway's. `gave` is what the machine itself
made of two cores at that moment: signatures of that kind by two processes at once, against one. Two virtual
cores may be less than two of silicon.
"""

import re
import subprocess

CLIENTS = 32
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
BITS = 7680  # which `openssl speed` knows too
_SIGNED = re.compile(r"^rsa +\d+ bits +\S+s +\S+s +([\d.]+)", re.MULTILINE)


def add_workers(harness, run) -> None:
    """Adds the mode, for the targets of variants.py."""

    def mode_workers(env, args, target, round_number) -> None:
        keys = {"proto": "imap", "tls": 1, "conc": CLIENTS, "drain": 10}
        env.load(target, "login", target.ports["imaps"], secs=1, **keys)
        gave = cores_given()
        result = env.load(target, "login", target.ports["imaps"], secs=args.secs, **keys) | {"gave": gave}
        run.record(args, target, "workers", f"tls rsa{BITS} c{CLIENTS}", round_number, result)

    run.mode_workers = mode_workers
    run.MODES += ("workers",)
    run.PROTOS["workers"] = ("imaps",)
    run.COLUMNS["workers"] = COLUMNS


def dear_certificate(harness, env) -> None:
    """In the place of the harness's own."""
    new = ["-newkey", f"rsa:{BITS}", "-keyout", env.key, "-out", env.cert, "-subj", "/CN=localhost"]
    harness.sh("openssl", "req", "-x509", "-nodes", "-days", "30", *new)
    env.pem.write_bytes(env.cert.read_bytes() + env.key.read_bytes())
    env.key.chmod(0o644)


def cores_given() -> float:
    """How many times the work of one process two do in the same time."""
    return signatures(2) / signatures(1)


def signatures(processes: int) -> float:
    """So many a second, of all together."""
    command = ["openssl", "speed", "-seconds", "3", "-multi", str(processes), f"rsa{BITS}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = _SIGNED.search(done.stdout)
    assert found is not None, done.stdout
    return float(found[1])
