"""Dynamics: level and loudness of the music."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.features.fourier import rfft
from recsys.features.spectrum import Spectrum

ComplexArray = npt.NDArray[np.complex128]

SILENCE_LUFS = -70.0  # the absolute gate of ITU-R BS.1770, the lowest loudness
_RELATIVE_GATE_LU = -10.0
# Samples: segments are a multiple of it, which makes their FFT a quarter faster, and them up to 2% shorter at 44.1 kHz.
_SMOOTH = 240
_BLOCK, _SEGMENTS = 0.4, 4  # gating block of EBU R128 in seconds, and its number of segments; blocks overlap by 75%


def rms(spectrum: Spectrum) -> FloatArray:
    """Root mean square of each centred frame; ``librosa.feature.rms``.

    Parameters
    ----------
    spectrum : Spectrum

    Returns
    -------
    ndarray of shape (1, t)

    Examples
    --------
    >>> rms(Spectrum(np.full(4096, 0.5)))[0, 4].item()
    0.5
    """
    hop, half = spectrum.hop_length, spectrum.n_fft // 2
    y = np.pad(spectrum.y, (half, half + -len(spectrum.y) % hop)).reshape(-1, hop)
    hops = sliding_window_view(np.einsum("ij,ij->i", y, y), spectrum.n_fft // hop)
    power = hops[: 1 + len(spectrum.y) // hop].sum(axis=1) / np.float32(spectrum.n_fft)
    level: FloatArray = np.sqrt(power)[None]
    return level


def loudness(power: DoubleArray) -> float:
    """Integrated loudness of gating blocks (ITU-R BS.1770-4, EBU R128).

    Parameters
    ----------
    power : ndarray of shape (blocks,)
        Mean square of the K-weighted channels in each block, from :func:`block_power`; blocks of several windows can be
        concatenated.

    Returns
    -------
    float
        Loudness in LUFS, at least -70.

    Examples
    --------
    >>> t = np.arange(48000) / 48000
    >>> sine = np.tile(10 ** (-23 / 20) * np.sin(2 * np.pi * 997 * t), (2, 1))
    >>> round(loudness(block_power(sine, 48000, ("FL", "FR"))), 1)
    -23.0
    """
    level = _lufs(power)
    audible = power[level > SILENCE_LUFS]
    if not audible.size:
        return SILENCE_LUFS
    relative = float(_lufs(audible.mean(keepdims=True))[0]) + _RELATIVE_GATE_LU
    gated = audible.compress(_lufs(audible) > relative)
    return max(float(_lufs(gated.mean(keepdims=True))[0]), SILENCE_LUFS)


def block_power(channels: FloatArray, sr: int, layout: Sequence[str] = ()) -> DoubleArray:
    """Mean square of the K-weighted channels, summed with the weights of BS.1770, in blocks of 400 ms.

    The K-weighting is applied to the spectrum of segments of 100 ms, four of which form a block. The result differs
    from that of filtered samples by 0.007 LU on average and 0.16 LU at most (42 windows of 6 s of 21 tracks), in half
    the time.

    Parameters
    ----------
    channels : ndarray of shape (c, n)
        Samples in [-1, 1], n > 0.
    sr : int
        Sample rate in Hz.
    layout : sequence of str, optional
        Names of the c channels in the abbreviations of FFmpeg, which determine their weights (:func:`channel_gains`).
        By default all weights are 1.

    Returns
    -------
    ndarray of shape (blocks,), float64
        At least one block; blocks overlap by 75%.

    Examples
    --------
    >>> block_power(np.zeros((2, 48000), np.float32), 48000).shape
    (7,)
    """
    length = int(_BLOCK * sr / _SEGMENTS)
    length -= length % _SMOOTH
    if channels.shape[1] < _SEGMENTS * length or not length:
        length = channels.shape[1]
    gains = channel_gains(layout) if layout else np.ones(len(channels))
    segments = channels.shape[1] // length
    weights = _k_weights(sr, length)
    power = np.zeros(segments)
    for gain, y in zip(gains, channels, strict=True):
        if gain:
            spectrum = rfft(y[: segments * length].reshape(segments, length))
            parts = spectrum.view(spectrum.real.dtype)
            power += gain * (np.square(parts, out=parts) @ np.repeat(weights, 2).astype(parts.dtype))
    blocks: DoubleArray = sliding_window_view(power, min(_SEGMENTS, segments)).mean(axis=1)
    return blocks


def channel_gains(layout: Sequence[str]) -> DoubleArray:
    """Weight of each channel in the loudness, by BS.1770: 1.41 for channels at 60° to 120°, 0 for the LFE, 1 otherwise.

    The surround channels of 5.1 are at 110°, whether they are named side or back. In a layout with both, the back
    channels are at 135° or more and have weight 1.

    Parameters
    ----------
    layout : sequence of str
        Names of the c channels in the abbreviations of FFmpeg.

    Returns
    -------
    ndarray of shape (c,), float64

    Examples
    --------
    >>> channel_gains(("FL", "FR", "FC", "LFE", "BL", "BR"))
    array([1.  , 1.  , 1.  , 0.  , 1.41, 1.41])
    """
    surround = {"SL", "SR"} if "SL" in layout else {"BL", "BR"}
    gains = [0.0 if name.startswith("LFE") else 1.41 if name in surround else 1.0 for name in layout]
    return np.array(gains, np.float64)


def _lufs(power: DoubleArray) -> DoubleArray:
    levels: DoubleArray = -0.691 + 10 * np.log10(np.maximum(power, 1e-12))
    return levels


@cache
def _k_weights(sr: int, length: int) -> DoubleArray:
    """Weight of each bin of a power spectrum in the mean square of K-weighted samples, (1 + length // 2,).

    The two filters of BS.1770 annex 1, from analogue prototypes transformed for any sample rate (De Man 2014).
    """
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(length))
    response = _biquad(z, sr, "shelf", 1681.974450955533, 0.7071752369554196, 3.999843853973347)
    response *= _biquad(z, sr, "highpass", 38.13547087602444, 0.5003270373238773, 0.0)
    sides = np.full(len(z), 2.0)
    sides[0] = 1.0  # the other bins also represent their mirror images
    if length % 2 == 0:
        sides[-1] = 1.0
    weights: DoubleArray = sides * np.abs(response) ** 2 / length**2
    return weights


def _biquad(z: ComplexArray, sr: int, kind: str, f0: float, q: float, gain_db: float) -> ComplexArray:
    """Frequency response at ``z`` = exp(-iω) of a high shelf or high-pass with corner ``f0`` Hz and quality ``q``."""
    k = np.tan(np.pi * f0 / sr)
    a0 = 1 + k / q + k * k
    if kind == "shelf":
        vh = 10 ** (gain_db / 20)
        vb = vh**0.4996667741545416
        b = ((vh + vb * k / q + k * k) / a0, 2 * (k * k - vh) / a0, (vh - vb * k / q + k * k) / a0)
    else:
        b = (1.0, -2.0, 1.0)
    a = (1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0)
    response: ComplexArray = (b[0] + b[1] * z + b[2] * z * z) / (a[0] + a[1] * z + a[2] * z * z)
    return response
