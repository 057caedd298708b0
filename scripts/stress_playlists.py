#!/usr/bin/env python3
"""Ask for playlists at random, and hold every answer to its promises: scripts/stress_playlists.py [--requests 1000].

Caps, the artist gap, no work twice, nothing that is rated but for the seeds that shall be in it, no track too short;
length and quotas met or told. tests/request_properties.py says how.
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
    broken, slowest, gave_way = [], (0.0, 0), 0
    for seed in range(arguments.first, arguments.first + arguments.requests):
        start = time.perf_counter()
        try:
            gave_way += bool(check_request(seed).unmet_constraints)
        except AssertionError as error:
            broken.append(seed)
            print(f"request {seed}: {error}", flush=True)
        slowest = max(slowest, (time.perf_counter() - start, seed))
    print(f"{arguments.requests} requests, {len(broken)} broken promises; in {gave_way} lists something gave way")
    print(f"the slowest took {slowest[0]:.1f} s (request {slowest[1]})")
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
