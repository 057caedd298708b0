"""Similarity models: the one of recsys, and the baselines that it is compared with.

Every model ranks tracks by the inner product of unit vectors (n, d), less a penalty (n,) of the track that is ranked.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.evaluate.metrics import Scorer, by_vectors
from recsys.features.schema import DIMENSIONS, GROUPS
from recsys.metadata.labels import LabelledTracks
from recsys.nearest import NearestIndex

SYSTEM = "recsys"
CHANCE = "chance"
_MFCC = [i for i, d in enumerate(DIMENSIONS) if d.name.startswith("mfcc_") and d.name[5].isdigit()]
_LEARNED = np.arange(len(DIMENSIONS))[GROUPS["learned"]]
#: The dimensions of the features that each baseline has.
_COLUMNS: dict[str, IdArray] = {
    "MusiCNN tags, cosine": np.arange(len(DIMENSIONS))[GROUPS["tags"]],
    "MusiCNN embeddings, cosine": _LEARNED,
    "MusiCNN MSD embedding, cosine": _LEARNED[: len(_LEARNED) // 2],
    "MFCC, cosine": np.array(_MFCC),
}
BASELINES = (*_COLUMNS, CHANCE)
_BLOCK = 4096

Features: TypeAlias = FloatArray | Callable[[IdArray], FloatArray]
"""Normalised feature vectors (n, D), or a function that reads some dimensions (n, d) of them into a new array."""


@dataclass(frozen=True, slots=True)
class SimilarityModel:
    """A way of ranking n tracks.

    Parameters
    ----------
    name : str
    vectors : (n, d)
        Of length 1.
    penalties : (n,), optional
    """

    name: str
    vectors: FloatArray
    penalties: FloatArray | None = None

    @property
    def scorer(self) -> Scorer:
        """The scorer, for :func:`recsys.evaluate.metrics.retrieval`."""
        return by_vectors(self.vectors, self.penalties)


def similarity_models(
    normalised: Features, labelled: LabelledTracks, index: NearestIndex, ids: IdArray
) -> Iterator[SimilarityModel]:
    """recsys, then the baselines: MusiCNN, MFCC, the same tagged genre, chance.

    Parameters
    ----------
    normalised
        Normalised feature vectors (n, D), or their reader: all of 100,000 tracks need 370 MB.
    labelled, ids
        The same n tracks, in the same order.
    index
        Contains all ``ids``.
    """
    yield system_model(index, ids)
    for name in BASELINES:  # one after the other: each is as large as the features
        yield SimilarityModel(name, _baseline(name, normalised, len(ids)))
    tagged = [(track.tagged_genre or "").partition(";")[0].strip().casefold() for track in labelled.tracks]
    names, number = np.unique(tagged, return_inverse=True)
    if len(names) > 1:
        same = np.eye(len(names), dtype=np.float32)[number] * (np.array(tagged) != "")[:, None]
        yield SimilarityModel("same tagged genre, else chance", np.hstack([10 * same, _chance(len(ids))]))


def system_model(index: NearestIndex, ids: IdArray) -> SimilarityModel:
    """recsys, for the tracks of some ids."""
    return SimilarityModel(SYSTEM, index.vectors(ids), index.hubness_penalties(ids))


def baselines(normalised: FloatArray) -> dict[str, FloatArray]:
    """Unit vectors (n, d) by name, from normalised features (n, D); none was fitted for similarity."""
    return {name: baseline(name, normalised) for name in BASELINES}


def baseline(name: str, normalised: FloatArray) -> FloatArray:
    """Unit vectors (n, d) of one of :data:`BASELINES`, from normalised features (n, D)."""
    return _baseline(name, normalised, len(normalised))


def _baseline(name: str, normalised: Features, n: int) -> FloatArray:
    if name == CHANCE:
        return _chance(n)
    columns = _COLUMNS[name]
    return unit(normalised(columns) if callable(normalised) else normalised[:, columns], overwrite=True)


def _chance(n: int) -> FloatArray:
    return unit(np.random.default_rng(0).standard_normal((n, 32)).astype(np.float32), overwrite=True)


def unit(vectors: FloatArray, *, overwrite: bool = False) -> FloatArray:
    """Vectors (n, d) scaled to length 1; a zero vector stays.

    Examples
    --------
    >>> unit(np.array([[3.0, 4.0]], np.float32))
    array([[0.6, 0.8]], dtype=float32)
    """
    rows = vectors if overwrite else np.empty(vectors.shape, np.float32)
    for start in range(0, len(vectors), _BLOCK):
        block = vectors[start : start + _BLOCK]
        rows[start : start + _BLOCK] = block / np.maximum(np.linalg.norm(block, axis=1, keepdims=True), 1e-9)
    return rows
