"""`python -m tests.soak`, as root: many messages by several senders while the servers are killed."""

import argparse
import os
import random
import sys

from tests.soak.disturber import Pace
from tests.soak.run import Plan, run

_PACE = Pace(letters=20, least=0.0, most=2.0)


def main() -> int:
    """0 if every acknowledged message is there once and as it was sent, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000, help="how many must be acknowledged")
    parser.add_argument(
        "--seed", type=int, default=random.randrange(10**6), help="makes the same choices again"
    )
    parser.add_argument("--senders", type=int, default=8, help="how many send at one time")
    options = parser.parse_args()
    if os.geteuid() != 0:
        parser.error("Postfix can only be started by root; run this as root")
    print(f"seed           {options.seed}", flush=True)
    plan = Plan(options.messages, options.seed, _PACE, options.senders)
    outcome = run(plan, lambda line: print(line, flush=True))
    print(outcome)
    return 1 if outcome.judgement.faults else 0


if __name__ == "__main__":
    sys.exit(main())
