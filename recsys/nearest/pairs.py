"""The nearest neighbours of all vectors, exactly: each pair is compared once, for both of its vectors.

Products of blocks of vectors are compared with one number for each row: only pairs are kept that may be neighbours. How
similar the neighbours of a vector are at least is estimated from a sample. Where the estimate is too high, too few
pairs are kept, and the vector is compared with all others again. So the estimate changes how long it takes, and not
what is found.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.nearest.batches import faiss

SAMPLE = 1024  # vectors that are compared with all others for the estimate
PENDING = 1_000_000  # pairs that are kept until the best of each vector are selected: bounds the memory
#: Below the estimate: about 3 per cent are compared again, and four times as many pairs are kept as needed.
_DEVIATIONS = 2.0
_ROWS, _COLUMNS = 1024, 2048  # of a block of products, which stays in the cache of the processor


class Neighbours(NamedTuple):
    """The neighbours (n, k) of all rows, nearest first, and their scores: the cosine minus the neighbour's penalty."""

    rows: IdArray
    scores: FloatArray


def exact_neighbours(
    vectors: FloatArray, penalties: FloatArray, k: int, *, on_progress: Callable[[float], None] = lambda _: None
) -> Neighbours:
    """The ``k`` vectors with the largest cosine minus penalty for each vector, without itself.

    Parameters
    ----------
    vectors : (n, d)
        Of length one.
    penalties : (n,)
    k : int
        In [1, n).
    on_progress : callable
        Called with the share of the work that is done, in (0, 1].

    Examples
    --------
    >>> vectors = np.array([[1, 0], [0.8, 0.6], [0, 1]], np.float32)
    >>> exact_neighbours(vectors, np.zeros(3, np.float32), 1).rows.tolist()
    [[1], [0], [1]]
    """
    n = len(vectors)
    rows, scores = np.empty((n, k), np.int64), np.empty((n, k), np.float32)
    least = _estimated_least(vectors, penalties, k)
    order = np.argsort(least - penalties, kind="stable")  # in this order one comparison of a pair does for both
    pairs = _Pairs(vectors[order], penalties[order], least[order], k)
    pairs.compare(on_progress)
    rows[order], scores[order] = order[pairs.rows], pairs.scores
    short = np.flatnonzero(scores[:, -1] == -np.inf)
    for start in range(0, len(short), _ROWS):
        again = short[start : start + _ROWS]
        rows[again], scores[again] = _compare_with_all(vectors, penalties, again, k)
    return Neighbours(rows, scores)


def _compare_with_all(vectors: FloatArray, penalties: FloatArray, queries: IdArray, k: int) -> Neighbours:
    stored = np.column_stack([vectors, -penalties])
    asked = np.column_stack([vectors[queries], np.ones(len(queries), np.float32)])
    scores, found = faiss.knn(asked, stored, k + 1, metric=faiss.METRIC_INNER_PRODUCT)
    others = np.argsort(found == queries[:, None], axis=1, kind="stable")[:, :k]  # itself last, if it is found
    return Neighbours(np.take_along_axis(found, others, 1), np.take_along_axis(scores, others, 1))


def _estimated_least(vectors: FloatArray, penalties: FloatArray, k: int) -> FloatArray:
    """The score (n,) that the last of ``k`` neighbours has at least, probably.

    It is linear in the penalty, the product with the mean vector, and the deviation of the products with all vectors.
    """
    n = len(vectors)
    sample = np.random.default_rng(0).choice(n, min(n, SAMPLE), replace=False)
    known = _compare_with_all(vectors, penalties, sample, k).scores[:, -1]
    moments = (vectors.T @ vectors) / np.float32(n)
    traits = np.column_stack(
        [
            np.ones(n),
            penalties,
            vectors @ vectors.mean(axis=0),
            np.sqrt(np.einsum("ij,ij->i", vectors @ moments, vectors)),
        ]
    )
    coefficients: DoubleArray = np.linalg.lstsq(traits[sample], known, rcond=None)[0]
    deviation = float((known - traits[sample] @ coefficients).std())
    return (traits @ coefficients - _DEVIATIONS * deviation).astype(np.float32)


class _Pairs:
    """The best pairs so far, of vectors in the order of ``least - penalties``."""

    def __init__(self, vectors: FloatArray, penalties: FloatArray, least: FloatArray, k: int) -> None:
        n = len(vectors)
        self._stored = np.column_stack([vectors, -penalties, np.ones(n, np.float32)])
        self._penalties, self._sums, self._k = penalties, least - penalties, k
        self.rows, self.scores = np.zeros((n, k), np.int64), np.full((n, k), -np.inf, np.float32)
        self._pending: list[tuple[IdArray, IdArray, FloatArray]] = []

    def compare(self, on_progress: Callable[[float], None]) -> None:
        """Compare all pairs."""
        n, n_pending = len(self._stored), 0
        products = np.empty(_ROWS * _COLUMNS, np.float32)
        for start in range(0, n, _ROWS):
            stop = min(start + _ROWS, n)
            queries = np.column_stack([self._stored[start:stop, :-2], self._stored[start:stop, :-3:-1]])
            for first in range(start, n, _COLUMNS):
                last = min(first + _COLUMNS, n)
                block = products[: (stop - start) * (last - first)].reshape(stop - start, last - first)
                np.dot(queries, self._stored[first:last].T, out=block)  # cosines minus both penalties
                least = np.minimum(self._sums[start:stop], self._sums[first:last].min())
                found = np.flatnonzero(block >= least[:, None])
                one, other = np.divmod(found, last - first)
                new = one + start < other + first
                one, other = one[new] + start, other[new] + first
                self._pending.append((one, other, block.ravel()[found[new]]))
                n_pending += len(one)
                if n_pending > PENDING:
                    self._select()
                    n_pending = 0
            on_progress(1 - (1 - stop / n) ** 2)
        self._select()

    def _select(self) -> None:
        """Keep the best of each vector; their last score is the least that another must have."""
        if not self._pending:
            return
        n, k = self.rows.shape
        one, other, sums = (np.concatenate(part) for part in zip(*self._pending, strict=True))
        self._pending.clear()
        rows, found = np.concatenate([one, other]), np.concatenate([other, one])
        scores = np.concatenate([sums + self._penalties[one], sums + self._penalties[other]])
        enough, known = scores >= (self._sums + self._penalties)[rows], np.isfinite(self.scores)
        rows = np.concatenate([np.nonzero(known)[0], rows[enough]])
        found = np.concatenate([self.rows[known], found[enough]])
        scores = np.concatenate([self.scores[known], scores[enough]])
        falling = (np.float32(4) - scores).view(np.uint32)  # positive numbers have the order of their bits
        order = np.argsort(rows.astype(np.uint64) << np.uint64(32) | falling, kind="stable")
        rows, found, scores = rows[order], found[order], scores[order]
        rank = np.arange(len(rows)) - np.searchsorted(rows, np.arange(n))[rows]
        best = rank < k
        self.rows[rows[best], rank[best]], self.scores[rows[best], rank[best]] = found[best], scores[best]
        full = np.isfinite(self.scores[:, -1])
        last = np.nextafter(self.scores[full, -1], np.float32(np.inf))  # of equal ones the first are enough
        self._sums[full] = np.maximum(self._sums[full], last - self._penalties[full])
