"""Novelty: how much new sound begins at each moment, in a few frequency bands.

The raw material of tempo and rhythm. Rises of the logarithmic mel spectrum, as in librosa's onset strength, but kept
apart by register (so that a bass drum is not drowned by hi-hats), blind to vibrato (Böck & Widmer 2013, "Maximum
filter vibrato suppression for onset detection"), and free of slow swells.
"""

from itertools import pairwise

import numpy as np

from recsys.domain.arrays import FloatArray
from recsys.features.cache import cache_per_spectrum
from recsys.features.spectrum import Spectrum

#: Edges of the bands in mel rows; about 0-200, 200-800, 800-3000 and above 3000 Hz at 22050 Hz.
BAND_EDGES = (0, 8, 32, 80, 128)
N_BANDS = len(BAND_EDGES) - 1
_FLOOR_DB = 60.0
_TREND_SECONDS = 0.8


@cache_per_spectrum
def novelty(spectrum: Spectrum) -> FloatArray:
    """Novelty of each band, at least 0, (4, t)."""
    level = spectrum.mel_db
    level = np.maximum(level, level.max() - _FLOOR_DB)
    before = level.copy()
    before[1:] = np.maximum(before[1:], level[:-1])
    before[:-1] = np.maximum(before[:-1], level[1:])
    rise = np.zeros_like(level)
    if level.shape[1] > 1:
        rise[:, 1:] = np.maximum(level[:, 1:] - before[:, :-1], 0)
    bands = np.stack([rise[a:b].mean(axis=0) for a, b in pairwise(BAND_EDGES)])
    width = 2 * round(_TREND_SECONDS * spectrum.sr / spectrum.hop_length / 2) + 1
    return np.maximum(bands - moving_mean(bands, width), 0)


def moving_mean(rows: FloatArray, width: int) -> FloatArray:
    """Mean over ``width`` (odd) frames around each frame, (d, t); frames beyond the ends do not count."""
    half = width // 2
    t = rows.shape[1]
    total = np.concatenate([np.zeros((len(rows), 1)), np.cumsum(rows, axis=1, dtype=np.float64)], axis=1)
    stop = np.minimum(np.arange(t) + half + 1, t)
    start = np.maximum(np.arange(t) - half, 0)
    mean: FloatArray = ((total[:, stop] - total[:, start]) / (stop - start)).astype(np.float32)
    return mean
