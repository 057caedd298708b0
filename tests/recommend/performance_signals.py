"""Features of made-up music over time, so that fingerprints of versions of it can be computed without audio.

Music is a random walk through the feature space, with steps of a tenth of a second. A window has the mean of its steps,
as a feature of real music has, and the errors of a codec.
"""

from dataclasses import dataclass

import numpy as np

from recsys.audio.windows import place_windows
from recsys.domain.arrays import DoubleArray, HalfArray
from recsys.features.scaling import reference
from recsys.features.schema import DIMENSIONS
from recsys.recommend.fingerprint import COLUMNS, N_HARMONY, Fingerprint, fingerprint

STEP = 0.1
_NOISE = 0.02  # reference deviations, of harmony; rhythm has twice as much


@dataclass(frozen=True)
class Music:
    """Steps (n, c) in reference deviations, and the tempo."""

    steps: DoubleArray
    bpm: float

    @property
    def seconds(self) -> float:
        return len(self.steps) * STEP

    def cut(self, start: float, end: float) -> "Music":
        """Without seconds at the start and the end."""
        return Music(self.steps[round(start / STEP) : len(self.steps) - round(end / STEP)], self.bpm)

    def stretched(self, factor: float) -> "Music":
        """Played faster by a factor."""
        at = np.minimum((np.arange(round(len(self.steps) / factor)) * factor).astype(int), len(self.steps) - 1)
        return Music(self.steps[at], self.bpm * factor)

    def repeated(self, start: float, seconds: float) -> "Music":
        """With a part that is played twice."""
        a, b = round(start / STEP), round((start + seconds) / STEP)
        return Music(np.concatenate([self.steps[:b], self.steps[a:]]), self.bpm)

    def shifted(self, by: float) -> "Music":
        """Another mix: every feature is moved a bit, always in the same way."""
        return Music(self.steps + by * np.random.default_rng(99).standard_normal(self.steps.shape[1]), self.bpm)


def make_music(seed: int, seconds: float = 180.0, *, bpm: float = 120.0) -> Music:
    """Another music for each seed."""
    rng = np.random.default_rng(seed)
    n, c = round(seconds / STEP), len(COLUMNS)
    walk = np.empty((n, c))
    walk[0] = rng.standard_normal(c)
    for i in range(1, n):  # about 20 s until it is forgotten
        walk[i] = 0.995 * walk[i - 1] + 0.1 * rng.standard_normal(c)
    return Music(walk + rng.standard_normal(c), bpm)


def stored_features(music: Music, *, seed: int = 0, before: float = 0.0) -> tuple[HalfArray, tuple[float, ...]]:
    """Raw windows (w, D) and their starts, with silence before the music."""
    rng = np.random.default_rng(seed)
    noise = np.where(np.arange(len(COLUMNS)) < N_HARMONY, _NOISE, 2 * _NOISE)
    places = place_windows(before, before + music.seconds, count=5, seconds=6.0)
    windows = np.zeros((len(places), len(DIMENSIONS)), np.float32)
    for row, (start, end) in zip(windows, places, strict=True):
        part = music.steps[round((start - before) / STEP) : round((end - before) / STEP)]
        values = part.mean(axis=0) + noise * rng.standard_normal(len(COLUMNS))
        row[COLUMNS] = reference().mean[COLUMNS] + values * reference().std[COLUMNS]
    return windows.astype(np.float16), tuple(start for start, _ in places)


def make_fingerprint(music: Music, *, seed: int = 0, before: float = 0.0, after: float = 0.0) -> Fingerprint:
    """The fingerprint of music in a file with silence around it."""
    windows, starts = stored_features(music, seed=seed, before=before)
    return fingerprint(windows, starts, before + music.seconds + after, music.bpm)
