"""Learning the similarity projection from a reference corpus: which directions count, and how much.

* Each view is mapped to its principal components, flattened by a power of their variance: 0 leaves them as they are,
  1 makes all count alike. Rare directions tell records apart, frequent ones kinds of music.
* The overall map is principal components again, of all views side by side, flattened likewise.
* The kind is the mean of two logistic regressions, one on tags, one on embeddings, of the labelled part of the corpus,
  softened by a temperature: a doubtful genre should not outvote the sound.

No labels but genres are used. ``scripts/fit_similarity.py`` runs this once and ships the result;
``scripts/score_peers.py`` runs it again without the artists it is asked about, and lists what else was tried.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from recsys.features.layout import GROUPS
from recsys.recommend.projection import VIEWS, Kind, Projection, View, kind_features, unit, view_features
from recsys.types import DoubleArray, FloatArray


class Recipe(NamedTuple):
    """Of one view: how much it counts, its principal components at most, and how far they are flattened (0..1)."""

    weight: float
    components: int
    flatten: float


RECIPES: Mapping[str, Recipe] = {
    "tags": Recipe(0.5, 100, 0.0),
    "embedding": Recipe(1.0, 120, 0.5),
    "gaussian": Recipe(1.5, 231, 0.5),
    "rhythm": Recipe(0.2, 100, 0.3),
    "harmony": Recipe(0.2, 100, 0.3),
    "dynamics": Recipe(0.2, 100, 0.3),
}
OVERALL_COMPONENTS, OVERALL_FLATTEN = 124, 0.3
KIND_WEIGHT = 0.7  # mean square length of the kind; that of the overall sound is 1
TEMPERATURE = 2.0
TAGS_C, EMBEDDING_C = 0.1, 0.02  # inverse strength of the logistic regressions' L2 penalty


def fit_projection(
    corpus: FloatArray,
    labelled: FloatArray,
    genres: Sequence[str],
    *,
    recipes: Mapping[str, Recipe] = RECIPES,
    kind_weight: float = KIND_WEIGHT,
    temperature: float = TEMPERATURE,
) -> Projection:
    """The map learned from normalised vectors.

    Parameters
    ----------
    corpus
        (n, D), all tracks of the reference corpus, labelled or not.
    labelled, genres
        (m, D) with the genre of each; genres count alike, however many tracks they have.
    """
    seen = view_features(corpus)
    views = {name: _view(seen[name], recipes[name].components, recipes[name].flatten) for name in VIEWS}
    weights = {name: np.sqrt(recipes[name].weight) for name in VIEWS}
    side_by_side = np.hstack([weights[name] * views[name].directions(seen[name]) for name in VIEWS])
    whole = _view(side_by_side, OVERALL_COMPONENTS, OVERALL_FLATTEN)
    ends = np.cumsum([views[name].matrix.shape[1] for name in VIEWS])
    blocks = {
        name: weights[name] * block
        for name, block in zip(VIEWS, np.split(whole.matrix, ends[:-1]), strict=True)
    }  # fmt: skip
    kind = _kind(labelled, genres, temperature, kind_weight)
    return Projection(views, blocks, whole.mean @ whole.matrix, kind)


def apply(learned: Projection, normalised: FloatArray) -> FloatArray:
    """Unit vectors (n, d) by a map that is not the shipped one."""
    return unit(learned.pieces(normalised).sum(axis=1)).astype(np.float32)


def _view(x: DoubleArray, components: int, flatten: float) -> View:
    mean = x.mean(axis=0)
    centred = x - mean
    variances, basis = np.linalg.eigh(centred.T @ centred / len(x))
    kept = min(components, int(np.sum(variances > 1e-9 * variances.max())))
    variances, basis = variances[::-1][:kept], basis[:, ::-1][:, :kept]
    # A length is all that a factor would change, and lengths are made one: variances are taken against the largest.
    return View(mean, basis * (variances / variances[0]) ** (-flatten / 2))


def _kind(labelled: FloatArray, genres: Sequence[str], temperature: float, weight: float) -> Kind:
    from sklearn.linear_model import LogisticRegression

    x, genre = kind_features(labelled), np.asarray(genres)
    split = GROUPS["tags"].stop - GROUPS["tags"].start
    parts = [
        LogisticRegression(C=c, class_weight="balanced", max_iter=5000).fit(part, genre)
        for c, part in ((TAGS_C, x[:, :split]), (EMBEDDING_C, x[:, split:]))
    ]
    weights = np.vstack([_per_genre(part.coef_).T for part in parts]) / (2 * temperature)
    bias = np.sum([_per_genre(part.intercept_) for part in parts], axis=0) / (2 * temperature)
    plain = Kind(weights, bias, np.zeros(len(bias)), 1.0)
    probabilities = plain.leaning(x)
    mean = probabilities.mean(axis=0)
    spread = np.sqrt(((probabilities - mean) ** 2).sum(axis=1).mean())
    return Kind(weights, bias, mean, float(np.sqrt(weight) / spread))


def _per_genre(fitted: DoubleArray) -> DoubleArray:
    """One row a genre also where there are two, of which scikit-learn describes the second only."""
    return np.concatenate([-fitted, fitted]) if len(fitted) == 1 else fitted
