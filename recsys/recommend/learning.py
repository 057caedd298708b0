"""Learning the similarity projection from several collections of labelled music at once.

What is learned is linear and has few knobs:

* *Embedding* and *timbre* are whitened by the within-class covariance (WCCN: Hatch, Kajarekar & Stolcke 2006): how
  vectors vary between the windows of one track, between the tracks of one artist, and of one album. What varies
  there says nothing of the music; what stays counts more. The covariance is shrunk towards the identity.
* *Labels* is one ridge regression for each set of labels (the genres of one collection, its moods …) from tags and
  embeddings. Rare labels count more, by the root of their share; each set counts by its weight, whatever the number of
  its labels or tracks.
* The views are put side by side by their weights and reduced by principal components.

``scripts/fit_similarity.py`` runs this once and ships the result; ``scripts/score_peers.py`` runs it again without the
artists, or without the collections, that it scores; ``benchmarks/README.md`` lists what else was tried.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.recommend.projection import VIEWS, Projection, View, unit, view_inputs

DIMENSION = 128
WEIGHTS: Mapping[str, float] = {"embedding": 1.0, "labels": 1.5, "tags": 0.3, "timbre": 1.2}
RIDGE = 0.5  # of the variance of the standardised inputs
RARITY = 0.5  # power of its share by which a label is divided


class ViewConfig(NamedTuple):
    """Of one view: its principal components at most, shrinkage (0..1) of the within-class covariance, and by which
    power of their variance the components are flattened (0 leaves them, 1 makes all alike)."""

    components: int
    shrinkage: float
    flatten: float


WHITENING: Mapping[str, ViewConfig] = {
    "embedding": ViewConfig(100, 0.3, 0.0),
    "timbre": ViewConfig(231, 0.5, 0.3),
}
TAG_COMPONENTS = 100
LABEL_COMPONENTS = 96
_CLASS = 8  # tracks: a larger artist or album counts like one of so many


class LabelSet(NamedTuple):
    """Which tracks have which of t labels: (n, t) of 0 and 1; ``weight`` is its share in the view of labels."""

    present: DoubleArray
    weight: float


@dataclass(frozen=True)
class Collection:
    """Tracks of one source and what is known of them.

    Attributes
    ----------
    features : (n, D) normalised features
    labels : sets of labels of all n tracks
    classes : for each kind of class, such as artist or album, the class of each track; "" is none
    folds : normalised features (m, D) of parts of tracks, such as windows
    owners : (m,) the number of the track that each part belongs to
    tags_only : whether ``features`` hold MusiCNN's MSD tags and nothing else that is real: only labels are learned
    """

    features: FloatArray
    labels: tuple[LabelSet, ...] = ()
    classes: tuple[Sequence[str], ...] = ()
    folds: FloatArray | None = None
    owners: "np.ndarray[tuple[int], np.dtype[np.int64]]" = field(default_factory=lambda: np.empty(0, np.int64))
    tags_only: bool = False


def fit_projection(
    collections: Sequence[Collection],
    *,
    weights: Mapping[str, float] = WEIGHTS,
    ridge: float = RIDGE,
    whitening: Mapping[str, ViewConfig] = WHITENING,
) -> Projection:
    """The map learned from collections of which at least one has tracks, one labels, and one classes or parts."""
    whole = [collection for collection in collections if not collection.tags_only]
    inputs = [view_inputs(collection.features) for collection in whole]
    together = {name: np.vstack([each[name] for each in inputs]) for name in VIEWS}
    views = {
        "embedding": _whitened("embedding", together["embedding"], whole, whitening["embedding"]),
        "labels": _label_view(collections, together["labels"], ridge),
        "tags": principal(together["tags"], TAG_COMPONENTS),
        "timbre": _whitened("timbre", together["timbre"], whole, whitening["timbre"]),
    }
    scales = {name: np.sqrt(weights[name]) for name in VIEWS}
    reduction = principal(
        np.hstack([scales[name] * views[name].unit_directions(together[name]) for name in VIEWS]), DIMENSION
    )
    ends = np.cumsum([views[name].matrix.shape[1] for name in VIEWS])
    blocks = {
        name: scales[name] * block
        for name, block in zip(VIEWS, np.split(reduction.matrix, ends[:-1]), strict=True)
    }  # fmt: skip
    return Projection(views, blocks, reduction.mean @ reduction.matrix)


def apply(learned: Projection, normalised: FloatArray) -> FloatArray:
    """Unit vectors (n, d) by a map that is not the shipped one."""
    return unit(learned.components(normalised).sum(axis=1)).astype(np.float32)


def principal(x: DoubleArray, components: int, *, flatten: float = 0.0) -> View:
    """Principal components of rows (n, d), at most so many, flattened by a power of their variance."""
    mean = x.mean(axis=0)
    centred = x - mean
    variances, basis = np.linalg.eigh(centred.T @ centred / len(x))
    kept = min(components, int(np.sum(variances > 1e-9 * variances.max())))
    variances, basis = variances[::-1][:kept], basis[:, ::-1][:, :kept]
    # A length is all that a factor would change, and lengths are made one: variances are taken against the largest.
    return View(mean, basis * (variances / variances[0]) ** (-flatten / 2))


def _whitened(name: str, x: DoubleArray, collections: Sequence[Collection], how: ViewConfig) -> View:
    """Principal components of a view after whitening by its within-class covariance."""
    size = x.shape[1]
    covariance = np.zeros((size, size))
    for scatter in _scatters(name, collections, size):
        covariance += scatter * size / np.trace(scatter)
    covariance *= size / max(np.trace(covariance), 1e-12)
    variances, basis = np.linalg.eigh((1 - how.shrinkage) * covariance + how.shrinkage * np.eye(size))
    whitener = basis * variances**-0.5
    found = principal((x - x.mean(axis=0)) @ whitener, how.components, flatten=how.flatten)
    return View(x.mean(axis=0), whitener @ found.matrix)


def _scatters(name: str, collections: Sequence[Collection], size: int) -> list[DoubleArray]:
    """Covariances (size, size) within tracks and, for each kind of class, within classes; of all collections."""
    kinds = max((len(collection.classes) for collection in collections), default=0)
    residuals: list[list[DoubleArray]] = [[] for _ in range(kinds + 1)]
    for collection in collections:
        if collection.folds is not None:
            residuals[0].append(_within(view_inputs(collection.folds)[name], collection.owners))
        x = view_inputs(collection.features)[name] if collection.classes else np.empty((0, size))
        for kind, classes in enumerate(collection.classes, start=1):
            known = np.array([bool(each) for each in classes])
            _, numbers = np.unique(np.asarray(classes, str)[known], return_inverse=True)
            residuals[kind].append(_within(x[known], numbers))
    stacked = [np.vstack(rows) for rows in residuals if sum(map(len, rows))]
    return [rows.T @ rows / len(rows) for rows in stacked]


def _within(x: DoubleArray, classes: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> DoubleArray:
    """Deviations (m, d) from the means of the classes (n,) that have at least two rows, without bias."""
    counts = np.bincount(classes, minlength=1)
    means = np.zeros((len(counts), x.shape[1]))
    np.add.at(means, classes, x)
    means /= np.maximum(counts, 1)[:, None]
    held = counts[classes] > 1
    size = counts[classes][held][:, None]
    deviations: DoubleArray = (x - means[classes])[held] / np.sqrt(1 - 1 / size)
    return np.asarray(deviations * np.minimum(1.0, np.sqrt(_CLASS / size)))


def _label_view(collections: Sequence[Collection], together: DoubleArray, ridge: float) -> View:
    mean, deviation = together.mean(axis=0), together.std(axis=0) + 1e-9
    maps = []
    for collection in collections:
        x = (view_inputs(collection.features)["labels"] - mean) / deviation
        if collection.tags_only:
            x[:, _MSD_TAGS:] = 0
        x = x - x.mean(axis=0)
        regression = np.linalg.inv(x.T @ x + ridge * len(x) * np.eye(x.shape[1])) @ x.T if collection.labels else x.T
        for labels in collection.labels:
            target = labels.present / np.maximum(labels.present.mean(axis=0), 1e-9) ** RARITY
            coefficients = regression @ (target - target.mean(axis=0))
            length = np.sqrt(np.mean(np.sum((x @ coefficients) ** 2, axis=1)))
            maps.append(coefficients * (np.sqrt(labels.weight) / max(length, 1e-12)))
    matrix = np.hstack(maps) / deviation[:, None]
    # The same inner products in fewer columns.
    reduced = principal((together - mean) @ matrix, LABEL_COMPONENTS)
    return View(mean, matrix @ reduced.matrix)


_MSD_TAGS = 50  # the first of the inputs of the labels
