"""Key: the tonic and the mode of the music, and how sure of it."""

from collections.abc import Sequence
from functools import cache

import numpy as np

from recsys.features.once import once_per_spectrum
from recsys.features.spectrum import Spectrum, stft_power
from recsys.types import DoubleArray, FloatArray, Key

N_FFT = 8192
HOP_LENGTH = 4096
_LOW_HZ, _HIGH_HZ = 65.0, 2100.0
_FINE = 5  # bins a semitone

_MAJOR = (5.0, 2.0, 3.5, 2.0, 4.5, 4.0, 2.0, 4.5, 2.0, 3.5, 1.5, 4.0)
_MINOR = (5.0, 2.0, 3.5, 4.5, 2.0, 4.0, 2.0, 4.5, 3.5, 2.0, 1.5, 4.0)


@cache
def _profiles() -> DoubleArray:
    """24 profiles, major from C then minor from C, each of mean 0 and norm 1, (24, 12)."""
    rows = np.array([np.roll(p, tonic) for p in (_MAJOR, _MINOR) for tonic in range(12)])
    rows -= rows.mean(axis=1, keepdims=True)
    profiles: DoubleArray = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return profiles


@once_per_spectrum
def _peaks(spectrum: Spectrum) -> DoubleArray:
    """Pitch-class histogram of spectral peaks in bins of 20 cents, bin 0 around C, (60, frames)."""
    y = spectrum.y
    power = stft_power(y, n_fft=N_FFT, hop_length=HOP_LENGTH)
    low, high = (int(f * N_FFT / spectrum.sr) for f in (_LOW_HZ, _HIGH_HZ))
    m = np.sqrt(power[low - 1 : high + 2].astype(np.float64))
    a, b, c = m[:-2], m[1:-1], m[2:]
    loudest = m.max(axis=0)
    rows, frames = np.nonzero((b > a) & (b >= c) & (b > 0.003 * loudest) & (b > 1e-4))
    la, lb, lc = (np.log(np.maximum(x[rows, frames], 1e-12)) for x in (a, b, c))
    bend = la - 2 * lb + lc
    shift = np.where(bend < -1e-9, 0.5 * (la - lc) / np.where(bend < -1e-9, bend, 1), 0)
    hz = (rows + low + np.clip(shift, -0.5, 0.5)) * spectrum.sr / N_FFT
    pitch = 12 * np.log2(hz / 440.0) + 69
    bins = np.floor(pitch * _FINE + 0.5).astype(int) % (12 * _FINE)
    out = np.zeros((12 * _FINE, m.shape[1]))
    np.add.at(out, (bins, frames), np.sqrt(b[rows, frames]))
    return out


def _pitch_classes(spectra: Sequence[Spectrum]) -> DoubleArray:
    fine = np.concatenate([_peaks(s) for s in spectra], axis=1)
    total = fine.sum(axis=1)
    # Tuning: the offset at which most peaks lie on semitones.
    offsets = total.reshape(12, _FINE).sum(axis=0)
    angle = np.angle((offsets * np.exp(2j * np.pi * np.arange(_FINE) / _FINE)).sum())
    tuning = int(np.rint(angle / (2 * np.pi) * _FINE))
    rolled = np.roll(fine, _FINE // 2 - tuning, axis=0).reshape(12, _FINE, -1)
    weights = np.exp(-0.5 * ((np.arange(_FINE) - _FINE // 2) / 1.0) ** 2)
    frames = (rolled * weights[:, None]).sum(axis=1)
    norm = np.linalg.norm(frames, axis=0)
    return (frames / np.where(norm > 0, norm, 1)).sum(axis=1)


def estimate_key(spectra: Sequence[Spectrum]) -> Key:
    """Key of the music in all windows together; C major without confidence where nothing sounds."""
    classes = _pitch_classes(spectra)
    classes = classes - classes.mean()
    norm = np.linalg.norm(classes)
    if norm <= 0:
        return Key(0, "major", 0.0)
    scores = _profiles() @ (classes / norm)
    order = np.argsort(scores)[::-1]
    best = int(order[0])
    confidence = float(np.clip((scores[best] - scores[order[1]]) * 5, 0, 1))
    return Key(best % 12, "major" if best < 12 else "minor", confidence)
