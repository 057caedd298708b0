"""How long a question takes from a cold start: benchmarks/cold_start.py [--tracks N] [--json].

Makes a library of N tracks with random features, stored by the same code that ingest uses, lets ``recsys
similar`` build its index once, then times whole processes, interpreter and all, and what their imports cost.
Also checks that none of the slow packages is loaded.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from recsys.features.layout import DIMENSIONS
from recsys.features.version import FEATURE_VERSION
from recsys.library.catalogue import Catalogue
from recsys.types import (
    Analysis,
    AudioInfo,
    Entry,
    FileStat,
    GenrePrediction,
    Identity,
    Key,
    Outcome,
    Tags,
    Tempo,
)

SLOW = ("librosa", "sklearn", "scipy", "numba", "onnxruntime", "av", "alembic")
GENRES = ("blues", "classical", "country", "electronic", "folk", "jazz", "metal", "pop", "rock", "soul")
BATCH = 500
RUNS = 7
COMMANDS = {
    "--version": ["--version"],
    "--help": ["--help"],
    "similar TRACK": ["similar", "7"],
    "similar TRACK --genre jazz --json": ["similar", "7", "--genre", "jazz", "--json"],
    "playlist --from TRACK": ["playlist", "--from", "7"],
    "tracks WORD": ["tracks", "title 77"],
}


def main() -> int:
    """Measure and print."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--tracks", type=int, default=10_000, metavar="N")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = measure(Path(folder), options.tracks)
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        show(report)
    return 0


def measure(home: Path, tracks: int) -> dict[str, object]:
    """Everything, in a library made at ``home``."""
    began = time.perf_counter()
    fill(home, tracks)
    filled = time.perf_counter() - began
    first, _ = run(home, COMMANDS["similar TRACK"])
    times = {}
    for name, arguments in COMMANDS.items():
        runs = [run(home, arguments) for _ in range(RUNS)]
        times[name] = {
            "seconds": statistics.median(seconds for seconds, _ in runs),
            "cpu_seconds": statistics.median(cpu for _, cpu in runs),
        }
    return {
        "tracks": tracks,
        "tracks_stored_per_second": tracks / filled,
        "first_similar_builds_index_seconds": first,
        "commands": times,
        "imports_of_similar_ms": imports(home),
    }


def fill(home: Path, tracks: int) -> None:
    """Store ``tracks`` tracks."""
    rng = np.random.default_rng(0)
    with Catalogue.open(f"sqlite:///{home / 'library.db'}", feature_version=FEATURE_VERSION) as catalogue:
        for start in range(1, tracks + 1, BATCH):
            catalogue.store([entry(i, rng) for i in range(start, min(start + BATCH, tracks + 1))])


def entry(number: int, rng: np.random.Generator) -> Entry:
    """A track of random sound."""
    vector = rng.standard_normal(len(DIMENSIONS)).astype(np.float32)
    genre = GENRES[number % len(GENRES)]
    analysis = Analysis(
        version=FEATURE_VERSION,
        vector=vector,
        windows=rng.standard_normal((5, len(DIMENSIONS))).astype(np.float16),
        starts=(0.0, 50.0, 100.0, 150.0, 200.0),
        tempo=Tempo(float(rng.uniform(60, 180)), confidence=0.8, pulse_clarity=0.5),
        key=Key(int(rng.integers(12)), "major", confidence=0.7),
        loudness=-14.0,
    )
    prediction = GenrePrediction(genre, 0.7, {genre: 0.7, "other": 0.3}, "synthetic")
    artist = number // 10
    path = f"/music/artist {artist}/{number:06}.mp3"
    tags = Tags(title=f"title {number}", artist=f"artist {artist}", album=f"album {artist}")
    info = AudioInfo(float(rng.uniform(120, 400)), 44100, 2, "mp3")
    identity = Identity(f"{number:032x}", info, tags)
    return Entry(FileStat(path, 5_000_000, number), identity, Outcome(analysis, vector, prediction))


def run(home: Path, arguments: list[str]) -> tuple[float, float]:
    """Wall and CPU seconds of one process."""
    before, began = os.times(), time.perf_counter()
    subprocess.run([sys.executable, "-m", "recsys", "--home", str(home), *arguments], check=True, capture_output=True)
    seconds, after = time.perf_counter() - began, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, cpu


def imports(home: Path) -> dict[str, float]:
    """Milliseconds that the packages ``recsys similar`` loads take to import, each with what it pulls in."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "recsys", "--home", str(home), *COMMANDS["similar TRACK"]],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    found: dict[str, float] = {}
    for line in done.stderr.splitlines():
        if not line.startswith("import time:") or "cumulative" in line:
            continue
        _, cumulative, name = line.removeprefix("import time:").split("|")
        if name.strip() in ("numpy", "faiss", "sqlalchemy", "sqlalchemy.orm", "typer", "rich.cells", *SLOW):
            found[name.strip()] = int(cumulative) / 1000
    loaded = [name for name in SLOW if name in found]
    if loaded:
        sys.exit(f"recsys similar loads {', '.join(loaded)}")
    return found


def show(report: dict[str, object]) -> None:
    """Print the report as tables."""
    print(f"{report['tracks']} tracks, stored at {report['tracks_stored_per_second']:.0f} a second;")
    print(f"the first question builds the index: {report['first_similar_builds_index_seconds']:.2f} s\n")
    print(f"| recsys …, median of {RUNS} | seconds | of which CPU |\n|---|---|---|")
    commands = report["commands"]
    assert isinstance(commands, dict)
    for name, times in commands.items():
        print(f"| `{name}` | {times['seconds']:.2f} | {times['cpu_seconds']:.2f} |")
    print("\n| import (in recsys similar) | ms |\n|---|---|")
    found = report["imports_of_similar_ms"]
    assert isinstance(found, dict)
    for name, milliseconds in found.items():
        print(f"| {name} | {milliseconds:.0f} |")


if __name__ == "__main__":
    sys.exit(main())
