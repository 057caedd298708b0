#!/usr/bin/env python3
"""How fast is listening: recsys beside the naive librosa pipeline and plain decoding, on the same files, one core.

    benchmarks/ingest.py FOLDER [--files 40] [--json]

Each contender is a whole process of its own, pinned to one core where the system allows it, with one BLAS thread:

* *recsys ingest*: the real command with one worker process, start of the program and writing included. Every file
  gets tags, payload hash, descriptors, tempo, key, loudness, both MusiCNN models and a genre;
* *naive librosa*: the same descriptors on whole files, one librosa call each, no network, nothing stored;
* *decode only*: the whole file to 22,050 Hz mono with soundfile and soxr.

Files are taken evenly from the sorted folder. Times are wall clock; peak memory is of the largest process.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


def naive(path: str) -> None:
    """What a first script with librosa does."""
    import librosa
    import numpy as np

    y, sr = librosa.load(path, sr=22050)
    mfcc = librosa.feature.mfcc(y=y, sr=sr, n_mfcc=20)
    found = [
        mfcc,
        librosa.feature.delta(mfcc),
        librosa.feature.chroma_stft(y=y, sr=sr),
        librosa.feature.tonnetz(y=y, sr=sr),
        librosa.feature.spectral_contrast(y=y, sr=sr),
        librosa.feature.spectral_centroid(y=y, sr=sr),
        librosa.feature.spectral_bandwidth(y=y, sr=sr),
        librosa.feature.spectral_rolloff(y=y, sr=sr),
        librosa.feature.spectral_flatness(y=y),
        librosa.feature.zero_crossing_rate(y),
        librosa.feature.rms(y=y),
    ]
    onset = librosa.onset.onset_strength(y=y, sr=sr)
    found.append(librosa.feature.tempogram(onset_envelope=onset, sr=sr))
    librosa.feature.tempo(onset_envelope=onset, sr=sr)
    for frames in found:
        frames.mean(axis=1)
        frames.std(axis=1)
    np.cov(mfcc)


def decode(path: str) -> None:
    """Nothing but the samples."""
    import soundfile
    import soxr

    y, sr = soundfile.read(path, dtype="float32", always_2d=True)
    soxr.resample(y.mean(axis=1), sr, 22050)


def timed(command: list[str]) -> tuple[float, float]:
    """Wall seconds, and peak MB of the largest of the process and its workers (NaN where it cannot be told)."""
    before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    if before:
        os.sched_setaffinity(0, {min(before)})
    try:
        start = time.perf_counter()
        process = subprocess.Popen(command, env={**os.environ, **ONE_THREAD}, cwd=ROOT)
        if hasattr(os, "wait4"):
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            peak = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
        else:
            process.wait()
            peak = float("nan")
        seconds = time.perf_counter() - start
    finally:
        if before:
            os.sched_setaffinity(0, before)
    if process.returncode not in (0, 4):
        raise SystemExit(f"{command[:6]} ended with {process.returncode}")
    return seconds, peak


def contender(which: str, files: list[str]) -> list[str]:
    """Command of one contender, in a process of its own."""
    return [sys.executable, str(Path(__file__).resolve()), "--worker", which, *files]


def main() -> int:
    if sys.argv[1:2] == ["--worker"]:
        work = {"naive": naive, "decode": decode}[sys.argv[2]]
        for path in sys.argv[3:]:
            work(path)
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()

    import soundfile

    from recsys.audio.decode import SUFFIXES

    found = sorted(str(p) for p in arguments.folder.resolve().rglob("*") if p.suffix.lower() in SUFFIXES)
    files = found[:: max(1, len(found) // arguments.files)][: arguments.files]
    if not files:
        parser.error(f"no audio file under {arguments.folder}")
    audio = sum(soundfile.info(path).duration for path in files)
    with tempfile.TemporaryDirectory() as home:
        ours = [sys.executable, "-m", "recsys", "--home", home, "--quiet", "ingest", "--jobs", "1", *files]
        results = {
            "decode only": timed(contender("decode", files)),
            "recsys ingest": timed(ours),
            "naive librosa": timed(contender("naive", files)),
        }
    if arguments.json:
        rows = {name: {"seconds": s, "times_real_time": audio / s, "peak_mb": mb} for name, (s, mb) in results.items()}
        print(json.dumps({"files": len(files), "audio_seconds": audio, "results": rows}, indent=2))
        return 0
    print(f"{len(files)} files, {audio / 60:.0f} minutes of music, one core\n")
    print(
        "| | seconds | tracks a minute | times real time | against naive librosa | peak MB |\n|---|---|---|---|---|---|"
    )
    slowest = results["naive librosa"][0]
    for name, (seconds, peak) in results.items():
        rate = len(files) / seconds * 60
        print(
            f"| {name} | {seconds:.1f} | {rate:.0f} | {audio / seconds:.0f} | {slowest / seconds:.1f} x | {peak:.0f} |"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
