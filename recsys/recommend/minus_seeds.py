"""Seeds with a minus: tracks near them are left out of one list.

A track is left out if it is nearer to a minus seed than to the seeds of the list, by their cosines; and, as for
dislikes (:mod:`recsys.recommend.dislikes`), if it is among the nearest neighbours of the minus seed in the library and
not nearer to the seeds by a margin. All other tracks keep their places. Several tracks that are one seed, such as an
album, count as the direction of their mean.

``benchmarks/minus_seeds.py`` compares this with other rules on three libraries. Of the ten nearest neighbours of a
minus seed that were in a list, one in nine stays, and the mean similarity with the seed falls by 0.04 to 0.06.
Rocchio's difference (1971) with a weight of 0.8, for which as many stay, loses 0.10 to 0.12 and reorders unrelated
tracks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.nearest import NearestIndex
from recsys.recommend.dislikes import SEED_MARGIN, Flags, n_close_neighbours


@dataclass(frozen=True, slots=True)
class MinusSeeds:
    """Minus seeds, see :meth:`find`.

    Attributes
    ----------
    directions : (m, d)
        Unit vectors.
    neighbours : tuple of (k,)
        Ids of the nearest tracks of each of them, its own among them.
    """

    directions: FloatArray
    neighbours: tuple[IdArray, ...]

    @classmethod
    def find(cls, index: NearestIndex, seeds: Sequence[tuple[FloatArray, FloatArray]]) -> "MinusSeeds":
        """Minus seeds and their neighbours.

        Parameters
        ----------
        index : NearestIndex
            Need not have the seeds.
        seeds : sequence of pair of (t, d) and (t,)
            Unit vectors of the tracks of each seed, and their densities.

        Raises
        ------
        IndexCorrupt
            The index file does not match its checksums.
        """
        k, neighbours = n_close_neighbours(len(index)), []
        for vectors, densities in seeds:
            [ids], _ = index.search(vectors, k + len(vectors), densities=densities, mean_of_queries=True)
            neighbours.append(ids)
        return cls(np.stack([direction(vectors) for vectors, _ in seeds]), tuple(neighbours))

    def cosines(self, vectors: FloatArray) -> FloatArray:
        """Cosine (n, m) of tracks (n, d) with each minus seed."""
        return vectors @ self.directions.T

    def near(self, ids: IdArray, vectors: FloatArray, cosines: FloatArray) -> Flags:
        """Which of n tracks are left out.

        Parameters
        ----------
        ids, vectors : (n,), (n, d)
            The tracks.
        cosines : (n,)
            With the seeds of the list, or the nearest of them.
        """
        minus, plus = self.cosines(vectors), np.maximum(cosines, 0)
        found = np.asarray((minus > plus[:, None]).any(axis=1))
        for column, neighbours in zip(minus.T, self.neighbours, strict=True):
            found |= (column > SEED_MARGIN * plus) & np.isin(ids, neighbours)
        return found


def direction(vectors: FloatArray) -> FloatArray:
    """The unit vector (d,) in the direction of the mean of vectors (t, d).

    >>> direction(np.eye(2, dtype=np.float32)).round(2)
    array([0.71, 0.71], dtype=float32)
    """
    mean = vectors.mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), np.float32)
