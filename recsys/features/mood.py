"""Mood as two numbers: how pleasant the emotion is that music expresses, and how excited.

*Valence* and *arousal* are the axes of Russell's circumplex ("A circumplex model of affect", 1980), here in [0, 1] with
0.5 as neutral: happy or excited music is high in both, angry or tense music low in valence alone, sad music low in
both, calm or relaxed music low in arousal alone. A track is *in a quadrant* by both numbers and the threshold 0.5.

They are a function of the raw feature vector: MusiCNN's two embeddings and the log-odds of its tags, no loudness and no
other feature that mastering changes. The map has two stages (``scripts/train_mood.py`` fits it on the 4Q set of Panda,
Malheiro and Paiva, "Novel audio features for music emotion recognition", 2018, prints its scores, and says what else
was tried). The first is linear and predicts the mood words of AllMusic's editors; the second is smooth and predicts
valence and arousal from all words together, as one word says little and their combination much. The same linear
regression predicts the words of :data:`MOOD_WORDS`, each from the editors' words that mean the same.
"""

import zipfile
from functools import cache
from importlib import resources
from typing import NamedTuple

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.domain.audio import Mood
from recsys.errors import FeatureMismatch, ModelError
from recsys.features.schema import DIMENSIONS, GROUPS

MOOD_FILE = "mood.npz"
FLOOR = 0.005
"""Added to a tag probability and to its complement before the logarithm, as in ``recsys.genre.model``."""

MOOD_WORDS = ("calm", "energetic", "happy", "sad", "tense", "tender", "nostalgic", "sensual")
"""The mood words that the map predicts, in this order."""

_BATCH = 4096  # vectors at a time
_STEEP = 2.0  # of the logistic function from odds to numbers
_LIMIT = 0.999  # of a number, before its odds are taken


class MoodMap(NamedTuple):
    """The fitted map: k inputs, p parts of them, m mood words of editors, w words of ours, c centres.

    ``mean``, ``scale`` (k,) standardise the inputs; ``rotation`` (k, p) takes their signed roots to principal parts;
    ``words`` (p, m) predict the editors' words from these, ``ours`` (p, w) those of :data:`MOOD_WORDS`. ``near`` (c, p)
    and ``far`` (c, m) are centres of Gaussian kernels among parts and among the editors' words, with ``gammas`` (2,);
    their weights (c, 2) add up to the odds of valence and arousal.
    """

    mean: DoubleArray
    scale: DoubleArray
    rotation: DoubleArray
    words: DoubleArray
    ours: DoubleArray
    near: DoubleArray
    near_weights: DoubleArray
    gammas: DoubleArray
    far: DoubleArray
    far_weights: DoubleArray

    def components(self, given: DoubleArray) -> DoubleArray:
        """Principal parts (n, p) of inputs (n, k)."""
        standard = (given - self.mean) / self.scale
        parts: DoubleArray = (np.sign(standard) * np.sqrt(np.abs(standard))) @ self.rotation
        return parts


def predict_mood(vectors: FloatArray) -> list[Mood]:
    """Valence and arousal of raw feature vectors (n, D).

    Raises
    ------
    FeatureMismatch
        The vectors do not have as many dimensions as the feature set.
    ModelError
        The map that ships is missing or damaged.
    """
    return [Mood(*row) for row in valence_arousal(vectors).tolist()]


def valence_arousal(vectors: FloatArray) -> DoubleArray:
    """Valence and arousal (n, 2), both in [0, 1], of raw feature vectors (n, D).

    Raises
    ------
    FeatureMismatch, ModelError

    Examples
    --------
    >>> valence_arousal(np.zeros((3, len(DIMENSIONS)), np.float32)).shape
    (3, 2)
    """
    _check(vectors)
    fitted = mood_map()
    batches = [log_odds(fitted, inputs(vectors[i : i + _BATCH])) for i in range(0, len(vectors), _BATCH)]
    shares: DoubleArray = 1 / (1 + np.exp(-_STEEP * np.concatenate([np.empty((0, 2)), *batches])))
    return shares


def axis_log_odds(probabilities: DoubleArray) -> DoubleArray:
    """Valence or arousal (any shape) in [0, 1] as odds: 0 is neutral, about -1 and 1 are the usual ends.

    Examples
    --------
    >>> axis_log_odds(np.array([0.5]))
    array([0.])
    """
    inside = np.clip(probabilities, 1 - _LIMIT, _LIMIT)
    return np.asarray(np.log(inside / (1 - inside)) / _STEEP)


def word_evidence(vectors: FloatArray) -> DoubleArray:
    """How much each word of :data:`MOOD_WORDS` is to be expected of raw feature vectors (n, D), as (n, w).

    In deviations over clips that the regression was not fitted to; 0 is the mean of the 4Q set.

    Raises
    ------
    FeatureMismatch, ModelError

    Examples
    --------
    >>> word_evidence(np.zeros((3, len(DIMENSIONS)), np.float32)).shape
    (3, 8)
    """
    _check(vectors)
    fitted = mood_map()
    batches = [fitted.components(inputs(vectors[i : i + _BATCH])) @ fitted.ours for i in range(0, len(vectors), _BATCH)]
    return np.concatenate([np.empty((0, len(MOOD_WORDS))), *batches])


def inputs(vectors: FloatArray) -> DoubleArray:
    """What the map is given of raw feature vectors (n, D): both embeddings and the log-odds of the tags, (n, k)."""
    tags = np.clip(vectors[:, GROUPS["tags"]].astype(np.float64), 0, 1)
    odds = np.log((tags + FLOOR) / (1 - tags + FLOOR))
    return np.hstack([vectors[:, GROUPS["learned"]].astype(np.float64), odds])


def log_odds(fitted: MoodMap, given: DoubleArray) -> DoubleArray:
    """Odds (n, 2) of valence and arousal of inputs (n, k): 0 is neutral, about -1 and 1 are the usual ends."""
    parts = fitted.components(given)
    near = _gauss(parts, fitted.near, fitted.gammas[0]) @ fitted.near_weights
    far = _gauss(parts @ fitted.words, fitted.far, fitted.gammas[1]) @ fitted.far_weights
    both: DoubleArray = near + far
    return both


def _check(vectors: FloatArray) -> None:
    if vectors.ndim != 2 or vectors.shape[1] != len(DIMENSIONS):
        raise FeatureMismatch(f"raw feature vectors must be (n, {len(DIMENSIONS)}), but are {vectors.shape}")


def _gauss(points: DoubleArray, centres: DoubleArray, gamma: float) -> DoubleArray:
    squares = (points**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1) - 2 * points @ centres.T
    near: DoubleArray = np.exp(-gamma * np.maximum(squares, 0))
    return near


@cache
def mood_map() -> MoodMap:
    """The map that ships.

    Raises
    ------
    ModelError
    """
    try:
        with (
            resources.files("recsys.features").joinpath("data", MOOD_FILE).open("rb") as stream,
            np.load(stream, allow_pickle=False) as file,
        ):
            arrays = {name: file[name] for name in MoodMap._fields}
            names, words = (tuple(file[name].tolist()) for name in ("names", "mood_words"))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"cannot read the mood map {MOOD_FILE} ({error}); install recsys again") from error
    if names != input_names() or words != MOOD_WORDS:
        raise ModelError(f"the mood map {MOOD_FILE} was made for other features or words; install recsys again")
    return MoodMap(**{name: array.astype(np.float64) for name, array in arrays.items()})


def input_names() -> tuple[str, ...]:
    """Names of the k dimensions that the map is given, in their order."""
    return tuple(d.name for group in ("learned", "tags") for d in DIMENSIONS[GROUPS[group]])
