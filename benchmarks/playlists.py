"""Time of a playlist: benchmarks/playlists.py [--tracks N] [--likes N] [--json].

Creates a library of N tracks with random features, likes some, and makes playlists: from a cold start, each in its own
process, and one after the other in one process, as a server does. Only the time is measured, not the quality.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from bulk_library import make_rows, path_of
from cold_start import run
from measure import ROOT

sys.path.insert(0, str(ROOT))

from recsys.app.library import Library
from recsys.config import load_settings
from recsys.domain.audio import FileStat
from recsys.domain.requests import PlaylistRequest, Quota

RUNS = 15
COLD = ["playlist", "-n", "50"]
WARM = {
    "50 tracks": PlaylistRequest(n=50),
    "an hour": PlaylistRequest(minutes=60),
    "50 tracks, energy in an arc": PlaylistRequest(n=50, energy_curve="arc"),
    "50 tracks, 30 % of a genre (integer program)": PlaylistRequest(n=50, quotas=(Quota("jazz", share=0.3),)),
}


def main() -> int:
    """Measure and print."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--tracks", type=int, default=100_000, metavar="N")
    parser.add_argument("--likes", type=int, default=15, metavar="N")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seconds = measure(Path(folder), options.tracks, options.likes)
    if options.json:
        print(json.dumps(seconds, indent=2))
    else:
        print(f"{options.tracks} tracks, {options.likes} likes, median of {RUNS}\n")
        print("| | seconds |\n|---|---|")
        for name, value in seconds.items():
            print(f"| {name} | {value:.3f} |")
    return 0


def measure(home: Path, tracks: int, likes: int) -> dict[str, float]:
    """Median seconds of each kind of playlist, in a new library in ``home``."""
    make_rows(
        home, (FileStat(f"/music/{path_of(number)}", 5_000_000, number) for number in range(tracks)), vectors=True
    )
    service = Library(load_settings({}, home=home))
    liked = np.linspace(1, tracks, likes + 2, dtype=int)[1:-1]
    service.like(*liked.tolist())
    run(home, COLD)  # builds the index
    seconds = {"50 tracks, from a cold start": statistics.median(run(home, COLD)[0] for _ in range(RUNS))}
    for name, request in WARM.items():
        service.playlist(request)
        times = []
        for _ in range(RUNS):
            start = time.perf_counter()
            service.playlist(request)
            times.append(time.perf_counter() - start)
        seconds[f"{name}, in process"] = statistics.median(times)
    return seconds


if __name__ == "__main__":
    sys.exit(main())
