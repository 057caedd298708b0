"""Mood words of tracks, chosen by valence and arousal.

A word is a direction on the plane of valence and arousal (:mod:`recsys.features.mood`), with what music psychology
says of tempo, onsets and mode where the plane cannot tell words apart: happy music is fast and major, tender music slow
and major, nostalgic music slow (Juslin and Laukka, "Expression, perception, and induction of musical emotions", 2004).
"sensual" has tags of MusiCNN besides. The strength of a word is in standard deviations above its mean over the 685
clips of the 4Q set; ``scripts/train_mood.py`` prints both, and how well each word finds the clips that AllMusic's
editors describe by words like it.
"""

from typing import NamedTuple

import numpy as np

from recsys.features.layout import GROUPS, index_of
from recsys.features.mood import valence_arousal
from recsys.features.scaling import normalise
from recsys.genre.tags import surprises, tag_numbers
from recsys.types import DoubleArray, FloatArray

STRONG = 0.5
"""Standard deviations above the mean from which a word is shown."""

MOST = 2
"""At most how many words are shown."""

CUE_WEIGHT = 0.5
TAG_WEIGHT = 0.5
_CUES = ("tempo_log2", "onset_rate", "key_major")
_LIMIT = 0.999  # of a number, before its odds are taken


class Word(NamedTuple):
    """A mood word: its direction (valence, arousal), its cues (tempo, onsets, mode), its tags; mean and deviation."""

    direction: tuple[float, float]
    cues: tuple[int, int, int]
    mean: float = 0.0
    deviation: float = 1.0
    tags: tuple[str, ...] = ()


MOODS: dict[str, Word] = {
    "calm": Word((0.6, -0.8), (-1, -1, 1), 0.16, 1.06),
    "energetic": Word((0.4, 0.9), (1, 1, 0), -0.13, 1.06),
    "happy": Word((0.9, 0.4), (1, 1, 1), -0.05, 0.90),
    "sad": Word((-0.8, -0.6), (-1, -1, -1), 0.05, 0.92),
    "tense": Word((-0.8, 0.6), (1, 1, -1), -0.16, 1.00),
    "tender": Word((0.7, -0.5), (-1, -1, 1), 0.16, 0.99),
    "nostalgic": Word((0.3, -0.5), (-1, 0, -1), -0.05, 0.92),
    "sensual": Word((0.7, 0.2), (0, 0, 0), -0.03, 0.92, tags=("sexy", "soul", "rnb")),
}


def moods(vectors: FloatArray) -> DoubleArray:
    """Strength (n, m) of each word of :data:`MOODS` for tracks, from their raw feature vectors (n, D).

    Examples
    --------
    >>> from recsys.features.layout import DIMENSIONS
    >>> moods(np.zeros((2, len(DIMENSIONS)), np.float32)).shape
    (2, 8)
    """
    raw = raw_strengths(vectors)
    mean, deviation = (np.array([getattr(word, name) for word in MOODS.values()]) for name in ("mean", "deviation"))
    return np.asarray((raw - mean) / deviation)


def raw_strengths(vectors: FloatArray, axes: DoubleArray | None = None) -> DoubleArray:
    """The same before they are standardised; ``axes`` (n, 2) in [0, 1] stand for the predicted valence and arousal."""
    axes = np.clip(valence_arousal(vectors) if axes is None else axes, 1 - _LIMIT, _LIMIT)
    plane = np.log(axes / (1 - axes)) / 2
    cues = normalise(vectors)[:, [index_of(name) for name in _CUES]].astype(np.float64)
    unusual = surprises(vectors[:, GROUPS["tags"]])
    columns = []
    for word in MOODS.values():
        strength = plane @ _unit(word.direction) + CUE_WEIGHT * (cues @ _unit(word.cues))
        if word.tags:
            strength = strength + TAG_WEIGHT * unusual[:, tag_numbers(word.tags)].mean(axis=1)
        columns.append(strength)
    return np.stack(columns, axis=1)


def described_by(vectors: FloatArray) -> "np.ndarray[tuple[int, int], np.dtype[np.bool_]]":
    """Which words of :data:`MOODS` are shown of tracks (n, m): the strongest, if they are strong."""
    strengths = moods(vectors)
    ranks = (-strengths).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    return np.asarray((ranks < MOST) & (strengths >= STRONG))


def shown(vector: FloatArray) -> list[str]:
    """The words that are shown of one raw vector (D,), strongest first."""
    strengths = moods(vector[None])[0]
    order = (-strengths).argsort(kind="stable")
    names = list(MOODS)
    return [names[i] for i in order[:MOST] if strengths[i] >= STRONG]


def _unit(values: tuple[float, ...]) -> DoubleArray:
    array = np.array(values, np.float64)
    length = float(np.linalg.norm(array))
    unit: DoubleArray = array / length if length else array
    return unit
