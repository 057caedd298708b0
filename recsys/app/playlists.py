"""Playlists from a recipe: what is asked for is checked, likes are weighed, a list is made, what gave way is told."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from recsys.app.context import LibraryContext
from recsys.app.filters import filter_ids, unfit_ids
from recsys.app.ratings import rated_tracks
from recsys.app.unmet_constraints import describe_left_out, describe_unmet_constraint
from recsys.app.validation import (
    check_durations,
    check_filter,
    check_min,
    check_range,
    describe_filter,
    ensure_analysed,
    ensure_known_genres,
    ensure_library_not_empty,
    no_likes_hint,
    track_label,
)
from recsys.database.catalogue import Catalogue
from recsys.domain.arrays import IdArray
from recsys.domain.requests import PlaylistRequest
from recsys.domain.results import Playlist, UnmetConstraint
from recsys.domain.tracks import Rating, Track
from recsys.errors import InvalidRequest, NotFound
from recsys.nearest import NearestIndex
from recsys.recommend.constraints import ENERGY_CURVE_NAMES, PlaylistConstraints, Quota
from recsys.recommend.playlist import OutOfRange, PlaylistResult, recommend_playlist
from recsys.recommend.pool import WeightedTracks
from recsys.recommend.weights import weights

LENGTH = 25
N_RECENT_PLAYLISTS = 10  # lists whose tracks are left out of a fresh one
_QUOTA = re.compile(r"(.+)=\s*(\d+(?:\.\d+)?)\s*(%?)", re.DOTALL)


def make_playlist(context: LibraryContext, request: PlaylistRequest) -> Playlist:
    """The playlist of a recipe: from its seeds, without them from the likes; 25 tracks where it says no length.

    Raises
    ------
    NotFound, AmbiguousTrack, InvalidRequest
    """
    wish = constraints_from(request)
    check_filter(request.filter)
    if request.include_seeds and not request.seeds:
        raise InvalidRequest("include_seeds puts the named tracks into the list, but none is named")
    with context.open() as catalogue:
        index = context.index(catalogue)
        likes, dislikes, name = _read_ratings(catalogue, index, request.seeds)
        if request.include_seeds and len(likes.tracks) > (wish.n or len(likes.tracks)):
            raise InvalidRequest(f"{len(likes.tracks)} tracks are named and shall be in the list, but n is {wish.n}")
        answer = recommend_tracks(catalogue, index, likes, dislikes, wish, request)
        gone = [track for track in likes.tracks if track.missing and request.include_seeds]
    return Playlist(
        name=name,
        tracks=tuple(pick.track for pick in answer.picks),
        similarities=tuple(pick.similarity for pick in answer.picks),
        unmet_constraints=(
            *map(describe_unmet_constraint, answer.unmet_constraints),
            *(f"{track_label(track)} is not on the disk and stays out" for track in gone),
        ),
    )


def constraints_from(request: PlaylistRequest) -> PlaylistConstraints:
    """What a recipe wishes, where it makes sense.

    Raises
    ------
    InvalidRequest
    """
    if request.n is not None and request.minutes is not None:
        raise InvalidRequest("-n and --minutes exclude each other; give one of them")
    for option, value, least in (
        ("-n", request.n, 1), ("--minutes", request.minutes, 1), ("--per-artist", request.max_per_artist, 0),
        ("--per-album", request.max_per_album, 0), ("--artist-gap", request.min_artist_gap, 0),
        ("--seed", request.seed, 0),
    ):  # fmt: skip
        check_min(option, value, least)
    check_durations(request.min_duration, request.max_duration)
    check_range("--variety", request.diversity, 0, 10)
    check_range("--adventure", request.exploration, 0, 10)
    energy = next((shape for shape in ENERGY_CURVE_NAMES if shape == request.energy_curve), None)
    if request.energy_curve is not None and energy is None:
        raise InvalidRequest(f"--energy must be {', '.join(ENERGY_CURVE_NAMES)}, not {request.energy_curve!r}")
    quotas = tuple(map(parse_quota, request.quotas))
    if len({quota.genre.casefold() for quota in quotas}) < len(quotas):
        raise InvalidRequest("--quota names a genre twice; give each once")
    if sum(quota.share or 0 for quota in quotas) > 1 + 1e-9:
        raise InvalidRequest(f"--quota asks for more than 100% ({', '.join(map(str, quotas))}); lower one of them")
    return PlaylistConstraints(
        n=request.n or (None if request.minutes else LENGTH),
        seconds=request.minutes and request.minutes * 60,
        max_per_artist=request.max_per_artist,
        max_per_album=request.max_per_album,
        min_artist_gap=request.min_artist_gap,
        diversity=request.diversity,
        exploration=request.exploration,
        quotas=quotas,
        energy_curve=energy,
        include_seeds=request.include_seeds,
        seed=request.seed,
    )


def parse_quota(text: str) -> Quota:
    """ "jazz=30%" or "jazz=5".

    Raises
    ------
    InvalidRequest
    """
    found = _QUOTA.fullmatch(text.strip())
    if not found or (not found[3] and "." in found[2]) or (found[3] and float(found[2]) > 100):
        raise InvalidRequest(f"--quota must be like jazz=30% or jazz=5, not {text!r}")
    genre = found[1].strip()
    return Quota(genre, share=float(found[2]) / 100) if found[3] else Quota(genre, count=int(found[2]))


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
    """The tracks that a recipe gives to who likes and dislikes these, at least one; they go on from ``after``.

    Raises
    ------
    NotFound
    """
    ensure_known_genres(catalogue, [quota.genre for quota in constraints.quotas])
    quotas = {quota.genre: catalogue.filter_ids(request.filter.with_genre(quota.genre)) for quota in constraints.quotas}
    allowed, absent = filter_ids(catalogue, request.filter), catalogue.missing_ids()
    beyond, unmet_limits = unfit_ids(catalogue, len(index), request.min_duration, request.max_duration)
    unfit = OutOfRange(beyond, request.min_duration, request.max_duration)

    def without(lists: Sequence[IdArray]) -> PlaylistResult:
        excluded = np.concatenate([absent, *lists])
        return recommend_playlist(
            index,
            likes,
            dislikes,
            constraints,
            allowed=allowed,
            excluded=excluded,
            out_of_range=unfit,
            quotas=quotas,
            tracks=catalogue.tracks_by_id,
            edges=catalogue.track_edges,
            after=after,
        )

    answer = (
        _exclude_recent(without, catalogue.saved_playlists.recent(N_RECENT_PLAYLISTS))
        if request.exclude_recent
        else without([])
    )
    if not answer.picks:
        ensure_library_not_empty(catalogue, request.filter.genres)
        left_out = describe_left_out(answer.left_out)
        why = f"fits: {left_out}" if left_out else "is left besides what is liked, disliked or named"
        raise NotFound(f"no track {describe_filter(request.filter)}{why}")
    return replace(answer, unmet_constraints=(*answer.unmet_constraints, *unmet_limits))


def _exclude_recent(
    excluded: Callable[[Sequence[IdArray]], PlaylistResult], recent: Sequence[IdArray]
) -> PlaylistResult:
    """The answer without what stood in as many of the last lists as can be left out at no cost to what is wished."""
    answer = excluded(recent)
    if not recent or not answer.unmet_constraints:
        return answer
    possible, kept = excluded([]), len(recent)
    while kept and (
        possible.violation.is_less_than(answer.violation)
        or len(possible.unmet_constraints) < len(answer.unmet_constraints)
        or not answer.picks
    ):
        kept //= 2
        answer = excluded(recent[:kept])
    if kept < len(recent):
        unmet = UnmetConstraint("exclude_recent", len(recent), kept, "too_few_other_tracks")
        answer = replace(answer, unmet_constraints=(*answer.unmet_constraints, unmet))
    return answer


def _read_ratings(
    catalogue: Catalogue, index: NearestIndex, seeds: Sequence[str]
) -> tuple[WeightedTracks, WeightedTracks, str]:
    """What counts as liked and disliked, and what a list from it is called."""
    rated = rated_tracks(catalogue)
    thought = catalogue.ratings()
    heavy = weights(thought, _newest(thought.values()))
    if seeds:
        wanted = list({track.id: track for track in map(catalogue.resolve, seeds)}.values())
        for track in wanted:
            ensure_analysed(track, index)
        name = f"Like {', '.join(map(track_label, wanted[:3]))}"
    else:
        wanted, name = analysed_only(rated.likes, index), "From your likes"
    if not wanted:
        raise NotFound(no_likes_hint(rated.likes))
    ids = {track.id for track in wanted}
    dislikes = [track for track in analysed_only(rated.dislikes, index) if track.id not in ids]
    liked = replace(_weighted(wanted, {} if seeds else heavy), named=bool(seeds))
    return liked, _weighted(dislikes, heavy), name


def disliked(catalogue: Catalogue, index: NearestIndex, liked: Sequence[Track]) -> WeightedTracks:
    """What counts as disliked beside some tracks that are wanted."""
    ids, thought = {track.id for track in liked}, catalogue.ratings()
    dislikes = [track for track in analysed_only(rated_tracks(catalogue).dislikes, index) if track.id not in ids]
    return _weighted(dislikes, weights(thought, _newest(thought.values())))


def _weighted(tracks: Sequence[Track], heavy: Mapping[int, float]) -> WeightedTracks:
    """Tracks beside each other: the heaviest weighs 1."""
    found = np.array([heavy.get(track.id, 1.0) for track in tracks])
    return WeightedTracks(tuple(tracks), found / max(found, default=1.0))


def _newest(ratings: Iterable[Rating]) -> datetime:
    """When the last opinion was said: age counts from then, so that a list does not change with the hour."""
    said = []
    for rating in ratings:
        with suppress(ValueError):
            at = datetime.fromisoformat(rating.at)
            said.append(at if at.tzinfo else at.replace(tzinfo=UTC))
    return max(said, default=datetime.now(UTC))


def analysed_only(tracks: Sequence[Track], index: NearestIndex) -> list[Track]:
    """Those of some tracks that the index knows."""
    heard = set(index.intersect(np.array([track.id for track in tracks], np.int64)).tolist())
    return [track for track in tracks if track.id in heard]
