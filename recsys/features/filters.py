"""Filter banks, as librosa computes them.

Those that recsys uses are shipped (``scripts/make_filters.py`` makes the file), for two reasons: importing librosa
takes a second or two, which every worker process and every ``recsys classify`` would pay; and a later librosa that
computes them differently must not change what a feature version means. Any other bank is computed by librosa.
"""

from functools import cache
from importlib import resources

import numpy as np

from recsys.domain.arrays import FloatArray

FILTERS_FILE = "filters.npz"


@cache
def mel_filters(sr: int, n_fft: int, n_mels: int) -> FloatArray:
    """Slaney-normalised mel filter bank (n_mels, 1 + n_fft / 2), ``librosa.filters.mel``."""
    shipped = _shipped().get(f"mel_{sr}_{n_fft}_{n_mels}")
    return compute_mel_filters(sr, n_fft, n_mels) if shipped is None else shipped


@cache
def chroma_filters(sr: int, n_fft: int) -> FloatArray:
    """Share of each STFT bin in each pitch class, (12, 1 + n_fft / 2), ``librosa.filters.chroma`` untuned."""
    shipped = _shipped().get(f"chroma_{sr}_{n_fft}")
    return compute_chroma_filters(sr, n_fft) if shipped is None else shipped


def compute_mel_filters(sr: int, n_fft: int, n_mels: int) -> FloatArray:
    """The same, by librosa."""
    from librosa.filters import mel

    return np.ascontiguousarray(mel(sr=sr, n_fft=n_fft, n_mels=n_mels), dtype=np.float32)


def compute_chroma_filters(sr: int, n_fft: int) -> FloatArray:
    """The same, by librosa."""
    from librosa.filters import chroma

    return np.ascontiguousarray(chroma(sr=sr, n_fft=n_fft, tuning=0.0), dtype=np.float32)


@cache
def _shipped() -> dict[str, FloatArray]:
    with resources.files("recsys.features").joinpath("data", FILTERS_FILE).open("rb") as file:
        return dict(np.load(file, allow_pickle=False))
