"""Walks through a library: from one track or file to another."""

import numpy as np

from recsys.app.context import LibraryContext
from recsys.app.filters import filter_ids, unfit_ids
from recsys.app.queries import SimilarityQuery
from recsys.app.unmet_constraints import describe_unmet_constraint
from recsys.app.validation import (
    check_durations,
    check_filter,
    check_min,
    describe_duration_limits,
    ensure_analysed,
    ensure_library_not_empty,
    track_label,
)
from recsys.database.catalogue import Catalogue
from recsys.domain.requests import MAX_DURATION, MIN_DURATION, TrackFilter
from recsys.domain.results import Playlist
from recsys.errors import NotFound
from recsys.nearest import NearestIndex
from recsys.recommend.path import Endpoint
from recsys.recommend.path import path as walk
from recsys.recommend.selection import MAX_PER_ARTIST
from recsys.recommend.vectors import similarity_vectors

NO_FILTER = TrackFilter()


def path(
    context: LibraryContext,
    a: str,
    b: str,
    *,
    n: int = 12,
    filter: TrackFilter = NO_FILTER,
    max_per_artist: int = MAX_PER_ARTIST,
    min_duration: float = MIN_DURATION,
    max_duration: float = MAX_DURATION,
) -> Playlist:
    """``n`` tracks from ``a`` to ``b`` in even steps; both are among them, whatever else the list may hold.

    Those between are at least ``min_duration`` and at most ``max_duration`` seconds long; 0 is no limit.

    Raises
    ------
    NotFound, AmbiguousTrack, InvalidRequest
    """
    check_min("-n", n, 2)
    check_min("--per-artist", max_per_artist, 0)
    check_filter(filter)
    check_durations(min_duration, max_duration)
    with context.open() as catalogue:
        index = context.index(catalogue)
        first, last = (resolve_endpoint(catalogue, index, reference) for reference in (a, b))
        beyond, unmet_limits = unfit_ids(catalogue, len(index), min_duration, max_duration)
        found = walk(
            index,
            first,
            last,
            n,
            max_per_artist=max_per_artist,
            allowed=filter_ids(catalogue, filter),
            missing_ids=np.union1d(catalogue.missing_ids(), beyond),
            tracks=catalogue.tracks_by_id,
        )
        if n > 2 and len(found.picks) == 2:
            ensure_library_not_empty(catalogue, filter.genres)
        lines = [*map(describe_unmet_constraint, found.unmet_constraints)]
        if len(found.picks) < n and len(beyond):
            lines.append(
                f"{len(beyond)} tracks of the library are {describe_duration_limits(min_duration, max_duration)}"
            )
        lines += map(describe_unmet_constraint, unmet_limits)
    return Playlist(
        name=f"From {track_label(first.track)} to {track_label(last.track)}",
        tracks=tuple(pick.track for pick in found.picks),
        similarities=(None, *(pick.similarity for pick in found.picks[1:])),
        unmet_constraints=tuple(lines),
    )


def resolve_endpoint(catalogue: Catalogue, index: NearestIndex, reference: str) -> Endpoint:
    """The track of the library, or else the file, that is meant, and how it sounds.

    Raises
    ------
    NotFound, AmbiguousTrack
    """
    seeds = SimilarityQuery.resolve(catalogue, [reference])
    if seeds.external_tracks:
        return Endpoint(seeds.external_tracks[0], similarity_vectors(np.stack(seeds.features))[0])
    [track] = seeds.tracks
    if track.missing:
        raise NotFound(f"{track_label(track)} is not on the disk any more; it was at {track.path}")
    ensure_analysed(track, index)
    return Endpoint(track, index.vectors(seeds.ids)[0])
