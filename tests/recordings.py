"""Synthetic recordings, identical on every machine, whose features are stored in ``tests/data/features.npz``.

They have the properties of music, and the channel layouts and sample rates of real files. Each has weak noise, so that
no feature is close to a discontinuity: without it, rounding decides between two equally probable keys.
"""

from pathlib import Path

import numpy as np
import soundfile as sf
from signals import chord, clicks, music, noise, silence, tone

from recsys.domain.arrays import FloatArray
from recsys.ingest.worker import AnalysisFailure, analyse_file


def drums(seconds: float, sr: int, bpm: float) -> FloatArray:
    """A low thump on every beat, accented on the first of four, and a burst of noise between the beats."""
    t = np.arange(round(seconds * sr)) / sr
    phase = (t * bpm / 60) % 1
    thump = np.sin(2 * np.pi * 60 * t) * np.exp(-12 * phase)
    burst = noise(seconds, sr, 0.3, 5) * np.exp(-20 * ((phase + 0.5) % 1))
    accent = np.where((t * bpm / 60) % 4 < 1, 1.0, 0.5)
    return np.asarray(0.6 * accent * thump + burst, np.float32)


def sweep(seconds: float, sr: int) -> FloatArray:
    """A glide from 60 Hz to 6 kHz with overtones and vibrato."""
    t = np.arange(round(seconds * sr)) / sr
    phase = 2 * np.pi * 60 * seconds / np.log(100) * (100 ** (t / seconds) - 1) + 0.8 * np.sin(2 * np.pi * 5 * t)
    return np.asarray(0.3 * sum(np.sin(k * phase) / k for k in (1, 2, 3)), np.float32)


def arpeggio(seconds: float, sr: int, notes: tuple[int, ...], per_second: float) -> FloatArray:
    """A sequence of plucked notes, from soft to loud."""
    t = np.arange(round(seconds * sr)) / sr
    which = (t * per_second).astype(int) % len(notes)
    frequency = 440 * 2 ** ((np.array(notes)[which] - 69) / 12)
    pluck = np.exp(-5 * ((t * per_second) % 1)) * (0.1 + 0.8 * t / seconds)
    return np.asarray(0.5 * pluck * np.sin(2 * np.pi * frequency * t), np.float32)


def band(seconds: float, sr: int, bpm: float = 112, seed: int = 0) -> FloatArray:
    """Chords, a bass, drums and clicks."""
    roots = (57, 53, 48, 55)
    parts = [chord((root, root + (3 if root == 57 else 4), root + 7), 240 / bpm, sr, 0.3) for root in roots]
    harmony = np.resize(np.concatenate(parts), round(seconds * sr))
    return np.asarray(harmony + 0.5 * drums(seconds, sr, bpm) + noise(seconds, sr, 0.005, seed), np.float32)


def recordings() -> dict[str, tuple[int, FloatArray]]:
    """Sample rate and samples (n, c) of each recording, by name."""
    hiss = [noise(20, 48000, 0.004, seed) for seed in range(6)]
    wide, other = band(20, 44100), arpeggio(20, 44100, (69, 72, 76, 81), 4)
    left, loud = music(14, 44100, 3), np.clip(3 * band(16, 22050, 90, 4), -1, 1)
    ring = arpeggio(15, 32000, (57, 60, 64, 69, 64, 60), 5.5) + noise(15, 32000, 0.01, 9)
    quiet = silence(3, 32000)
    return {
        "band": (44100, band(20, 44100)[:, None]),
        "wide": (44100, np.stack([wide + 0.5 * other, 0.4 * wide - other], axis=1)),
        "inverted": (44100, np.stack([left, -left], axis=1)),
        "panned": (44100, np.stack([0.9 * left, 0.2 * left + noise(14, 44100, 0.002, 7)], axis=1)),
        "drums": (48000, np.stack([drums(18, 48000, 97) + y[: 18 * 48000] for y in hiss[:2]], axis=1)),
        "sweep": (22050, (sweep(13, 22050) + noise(13, 22050, 0.003, 2))[:, None]),
        "arpeggio": (32000, np.concatenate([quiet, ring, quiet])[:, None]),
        "noise": (96000, np.stack([noise(7, 96000, 0.1, 11), noise(7, 96000, 0.2, 12)], axis=1)),
        "clipped": (22050, np.stack([loud, loud * np.float32(0.8)], axis=1)),
        "surround": (48000, np.stack([0.3 * (band(20, 48000, 128, i) + tone(220 + 55 * i, 20, 48000, 0.05)) + hiss[i]
                                      for i in range(6)], axis=1)),
        # Long enough for patches in the gaps between the windows.
        "long": (22050, np.concatenate([band(30, 22050, 104, 6), band(30, 22050, 104, 7)])[:, None]),
        "short": (44100, (music(2, 44100, 8) + clicks(140, 2, 44100, 0.2))[:, None]),
    }  # fmt: skip


def features_of(rate: int, samples: FloatArray, folder: Path) -> FloatArray:
    """Raw feature vector (D,) of samples (n, c), written to a FLAC file of 24 bits in ``folder``."""
    path = folder / "recording.flac"
    sf.write(path, np.clip(samples, -1, 1), rate, subtype="PCM_24")
    found = analyse_file(str(path))
    if isinstance(found, AnalysisFailure):
        raise AssertionError(found.reason)
    return found.analysis.vector
