"""The shared spectrum of one window, from which its descriptors are computed.

A window is mono samples (n,). Its STFT has frames of ``N_FFT`` = 2048 samples every ``HOP_LENGTH`` = 512 samples, a
periodic Hann window, and centred frames of zero-padded samples. These are librosa's defaults, so that descriptors equal
those of librosa for the same samples (tests/features/test_features_golden.py). Spectra that several descriptors need
are computed on first use and cached; filter banks are loaded once per process.
"""

from functools import cache, cached_property

import numpy as np

from recsys.domain.arrays import FloatArray
from recsys.features.filters import mel_power
from recsys.features.fourier import rfft

SR = 22050
N_FFT = 2048
HOP_LENGTH = 512
N_MELS = 128
_BLOCK = 1 << 16  # samples of frames that are transformed together: they stay in the cache of the processor


@cache
def hann(length: int) -> FloatArray:
    """Periodic Hann window (length,); ``scipy.signal.get_window("hann", length)``.

    >>> hann(4)
    array([0. , 0.5, 1. , 0.5], dtype=float32)
    """
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)).astype(np.float32)


@cache
def frequencies(sr: int = SR, n_fft: int = N_FFT) -> FloatArray:
    """Centre frequency in Hz of each STFT bin, (1 + n_fft / 2,).

    >>> frequencies(8000, 4)
    array([   0., 2000., 4000.], dtype=float32)
    """
    return np.fft.rfftfreq(n_fft, 1 / sr).astype(np.float32)


def stft_power(y: FloatArray, *, n_fft: int, hop_length: int, bins: slice = slice(None)) -> FloatArray:
    """Power spectrogram |STFT|² of centred, zero-padded frames.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Mono samples.
    n_fft : int
        Length of a frame in samples.
    hop_length : int
        Distance of frames in samples.
    bins : slice, optional
        The bins to return, of ``1 + n_fft / 2``.

    Returns
    -------
    ndarray of shape (bins, t)
        t is ``1 + n // hop_length``. The bins of a frame are next to each other in memory.

    Examples
    --------
    >>> stft_power(np.zeros(22050, np.float32), n_fft=2048, hop_length=512).shape
    (1025, 44)
    """
    padded = np.pad(np.asarray(y, dtype=np.float32), n_fft // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop_length]
    power = np.empty((len(frames), len(range(1 + n_fft // 2)[bins])), np.float32)
    step = max(1, _BLOCK // n_fft)
    for i in range(0, len(frames), step):
        parts = rfft(frames[i : i + step] * hann(n_fft))[:, bins]
        np.add(np.square(parts.real), np.square(parts.imag), out=power[i : i + step])
    return power.T


def power_to_db(power: FloatArray, *, amin: float = 1e-10, top_db: float | None = 80.0) -> FloatArray:
    """Convert power to decibels; ``librosa.power_to_db`` with ``ref=1``.

    Parameters
    ----------
    power : ndarray of any shape
    amin : float
        Smallest power.
    top_db : float or None
        Dynamic range in dB: lower values are raised to the maximum minus ``top_db``. None: no limit.

    Returns
    -------
    ndarray of the same shape
        dB re 1.

    Examples
    --------
    >>> power_to_db(np.array([1.0, 0.1, 0.0]))
    array([  0., -10., -80.], dtype=float32)
    """
    db = 10.0 * np.log10(np.maximum(amin, power))
    if top_db is not None:
        db = np.maximum(db, db.max() - top_db)
    return np.asarray(db, dtype=np.float32)


class Spectrum:
    """Samples ``y`` (n,) at ``sr`` Hz, and the spectra (bins, t), float32, that descriptors share.

    >>> Spectrum(np.zeros(22050)).mel.shape
    (128, 44)
    """

    n_fft = N_FFT
    hop_length = HOP_LENGTH

    def __init__(self, y: FloatArray, sr: int = SR) -> None:
        self.y = np.ascontiguousarray(y, dtype=np.float32)
        self.sr = sr

    @cached_property
    def power(self) -> FloatArray:
        """|STFT|², (1025, t)."""
        return stft_power(self.y, n_fft=self.n_fft, hop_length=self.hop_length)

    @cached_property
    def magnitude(self) -> FloatArray:
        """|STFT|, (1025, t)."""
        return np.sqrt(self.power)

    @cached_property
    def mel(self) -> FloatArray:
        """Mel power spectrogram, (128, t); ``librosa.feature.melspectrogram``."""
        return mel_power(self.power, sr=self.sr, n_fft=self.n_fft, n_mels=N_MELS)

    @cached_property
    def mel_db(self) -> FloatArray:
        """Mel power in dB re 1, with a dynamic range of 80 dB, (128, t)."""
        return power_to_db(self.mel)

    @property
    def frequencies(self) -> FloatArray:
        """Centre frequency of each bin in Hz, (1025,)."""
        return frequencies(self.sr, self.n_fft)
