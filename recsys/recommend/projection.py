"""Learning the similarity projection: from normalised features to the few numbers in which near means alike.

The task: a matrix (D, d) such that the cosine of ``normalised @ matrix`` ranks tracks as a listener would. It joins

* the *overall* sound: the principal components of all feature groups on the reference corpus. Each group counts by
  its weight in ``GROUP_WEIGHTS`` whatever its number of dimensions. No labels are used.
* the *kind* of music: the directions in which tracks of different genres differ most compared with tracks of one
  genre, by linear discriminant analysis with the within-genre scatter shrunk towards a multiple of the identity
  (Friedman 1989), learned on the labelled part of the reference corpus.

``scripts/fit_similarity.py`` runs this once and ships the matrix; ``benchmarks/similarity.py`` runs it again without
the artists it is asked about.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from recsys.features.layout import GROUPS
from recsys.types import DoubleArray, FloatArray

GROUP_WEIGHTS: Mapping[str, float] = {"tags": 1.0, "learned": 1.0, "timbre": 0.5}
KIND_GROUPS = ("tags", "learned", "timbre")
COMPONENTS = 96
KIND_WEIGHT = 0.8
SHRINKAGE = 0.6


def fit_projection(
    corpus: FloatArray,
    labelled: FloatArray,
    genres: Sequence[str],
    *,
    group_weights: Mapping[str, float] = GROUP_WEIGHTS,
    components: int = COMPONENTS,
    kind_weight: float = KIND_WEIGHT,
    shrinkage: float = SHRINKAGE,
) -> FloatArray:
    """Projection matrix (D, d) with d = ``components`` + number of genres - 1.

    Parameters
    ----------
    corpus
        Normalised vectors (n, D) of the reference corpus, labelled or not.
    labelled, genres
        Normalised vectors (m, D) with the genre of each.
    group_weights
        Root mean square a feature group contributes to the overall sound; groups left out contribute nothing.
    kind_weight
        Root mean square of the discriminants against that of the overall sound.
    shrinkage
        0 (plain scatter) to 1 (multiple of the identity).
    """
    overall = _principal(corpus, group_weights, components)
    if not kind_weight:
        return overall.astype(np.float32)
    kind = _discriminants(labelled, genres, shrinkage)
    kind *= kind_weight * _rms(corpus @ overall) / _rms(labelled @ kind)
    return np.hstack([overall, kind]).astype(np.float32)


def _principal(corpus: FloatArray, group_weights: Mapping[str, float], components: int) -> DoubleArray:
    scale = np.zeros(corpus.shape[1])
    for group, weight in group_weights.items():
        where = GROUPS[group]
        scale[where] = weight / np.sqrt(where.stop - where.start)
    _, basis = np.linalg.eigh((corpus * scale).T @ (corpus * scale))
    principal: DoubleArray = scale[:, None] * basis[:, ::-1][:, :components]
    return principal


def _discriminants(labelled: FloatArray, genres: Sequence[str], shrinkage: float) -> DoubleArray:
    chosen = np.concatenate([np.arange(GROUPS[g].start, GROUPS[g].stop) for g in KIND_GROUPS])
    x = labelled[:, chosen].astype(np.float64)
    genre = np.asarray(genres)
    names = np.unique(genre)
    means = np.stack([x[genre == name].mean(axis=0) for name in names])
    residual = x - means[np.searchsorted(names, genre)]
    within = residual.T @ residual / len(x)
    within = (1 - shrinkage) * within + shrinkage * np.trace(within) / len(within) * np.eye(len(within))
    # Every genre counts alike, however many tracks it has.
    between = np.cov(means.T, bias=True)
    values, vectors = np.linalg.eigh(within)
    whiten = vectors / np.sqrt(values)
    _, directions = np.linalg.eigh(whiten.T @ between @ whiten)
    discriminants = np.zeros((labelled.shape[1], len(names) - 1))
    discriminants[chosen] = whiten @ directions[:, ::-1][:, : len(names) - 1]
    return discriminants


def _rms(vectors: DoubleArray) -> float:
    """Root mean square length of centred vectors (n, d)."""
    centred = vectors - vectors.mean(axis=0)
    return float(np.sqrt((centred**2).sum(axis=1).mean()))
