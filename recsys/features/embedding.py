"""MusiCNN: what two networks trained on tagged music hear in three seconds of sound.

A *patch* is 187 frames of 16 ms (2.992 s) of a log-mel spectrogram, (187, 96). Each of the two models, MSD
and MTT, turns a patch into an *embedding* of 200 numbers and the probabilities of 50 *tags*
(:mod:`recsys.features.tag_names`); here they always stand side by side, MSD first. The models were converted
by ``scripts/make_musicnn.py``.

Source: Pons & Serra, "musicnn: pre-trained convolutional neural networks for music audio tagging", 2019.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.features.filters import mel_filters
from recsys.features.spectrum import SR, stft_power

MODEL_SR = 16000
N_FFT = 512
HOP_LENGTH = 256
N_MELS = 96
PATCH_FRAMES = 187
EMBEDDING_SIZE = 400
TAG_COUNT = 100

MODELS = ("msd", "mtt")
_OUTPUTS = ("embedding", "tags")
_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Embedding:
    """What the models say of p patches: MSD first, MTT after it.

    ``embeddings`` (p, 400); ``tags`` (p, 100) probabilities; NaN where a model did not run. ``windows`` (p,) the index
    of a patch's window, -1 of one between windows.
    """

    embeddings: FloatArray
    tags: FloatArray
    windows: IdArray

    def with_more(self, between: "Embedding") -> "Embedding":
        """These patches and others that lie between the windows."""
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
    windows
        Mono samples (n,) at ``sr`` Hz in [-1, 1]; one of less than 3 s is repeated until it fills a patch.
    sr
        Sample rate in Hz.
    patches_per_window
        How many patches of each window; a single one lies in its middle, several reach from end to end.
    models
        Which of "msd" and "mtt" run; the numbers of the other are NaN.

    Raises
    ------
    ValueError
        A window has no samples, or ``patches_per_window`` is not positive.

    Examples
    --------
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(6 * 22050) / 22050).astype(np.float32)
    >>> embed([tone, tone]).tags.shape
    (2, 100)
    """
    if patches_per_window < 1:
        raise ValueError(f"patches_per_window must be at least 1, but is {patches_per_window}")
    patches = [patch for y in windows for patch in _patches(log_mel(y, sr), patches_per_window)]
    embeddings, tags = run_models(patches, models)
    return Embedding(embeddings, tags, np.repeat(np.arange(len(windows)), patches_per_window))


def log_mel(y: FloatArray, sr: int = SR) -> FloatArray:
    """Log-mel spectrogram as MusiCNN was trained on, (t, 96) with t at least ``PATCH_FRAMES``.

    ``log10(10000 m + 1)`` of the mel power m: 96 Slaney bands, frames of 512 samples every 256 at 16 kHz.
    """
    if not len(y):
        raise ValueError("a window without samples cannot be embedded")
    if sr != MODEL_SR:
        import soxr

        y = soxr.resample(y, sr, MODEL_SR)
    needed = (PATCH_FRAMES - 1) * HOP_LENGTH
    if len(y) < needed:
        y = np.resize(y, needed)
    power = stft_power(np.asarray(y, dtype=np.float32), n_fft=N_FFT, hop_length=HOP_LENGTH)
    mel = power.T @ mel_filters(MODEL_SR, N_FFT, N_MELS).T
    return np.asarray(np.log10(10000 * mel + 1), dtype=np.float32)


def run_models(patches: Sequence[FloatArray], models: Sequence[str] = MODELS) -> tuple[FloatArray, FloatArray]:
    """Embeddings (p, 400) and tag probabilities (p, 100) of p log-mel patches (187, 96); NaN of models not named."""
    embeddings = np.full((len(patches), EMBEDDING_SIZE), np.nan, np.float32)
    tags = np.full((len(patches), TAG_COUNT), np.nan, np.float32)
    for row, patch in enumerate(patches):  # one at a time: as fast as a batch, in a fraction of the memory
        for i, name in enumerate(MODELS):
            if name not in models:
                continue
            embedding, probabilities = _session(name, os.getpid()).run(_OUTPUTS, {"mel": patch[None]})
            embeddings[row, 200 * i : 200 * (i + 1)] = embedding[0]
            tags[row, 50 * i : 50 * (i + 1)] = probabilities[0]
    return embeddings, tags


def _patches(mel: FloatArray, count: int) -> list[FloatArray]:
    spare = len(mel) - PATCH_FRAMES
    starts = [spare // 2] if count == 1 else np.linspace(0, spare, count).astype(int)
    return [mel[start : start + PATCH_FRAMES] for start in starts]


@cache
def _session(name: str, pid: int) -> Any:
    """ONNX session of one model; one for each process, because a session does not survive a fork."""
    # Recent official builds report usage to Microsoft and leave an identifier in the home folder, unless told not
    # to before they are imported. recsys keeps to itself.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # workers are processes: more threads would only overload the machine
    options.inter_op_num_threads = 1
    path = _DATA / f"musicnn_{name}.onnx"
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
