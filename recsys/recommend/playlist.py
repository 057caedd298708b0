"""A playlist from likes: of every interest, as long and of the kind that is wished, in a smooth order.

A list is rather shorter than filled up: with what is no nearer to a like than chance, or with what a dislike has taken
with it. It then says why. Interests follow one another, each in a smooth order, unless a curve of energy is wished.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from recsys.domain.arrays import IdArray
from recsys.domain.catalogue import Edges
from recsys.domain.tracks import Track
from recsys.nearest import NearestIndex
from recsys.recommend.candidates import NEAR_ENOUGH, Shortfall, shortfall
from recsys.recommend.choose import choose
from recsys.recommend.constraints import Quota, Wish
from recsys.recommend.ordering import order
from recsys.recommend.pool import Pool, Weighed, gather, taste_of
from recsys.recommend.selection import Lookup, Pick, id_array

FAR = 5  # places that tracks of one artist stand apart, where nothing else is wished and there is room
_SECONDS = 150.0  # of a short track: how many a list of some minutes may need
_WIDER = 4
ENOUGH = 1000  # candidates, after which no wider look is taken
_REACH = 60  # near each like, at least


class Unfit(NamedTuple):
    """Ids that no list holds, and what these tracks are: "longer than 30:00"."""

    ids: IdArray
    what: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Picks in playing order, a line for each wish that could not be met in full, and by how much they were missed.

    ``left_out`` says of what matches why it is not in the list, in a few words each.
    """

    picks: tuple[Pick, ...]
    gave_way: tuple[str, ...]
    lacking: Shortfall
    left_out: tuple[str, ...] = ()


def make_playlist(
    index: NearestIndex,
    likes: Weighed,
    dislikes: Weighed,
    wish: Wish,
    *,
    allowed: IdArray | None = None,
    barred: IdArray,
    unfit: "Unfit | None" = None,
    quotas: Mapping[str, IdArray],
    tracks: Lookup,
    edges: Callable[[Sequence[int]], Edges] | None = None,
    after: Track | None = None,
) -> Answer:
    """A playlist of tracks that sound like the likes and unlike the dislikes.

    None of these is in it, but for the likes where the wish includes them.

    It is chosen from ``allowed`` ids (None: all) but for the ``barred``; ``quotas`` has the ids of each genre that a
    quota names; ``unfit`` ones are not chosen either, and are told of where they are missed. The same arguments give
    the same playlist; ``wish.seed`` changes it. ``edges`` tells how tracks begin and end; the list goes on from
    ``after``, if there is one.

    Raises
    ------
    KeyError
        A like or dislike is not in the index.
    """
    unfit = unfit or Unfit(np.empty(0, np.int64), "")
    pool, chosen, lacking = select(
        index, likes, dislikes, wish,
        allowed=allowed, barred=np.union1d(barred, unfit.ids), quotas=quotas, tracks=tracks,
    )  # fmt: skip
    missed = len(_matching(index, unfit.ids, allowed, np.union1d(barred, id_array((*likes.tracks, *dislikes.tracks)))))
    left_out = _left_out(pool, missed, unfit.what, named=likes.named)
    picks = [Pick(pool.tracks[i], float(pool.alike[i])) for i in chosen]
    lines = _told(pool, wish, chosen, lacking, left_out)
    if picks:
        listed = [*([after] if after else []), *(pick.track for pick in picks)]
        ids = id_array(listed)
        interests = [*([_ANY] if after else []), *pool.candidates.interests[chosen].tolist()]
        ordered = order(
            listed, index.vectors(ids), edges(ids.tolist()) if edges else None,
            first=0 if after else None, gap=_gap(pool, wish, chosen), energy=wish.energy,
            blocks=None if wish.energy else np.array(interests), rng=np.random.default_rng(wish.seed),
        )  # fmt: skip
        picks = [picks[i - len(listed) + len(picks)] for i in ordered.positions if listed[i] is not after]
        lines += ordered.gave_way if wish.artist_gap else ()
    return Answer(tuple(picks), tuple(lines), lacking, tuple(left_out))


_ANY = -1  # the block of a track that goes with all of them


def _gap(pool: Pool, wish: Wish, chosen: Sequence[int]) -> int:
    """How many places apart the tracks of an artist shall stand.

    As is wished; else as far as there is room for within each interest, or in a list with a curve of energy in all.
    """
    if wish.artist_gap:
        return wish.artist_gap + 1
    artists, interests = pool.candidates.artists[chosen], pool.candidates.interests[chosen]
    blocks = [artists] if wish.energy else [artists[interests == interest] for interest in np.unique(interests)]
    return min((room for block in blocks if (room := _room(block)) is not None), default=0)


def _room(artists: IdArray) -> int | None:
    """How far apart tracks (n,) of the artists can stand; None where no artist has two."""
    counts = np.bincount(artists[artists >= 0]) if (artists >= 0).any() else np.zeros(1, int)
    most = int(counts.max())
    if most < 2:
        return None
    return max(min(FAR, (len(artists) - int((counts == most).sum())) // (most - 1)), 1)


def select(
    index: NearestIndex,
    likes: Weighed,
    dislikes: Weighed,
    wish: Wish,
    *,
    allowed: IdArray | None,
    barred: IdArray,
    quotas: Mapping[str, IdArray],
    tracks: Lookup,
) -> tuple[Pool, list[int], Shortfall]:
    """Candidates, the places of those that :func:`make_playlist` puts in order, most wanted first, what is lacking."""
    rng = np.random.default_rng(wish.seed)
    barred = np.union1d(barred, id_array((*likes.tracks, *dislikes.tracks)))
    taste = taste_of(index, likes, rng)
    n = wish.n or int(np.ceil((wish.seconds or 0) / _SECONDS)) + 1
    reach = max(_REACH, int(_WIDER * n * (1 + wish.adventure) / len(taste.interests)))
    best: tuple[Pool, list[int], Shortfall] | None = None
    least = (np.inf, np.inf, np.inf)
    while True:
        pool = gather(
            index, taste, likes, dislikes, wish,
            n=n, reach=reach, allowed=allowed, barred=barred, quotas=quotas, tracks=tracks, rng=rng,
        )  # fmt: skip
        chosen = choose(pool.candidates, wish, pool.due)
        lacking = shortfall(pool.candidates, wish, chosen)
        if best is None or lacking.weight < least:
            best, least = (pool, chosen, lacking), lacking.weight
        if not _may_help(lacking, pool) or pool.whole or len(pool.tracks) > ENOUGH or n >= len(index):
            return best
        reach, n = reach * _WIDER, n * _WIDER


def _may_help(lacking: Shortfall, pool: Pool) -> bool:
    """Whether a wider look may find what is lacking."""
    if lacking.tracks or lacking.seconds:
        return True
    return any(off and not done for off, done in zip(lacking.quotas, pool.exhausted, strict=True))


def _matching(index: NearestIndex, ids: IdArray, allowed: IdArray | None, barred: IdArray) -> IdArray:
    """Those of ``ids`` that could be chosen but for what they are."""
    found = np.setdiff1d(index.among(ids), barred)
    return found if allowed is None else np.intersect1d(found, allowed)


def _tracks(n: int) -> str:
    return "1 track" if n == 1 else f"{n} tracks"


def _left_out(pool: Pool, missed: int, unfit: str, *, named: bool) -> list[str]:
    """Why what matches is not in the list, by reason."""
    reasons = []
    if pool.strange:
        what = "what is named" if named else "any like"
        reasons.append(f"others that match are no nearer to {what} than chance")  # of many, not all were counted
    if pool.shunned:
        reasons.append(f"{pool.shunned} sound like what is disliked")
    if missed:
        reasons.append(f"{missed} are {unfit}")
    return reasons


def _told(pool: Pool, wish: Wish, chosen: Sequence[int], lacking: Shortfall, left_out: Sequence[str]) -> list[str]:
    """A line for each wish that gave way: how far, and why."""
    n, lines = len(chosen), []
    if lacking.tracks:
        lines.append(f"{_tracks(n)} instead of {wish.n}: {_why_short(pool, wish, chosen, left_out)}")
    if lacking.seconds and wish.seconds is not None:
        length = float(pool.candidates.seconds[list(chosen)].sum())
        why = "no choice of tracks comes nearer"
        if lacking.seconds > NEAR_ENOUGH:
            why = _why_short(pool, wish, chosen, left_out)
        elif n == pool.candidates.fixed:
            why = "the named tracks alone are that long"
        lines.append(f"{length / 60:.1f} minutes instead of {wish.seconds / 60:g}: {why}")
    for quota, off, counted in zip(wish.quotas, lacking.quotas, pool.candidates.quotas, strict=True):
        if off:
            there = int(counted[list(chosen)].sum())
            share = f" ({there / n:.0%})" if n and quota.share is not None else ""
            why = _why_not(quota, off, counted, chosen)
            lines.append(f"{quota}: {there} of {n} tracks{share}: {why}")
    if strange := int((pool.alike[list(chosen)] < pool.floor).sum()):
        lines.append(f"{strange} of {n} tracks are no nearer to any like than chance: a quota asks for their genre")
    return lines


def _why_not(
    quota: Quota, off: float, counted: "np.ndarray[tuple[int], np.dtype[np.bool_]]", chosen: Sequence[int]
) -> str:
    """Why a quota is missed by so many tracks; ``counted`` (n,) are those of its genre."""
    if not counted.any():
        return f"no track of {quota.genre} matches"
    if off > 0 and counted[list(chosen)].sum() == counted.sum():
        return f"there are no more tracks of {quota.genre} that match"
    return "the other wishes leave no other list"


def _why_short(pool: Pool, wish: Wish, chosen: Sequence[int], left_out: Sequence[str]) -> str:
    """Whose tracks are left over, and may not join; or why nothing is left over."""
    left = np.setdiff1d(np.arange(len(pool.tracks)), list(chosen))
    for numbers, most, what in (
        (pool.candidates.artists, wish.per_artist, "of one artist"),
        (pool.candidates.albums, wish.per_album, "of one album"),
    ):
        known = numbers[list(chosen)]
        full = np.flatnonzero(np.bincount(known[known >= 0]) >= most) if most and (known >= 0).any() else known[:0]
        if len(left) and np.isin(numbers[left], full).any():
            return f"more would be over {most} {what}"
    artists = pool.candidates.artists
    if len(left) and wish.artist_gap and np.isin(artists[left], artists[list(chosen)]).any():
        return f"more would stand less than {wish.artist_gap} apart from others of their artist"
    if len(left) and not left_out:
        return "what is left are other versions of the same music"
    return "; ".join(left_out) or "no other track matches"
