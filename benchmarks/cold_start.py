"""Time of a command from a cold start: benchmarks/cold_start.py [--tracks N] [--light] [--imports] [--json].

Creates a library of N tracks with random features, stored by the code that ingest uses, lets ``recsys similar`` build
its index once, then times whole processes, including the interpreter, and their imports. With ``--light``, for a
million tracks, features are short, except for the tracks that the playlist orders, and the index is built from
clustered random vectors: the commands are the same, and 15 GB less is written. With ``--imports`` only the imports of
the Python API are timed. Fails if a slow package is imported, or if ``import recsys`` takes more than 20 ms.
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
from bulk_library import make_rows, path_of
from measure import ROOT

sys.path.insert(0, str(ROOT))

from recsys.config import load_settings
from recsys.database.catalogue import Catalogue
from recsys.domain.audio import FileStat
from recsys.features.version import FEATURE_VERSION
from recsys.nearest import NearestIndex
from recsys.recommend.index_update import save_index

SLOW = ("librosa", "sklearn", "scipy", "numba", "av", "alembic")
CLUSTERS, DIMENSION = 2000, 128
RUNS = 7
QUERY = 7  # the id of the track
MAX_IMPORT_MS = 20.0  # of ``import recsys``, over an interpreter that imports nothing
IMPORTS = ("import recsys", "from recsys import PlaylistRequest", "from recsys import Library")
COMMANDS = {
    "--version": ["--version"],
    "--help": ["--help"],
    "similar TRACK": ["similar", f"{QUERY}"],
    "similar TRACK --genre jazz --json": ["similar", f"{QUERY}", "--genre", "jazz", "--json"],
    "playlist --from TRACK": ["playlist", "--from", f"{QUERY}"],
    "path A B": ["path", f"{QUERY}", "4321"],
    "similar TITLE": ["similar", "A title of usual length 77"],
    "tracks WORD": ["tracks", "length 77", "--limit", "10"],
}


def main() -> int:
    """Measure and print."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--tracks", type=int, default=10_000, metavar="N")
    parser.add_argument("--light", action="store_true", help="short features, and an index of random vectors")
    parser.add_argument("--imports", action="store_true", help="time the imports of the Python API alone")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    report: dict[str, object] = {"python_imports_ms": python_imports()}
    if not options.imports:
        with tempfile.TemporaryDirectory() as folder:
            report |= measure(Path(folder), options.tracks, light=options.light)
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        show(report)
    return 0


def measure(home: Path, tracks: int, *, light: bool) -> dict[str, object]:
    """All measurements, in a new library in ``home``."""
    start = time.perf_counter()
    files = (FileStat(f"/music/{path_of(number)}", 5_000_000, number) for number in range(tracks))
    near = np.flatnonzero(clusters(tracks) == clusters(tracks)[QUERY - 1])
    make_rows(home, files, vectors=not light, whole=frozenset(near.tolist()) if light else frozenset())
    if light:
        make_index(home, tracks)
    elapsed = time.perf_counter() - start
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
        "tracks_stored_per_second": tracks / elapsed,
        "first_similar_seconds": first,
        "commands": times,
        "imports_of_similar_ms": imports(home),
    }


def clusters(tracks: int) -> np.ndarray:
    """The cluster of each track."""
    return np.random.default_rng(1).integers(0, CLUSTERS, tracks)


def make_index(home: Path, tracks: int) -> None:
    """Write an index of clustered random vectors for the library in ``home``."""
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((CLUSTERS, DIMENSION), np.float32)[clusters(tracks)]
    vectors += 0.7 * rng.standard_normal(vectors.shape, np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    settings = load_settings({}, home=home)
    with Catalogue.open(settings.database, feature_version=FEATURE_VERSION) as catalogue:
        index = NearestIndex.build(catalogue.vector_ids(), vectors)
        revision = catalogue.vector_revision()
        save_index(index, settings.index_path, catalogue, feature_version=FEATURE_VERSION, revision=revision)


def run(home: Path, arguments: list[str]) -> tuple[float, float]:
    """Wall and CPU seconds of one process."""
    before, start = os.times(), time.perf_counter()
    subprocess.run([sys.executable, "-m", "recsys", "--home", str(home), *arguments], check=True, capture_output=True)
    seconds, after = time.perf_counter() - start, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, cpu


def imports(home: Path) -> dict[str, float]:
    """Cumulative import time in milliseconds of packages that ``recsys similar`` imports."""
    finished = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "recsys", "--home", str(home), *COMMANDS["similar TRACK"]],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    found: dict[str, float] = {}
    for line in finished.stderr.splitlines():
        if not line.startswith("import time:") or "cumulative" in line:
            continue
        _, cumulative, name = line.removeprefix("import time:").split("|")
        if name.strip() in ("numpy", "faiss", "sqlalchemy", "sqlalchemy.orm", "typer", "rich.cells", *SLOW):
            found[name.strip()] = int(cumulative) / 1000
    loaded = [name for name in SLOW if name in found]
    if loaded:
        sys.exit(f"recsys similar loads {', '.join(loaded)}")
    return found


def python_imports() -> dict[str, float]:
    """Milliseconds of the imports of the Python API over an interpreter that imports nothing, medians of the runs."""
    times: dict[str, list[float]] = {code: [] for code in ("pass", *IMPORTS)}
    for _ in range(3 * RUNS):
        for code, seconds in times.items():  # in turn, so that all meet the same load
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
            seconds.append(time.perf_counter() - start)
    bare = statistics.median(times.pop("pass"))
    found = {code: 1000 * (statistics.median(seconds) - bare) for code, seconds in times.items()}
    if found["import recsys"] > MAX_IMPORT_MS:
        sys.exit(f"import recsys takes {found['import recsys']:.0f} ms, more than {MAX_IMPORT_MS:g} ms")
    return found


def show(report: dict[str, object]) -> None:
    """Print the report as tables."""
    print(f"| import over a bare interpreter, median of {3 * RUNS} | ms |\n|---|---|")
    imported = report["python_imports_ms"]
    assert isinstance(imported, dict)
    for code, milliseconds in imported.items():
        print(f"| `{code}` | {milliseconds:.1f} |")
    if "commands" not in report:
        return
    print()
    print(f"{report['tracks']} tracks, stored at {report['tracks_stored_per_second']:.0f} a second;")
    print(f"the first query, which without --light builds the index: {report['first_similar_seconds']:.2f} s\n")
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
