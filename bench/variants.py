"""The gateway as further targets of the harness, made of wicketgate.toml: with workers, real hashes, Redis.

- `workers-1`, `workers-2`: under the supervisor, with as many workers.
- `cold`, `warm`: argon2id with OWASP's cost, without and with a Redis that remembers what it has seen.
"""

import secrets
from pathlib import Path

HERE = Path(__file__).resolve().parent
# One program is all of Debian's Redis: what it does depends on its name.
REDIS = HERE.parent / "build/debian/redis-tools/usr/bin/redis-check-rdb"
CACHE = '\n[cache]\nurl = "redis://127.0.0.1:{port}/0"\nkey_file = "cache.key"\n'
DRAIN_SECONDS = 3600  # so long that a reload cuts nobody by being impatient
PROTOCOLS = ("imap", "imaps")


def add_variants(harness, peers) -> None:
    base = peers.toml_target(HERE / "wicketgate.toml")
    for workers in (1, 2):
        name = f"workers-{workers}"
        peers.PEERS[name] = variant(
            base, name, workers, "drain_seconds = 0", f"drain_seconds = {DRAIN_SECONDS}"
        )

    class Cold(variant(base, "cold", 0)):
        def __init__(self, env, hash="plain", cache=False, protos=None):
            super().__init__(env, "argon2owasp", cache, protos)

    class Warm(Cold):
        """Redis runs on the load's core, and its CPU is told apart, as nginx's auth_http is."""

        name = "warm"
        missing = peers.need(REDIS)

        def start(self) -> None:
            program, port = self.dir / "redis-server", self.env.port()
            program.symlink_to(REDIS)
            redis = self.run(program, "--port", port, "--bind", "127.0.0.1", "--save", "", aux=True)
            harness.wait_port(port, redis)
            self.write("cache.key", secrets.token_hex(32)).chmod(0o600)
            text = self.spec["files"]["wicketgate.toml"] + CACHE.format(port=port)
            self.spec = self.spec | {"files": {"wicketgate.toml": text}}
            super().start()

    peers.PEERS |= {"cold": Cold, "warm": Warm}


def variant(base, name: str, workers: int, before: str = "", after: str = ""):
    """The target with so many workers; `before` is replaced by `after` in its configuration."""
    spec = dict(base.spec)
    spec["start"] = [
        *(word for word in spec["start"] if word not in ("--workers", "0")),
        "--workers",
        str(workers),
    ]
    spec["files"] = {file: text.replace(before, after) for file, text in spec["files"].items()}
    return type(name, (base,), {"name": name, "spec": spec, "protos": PROTOCOLS})
