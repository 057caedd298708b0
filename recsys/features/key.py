"""Key estimation: tonic and mode of the music, with a confidence.

The pitch class profile is computed from a separate spectrum with bins of 2.7 Hz (the shared spectrum has bins of 10.8
Hz), which resolves semitones down to 100 Hz. Its peaks are interpolated, shifted by the tuning of the track, counted
for their own note and for the notes of which they may be an overtone (Gómez 2006), and folded into twelve pitch
classes. All frames have the same weight. The key is that of the 24 profiles with the highest correlation; the profiles
are the means of those of Albrecht & Shanahan (classical music) and Faraldo et al. (electronic dance music), each
standardised.

The range of notes, the compression and the weights of overtones are from the middle of the region that works well for
pop, classical pieces with their key in the title, and synthetic pieces (``benchmarks/tempo_key.py``).

References
----------
Gómez (2006), "Tonal description of polyphonic audio for music content processing". Albrecht & Shanahan (2013), "The
use of large corpora to train a new type of key-finding algorithm". Faraldo, Gómez, Jordà & Herrera (2016), "Key
estimation in electronic dance music".
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from recsys.domain.arrays import DoubleArray, IdArray
from recsys.domain.audio import Key
from recsys.features.cache import cache_per_spectrum
from recsys.features.spectrum import Spectrum, stft_power

N_FFT = 8192
HOP_LENGTH = 4096
PITCH_CLASSES = 12

# Albrecht & Shanahan (2013), table 3; Faraldo et al. (2016), profile "edma"; from the tonic, major then minor.
_CLASSICAL = (
    (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
    (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
)
_DANCE = (
    (0.1652, 0.0475, 0.0829, 0.0669, 0.0999, 0.0927, 0.0529, 0.1316, 0.0522, 0.0744, 0.0694, 0.0643),
    (0.1724, 0.0534, 0.0761, 0.1004, 0.0562, 0.0853, 0.0498, 0.1345, 0.0746, 0.0500, 0.0919, 0.0555),
)

_MIN_PITCH, _MAX_PITCH = 28, 96  # MIDI notes: 41 Hz to 2.1 kHz
_CENTRE, _SPREAD = 57.0, 15.0  # MIDI notes: mean and deviation of the weight of registers
# Weight of a peak as fundamental, second partial … is 1, 1/2 … 1/32. Partials 1, 2 and 4 are octaves of one another, as
# are 3 and 6: they are the same pitch class with the same tuning, so their weights are added.
_OVERTONES = {1: 1 + 1 / 2 + 1 / 8, 3: 1 / 4 + 1 / 32, 5: 1 / 16}
_COMPRESSION = 0.7
_TUNING_TOLERANCE = 0.25  # semitones: deviation of the weight around a note
_MIN_LEVEL = 1e-3  # magnitude as a share of the largest of the frame
_INAUDIBLE = 1e-3  # magnitude
_SHARPNESS = 24.0  # inverse temperature of the softmax; calibrates the confidence


class _Peaks(NamedTuple):
    """Spectral peaks: pitch as fractional MIDI note, weight and frame of each; the number of frames; the sum of the
    weights, turned by the deviation of the pitch from a note."""

    pitch: DoubleArray
    weight: DoubleArray
    frame: IdArray
    frames: int
    phasor: complex


@cache
def _profiles() -> DoubleArray:
    """24 key profiles (24, 12) of mean 0: major from C to B, then minor from C to B."""
    rows = []
    for source in (_CLASSICAL, _DANCE):
        rotated = np.array([np.roll(profile, tonic) for profile in source for tonic in range(PITCH_CLASSES)])
        rotated -= rotated.mean(axis=1, keepdims=True)
        rows.append(rotated / np.linalg.norm(rotated, axis=1, keepdims=True))
    return np.asarray(np.mean(rows, axis=0))


@cache_per_spectrum
def _peaks(spectrum: Spectrum) -> _Peaks:
    """Interpolated spectral peaks of one window."""
    hz_per_bin = spectrum.sr / N_FFT
    lowest, highest = (440 * 2 ** ((note - 69) / 12) / hz_per_bin for note in (_MIN_PITCH - 0.5, _MAX_PITCH + 0.5))
    first, stop = int(lowest), int(highest) + 1
    notes = slice(first - 1, stop + 1)
    power = stft_power(spectrum.y, n_fft=N_FFT, hop_length=HOP_LENGTH, bins=notes).T
    before, here, after = power[:, :-2], power[:, 1:-1], power[:, 2:]
    floor = np.maximum(_MIN_LEVEL**2 * here.max(axis=1, keepdims=True), _INAUDIBLE**2)
    frame, columns = np.nonzero((here > before) & (here >= after) & (here > floor))
    # The logarithm of a Hann window's main lobe is close to a parabola.
    tiny = np.finfo(np.float32).tiny
    a, b, c = (np.log(np.maximum(side[frame, columns], tiny, dtype=np.float64)) for side in (before, here, after))
    bins = columns + first + 0.5 * (a - c) / (a - 2 * b + c)  # b is the largest: half a bin at most
    pitch = 69 + 12 * np.log2(bins * hz_per_bin / 440)
    weight = np.exp(b / 2 * _COMPRESSION - 0.5 * ((pitch - _CENTRE) / _SPREAD) ** 2)
    phasor = complex(weight @ np.exp(2j * np.pi * pitch))
    return _Peaks(pitch, weight, frame, len(power), phasor)


def _tuning(peaks: Sequence[_Peaks]) -> float:
    """Deviation in semitones, -0.5 to 0.5, of the notes from those of A4 = 440 Hz."""
    return float(np.angle(sum(p.phasor for p in peaks)) / (2 * np.pi))


def pitch_class_profile(spectra: Sequence[Spectrum]) -> DoubleArray:
    """Harmonic pitch class profile (HPCP) of all windows together.

    Unlike :func:`recsys.features.harmony.chroma` it accounts for tuning and overtones.

    Parameters
    ----------
    spectra : sequence of Spectrum
        At least one window, all of one sample rate.

    Returns
    -------
    ndarray of shape (12,), float64
        Norm 1; all 0 in silence.

    Examples
    --------
    >>> a4 = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> pitch_class_profile([Spectrum(a4)]).argmax().item()
    9

    References
    ----------
    Gómez (2006), "Tonal description of polyphonic audio for music content processing".
    """
    peaks = [_peaks(spectrum) for spectrum in spectra]
    tuning = _tuning(peaks)
    total = np.zeros(PITCH_CLASSES)
    for p in peaks:
        cells = np.zeros(PITCH_CLASSES * p.frames)
        for overtone, share in _OVERTONES.items():
            pitch = p.pitch - tuning - 12 * np.log2(overtone)
            nearest = np.rint(pitch)
            fit = np.exp(-0.5 * ((pitch - nearest) / _TUNING_TOLERANCE) ** 2)
            cell = nearest.astype(np.int64) % PITCH_CLASSES * p.frames + p.frame
            cells += np.bincount(cell, share * p.weight * fit, minlength=cells.size)
        frames = cells.reshape(PITCH_CLASSES, p.frames)
        norm = np.linalg.norm(frames, axis=0)
        total += np.divide(frames, norm, out=np.zeros_like(frames), where=norm > 0).sum(axis=1)
    return total / np.linalg.norm(total) if total.any() else total


def estimate_key(spectra: Sequence[Spectrum]) -> Key:
    """Estimate the key of all windows together.

    Parameters
    ----------
    spectra : sequence of Spectrum
        At least one window, all of one sample rate.

    Returns
    -------
    Key
        ``confidence`` is the probability of the key among the 24. In silence the key is C major with confidence 0.

    Examples
    --------
    >>> seconds = np.arange(2 * 22050) / 22050
    >>> c_major = sum(np.sin(2 * np.pi * hertz * seconds) for hertz in (261.63, 329.63, 392.0)) / 3
    >>> str(estimate_key([Spectrum(c_major)]))
    'C major'
    """
    classes = pitch_class_profile(spectra)
    if not classes.any():
        return Key(0, "major", 0.0)
    scores = _SHARPNESS * (_profiles() @ classes)
    odds = np.exp(scores - scores.max())
    best = int(odds.argmax())
    mode = "major" if best < PITCH_CLASSES else "minor"
    return Key(best % PITCH_CLASSES, mode, float(odds[best] / odds.sum()))
