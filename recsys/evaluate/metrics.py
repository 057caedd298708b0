"""Retrieval metrics over a library whose tracks have labels.

The task: every track is a query once, all others are ranked by similarity. ``ranked`` (n, n) holds, row by row, the
numbers of all tracks, nearest first; the query itself may stand anywhere and is left out. Labels are sequences of n
values; an empty one ("" or None) is unknown and never matches.

* :func:`genre_precision`: share of the nearest k by *other artists* that have the query's genre. Without leaving
  out the artist the score is fiction (Flexer & Schnitzer 2010).
* :func:`album_hit_rate`: share of queries, of those whose album has another track, that find one among the nearest k.
* :func:`k_occurrence_skewness`: skewness of how often each track is among the k nearest of others; hubs make it large
  (Radovanović et al. 2010).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recsys.types import DoubleArray, FloatArray, IdArray

Labels = Sequence[str | None]


def rank(vectors: FloatArray) -> IdArray:
    """All tracks in order of cosine to each, (n, n), from unit vectors (n, d); ties go to the lower number."""
    return np.argsort(-(vectors @ vectors.T), axis=1, kind="stable")


def genre_precision(ranked: IdArray, genres: Labels, artists: Labels, *, k: int = 10) -> DoubleArray:
    """Precision at k of each query, (n,), NaN where its genre is unknown or nobody else's track is left."""
    genre, artist = np.asarray(genres, dtype=object), np.asarray(artists, dtype=object)
    scores = np.full(len(ranked), np.nan)
    for query, order in enumerate(ranked):
        others = order[(order != query) & ((artist[order] != artist[query]) | ~_known(artist[order]))][:k]
        if genre[query] and len(others):
            scores[query] = np.mean(genre[others] == genre[query])
    return scores


def album_hit_rate(ranked: IdArray, albums: Labels, *, k: int = 10) -> DoubleArray:
    """1 where a track of the query's album is among the nearest k, else 0, (n,); NaN where there is none to find."""
    album = np.asarray(albums, dtype=object)
    scores = np.full(len(ranked), np.nan)
    for query, order in enumerate(ranked):
        others = order[order != query]
        same = album[others] == album[query]
        if album[query] and same.any():
            scores[query] = float(same[:k].any())
    return scores


def k_occurrence_skewness(ranked: IdArray, *, k: int = 10) -> float:
    """Skewness of the k-occurrences; 0 when every track comes up equally often."""
    nearest = np.stack([order[order != query][:k] for query, order in enumerate(ranked)])
    counts = np.bincount(nearest.ravel(), minlength=len(ranked)).astype(np.float64)
    deviation = counts.std()
    return float(np.mean((counts - counts.mean()) ** 3) / deviation**3) if deviation else 0.0


def _known(labels: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    return np.array([bool(label) for label in labels])
