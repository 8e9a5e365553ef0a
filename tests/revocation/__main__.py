"""`python -m tests.revocation`: how long a revocation takes on three nodes, and what faults do to that."""

import argparse
import asyncio
import resource
import sys

from tests.revocation.faults import FAULTS, NO_FAULT, Fault
from tests.revocation.run import Plan, run

_WITH_A_FAULT = 200  # revocations, unless told otherwise


def main() -> int:
    """0 if every promise was held, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.revocation", description=__doc__)
    parser.add_argument("--revocations", type=int, help=f"1000, or {_WITH_A_FAULT} with a fault")
    parser.add_argument("--fault", choices=sorted(FAULTS), help="with this fault only")
    parser.add_argument("--faults", choices=["all"], help="first without, then with each fault")
    parser.add_argument("--rate", type=float, default=50.0, help="other people's logins a second")
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    broken = False
    for fault in _chosen(options):
        count = options.revocations or (1000 if fault is NO_FAULT else _WITH_A_FAULT)
        plan = Plan(count, fault, rate=options.rate)
        report = asyncio.run(run(plan, lambda line: print(line, file=sys.stderr, flush=True)))
        print(report, flush=True)
        broken = broken or bool(report.broken())
    return 1 if broken else 0


def _chosen(options: argparse.Namespace) -> list[Fault]:
    if options.fault:
        return [FAULTS[options.fault]]
    return [NO_FAULT, *FAULTS.values()] if options.faults else [NO_FAULT]


if __name__ == "__main__":
    sys.exit(main())
