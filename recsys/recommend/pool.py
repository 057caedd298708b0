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
from recsys.nearest import NOBODY, NearestIndex
from recsys.recommend.candidates import Candidates
from recsys.recommend.constraints import Wish
from recsys.recommend.dislikes import shunned
from recsys.recommend.selection import Lookup, id_array
from recsys.recommend.taste import MOST, Taste, chance_floor, fit_taste
from recsys.recommend.versions import works

Counted: TypeAlias = "np.ndarray[tuple[int, int], np.dtype[np.bool_]]"

BACKGROUND = 512  # sounds of the library that a taste is held against
CHANCE = 0.1  # of the best worth: the deviation of what another seed than 0 adds to that of each track
#: Of the worth of the best: what is worth less is no candidate of an interest, while others have better. The first for
#: a taste that is particular, the second for one that is not (Taste.particular).
POOR = (0.3, 0.75)
FEW = 5  # likes below which a taste is taken to be particular
EDGE = 0.25  # of the worth of the best, where the edge of an interest lies
_ALL = 4096  # tracks up to which all are looked at
_BEYOND = 25  # candidates of an interest or quota beyond twice what it is due


@dataclass(frozen=True, slots=True)
class Weighed:
    """Some tracks that are liked or disliked, and how much each counts: (n,) in (0, 1].

    ``named``: these tracks are seeds of a list; others are rated.
    """

    tracks: tuple[Track, ...]
    weights: DoubleArray
    named: bool = False

    @classmethod
    def of(
        cls, tracks: Sequence[Track], weights: Sequence[float] | DoubleArray | None = None, *, named: bool = False
    ) -> "Weighed":
        """Tracks that count alike, or as they weigh."""
        return cls(tuple(tracks), np.ones(len(tracks)) if weights is None else np.asarray(weights, np.float64), named)

    def drawn(self, rng: np.random.Generator) -> "Weighed":
        """So many as can have their say: by chance, the heavier the likelier."""
        if len(self.tracks) <= MOST:
            return self
        kept = np.sort(rng.choice(len(self.tracks), MOST, replace=False, p=self.weights / self.weights.sum()))
        return Weighed(tuple(self.tracks[i] for i in kept), self.weights[kept], self.named)


@dataclass(frozen=True, slots=True)
class Pool:
    """What there is to choose from, the tracks one by one beside ``candidates``; ``whole``: there is no more.

    ``alike`` (n,) is the similarity of each to the like nearest to it, ``due`` (i,) the share of each interest,
    ``exhausted`` (q,) whether all tracks of a quota are there. ``strange`` tracks were left out because they are nearer
    to no like than the ``floor``, ``shunned`` ones because of a dislike.
    """

    tracks: tuple[Track, ...]
    alike: FloatArray
    candidates: Candidates
    due: DoubleArray
    whole: bool
    exhausted: tuple[bool, ...]
    floor: float
    strange: int
    shunned: int


def taste_of(index: NearestIndex, likes: Weighed, rng: np.random.Generator) -> Taste:
    """The taste of who likes these, held against a sample of the library."""
    ids, heard = index.ids, index.vectors(id_array(likes.tracks))
    likes = likes.drawn(rng)
    sample = np.sort(ids if len(ids) <= BACKGROUND else rng.choice(ids, BACKGROUND, replace=False))
    background, densities = index.vectors(sample), index.densities(sample)
    floor = chance_floor(index.similarities(background, background, densities=densities, other_densities=densities))
    fitted = fit_taste(
        index.vectors(id_array(likes.tracks)), likes.weights, background,
        floor=floor, particular=1.0 if likes.named else _particular(likes.tracks),
    )  # fmt: skip
    return replace(fitted, all_likes=heard)


def _particular(tracks: Sequence[Track]) -> float:
    """How far likes stand for certain artists: 0 where no more than half have another by their artist, 1 where all do.

    Likes of a kind of music have others by their artist as well, by chance: two in five of simulated listeners' likes.
    Few likes tell of no kind of music; each has its turn.
    """
    if len(tracks) < FEW:
        return 1.0
    artists = [track_artist_key(track) for track in tracks]
    times = Counter(artists)
    shared = sum(artist is not None and times[artist] > 1 for artist in artists)
    return max(0.0, 2 * shared / len(artists) - 1)


def gather(
    index: NearestIndex,
    taste: Taste,
    likes: Weighed,
    dislikes: Weighed,
    wish: Wish,
    *,
    n: int,
    reach: int,
    allowed: IdArray | None,
    barred: IdArray,
    quotas: Mapping[str, IdArray],
    tracks: Lookup,
    rng: np.random.Generator,
) -> Pool:
    """Candidates for about ``n`` tracks, ``reach`` near each like; of each quota's ids (``quotas`` by genre) as many.

    Likes, dislikes and other versions of them are not among them, but for the likes that the wish includes, which come
    first; of the others the most worth. What is no nearer to a like than chance is none, unless a quota asks for it.
    """
    found, whole = _near(index, taste, reach, allowed, barred)
    complete = []
    for quota in wish.quotas:
        ids = quotas[quota.genre]
        more, all_of_it = _near(index, taste, reach, ids if allowed is None else np.intersect1d(ids, allowed), barred)
        found, whole = np.union1d(found, more), whole and all_of_it
        complete.append(all_of_it)
    vectors = index.vectors(found)
    interests, cosines = taste.nearest(vectors)
    alike = _similarities(index, likes.tracks, found, vectors)
    counted = _counted(wish, quotas, found)
    strange = (alike < taste.floor) & ~counted.any(axis=0)
    driven = shunned(
        index, found, vectors, cosines, id_array(dislikes.tracks), dislikes.weights, named=likes.named
    )  # fmt: skip
    fit = np.flatnonzero(~strange & ~driven)
    within = (vectors @ taste.likes.T >= taste.floor).sum(axis=0)
    if len(found) and within.max() < reach / 2:  # half, as hubs stand further back than their cosine says
        whole = True
    left_out = int(strange.sum()), int((driven & ~strange).sum())
    found, vectors, interests, alike, counted = found[fit], vectors[fit], interests[fit], alike[fit], counted[:, fit]
    worth = taste.scores(vectors)
    if wish.seed and len(found):  # seed 0 is the best list; others are nearly as good
        worth = worth + rng.normal(0, CHANCE * max(float(worth.max()), 0.0), len(found))
    worth = _adventurous(worth, interests, len(taste.interests), wish.adventure / 10)
    due = _due(taste, worth, interests, n)
    kept = _best(worth, interests, taste, counted, n)
    whole = whole and len(kept) == len(found)
    lost = counted.sum(axis=1) - counted[:, kept].sum(axis=1)
    exhausted = tuple(all_of_it and not out for all_of_it, out in zip(complete, lost.tolist(), strict=True))
    there = tracks(found[kept].tolist())
    kept = np.array([i for i in kept.tolist() if int(found[i]) in there], np.int64)
    seeds = (*likes.tracks, *dislikes.tracks)
    listed = [there[int(found[i])] for i in kept]
    numbers = works([*seeds, *listed], np.vstack([index.vectors(id_array(seeds)), vectors[kept]]))
    free = np.flatnonzero(~np.isin(numbers[len(seeds) :], numbers[: len(seeds)]))
    kept, listed = kept[free], [listed[i] for i in free]
    candidates = Candidates(
        worth[kept], vectors[kept], np.array([track.duration for track in listed], np.float64), interests[kept],
        numbers[len(seeds) :][free], _numbered([track_artist_key(t) for t in listed]), _numbered(album_numbers(listed)),
        counted[:, kept],
    )  # fmt: skip
    pool = Pool(tuple(listed), alike[kept], candidates, due, whole, exhausted, taste.floor, *left_out)
    if not wish.include_seeds:
        return pool
    there_now = [i for i, track in enumerate(likes.tracks) if not track.missing]
    named = [likes.tracks[i] for i in there_now]
    return _with(pool, named, numbers[there_now], index, taste, _counted(wish, quotas, id_array(named)))


def _similarities(index: NearestIndex, likes: Sequence[Track], ids: IdArray, vectors: FloatArray) -> FloatArray:
    """The similarity (n,) of each of some tracks to the like to which it is most similar."""
    liked = id_array(likes)
    similarities = index.similarities(
        index.vectors(liked), vectors, densities=index.densities(liked), other_densities=index.densities(ids)
    )
    return np.asarray(similarities.max(axis=0))


def _with(
    pool: Pool, tracks: Sequence[Track], numbers: IdArray, index: NearestIndex, taste: Taste, counted: Counted
) -> Pool:
    """A pool whose first candidates are these tracks, which stand in every list; ``numbers`` are of their works."""
    vectors, there = index.vectors(id_array(tracks)), pool.candidates
    interests, _ = taste.nearest(vectors)
    alike = np.ones(len(tracks), np.float32)
    listed = (*tracks, *pool.tracks)
    candidates = Candidates(
        np.concatenate([taste.scores(vectors), there.worth]), np.vstack([vectors, there.vectors]),
        np.array([track.duration for track in listed], np.float64), np.concatenate([interests, there.interests]),
        np.concatenate([numbers, there.works]),
        _numbered([track_artist_key(t) for t in listed]), _numbered(album_numbers(listed)),
        np.hstack([counted, there.quotas]), fixed=len(tracks),
    )  # fmt: skip
    return replace(pool, tracks=listed, alike=np.concatenate([alike, pool.alike]), candidates=candidates)


def _counted(wish: Wish, quotas: Mapping[str, IdArray], ids: IdArray) -> Counted:
    """Whether (q, n) each of some tracks counts for each quota."""
    counted = np.zeros((len(wish.quotas), len(ids)), bool)
    for row, quota in zip(counted, wish.quotas, strict=True):
        row[:] = np.isin(ids, quotas[quota.genre])
    return counted


def _near(
    index: NearestIndex, taste: Taste, reach: int, allowed: IdArray | None, barred: IdArray
) -> tuple[IdArray, bool]:
    """Ids near to any like, rising, and whether these are all there are."""
    most = len(index) if allowed is None else len(allowed)
    if most <= max(_ALL, reach):
        return np.setdiff1d(index.ids if allowed is None else index.among(allowed), barred), True
    near, _ = index.search(
        taste.likes, reach, densities=np.zeros(len(taste.likes), np.float32), allowed=allowed, barred=barred
    )
    return np.setdiff1d(near, [NOBODY]), False


def _due(taste: Taste, worth: DoubleArray, interests: IdArray, n: int) -> DoubleArray:
    """The share (i,) of each interest, less where so many that are worth something are not to be had."""
    shares = np.array([interest.share for interest in taste.interests])
    if not len(worth):
        return shares
    poor = POOR[1] + (POOR[0] - POOR[1]) * taste.particular
    decent = np.bincount(interests[worth >= poor * max(float(worth.max()), 0.0)], minlength=len(shares))
    return np.asarray(np.minimum(shares, decent / n))


def _adventurous(worth: DoubleArray, interests: IdArray, count: int, adventure: float) -> DoubleArray:
    """Worth (n,) by how near it lies to what is sought: the best of its interest, or what lies nearer to its edge."""
    if not adventure:
        return worth
    sought = worth.copy()
    for interest in range(count):
        rows = np.flatnonzero(interests == interest)
        if len(rows):
            best = worth[rows].max()
            middle = best - adventure * (1 - EDGE) * max(best, 0)
            sought[rows] = middle - np.abs(worth[rows] - middle)
    return sought


def _best(
    worth: DoubleArray,
    interests: IdArray,
    taste: Taste,
    counted: Counted,
    n: int,
) -> IdArray:
    """Rows of the best of all, of each interest and of each quota, the best first."""
    order = np.argsort(-worth, kind="stable")
    kept = [order[: n + _BEYOND]]
    for number, interest in enumerate(taste.interests):
        kept.append(order[interests[order] == number][: int(2 * n * interest.share) + _BEYOND])
    kept += [order[members[order]][: 2 * n + _BEYOND] for members in counted]
    chosen = np.unique(np.concatenate(kept))
    return chosen[np.argsort(-worth[chosen], kind="stable")]


def _numbered(names: Sequence[object]) -> IdArray:
    """Numbers (n,) from 0, the same for the same name; each None has a negative one of its own."""
    numbers: dict[object, int] = {}
    return np.array(
        [-1 - i if name is None else numbers.setdefault(name, len(numbers)) for i, name in enumerate(names)], np.int64
    )
