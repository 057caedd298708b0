"""Dynamics: how loud the music is, and how much that changes."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from recsys.features.once import once_per_spectrum
from recsys.features.spectrum import Spectrum, frequencies, hann
from recsys.types import DoubleArray, FloatArray

ComplexArray = npt.NDArray[np.complex128]

SILENCE_LUFS = -70.0  # the absolute gate of ITU-R BS.1770: nothing is quieter
_RELATIVE_GATE_LU = -10.0
_BLOCK = 0.4  # seconds, a gating block of EBU R128; they overlap by three quarters
_DUAL_MONO_LU = 3.01  # two speakers playing the same thing


def rms(spectrum: Spectrum) -> FloatArray:
    """Root mean square of each centred frame, (1, t); ``librosa.feature.rms``."""
    y = np.pad(spectrum.y, spectrum.n_fft // 2)
    frames = np.lib.stride_tricks.sliding_window_view(y, spectrum.n_fft)[:: spectrum.hop_length]
    power = np.einsum("ij,ij->i", frames, frames) / np.float32(spectrum.n_fft)
    level: FloatArray = np.sqrt(power)[None]
    return level


def loudness(spectra: Sequence[Spectrum], *, channels: int = 2) -> float:
    """Integrated loudness in LUFS (ITU-R BS.1770-4, EBU R128) of windows one after the other, at least -70.

    The K-weighting is applied to the shared STFT instead of the samples, which on music differs by less than 0.3 LU
    and costs nothing. Windows are the mean of a file's channels; of a file with more than one, it counts as
    played on two speakers: a stereo sine of 1 kHz at -23 dBFS reads -23 LUFS, as the standard wants.
    """
    power = np.concatenate([_block_power(spectrum) for spectrum in spectra])
    offset = _DUAL_MONO_LU if channels > 1 else 0.0
    level = _lufs(power) + offset
    heard = power[level > SILENCE_LUFS]
    if not heard.size:
        return SILENCE_LUFS
    relative = float(_lufs(heard.mean(keepdims=True))[0]) + offset + _RELATIVE_GATE_LU
    gated = heard.compress(_lufs(heard) + offset > relative)
    return max(float(_lufs(gated.mean(keepdims=True))[0]) + offset, SILENCE_LUFS)


def _lufs(power: DoubleArray) -> DoubleArray:
    levels: DoubleArray = -0.691 + 10 * np.log10(np.maximum(power, 1e-12))
    return levels


@once_per_spectrum
def _block_power(spectrum: Spectrum) -> DoubleArray:
    """Mean square of the K-weighted samples in blocks of 400 ms, at least one, (blocks,)."""
    weights = _k_weights(spectrum.sr, spectrum.n_fft)
    frames = weights @ spectrum.power.astype(np.float64)
    # Frames centred within half an FFT of the ends hear padding; a short window may have no others.
    edge = spectrum.n_fft // (2 * spectrum.hop_length)
    frames = frames[edge:-edge] if frames.size > 2 * edge else frames
    length = min(max(1, round(_BLOCK * spectrum.sr / spectrum.hop_length)), frames.size)
    blocks: DoubleArray = np.lib.stride_tricks.sliding_window_view(frames, length).mean(axis=1)
    return blocks[:: max(1, length // 4)]


@cache
def _k_weights(sr: int, n_fft: int) -> DoubleArray:
    """Weight of each STFT power bin in the mean square of K-weighted samples, (1 + n_fft / 2,).

    The two filters of BS.1770 annex 1, as analogue prototypes made digital for any rate (De Man 2014).
    """
    z = np.exp(-2j * np.pi * frequencies(sr, n_fft).astype(np.float64) / sr)
    response = _biquad(z, sr, "shelf", 1681.974450955533, 0.7071752369554196, 3.999843853973347)
    response *= _biquad(z, sr, "highpass", 38.13547087602444, 0.5003270373238773, 0.0)
    sides = np.full(len(z), 2.0)
    sides[0] = sides[-1] = 1.0  # the other bins stand for their mirror images too
    weights: DoubleArray = sides * np.abs(response) ** 2 / (n_fft * np.sum(hann(n_fft).astype(np.float64) ** 2))
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
