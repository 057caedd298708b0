"""Time and accuracy of importing ratings: benchmarks/matching.py [--tracks N] [--entries M].

Creates a library of N tracks, and a list of M entries: a fifth each by a path under another root, by exact name, by
name with a remaster and a guest, by name with a typo and the duration, and by names that the library does not have,
half of them live recordings of tracks that it has. Times whole processes of ``recsys likes import --dry-run`` and
counts the matches, and the wrong ones.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from bulk_library import make_rows, path_of
from measure import recsys, run

from recsys.domain.audio import FileStat

KINDS = ("path", "name", "remark", "typo", "other")


def entry(kind: str, number: int, variant: int) -> dict[str, str]:
    """The entry of a list for track ``number``."""
    artist, title = f"Artist {number // 60}", f"A title of usual length {number}"
    if kind == "path":
        return {"path": f"D:\\Old Music\\{path_of(number)}".replace("/", "\\")}
    if kind == "remark":
        return {"artist": artist.upper(), "title": f"{title} (feat. Guest) [2011 Remaster]"}
    if kind == "typo":
        return {"artist": artist, "title": title.replace("length", "lenght"), "duration": "241"}
    if kind == "other":
        return (
            {"artist": artist, "title": f"{title} (Live)"}
            if variant % 2
            else {"artist": "Another artist", "title": title}
        )
    return {"artist": artist, "title": title}


def main() -> int:
    """Measure and print."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--tracks", type=int, default=100_000, metavar="N")
    parser.add_argument("--entries", type=int, default=10_000, metavar="M")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        make_rows(home, (FileStat(f"/music/{path_of(i)}", 30_000_000, i) for i in range(options.tracks)))
        numbers = np.random.default_rng(0).choice(options.tracks, options.entries, replace=False).tolist()
        table = home / "list.csv"
        with table.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, ["path", "artist", "title", "duration"])
            writer.writeheader()
            writer.writerows(entry(KINDS[i % len(KINDS)], n, i // len(KINDS)) for i, n in enumerate(numbers))
        command = recsys(home, "likes", "import", table, "--dry-run", "--json")
        start = time.perf_counter()
        result = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        seconds = time.perf_counter() - start
        print(f"{options.entries} entries, {options.tracks} tracks: {seconds:.1f} s, {run(command).peak_mb:.0f} MB")
        for i, kind in enumerate(KINDS):
            found = [step["track"] and step["track"]["id"] for step in result["entries"][i :: len(KINDS)]]
            correct = sum(a == b + 1 for a, b in zip(found, numbers[i :: len(KINDS)], strict=True) if a)
            matched = sum(a is not None for a in found)
            print(f"{kind:>7}: {len(found)} entries, {matched} matched, {matched - correct} wrongly")
    return 0


if __name__ == "__main__":
    sys.exit(main())
