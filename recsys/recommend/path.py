"""A path of tracks from one track to another, in steps as even as the library allows.

Waypoints divide the arc between both into equal parts (:mod:`recsys.recommend.geodesic`); the candidates of each are
the tracks near it. A beam search (:mod:`recsys.recommend.beam_search`) chooses one candidate for each waypoint and
minimises the sum of three costs: the fourth powers of the steps, so that no single one is large; the squares of the
distances of the tracks from their waypoints; and the squares of how far they are ahead of or behind them along the arc.
With the steps alone, most tracks would be near one end.

No recording occurs twice, no artist more often than the limit, and none twice in a row if that can be avoided.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.domain.results import UnmetConstraint
from recsys.domain.tracks import Track
from recsys.errors import InvalidRequest
from recsys.metadata.names import track_artist_keys
from recsys.nearest import NO_ID, NearestIndex
from recsys.recommend.artists import number_artists
from recsys.recommend.beam_search import UNKNOWN_ARTIST, BeamProblem, beam_search
from recsys.recommend.geodesic import angular_distance, arc_position, slerp
from recsys.recommend.selection import DUPLICATE_COSINE, MAX_PER_ARTIST, Lookup, Pick, id_array, same_recording

MAX_STEP_DROP = 0.25  # by how much less cosine similarity the largest step of an even path has than the others mostly
STEP_EXPONENT = 4  # power of the steps in radians whose sum is minimised
PROGRESS_WEIGHT = 8.0  # weight of a squared radian ahead of or behind the waypoint
OFFSET_WEIGHT = 1.0  # weight of a squared radian away from the waypoint
_SEARCH_DEPTH = 128  # nearest tracks of each waypoint that are compared
_CANDIDATES_PER_STEP = 64  # of which the cheapest are considered
_WIDENING = 4
_MAX_CANDIDATES = 4096
_CHUNK = 512  # candidates at a time: bounds the memory


class Endpoint(NamedTuple):
    """A track and its similarity vector (d,); the id of a track that is in no library is 0."""

    track: Track
    vector: FloatArray


@dataclass(frozen=True, slots=True)
class SongPath:
    """Picks in order, each with its similarity to the previous one, and the constraints that they do not satisfy."""

    picks: tuple[Pick, ...]
    unmet_constraints: tuple[UnmetConstraint, ...]


def path(
    index: NearestIndex,
    a: Endpoint,
    b: Endpoint,
    n: int,
    *,
    allowed: IdArray | None = None,
    missing_ids: IdArray,
    tracks: Lookup,
    max_per_artist: int = MAX_PER_ARTIST,
) -> SongPath:
    """``n`` tracks from ``a`` to ``b``, both included; see :func:`interpolate` for the other parameters.

    Raises
    ------
    InvalidRequest
        Both ends are the same recording.
    IndexCorrupt
        The index file does not match its checksums.
    """
    if a.track.id == b.track.id != 0 or same_recording(a.track, b.track, float(a.vector @ b.vector)):
        raise InvalidRequest("both ends are the same recording; choose two different tracks")
    between = interpolate(
        index, a, b, n - 2, allowed=allowed, missing_ids=missing_ids, tracks=tracks, max_per_artist=max_per_artist
    )
    before = (
        Endpoint(between.picks[-1].track, *index.vectors(id_array([between.picks[-1].track]))) if between.picks else a
    )
    picks = (Pick(a.track, 1.0), *between.picks, *_picks(index, [before, b]))
    unmet = [
        replace(each, wanted=n, got=len(picks)) if each.constraint == "n" else each
        for each in between.unmet_constraints
    ]
    return SongPath(picks, tuple(unmet))


def interpolate(
    index: NearestIndex,
    a: Endpoint,
    b: Endpoint,
    k: int,
    *,
    allowed: IdArray | None = None,
    missing_ids: IdArray,
    tracks: Lookup,
    max_per_artist: int = MAX_PER_ARTIST,
    taken: Sequence[Track] = (),
) -> SongPath:
    """``k`` tracks between ``a`` and ``b``.

    Parameters
    ----------
    index : NearestIndex
        Has the tracks to choose from, and those that are taken.
    a, b : Endpoint
        The tracks before and after.
    k : int
        How many tracks; fewer are returned only if no more are available.
    allowed : (m,) or None
        Ids to choose from; None is all.
    missing_ids : (a,)
        Ids that are excluded because their files are missing.
    tracks : callable
        Returns the tracks of some ids.
    max_per_artist : int
        The most tracks by one artist, counting ``a``, ``b`` and ``taken``; 0 is no limit.
    taken : sequence of Track
        Tracks of the playlist, which may include ``a`` and ``b``. They and their copies are excluded.

    Returns
    -------
    SongPath
        Without ``a`` and ``b``.

    Raises
    ------
    IndexCorrupt
        The index file does not match its checksums.
    """
    if k < 1:
        return SongPath((), ())
    endpoints = [a, b]
    if taken := [track for track in taken if track.id not in (a.track.id, b.track.id)]:
        endpoints += [Endpoint(*each) for each in zip(taken, index.vectors(id_array(taken)), strict=True)]
    excluded = np.union1d(missing_ids, id_array(end.track for end in endpoints if end.track.id))
    max_depth = min(_MAX_CANDIDATES, len(index) if allowed is None else len(allowed))
    search_depth = _SEARCH_DEPTH
    while True:
        candidates = _candidates(index, endpoints, k, search_depth, allowed, excluded, tracks, max_per_artist)
        chosen, artist_limit_hit = beam_search(_beam_problem(candidates, endpoints, max_per_artist))
        if len(chosen) == k or search_depth >= max_depth:
            break
        search_depth *= _WIDENING
    route = [a, *(Endpoint(candidates.tracks[i], candidates.vectors[i]) for i in chosen), b]
    steps = [float(one.vector @ other.vector) for one, other in pairwise(route)]
    picks = _picks(index, route[:-1])
    unmet = []
    if len(picks) < k:
        reason, details = ("artist_limit", {"limit": max_per_artist}) if artist_limit_hit else ("no_more_matches", {})
        unmet.append(UnmetConstraint("n", k, len(picks), reason, details))
    return SongPath(picks, (*unmet, *_unmet_constraints(route, steps)))


def step_similarities(index: NearestIndex, ends: Sequence[Endpoint]) -> FloatArray:
    """Similarity (n - 1,) of each of n endpoints with the next, in [-1, 1]."""
    densities = np.array(
        [(index.densities(id_array([t])) if t.id in index else index.local_density(v[None]))[0] for t, v in ends],
        np.float32,
    )
    vectors = np.stack([end.vector for end in ends])
    steps = index.similarities(vectors[:-1], vectors[1:], densities=densities[:-1], other_densities=densities[1:])
    return np.diagonal(steps)


def _picks(index: NearestIndex, ends: Sequence[Endpoint]) -> tuple[Pick, ...]:
    """Picks of all endpoints but the first."""
    return tuple(Pick(e.track, s) for e, s in zip(ends[1:], step_similarities(index, ends).tolist(), strict=True))


class _Candidates(NamedTuple):
    """Tracks, their vectors (m, d), and the cost of each at each waypoint (k, m)."""

    tracks: list[Track]
    vectors: FloatArray
    positions: DoubleArray


def _candidates(
    index: NearestIndex,
    endpoints: Sequence[Endpoint],
    k: int,
    search_depth: int,
    allowed: IdArray | None,
    excluded: IdArray,
    tracks: Lookup,
    max_per_artist: int,
) -> _Candidates:
    """The tracks near the k waypoints between the first two of ``endpoints`` that are no copies of an endpoint."""
    a, b = (end.vector.astype(np.float64) for end in endpoints[:2])
    shares = np.arange(1, k + 1) / (k + 1)
    points = slerp(a, b, shares)
    near, _ = index.search(
        points.astype(np.float32), search_depth, densities=np.zeros(k, np.float32), allowed=allowed, excluded=excluded
    )
    ids = np.setdiff1d(near, [NO_ID])
    vectors = index.vectors(ids)
    offsets = arc_position(a, b, vectors.astype(np.float64)) - (shares * float(angular_distance(a, b)))[:, None]
    offsets = np.remainder(offsets + np.pi, 2 * np.pi) - np.pi
    costs = OFFSET_WEIGHT * angular_distance(points, vectors.astype(np.float64)) ** 2 + PROGRESS_WEIGHT * offsets**2
    order = np.argsort(costs, axis=1, kind="stable")
    if search_depth == _SEARCH_DEPTH:
        rows = np.unique(order[:, :_CANDIDATES_PER_STEP])
        known = tracks(ids[rows].tolist())
    else:  # too few: one artist may have filled the candidates, so each artist has a limit
        known = tracks(ids.tolist())
        rows = np.unique(np.concatenate([_best_by_artist(row, ids, known, max_per_artist) for row in order]))
    similarities = np.stack([end.vector for end in endpoints]) @ vectors.T

    def is_copy(row: int, track: Track) -> bool:
        near = np.flatnonzero(similarities[:, row] > DUPLICATE_COSINE).tolist()
        return any(same_recording(track, endpoints[i].track, float(similarities[i, row])) for i in near)

    valid = [(row, known[i]) for row, i in zip(rows.tolist(), ids[rows].tolist(), strict=True) if i in known]
    valid = [(row, track) for row, track in valid if not is_copy(row, track)]
    rows = np.array([row for row, _ in valid], np.int64)
    return _Candidates([track for _, track in valid], vectors[rows], costs[:, rows])


def _best_by_artist(order: IdArray, ids: IdArray, known: Mapping[int, Track], max_per_artist: int) -> IdArray:
    """The first rows of ``order`` with at most ``max_per_artist`` of each artist; 0 is no limit."""
    times: Counter[str] = Counter()
    rows: list[int] = []
    for row in order.tolist():
        track = known.get(int(ids[row]))
        artists = track_artist_keys(track) if track else ()
        if track and not (max_per_artist and any(times[artist] == max_per_artist for artist in artists)):
            rows.append(row)
            times.update(artists)
        if len(rows) == _CANDIDATES_PER_STEP:
            break
    return np.array(rows, np.int64)


def _beam_problem(candidates: _Candidates, endpoints: Sequence[Endpoint], max_per_artist: int) -> BeamProblem:
    """The candidates of each waypoint and the costs of the steps between them."""
    vectors, ends = (
        np.asarray(each, np.float64) for each in (candidates.vectors, [end.vector for end in endpoints[:2]])
    )
    artists = number_artists([*(end.track for end in endpoints), *candidates.tracks])
    artists = np.where(artists < 0, UNKNOWN_ARTIST, artists)
    budget = np.full(int(artists.max()) + 2, max_per_artist or len(candidates.positions) + 1)
    for number in artists[: len(endpoints)].ravel().tolist() if max_per_artist else ():
        budget[number] -= 1
    return BeamProblem(
        node_costs=candidates.positions,
        candidates=np.argsort(candidates.positions, axis=1, kind="stable")[:, :_CANDIDATES_PER_STEP],
        steps=lambda some, others: angular_distance(vectors[some], vectors[others]) ** STEP_EXPONENT,
        first=angular_distance(ends[0], vectors) ** STEP_EXPONENT,
        last=angular_distance(ends[1], vectors) ** STEP_EXPONENT,
        sound_groups=_sound_groups(candidates),
        artists=artists[len(endpoints) :],
        artist_budget=budget,
        end_artists=(artists[0], artists[1]),
    )


def _sound_groups(candidates: _Candidates) -> IdArray:
    """Numbers (m,) of the recordings: copies have the same number."""
    groups = np.arange(len(candidates.tracks))
    for start in range(0, len(groups), _CHUNK):
        similarities = np.triu(candidates.vectors[start : start + _CHUNK] @ candidates.vectors.T, start + 1)
        for row, other in np.argwhere(similarities > DUPLICATE_COSINE).tolist():
            if same_recording(
                candidates.tracks[start + row], candidates.tracks[other], float(similarities[row, other])
            ):
                groups[groups == groups[other]] = groups[start + row]
    return groups


def _unmet_constraints(route: Sequence[Endpoint], steps: Sequence[float]) -> list[UnmetConstraint]:
    """The constraints that a path with these tracks, whose steps have these cosines, does not satisfy."""
    unmet = []
    angles = np.degrees(np.arccos(np.clip(steps, -1, 1)))
    position = int(angles.argmax())
    largest, others = float(angles[position]), np.delete(angles, position)
    typical = float(np.median(others)) if len(others) else largest
    if np.cos(np.radians(typical)) - np.cos(np.radians(largest)) > MAX_STEP_DROP:
        details: dict[str, float | str | tuple[str, ...]] = {
            "largest_step": largest, "typical_step": typical, "position": position + 1,
            "before": route[position].track.label, "after": route[position + 1].track.label,
        }  # fmt: skip
        ratio = largest / max(typical, 1e-6)
        unmet.append(UnmetConstraint("step_ratio", 1.0, ratio, "too_few_tracks_between", details))
    artists = [set(track_artist_keys(end.track)) for end in route]
    if repeated := sum(not one.isdisjoint(other) for one, other in pairwise(artists)):
        close = {"n_close": repeated, "n_tracks": len(route)}
        unmet.append(UnmetConstraint("min_artist_gap", 1, 0, "too_few_other_artists", close))
    return unmet
