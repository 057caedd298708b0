"""The tracks that a playlist is chosen from: near to the likes, worth something to the taste, not barred."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from recsys.nearest import NOBODY, NearestIndex
from recsys.recommend.albums import album_numbers
from recsys.recommend.candidates import Candidates
from recsys.recommend.selection import Lookup, artist_key, id_array
from recsys.recommend.taste import MOST, Taste, fit_taste
from recsys.recommend.wish import Wish
from recsys.recommend.works import works
from recsys.types import DoubleArray, FloatArray, IdArray, Track

BACKGROUND = 512  # sounds of the library that a taste is held against
CHANCE = 0.1  # of the best worth: the deviation of what another seed than 0 adds to that of each track
POOR = 0.3  # of the worth of the best: what is worth less is no candidate of an interest while others have better
CLEARLY = 1.3  # times as near to a like as to a dislike lies what a dislike does not touch
GLIMMER = 0.5  # of the cosine with a like, which is the least that a sound is worth that is nearer to it
SHADED = 0.25  # what remains of the worth of what is nearer to a like, but not clearly
STRANGE, FOREIGN = 0.1, 0.5  # cosine with the nearest like below which a sound is strange; the worth that is lost then
UNBEARABLE = 2.0  # worth that is lost nearer to a dislike: such tracks come when nothing else is left
EDGE = 0.25  # of the worth of the best, where the edge of an interest lies
_ALL = 4096  # tracks up to which all are looked at
_BEYOND = 25  # candidates of an interest or quota beyond twice what it is due


@dataclass(frozen=True, slots=True)
class Weighed:
    """Some tracks that are liked or disliked, and how much each counts: (n,) in (0, 1]."""

    tracks: tuple[Track, ...]
    weights: DoubleArray

    @classmethod
    def of(cls, tracks: Sequence[Track], weights: Sequence[float] | DoubleArray | None = None) -> "Weighed":
        """Tracks that count alike, or as they weigh."""
        return cls(tuple(tracks), np.ones(len(tracks)) if weights is None else np.asarray(weights, np.float64))

    def drawn(self, rng: np.random.Generator) -> "Weighed":
        """So many as can have their say: by chance, the heavier the likelier."""
        if len(self.tracks) <= MOST:
            return self
        kept = np.sort(rng.choice(len(self.tracks), MOST, replace=False, p=self.weights / self.weights.sum()))
        return Weighed(tuple(self.tracks[i] for i in kept), self.weights[kept])


@dataclass(frozen=True, slots=True)
class Pool:
    """What there is to choose from, the tracks one by one beside ``candidates``; ``whole``: there is no more.

    ``alike`` (n,) is the cosine of each with the like nearest to it, ``bearable`` (n,) whether no dislike is as near,
    ``due`` (i,) the share of each interest, ``exhausted`` (q,) whether all tracks of a quota are there.
    """

    tracks: tuple[Track, ...]
    alike: FloatArray
    bearable: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
    candidates: Candidates
    due: DoubleArray
    whole: bool
    exhausted: tuple[bool, ...]


def taste_of(index: NearestIndex, likes: Weighed, dislikes: Weighed, rng: np.random.Generator) -> Taste:
    """The taste of who likes these and dislikes those, held against a sample of the library."""
    ids, heard = index.ids, [index.vectors(id_array(opinion.tracks)) for opinion in (likes, dislikes)]
    likes, dislikes = likes.drawn(rng), dislikes.drawn(rng)
    sample = ids if len(ids) <= BACKGROUND else rng.choice(ids, BACKGROUND, replace=False)
    fitted = fit_taste(
        index.vectors(id_array(likes.tracks)), likes.weights,
        index.vectors(id_array(dislikes.tracks)), dislikes.weights,
        index.vectors(np.sort(sample)),
    )  # fmt: skip
    return replace(fitted, all_likes=heard[0], all_dislikes=heard[1])


def gather(
    index: NearestIndex,
    taste: Taste,
    seeds: Sequence[Track],
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

    ``seeds`` and other versions of them are not among them. The most worth come first.
    """
    found, whole = _near(index, taste, reach, allowed, barred)
    complete = []
    for quota in wish.quotas:
        ids = quotas[quota.genre]
        more, all_of_it = _near(index, taste, reach, ids if allowed is None else np.intersect1d(ids, allowed), barred)
        found, whole = np.union1d(found, more), whole and all_of_it
        complete.append(all_of_it)
    vectors = index.vectors(found)
    interests, alike = taste.nearest(vectors)
    worth = taste.scores(vectors)
    if wish.seed and len(found):  # seed 0 is the best list; others are nearly as good
        worth = worth + rng.normal(0, CHANCE * max(float(worth.max()), 0.0), len(found))
    standing = taste.standing(vectors)
    bearable = standing > 1
    shaded = SHADED * np.maximum(worth, GLIMMER * alike)  # more than of what has nothing to do with any like
    worth = np.where(standing > CLEARLY, worth, np.where(bearable, shaded, worth - UNBEARABLE))
    worth = np.where(alike < STRANGE, worth - FOREIGN, worth)
    worth = _adventurous(worth, interests, len(taste.interests), wish.adventure / 10)
    due = _due(taste, worth, interests, n)
    counted = np.zeros((len(wish.quotas), len(found)), bool)
    for row, quota in zip(counted, wish.quotas, strict=True):
        row[:] = np.isin(found, quotas[quota.genre])
    kept = _best(worth, interests, taste, counted, n)
    whole = whole and len(kept) == len(found)
    left_out = counted.sum(axis=1) - counted[:, kept].sum(axis=1)
    exhausted = tuple(all_of_it and not out for all_of_it, out in zip(complete, left_out.tolist(), strict=True))
    there = tracks(found[kept].tolist())
    kept = np.array([i for i in kept.tolist() if int(found[i]) in there], np.int64)
    listed = [there[int(found[i])] for i in kept]
    numbers = works([*seeds, *listed], np.vstack([index.vectors(id_array(seeds)), vectors[kept]]))
    free = np.flatnonzero(~np.isin(numbers[len(seeds) :], numbers[: len(seeds)]))
    kept, listed = kept[free], [listed[i] for i in free]
    candidates = Candidates(
        worth[kept], vectors[kept], np.array([track.duration for track in listed], np.float64), interests[kept],
        numbers[len(seeds) :][free], _numbered([artist_key(t) for t in listed]), _numbered(album_numbers(listed)),
        counted[:, kept],
    )  # fmt: skip
    return Pool(tuple(listed), alike[kept], bearable[kept], candidates, due, whole, exhausted)


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
    decent = np.bincount(interests[worth >= POOR * max(float(worth.max()), 0.0)], minlength=len(shares))
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


def _best(worth: DoubleArray, interests: IdArray, taste: Taste, counted: FloatArray, n: int) -> IdArray:
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
