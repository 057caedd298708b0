"""Playlists from a request: ratings are weighted, tracks recommended, and constraints that are not met reported."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import Any

import numpy as np

from recsys.app.context import LibraryContext
from recsys.app.credit_ratings import read_implied_ratings
from recsys.app.filters import filter_ids, ids_outside_duration, with_known_folders
from recsys.app.minus_seeds import resolve_minus_tracks
from recsys.app.performances import Copies
from recsys.app.ratings import rated_tracks
from recsys.app.unmet_constraints import describe_left_out
from recsys.app.validation import (
    describe_filter,
    ensure_analysed,
    ensure_known_genres,
    ensure_library_not_empty,
    no_likes_error,
    track_label,
    unknown_exclusions,
)
from recsys.database.catalogue import Catalogue
from recsys.domain.arrays import IdArray
from recsys.domain.requests import DEFAULT_LENGTH, PlaylistRequest
from recsys.domain.results import Playlist, PlaylistWriter, UnmetConstraint
from recsys.domain.tracks import Rating, Track
from recsys.errors import InvalidRequest, NotFound
from recsys.nearest import NearestIndex
from recsys.recommend.constraints import PlaylistConstraints
from recsys.recommend.played_likes import MAX_PLAYED, MIN_PLAYS, PLAYS, played_likes
from recsys.recommend.playlist import OutOfRange, PlaylistResult, recommend_playlist
from recsys.recommend.pool import WeightedTracks
from recsys.recommend.selection import id_array, picked_tracks
from recsys.recommend.weights import weights

N_RECENT_PLAYLISTS = 10  # playlists whose tracks ``exclude_recent`` leaves out
_MAX_SEEDS = 8  # that are tried until a playlist differs from those of the history


def make_playlist(
    context: LibraryContext, request: PlaylistRequest, *, writer: PlaylistWriter | None = None
) -> Playlist:
    """The playlist of a request; see :meth:`recsys.Library.playlist`."""
    constraints = constraints_from(request)
    with context.open() as catalogue:
        index = context.index(catalogue)
        likes, dislikes, name = _read_ratings(catalogue, index, request.seeds, request.not_like)
        if request.include_seeds and constraints.n is not None and len(likes.stated) > constraints.n:
            raise InvalidRequest(
                f"must be at least the number of seeds that are included, {len(likes.stated)}", field="n",
                value=constraints.n,
            )  # fmt: skip
        written = _written_before(catalogue) if request.random else frozenset()
        for _ in range(_MAX_SEEDS):
            drawn = request.with_drawn_seed()
            result = recommend_tracks(catalogue, index, likes, dislikes, constraints_from(drawn), drawn)
            if _ids_of(result) not in written:
                break
        missing = [track for track in likes.stated if track.missing and request.include_seeds]
    unmet = [
        UnmetConstraint("include_seeds", track_label(track), None, "missing_file", {"path": track.path})
        for track in missing
    ]
    return Playlist(
        name=name,
        tracks=picked_tracks(result.picks),
        unmet_constraints=(*result.unmet_constraints, *unmet),
        writer=writer,
        seed=drawn.seed,
    )


def constraints_from(request: PlaylistRequest) -> PlaylistConstraints:
    """The part of a request that :func:`recsys.recommend.playlist.recommend_playlist` satisfies: fields of one name."""
    shared = {field.name for field in fields(PlaylistConstraints)} & {field.name for field in fields(request)}
    values: dict[str, Any] = {name: getattr(request, name) for name in shared}
    values["n"] = request.n or (None if request.minutes else DEFAULT_LENGTH)
    return PlaylistConstraints(**values, seconds=request.minutes and request.minutes * 60)


def recommend_tracks(
    catalogue: Catalogue,
    index: NearestIndex,
    likes: WeightedTracks,
    dislikes: WeightedTracks,
    constraints: PlaylistConstraints,
    request: PlaylistRequest,
    *,
    after: Track | None = None,
) -> PlaylistResult:
    """At least one track that the likes and dislikes recommend and the request allows; the first one follows ``after``.

    Raises
    ------
    NotFound
        No track passes the filter, or a quota names a genre that no track has.
    """
    ensure_known_genres(catalogue, [quota.genre for quota in constraints.quotas])
    filter = with_known_folders(catalogue, request.filter)
    quotas = {quota.genre: catalogue.filter_ids(filter.with_genre(quota.genre)) for quota in constraints.quotas}
    allowed = filter_ids(catalogue, filter)
    outside, unmet_limits = ids_outside_duration(catalogue, len(index), request.min_duration, request.max_duration)

    copies = Copies(catalogue)
    rated = copies.with_copies(id_array((*likes.stated, *dislikes.tracks)))
    unwanted = np.concatenate([catalogue.missing_ids(), rated, copies.with_copies(ids_of_disliked_credits(catalogue))])

    def recommend(excluded: Sequence[IdArray], seed: int = constraints.seed) -> PlaylistResult:
        taken = np.concatenate([unwanted, *map(copies.with_copies, excluded)])
        spare = copies.spare(allowed, np.union1d(taken, outside))
        return recommend_playlist(
            index, likes, dislikes, replace(constraints, seed=seed),
            allowed=allowed, excluded=np.concatenate([taken, spare]),
            out_of_range=OutOfRange(outside, request.min_duration, request.max_duration),
            quotas=quotas, tracks=catalogue.tracks_by_id, edges=catalogue.track_edges, after=after,
        )  # fmt: skip

    is_new = request.exclude_recent
    result = _recommend_new(recommend, catalogue, constraints.seed) if is_new else recommend([])
    if not result.picks:
        ensure_library_not_empty(catalogue, request.filter)
        left_out = describe_left_out(result.left_out)
        why = f"can be chosen: {left_out}" if left_out else "is left besides the liked, disliked and seed tracks"
        if allowed is not None and not len(np.setdiff1d(allowed, catalogue.missing_ids())):
            why = "is in the library"
        raise NotFound(f"no track {describe_filter(request.filter)}{why}")
    unmet = (*result.unmet_constraints, *unmet_limits, *unknown_exclusions(catalogue, request.filter))
    return replace(result, unmet_constraints=unmet)


def _recommend_new(recommend: Callable[..., PlaylistResult], catalogue: Catalogue, seed: int) -> PlaylistResult:
    """The result without the tracks of recent playlists, and with other tracks than each playlist of the history.

    The seed grows with the history: with one seed, the best playlist would come back as soon as it is not recent any
    more. In a library with few tracks that match, some seeds give a playlist that has been written; then others are
    tried.
    """
    recent, written = catalogue.saved_playlists.recent(N_RECENT_PLAYLISTS), _written_before(catalogue)
    seed += _MAX_SEEDS * catalogue.saved_playlists.n_written()
    results = (_exclude_recent(partial(recommend, seed=seed + i), recent) for i in range(_MAX_SEEDS))
    first = next(results)
    if not first.picks:
        return first
    return next((new for new in chain([first], results) if _ids_of(new) not in written), first)


def _written_before(catalogue: Catalogue) -> frozenset[frozenset[int]]:
    """The ids of the tracks of each playlist of the history."""
    return frozenset(frozenset(ids.tolist()) for ids in catalogue.saved_playlists.recent())


def _ids_of(result: PlaylistResult) -> frozenset[int]:
    return frozenset(pick.track.id for pick in result.picks)


def _exclude_recent(
    recommend: Callable[[Sequence[IdArray]], PlaylistResult], recent: Sequence[IdArray]
) -> PlaylistResult:
    """The result without the tracks of as many recent playlists as can be excluded without violating constraints."""
    result = recommend(recent)
    if not recent or not result.unmet_constraints:
        return result
    unrestricted, n_excluded = recommend([]), len(recent)
    while n_excluded and (
        unrestricted.violation.is_less_than(result.violation)
        or len(unrestricted.unmet_constraints) < len(result.unmet_constraints)
        or not result.picks
    ):
        n_excluded //= 2
        result = recommend(recent[:n_excluded])
    if n_excluded < len(recent):
        unmet = UnmetConstraint("exclude_recent", len(recent), n_excluded, "too_few_other_tracks")
        result = replace(result, unmet_constraints=(*result.unmet_constraints, unmet))
    return result


def _read_ratings(
    catalogue: Catalogue, index: NearestIndex, seeds: Sequence[str], not_like: Sequence[str]
) -> tuple[WeightedTracks, WeightedTracks, str]:
    """The weighted likes (or seeds), dislikes and seeds with a minus, and the name of a playlist made from them."""
    ratings = catalogue.ratings()
    rated = rated_tracks(catalogue, ratings)
    implied = {} if seeds else _implied_likes(catalogue, ratings)
    weight_by_id = weights({**ratings, **implied}, _newest([*ratings.values(), *implied.values()]))
    if seeds:
        liked = list({track.id: track for track in catalogue.resolve_all(seeds)}.values())
        for track in liked:
            ensure_analysed(track, index)
        name = f"Like {', '.join(map(track_label, liked[:3]))}"
        minus = resolve_minus_tracks(catalogue, not_like, liked)
    else:
        parts = catalogue.tracks_by_id(implied).values()
        minus = resolve_minus_tracks(catalogue, not_like, ())
        has_likes = rated.likes or any(rating.source != PLAYS for rating in implied.values())
        name = "From your likes" if has_likes else "From what you play often"
        avoided = {track.id for track in minus}  # what is liked may be unwanted in one list
        liked = [track for track in analysed_only([*rated.likes, *parts], index) if track.id not in avoided]
    if not liked:
        raise no_likes_error(rated.likes)
    ids = {track.id for track in liked}
    dislikes = [track for track in analysed_only(rated.dislikes, index) if track.id not in ids]
    weighted = replace(_weighted(liked, {} if seeds else weight_by_id), named=bool(seeds), implied=frozenset(implied))
    for track in minus:
        ensure_analysed(track, index)
    if minus:
        name += f", not like {', '.join(map(track_label, minus[:3]))}"
    return weighted, _weighted(dislikes, weight_by_id).with_minus(minus), name


def _implied_likes(catalogue: Catalogue, ratings: Mapping[int, Rating]) -> dict[int, Rating]:
    """The likes that those of albums and artists imply, and plays; a track has the stronger one."""
    credits = read_implied_ratings(catalogue)
    likes = [rating for rating in ratings.values() if rating.value > 0]
    counts = catalogue.most_played(MIN_PLAYS, MAX_PLAYED, ratings)
    strength = sum(rating.strength for rating in (*likes, *credits.likes.values()))
    played = played_likes({i: count for i, count in counts.items() if i not in credits.excluded}, strength)
    return {
        **played,
        **{
            i: max(rating, played.get(i, rating), key=lambda each: each.strength) for i, rating in credits.likes.items()
        },
    }


def weighted_dislikes(catalogue: Catalogue, index: NearestIndex, liked: Sequence[Track]) -> WeightedTracks:
    """The weighted dislikes that are not among ``liked``."""
    ids, ratings = {track.id for track in liked}, catalogue.ratings()
    rated = rated_tracks(catalogue, {i: rating for i, rating in ratings.items() if rating.value < 0})
    dislikes = [track for track in analysed_only(rated.dislikes, index) if track.id not in ids]
    return _weighted(dislikes, weights(ratings, _newest(ratings.values())))


def _weighted(tracks: Sequence[Track], weight_by_id: Mapping[int, float]) -> WeightedTracks:
    """Tracks with weights (n,) in (0, 1], of which the largest is 1."""
    found = np.array([weight_by_id.get(track.id, 1.0) for track in tracks])
    return WeightedTracks(tuple(tracks), found / max(found, default=1.0))


def _newest(ratings: Iterable[Rating]) -> datetime:
    """The time of the latest rating: ages count from it, so that a playlist does not change with the hour."""
    times = []
    for rating in ratings:
        with suppress(ValueError):
            at = datetime.fromisoformat(rating.rated_at)
            times.append(at if at.tzinfo else at.replace(tzinfo=UTC))
    return max(times, default=datetime.now(UTC))


def ids_of_disliked_credits(catalogue: Catalogue) -> IdArray:
    """Ids (n,) of the tracks of disliked albums and artists, which no playlist has."""
    return np.array(sorted(read_implied_ratings(catalogue).excluded), np.int64)


def analysed_only(tracks: Sequence[Track], index: NearestIndex) -> list[Track]:
    """The tracks that the index contains."""
    known = set(index.intersect(np.array([track.id for track in tracks], np.int64)).tolist())
    return [track for track in tracks if track.id in known]
