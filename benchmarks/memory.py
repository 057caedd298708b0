#!/usr/bin/env python3
"""Memory: of a worker on a file of ten hours, and of the program on a library of a million paths.

    benchmarks/memory.py long [--hours 10] [--formats mp3 flac ...]
    benchmarks/memory.py many [--paths 1000 10000 100000 1000000] [--new 1000 10000 100000]

*long*: a minute of synthetic music becomes ten hours in each container, by repeating encoded packets (MP3, AAC, Ogg,
Opus, M4A, WMA) or by encoding all of it (FLAC, WAV, AIFF; mono, so that WAV stays below its limit of 4 GB). The command
ingests it with one worker; printed is the peak of that worker and of the program.

*many*: libraries of unchanged files are scanned again (--paths); and unreadable files are ingested for the first time,
each of which is stored as a failure (--new). The peak of the program should not grow.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import soundfile
from bulk_library import make_files, make_rows
from measure import ROOT, recsys, run

sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from signals import music, write_audio

SR = 44100
REPEATED = ("mp3", "aac")  # files can be concatenated
REMUXED = {"ogg": "ogg", "opus": "ogg", "m4a": "ipod", "alac": "ipod", "wma": "asf", "mka": "matroska"}
ENCODED = {"flac": ("FLAC", "PCM_16"), "wav": ("WAV", "PCM_16"), "aiff": ("AIFF", "PCM_16")}
FORMATS = (*REPEATED, *REMUXED, *ENCODED)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    long = commands.add_parser("long")
    long.add_argument("--hours", type=float, default=10.0)
    long.add_argument("--formats", nargs="+", choices=FORMATS, default=FORMATS)
    many = commands.add_parser("many")
    many.add_argument("--paths", type=int, nargs="*", default=[1_000, 10_000, 100_000, 1_000_000])
    many.add_argument("--new", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    arguments = parser.parse_args()
    if arguments.command == "long":
        long_files(arguments.hours, arguments.formats)
    else:
        many_files(arguments.paths, arguments.new)
    return 0


def long_files(hours: float, formats: list[str]) -> None:
    print(f"\n{hours:g} hours of music, one file, one worker\n")
    print("| container | MB on disk | seconds | worker, peak MB | program, peak MB |")
    print("|---|---|---|---|---|")
    for format in formats:
        with tempfile.TemporaryDirectory() as scratch:
            path = make_long(Path(scratch), format, round(hours * 60))
            found = run(recsys(Path(scratch) / "home", "ingest", "--jobs", 1, path))
            size = path.stat().st_size / 1e6
            print(f"| {format} | {size:.0f} | {found.seconds:.1f} | {found.child_mb:.0f} | {found.parent_mb:.0f} |",
                  flush=True)  # fmt: skip


def make_long(folder: Path, format: str, minutes: int) -> Path:
    """A file with the same minute of music ``minutes`` times."""
    suffix = {"alac": "m4a"}.get(format, format)
    minute, path = folder / f"minute.{suffix}", folder / f"long.{suffix}"
    rate = 48000 if format == "opus" else SR
    y = music(60.0, rate)
    if format in ENCODED:
        container, subtype = ENCODED[format]
        with soundfile.SoundFile(path, "w", SR, 1, subtype, format=container) as file:
            for _ in range(minutes):
                file.write(y)
        return path
    write_audio(minute, np.stack([y, y * 0.5], axis=1), rate, format)
    if format in REPEATED:
        data = minute.read_bytes()
        with path.open("wb") as file:
            for _ in range(minutes):
                file.write(data)
    else:
        with av.open(str(minute)) as source, av.open(str(path), "w", format=REMUXED[format]) as target:
            stream = target.add_stream_from_template(source.streams.audio[0])
            for packet in _repeated(source, minutes):
                packet.stream = stream
                target.mux(packet)
    minute.unlink()
    return path


def _repeated(source: Any, times: int) -> Iterator[Any]:
    """The packets of a file ``times`` times, with continuous time stamps."""
    track = source.streams.audio[0]
    stamps = [(packet.dts, packet.duration or 0) for packet in source.demux(track) if packet.dts is not None]
    length = stamps[-1][0] + stamps[-1][1] - stamps[0][0]
    for round_ in range(times):
        source.seek(0)
        for packet in source.demux(track):
            if packet.dts is None:
                continue
            packet.pts += round_ * length
            packet.dts += round_ * length
            yield packet


def many_files(paths: list[int], new: list[int]) -> None:
    print("\n| files | task | seconds | program, peak MB |")
    print("|---|---|---|---|")
    for n in paths:
        with tempfile.TemporaryDirectory() as scratch:
            folder, home = Path(scratch) / "music", Path(scratch) / "home"
            home.mkdir()
            make_rows(home, make_files(folder, n))
            found = run(recsys(home, "--quiet", "ingest", folder))
            print(f"| {n} | scanned, all unchanged | {found.seconds:.1f} | {found.parent_mb:.0f} |",
                  flush=True)  # fmt: skip
    for n in new:
        with tempfile.TemporaryDirectory() as scratch:
            folder, home = Path(scratch) / "music", Path(scratch) / "home"
            for _ in make_files(folder, n):
                pass
            found = run(recsys(home, "--quiet", "ingest", "--jobs", 1, folder), allowed=(1,))
            print(f"| {n} | ingested for the first time, all broken | {found.seconds:.1f} | {found.parent_mb:.0f} |",
                  flush=True)  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
