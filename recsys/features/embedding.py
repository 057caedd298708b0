"""MusiCNN: embeddings and tag probabilities from two convolutional networks trained on tagged music.

A *patch* is 187 frames of 16 ms (2.992 s) of a log-mel spectrogram, (187, 96). Each of the two models, MSD and MTT,
maps a patch to an *embedding* of 200 dimensions and the probabilities of 50 *tags* (:mod:`recsys.features.tag_names`).
Here the outputs of both are concatenated, MSD first. ``scripts/make_musicnn.py`` converts the models.

References
----------
Pons & Serra (2019), "musicnn: pre-trained convolutional neural networks for music audio tagging".
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.errors import InvalidRequest
from recsys.features.filters import mel_power
from recsys.features.musicnn import N_BANDS, PATCH_FRAMES, Network
from recsys.features.spectrum import SR, stft_power

MODEL_SR = 16000
N_FFT = 512
HOP_LENGTH = 256
EMBEDDING_SIZE = 400
TAG_COUNT = 100

MODELS = ("msd", "mtt")
_MARGIN = 8  # frames before and after a patch that are computed with it, for the filter of the resampler
_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Embedding:
    """Outputs of the models for p patches, MSD before MTT; NaN for a model that did not run.

    Attributes
    ----------
    embeddings : ndarray of shape (p, 400)
    tags : ndarray of shape (p, 100)
        Probabilities in [0, 1].
    windows : ndarray of shape (p,)
        Index of the window of each patch; -1 for a patch between windows.
    """

    embeddings: FloatArray
    tags: FloatArray
    windows: IdArray

    def with_gap_patches(self, between: "Embedding") -> "Embedding":
        """These patches, followed by the patches between the windows."""
        return Embedding(
            np.concatenate([self.embeddings, between.embeddings]),
            np.concatenate([self.tags, between.tags]),
            np.concatenate([self.windows, np.full(len(between.windows), -1)]),
        )


def embed(
    windows: Sequence[FloatArray], sr: int = SR, *, patches_per_window: int = 1, models: Sequence[str] = MODELS
) -> Embedding:
    """Embed patches spread evenly over each window.

    Parameters
    ----------
    windows : sequence of ndarray of shape (n,)
        Mono samples in [-1, 1]; a window shorter than 3 s is repeated until it fills a patch.
    sr : int
        Sample rate in Hz.
    patches_per_window : int
        At least 1. A single patch is in the middle of its window; several are spread from end to end.
    models : sequence of {"msd", "mtt"}
        Models to run; the outputs of the others are NaN.

    Returns
    -------
    Embedding
        ``len(windows) * patches_per_window`` patches, in the order of the windows.

    Raises
    ------
    InvalidRequest
        A window has no samples, or ``patches_per_window`` is below 1.

    Examples
    --------
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(6 * 22050) / 22050).astype(np.float32)
    >>> embed([tone, tone]).tags.shape
    (2, 100)
    """
    if patches_per_window < 1:
        raise InvalidRequest("must be at least 1", field="patches_per_window", value=patches_per_window)
    patches = [patch for y in windows for patch in _patches(y, sr, patches_per_window)]
    embeddings, tags = run_models(patches, models)
    return Embedding(embeddings, tags, np.repeat(np.arange(len(windows)), patches_per_window))


def log_mel(y: FloatArray, sr: int = SR) -> FloatArray:
    """Log-mel spectrogram in the form on which MusiCNN was trained.

    ``log10(10000 m + 1)`` of the mel power m: 96 Slaney bands, frames of 512 samples every 256 at 16 kHz.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Mono samples in [-1, 1]; fewer than a patch needs are repeated.
    sr : int
        Sample rate in Hz.

    Returns
    -------
    ndarray of shape (t, 96)
        t is at least ``PATCH_FRAMES``.

    Raises
    ------
    InvalidRequest
        There are no samples.

    Examples
    --------
    >>> log_mel(np.zeros(16000, np.float32), 16000).shape
    (187, 96)
    """
    if not len(y):
        raise InvalidRequest("must have at least one sample", field="y")
    if sr != MODEL_SR:
        import soxr

        y = soxr.resample(y, sr, MODEL_SR)
    needed = (PATCH_FRAMES - 1) * HOP_LENGTH
    if len(y) < needed:
        y = np.resize(y, needed)
    power = stft_power(np.asarray(y, dtype=np.float32), n_fft=N_FFT, hop_length=HOP_LENGTH)
    mel = mel_power(power, sr=MODEL_SR, n_fft=N_FFT, n_mels=N_BANDS)
    return np.ascontiguousarray(np.log10(10000 * mel.T + 1), dtype=np.float32)


def run_models(patches: Sequence[FloatArray], models: Sequence[str] = MODELS) -> tuple[FloatArray, FloatArray]:
    """Run the models on log-mel patches.

    Parameters
    ----------
    patches : sequence of ndarray of shape (187, 96)
    models : sequence of {"msd", "mtt"}
        Models to run; the outputs of the others are NaN.

    Returns
    -------
    embeddings : ndarray of shape (p, 400)
    tags : ndarray of shape (p, 100)

    Examples
    --------
    >>> embeddings, tags = run_models([np.zeros((187, 96), np.float32)])
    >>> embeddings.shape, tags.shape
    ((1, 400), (1, 100))
    """
    embeddings = np.full((len(patches), EMBEDDING_SIZE), np.nan, np.float32)
    tags = np.full((len(patches), TAG_COUNT), np.nan, np.float32)
    for i, name in enumerate(MODELS):
        for row, patch in enumerate(patches if name in models else ()):
            embeddings[row, 200 * i : 200 * (i + 1)], tags[row, 50 * i : 50 * (i + 1)] = network(name)(patch)
    return embeddings, tags


def _patches(y: FloatArray, sr: int, count: int) -> list[FloatArray]:
    """Patches of a window: one in its middle, or several from end to end."""
    if count == 1:
        return [_middle_patch(y, sr)]
    mel = log_mel(y, sr)
    starts = np.linspace(0, len(mel) - PATCH_FRAMES, count).astype(int)
    return [mel[start : start + PATCH_FRAMES] for start in starts]


def _middle_patch(y: FloatArray, sr: int) -> FloatArray:
    """The patch in the middle of a window, from the samples around it: that of the whole spectrogram within 1e-4."""
    start = max(0, 1 + round(len(y) * MODEL_SR / sr) // HOP_LENGTH - PATCH_FRAMES) // 2
    # The samples begin with a frame that is at a whole sample of both rates.
    hops = math.lcm(MODEL_SR // math.gcd(sr, MODEL_SR), HOP_LENGTH) // HOP_LENGTH
    first = max(0, start - _MARGIN) // hops * hops
    begin = first * HOP_LENGTH * sr // MODEL_SR
    end = math.ceil((start + PATCH_FRAMES + _MARGIN) * HOP_LENGTH * sr / MODEL_SR)
    return log_mel(y[begin:end], sr)[start - first : start - first + PATCH_FRAMES]


@cache
def network(name: str) -> Network:
    """One model, "msd" or "mtt"; loaded once per process."""
    return Network.load(_DATA / f"musicnn_{name}.npz")
