#!/usr/bin/env python3
"""Songs of three to five minutes, as MP3, Ogg Vorbis and FLAC, from any folder of real music.

    benchmarks/make_songs.py CATALOGUE OUT [--songs 40]

Pieces of CATALOGUE (such as Debian's game music, see benchmarks/README.md) that are long enough are cut to a random
length from 180 to 300 s; if there are too few, shorter pieces of one folder are concatenated. Each song becomes
OUT/mp3/NN.mp3 (constant and variable bit rate alternately, about 128 to 320 kbit/s), OUT/ogg/NN.ogg and
OUT/flac/NN.flac, 44.1 kHz stereo, tagged. The same CATALOGUE yields the same songs.
"""

import argparse
import random
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import soundfile
import soxr

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from recsys.audio.formats import SUFFIXES

SR = 44100
SHORTEST, LONGEST = 180.0, 300.0


def songs(catalogue: Path, n: int) -> list[tuple[float, list[Path]]]:
    """The length of each song and the pieces that it is made of."""
    rng = random.Random(0)
    pieces: dict[Path, list[tuple[Path, float]]] = defaultdict(list)
    for path in sorted(catalogue.rglob("*")):
        if path.suffix.lower() in SUFFIXES:
            try:
                pieces[path.parent].append((path, soundfile.info(path).duration))
            except soundfile.LibsndfileError:
                continue
    found = [(rng.uniform(SHORTEST, min(LONGEST, seconds)), [path])
             for folder in pieces.values() for path, seconds in folder if seconds >= SHORTEST]  # fmt: skip
    for folder in pieces.values():
        concatenated: list[Path] = []
        length = 0.0
        for path, seconds in folder:
            if 20 <= seconds < SHORTEST:
                concatenated.append(path)
                length += seconds
            if length >= SHORTEST:
                found.append((rng.uniform(SHORTEST, min(LONGEST, length)), concatenated))
                concatenated, length = [], 0.0
    if len(found) < n:
        raise SystemExit(f"{catalogue} has music for {len(found)} of {n} songs")
    return found[:: len(found) // n][:n]


def samples(length: float, paths: list[Path]) -> np.ndarray:
    """The samples (n, 2) of a song at 44.1 kHz."""
    parts = []
    for path in paths:
        y, sr = soundfile.read(path, dtype="float32", always_2d=True, frames=int(LONGEST * 192_000))
        stereo = np.repeat(y[:, :1], 2, axis=1) if y.shape[1] == 1 else y[:, :2]
        parts.append(stereo if sr == SR else soxr.resample(stereo, sr, SR, quality="HQ"))
    return np.concatenate(parts)[: round(length * SR)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("catalogue", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--songs", type=int, default=40)
    arguments = parser.parse_args()
    kinds: dict[str, dict[str, Any]] = {
        "mp3": {"format": "MP3", "subtype": "MPEG_LAYER_III"},
        "ogg": {"format": "OGG", "subtype": "VORBIS"},
        "flac": {"format": "FLAC", "subtype": "PCM_16"},
    }
    total = 0.0
    for number, (length, paths) in enumerate(songs(arguments.catalogue, arguments.songs)):
        y = samples(length, paths)
        total += len(y) / SR
        for suffix, options in kinds.items():
            target = arguments.out / suffix / f"{number:02}.{suffix}"
            target.parent.mkdir(parents=True, exist_ok=True)
            if suffix == "mp3":
                mode = ("CONSTANT", "VARIABLE")[number % 2]
                options = {**options, "bitrate_mode": mode, "compression_level": (0.1, 0.3, 0.5, 0.7)[number % 4]}
            with soundfile.SoundFile(target, "w", samplerate=SR, channels=2, **options) as file:
                for start in range(0, len(y), 1 << 16):  # libsndfile's encoders overflow the stack on more
                    file.write(y[start : start + (1 << 16)])
            tagged = mutagen.File(target, easy=True)
            if tagged.tags is None:
                tagged.add_tags()
            tagged["title"], tagged["artist"], tagged["album"] = f"Song {number}", paths[0].parent.name, "Benchmark"
            tagged.save()
    print(f"{arguments.songs} songs, {total / 60:.0f} minutes, in each of {', '.join(kinds)} under {arguments.out}")


if __name__ == "__main__":
    main()
