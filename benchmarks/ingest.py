#!/usr/bin/env python3
"""Speed of analysis: recsys, other libraries and plain decoding, on the same files, on one core, in one run.

    benchmarks/ingest.py FOLDER... [--files 40] [--peers PYTHON] [--rounds 1] [--slow-files 8] [--json]
    benchmarks/ingest.py FOLDER... --processes 2

Each contender is a whole process, pinned to one core where the system allows it, with one thread for BLAS, numba, ONNX
Runtime and rayon. Each FOLDER is measured separately, on an evenly spaced sample of its sorted files.

* *recsys ingest*: the real command with one worker process, including startup and writing. Every file
  gets tags, audio hash, descriptors, tempo, key, loudness, both MusiCNN models and a genre;
* *decode only*: the whole file to 22,050 Hz mono with soundfile and soxr;
* *librosa*: the descriptors of recsys on whole files, one call each, no network, nothing stored;
* *sonara*, *Musly*, *Essentia*: see ingest_contenders.py; run by the interpreter of --peers, which has the
  packages of requirements-peers.txt. One that is not installed is reported as missing.

librosa and Essentia are slow and analyse an evenly spaced sample of ``--slow-files`` files; their speed is relative to
the duration of these. Rounds are interleaved, and medians are shown. Memory is the peak of the largest process.

With ``--processes N``, only recsys: one process on one core and N processes on N cores, alternately.
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from measure import ROOT, Run, recsys, run

sys.path.insert(0, str(ROOT))

CONTENDERS = Path(__file__).with_name("ingest_contenders.py")
PEERS = {"sonara_embedding": "sonara, embedding", "musly": "Musly, timbre of 30 s", "sonara_full": "sonara, full"}
SLOW = {"essentia": "Essentia MusicExtractor"}


def ingest(files: list[str], jobs: int = 1) -> Run:
    with tempfile.TemporaryDirectory() as home:
        return run(recsys(home, "--quiet", "ingest", "--jobs", jobs, *files), cores=jobs, allowed=(0, 4))


def contender(which: str, python: str, files: list[str]) -> Run | None:
    """None if it is not installed."""
    try:
        return run([python, str(CONTENDERS), which, *files])
    except SystemExit as error:
        if "No module named" in str(error):
            return None
        raise


def files_of(folder: Path, n: int) -> list[str]:
    from recsys.audio.formats import SUFFIXES

    found = sorted(str(p) for p in folder.resolve().rglob("*") if p.suffix.lower() in SUFFIXES)
    if not found:
        raise SystemExit(f"no audio file under {folder}")
    return found[:: max(1, len(found) // n)][:n]


def seconds_of(files: list[str]) -> float:
    from recsys.audio.decode import probe

    return sum(probe(path).duration for path in files)


def compare(folder: Path, arguments: argparse.Namespace) -> dict[str, object]:
    files = files_of(folder, arguments.files)
    few = files[:: max(1, len(files) // arguments.slow_files)][: arguments.slow_files]
    runs: dict[str, tuple[list[str], list[Run]]] = {}
    missing: list[str] = []
    for _ in range(arguments.rounds):
        contest = [
            ("recsys ingest", files, ingest(files)),
            ("decode only", files, contender("decode", sys.executable, files)),
            ("librosa, no network", few, contender("librosa", sys.executable, few)),
        ]
        for which, name in (PEERS | SLOW).items() if arguments.peers else ():
            subset = few if which in SLOW else files
            contest.append((name, subset, contender(which, arguments.peers, subset)))
        for name, subset, measured in contest:
            if measured is None:
                missing.append(name)
            else:
                runs.setdefault(name, (subset, []))[1].append(measured)
    audio = {name: seconds_of(subset) for name, (subset, _) in runs.items()}
    rows = {
        name: {
            "files": len(subset),
            "seconds": statistics.median(r.seconds for r in measured),
            "tracks_a_minute": 60 * len(subset) / statistics.median(r.seconds for r in measured),
            "times_real_time": audio[name] / statistics.median(r.seconds for r in measured),
            "peak_mb": max(r.peak_mb for r in measured),
        }
        for name, (subset, measured) in runs.items()
    }
    return {"folder": folder.name, "files": len(files), "audio_seconds": seconds_of(files), "results": rows,
            "missing": sorted(set(missing))}  # fmt: skip


def show(found: dict[str, Any]) -> None:
    rows: dict[str, dict[str, float]] = found["results"]
    print(
        f"\n{found['folder']}: {found['files']} files, {found['audio_seconds'] / 60:.0f} minutes of music, one core\n"
    )
    print("| | files | seconds | tracks per minute | times real time | relative to decoding | peak MB |")
    print("|---|---|---|---|---|---|---|")
    base = rows["decode only"]["times_real_time"]
    for name, row in sorted(rows.items(), key=lambda item: -item[1]["times_real_time"]):
        print(
            f"| {name} | {row['files']:.0f} | {row['seconds']:.1f} | {row['tracks_a_minute']:.0f} | "
            f"{row['times_real_time']:.0f} | {row['times_real_time'] / base:.2f} | {row['peak_mb']:.0f} |"
        )
    for name in found["missing"]:
        print(f"{name} is not installed and was not measured", file=sys.stderr)


def scale(folder: Path, arguments: argparse.Namespace) -> dict[str, object]:
    files = files_of(folder, arguments.files)
    pairs = [(ingest(files).seconds, ingest(files, arguments.processes).seconds) for _ in range(arguments.rounds)]
    ratios = [one / many for one, many in pairs]
    return {
        "folder": folder.name,
        "files": len(files),
        "processes": arguments.processes,
        "one": [one for one, _ in pairs],
        "many": [many for _, many in pairs],
        "speed_up": statistics.median(ratios),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--slow-files", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--peers", metavar="PYTHON")
    parser.add_argument("--processes", type=int)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    measure = scale if arguments.processes else compare
    found = [measure(folder, arguments) for folder in arguments.folders]
    if arguments.json:
        print(json.dumps(found, indent=2))
        return 0
    for each in found:
        if arguments.processes:
            print(
                f"{each['folder']}: {each['files']} files, {arguments.processes} processes are "
                f"{each['speed_up']:.2f} x as fast as one ({each['one']} s and {each['many']} s)"
            )
        else:
            show(each)
    return 0


if __name__ == "__main__":
    sys.exit(main())
