"""Simulated listeners: would the playlists of those who like a part of something hold the rest of it?

A listener has one, two or three tastes. A taste is an artist, or a genre; of each, up to five tracks are liked, and
the others are *wanted*. Whose taste is a genre wants other artists: those that are liked are out of the running. From
the likes alone each method makes a list of 20, and the list is scored by what it has of what is wanted.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.domain.tracks import Track
from recsys.evaluate.metrics import alpha_ndcg, ndcg
from recsys.evaluate.similarity_models import SimilarityModel
from recsys.metadata.labels import LabelledTracks
from recsys.nearest import NearestIndex
from recsys.recommend.constraints import PlaylistConstraints
from recsys.recommend.playlist import select
from recsys.recommend.pool import WeightedTracks

LENGTH = 20
LIKES = 5
MIN_TRACKS = 4  # tracks of a taste
N_LISTENERS = 60  # for each kind and number of tastes

Recommender = Callable[["Listener", np.random.Generator], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Listener:
    """Likes, taste by taste, what is wanted of each, and what may not be in a list; numbers of tracks."""

    likes: tuple[tuple[int, ...], ...]
    relevant: tuple[frozenset[int], ...]
    excluded: frozenset[int]

    @property
    def liked(self) -> list[int]:
        """All likes."""
        return [track for taste in self.likes for track in taste]


def simulate_listeners(
    labelled: LabelledTracks, kind: str, tastes: int, *, count: int = N_LISTENERS, seed: int = 0
) -> list[Listener]:
    """``count`` listeners with so many tastes of one ``kind``, "artist" or "genre"; none where there are too few."""
    rng = np.random.default_rng([seed, tastes, kind == "artist"])
    labels = labelled.artists if kind == "artist" else labelled.genres
    groups: dict[str, list[int]] = {}
    for track, label in enumerate(labels):
        if label:
            groups.setdefault(label, []).append(track)
    names = sorted(name for name, tracks in groups.items() if len(tracks) >= MIN_TRACKS)
    if len(names) < max(tastes, 2):
        return []
    made = []
    for _ in range(count):
        likes: list[list[int]] = []
        tastes_of: list[frozenset[int]] = []
        for name in rng.choice(names, tastes, replace=False):
            tracks = rng.permutation(groups[name]).tolist()
            likes.append(tracks[: min(LIKES, len(tracks) // 2)])
            tastes_of.append(frozenset(tracks))
        excluded = {track for taste in likes for track in taste}
        if kind == "genre":
            heard = {labelled.artists[track] for track in excluded} - {None}
            excluded |= {track for track, artist in enumerate(labelled.artists) if artist in heard}
        wanted = tuple(taste - excluded for taste in tastes_of)
        if all(wanted):
            made.append(Listener(tuple(map(tuple, likes)), wanted, frozenset(excluded)))
    return made


def recommenders(
    model: SimilarityModel, index: NearestIndex, ids: IdArray, labelled: LabelledTracks
) -> dict[str, Recommender]:
    """recsys and the ways of others, all in the same space of sounds: what differs is what is made of the likes."""
    known = {track.id: track for track in labelled.tracks}

    def lookup(wanted: Iterable[int]) -> dict[int, Track]:
        return {i: known[i] for i in wanted}

    where = {int(i): number for number, i in enumerate(ids.tolist())}

    def may(listener: Listener) -> IdArray:
        return np.array([track for track in range(len(ids)) if track not in listener.excluded], np.int64)

    def recsys(listener: Listener, rng: np.random.Generator) -> Sequence[int]:
        likes = WeightedTracks.of([labelled.tracks[track] for track in listener.liked])
        wish = PlaylistConstraints(n=LENGTH, max_per_artist=0)
        pool, chosen, _ = select(
            index, likes, WeightedTracks.of([]), wish,
            allowed=ids[may(listener)], excluded=ids[:0], quotas={}, tracks=lookup,
        )  # fmt: skip
        return [where[pool.tracks[i].id] for i in chosen]

    def centroid(listener: Listener, rng: np.random.Generator) -> Sequence[int]:
        free, centre = may(listener), model.vectors[listener.liked].mean(axis=0)
        return _top(free, model.vectors[free] @ centre)

    def union(listener: Listener, rng: np.random.Generator) -> Sequence[int]:
        free = may(listener)
        return _top(free, (model.vectors[free] @ model.vectors[listener.liked].T).max(axis=1))

    def same_genre(listener: Listener, rng: np.random.Generator) -> Sequence[int]:
        genres = {labelled.tracks[track].genre for track in listener.liked}
        free = [track for track in may(listener).tolist() if labelled.tracks[track].genre in genres]
        return [int(track) for track in rng.permutation(free)[:LENGTH]]

    def chance(listener: Listener, rng: np.random.Generator) -> Sequence[int]:
        return [int(track) for track in rng.permutation(may(listener))[:LENGTH]]

    return {
        "recsys": recsys,
        "one centroid": centroid,
        "nearest to any like": union,
        "same genre, else chance": same_genre,
        "chance": chance,
    }


def _top(free: IdArray, scores: FloatArray) -> list[int]:
    """The tracks among ``free`` with the highest scores (n,)."""
    return [int(track) for track in free[np.argsort(-scores, kind="stable")[:LENGTH]]]


@dataclass(frozen=True, slots=True)
class ListScores:
    """Means over listeners, whose number comes first.

    Recall, R-precision and NDCG of what is wanted; ``alpha_ndcg``, where every further hit of a taste counts half of
    the one before (Clarke et al., SIGIR 2008), so that a list of one taste alone scores little; share of tastes that a
    list meets; ``coverage``, the share of the library that stands in any list; ``diversity``, one minus the mean
    cosine of the pairs in a list.
    """

    listeners: int
    recall: float
    r_precision: float
    ndcg: float
    alpha_ndcg: float
    tastes_met: float
    coverage: float
    diversity: float


def score_lists(
    recommender: Recommender, asked: Sequence[Listener], vectors: FloatArray, *, seed: int = 0
) -> ListScores:
    """What a way of making lists is worth to these listeners, at least one."""
    scores: list[tuple[float, ...]] = []
    seen: set[int] = set()
    for number, listener in enumerate(asked):
        found = list(recommender(listener, np.random.default_rng([seed, number])))
        wanted = set[int]().union(*listener.relevant)
        hits = [track in wanted for track in found]
        met = sum(bool(taste & set(found)) for taste in listener.relevant) / len(listener.relevant)
        cosines = vectors[found] @ vectors[found].T
        pairs = len(found) * (len(found) - 1)
        spread = 1 - float(cosines.sum() - np.trace(cosines)) / pairs if pairs else 0.0
        r = min(len(wanted), LENGTH)
        gains = ndcg(found, wanted, k=LENGTH), alpha_ndcg(found, listener.relevant, k=LENGTH)
        scores.append((sum(hits) / len(wanted), sum(hits[:r]) / r, *gains, met, spread))
        seen.update(found)
    recall, r_precision, gain, alpha, tastes, diversity = np.mean(scores, axis=0).tolist()
    coverage = len(seen) / len(vectors)
    return ListScores(len(asked), recall, r_precision, gain, alpha, tastes, coverage, diversity)
