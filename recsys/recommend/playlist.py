"""Playlists from likes: every interest is represented, constraints are satisfied, and the order is smooth.

A playlist is shorter rather than filled with tracks that are no nearer to a like than chance, or that a dislike
excludes; the result has the reasons. Interests follow one another, each in a smooth order, unless an energy curve is
requested.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import numpy as np

from recsys.domain.arrays import IdArray
from recsys.domain.catalogue import TrackEdges
from recsys.domain.requests import Quota
from recsys.domain.results import UnmetConstraint
from recsys.domain.tracks import Track
from recsys.nearest import NearestIndex
from recsys.recommend.artists import rows_by_number
from recsys.recommend.candidates import TOLERATED_SECONDS, Violation, constraint_violation
from recsys.recommend.choose import select_tracks
from recsys.recommend.constraints import PlaylistConstraints
from recsys.recommend.ordering import order_tracks
from recsys.recommend.pool import Pool, WeightedTracks, build_candidates, fit_user_model
from recsys.recommend.selection import Lookup, Pick, id_array

MAX_ARTIST_GAP = 5  # default distance of the positions of two tracks by one artist, if there is room
_SECONDS = 150.0  # of a short track: bounds the number of tracks of a playlist of some minutes
_WIDENING = 4
MAX_CANDIDATES = 1000  # candidates from which the search is not widened
_MIN_SEARCH_DEPTH = 60  # least number of neighbours of each like


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
    """Recommend a playlist of tracks that are similar to the likes and not to the dislikes.

    Stated likes and dislikes are not in it, unless the constraints include the seeds. The result is a function of the
    arguments; ``constraints.seed`` varies it.

    Parameters
    ----------
    index : NearestIndex
    likes, dislikes : WeightedTracks
        At least one like; all are in the index.
    constraints : PlaylistConstraints
    allowed : (m,) or None
        Ids to choose from; None is all.
    excluded : (e,)
        Ids that are never chosen.
    out_of_range : OutOfRange or None
        Tracks outside the duration limits, which are not chosen; the result has their number if tracks are missing.
    quotas : mapping of str to (k,)
        The ids of the genre of each quota.
    tracks : callable
        Returns the tracks of some ids.
    edges : callable or None
        Returns features of the starts and ends of tracks.
    after : Track or None
        The track before the first one of the playlist.

    Raises
    ------
    KeyError
        A like or dislike is not in the index.
    ValueError
        An energy curve is requested without ``edges``.
    IndexCorrupt
        The index file does not match its checksums.
    """
    out_of_range = out_of_range or OutOfRange(np.empty(0, np.int64))
    pool, chosen, violation = select(
        index, likes, dislikes, constraints,
        allowed=allowed, excluded=np.union1d(excluded, out_of_range.ids), quotas=quotas, tracks=tracks,
    )  # fmt: skip
    excluded = np.union1d(excluded, id_array((*likes.stated, *dislikes.tracks)))
    n_out_of_range = len(_selectable(index, out_of_range.ids, allowed, excluded))
    left_out = _left_out(pool, out_of_range, n_out_of_range, named=likes.named)
    picks = [Pick(pool.tracks[i], float(pool.similarities[i])) for i in chosen]
    unmet = _unmet_constraints(pool, constraints, chosen, violation, left_out)
    if picks:
        sequence = [*([after] if after else []), *(pick.track for pick in picks)]
        ids = id_array(sequence)
        interests = [*([_ANY_BLOCK] if after else []), *pool.candidates.interests[chosen].tolist()]
        ordered = order_tracks(
            sequence,
            index.vectors(ids),
            edges(ids.tolist()) if edges else None,
            first=0 if after else None,
            min_gap=_min_distance(pool, constraints, chosen),
            energy=constraints.energy_curve,
            blocks=None if constraints.energy_curve else np.array(interests),
            rng=np.random.default_rng(constraints.seed),
        )
        picks = [picks[i - len(sequence) + len(picks)] for i in ordered.positions if sequence[i] is not after]
        unmet += ordered.unmet_constraints if constraints.min_artist_gap else ()
    return PlaylistResult(tuple(picks), tuple(unmet), violation, left_out)


_ANY_BLOCK = -1  # of a track that fits every block


def _min_distance(pool: Pool, constraints: PlaylistConstraints, chosen: Sequence[int]) -> int:
    """The least distance of the positions of two tracks by one artist.

    It is the requested one; by default as large as there is room for within each interest, or in the whole playlist if
    there is an energy curve.
    """
    if constraints.min_artist_gap:
        return constraints.min_artist_gap + 1
    artists, interests = pool.candidates.artists[chosen], pool.candidates.interests[chosen]
    blocks = (
        [artists] if constraints.energy_curve else [artists[interests == interest] for interest in np.unique(interests)]
    )
    return min((gap for block in blocks if (gap := _max_distance(block)) is not None), default=0)


def _max_distance(artists: IdArray) -> int | None:
    """The largest distance that tracks (n,) of these artists can have; None if no artist has two."""
    counts = [len(rows) for _, rows in rows_by_number(artists)]
    largest = max(counts, default=0)
    if largest < 2:
        return None
    return max(min(MAX_ARTIST_GAP, (len(artists) - counts.count(largest)) // (largest - 1)), 1)


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
    """Choose the tracks of :func:`recommend_playlist`, without their order.

    The search is widened while constraints are violated and more candidates may exist.

    Returns
    -------
    pool : Pool
    chosen : list of int
        Indices of the candidates, by falling score.
    violation : Violation

    Raises
    ------
    KeyError
        A like or dislike is not in the index.
    IndexCorrupt
        The index file does not match its checksums.
    """
    rng = np.random.default_rng(constraints.seed)
    excluded = np.union1d(excluded, id_array((*likes.stated, *dislikes.tracks)))
    user_model = fit_user_model(index, likes, rng)
    n = constraints.n or int(np.ceil((constraints.seconds or 0) / _SECONDS)) + 1
    search_depth = max(
        _MIN_SEARCH_DEPTH, int(_WIDENING * n * (1 + constraints.exploration) / len(user_model.interests))
    )
    best: tuple[Pool, list[int], Violation] | None = None
    smallest = (np.inf, np.inf, np.inf)
    while True:
        pool = build_candidates(
            index, user_model, likes, dislikes, constraints,
            n=n, search_depth=search_depth, allowed=allowed, excluded=excluded, quotas=quotas, tracks=tracks, rng=rng,
        )  # fmt: skip
        chosen = select_tracks(pool.candidates, constraints, pool.target_shares)
        violation = constraint_violation(pool.candidates, constraints, chosen)
        if best is None or violation.weight < smallest:
            best, smallest = (pool, chosen, violation), violation.weight
        if (
            not _search_may_help(violation, pool)
            or pool.is_complete
            or len(pool.tracks) > MAX_CANDIDATES
            or n >= len(index)
        ):
            return best
        search_depth, n = search_depth * _WIDENING, n * _WIDENING


def _search_may_help(violation: Violation, pool: Pool) -> bool:
    """Whether a wider search may find the missing tracks."""
    if violation.tracks or violation.seconds:
        return True
    return any(
        excess and not exhausted for excess, exhausted in zip(violation.quotas, pool.quota_exhausted, strict=True)
    )


def _selectable(index: NearestIndex, ids: IdArray, allowed: IdArray | None, excluded: IdArray) -> IdArray:
    """Those of ``ids`` that are in the index, allowed and not excluded."""
    selectable = np.setdiff1d(index.intersect(ids), excluded)
    return selectable if allowed is None else np.intersect1d(selectable, allowed)


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
    if pool.n_near_minus:
        reasons.append("near_minus_seeds")
        details["near_minus_seeds"] = pool.n_near_minus
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
    """A quota of which ``excess`` tracks are missing (negative: too many); ``members`` (n,) are of its genre.

    A share of an empty playlist has no excess.
    """
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
    return UnmetConstraint("quotas", quota.share, count / n, reason, details)


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
