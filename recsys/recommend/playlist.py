"""A playlist from likes: of every interest, as long and of the kind that is wished, in a smooth order.

A list is rather shorter than filled up: with what is no nearer to a like than chance, or with what a dislike has taken
with it. It then says why. Interests follow one another, each in a smooth order, unless a curve of energy is wished.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import numpy as np

from recsys.domain.arrays import IdArray
from recsys.domain.catalogue import TrackEdges
from recsys.domain.results import UnmetConstraint
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


Details: TypeAlias = Mapping[str, float | str | tuple[str, ...]]


class OutOfRange(NamedTuple):
    """Ids of the tracks outside the duration limits, and the limits in seconds (0: none)."""

    ids: IdArray
    min_duration: float = 0.0
    max_duration: float = 0.0


@dataclass(frozen=True, slots=True)
class PlaylistResult:
    """Picks in playing order, the constraints that they do not satisfy, and by how much.

    ``left_out`` has the reasons why tracks that match are not in the playlist, under the key "left_out", and the
    numbers that belong to them: the same entries as ``UnmetConstraint.details``. It is empty if none was left out.
    """

    picks: tuple[Pick, ...]
    unmet_constraints: tuple[UnmetConstraint, ...]
    violation: Violation
    left_out: Details = field(default_factory=dict)


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
    out_of_range = out_of_range or OutOfRange(np.empty(0, np.int64))
    pool, chosen, violation = select(
        index, likes, dislikes, constraints,
        allowed=allowed, excluded=np.union1d(excluded, out_of_range.ids), quotas=quotas, tracks=tracks,
    )  # fmt: skip
    excluded = np.union1d(excluded, id_array((*likes.tracks, *dislikes.tracks)))
    n_out_of_range = len(_matching(index, out_of_range.ids, allowed, excluded))
    left_out = _left_out(pool, out_of_range, n_out_of_range, named=likes.named)
    picks = [Pick(pool.tracks[i], float(pool.similarities[i])) for i in chosen]
    unmet = _unmet_constraints(pool, constraints, chosen, violation, left_out)
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
        unmet += ordered.unmet_constraints if constraints.min_artist_gap else ()
    return PlaylistResult(tuple(picks), tuple(unmet), violation, left_out)


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


def _left_out(pool: Pool, out_of_range: OutOfRange, n_out_of_range: int, *, named: bool) -> Details:
    """Why tracks that match are not candidates: the entries of ``PlaylistResult.left_out``."""
    reasons: list[str] = []
    details: dict[str, float | str | tuple[str, ...]] = {}
    if pool.n_dissimilar:  # without a number: where many match, not all of them are compared
        reasons.append("no_nearer_than_chance")
        details["compared_with"] = "seeds" if named else "likes"
    if pool.n_near_dislikes:
        reasons.append("sound_like_dislikes")
        details["sound_like_dislikes"] = pool.n_near_dislikes
    if n_out_of_range:
        reasons.append("outside_duration_limits")
        details["outside_duration_limits"] = n_out_of_range
        details["min_duration"], details["max_duration"] = out_of_range.min_duration, out_of_range.max_duration
    return {"left_out": tuple(reasons), **details} if reasons else {}


def _unmet_constraints(
    pool: Pool, constraints: PlaylistConstraints, chosen: Sequence[int], violation: Violation, left_out: Details
) -> list[UnmetConstraint]:
    """The constraints that the ``chosen`` candidates do not satisfy, each with the reason."""
    n, unmet = len(chosen), []
    if violation.tracks:
        reason, details = _why_short(pool, constraints, chosen, left_out)
        unmet.append(UnmetConstraint("n", constraints.n, n, reason, details))
    if violation.seconds and constraints.seconds is not None:
        length = float(pool.candidates.seconds[list(chosen)].sum())
        reason, details = "no_closer_choice", {}
        if violation.seconds > TOLERATED_SECONDS:
            reason, details = _why_short(pool, constraints, chosen, left_out)
        elif n == pool.candidates.fixed:
            reason = "seeds_alone"
        unmet.append(UnmetConstraint("minutes", constraints.seconds / 60, length / 60, reason, details))
    for quota, excess, members in zip(constraints.quotas, violation.quotas, pool.candidates.quotas, strict=True):
        if excess:
            unmet.append(_unmet_quota(quota, excess, members, chosen))
    if n_dissimilar := int((pool.similarities[list(chosen)] < pool.floor).sum()):
        details = {"n_tracks": n, "floor": float(pool.floor)}
        unmet.append(UnmetConstraint("min_similarity", 0, n_dissimilar, "quota", details))
    return unmet


def _unmet_quota(
    quota: Quota, excess: float, members: "np.ndarray[tuple[int], np.dtype[np.bool_]]", chosen: Sequence[int]
) -> UnmetConstraint:
    """A quota of which ``excess`` tracks are missing (negative: too many); ``members`` (n,) are of its genre."""
    count, n = int(members[list(chosen)].sum()), len(chosen)
    if not members.any():
        reason = "no_match"
    elif excess > 0 and count == members.sum():
        reason = "no_more_matches"
    else:
        reason = "other_constraints"
    details: Details = {
        "genre": quota.genre,
        "unit": "count" if quota.share is None else "share",
        "n_genre_tracks": count,
        "n_tracks": n,
    }
    if quota.share is None:
        return UnmetConstraint("quotas", quota.count, count, reason, details)
    return UnmetConstraint("quotas", quota.share, count / n if n else 0.0, reason, details)


def _why_short(
    pool: Pool, constraints: PlaylistConstraints, chosen: Sequence[int], left_out: Details
) -> tuple[str, Details]:
    """The reason why no more tracks were chosen, and its details."""
    rest = np.setdiff1d(np.arange(len(pool.tracks)), list(chosen))
    for numbers, limit, reason in (
        (pool.candidates.artists, constraints.max_per_artist, "artist_limit"),
        (pool.candidates.albums, constraints.max_per_album, "album_limit"),
    ):
        known = numbers[list(chosen)]
        full = np.flatnonzero(np.bincount(known[known >= 0]) >= limit) if limit and (known >= 0).any() else known[:0]
        if len(rest) and np.isin(numbers[rest], full).any():
            return reason, {"limit": limit}
    artists = pool.candidates.artists
    if len(rest) and constraints.min_artist_gap and np.isin(artists[rest], artists[list(chosen)]).any():
        return "artist_gap", {"limit": constraints.min_artist_gap}
    if len(rest) and not left_out:
        return "other_versions", {}
    return ("left_out", left_out) if left_out else ("no_more_matches", {})
