"""Novelty: onset strength of each frame in four frequency bands, from which tempo and rhythm are computed.

The novelty is the rise of the logarithmic mel spectrum, as in librosa's onset strength, with three differences: it is
separate for each band (so that hi-hats do not mask a bass drum), it suppresses vibrato by a maximum filter, and its
slow trend is subtracted.

References
----------
Böck & Widmer (2013), "Maximum filter vibrato suppression for onset detection".
"""

from itertools import pairwise

import numpy as np

from recsys.domain.arrays import FloatArray
from recsys.features.cache import cache_per_spectrum
from recsys.features.spectrum import Spectrum

#: Edges of the bands in mel rows: about 0-200, 200-800, 800-3000 and above 3000 Hz at 22050 Hz.
BAND_EDGES = (0, 8, 32, 80, 128)
N_BANDS = len(BAND_EDGES) - 1
_FLOOR_DB = 60.0
_TREND_SECONDS = 0.8


@cache_per_spectrum
def novelty(spectrum: Spectrum) -> FloatArray:
    """Novelty of each band.

    Parameters
    ----------
    spectrum : Spectrum

    Returns
    -------
    ndarray of shape (4, t)
        Rise in dB per frame, at least 0.

    Examples
    --------
    >>> y = np.zeros(22050)
    >>> y[11025] = 1.0  # a click at 0.5 s, which is in frame 21
    >>> novelty(Spectrum(y)).sum(axis=0).argmax().item()
    20
    """
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
    """Centred moving average over time; frames before the start and after the end are left out.

    Parameters
    ----------
    rows : ndarray of shape (d, t)
    width : int
        Number of frames, odd.

    Returns
    -------
    ndarray of shape (d, t)

    Examples
    --------
    >>> moving_mean(np.array([[0, 3, 6, 9]], np.float32), 3)
    array([[1.5, 3. , 6. , 7.5]], dtype=float32)
    """
    half = width // 2
    t = rows.shape[1]
    total = np.concatenate([np.zeros((len(rows), 1)), np.cumsum(rows, axis=1, dtype=np.float64)], axis=1)
    stop = np.minimum(np.arange(t) + half + 1, t)
    start = np.maximum(np.arange(t) - half, 0)
    mean: FloatArray = ((total[:, stop] - total[:, start]) / (stop - start)).astype(np.float32)
    return mean
