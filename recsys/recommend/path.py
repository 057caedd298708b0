"""A walk from one track to another through the library, in steps as even as it has music for.

Way points divide the arc between both into equal parts (:mod:`recsys.recommend.geodesic`); near each lie candidates. Of
all lists with one of each, a beam search (:mod:`recsys.recommend.beam_search`) finds one with a small sum of the fourth
powers of the steps, so that no single one is large, and of the squares of how far each track lies from its way point,
and of how far it is ahead or behind along the way. By the steps alone most tracks would stay near one end.

No recording comes twice, no artist more often than is allowed, and none twice in a row where that can be avoided.
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
from recsys.metadata.names import track_artist_key
from recsys.nearest import NO_ID, NearestIndex
from recsys.recommend.beam_search import UNKNOWN_ARTIST, BeamProblem, beam_search
from recsys.recommend.geodesic import angular_distance, arc_position, slerp
from recsys.recommend.selection import DUPLICATE_COSINE, MAX_PER_ARTIST, Lookup, Pick, id_array, same_recording

MAX_STEP_RATIO = 2.0  # times the mean that the largest step of an even walk may be
STEP_EXPONENT = 4  # the power of steps in radians that is summed
PROGRESS_WEIGHT = 8.0  # what a squared radian ahead or behind counts beside
OFFSET_WEIGHT = 1.0  # and one away from the way point
_SEARCH_DEPTH = 128  # nearest of each way point that are looked at
_CANDIDATES_PER_STEP = 64  # of which the best are considered
_WIDENING = 4
_MAX_CANDIDATES = 4096
_CHUNK = 512  # candidates at a time: bounds the memory


class Endpoint(NamedTuple):
    """A track, perhaps of no library (its id is 0), and its similarity vector (d,)."""

    track: Track
    vector: FloatArray


@dataclass(frozen=True, slots=True)
class SongPath:
    """Picks in order, each with its similarity to the one before, and the constraints that they do not satisfy."""

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
    """``n`` tracks from ``a`` to ``b``, which are the first and the last of them; the rest is as in
    :func:`interpolate`.

    Raises
    ------
    InvalidRequest
        Both ends are the same recording.
    """
    if a.track.id == b.track.id != 0 or same_recording(a.track, b.track, float(a.vector @ b.vector)):
        raise InvalidRequest("both ends are the same recording; name two that differ")
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
    """``k`` tracks that lead from ``a`` to ``b``, without these.

    Parameters
    ----------
    index : similarity vectors of the tracks to choose from, and of those that are taken
    a, b : what comes before and after
    k : how many; fewer only where no more may be had
    allowed : (m,) ids they are chosen from, None: all
    missing_ids : (a,) ids they are not chosen from: missing tracks
    tracks : what is known of an id
    max_per_artist : tracks an artist may have, with ``a``, ``b`` and what is taken; 0 for any number
    taken : tracks that are in the list already, also ``a`` and ``b``; neither they nor copies of them come again
    """
    if k < 1:
        return SongPath((), ())
    kept = [a, b]
    if taken := [track for track in taken if track.id not in (a.track.id, b.track.id)]:
        kept += [Endpoint(*each) for each in zip(taken, index.vectors(id_array(taken)), strict=True)]
    excluded = np.union1d(missing_ids, id_array(end.track for end in kept if end.track.id))
    most = min(_MAX_CANDIDATES, len(index) if allowed is None else len(allowed))
    search_depth = _SEARCH_DEPTH
    while True:
        found = _candidates(index, kept, k, search_depth, allowed, excluded, tracks, max_per_artist)
        chosen, crowded = beam_search(_beam_problem(found, kept, max_per_artist))
        if len(chosen) == k or search_depth >= most:
            break
        search_depth *= _WIDENING
    on_way = [a, *(Endpoint(found.tracks[i], found.vectors[i]) for i in chosen), b]
    steps = [float(one.vector @ other.vector) for one, other in pairwise(on_way)]
    picks = _picks(index, on_way[:-1])
    unmet = []
    if len(picks) < k:
        reason, details = ("artist_limit", {"limit": max_per_artist}) if crowded else ("no_more_matches", {})
        unmet.append(UnmetConstraint("n", k, len(picks), reason, details))
    return SongPath(picks, (*unmet, *_unmet_constraints(on_way, steps)))


def step_similarities(index: NearestIndex, ends: Sequence[Endpoint]) -> FloatArray:
    """Similarity (n - 1,) of each of n ends with the next, in [-1, 1]."""
    densities = np.array(
        [(index.densities(id_array([t])) if t.id in index else index.local_density(v[None]))[0] for t, v in ends],
        np.float32,
    )
    vectors = np.stack([end.vector for end in ends])
    steps = index.similarities(vectors[:-1], vectors[1:], densities=densities[:-1], other_densities=densities[1:])
    return np.diagonal(steps)


def _picks(index: NearestIndex, ends: Sequence[Endpoint]) -> tuple[Pick, ...]:
    """All but the first."""
    return tuple(Pick(e.track, s) for e, s in zip(ends[1:], step_similarities(index, ends).tolist(), strict=True))


class _Candidates(NamedTuple):
    """Tracks, their vectors (m, d), and what each costs near each way point (k, m)."""

    tracks: list[Track]
    vectors: FloatArray
    positions: DoubleArray


def _candidates(
    index: NearestIndex,
    kept: Sequence[Endpoint],
    k: int,
    search_depth: int,
    allowed: IdArray | None,
    excluded: IdArray,
    tracks: Lookup,
    max_per_artist: int,
) -> _Candidates:
    """What lies near the k way points between the first two of ``kept``, and is no copy of any of them."""
    a, b = (end.vector.astype(np.float64) for end in kept[:2])
    shares = np.arange(1, k + 1) / (k + 1)
    points = slerp(a, b, shares)
    near, _ = index.search(
        points.astype(np.float32), search_depth, densities=np.zeros(k, np.float32), allowed=allowed, excluded=excluded
    )
    ids = np.setdiff1d(near, [NO_ID])
    vectors = index.vectors(ids)
    ahead = arc_position(a, b, vectors.astype(np.float64)) - (shares * float(angular_distance(a, b)))[:, None]
    ahead = np.remainder(ahead + np.pi, 2 * np.pi) - np.pi
    places = OFFSET_WEIGHT * angular_distance(points, vectors.astype(np.float64)) ** 2 + PROGRESS_WEIGHT * ahead**2
    order = np.argsort(places, axis=1, kind="stable")
    if search_depth == _SEARCH_DEPTH:
        rows = np.unique(order[:, :_CANDIDATES_PER_STEP])
        known = tracks(ids[rows].tolist())
    else:  # those have not sufficed: an artist has filled them, perhaps, so each gives but a few
        known = tracks(ids.tolist())
        rows = np.unique(np.concatenate([_limit_artists(row, ids, known, max_per_artist) for row in order]))
    similarities = np.stack([end.vector for end in kept]) @ vectors.T

    def copied(row: int, track: Track) -> bool:
        near = np.flatnonzero(similarities[:, row] > DUPLICATE_COSINE).tolist()
        return any(same_recording(track, kept[i].track, float(similarities[i, row])) for i in near)

    fit = [(row, known[i]) for row, i in zip(rows.tolist(), ids[rows].tolist(), strict=True) if i in known]
    fit = [(row, track) for row, track in fit if not copied(row, track)]
    rows = np.array([row for row, _ in fit], np.int64)
    return _Candidates([track for _, track in fit], vectors[rows], places[:, rows])


def _limit_artists(order: IdArray, ids: IdArray, known: Mapping[int, Track], max_per_artist: int) -> IdArray:
    """The first rows of ``order`` that are ``max_per_artist`` of each artist at most, 0 for any number."""
    times: Counter[str] = Counter()
    rows: list[int] = []
    for row in order.tolist():
        track = known.get(int(ids[row]))
        artist = track_artist_key(track) if track else None
        if track and not (artist and max_per_artist and times[artist] == max_per_artist):
            rows.append(row)
            times[artist or ""] += 1
        if len(rows) == _CANDIDATES_PER_STEP:
            break
    return np.array(rows, np.int64)


def _beam_problem(found: _Candidates, kept: Sequence[Endpoint], max_per_artist: int) -> BeamProblem:
    """The candidates of each way point, and what the steps between all of them cost."""
    vectors, ends = (np.asarray(each, np.float64) for each in (found.vectors, [end.vector for end in kept[:2]]))
    numbers: dict[str | None, int] = {None: UNKNOWN_ARTIST}
    for track in (*(end.track for end in kept), *found.tracks):
        numbers.setdefault(track_artist_key(track), len(numbers) - 1)
    left = np.full(len(numbers), max_per_artist or len(found.positions) + 1)
    for end in kept:
        left[numbers[track_artist_key(end.track)]] -= 1 if max_per_artist else 0
    return BeamProblem(
        node_costs=found.positions,
        candidates=np.argsort(found.positions, axis=1, kind="stable")[:, :_CANDIDATES_PER_STEP],
        steps=lambda some, others: angular_distance(vectors[some], vectors[others]) ** STEP_EXPONENT,
        first=angular_distance(ends[0], vectors) ** STEP_EXPONENT,
        last=angular_distance(ends[1], vectors) ** STEP_EXPONENT,
        sound_groups=_sound_groups(found),
        artists=np.array([numbers[track_artist_key(track)] for track in found.tracks], np.int64),
        artist_budget=left,
        end_artists=(numbers[track_artist_key(kept[0].track)], numbers[track_artist_key(kept[1].track)]),
    )


def _sound_groups(found: _Candidates) -> IdArray:
    """Numbers (m,) of the recordings: copies have the same."""
    sounds = np.arange(len(found.tracks))
    for start in range(0, len(sounds), _CHUNK):
        similarities = np.triu(found.vectors[start : start + _CHUNK] @ found.vectors.T, start + 1)
        for row, other in np.argwhere(similarities > DUPLICATE_COSINE).tolist():
            if same_recording(found.tracks[start + row], found.tracks[other], float(similarities[row, other])):
                sounds[sounds == sounds[other]] = sounds[start + row]
    return sounds


def _unmet_constraints(on_way: Sequence[Endpoint], steps: Sequence[float]) -> list[UnmetConstraint]:
    """What a path through these tracks, whose steps have these cosines, does not satisfy."""
    unmet = []
    angles = np.degrees(np.arccos(np.clip(steps, -1, 1)))
    largest, mean = float(angles.max()), float(angles.mean())
    if len(angles) > 1 and largest > MAX_STEP_RATIO * mean:
        details = {"largest_step": largest, "mean_step": mean}
        unmet.append(UnmetConstraint("step_ratio", MAX_STEP_RATIO, largest / mean, "too_few_tracks_between", details))
    artists = [track_artist_key(end.track) for end in on_way]
    if repeated := sum(one == other is not None for one, other in pairwise(artists)):
        details = {"n_close": repeated, "n_tracks": len(on_way)}
        unmet.append(UnmetConstraint("min_artist_gap", 1, 0, "too_few_other_artists", details))
    return unmet
