#!/usr/bin/env python3
"""Fit the weights of the tempo model to MIDI files, which contain their tempo, and to synthetic pieces.

    scripts/fit_tempo.py FOLDER... --renders CACHE [--soundfont FILE.sf3] [--output recsys/features/data/tempo.json]

The weights in the repository are fitted to the music of three Debian packages, unpacked with ``dpkg -x``:
openttd-openmsx, simutrans-data and freedoom (its MIDI files are in the WAD files), 145 pieces of constant tempo
rendered by FluidSynth with the sound font of fluidr3mono-gm-soundfont; to 260 pieces of benchmarks/synthetic_band.py;
and, with half the weight, to 40 metronomes. Each piece is used as a whole (30 s) and as five windows of 6 s. At the
time of the fit the candidates ended at 220 BPM, not at 250, so a new fit gives slightly different weights.

Prints the out-of-fold accuracy (5 folds by piece), within 4 per cent, and allowing half, double, third and triple
tempo; and the share of correct estimates by confidence.
"""

import argparse
import json
import struct
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np
import soundfile as sf
from scipy.optimize import minimize

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from synthetic_band import STYLES, drum, piece

from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.features.spectrum import SR, Spectrum
from recsys.features.tempo import CANDIDATE_BPM, MODEL_FILE, TEMPO_FEATURES, tempo_features

FOLDS = 5
SECONDS, EXCERPTS, LONGEST = 30.0, 3, 100.0
PENALTY = 0.2
SYNTHETIC = 260
METRONOMES, METRONOME_WEIGHT = np.geomspace(52, 190, 40), 0.5
TOLERANCE = 0.02  # relative difference from the true tempo below which a candidate is correct
STEADY = 1.03  # largest ratio of two tempi in an excerpt of constant tempo


@dataclass(frozen=True, slots=True)
class Example:
    """Features (candidates, d) of one excerpt, its true tempo, its weight, and the name of its piece."""

    piece: str
    bpm: float
    weight: float
    features: DoubleArray


def midi_files(folders: list[Path], target: Path) -> list[Path]:
    """All MIDI files in the folders, without duplicates; those in WAD files are unpacked into ``target``."""
    contents: dict[bytes, Path] = {}
    for path in sorted(p for folder in folders for p in folder.rglob("*")):
        if path.suffix.lower() == ".wad":
            for name, content in midi_lumps(path.read_bytes()):
                if content not in contents:
                    contents[content] = target / f"{path.stem}_{name}.mid"
                    contents[content].write_bytes(content)
        elif path.suffix.lower() == ".mid":
            contents.setdefault(path.read_bytes(), path)
    return [path for path in contents.values() if is_readable(path)]


def is_readable(path: Path) -> bool:
    """Whether mido can read the file; prints the reason if not."""
    try:
        mido.MidiFile(path, clip=True)
    except (OSError, EOFError, ValueError, mido.KeySignatureError) as error:
        print(f"{path}: left out: {error}", file=sys.stderr)
        return False
    return True


def midi_lumps(wad: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and content of every MIDI lump of a Doom WAD file."""
    count, directory = struct.unpack_from("<ii", wad, 4)
    for i in range(count):
        start, size, name = struct.unpack_from("<ii8s", wad, directory + 16 * i)
        if wad[start : start + 4] == b"MThd":
            yield name.rstrip(b"\0").decode("ascii"), wad[start : start + size]


def tempo_changes(path: Path) -> list[tuple[float, float]]:
    """Time in seconds and BPM of every tempo change; the default of MIDI is 120."""
    now, found = 0.0, [(0.0, 120.0)]
    for message in mido.MidiFile(path, clip=True):
        now += message.time
        if message.type == "set_tempo":
            found.append((now, mido.tempo2bpm(message.tempo)))
    return found


def tempo_between(changes: list[tuple[float, float]], start: float, stop: float) -> float | None:
    """Mean tempo between two times; None if it is not constant."""
    ends = [at for at, _ in changes[1:]] + [np.inf]
    parts = [
        (min(end, stop) - max(at, start), bpm)
        for (at, bpm), end in zip(changes, ends, strict=True)
        if min(end, stop) - max(at, start) > 0.3
    ]
    values = [bpm for _, bpm in parts]
    if (
        not parts
        or max(values) / min(values) > STEADY
        or not CANDIDATE_BPM[0] <= min(values) <= max(values) <= CANDIDATE_BPM[-1]
    ):
        return None
    return float(np.average(values, weights=[seconds for seconds, _ in parts]))


def render(path: Path, cache: Path, soundfont: Path) -> FloatArray:
    """Samples of the first 100 s of a MIDI file."""
    wav = cache / f"{path.stem}.wav"
    if not wav.exists():
        track, now, last = mido.MidiTrack(), 0.0, 0
        for message in mido.MidiFile(path, clip=True):
            now += message.time
            if now > LONGEST:
                break
            if not message.is_meta:
                ticks = round(now * 960)  # a tick is 1/960 s at MIDI's default tempo
                track.append(message.copy(time=ticks - last))
                last = ticks
        for channel in range(16):  # end notes that are still on
            for control in (64, 120, 123):
                track.append(mido.Message("control_change", channel=channel, control=control, value=0))
        with tempfile.NamedTemporaryFile(suffix=".mid") as short:
            mido.MidiFile(ticks_per_beat=480, tracks=[track]).save(file=short)
            short.flush()
            options = ["-ni", "-g", "0.6", "-R", "0", "-C", "0", "-r", str(SR), "-F", str(wav)]
            subprocess.run(["fluidsynth", *options, str(soundfont), short.name], check=True, capture_output=True)
    y, _ = sf.read(wav, dtype="float32", always_2d=True)
    return y.mean(axis=1)[: round(LONGEST * SR)]


def whole_and_windows(y: FloatArray) -> Iterator[DoubleArray]:
    """Features of the whole signal, and of five windows of 6 s."""
    yield tempo_features([Spectrum(y)])
    length = 6 * SR
    starts = (np.linspace(0.05, 0.95, 5) * (len(y) - length)).astype(int)
    yield tempo_features([Spectrum(y[start : start + length]) for start in starts])


def from_midi(path: Path, cache: Path, soundfont: Path) -> list[Example]:
    """Up to three excerpts of 30 s with constant tempo; their weights sum to 1."""
    y = render(path, cache, soundfont)
    spare = max(len(y) / SR - SECONDS, 0.0)
    changes, found = tempo_changes(path), []
    for k in range(EXCERPTS if spare > 2 else 1):
        start = spare * (k + 0.5) / EXCERPTS if spare > 2 else 0.0
        excerpt = y[round(start * SR) : round((start + SECONDS) * SR)]
        bpm = tempo_between(changes, start, start + len(excerpt) / SR)
        if bpm is not None and len(excerpt) >= SR * SECONDS / 2 and np.abs(excerpt).max() > 0.01:
            found.append((bpm, excerpt))
    return [Example(path.stem, bpm, 1 / len(found), e) for bpm, excerpt in found for e in whole_and_windows(excerpt)]


def from_band(seed: int) -> list[Example]:
    """A synthetic piece."""
    rng = np.random.default_rng(seed)
    style = list(STYLES)[seed % len(STYLES)]
    bpm = float(rng.uniform(*STYLES[style].bpm))
    y = piece(style, bpm, int(rng.integers(12)), str(rng.choice(["major", "minor"])), seed=seed)
    return [Example(f"{style} {seed}", bpm, 1.0, e) for e in whole_and_windows(y)]


def from_metronome(bpm: float) -> list[Example]:
    """A click on every beat and nothing between the beats, so that the tempo is unambiguous."""
    rng = np.random.default_rng(round(100 * bpm))
    kind = str(rng.choice(["kick", "snare", "hat"]))
    y = (10 ** rng.uniform(-5, -2.5) * rng.standard_normal(round(SECONDS * SR))).astype(np.float32)
    for at in np.arange(rng.uniform(0, 0.5), SECONDS - 0.3, 60 / bpm):
        sound = drum(kind, rng)
        y[round(at * SR) : round(at * SR) + len(sound)] += sound
    return [Example(f"metronome {bpm:.1f}", bpm, METRONOME_WEIGHT, e) for e in whole_and_windows(y)]


def fit(examples: list[Example]) -> DoubleArray:
    """Weights (d,) of the conditional logit model, by maximum likelihood with an L2 penalty."""
    x = np.stack([example.features for example in examples])
    truth = np.stack([np.abs(np.log(CANDIDATE_BPM / example.bpm)) <= TOLERANCE for example in examples])
    weight = np.array([example.weight for example in examples])

    def loss(w: DoubleArray) -> tuple[float, DoubleArray]:
        scores = x @ w
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        p = odds / odds.sum(axis=1, keepdims=True)
        right = np.maximum((p * truth).sum(axis=1), 1e-12)
        slope = np.einsum("n,ng,ngd->d", weight, p - p * truth / right[:, None], x, optimize=True)
        return float(-(weight * np.log(right)).sum() + PENALTY / 2 * w @ w), slope + PENALTY * w

    return minimize(loss, np.zeros(x.shape[2]), jac=True, method="L-BFGS-B", options={"maxiter": 500}).x


def out_of_fold(examples: list[Example]) -> list[tuple[Example, float, float]]:
    """Tempo and probability of each example by weights fitted without its piece."""
    fold = {name: i % FOLDS for i, name in enumerate(sorted({example.piece for example in examples}))}
    predictions = []
    for k in range(FOLDS):
        w = fit([example for example in examples if fold[example.piece] != k])
        for example in (e for e in examples if fold[e.piece] == k):
            p = np.exp(example.features @ w)
            best = int(p.argmax())
            near = np.abs(np.log(CANDIDATE_BPM / CANDIDATE_BPM[best])) <= 0.04
            predictions.append((example, float(CANDIDATE_BPM[best]), float(p[near].sum() / p.sum())))
    return predictions


def report(title: str, predictions: list[tuple[Example, float, float]]) -> None:
    """Print accuracy and calibration of out-of-fold predictions."""
    same = np.array([abs(bpm / e.bpm - 1) <= 0.04 for e, bpm, _ in predictions])
    ratios = (1, 2, 1 / 2, 3, 1 / 3)
    related = np.array([any(abs(bpm / e.bpm / r - 1) <= 0.04 for r in ratios) for e, bpm, _ in predictions])
    p = np.array([confidence for *_, confidence in predictions])
    bins = [(low, (p >= low) & (p < low + 0.25)) for low in (0.0, 0.25, 0.5, 0.75)]
    steps = ", ".join(f"{p[b].mean():.2f} → {same[b].mean():.2f} ({b.sum()})" for _, b in bins if b.any())
    print(f"{title:12} {same.mean():.3f} / {related.mean():.3f}   confidence → right (n): {steps}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--renders", type=Path, required=True, help="folder for the audio rendered by FluidSynth")
    parser.add_argument(
        "--soundfont", type=Path, default=Path("/usr/share/sounds/sf3/FluidR3Mono_GM.sf3"), help="FluidR3 mono"
    )
    parser.add_argument("--output", type=Path, default=ROOT / "recsys/features/data" / MODEL_FILE)
    arguments = parser.parse_args()
    arguments.renders.mkdir(parents=True, exist_ok=True)
    files = midi_files(arguments.folders, arguments.renders)
    midi = [e for path in files for e in from_midi(path, arguments.renders, arguments.soundfont)]
    band = [e for seed in range(SYNTHETIC) for e in from_band(seed)]
    metronomes = [e for bpm in METRONOMES for e in from_metronome(float(bpm))]
    predictions = out_of_fold(midi + band + metronomes)
    names = Counter(e.piece for e in midi)
    print(f"{len(names)} MIDI files, {SYNTHETIC} synthetic pieces; out-of-fold tempo, within 4 % / related:")
    report("MIDI", [a for a in predictions if a[0].piece in names])
    report("synthetic", [a for a in predictions if a[0].piece not in names])
    weights = fit(midi + band + metronomes)
    model = {
        "made_by": "scripts/fit_tempo.py",
        "midi_files": len(names),
        "synthetic": SYNTHETIC,
        "weights": dict(zip(TEMPO_FEATURES, (round(float(w), 3) for w in weights), strict=True)),
    }
    arguments.output.write_text(json.dumps(model, indent=1) + "\n", encoding="utf-8")
    print(f"{arguments.output}: {len(weights)} weights")
    return 0


if __name__ == "__main__":
    sys.exit(main())
