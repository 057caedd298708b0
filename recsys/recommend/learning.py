"""Learning of the similarity projection from several collections of labelled music.

The projection is linear and has few parameters:

* *Embedding* and *timbre* are whitened by the within-class covariance (WCCN: Hatch, Kajarekar & Stolcke 2006): how
  vectors vary between the windows of one track, between the tracks of one artist, and of one album. This variation
  carries no information about the music; directions without it count more. The covariance is shrunk towards the
  identity.
* *Labels* is one ridge regression for each set of labels (the genres of one collection, its moods …) from tags and
  embeddings. Rare labels count more, by the root of their share; each set counts by its weight, whatever the number of
  its labels or tracks.
* The views are concatenated by their weights and reduced by principal components.

``scripts/fit_similarity.py`` runs this once and writes the shipped projection; ``scripts/score_peers.py`` runs it again
without the artists, or without the collections, that it scores; ``benchmarks/README.md`` lists what else was tried.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray
from recsys.recommend.projection import VIEWS, Projection, View, unit, view_inputs

DIMENSION = 128
WEIGHTS: Mapping[str, float] = {"embedding": 1.0, "labels": 1.5, "tags": 0.3, "timbre": 1.2}
RIDGE = 0.5  # of the variance of the standardised inputs
RARITY = 0.5  # a label is divided by this power of its share


class ViewConfig(NamedTuple):
    """Parameters of the whitening of one view.

    Attributes
    ----------
    components : int
        The most principal components.
    shrinkage : float
        Of the within-class covariance towards the identity, in [0, 1].
    flatten : float
        The power of their variance by which components are divided: 0 leaves them, 1 makes all variances equal.
    """

    components: int
    shrinkage: float
    flatten: float


WHITENING: Mapping[str, ViewConfig] = {
    "embedding": ViewConfig(100, 0.3, 0.0),
    "timbre": ViewConfig(231, 0.5, 0.3),
}
TAG_COMPONENTS = 100
LABEL_COMPONENTS = 96
_MAX_CLASS_SIZE = 8  # tracks: a larger artist or album counts like one of this size


class LabelSet(NamedTuple):
    """The labels of a set that each track has: (n, t) of 0 and 1; ``weight`` is its share in the view of labels."""

    present: DoubleArray
    weight: float


@dataclass(frozen=True)
class Collection:
    """Tracks of one source with their labels and classes.

    Attributes
    ----------
    features : (n, D)
        Normalised features.
    labels : tuple of LabelSet
        Sets of labels of all n tracks.
    classes : tuple of sequence of str
        For each kind of class, such as artist or album, the class of each track, or "".
    parts : (m, D) or None
        Normalised features of parts of tracks, such as windows.
    part_tracks : (m,)
        Index of the track of each part.
    tags_only : bool
        Whether ``features`` has real values for MusiCNN's MSD tags only. Only labels are then learned from it.
    """

    features: FloatArray
    labels: tuple[LabelSet, ...] = ()
    classes: tuple[Sequence[str], ...] = ()
    parts: FloatArray | None = None
    part_tracks: "np.ndarray[tuple[int], np.dtype[np.int64]]" = field(default_factory=lambda: np.empty(0, np.int64))
    tags_only: bool = False


def fit_projection(
    collections: Sequence[Collection],
    *,
    weights: Mapping[str, float] = WEIGHTS,
    ridge: float = RIDGE,
    whitening: Mapping[str, ViewConfig] = WHITENING,
) -> Projection:
    """Fit the similarity projection.

    Parameters
    ----------
    collections : sequence of Collection
        At least one must have complete features, one labels, and one classes or parts.
    weights : mapping of str to float
        Weight of each view.
    ridge : float
        Of the regression of the labels, relative to the variance of its standardised inputs.
    whitening : mapping of str to ViewConfig

    Returns
    -------
    Projection

    Raises
    ------
    FeatureMismatch
        The features do not have the dimensions of this feature version.
    """
    complete = [collection for collection in collections if not collection.tags_only]
    inputs = [view_inputs(collection.features) for collection in complete]
    joint = {name: np.vstack([each[name] for each in inputs]) for name in VIEWS}
    views = {
        "embedding": _whitened_view("embedding", joint["embedding"], complete, whitening["embedding"]),
        "labels": _label_view(collections, joint["labels"], ridge),
        "tags": principal(joint["tags"], TAG_COMPONENTS),
        "timbre": _whitened_view("timbre", joint["timbre"], complete, whitening["timbre"]),
    }
    scales = {name: np.sqrt(weights[name]) for name in VIEWS}
    reduction = principal(
        np.hstack([scales[name] * views[name].unit_directions(joint[name]) for name in VIEWS]), DIMENSION
    )
    column_ends = np.cumsum([views[name].matrix.shape[1] for name in VIEWS])
    blocks = {
        name: scales[name] * block
        for name, block in zip(VIEWS, np.split(reduction.matrix, column_ends[:-1]), strict=True)
    }  # fmt: skip
    return Projection(views, blocks, reduction.mean @ reduction.matrix)


def apply(learned: Projection, normalised: FloatArray) -> FloatArray:
    """Unit vectors (n, d) of normalised features (n, D) by a projection other than the shipped one."""
    return unit(learned.components(normalised).sum(axis=1)).astype(np.float32)


def principal(x: DoubleArray, components: int, *, flatten: float = 0.0) -> View:
    """At most ``components`` principal components of rows (n, d), flattened by a power of their variance."""
    mean = x.mean(axis=0)
    centred = x - mean
    variances, basis = np.linalg.eigh(centred.T @ centred / len(x))
    kept = min(components, int(np.sum(variances > 1e-9 * variances.max())))
    variances, basis = variances[::-1][:kept], basis[:, ::-1][:, :kept]
    # Variances are relative to the largest: a common factor would change only lengths, which are normalised later.
    return View(mean, basis * (variances / variances[:1]) ** (-flatten / 2))


def _whitened_view(name: str, x: DoubleArray, collections: Sequence[Collection], config: ViewConfig) -> View:
    """Principal components of a view after whitening by its within-class covariance."""
    size = x.shape[1]
    covariance = np.zeros((size, size))
    for scatter in _within_class_covariances(name, collections):
        covariance += scatter / np.trace(scatter)
    covariance *= size / max(np.trace(covariance), 1e-12)
    variances, basis = np.linalg.eigh((1 - config.shrinkage) * covariance + config.shrinkage * np.eye(size))
    whitener = basis * variances**-0.5
    found = principal(x @ whitener, config.components, flatten=config.flatten)
    return View(x.mean(axis=0), whitener @ found.matrix)


def _within_class_covariances(name: str, collections: Sequence[Collection]) -> list[DoubleArray]:
    """Covariances (d, d) within tracks and within each kind of class, over all collections."""
    residuals: defaultdict[int, list[DoubleArray]] = defaultdict(list)
    for collection in collections:
        if collection.parts is not None:
            residuals[0].append(_within_class_deviations(view_inputs(collection.parts)[name], collection.part_tracks))
        x = view_inputs(collection.features)[name]
        for kind, classes in enumerate(collection.classes, start=1):
            known = np.array([bool(each) for each in classes])
            _, numbers = np.unique(np.asarray(classes, str)[known], return_inverse=True)
            residuals[kind].append(_within_class_deviations(x[known], numbers))
    stacked = [np.vstack(rows) for _, rows in sorted(residuals.items()) if sum(map(len, rows))]
    return [rows.T @ rows / len(rows) for rows in stacked]


def _within_class_deviations(x: DoubleArray, classes: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> DoubleArray:
    """Unbiased deviations (m, d) from the means of the classes (n,) that have at least two rows."""
    counts = np.bincount(classes, minlength=1)
    means = np.zeros((len(counts), x.shape[1]))
    np.add.at(means, classes, x)
    means /= np.maximum(counts, 1)[:, None]
    kept = counts[classes] > 1
    size = counts[classes][kept][:, None]
    deviations: DoubleArray = (x - means[classes])[kept] / np.sqrt(1 - 1 / size)
    return np.asarray(deviations * np.minimum(1.0, np.sqrt(_MAX_CLASS_SIZE / size)))


def _label_view(collections: Sequence[Collection], joint: DoubleArray, ridge: float) -> View:
    mean, deviation = joint.mean(axis=0), joint.std(axis=0) + 1e-9
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
    # The reduction keeps the inner products and needs fewer columns.
    reduced = principal(joint @ matrix, LABEL_COMPONENTS)
    return View(mean, matrix @ reduced.matrix)


_MSD_TAGS = 50  # columns at the start of the inputs of the labels
