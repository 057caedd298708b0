"""Timbre: the shape of the short-time spectrum in each frame, by librosa's definitions.

Each descriptor is a function of a :class:`~recsys.features.spectrum.Spectrum` and has the shape (d, t). It has the
values of the librosa function named in its docstring with default parameters, but is computed from the shared STFT;
tests compare them within 1e-4.
"""

from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.features.cache import cache_per_spectrum
from recsys.features.spectrum import Spectrum, power_to_db

N_MFCC = 20
DELTA_WIDTH = 9
CONTRAST_BANDS = 7
_CONTRAST_FMIN = 200.0
_CONTRAST_QUANTILE = 0.02
_ROLLOFF = 0.85
_AMIN = 1e-10
_GROUP = 25  # bins of an STFT that are summed together: 1025 bins are 41 groups


@cache
def _dct(n_out: int, n_in: int) -> FloatArray:
    """Orthonormal DCT-II as a matrix (n_out, n_in)."""
    k, n = np.arange(n_out)[:, None], np.arange(n_in)[None, :]
    basis = np.sqrt(2.0 / n_in) * np.cos(np.pi * k * (2 * n + 1) / (2 * n_in))
    basis[0] /= np.sqrt(2.0)
    matrix: FloatArray = basis.astype(np.float32)
    return matrix


def mfcc(spectrum: Spectrum) -> FloatArray:
    """Mel-frequency cepstral coefficients; ``librosa.feature.mfcc``.

    Parameters
    ----------
    spectrum : Spectrum

    Returns
    -------
    ndarray of shape (20, t)
        In dB.

    Examples
    --------
    >>> mfcc(Spectrum(np.zeros(22050))).shape
    (20, 44)
    """
    mel = spectrum.mel_db
    return _dct(N_MFCC, len(mel)) @ mel


def delta(frames: FloatArray) -> FloatArray:
    """Slope of a line fitted to the 9 frames around each frame; ``librosa.feature.delta``.

    Parameters
    ----------
    frames : ndarray of shape (d, t)
        t is at least 9.

    Returns
    -------
    ndarray of shape (d, t)
        Change per frame.

    Examples
    --------
    >>> delta(2 * np.arange(10, dtype=np.float32)[None]).round(3)
    array([[2., 2., 2., 2., 2., 2., 2., 2., 2., 2.]], dtype=float32)
    """
    half = DELTA_WIDTH // 2
    ramp = np.arange(-half, half + 1, dtype=np.float32) / np.float32(sum(i * i for i in range(-half, half + 1)))
    runs = sliding_window_view(frames, DELTA_WIDTH, axis=1)
    # The first and last four frames have the slope of the nearest full run (mode "interp" of scipy's savgol_filter).
    return np.pad(runs @ ramp, ((0, 0), (half, half)), mode="edge")


def centroid_and_bandwidth(spectrum: Spectrum) -> tuple[FloatArray, FloatArray]:
    """Spectral centroid and bandwidth; ``librosa.feature.spectral_centroid`` and ``spectral_bandwidth``.

    Parameters
    ----------
    spectrum : Spectrum

    Returns
    -------
    centroid, bandwidth : ndarray of shape (1, t)
        In Hz.

    Examples
    --------
    >>> a4 = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> centroid, bandwidth = centroid_and_bandwidth(Spectrum(a4))
    >>> round(float(centroid[0, 20]))
    440
    """
    moments: DoubleArray = _moments(spectrum).astype(np.float64)
    middles = _GROUP * np.arange(moments.shape[1]) + _GROUP // 2
    mass = moments[..., 0].sum(axis=1)
    total = np.where(mass > np.finfo(np.float32).tiny, mass, 1.0)
    centroid = (moments[..., 0] @ middles + moments[..., 1].sum(axis=1)) / total
    # sum of m (k - c)^2 over bins k = middle + offset, so that no (bins, t) temporary is needed.
    away = middles - centroid[:, None]
    spread = (away**2 * moments[..., 0] + 2 * away * moments[..., 1] + moments[..., 2]).sum(axis=1) / total
    hz = spectrum.sr / spectrum.n_fft
    bandwidth = np.sqrt(np.maximum(spread, 0.0))
    return (hz * centroid[None]).astype(np.float32), (hz * bandwidth[None]).astype(np.float32)


@cache_per_spectrum
def _moments(spectrum: Spectrum) -> FloatArray:
    """Sums of m, m d and m d² over groups of bins, of magnitudes m at distances d from the middle, (t, 41, 3)."""
    offsets = np.arange(_GROUP, dtype=np.float32) - _GROUP // 2
    sums = spectrum.magnitude.T.reshape(-1, _GROUP) @ np.stack([offsets**0, offsets, offsets**2], axis=1)
    return np.asarray(sums.reshape(spectrum.magnitude.shape[1], -1, 3))


def rolloff(spectrum: Spectrum) -> FloatArray:
    """Frequency below which 85% of the magnitude is; ``librosa.feature.spectral_rolloff``.

    Parameters
    ----------
    spectrum : Spectrum

    Returns
    -------
    ndarray of shape (1, t)
        In Hz.

    Examples
    --------
    >>> rolloff(Spectrum(np.zeros(22050))).max().item()
    0.0
    """
    below = np.cumsum(_moments(spectrum)[..., 0], axis=1, dtype=np.float64)
    needed = _ROLLOFF * below[:, -1:]
    group = np.argmax(below >= needed, axis=1)
    frames = np.arange(len(group))
    bins = spectrum.magnitude.T.reshape(len(group), -1, _GROUP)[frames, group]
    inside = np.cumsum(bins, axis=1) + np.where(group > 0, below[frames, group - 1], 0.0)[:, None]
    reached = _GROUP * group + np.minimum((inside < needed).sum(axis=1), _GROUP - 1)
    frequencies: FloatArray = spectrum.frequencies[reached][None]
    return frequencies


def flatness(spectrum: Spectrum) -> FloatArray:
    """Geometric over arithmetic mean of the power; ``librosa.feature.spectral_flatness``.

    Parameters
    ----------
    spectrum : Spectrum

    Returns
    -------
    ndarray of shape (1, t)
        0 (tone) to 1 (flat spectrum).

    Examples
    --------
    >>> round(flatness(Spectrum(np.zeros(22050))).min().item(), 3)
    1.0
    """
    power = np.maximum(spectrum.power, _AMIN)
    flat: FloatArray = np.exp(np.log(power).mean(axis=0)) / power.mean(axis=0)
    return flat[None].astype(np.float32)


@cache
def _contrast_bands(sr: int, n_fft: int) -> tuple[tuple[int, int, int], ...]:
    """First bin, last bin + 1 and number of extreme bins of each octave band, by librosa's definition."""
    frequencies = np.fft.rfftfreq(n_fft, 1 / sr)
    edges = np.concatenate([[0.0], _CONTRAST_FMIN * 2.0 ** np.arange(CONTRAST_BANDS)])
    bands = []
    for k in range(CONTRAST_BANDS):
        inside: IdArray = np.flatnonzero((frequencies >= edges[k]) & (frequencies <= edges[k + 1]))
        first, last = int(inside[0]), int(inside[-1])
        if k > 0:
            first -= 1
        if k == CONTRAST_BANDS - 1:
            last = len(frequencies) - 1
        size = last - first + 1
        extremes = max(1, int(np.rint(_CONTRAST_QUANTILE * size)))
        # All bands except the last drop their top bin, after the number of extreme bins is computed.
        bands.append((first, last + 1 if k == CONTRAST_BANDS - 1 else last, extremes))
    return tuple(bands)


def contrast(spectrum: Spectrum) -> FloatArray:
    """Peak over valley in seven octave bands from 200 Hz; ``librosa.feature.spectral_contrast``.

    Parameters
    ----------
    spectrum : Spectrum

    Returns
    -------
    ndarray of shape (7, t)
        In dB.

    Examples
    --------
    >>> contrast(Spectrum(np.zeros(22050))).max().item()
    0.0
    """
    magnitude = spectrum.magnitude
    peaks, valleys = [], []
    for first, stop, extremes in _contrast_bands(spectrum.sr, spectrum.n_fft):
        band = np.sort(magnitude.T[:, first:stop], axis=1)
        valleys.append(band[:, :extremes].mean(axis=1))
        peaks.append(band[:, -extremes:].mean(axis=1))
    return power_to_db(np.stack(peaks)) - power_to_db(np.stack(valleys))


def zero_crossing_rate(spectrum: Spectrum) -> FloatArray:
    """Share of samples at which the sign changes; ``librosa.feature.zero_crossing_rate``.

    Parameters
    ----------
    spectrum : Spectrum

    Returns
    -------
    ndarray of shape (1, t)
        In [0, 1].

    Examples
    --------
    >>> alternating = np.resize([0.5, -0.5], 22050)
    >>> zero_crossing_rate(Spectrum(alternating))[0, 20].item()
    0.99951171875
    """
    y, hop = spectrum.y, spectrum.hop_length
    negative = y < -_AMIN
    changes = np.pad(negative[1:] != negative[:-1], (spectrum.n_fft // 2 + 1, spectrum.n_fft // 2))  # at each sample
    hops = changes[: len(changes) // hop * hop].reshape(-1, hop)
    counts = sliding_window_view(np.count_nonzero(hops, axis=1), spectrum.n_fft // hop).sum(axis=1)
    rate = (counts - changes[::hop][: len(counts)]) / spectrum.n_fft  # a frame has no sample before its first
    rates: FloatArray = rate[None].astype(np.float32)
    return rates
