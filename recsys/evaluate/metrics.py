"""Retrieval metrics over a library whose tracks have labels.

The task: a track is a query, and all others are ranked by a score. A *scorer* takes the row numbers of q queries (q,)
and returns their scores with all n tracks (q, n), where larger is nearer; the query itself is always left out. An empty
label ("" or None) is unknown and never matches. The score of a single query is NaN where it is undefined.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray

Scorer = Callable[[IdArray], FloatArray]
Labels = Sequence[str | None]

_CHUNK_SCORES = 3_000_000  # computed together: limits the memory
_BLOCK = 64  # scores of which one maximum is taken
_MAX_CHUNK = 256  # queries scored together
_ROUNDS = 50  # bootstrap samples drawn together: all of thousands of artists need 80 MB


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Scores of q queries.

    Parameters
    ----------
    precision : dict of int to (q,)
        By k, the share of the nearest k *by other artists* that have the query's genre. If the query's artist is not
        left out, the score is inflated (Flexer & Schnitzer 2010).
    album_hit : (q,)
        1 if a track of the query's album is among the nearest k, else 0; NaN if the album has no other track.
    artist_r_precision : (q,)
        Share of the nearest R that are by the query's artist, who has R other tracks; NaN if R is 0.
    occurrences : (n,)
        How often each track is among the nearest k of a query.
    """

    precision: dict[int, DoubleArray]
    album_hit: DoubleArray
    artist_r_precision: DoubleArray
    occurrences: IdArray


def retrieval(
    scorer: Scorer,
    queries: IdArray,
    genres: Labels,
    artists: Labels,
    albums: Labels,
    *,
    ks: Sequence[int] = (1, 5, 10),
    k: int = 10,
) -> Retrieval:
    """Score queries.

    Parameters
    ----------
    scorer
        See the module docstring.
    queries : (q,)
        Row numbers of tracks.
    genres, artists, albums : sequence of str or None, n
    ks
        The values of k for :attr:`Retrieval.precision`.
    k
        The k of album hits and occurrences. Of equal scores the lower row number ranks first.

    Examples
    --------
    >>> scorer = by_vectors(np.eye(3, dtype=np.float32)[[0, 0, 1]])
    >>> found = retrieval(scorer, np.arange(3), ["a", "a", "b"], ["x", "y", "z"], [None] * 3, ks=(1,), k=1)
    >>> found.precision[1]
    array([1., 1., 0.])
    """
    genre, artist, album = (_codes(labels) for labels in (genres, artists, albums))
    precision = {at: np.full(len(queries), np.nan) for at in ks}
    album_hit, r_precision = np.full(len(queries), np.nan), np.full(len(queries), np.nan)
    occurrences = np.zeros(len(genre), np.int64)
    of_artist = np.bincount(artist[artist >= 0], minlength=1)
    of_album = np.bincount(album[album >= 0], minlength=1)
    size = max(1, min(_MAX_CHUNK, _CHUNK_SCORES // max(1, len(genre))))
    for start in range(0, len(queries), size):
        chunk = queries[start : start + size]
        for row, (query, scores) in enumerate(zip(chunk.tolist(), scorer(chunk), strict=True), start=start):
            has_artist = artist[query] >= 0
            mates = int(of_artist[artist[query]]) - 1 if has_artist else 0
            order = _best(scores, query, max(k, *ks) + mates)
            occurrences[order[:k]] += 1
            if genre[query] >= 0:
                others = order[artist[order] != artist[query]] if has_artist else order
                for at in ks:
                    if len(others):
                        precision[at][row] = np.mean(genre[others[:at]] == genre[query])
            if album[query] >= 0 and of_album[album[query]] > 1:
                album_hit[row] = np.any(album[order[:k]] == album[query])
            if mates:
                r_precision[row] = np.mean(artist[order[:mates]] == artist[query])
    return Retrieval(precision, album_hit, r_precision, occurrences)


def by_vectors(vectors: FloatArray, penalties: FloatArray | None = None) -> Scorer:
    """A scorer of inner products of vectors (n, d), less the penalty (n,) of the track that is ranked.

    Its scores are overwritten by those of the next queries: new memory for each would take as long as the product.
    """
    memory = np.empty((0, len(vectors)), np.float32)

    def scores(queries: IdArray) -> FloatArray:
        nonlocal memory
        if len(memory) < len(queries):
            memory = np.empty((len(queries), len(vectors)), np.float32)
        found: FloatArray = np.matmul(vectors[queries], vectors.T, out=memory[: len(queries)])
        if penalties is not None:
            found -= penalties
        return found

    return scores


def skewness(occurrences: IdArray) -> float:
    """Skewness of the occurrences (n,): 0 if all are equal, large if there are hubs (Radovanović 2010).

    Examples
    --------
    >>> skewness(np.array([3, 3, 3]))
    0.0
    """
    counts = occurrences.astype(np.float64)
    deviation = counts.std()
    return float(np.mean((counts - counts.mean()) ** 3) / deviation**3) if deviation else 0.0


def confidence_interval(
    scores: DoubleArray, groups: Labels, *, level: float = 0.95, rounds: int = 1000, seed: int = 0
) -> tuple[float, float, float]:
    """Mean and bootstrap interval over groups, such as artists.

    The tracks of an artist are not independent, so artists are drawn, not tracks.

    Parameters
    ----------
    scores : (q,)
        NaN is ignored.
    groups : sequence of str or None, q
        A track of an unknown group is a group of its own.
    level : float in (0, 1)
    rounds : int
        Number of bootstrap samples.
    seed : int

    Returns
    -------
    mean, low, high : float
        NaN if there is no score.

    Examples
    --------
    >>> confidence_interval(np.array([1.0, 1.0, 0.0, 0.0]), ["a", "a", "b", "b"])
    (0.5, 0.0, 1.0)
    """
    known = ~np.isnan(scores)
    code = _codes(groups)
    ungrouped = code < 0
    code[ungrouped] = code.max(initial=-1) + 1 + np.arange(ungrouped.sum())
    _, code = np.unique(code[known], return_inverse=True)
    if not known.any():
        return float("nan"), float("nan"), float("nan")
    sums = np.bincount(code, weights=scores[known])
    counts = np.bincount(code)
    rng, equal, means = np.random.default_rng(seed), np.full(len(counts), 1 / len(counts)), np.empty(rounds)
    for start in range(0, rounds, _ROUNDS):
        draws = rng.multinomial(len(counts), equal, min(_ROUNDS, rounds - start)).astype(np.float64)
        means[start : start + _ROUNDS] = (draws @ sums) / (draws @ counts)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(scores[known].mean()), float(low), float(high)


def ndcg(found: Sequence[int], relevant: set[int], *, k: int = 20) -> float:
    """Normalised discounted cumulative gain at k of a list, with a gain of 1 for every relevant track.

    NaN if no track is relevant.

    Examples
    --------
    >>> ndcg([1, 2, 9], {1, 2})
    1.0
    """
    gains = [1 / np.log2(rank + 2) for rank, track in enumerate(found[:k]) if track in relevant]
    best = [1 / np.log2(rank + 2) for rank in range(min(k, len(relevant)))]
    return float(sum(gains) / sum(best)) if best else float("nan")


def alpha_ndcg(found: Sequence[int], tastes: Sequence[Collection[int]], *, k: int, alpha: float = 0.5) -> float:
    """NDCG where each further hit of a taste gains ``1 - alpha`` times the one before (Clarke et al., SIGIR 2008).

    The ideal list alternates between the tastes.

    Parameters
    ----------
    found
        The list, in order.
    tastes
        The relevant tracks of each taste.
    k
        Number of tracks that count.
    alpha : float in [0, 1]

    Examples
    --------
    >>> alpha_ndcg([1, 9], [{1, 2}, {9}], k=2)
    1.0
    >>> alpha_ndcg([1, 2], [{1, 2}, {9}], k=2) < 1
    True
    """
    discounts = 1 / np.log2(np.arange(2, k + 2))
    hits, gain = [0] * len(tastes), 0.0
    for track, discount in zip(found[:k], discounts, strict=False):
        for number, taste in enumerate(tastes):
            if track in taste:
                gain += (1 - alpha) ** hits[number] * discount
                hits[number] += 1
    turns = sorted(turn for taste in tastes for turn in range(len(taste)))[:k]
    ideal = sum((1 - alpha) ** turn * discount for turn, discount in zip(turns, discounts, strict=False))
    return float(gain / ideal)


def _best(scores: FloatArray, query: int, n: int) -> IdArray:
    """The n tracks with the highest scores, best first, without the query."""
    order = best_rows(scores, n + 1)
    others: IdArray = order[order != query][: min(n, len(scores) - 1)]
    return others


def best_rows(scores: FloatArray, n: int) -> IdArray:
    """The row numbers of the n highest scores, best first; of equal scores the lower row number is first.

    The n-th highest of the maxima of blocks is exceeded by few other scores, and only these are sorted.

    Examples
    --------
    >>> best_rows(np.array([0.5, 0.9, 0.5, 0.1], np.float32), 2)
    array([1, 0])
    """
    blocks = len(scores) // _BLOCK
    if 0 < n <= blocks:
        maxima = scores[: blocks * _BLOCK].reshape(_BLOCK, blocks).max(axis=0)  # of every so-many-th: along the rows
        candidates = np.flatnonzero(scores >= np.partition(maxima, blocks - n)[blocks - n])
    else:
        candidates = np.arange(len(scores))
    return candidates[np.argsort(-scores[candidates], kind="stable")[:n]]


def _codes(labels: Labels) -> IdArray:
    """A number for each label, -1 for an unknown one."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(label, len(numbers)) if label else -1 for label in labels], np.int64)
