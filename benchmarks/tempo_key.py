#!/usr/bin/env python3
"""Accuracy of tempo and key, compared with librosa and, if installed, sonara and Essentia.

    benchmarks/tempo_key.py [--peers-python PYTHON] [--emotify FOLDER] [--catalogue FOLDER] [--modules FOLDER...]

Tempo: share within 4 per cent, and the same allowing half, double, third and triple. Key: MIREX weights (correct 1,
fifth 0.5, relative 0.3, parallel 0.2). "a < b by confidence" is the score of the less and of the more confident half.
The tempo model was not fitted to these pieces; the few constants of the key were chosen partly on *immich*, *titled*
and pieces by the band. Sets of pieces:

* *immich*: the 28 tracks of the package immich-memories-music, tempo and key as in its LICENSE-MUSIC;
* *clicks*: a metronome at 60 to 180 BPM;  *cadences*: I IV V I in all 24 keys with seven instruments;
* *band*: pieces by synthetic_band.py whose seeds ``scripts/fit_tempo.py`` did not use;
* with ``--emotify``, its classical pieces that name their key in the title. Period instruments play some of them a
  semitone lower: for those both keys are correct;
* with ``--catalogue`` (written by get-catalogue), eight recordings of fretsonfire-songs-* whose note files state the
  tempo; and for every other track of a minute or more, whether the halves of its middle minute have the same result;
* with ``--modules`` (Debian packages of games, unpacked with ``dpkg -x``), their tracker music as libopenmpt plays it.
  Its tempo is exact except for the octave, so only modules with a constant tempo, at least 5 ticks per row and 80 to
  165 BPM at the usual four rows per beat are used.

*windows* is recsys with five windows of 6 s, as in an ingest, instead of the whole piece.
"""

import argparse
import csv
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import metadata, resources
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile as sf
import soxr
from synthetic_band import HARMONICS, STYLES, note, piece

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from recsys.domain.arrays import FloatArray
from recsys.domain.audio import Key
from recsys.features.embedding import embed
from recsys.features.key import estimate_key
from recsys.features.pace import pace
from recsys.features.spectrum import SR, Spectrum
from recsys.features.tempo import estimate_tempo

RELATED = (1, 2, 1 / 2, 3, 1 / 3)
UNUSED_SEEDS = 10_000
FRETS_ON_FIRE = {  # folder of the song: BPM in its notes.mid
    "Metal madness": 150, "Escape from chaosland": 135, "Feelings": 95, "War of freedom": 140, "chaos_god": 170,
    "internal_degeneration": 190, "mutilated_mime": 180, "armygeddon": 170,
}  # fmt: skip
LOW_PITCH = (
    "Voices of Music",
    "Musica Franca",
    "Ralph",
    "SCD",
    "Gonzalo",
    "American Baroque",
    "Mirable",
    "Hanneke",
    "Oberlin",
    "Edward Martin",
)
KRUMHANSL = (
    (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
)


class Piece(NamedTuple):
    """Samples at 22050 Hz, with BPM and correct keys ("C minor") if known."""

    name: str
    y: FloatArray
    bpm: float | None = None
    keys: tuple[str, ...] = ()


class Estimate(NamedTuple):
    """Estimated BPM and key, with confidences if the estimator has them."""

    bpm: float
    key: str
    tempo_confidence: float = 0.0
    key_confidence: float = 0.0


def read(path: Path, start: float = 0.0, seconds: float | None = None) -> FloatArray:
    with sf.SoundFile(path) as file:
        file.seek(round(start * file.samplerate))
        y = file.read(round(seconds * file.samplerate) if seconds else -1, dtype="float32", always_2d=True)
        return np.asarray(soxr.resample(y.mean(axis=1), file.samplerate, SR), dtype=np.float32)


def immich() -> Iterator[Piece]:
    text = next(file for file in metadata.files("immich-memories-music") or [] if file.name == "LICENSE-MUSIC")
    tracks = resources.files("immich_memories_music") / "tracks"
    for name, bpm, key in re.findall(r"(\S+\.opus)\s+(\d+) bpm\s+(\S+ (?:major|minor))", text.read_text()):
        with resources.as_file(tracks / name.split("_")[0] / name) as path:
            yield Piece(name, read(path), float(bpm), (key,))


def clicks() -> Iterator[Piece]:
    click = np.sin(2 * np.pi * 1000 * np.arange(600) / SR) * np.exp(-np.arange(600) / 100)
    for bpm in (60, 72, 80, 90, 100, 112, 120, 128, 140, 150, 160, 174, 180):
        y = np.zeros(31 * SR, dtype=np.float32)
        for at in np.arange(0, 30, 60 / bpm):
            y[round(at * SR) : round(at * SR) + 600] += click
        yield Piece(f"{bpm} BPM", y, float(bpm))


def cadences() -> Iterator[Piece]:
    for instrument in HARMONICS:
        for mode, third in (("major", 4), ("minor", 3)):
            for tonic, name in enumerate(Key.NAMES):
                bars = []
                for root, step in ((0, third), (5, third), (7, 4), (0, third)):
                    chord = [60 + (tonic + root + s) % 12 for s in (0, step, 7)]
                    voices = [note(m, 1.5, instrument) for m in (36 + (tonic + root) % 12, *chord)]
                    bars.append(np.sum(voices, axis=0))
                y = np.concatenate(bars).astype(np.float32) / np.float32(4)
                yield Piece(f"{instrument} {name} {mode}", y, None, (f"{name} {mode}",))


def band(count: int) -> Iterator[Piece]:
    for seed in range(UNUSED_SEEDS, UNUSED_SEEDS + count):
        rng = np.random.default_rng(seed)
        style = list(STYLES)[seed % len(STYLES)]
        bpm, tonic = float(rng.uniform(*STYLES[style].bpm)), int(rng.integers(12))
        mode = str(rng.choice(["major", "minor"]))
        y = piece(style, bpm, tonic, mode, seed=seed)
        yield Piece(f"{style} {seed}", y, bpm, (f"{Key.NAMES[tonic]} {mode}",))


def titled(folder: Path) -> Iterator[Piece]:
    with (folder / "index.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["genre"] == "classical"]
    for row in rows:
        found = re.search(r"\bin ([A-G])[ -]?(flat|sharp)?[ -]?(major|minor)", row["title"], re.IGNORECASE)
        if found:
            tonic = "C D EF G A B".index(found[1].upper()) + {"flat": -1, "sharp": 1}.get((found[2] or "").lower(), 0)
            lower = (0, -1) if any(name in row["artist"] for name in LOW_PITCH) else (0,)
            keys = tuple(f"{Key.NAMES[(tonic + step) % 12]} {found[3].lower()}" for step in lower)
            yield Piece(row["path"], read(folder / row["path"]), None, keys)


def stated(folder: Path) -> Iterator[Piece]:
    for name, bpm in FRETS_ON_FIRE.items():
        path = next(folder.rglob(f"{name}/song.ogg"))
        middle = sf.info(path).duration / 2
        yield Piece(name, read(path, middle - 15, 30), float(bpm))


def modules(folders: list[Path]) -> Iterator[Piece]:
    contents: set[bytes] = set()
    for path in sorted(p for folder in folders for p in folder.rglob("*")):
        if path.suffix.lower() in {".mod", ".s3m", ".xm", ".it"} and (content := path.read_bytes()) not in contents:
            contents.add(content)
            y, tempi = play_module(content)
            kept, count = Counter(tempi).most_common(1)[0] if tempi else ((0, 0.0), 0)
            ticks, bpm = kept
            steady = ticks >= 5 and 80 <= bpm <= 165 and count >= 0.97 * len(tempi)
            if steady and len(y) >= 20 * SR and np.abs(y).max() > 0.02:
                yield Piece(path.name, y, bpm)


def play_module(content: bytes, longest: float = 100.0) -> tuple[FloatArray, list[tuple[int, float]]]:
    """Samples of a module, and its ticks per row and BPM every quarter of a second."""
    from ctypes import CDLL, c_double, c_float, c_int32, c_size_t, c_void_p

    openmpt = CDLL("libopenmpt.so.0")
    create, read_mono = openmpt.openmpt_module_create_from_memory, openmpt.openmpt_module_read_float_mono
    create.restype, create.argtypes = c_void_p, [c_void_p, c_size_t, c_void_p, c_void_p, c_void_p]
    read_mono.restype, read_mono.argtypes = c_size_t, [c_void_p, c_int32, c_size_t, c_void_p]
    ticks, bpm = openmpt.openmpt_module_get_current_speed, openmpt.openmpt_module_get_current_estimated_bpm
    ticks.restype, bpm.restype = c_int32, c_double
    ticks.argtypes = bpm.argtypes = openmpt.openmpt_module_destroy.argtypes = [c_void_p]
    module = create(content, len(content), None, None, None)
    parts = [np.zeros(0, np.float32)]
    tempi: list[tuple[int, float]] = []
    if module:
        buffer = (c_float * (SR // 4))()
        while len(tempi) < 4 * longest and (n := read_mono(module, SR, len(buffer), buffer)):
            parts.append(np.array(buffer[:n], dtype=np.float32))
            tempi.append((int(ticks(module)), round(float(bpm(module)), 1)))
        openmpt.openmpt_module_destroy(module)
    return np.concatenate(parts), tempi


def recsys_whole(y: FloatArray) -> Estimate:
    return _estimate([Spectrum(y)])


def recsys_windows(y: FloatArray) -> Estimate:
    length = min(6 * SR, len(y))
    starts = np.linspace(0.05, 0.95, 5) * (len(y) - length)
    return _estimate([Spectrum(y[int(start) : int(start) + length]) for start in starts])


def _estimate(spectra: list[Spectrum]) -> Estimate:
    tags = embed([spectrum.y for spectrum in spectra]).tags.mean(axis=0)
    tempo, key = estimate_tempo(spectra, pace(tags)), estimate_key(spectra)
    return Estimate(tempo.bpm, str(key), tempo.confidence, key.confidence)


def librosa_estimate(y: FloatArray) -> Estimate:
    import librosa

    bpm = float(np.ravel(librosa.beat.beat_track(y=y, sr=SR)[0])[0])
    chroma = librosa.feature.chroma_cqt(y=y, sr=SR).mean(axis=1)
    fits = [np.corrcoef(chroma, np.roll(profile, k))[0, 1] for profile in KRUMHANSL for k in range(12)]
    best = int(np.argmax(fits))
    return Estimate(bpm, f"{Key.NAMES[best % 12]} {'major' if best < 12 else 'minor'}")


def peers(python: Path | None, pieces: list[Piece]) -> dict[str, list[Estimate]]:
    """Estimates of sonara and Essentia, of those that the interpreter has installed."""
    if python is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder) / "pieces.npz", **{str(i): p.y for i, p in enumerate(pieces)})  # type: ignore[arg-type]
        command = [str(python), str(Path(__file__).with_name("tempo_key_peers.py")), f"{folder}/pieces.npz"]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = json.loads(output.splitlines()[-1])
    return {system: [Estimate(*estimates[str(i)]) for i in range(len(pieces))] for system, estimates in found.items()}


def pitch_class(name: str) -> int:
    return ("CDEFGAB".index(name[0]) * 2 - (name[0] in "FGAB") + name.count("#") - name[1:].count("b")) % 12


def key_score(estimate: str, truth: str) -> float:
    """MIREX weight of an estimated key."""
    (tonic, mode), (true_tonic, true_mode) = ((pitch_class(k.split()[0]), k.split()[1]) for k in (estimate, truth))
    up = (tonic - true_tonic) % 12
    if mode == true_mode:
        return {0: 1.0, 7: 0.5}.get(up, 0.0)
    return {0: 0.2, 9 if true_mode == "major" else 3: 0.3}.get(up, 0.0)


def tempo_hit(bpm: float, truth: float, ratios: tuple[float, ...] = RELATED) -> bool:
    return any(abs(bpm / (truth * ratio) - 1) <= 0.04 for ratio in ratios)


def calibration(confidence: list[float], scores: list[float]) -> str:
    """The mean score of the less and of the more confident half of the estimates."""
    order = np.argsort(confidence)
    halves = np.array_split(np.array(scores)[order], 2)
    return " < ".join(f"{half.mean():.2f}" for half in halves)


SYSTEMS: dict[str, Callable[[FloatArray], Estimate]] = {
    "recsys": recsys_whole,
    "recsys, windows": recsys_windows,
    "librosa": librosa_estimate,
}


def compare(title: str, pieces: list[Piece], python: Path | None) -> None:
    """Print one row for each system."""
    print(f"\n{title}: {len(pieces)} pieces")
    results, seconds = {}, {}
    for system, estimate in SYSTEMS.items():
        estimate(pieces[0].y)  # computes filter banks and compiles code, which are not measured
        start = time.process_time()
        results[system] = [estimate(p.y) for p in pieces]
        seconds[system] = (time.process_time() - start) / len(pieces)
    for system, estimates in (results | peers(python, pieces)).items():
        row = f"  {system:16}"
        timed = [(p.bpm, a) for p, a in zip(pieces, estimates, strict=True) if p.bpm]
        keyed = [(p.keys, a) for p, a in zip(pieces, estimates, strict=True) if p.keys]
        has_confidence = system.startswith("recsys")
        if timed:
            same = [float(tempo_hit(a.bpm, bpm, (1,))) for bpm, a in timed]
            row += f"  tempo {np.mean(same):.2f} / {np.mean([tempo_hit(a.bpm, bpm) for bpm, a in timed]):.2f}"
            row += (
                f" ({calibration([a.tempo_confidence for _, a in timed], same)} by confidence)"
                if has_confidence
                else ""
            )
        if keyed:
            score = [max(key_score(a.key, key) for key in keys) for keys, a in keyed]
            row += f"  key {np.mean(score):.2f}"
            row += (
                f" ({calibration([a.key_confidence for _, a in keyed], score)} by confidence)" if has_confidence else ""
            )
        print(row + (f"  {1000 * seconds[system]:.0f} ms" if system in seconds else ""), flush=True)


def halves(folder: Path) -> None:
    """How often both halves of the middle minute of a track have the same tempo and key."""
    paths = [p for p in sorted(folder.rglob("*")) if p.suffix.lower() in {".ogg", ".oga", ".opus", ".mp3", ".flac"}]
    minutes = [read(p, sf.info(p).duration / 2 - 30, 60) for p in paths if sf.info(p).duration >= 60]
    minutes = [y for y in minutes if min(np.abs(y[: 30 * SR]).max(), np.abs(y[30 * SR :]).max()) > 0.01]
    print(f"\nagreement of halves: {len(minutes)} tracks")
    for system, estimate in SYSTEMS.items():
        pairs = [(estimate(y[: 30 * SR]), estimate(y[30 * SR :])) for y in minutes]
        both = [(a, b) for a, b in pairs if a.bpm and b.bpm]
        tempo = np.mean([tempo_hit(a.bpm, b.bpm, (1,)) for a, b in both])
        related = np.mean([tempo_hit(a.bpm, b.bpm) for a, b in both])
        key = np.mean([key_score(a.key, b.key) for a, b in pairs])
        print(f"  {system:16}  tempo {tempo:.2f} / {related:.2f}  key {key:.2f}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers-python", type=Path, help="interpreter that has sonara or essentia")
    parser.add_argument("--emotify", type=Path, help="the Emotify folder with its index.csv")
    parser.add_argument("--catalogue", type=Path, help="a folder written by get-catalogue")
    parser.add_argument("--modules", type=Path, nargs="+", help="folders with tracker modules")
    parser.add_argument("--pieces", type=int, default=130, help="number of synthetic pieces")
    arguments = parser.parse_args()
    sets = {"immich": immich(), "clicks": clicks(), "cadences": cadences(), "band": band(arguments.pieces)}
    if arguments.emotify:
        sets["titled"] = titled(arguments.emotify)
    if arguments.catalogue:
        sets["stated"] = stated(arguments.catalogue)
    if arguments.modules:
        sets["modules"] = modules(arguments.modules)
    for title, pieces in sets.items():
        compare(title, list(pieces), arguments.peers_python)
    if arguments.catalogue:
        halves(arguments.catalogue)
    return 0


if __name__ == "__main__":
    sys.exit(main())
