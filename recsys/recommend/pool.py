"""The tracks that a playlist is chosen from: near to the likes, worth something to the taste, not barred."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.domain.tracks import Track
from recsys.metadata.albums import album_numbers
from recsys.metadata.names import track_artist_key
from recsys.nearest import NO_ID, NearestIndex
from recsys.recommend.candidates import Candidates
from recsys.recommend.constraints import PlaylistConstraints
from recsys.recommend.dislikes import near_dislikes
from recsys.recommend.selection import Lookup, id_array
from recsys.recommend.taste import MAX_LIKES, UserModel, chance_floor, fit_preference_model
from recsys.recommend.versions import version_groups

QuotaMembers: TypeAlias = "np.ndarray[tuple[int, int], np.dtype[np.bool_]]"

BACKGROUND = 512  # sounds of the library that a taste is held against
SEED_NOISE = 0.1  # of the best worth: the deviation of what another seed than 0 adds to that of each track
#: Of the worth of the best: what is worth less is no candidate of an interest, while others have better. The first for
#: a taste that is particular, the second for one that is not (Taste.particular).
MIN_RELATIVE_SCORE = (0.3, 0.75)
MIN_LIKES = 5  # likes below which a taste is taken to be particular
EXPLORATION_EDGE = 0.25  # of the worth of the best, where the edge of an interest lies
_EXHAUSTIVE_LIMIT = 4096  # tracks up to which all are looked at
_SPARE_CANDIDATES = 25  # candidates of an interest or quota beyond twice what it is due


@dataclass(frozen=True, slots=True)
class WeightedTracks:
    """Some tracks that are liked or disliked, and how much each counts: (n,) in (0, 1].

    ``named``: these tracks are seeds of a list; others are rated.
    """

    tracks: tuple[Track, ...]
    weights: DoubleArray
    named: bool = False

    @classmethod
    def of(
        cls, tracks: Sequence[Track], weights: Sequence[float] | DoubleArray | None = None, *, named: bool = False
    ) -> "WeightedTracks":
        """Tracks that count alike, or as they weigh."""
        return cls(tuple(tracks), np.ones(len(tracks)) if weights is None else np.asarray(weights, np.float64), named)

    def sample(self, rng: np.random.Generator) -> "WeightedTracks":
        """So many as can have their say: by chance, the heavier the likelier."""
        if len(self.tracks) <= MAX_LIKES:
            return self
        kept = np.sort(rng.choice(len(self.tracks), MAX_LIKES, replace=False, p=self.weights / self.weights.sum()))
        return WeightedTracks(tuple(self.tracks[i] for i in kept), self.weights[kept], self.named)


@dataclass(frozen=True, slots=True)
class Pool:
    """What there is to choose from, the tracks one by one beside ``candidates``; ``is_complete``: there is no more.

    ``similarities`` (n,) is the similarity of each to the like nearest to it, ``target_shares`` (i,) the share of each
    interest, ``quota_exhausted`` (q,) whether all tracks of a quota are there. ``n_dissimilar`` tracks were left out
    because they are nearer to no like than the ``floor``, ``n_near_dislikes`` ones because of a dislike.
    """

    tracks: tuple[Track, ...]
    similarities: FloatArray
    candidates: Candidates
    target_shares: DoubleArray
    is_complete: bool
    quota_exhausted: tuple[bool, ...]
    floor: float
    n_dissimilar: int
    n_near_dislikes: int


def fit_user_model(index: NearestIndex, likes: WeightedTracks, rng: np.random.Generator) -> UserModel:
    """The taste of who likes these, held against a sample of the library."""
    ids, heard = index.ids, index.vectors(id_array(likes.tracks))
    likes = likes.sample(rng)
    sample = np.sort(ids if len(ids) <= BACKGROUND else rng.choice(ids, BACKGROUND, replace=False))
    background, densities = index.vectors(sample), index.densities(sample)
    floor = chance_floor(index.similarities(background, background, densities=densities, other_densities=densities))
    fitted = fit_preference_model(
        index.vectors(id_array(likes.tracks)), likes.weights, background,
        floor=floor, artist_specificity=1.0 if likes.named else _artist_specificity(likes.tracks),
    )  # fmt: skip
    return replace(fitted, all_likes=heard)


def _artist_specificity(tracks: Sequence[Track]) -> float:
    """How far likes stand for certain artists: 0 where no more than half have another by their artist, 1 where all do.

    Likes of a kind of music have others by their artist as well, by chance: two in five of simulated listeners' likes.
    Few likes tell of no kind of music; each has its turn.
    """
    if len(tracks) < MIN_LIKES:
        return 1.0
    artists = [track_artist_key(track) for track in tracks]
    times = Counter(artists)
    shared = sum(artist is not None and times[artist] > 1 for artist in artists)
    return max(0.0, 2 * shared / len(artists) - 1)


def build_candidates(
    index: NearestIndex,
    user_model: UserModel,
    likes: WeightedTracks,
    dislikes: WeightedTracks,
    constraints: PlaylistConstraints,
    *,
    n: int,
    search_depth: int,
    allowed: IdArray | None,
    excluded: IdArray,
    quotas: Mapping[str, IdArray],
    tracks: Lookup,
    rng: np.random.Generator,
) -> Pool:
    """Candidates for about ``n`` tracks, ``search_depth`` near each like; of each quota's ids (``quotas`` by genre) as
    many.

    Likes, dislikes and other versions of them are not among them, but for the likes that the wish includes, which come
    first; of the others the most worth. What is no nearer to a like than chance is none, unless a quota asks for it.
    """
    found, whole = _near(index, user_model, search_depth, allowed, excluded)
    complete = []
    for quota in constraints.quotas:
        ids = quotas[quota.genre]
        more, all_of_it = _near(
            index, user_model, search_depth, ids if allowed is None else np.intersect1d(ids, allowed), excluded
        )
        found, whole = np.union1d(found, more), whole and all_of_it
        complete.append(all_of_it)
    vectors = index.vectors(found)
    interests, cosines = user_model.nearest(vectors)
    similarities = _similarities(index, likes.tracks, found, vectors)
    counted = _quota_members(constraints, quotas, found)
    strange = (similarities < user_model.floor) & ~counted.any(axis=0)
    driven = near_dislikes(
        index, found, vectors, cosines, id_array(dislikes.tracks), dislikes.weights, named=likes.named
    )  # fmt: skip
    fit = np.flatnonzero(~strange & ~driven)
    within = (vectors @ user_model.likes.T >= user_model.floor).sum(axis=0)
    if len(found) and within.max() < search_depth / 2:  # half, as hubs stand further back than their cosine says
        whole = True
    left_out = int(strange.sum()), int((driven & ~strange).sum())
    found, vectors, interests, similarities, counted = (
        found[fit],
        vectors[fit],
        interests[fit],
        similarities[fit],
        counted[:, fit],
    )
    scores = user_model.scores(vectors)
    if constraints.seed and len(found):  # seed 0 is the best list; others are nearly as good
        scores = scores + rng.normal(0, SEED_NOISE * max(float(scores.max()), 0.0), len(found))
    scores = _explore(scores, interests, len(user_model.interests), constraints.exploration / 10)
    target_shares = _target_shares(user_model, scores, interests, n)
    kept = _best(scores, interests, user_model, counted, n)
    whole = whole and len(kept) == len(found)
    lost = counted.sum(axis=1) - counted[:, kept].sum(axis=1)
    exhausted = tuple(all_of_it and not out for all_of_it, out in zip(complete, lost.tolist(), strict=True))
    there = tracks(found[kept].tolist())
    kept = np.array([i for i in kept.tolist() if int(found[i]) in there], np.int64)
    seeds = (*likes.tracks, *dislikes.tracks)
    listed = [there[int(found[i])] for i in kept]
    numbers = version_groups([*seeds, *listed], np.vstack([index.vectors(id_array(seeds)), vectors[kept]]))
    free = np.flatnonzero(~np.isin(numbers[len(seeds) :], numbers[: len(seeds)]))
    kept, listed = kept[free], [listed[i] for i in free]
    candidates = Candidates(
        scores[kept], vectors[kept], np.array([track.duration for track in listed], np.float64), interests[kept],
        numbers[len(seeds) :][free], _numbered([track_artist_key(t) for t in listed]), _numbered(album_numbers(listed)),
        counted[:, kept],
    )  # fmt: skip
    pool = Pool(
        tuple(listed), similarities[kept], candidates, target_shares, whole, exhausted, user_model.floor, *left_out
    )
    if not constraints.include_seeds:
        return pool
    there_now = [i for i, track in enumerate(likes.tracks) if not track.missing]
    named = [likes.tracks[i] for i in there_now]
    return _with_tracks(
        pool, named, numbers[there_now], index, user_model, _quota_members(constraints, quotas, id_array(named))
    )


def _similarities(index: NearestIndex, likes: Sequence[Track], ids: IdArray, vectors: FloatArray) -> FloatArray:
    """The similarity (n,) of each of some tracks to the like to which it is most similar."""
    liked = id_array(likes)
    similarities = index.similarities(
        index.vectors(liked), vectors, densities=index.densities(liked), other_densities=index.densities(ids)
    )
    return np.asarray(similarities.max(axis=0))


def _with_tracks(
    pool: Pool,
    tracks: Sequence[Track],
    numbers: IdArray,
    index: NearestIndex,
    user_model: UserModel,
    quota_members: QuotaMembers,
) -> Pool:
    """A pool whose first candidates are these tracks, which stand in every list; ``numbers`` are of their works."""
    vectors, there = index.vectors(id_array(tracks)), pool.candidates
    interests, _ = user_model.nearest(vectors)
    similarities = np.ones(len(tracks), np.float32)
    listed = (*tracks, *pool.tracks)
    candidates = Candidates(
        np.concatenate([user_model.scores(vectors), there.scores]), np.vstack([vectors, there.vectors]),
        np.array([track.duration for track in listed], np.float64), np.concatenate([interests, there.interests]),
        np.concatenate([numbers, there.version_groups]),
        _numbered([track_artist_key(t) for t in listed]), _numbered(album_numbers(listed)),
        np.hstack([quota_members, there.quotas]), fixed=len(tracks),
    )  # fmt: skip
    return replace(
        pool, tracks=listed, similarities=np.concatenate([similarities, pool.similarities]), candidates=candidates
    )


def _quota_members(constraints: PlaylistConstraints, quotas: Mapping[str, IdArray], ids: IdArray) -> QuotaMembers:
    """Whether (q, n) each of some tracks counts for each quota."""
    counted = np.zeros((len(constraints.quotas), len(ids)), bool)
    for row, quota in zip(counted, constraints.quotas, strict=True):
        row[:] = np.isin(ids, quotas[quota.genre])
    return counted


def _near(
    index: NearestIndex, user_model: UserModel, search_depth: int, allowed: IdArray | None, excluded: IdArray
) -> tuple[IdArray, bool]:
    """Ids near to any like, rising, and whether these are all there are."""
    most = len(index) if allowed is None else len(allowed)
    if most <= max(_EXHAUSTIVE_LIMIT, search_depth):
        return np.setdiff1d(index.ids if allowed is None else index.intersect(allowed), excluded), True
    near, _ = index.search(
        user_model.likes,
        search_depth,
        densities=np.zeros(len(user_model.likes), np.float32),
        allowed=allowed,
        excluded=excluded,
    )
    return np.setdiff1d(near, [NO_ID]), False


def _target_shares(user_model: UserModel, scores: DoubleArray, interests: IdArray, n: int) -> DoubleArray:
    """The share (i,) of each interest, less where so many that are worth something are not to be had."""
    shares = np.array([interest.share for interest in user_model.interests])
    if not len(scores):
        return shares
    poor = MIN_RELATIVE_SCORE[1] + (MIN_RELATIVE_SCORE[0] - MIN_RELATIVE_SCORE[1]) * user_model.artist_specificity
    decent = np.bincount(interests[scores >= poor * max(float(scores.max()), 0.0)], minlength=len(shares))
    return np.asarray(np.minimum(shares, decent / n))


def _explore(scores: DoubleArray, interests: IdArray, count: int, exploration: float) -> DoubleArray:
    """Worth (n,) by how near it lies to what is sought: the best of its interest, or what lies nearer to its edge."""
    if not exploration:
        return scores
    sought = scores.copy()
    for interest in range(count):
        rows = np.flatnonzero(interests == interest)
        if len(rows):
            best = scores[rows].max()
            middle = best - exploration * (1 - EXPLORATION_EDGE) * max(best, 0)
            sought[rows] = middle - np.abs(scores[rows] - middle)
    return sought


def _best(
    scores: DoubleArray,
    interests: IdArray,
    user_model: UserModel,
    quota_members: QuotaMembers,
    n: int,
) -> IdArray:
    """Rows of the best of all, of each interest and of each quota, the best first."""
    order = np.argsort(-scores, kind="stable")
    kept = [order[: n + _SPARE_CANDIDATES]]
    for number, interest in enumerate(user_model.interests):
        kept.append(order[interests[order] == number][: int(2 * n * interest.share) + _SPARE_CANDIDATES])
    kept += [order[members[order]][: 2 * n + _SPARE_CANDIDATES] for members in quota_members]
    chosen = np.unique(np.concatenate(kept))
    return chosen[np.argsort(-scores[chosen], kind="stable")]


def _numbered(names: Sequence[object]) -> IdArray:
    """Numbers (n,) from 0, the same for the same name; each None has a negative one of its own."""
    numbers: dict[object, int] = {}
    return np.array(
        [-1 - i if name is None else numbers.setdefault(name, len(numbers)) for i, name in enumerate(names)], np.int64
    )
