"""The convolutional networks of MusiCNN, computed with matrix products.

A network maps a *patch*, a log-mel spectrogram (187, 96) of frames and bands, to an *embedding* (200,) and the
probabilities of 50 *tags*. Its layers are:

1. a front end of *vertical* filters (7 frames x 38 or 67 bands: timbre) and *horizontal* filters (128, 64 or 32 frames
   x 1 band: rhythm), with the maximum over frequency of each filter in each frame;
2. three convolutions over time, whose outputs and the front end's are pooled over time by maximum and mean;
3. two dense layers.

Nine tenths of a direct computation are the front end. Here a vertical filter is applied to the discrete Fourier
transform over the bands of each frame, in which a convolution over the bands is a product, and both halves of the
inverse transform are computed at once: outputs at equal distances ±d of the middle are ``even ± odd``, so the larger is
``even + |odd|``. This takes a quarter of the multiplications. A horizontal filter is a banded matrix for a tile of
frames. A patch takes a quarter of the time of direct convolutions (benchmarks/musicnn.py). Embeddings are compared with
an independent implementation of the published model in tests/features/test_features_embedding.py.

References
----------
Pons & Serra (2019), "musicnn: pre-trained convolutional neural networks for music audio tagging".
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from recsys.domain.arrays import FloatArray

PATCH_FRAMES, N_BANDS = 187, 96
VERTICAL = ("vertical_38", "vertical_67")
HORIZONTAL = ("horizontal_128", "horizontal_64", "horizontal_32")
MIDDLE = ("middle_0", "middle_1", "middle_2")

_REACH = 3  # frames before and after that a filter of 7 frames covers
_BINS = N_BANDS // 2 + 1
_TILE = 16  # frames that a banded matrix computes at once; 4 to 24 take the same time


class Network:
    """One network, from the arrays that ``scripts/make_musicnn.py`` writes.

    Parameters
    ----------
    weights : mapping of str to ndarray
        Float32 arrays by name.

    Examples
    --------
    >>> network = Network.load(Path(__file__).parent / "data" / "musicnn_msd.npz")
    >>> embedding, tags = network(np.zeros((187, 96), np.float32))
    >>> embedding.shape, tags.shape
    ((200,), (50,))
    """

    def __init__(self, weights: Mapping[str, FloatArray]) -> None:
        self._weights = weights
        self._vertical = [_VerticalFilters(weights[name]) for name in VERTICAL]
        self._horizontal = [_HorizontalFilters(weights[name]) for name in HORIZONTAL]

    @classmethod
    def load(cls, path: Path) -> "Network":
        """The network of a file."""
        with np.load(path) as arrays:
            return cls(dict(arrays))

    def __call__(self, patch: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Embedding (200,) and tag probabilities (50,) of a patch (187, 96)."""
        weights = self._weights
        levels = [self._front_end(patch * weights["input_slope"] + weights["input_offset"])]
        for i, name in enumerate(MIDDLE):
            y = _neighbourhoods(levels[-1]) @ weights[f"{name}_kernel"] + weights[f"{name}_bias"]
            y = np.maximum(y, 0) * weights[f"{name}_slope"] + weights[f"{name}_offset"]
            levels.append(y + levels[-1] if i else y)
        stack = np.concatenate(levels, axis=1)
        pooled = np.concatenate([stack.max(axis=0), stack.mean(axis=0)])
        hidden = np.maximum(pooled @ weights["dense_kernel"] + weights["dense_bias"], 0)
        embedding: FloatArray = hidden * weights["embedding_slope"] + weights["embedding_offset"]
        tags: FloatArray = 1 / (1 + np.exp(-(embedding @ weights["tags_kernel"] + weights["tags_bias"])))
        return embedding, tags

    def _front_end(self, x: FloatArray) -> FloatArray:
        """Outputs (187, filters) of the front end for a normalised patch."""
        spectra = _band_spectra(x)
        by_band = np.ascontiguousarray(x.T)
        outputs = [filters(spectra) for filters in self._vertical] + [filters(by_band) for filters in self._horizontal]
        y = (np.concatenate(outputs, axis=1) + self._weights["front_bias"]) * self._weights["front_sign"]
        y = np.maximum(y, 0) * self._weights["front_slope"] + self._weights["front_offset"]
        return np.asarray(y, dtype=np.float32)


class _VerticalFilters:
    """Filters (f, 7, bands); called with the spectra of a patch, returns their maximum over frequency, (frames, f)."""

    def __init__(self, kernels: FloatArray) -> None:
        middle = (N_BANDS - kernels.shape[2]) / 2
        bins = np.arange(_BINS)
        mirrored = np.where((bins == 0) | (bins == N_BANDS // 2), 1, 2) / N_BANDS  # bins also represent their mirrors
        response = np.fft.rfft(kernels.astype(np.float64), N_BANDS, axis=2).conj().transpose(2, 1, 0)
        response *= (mirrored * np.exp(2j * np.pi * bins * middle / N_BANDS))[:, None, None]
        re, im = response.real, response.imag
        self._real = np.concatenate([re, -im], axis=1).astype(np.float32)
        self._imaginary = np.concatenate([im, re], axis=1).astype(np.float32)
        angles = 2 * np.pi * np.outer(np.arange(middle % 1, middle + 0.5), bins) / N_BANDS
        self._cos, self._sin = np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)

    def __call__(self, spectra: FloatArray) -> FloatArray:
        even = self._cos @ (spectra @ self._real).reshape(_BINS, -1)
        odd = self._sin @ (spectra @ self._imaginary).reshape(_BINS, -1)
        np.abs(odd, out=odd)
        even += odd
        largest: FloatArray = even.max(axis=0)
        return largest.reshape(spectra.shape[1], -1)


class _HorizontalFilters:
    """Filters (f, frames); called with the bands (96, t) of a patch, returns their maximum over frequency, (t, f)."""

    def __init__(self, kernels: FloatArray) -> None:
        self._count, self._length = kernels.shape
        banded = np.zeros((self._length + _TILE - 1, _TILE, self._count), np.float32)
        for i in range(_TILE):
            banded[i : i + self._length, i] = kernels.T
        self._banded = banded.reshape(len(banded), -1)

    def __call__(self, bands: FloatArray) -> FloatArray:
        frames = bands.shape[1]
        tiles = -(-frames // _TILE)
        before = (self._length - 1) // 2
        padded = np.zeros((N_BANDS, tiles * _TILE + self._length - 1), np.float32)
        padded[:, before : before + frames] = bands
        runs = np.ascontiguousarray(sliding_window_view(padded, len(self._banded), axis=1)[:, ::_TILE])
        outputs = runs.reshape(N_BANDS * tiles, -1) @ self._banded
        largest: FloatArray = outputs.reshape(N_BANDS, -1).max(axis=0)
        return largest.reshape(-1, self._count)[:frames]


def _band_spectra(x: FloatArray) -> FloatArray:
    """Fourier transform over the bands, of each frame (t, 96) and its neighbours, (49, t, 14): 7 real, 7 imaginary."""
    padded = np.pad(x, ((_REACH, _REACH), (0, 0)))
    runs = [sliding_window_view(part @ padded.T, 2 * _REACH + 1, axis=1) for part in _band_transform()]
    return np.concatenate(runs, axis=2)


@cache
def _band_transform() -> tuple[FloatArray, FloatArray]:
    """Real and imaginary part of the Fourier transform of 96 bands, as matrices (49, 96)."""
    angles = 2 * np.pi * np.outer(np.arange(_BINS), np.arange(N_BANDS)) / N_BANDS
    return np.cos(angles).astype(np.float32), -np.sin(angles).astype(np.float32)


def _neighbourhoods(x: FloatArray) -> FloatArray:
    """Each frame (t, c) and its three neighbours on both sides, (t, 7 c)."""
    runs = sliding_window_view(np.pad(x, ((_REACH, _REACH), (0, 0))), 2 * _REACH + 1, axis=0)
    return np.ascontiguousarray(runs.transpose(0, 2, 1)).reshape(len(x), -1)
