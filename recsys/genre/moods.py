"""Mood words of tracks, from the words that AllMusic's editors use, valence and arousal, and tempo, onsets and mode.

The strength of a word is a weighted sum of three terms, in standard deviations. *Evidence*: the probability of the
editors' words that have the same meaning (:func:`recsys.features.mood.word_evidence`). *Plane*: a direction in valence
and arousal. *Cues*: tempo, onsets and mode as in music psychology; happy music is fast and major, tender music slow and
major, nostalgic music slow (Juslin and Laukka, "Expression, perception, and induction of musical emotions", 2004).

On artists that nothing was fitted on, evidence alone has a mean area under the ROC curve of 0.845 over the eight words,
the plane alone 0.814, both 0.850 (standard error 0.008; 0.848 with ridge and weights chosen in inner folds among 60).
Cues change that by less than 0.001 at a weight of 0.25 and cost 0.018 at 1. They are kept at 0.25 for generated music,
where evidence and plane alone rank the intended word among the first two for 10 tracks in 28, and with cues for 12.
``scripts/train_mood.py`` prints the areas and the constants.
"""

from typing import NamedTuple

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.features.mood import axis_log_odds, valence_arousal, word_evidence
from recsys.features.scaling import normalise
from recsys.features.schema import index_of

MIN_STRENGTH = 0.5
"""Strength, in standard deviations above the mean, from which a word is shown."""

MAX_WORDS = 2
"""Maximum number of words that are shown."""

PLANE_WEIGHT = 1.0
CUE_WEIGHT = 0.25
_CUES = ("tempo_log2", "onset_rate", "key_major")


class MoodWord(NamedTuple):
    """A mood word.

    Parameters
    ----------
    direction : (valence, arousal)
    cues : (tempo, onsets, mode)
        -1, 0 or 1 each.
    mean, deviation : float
        Mean and standard deviation of the raw strength over a reference corpus.
    """

    direction: tuple[float, float]
    cues: tuple[int, int, int]
    mean: float = 0.0
    deviation: float = 1.0


MOODS: dict[str, MoodWord] = {
    "calm": MoodWord((0.6, -0.8), (-1, -1, 1), 0.07, 1.84),
    "energetic": MoodWord((0.4, 0.9), (1, 1, 0), -0.07, 1.71),
    "happy": MoodWord((0.9, 0.4), (1, 1, 1), 0.01, 1.64),
    "sad": MoodWord((-0.8, -0.6), (-1, -1, -1), 0.02, 1.61),
    "tense": MoodWord((-0.8, 0.6), (1, 1, -1), -0.06, 1.82),
    "tender": MoodWord((0.7, -0.5), (-1, -1, 1), 0.09, 1.78),
    "nostalgic": MoodWord((0.3, -0.5), (-1, 0, -1), -0.01, 1.71),
    "sensual": MoodWord((0.7, 0.2), (0, 0, 0), 0.00, 1.46),
}


def moods(vectors: FloatArray, plane: DoubleArray | None = None) -> DoubleArray:
    """Strength of each mood word.

    Parameters
    ----------
    vectors : (n, D)
        Raw feature vectors.
    plane : (n, 2) or None
        Their valence and arousal, where they are known; computing them takes most of the time.

    Returns
    -------
    (n, m)
        In standard deviations, in the order of :data:`MOODS`.

    Examples
    --------
    >>> from recsys.features.schema import DIMENSIONS
    >>> moods(np.zeros((2, len(DIMENSIONS)), np.float32)).shape
    (2, 8)
    """
    plane = valence_arousal(vectors) if plane is None else plane
    raw = raw_strengths(word_evidence(vectors), axis_log_odds(plane), normalise(vectors))
    mean, deviation = (np.array([getattr(word, name) for word in MOODS.values()]) for name in ("mean", "deviation"))
    return np.asarray((raw - mean) / deviation)


def raw_strengths(evidence: DoubleArray, plane: DoubleArray, normalised: FloatArray) -> DoubleArray:
    """Strength (n, m) of each mood word before standardisation.

    Parameters
    ----------
    evidence : (n, m)
        See :func:`recsys.features.mood.word_evidence`.
    plane : (n, 2)
        Log odds of valence and arousal.
    normalised : (n, D)
        Normalised feature vectors.
    """
    directions, weights = (
        np.array([_unit(getattr(word, name)) for word in MOODS.values()]) for name in ("direction", "cues")
    )
    cues = normalised[:, [index_of(name) for name in _CUES]].astype(np.float64)
    strengths: DoubleArray = evidence + PLANE_WEIGHT * plane @ directions.T + CUE_WEIGHT * cues @ weights.T
    return strengths


def described_by(vectors: FloatArray) -> "np.ndarray[tuple[int, int], np.dtype[np.bool_]]":
    """Whether each word of :data:`MOODS` is shown for tracks with raw vectors (n, D): (n, m).

    Shown are the :data:`MAX_WORDS` strongest words, if their strength is at least :data:`MIN_STRENGTH`.
    """
    strengths = moods(vectors)
    ranks = (-strengths).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    return np.asarray((ranks < MAX_WORDS) & (strengths >= MIN_STRENGTH))


def describe_moods(vectors: FloatArray, plane: DoubleArray | None = None) -> list[list[str]]:
    """The words that are shown for each of n raw vectors, strongest first; see :func:`described_by`.

    ``plane`` as for :func:`moods`.
    """
    strengths = moods(vectors, plane)
    order = (-strengths).argsort(axis=1, kind="stable")[:, :MAX_WORDS]
    shown = np.take_along_axis(strengths, order, axis=1) >= MIN_STRENGTH
    names = list(MOODS)
    return [
        [names[i] for i, is_shown in zip(row, mask, strict=True) if is_shown]
        for row, mask in zip(order.tolist(), shown.tolist(), strict=True)
    ]


def _unit(values: tuple[float, ...]) -> DoubleArray:
    array = np.array(values, np.float64)
    length = float(np.linalg.norm(array))
    unit: DoubleArray = array / length if length else array
    return unit
