"""Synthetic pieces of music, made of sines and noise, whose tempo and key are known.

``piece`` has drums, bass, chords and a melody in one of ``STYLES``. The seed determines everything random: the
progression, the melody, voicings, instruments, timing jitter, tuning, mix and noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SR = 22050
Samples = npt.NDArray[np.float32]

MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
#: Progressions in scale degrees from 0, a bar each; 4 in a minor key is the major dominant when followed by "+".
PROGRESSIONS: dict[str, tuple[str, ...]] = {
    "major": ("0 4 5 3", "0 5 3 4", "0 3 4 0", "1 4 0 0", "0 3 0 4", "0 1 3 4", "5 3 0 4"),
    "minor": ("0 5 2 6", "0 3 4+ 0", "0 6 5 4+", "0 5 3 4+", "0 3 0 4", "0 6 5 6", "0 0 3 4+"),
}
HARMONICS: dict[str, tuple[tuple[float, ...], float]] = {  # strengths of the partials, decay per second
    "piano": ((1, 0.6, 0.35, 0.2, 0.12, 0.08), 2.5),
    "guitar": ((1, 0.8, 0.6, 0.3, 0.3, 0.15, 0.1), 3.5),
    "organ": ((1, 0.7, 0.5, 0.4, 0, 0.2), 0.0),
    "strings": ((1, 0.5, 0.35, 0.25, 0.18, 0.14, 0.1), 0.15),
    "saw": (tuple(1 / k for k in range(1, 13)), 0.8),
    "square": ((1, 0, 0.33, 0, 0.2, 0, 0.14, 0, 0.11), 1.0),
    "bell": ((1, 0, 0.4, 0.1, 0, 0.3), 4.0),
}


@dataclass(frozen=True, slots=True)
class Style:
    """Range of tempi in BPM, beats per bar, and the pattern of each instrument (in sixteenths or triplets of a beat).

    A pattern has one character per step: "x" a hit, "o" a soft hit, "." a rest.
    """

    bpm: tuple[float, float]
    beats: int
    steps: int  # per beat
    kick: str
    snare: str
    hat: str
    bass: str
    chords: str
    arpeggio: bool = False


STYLES: dict[str, Style] = {
    "rock": Style((100, 160), 4, 2, "x..xx...", "..x...x.", "xoxoxoxo", "xxxxxxxx", "x.xox.xo"),
    "house": Style((116, 134), 4, 4, "x...x...x...x...", "....x.......x...", "..x.", "..xx", "..x..x....x..x.."),
    "pop": Style((84, 128), 4, 4, "x.....x.x.......", "....x...", "x.o.", "x.....x.x...x...", "x......."),
    "hip hop": Style(
        (74, 100), 4, 4, "x..x......x.x...", "....x.......x..o", "x.x.x.x.x.xxx.x.", "x..x......x.....", "x......."
    ),
    "reggae": Style((66, 92), 4, 2, "....x...", "....x...", "xoxoxoxo", "x..xx.x.", ".x.x.x.x"),
    "drum and bass": Style((165, 178), 4, 2, "x....x..", "..x...x.", "xxxxxxxx", "x.......", "x......."),
    "swing": Style((100, 190), 4, 3, "o..o..o..o..", "...o.....o..", "x..x.xx..x.x", "x..x..x..x..", "x....o......"),
    "waltz": Style((84, 180), 3, 2, "x.....", "..o.o.", "x.x.x.", "x.....", "..x.x."),
    "ballad": Style((58, 84), 4, 2, "x...x...", "..x...x.", "x.x.x.x.", "x......o", "xxxxxxxx", arpeggio=True),
    "folk": Style((76, 132), 4, 2, "", "", "", "x...x...", "x.xx.xxo"),
    "arpeggios": Style((64, 126), 4, 4, "", "", "", "x...............", "xo", arpeggio=True),
    "techno": Style((124, 142), 4, 4, "x...", "", "..x.", "x", "x..x..x..x..x..."),
    "six eight": Style((50, 80), 2, 3, "x..x..", "...x..", "xooxoo", "x..x.o", "xxxxxx", arpeggio=True),
}


def note(midi: float, seconds: float, instrument: str, brightness: float = 1.0) -> Samples:
    """One note, peak about 1; partials above 8 kHz are left out."""
    strengths, decay = HARMONICS[instrument]
    t = np.arange(round(seconds * SR)) / SR
    hz = 440.0 * 2 ** ((midi - 69) / 12)
    y = np.zeros(len(t))
    for k, strength in enumerate(strengths, 1):
        if strength and k * hz < 8000:
            fading = np.exp(-decay * (0.7 + 0.3 * k) * t)
            y += strength * brightness ** (k - 1) * fading * np.sin(2 * np.pi * k * hz * t + k)
    attack = min(len(t), round((0.05 if decay < 0.5 else 0.004) * SR))
    release = min(len(t), round(0.02 * SR))
    y[:attack] *= np.linspace(0, 1, attack)
    y[len(y) - release :] *= np.linspace(1, 0, release)
    return (y / sum(strengths)).astype(np.float32)


def drum(kind: str, rng: np.random.Generator) -> Samples:
    """A kick, snare or hat."""
    length = {"kick": 0.18, "snare": 0.16, "hat": 0.05}[kind]
    t = np.arange(round(length * SR)) / SR
    if kind == "kick":
        y = np.sin(2 * np.pi * (50 * t + 6 * (1 - np.exp(-30 * t)))) * np.exp(-18 * t)
    else:
        hiss = rng.standard_normal(len(t))
        y = np.diff(hiss, prepend=0) * np.exp(-70 * t) if kind == "hat" else hiss * np.exp(-25 * t) * 0.5
        if kind == "snare":
            y += 0.6 * np.sin(2 * np.pi * 185 * t) * np.exp(-30 * t)
    return (y / np.abs(y).max()).astype(np.float32)


def degrees(progression: str, tonic: int, mode: str) -> list[tuple[int, ...]]:
    """Chords of a progression as pitch classes, root first."""
    scale = MAJOR if mode == "major" else MINOR
    chords = []
    for symbol in progression.split():
        degree = int(symbol.rstrip("+"))
        chord = [scale[(degree + step) % 7] for step in (0, 2, 4)]
        if symbol.endswith("+"):
            chord[1] = (chord[0] + 4) % 12
        chords.append(tuple((tonic + c) % 12 for c in chord))
    return chords


def piece(style: str, bpm: float, tonic: int, mode: str, *, seconds: float = 30.0, seed: int = 0) -> Samples:
    """``seconds`` of music of a style at ``bpm`` in the key ``tonic`` ``mode``, (n,) mono at 22050 Hz."""
    rng = np.random.default_rng(seed)
    plan = STYLES[style]
    chords = degrees(str(rng.choice(PROGRESSIONS[mode])), tonic, mode)
    scale = [(tonic + s) % 12 for s in (MAJOR if mode == "major" else MINOR)]
    lead, pad, low = (str(rng.choice(list(HARMONICS))) for _ in range(3))
    tuning, brightness = rng.normal(0, 0.12), rng.uniform(0.7, 1.0)
    level = dict(zip(("drums", "bass", "chords", "melody"), rng.uniform(0.25, 0.8, 4), strict=True))
    jitter, swing = rng.uniform(0, 0.006), rng.choice([0.0, 0.0, 0.12])
    beat = 60 / bpm
    step = beat / plan.steps
    kit = {kind: drum(kind, rng) for kind in ("kick", "snare", "hat")}
    mix = np.zeros(round((seconds + 4) * SR), dtype=np.float32)

    def play(at: float, sound: Samples, strength: float) -> None:
        start = max(0, round((at + rng.normal(0, jitter)) * SR))
        if start < len(mix):
            part = mix[start : start + len(sound)]
            part += strength * sound[: len(part)]

    def tone(lowest: int, pitch: int, length: float, instrument: str) -> Samples:
        return note(lowest + (pitch - lowest) % 12 + tuning, length, instrument, brightness)

    bars = int(np.ceil(seconds / (beat * plan.beats)))
    for bar in range(bars):
        chord = chords[bar % len(chords)]
        begin = bar * plan.beats * beat
        for i in range(plan.beats * plan.steps):
            at = begin + i * step + (swing * step if i % 2 and plan.steps % 2 == 0 else 0.0)
            for kind, pattern in (("kick", plan.kick), ("snare", plan.snare), ("hat", plan.hat)):
                if hit := _strength(pattern, i):
                    play(at, kit[kind], hit * level["drums"] * (0.3 if kind == "hat" else 1.0))
            if hit := _strength(plan.bass, i):
                play(at, tone(36, chord[0], 1.8 * step, low), hit * level["bass"])
            if hit := _strength(plan.chords, i):
                tones: Sequence[int] = (chord[i % 3],) if plan.arpeggio else chord
                length = step * (2 if plan.arpeggio or "o" in plan.chords else plan.steps)
                for pitch in tones:
                    play(at, tone(55, pitch, length, pad), hit * level["chords"] * 0.6)
            if rng.random() < (0.45 if i % plan.steps == 0 else 0.12):
                pool = chord if i % plan.steps == 0 else scale
                pitch = int(rng.choice(pool))
                play(at, tone(67, pitch, 2 * step, lead), level["melody"] * 0.6)
    mix = mix[: round(seconds * SR)]
    mix /= np.abs(mix).max()
    hiss = rng.standard_normal(len(mix)) * 10 ** (rng.uniform(-60, -30) / 20)
    return np.clip(0.8 * mix + hiss, -1, 1).astype(np.float32)


def _strength(pattern: str, i: int) -> float:
    return {"x": 1.0, "o": 0.4, ".": 0.0}[pattern[i % len(pattern)]] if pattern else 0.0
