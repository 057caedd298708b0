"""Ways of ranking tracks, side by side: what recsys does, and what it must be better than.

Every way is a *space*: unit vectors (n, d), ranked by inner product less a penalty.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.evaluate.metrics import Scorer, by_vectors
from recsys.features.schema import DIMENSIONS, GROUPS
from recsys.metadata.labels import LabelledTracks
from recsys.nearest import NearestIndex

SYSTEM = "recsys"
_MFCC = [i for i, d in enumerate(DIMENSIONS) if d.name.startswith("mfcc_") and d.name[5].isdigit()]


@dataclass(frozen=True, slots=True)
class SimilarityModel:
    """One way of ranking n tracks: vectors (n, d), penalties (n,)."""

    name: str
    vectors: FloatArray
    penalties: FloatArray | None = None

    @property
    def scorer(self) -> Scorer:
        """Its scores, for the metrics."""
        return by_vectors(self.vectors, self.penalties)


def similarity_models(
    normalised: FloatArray, labelled: LabelledTracks, index: NearestIndex, ids: IdArray
) -> Iterator[SimilarityModel]:
    """recsys, then the baselines: bare MusiCNN, MFCC, the same tagged genre, chance.

    Parameters
    ----------
    normalised : features (n, D)
    labelled, ids : of the same n tracks
    index : holds them
    """
    yield SimilarityModel(SYSTEM, index.vectors(ids), index.hubness_penalties(ids))
    plain = baselines(normalised)
    for name, vectors in plain.items():
        yield SimilarityModel(name, vectors)
    tagged = [(track.tagged_genre or "").strip().casefold() for track in labelled.tracks]
    names, number = np.unique(tagged, return_inverse=True)
    if len(names) > 1:
        same = np.eye(len(names), dtype=np.float32)[number] * (np.array(tagged) != "")[:, None]
        yield SimilarityModel("same tagged genre, else chance", np.hstack([10 * same, plain["chance"]]))


def baselines(normalised: FloatArray) -> dict[str, FloatArray]:
    """Unit vectors of n tracks that nobody has learned for similarity, from features (n, D)."""
    learned, tags = normalised[:, GROUPS["learned"]], normalised[:, GROUPS["tags"]]
    return {
        "MusiCNN tags, cosine": unit(tags),
        "MusiCNN embeddings, cosine": unit(learned),
        "MusiCNN MSD embedding, cosine": unit(learned[:, : learned.shape[1] // 2]),
        "MFCC, cosine": unit(normalised[:, _MFCC]),
        "chance": unit(np.random.default_rng(0).standard_normal((len(normalised), 32)).astype(np.float32)),
    }


def unit(vectors: FloatArray) -> FloatArray:
    """Rows (n, d) of length one."""
    rows: FloatArray = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return rows.astype(np.float32)
