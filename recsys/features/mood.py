"""Mood of a track: valence and arousal of the emotion that the music expresses.

*Valence* (how pleasant) and *arousal* (how excited) are the axes of Russell's circumplex, here in [0, 1] with 0.5 as
neutral. Happy or excited music has high values of both, angry or tense music low valence and high arousal, sad music
low values of both, calm or relaxed music high valence and low arousal. The threshold 0.5 on both axes defines the
quadrant of a track.

The mood is a function of the raw feature vector: of the two MusiCNN embeddings and the log-odds of the tags, without
loudness and other features that mastering changes. The model has two stages. The first is a linear regression that
predicts the mood words of AllMusic's editors. The second is a kernel regression that predicts valence and arousal from
all words together, because single words are weak predictors and their combination is a strong one. The same linear
regression predicts the words of :data:`MOOD_WORDS`, each from the editors' words of the same meaning.
``scripts/train_mood.py`` fits the model on the 4Q data set, prints its scores and lists the alternatives tried.

References
----------
Russell (1980), "A circumplex model of affect". Panda, Malheiro & Paiva (2018), "Novel audio features for music emotion
recognition".
"""

import zipfile
from functools import cache
from importlib import resources
from typing import NamedTuple

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.domain.audio import Mood
from recsys.errors import FeatureMismatch, Hint, ModelError
from recsys.features.schema import DIMENSIONS, GROUPS

MOOD_FILE = "mood.npz"
FLOOR = 0.005
"""Added to a tag probability and to its complement before the logarithm, as in :mod:`recsys.genre.model`."""

MOOD_WORDS = ("calm", "energetic", "happy", "sad", "tense", "tender", "nostalgic", "sensual")
"""The mood words that the model predicts, in the order of the columns of :func:`word_evidence`."""

_BATCH = 4096  # vectors at a time
_STEEP = 2.0  # slope of the logistic function from scaled log-odds to [0, 1]
_LIMIT = 0.999  # valence and arousal are clipped to this before their log-odds are computed


class MoodMap(NamedTuple):
    """Parameters of the mood model, for k inputs, p principal components, m words of the editors and c kernel centres.

    Attributes
    ----------
    mean, scale : ndarray of shape (k,)
        Standardise the inputs.
    rotation : ndarray of shape (k, p)
        From signed square roots of the standardised inputs to principal components.
    words : ndarray of shape (p, m)
        Linear regression of the editors' words.
    ours : ndarray of shape (p, 8)
        Linear regression of :data:`MOOD_WORDS`.
    near, far : ndarray of shape (c, p) and (c, m)
        Centres of Gaussian kernels in the space of components and of the editors' words.
    near_weights, far_weights : ndarray of shape (c, 2)
        Weights of the kernels; their sum is the scaled log-odds of valence and arousal.
    gammas : ndarray of shape (2,)
        Inverse widths of the kernels around ``near`` and ``far``.
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

    def components(self, x: DoubleArray) -> DoubleArray:
        """Principal components (n, p) of inputs ``x`` (n, k)."""
        return np.asarray(self._roots(x) @ self.rotation)

    def evidence(self, x: DoubleArray) -> DoubleArray:
        """Predicted strengths (n, 8) of :data:`MOOD_WORDS` from inputs ``x`` (n, k)."""
        return np.asarray(self._roots(x) @ (self.rotation @ self.ours))

    def _roots(self, x: DoubleArray) -> DoubleArray:
        standard = (x - self.mean) / self.scale
        return np.asarray(np.copysign(np.sqrt(np.abs(standard)), standard))


def predict_mood(vectors: FloatArray) -> list[Mood]:
    """Moods of tracks.

    Parameters
    ----------
    vectors : ndarray of shape (n, D)
        Raw feature vectors.

    Returns
    -------
    list of Mood
        n moods, with valence and arousal in [0, 1].

    Raises
    ------
    FeatureMismatch
        The vectors do not have the shape (n, D).
    ModelError
        The model file is missing, damaged, or made for other features.

    Examples
    --------
    >>> [mood] = predict_mood(np.zeros((1, len(DIMENSIONS)), np.float32))
    >>> 0 <= mood.valence <= 1
    True
    """
    return [Mood(*row) for row in valence_arousal(vectors).tolist()]


def valence_arousal(vectors: FloatArray) -> DoubleArray:
    """Valence and arousal of tracks as an array.

    Parameters
    ----------
    vectors : ndarray of shape (n, D)
        Raw feature vectors.

    Returns
    -------
    ndarray of shape (n, 2), float64
        Valence and arousal in [0, 1].

    Raises
    ------
    FeatureMismatch
        The vectors do not have the shape (n, D).
    ModelError
        The model file is missing, damaged, or made for other features.

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
    """Scaled log-odds of valence or arousal.

    Parameters
    ----------
    probabilities : ndarray of any shape
        Values in [0, 1].

    Returns
    -------
    ndarray of the same shape, float64
        Half the log-odds: 0 is neutral, and most tracks are between about -1 and 1.

    Examples
    --------
    >>> axis_log_odds(np.array([0.5, 0.9])).round(2)
    array([0. , 1.1])
    """
    inside = np.clip(probabilities, 1 - _LIMIT, _LIMIT)
    return np.asarray(np.log(inside / (1 - inside)) / _STEEP)


def word_evidence(vectors: FloatArray) -> DoubleArray:
    """Predicted strength of each word of :data:`MOOD_WORDS`.

    Parameters
    ----------
    vectors : ndarray of shape (n, D)
        Raw feature vectors.

    Returns
    -------
    ndarray of shape (n, 8), float64
        In standard deviations over clips that the regression was not fitted to; 0 is the mean of the 4Q data set.

    Raises
    ------
    FeatureMismatch
        The vectors do not have the shape (n, D).
    ModelError
        The model file is missing, damaged, or made for other features.

    Examples
    --------
    >>> word_evidence(np.zeros((3, len(DIMENSIONS)), np.float32)).shape
    (3, 8)
    """
    _check(vectors)
    fitted = mood_map()
    batches = [fitted.evidence(inputs(vectors[i : i + _BATCH])) for i in range(0, len(vectors), _BATCH)]
    return np.concatenate([np.empty((0, len(MOOD_WORDS))), *batches])


def inputs(vectors: FloatArray) -> DoubleArray:
    """Inputs of the mood model.

    Parameters
    ----------
    vectors : ndarray of shape (n, D)
        Raw feature vectors.

    Returns
    -------
    ndarray of shape (n, k), float64
        Both embeddings and the log-odds of the tags, in the order of :func:`input_names`.

    Examples
    --------
    >>> inputs(np.zeros((2, len(DIMENSIONS)), np.float32)).shape
    (2, 500)
    """
    tags = np.clip(vectors[:, GROUPS["tags"]].astype(np.float64), 0, 1)
    odds = np.log((tags + FLOOR) / (1 - tags + FLOOR))
    return np.hstack([vectors[:, GROUPS["learned"]].astype(np.float64), odds])


def log_odds(fitted: MoodMap, x: DoubleArray) -> DoubleArray:
    """Scaled log-odds of valence and arousal.

    Parameters
    ----------
    fitted : MoodMap
    x : ndarray of shape (n, k)
        Inputs of the model, from :func:`inputs`.

    Returns
    -------
    ndarray of shape (n, 2), float64
        0 is neutral, and most tracks are between about -1 and 1.

    Examples
    --------
    >>> log_odds(mood_map(), inputs(np.zeros((2, len(DIMENSIONS)), np.float32))).shape
    (2, 2)
    """
    components = fitted.components(x)
    near = _gauss(components, fitted.near, fitted.gammas[0]) @ fitted.near_weights
    far = _gauss(components @ fitted.words, fitted.far, fitted.gammas[1]) @ fitted.far_weights
    both: DoubleArray = near + far
    return both


def _check(vectors: FloatArray) -> None:
    if vectors.ndim != 2 or vectors.shape[1] != len(DIMENSIONS):
        raise FeatureMismatch(f"raw feature vectors must have the shape (n, {len(DIMENSIONS)}), got {vectors.shape}")


def _gauss(points: DoubleArray, centres: DoubleArray, gamma: float) -> DoubleArray:
    """Gaussian kernel (n, c) of points (n, d) and centres (c, d)."""
    squares = (points**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1) - 2 * points @ centres.T
    near: DoubleArray = np.exp(-gamma * np.maximum(squares, 0))
    return near


@cache
def mood_map() -> MoodMap:
    """The mood model, read from its data file.

    Returns
    -------
    MoodMap

    Raises
    ------
    ModelError
        The model file is missing, damaged, or made for other features or words.

    Examples
    --------
    >>> mood_map().mean.shape
    (500,)
    """
    try:
        with (
            resources.files("recsys.features").joinpath("data", MOOD_FILE).open("rb") as stream,
            np.load(stream, allow_pickle=False) as file,
        ):
            arrays = {name: file[name] for name in MoodMap._fields}
            names, words = (tuple(file[name].tolist()) for name in ("names", "mood_words"))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"cannot read the mood model {MOOD_FILE}: {error}", hint=Hint.REINSTALL) from error
    if names != input_names() or words != MOOD_WORDS:
        raise ModelError(f"the mood model {MOOD_FILE} was made for other features or words", hint=Hint.REINSTALL)
    return MoodMap(**{name: array.astype(np.float64) for name, array in arrays.items()})


def input_names() -> tuple[str, ...]:
    """Names of the k feature dimensions that are inputs of the model, in their order.

    >>> input_names()[0], input_names()[-1]
    ('msd_embedding_0', 'mtt_tag_choral')
    """
    return tuple(d.name for group in ("learned", "tags") for d in DIMENSIONS[GROUPS[group]])
