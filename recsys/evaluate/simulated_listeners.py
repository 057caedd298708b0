"""Simulated listeners: playlists from some tracks of an artist or genre, scored by how many of the others they contain.

A listener has one, two or three tastes. A taste is an artist or a genre; up to five tracks of each are liked, and the
others are *relevant*. If a taste is a genre, all tracks by the artists of the likes are excluded. From the likes alone
each method makes a list of 20, which is scored by the relevant tracks in it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.domain.tracks import Track
from recsys.evaluate.metrics import alpha_ndcg, best_rows, confidence_interval, ndcg
from recsys.evaluate.similarity_models import SimilarityModel
from recsys.metadata.labels import LabelledTracks
from recsys.nearest import NearestIndex
from recsys.recommend.constraints import PlaylistConstraints
from recsys.recommend.playlist import select
from recsys.recommend.pool import WeightedTracks

LENGTH = 20
LIKES = 5
MIN_TRACKS = 4  # of a taste
N_LISTENERS = 60  # of each kind and number of tastes

Recommender = Callable[["Listener", np.random.Generator], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Listener:
    """A simulated listener; tracks are row numbers.

    Parameters
    ----------
    likes, tastes
        Liked tracks, and all tracks, of each taste. Listeners share the sets: a genre may have thousands of tracks.
    excluded
        Tracks that a list must not contain: the likes, and those by their artists if tastes are genres.
    """

    likes: tuple[tuple[int, ...], ...]
    tastes: tuple[frozenset[int], ...]
    excluded: frozenset[int]

    @property
    def relevant(self) -> tuple[frozenset[int], ...]:
        """The tracks of each taste that a list may contain."""
        return tuple(taste - self.excluded for taste in self.tastes)

    @property
    def liked(self) -> list[int]:
        """The likes of all tastes."""
        return [track for taste in self.likes for track in taste]


def simulate_listeners(
    labelled: LabelledTracks, kind: str, tastes: int, *, count: int = N_LISTENERS, seed: int = 0
) -> list[Listener]:
    """Simulate listeners.

    Parameters
    ----------
    labelled
        The tracks of the library.
    kind : "artist" or "genre"
        What a taste is.
    tastes
        Number of tastes of a listener.
    count
        Number of listeners; fewer are returned if some have a taste without relevant tracks.
    seed

    Returns
    -------
    list of Listener
        Empty if fewer than two, or fewer than ``tastes``, artists or genres have :data:`MIN_TRACKS` tracks.
    """
    rng = np.random.default_rng([seed, tastes, kind == "artist"])
    labels = labelled.artists if kind == "artist" else labelled.genres
    groups: dict[str, list[int]] = {}
    for track, label in enumerate(labels):
        if label:
            groups.setdefault(label, []).append(track)
    names = sorted(name for name, tracks in groups.items() if len(tracks) >= MIN_TRACKS)
    tracks_of = {name: frozenset(groups[name]) for name in names}
    if len(names) < max(tastes, 2):
        return []
    listeners = []
    for _ in range(count):
        likes: list[list[int]] = []
        chosen = rng.choice(names, tastes, replace=False).tolist()
        for name in chosen:
            tracks = rng.permutation(groups[name])
            likes.append(tracks[: min(LIKES, len(tracks) // 2)].tolist())
        excluded = {track for taste in likes for track in taste}
        if kind == "genre":
            liked_artists = {labelled.artists[track] for track in excluded} - {None}
            excluded |= {track for track, artist in enumerate(labelled.artists) if artist in liked_artists}
        listener = Listener(tuple(map(tuple, likes)), tuple(tracks_of[name] for name in chosen), frozenset(excluded))
        if all(listener.relevant):
            listeners.append(listener)
    return listeners


def recommenders(
    model: SimilarityModel, index: NearestIndex, ids: IdArray, labelled: LabelledTracks
) -> dict[str, Recommender]:
    """recsys and the baselines by name, all with the same similarity model: they differ in how they use the likes."""
    known = {track.id: track for track in labelled.tracks}

    def tracks_by_id(found: Iterable[int]) -> dict[int, Track]:
        return {i: known[i] for i in found}

    numbers: dict[str | None, int] = {}
    genre_numbers = np.array([numbers.setdefault(track.genre, len(numbers)) for track in labelled.tracks], np.int64)
    row_of = {int(i): number for number, i in enumerate(ids.tolist())}

    allowed = ids if len(ids) < len(index) else None

    def candidates(listener: Listener) -> IdArray:
        return np.delete(np.arange(len(ids)), list(listener.excluded))

    def top(listener: Listener, scores: FloatArray) -> Sequence[int]:
        """The tracks with the highest scores (n,), best first, of those that are not excluded."""
        scores[list(listener.excluded)] = -np.inf
        rows = best_rows(scores, LENGTH)
        return [int(row) for row in rows[scores[rows] > -np.inf]]

    def recsys(listener: Listener, rng: np.random.Generator) -> Sequence[int]:
        likes = WeightedTracks.of([labelled.tracks[track] for track in listener.liked])
        constraints = PlaylistConstraints(n=LENGTH, max_per_artist=0)
        pool, chosen, _ = select(
            index, likes, WeightedTracks.of([]), constraints,
            allowed=allowed, excluded=ids[list(listener.excluded)], quotas={}, tracks=tracks_by_id,
        )  # fmt: skip
        return [row_of[pool.tracks[i].id] for i in chosen]

    def centroid(listener: Listener, rng: np.random.Generator) -> Sequence[int]:
        return top(listener, model.vectors @ model.vectors[listener.liked].mean(axis=0))

    def union(listener: Listener, rng: np.random.Generator) -> Sequence[int]:
        return top(listener, (model.vectors[listener.liked] @ model.vectors.T).max(axis=0))

    def same_genre(listener: Listener, rng: np.random.Generator) -> Sequence[int]:
        rows = candidates(listener)
        rows = rows[np.isin(genre_numbers[rows], genre_numbers[listener.liked])]
        return [int(track) for track in rng.permutation(rows)[:LENGTH]]

    def chance(listener: Listener, rng: np.random.Generator) -> Sequence[int]:
        return [int(track) for track in rng.permutation(candidates(listener))[:LENGTH]]

    return {
        "recsys": recsys,
        "one centroid": centroid,
        "nearest to any like": union,
        "same genre, else chance": same_genre,
        "chance": chance,
    }


@dataclass(frozen=True, slots=True)
class ListScores:
    """Means over ``listeners`` listeners.

    Parameters
    ----------
    listeners : int
    recall, r_precision, ndcg : float in [0, 1]
        Of the relevant tracks.
    alpha_ndcg : float in [0, 1]
        Every further hit of a taste gains half of the one before (Clarke et al., SIGIR 2008), so that a list of one
        taste alone has a low score.
    tastes_met : float in [0, 1]
        Share of the tastes of which a list has a relevant track.
    coverage : float in [0, 1]
        Share of the library that is in any list.
    diversity : float in [0, 2]
        1 minus the mean cosine of the pairs in a list.
    intervals : dict of str to (float, float)
        The 95 % interval of each mean, by bootstrap over listeners; a coverage has none.
    """

    listeners: int
    recall: float
    r_precision: float
    ndcg: float
    alpha_ndcg: float
    tastes_met: float
    coverage: float
    diversity: float
    intervals: dict[str, tuple[float, float]]


def score_lists(
    recommender: Recommender, listeners: Sequence[Listener], vectors: FloatArray, *, seed: int = 0
) -> ListScores:
    """Score the lists of a recommender for listeners, of which there must be at least one.

    Parameters
    ----------
    recommender
        Returns a list of row numbers for a listener.
    listeners
    vectors : (n, d)
        Unit vectors of all tracks, for ``diversity``.
    seed
        Of the generator that the recommender is called with.
    """
    scores: list[dict[str, float]] = []
    seen: set[int] = set()
    for number, listener in enumerate(listeners):
        found = list(recommender(listener, np.random.default_rng([seed, number])))
        tastes = listener.relevant
        relevant = set[int]().union(*tastes)
        hits = [track in relevant for track in found]
        met = sum(bool(taste & set(found)) for taste in tastes) / len(tastes)
        cosines = vectors[found] @ vectors[found].T
        pairs = len(found) * (len(found) - 1)
        spread = 1 - float(cosines.sum() - np.trace(cosines)) / pairs if pairs else 0.0
        r = min(len(relevant), LENGTH)
        scores.append({
            "recall": sum(hits) / len(relevant), "r_precision": sum(hits[:r]) / r,
            "ndcg": ndcg(found, relevant, k=LENGTH), "alpha_ndcg": alpha_ndcg(found, tastes, k=LENGTH),
            "tastes_met": met, "diversity": spread,
        })  # fmt: skip
        seen.update(found)
    means, intervals = mean_scores(scores)
    return ListScores(len(listeners), **means, coverage=len(seen) / len(vectors), intervals=intervals)


def mean_scores(scores: Sequence[Mapping[str, float]]) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    """The mean of each score over listeners, and its 95 % interval by bootstrap over them.

    Examples
    --------
    >>> mean_scores([{"recall": 1.0}, {"recall": 0.0}])
    ({'recall': 0.5}, {'recall': (0.0, 1.0)})
    """
    found = {
        name: confidence_interval(np.array([each[name] for each in scores]), [None] * len(scores))
        for name in (scores[0] if scores else ())
    }
    return {name: mean for name, (mean, *_) in found.items()}, {
        name: (low, high) for name, (_, low, high) in found.items()
    }
