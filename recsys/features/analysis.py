"""Listening: the windows of a track in, its :class:`~recsys.domain.audio.Analysis` out."""

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

PATCHES_PER_WINDOW, PATCHES_OF_SHORT = 1, 2
"""Patches of 3 s in each window of 6 s: one in its middle where more stand between the windows, else two, from end to
end (benchmarks/windows.py; the table is in benchmarks/README.md)."""
BETWEEN = ("msd",)
"""The networks that see the patches between windows: more of MTT costs twice as much and gives half as much."""


def analyse(audio_windows: AudioWindows, *, patches_per_window: int | None = None) -> Analysis:
    """Raw features of a track and of each of its windows.

    The vector of the track describes all its windows together: statistics over all their frames, tempo and key
    found in all of them jointly, mean of all MusiCNN patches, those between the windows included. It is no mean of the
    windows' vectors.

    Raises
    ------
    UnusableAudio
        A feature came out as no finite number.
    """
    spectra = [Spectrum(window.y, audio_windows.sr) for window in audio_windows.windows]
    frames = [summary.frame_features(spectrum) for spectrum in spectra]
    if patches_per_window is None:
        patches_per_window = PATCHES_PER_WINDOW if audio_windows.embedding_windows else PATCHES_OF_SHORT
    embedding = embed([spectrum.y for spectrum in spectra], audio_windows.sr, patches_per_window=patches_per_window)
    if audio_windows.embedding_windows:
        embedding = embedding.with_more(
            embed([patch.y for patch in audio_windows.embedding_windows], audio_windows.sr, models=BETWEEN)
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
        raise UnusableAudio(f"its {bad} is not a finite number", stage="features")
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
    """Vector (D,), tempo, key and loudness of some windows; ``window`` picks its patches, None takes all.

    ``power`` is that of their gating blocks: loudness is of the channels, all else of the downmix.
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
