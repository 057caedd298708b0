"""Paths through a library: from one track or file to another."""

import numpy as np

from recsys.app.context import LibraryContext
from recsys.app.filters import filter_ids, ids_outside_duration
from recsys.app.performances import Copies, present_copies
from recsys.app.queries import SimilarityQuery
from recsys.app.validation import ensure_analysed, ensure_library_not_empty, track_label
from recsys.database.catalogue import Catalogue
from recsys.domain.checks import check_min
from recsys.domain.requests import TrackFilter, check_durations
from recsys.domain.results import Playlist, PlaylistWriter, UnmetConstraint
from recsys.errors import InvalidRequest, NotFound
from recsys.ingest.file_workers import FileWorkers
from recsys.nearest import NearestIndex
from recsys.recommend.path import Endpoint
from recsys.recommend.path import path as find_path
from recsys.recommend.selection import id_array, picked_tracks
from recsys.recommend.vectors import similarity_vectors


def path(
    context: LibraryContext,
    start: str,
    end: str,
    *,
    n: int,
    filter: TrackFilter,
    max_per_artist: int,
    min_duration: float,
    max_duration: float,
    writer: PlaylistWriter | None = None,
) -> Playlist:
    """``n`` tracks in even steps from ``start`` to ``end``, which pass whatever the filter; see
    :meth:`recsys.Library.path`.
    """
    check_min("n", n, 2)
    check_min("max_per_artist", max_per_artist, 0)
    check_durations(min_duration, max_duration)
    with context.open() as catalogue:
        index = context.index(catalogue)
        with FileWorkers(file_timeout=context.settings.file_timeout) as workers:
            first, last = (resolve_endpoint(catalogue, index, reference, workers) for reference in (start, end))
        copies = Copies(catalogue)
        if first.track.id and copies.are_copies(first.track.id, last.track.id):
            raise InvalidRequest("both ends are the same recording; choose two different tracks")
        outside, unmet_limits = ids_outside_duration(catalogue, len(index), min_duration, max_duration)
        allowed = filter_ids(catalogue, filter)
        excluded = np.union1d(catalogue.missing_ids(), outside)
        found = find_path(
            index, first, last, n, max_per_artist=max_per_artist, allowed=allowed,
            missing_ids=copies.excluded(allowed, excluded, listed=[first.track.id, last.track.id]),
            tracks=catalogue.tracks_by_id,
        )  # fmt: skip
        if n > 2 and len(found.picks) == 2:
            ensure_library_not_empty(catalogue, filter)
        unmet = [*found.unmet_constraints, *unmet_limits]
        if len(found.picks) < n and len(outside):
            unmet.append(outside_limits(len(outside), min_duration, max_duration))
    tracks = picked_tracks(found.picks)
    return Playlist(
        name=f"From {track_label(first.track)} to {track_label(last.track)}",
        tracks=(first.track, *tracks[1:]),
        unmet_constraints=tuple(unmet),
        writer=writer,
    )


def outside_limits(n: int, min_duration: float, max_duration: float) -> UnmetConstraint:
    """``n`` tracks are outside the duration limits, where a playlist has fewer tracks than requested."""
    details = {"min_duration": min_duration, "max_duration": max_duration}
    return UnmetConstraint("duration_limits", None, n, "tracks_outside", details)


def resolve_endpoint(catalogue: Catalogue, index: NearestIndex, reference: str, workers: FileWorkers) -> Endpoint:
    """The track of the library, else the file, and its similarity vector.

    Raises
    ------
    NotFound, AmbiguousTrack
        No track matches, its file is missing, or several tracks match.
    NotAnalysed
        The track has no features of this version.
    """
    query = SimilarityQuery.resolve(catalogue, [reference], workers=workers)
    if query.external_tracks:
        return Endpoint(query.external_tracks[0], similarity_vectors(np.stack(query.features))[0])
    [track] = present_copies(catalogue, {track.id: track for track in query.tracks}).values()
    if track.missing:
        raise NotFound(f"{track_label(track)} is not on the disk any more; it was at {track.path}")
    ensure_analysed(track, index)
    return Endpoint(track, index.vectors(id_array([track]))[0])
