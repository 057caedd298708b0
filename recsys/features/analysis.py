"""Analysis of a track: from its windows to an :class:`~recsys.domain.audio.Analysis`."""

from collections.abc import Sequence

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.domain.audio import Analysis, AudioWindows, Key, Tempo, Window
from recsys.errors import UnusableAudio
from recsys.features import dynamics, summary
from recsys.features.embedding import Embedding, embed
from recsys.features.key import estimate_key
from recsys.features.pace import pace
from recsys.features.rhythm import describe_rhythm
from recsys.features.schema import DIMENSIONS, GROUPS
from recsys.features.spectrum import Spectrum
from recsys.features.tempo import estimate_tempo
from recsys.features.version import FEATURE_VERSION

PATCHES_PER_WINDOW, PATCHES_WITHOUT_GAPS = 1, 2
"""Patches of 3 s in each window of 6 s: one in its middle if there are patches between the windows, otherwise two, from
end to end (benchmarks/windows.py; the table is in benchmarks/README.md)."""
GAP_MODELS = ("msd",)
"""The models that run on the patches between windows: MTT costs twice as much and improves the results half as much."""


def analyse(audio_windows: AudioWindows, *, patches_per_window: int | None = None) -> Analysis:
    """Raw features of a track and of each of its windows.

    The vector of the track is computed from all windows together: statistics over all their frames, one estimate of
    tempo and key, and the mean over all MusiCNN patches, including those between the windows. It is not the mean of the
    vectors of the windows.

    Parameters
    ----------
    audio_windows : AudioWindows
        At least one window.
    patches_per_window : int, optional
        MusiCNN patches in each window. By default ``PATCHES_PER_WINDOW`` if there are patches between the windows,
        otherwise ``PATCHES_WITHOUT_GAPS``.

    Returns
    -------
    Analysis
        ``vector`` of shape (D,) float32, ``windows`` of shape (w, D) float16, both raw.

    Raises
    ------
    UnusableAudio
        A feature is not finite.

    Examples
    --------
    >>> from recsys.domain.audio import AudioInfo
    >>> y = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050).astype(np.float32)
    >>> analysis = analyse(AudioWindows(AudioInfo(1.0, 22050, 1, "pcm"), 22050, (Window(0.0, y),), 0.0, 1.0))
    >>> analysis.vector.shape, analysis.windows.shape
    ((931,), (1, 931))
    """
    spectra = [Spectrum(window.y, audio_windows.sr) for window in audio_windows.windows]
    frames = [summary.frame_features(spectrum) for spectrum in spectra]
    if patches_per_window is None:
        patches_per_window = PATCHES_PER_WINDOW if audio_windows.embedding_windows else PATCHES_WITHOUT_GAPS
    embedding = embed([spectrum.y for spectrum in spectra], audio_windows.sr, patches_per_window=patches_per_window)
    if audio_windows.embedding_windows:
        embedding = embedding.with_gap_patches(
            embed([patch.y for patch in audio_windows.embedding_windows], audio_windows.sr, models=GAP_MODELS)
        )
    power = [_block_power(window, audio_windows) for window in audio_windows.windows]

    vector, tempo, key, loudness = _describe(
        spectra, summary.concatenate(frames), embedding, None, np.concatenate(power)
    )
    windows = np.stack(
        [
            _describe([spectrum], frame, embedding, i, power[i])[0]
            for i, (spectrum, frame) in enumerate(zip(spectra, frames, strict=True))
        ]
    )
    if not (np.isfinite(vector).all() and np.isfinite(windows).all()):
        bad = next(DIMENSIONS[i].name for i in np.flatnonzero(~np.isfinite(np.vstack([vector, windows]).sum(axis=0))))
        raise UnusableAudio(f"its feature {bad} is not finite", stage="features")
    return Analysis(
        version=FEATURE_VERSION,
        vector=vector,
        windows=windows.astype(np.float16),
        starts=tuple(window.start for window in audio_windows.windows),
        tempo=tempo,
        key=key,
        loudness=loudness,
    )


def _describe(
    spectra: Sequence[Spectrum],
    frames: summary.Frames,
    embedding: Embedding,
    window: int | None,
    power: DoubleArray,
) -> tuple[FloatArray, Tempo, Key, float]:
    """Vector (D,), tempo, key and loudness of one or all windows.

    ``window`` selects the patches of one window; None selects all. ``power`` is the power of the gating blocks:
    loudness is computed from the channels, all other features from the downmix.
    """
    loudness = dynamics.loudness(power)
    peak = max(float(np.abs(spectrum.y).max()) for spectrum in spectra)
    patches = slice(None) if window is None else embedding.windows == window
    tags = np.nanmean(embedding.tags[patches], axis=0)
    tempo, key = estimate_tempo(spectra, pace(tags)), estimate_key(spectra)

    parts = summary.summarise(frames)
    parts["harmony"] = np.concatenate([parts["harmony"], summary.key_features(key)])
    parts["rhythm"] = describe_rhythm(spectra, tempo)
    parts["dynamics"] = np.concatenate([parts["dynamics"], summary.dynamics_features(frames, peak, loudness)])
    parts["learned"] = np.nanmean(embedding.embeddings[patches], axis=0)
    parts["tags"] = tags
    return np.concatenate([parts[group] for group in GROUPS]).astype(np.float32), tempo, key, loudness


def _block_power(window: Window, excerpts: AudioWindows) -> DoubleArray:
    if window.channels is None:
        return dynamics.block_power(window.y[None], excerpts.sr)
    return dynamics.block_power(window.channels, excerpts.info.sample_rate, excerpts.layout)
