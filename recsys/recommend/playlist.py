"""A playlist from likes: of every interest, as long and of the kind that is wished, in a smooth order.

A list is rather shorter than filled up: with what is no nearer to a like than chance, or with what a dislike has taken
with it. It then says why. Interests follow one another, each in a smooth order, unless a curve of energy is wished.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from recsys.domain.arrays import IdArray
from recsys.domain.catalogue import TrackEdges
from recsys.domain.tracks import Track
from recsys.nearest import NearestIndex
from recsys.recommend.candidates import TOLERATED_SECONDS, Violation, constraint_violation
from recsys.recommend.choose import select_tracks
from recsys.recommend.constraints import PlaylistConstraints, Quota
from recsys.recommend.ordering import order_tracks
from recsys.recommend.pool import Pool, WeightedTracks, build_candidates, fit_user_model
from recsys.recommend.selection import Lookup, Pick, id_array

MAX_ARTIST_GAP = 5  # places that tracks of one artist stand apart, where nothing else is wished and there is room
_SECONDS = 150.0  # of a short track: how many a list of some minutes may need
_WIDENING = 4
MAX_CANDIDATES = 1000  # candidates, after which no wider look is taken
_MIN_SEARCH_DEPTH = 60  # near each like, at least


class OutOfRange(NamedTuple):
    """Ids that no list holds, and what these tracks are: "longer than 30:00"."""

    ids: IdArray
    what: str


@dataclass(frozen=True, slots=True)
class PlaylistResult:
    """Picks in playing order, a line for each wish that could not be met in full, and by how much they were missed.

    ``left_out`` says of what matches why it is not in the list, in a few words each.
    """

    picks: tuple[Pick, ...]
    unmet_constraints: tuple[str, ...]
    violation: Violation
    left_out: tuple[str, ...] = ()


def recommend_playlist(
    index: NearestIndex,
    likes: WeightedTracks,
    dislikes: WeightedTracks,
    constraints: PlaylistConstraints,
    *,
    allowed: IdArray | None = None,
    excluded: IdArray,
    out_of_range: "OutOfRange | None" = None,
    quotas: Mapping[str, IdArray],
    tracks: Lookup,
    edges: Callable[[Sequence[int]], TrackEdges] | None = None,
    after: Track | None = None,
) -> PlaylistResult:
    """A playlist of tracks that sound like the likes and unlike the dislikes.

    None of these is in it, but for the likes where the wish includes them.

    It is chosen from ``allowed`` ids (None: all) but for the ``excluded``; ``quotas`` has the ids of each genre that a
    quota names; ``out_of_range`` ones are not chosen either, and are told of where they are missed. The same arguments
    give the same playlist; ``constraints.seed`` changes it. ``edges`` tells how tracks begin and end; the list goes on
    from ``after``, if there is one.

    Raises
    ------
    KeyError
        A like or dislike is not in the index.
    """
    out_of_range = out_of_range or OutOfRange(np.empty(0, np.int64), "")
    pool, chosen, violation = select(
        index, likes, dislikes, constraints,
        allowed=allowed, excluded=np.union1d(excluded, out_of_range.ids), quotas=quotas, tracks=tracks,
    )  # fmt: skip
    missed = len(
        _matching(index, out_of_range.ids, allowed, np.union1d(excluded, id_array((*likes.tracks, *dislikes.tracks))))
    )
    left_out = _left_out(pool, missed, out_of_range.what, named=likes.named)
    picks = [Pick(pool.tracks[i], float(pool.similarities[i])) for i in chosen]
    lines = _unmet_constraints(pool, constraints, chosen, violation, left_out)
    if picks:
        listed = [*([after] if after else []), *(pick.track for pick in picks)]
        ids = id_array(listed)
        interests = [*([_ANY] if after else []), *pool.candidates.interests[chosen].tolist()]
        ordered = order_tracks(
            listed,
            index.vectors(ids),
            edges(ids.tolist()) if edges else None,
            first=0 if after else None,
            min_gap=_gap(pool, constraints, chosen),
            energy=constraints.energy_curve,
            blocks=None if constraints.energy_curve else np.array(interests),
            rng=np.random.default_rng(constraints.seed),
        )
        picks = [picks[i - len(listed) + len(picks)] for i in ordered.positions if listed[i] is not after]
        lines += ordered.unmet_constraints if constraints.min_artist_gap else ()
    return PlaylistResult(tuple(picks), tuple(lines), violation, tuple(left_out))


_ANY = -1  # the block of a track that goes with all of them


def _gap(pool: Pool, constraints: PlaylistConstraints, chosen: Sequence[int]) -> int:
    """How many places apart the tracks of an artist shall stand.

    As is wished; else as far as there is room for within each interest, or in a list with a curve of energy in all.
    """
    if constraints.min_artist_gap:
        return constraints.min_artist_gap + 1
    artists, interests = pool.candidates.artists[chosen], pool.candidates.interests[chosen]
    blocks = (
        [artists] if constraints.energy_curve else [artists[interests == interest] for interest in np.unique(interests)]
    )
    return min((room for block in blocks if (room := _max_gap(block)) is not None), default=0)


def _max_gap(artists: IdArray) -> int | None:
    """How far apart tracks (n,) of the artists can stand; None where no artist has two."""
    counts = np.bincount(artists[artists >= 0]) if (artists >= 0).any() else np.zeros(1, int)
    most = int(counts.max())
    if most < 2:
        return None
    return max(min(MAX_ARTIST_GAP, (len(artists) - int((counts == most).sum())) // (most - 1)), 1)


def select(
    index: NearestIndex,
    likes: WeightedTracks,
    dislikes: WeightedTracks,
    constraints: PlaylistConstraints,
    *,
    allowed: IdArray | None,
    excluded: IdArray,
    quotas: Mapping[str, IdArray],
    tracks: Lookup,
) -> tuple[Pool, list[int], Violation]:
    """Candidates, the places of those that :func:`recommend_playlist` puts in order, most wanted first, what is
    lacking.
    """
    rng = np.random.default_rng(constraints.seed)
    excluded = np.union1d(excluded, id_array((*likes.tracks, *dislikes.tracks)))
    user_model = fit_user_model(index, likes, rng)
    n = constraints.n or int(np.ceil((constraints.seconds or 0) / _SECONDS)) + 1
    search_depth = max(
        _MIN_SEARCH_DEPTH, int(_WIDENING * n * (1 + constraints.exploration) / len(user_model.interests))
    )
    best: tuple[Pool, list[int], Violation] | None = None
    least = (np.inf, np.inf, np.inf)
    while True:
        pool = build_candidates(
            index, user_model, likes, dislikes, constraints,
            n=n, search_depth=search_depth, allowed=allowed, excluded=excluded, quotas=quotas, tracks=tracks, rng=rng,
        )  # fmt: skip
        chosen = select_tracks(pool.candidates, constraints, pool.target_shares)
        violation = constraint_violation(pool.candidates, constraints, chosen)
        if best is None or violation.weight < least:
            best, least = (pool, chosen, violation), violation.weight
        if (
            not _search_may_help(violation, pool)
            or pool.is_complete
            or len(pool.tracks) > MAX_CANDIDATES
            or n >= len(index)
        ):
            return best
        search_depth, n = search_depth * _WIDENING, n * _WIDENING


def _search_may_help(violation: Violation, pool: Pool) -> bool:
    """Whether a wider look may find what is lacking."""
    if violation.tracks or violation.seconds:
        return True
    return any(off and not done for off, done in zip(violation.quotas, pool.quota_exhausted, strict=True))


def _matching(index: NearestIndex, ids: IdArray, allowed: IdArray | None, excluded: IdArray) -> IdArray:
    """Those of ``ids`` that could be chosen but for what they are."""
    found = np.setdiff1d(index.intersect(ids), excluded)
    return found if allowed is None else np.intersect1d(found, allowed)


def _tracks(n: int) -> str:
    return "1 track" if n == 1 else f"{n} tracks"


def _left_out(pool: Pool, missed: int, unfit: str, *, named: bool) -> list[str]:
    """Why what matches is not in the list, by reason."""
    reasons = []
    if pool.n_dissimilar:
        what = "what is named" if named else "any like"
        reasons.append(f"others that match are no nearer to {what} than chance")  # of many, not all were counted
    if pool.n_near_dislikes:
        reasons.append(f"{pool.n_near_dislikes} sound like what is disliked")
    if missed:
        reasons.append(f"{missed} are {unfit}")
    return reasons


def _unmet_constraints(
    pool: Pool, constraints: PlaylistConstraints, chosen: Sequence[int], violation: Violation, left_out: Sequence[str]
) -> list[str]:
    """A line for each wish that gave way: how far, and why."""
    n, lines = len(chosen), []
    if violation.tracks:
        lines.append(f"{_tracks(n)} instead of {constraints.n}: {_why_short(pool, constraints, chosen, left_out)}")
    if violation.seconds and constraints.seconds is not None:
        length = float(pool.candidates.seconds[list(chosen)].sum())
        why = "no choice of tracks comes nearer"
        if violation.seconds > TOLERATED_SECONDS:
            why = _why_short(pool, constraints, chosen, left_out)
        elif n == pool.candidates.fixed:
            why = "the named tracks alone are that long"
        lines.append(f"{length / 60:.1f} minutes instead of {constraints.seconds / 60:g}: {why}")
    for quota, off, counted in zip(constraints.quotas, violation.quotas, pool.candidates.quotas, strict=True):
        if off:
            there = int(counted[list(chosen)].sum())
            share = f" ({there / n:.0%})" if n and quota.share is not None else ""
            why = _why_not(quota, off, counted, chosen)
            lines.append(f"{quota}: {there} of {n} tracks{share}: {why}")
    if strange := int((pool.similarities[list(chosen)] < pool.floor).sum()):
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


def _why_short(pool: Pool, constraints: PlaylistConstraints, chosen: Sequence[int], left_out: Sequence[str]) -> str:
    """Whose tracks are left over, and may not join; or why nothing is left over."""
    left = np.setdiff1d(np.arange(len(pool.tracks)), list(chosen))
    for numbers, most, what in (
        (pool.candidates.artists, constraints.max_per_artist, "of one artist"),
        (pool.candidates.albums, constraints.max_per_album, "of one album"),
    ):
        known = numbers[list(chosen)]
        full = np.flatnonzero(np.bincount(known[known >= 0]) >= most) if most and (known >= 0).any() else known[:0]
        if len(left) and np.isin(numbers[left], full).any():
            return f"more would be over {most} {what}"
    artists = pool.candidates.artists
    if len(left) and constraints.min_artist_gap and np.isin(artists[left], artists[list(chosen)]).any():
        return f"more would stand less than {constraints.min_artist_gap} apart from others of their artist"
    if len(left) and not left_out:
        return "what is left are other versions of the same music"
    return "; ".join(left_out) or "no other track matches"
