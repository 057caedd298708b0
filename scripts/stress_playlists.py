#!/usr/bin/env python3
"""Make random playlist requests and check every result: scripts/stress_playlists.py [--requests 1000].

The properties are those of tests/request_properties.py: the limits and the artist gap hold, no work occurs twice, no
rated track but the included seeds, no track is too short; length and quotas are satisfied or reported.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "tests"), str(Path(__file__).parents[1])]

from request_properties import check_request


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    arguments = parser.parse_args()
    broken, slowest, n_unmet = [], (0.0, 0), 0
    for seed in range(arguments.first, arguments.first + arguments.requests):
        start = time.perf_counter()
        try:
            n_unmet += bool(check_request(seed).unmet_constraints)
        except AssertionError as error:
            broken.append(seed)
            print(f"request {seed}: {error}", flush=True)
        slowest = max(slowest, (time.perf_counter() - start, seed))
    print(f"{arguments.requests} requests, {len(broken)} with violated properties, {n_unmet} with unmet constraints")
    print(f"the slowest took {slowest[0]:.1f} s (request {slowest[1]})")
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
