"""Playlists that exist already: files that are read, continued, and bridged where two tracks stand too far apart."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from recsys.app.context import LibraryContext
from recsys.app.filters import filter_ids, unfit_ids
from recsys.app.playlists import analysed_only, constraints_from, disliked, recommend_tracks
from recsys.app.ratings import rated_tracks
from recsys.app.validation import check_durations, check_filter, check_min, describe_duration_limits
from recsys.database.catalogue import Catalogue
from recsys.domain.requests import MAX_DURATION, MIN_DURATION, PlaylistRequest, TrackFilter
from recsys.domain.results import Playlist
from recsys.domain.tracks import Track
from recsys.errors import InvalidRequest, NotFound
from recsys.importers.formats import read_file
from recsys.matching.match import match
from recsys.nearest import NearestIndex
from recsys.recommend.path import Endpoint, interpolate, step_similarities
from recsys.recommend.pool import WeightedTracks
from recsys.recommend.selection import Pick, id_array

_OLDEST_TIME = 0.3  # what the first of a list weighs beside the last, when it is continued
_MIN_IMPROVEMENT = 0.95  # of the widest step that the wider of its halves may be, or the gap is left as it is


class PlaylistFile(NamedTuple):
    """A playlist file: its name, the tracks of the library that it means, in order, and what it names besides."""

    name: str
    tracks: tuple[Track, ...]
    unmatched: tuple[str, ...]


def read_playlist_file(catalogue: Catalogue, file: Path, path_map: Sequence[tuple[str, str]] = ()) -> PlaylistFile:
    """The tracks of a playlist file; ``path_map`` has pairs of folders: in the file, on this machine.

    Raises
    ------
    NotFound, InvalidRequest
    """
    listing = read_file(file)
    [found] = match([listing], catalogue.iter_files, path_map=path_map)
    tracks = catalogue.tracks_by_id([each.id for each in found if each])
    lost = tuple(str(mention) for mention, each in zip(listing.tracks, found, strict=True) if each is None)
    lost += ("an entry that names no track",) * listing.unidentified
    if not tracks:
        raise NotFound(f"none of the {len(found)} tracks of {file} is in the library")
    listed = tuple(tracks[each.id] for each in found if each and each.id in tracks)
    return PlaylistFile(file.stem, listed, lost)


def extend(
    context: LibraryContext, file: Path, request: PlaylistRequest, *, path_map: Sequence[tuple[str, str]] = ()
) -> tuple[Playlist, PlaylistFile]:
    """A playlist file and how it may go on: as many tracks more as the recipe says, like those in it, the last most.

    Raises
    ------
    NotFound, InvalidRequest
    """
    wish = constraints_from(request)
    check_filter(request.filter)
    if request.include_seeds:
        raise InvalidRequest("include_seeds is for a new list: the tracks of the file are in this one already")
    with context.open() as catalogue:
        index = context.index(catalogue)
        read = read_playlist_file(catalogue, file, path_map)
        known = list({track.id: track for track in _analysed_tracks(read, index)}.values())
        likes = WeightedTracks(
            tuple(known), np.linspace(_OLDEST_TIME, 1.0, len(known)) if len(known) > 1 else np.ones(1), named=True
        )
        answer = recommend_tracks(
            catalogue, index, likes, disliked(catalogue, index, known), wish, request, after=known[-1]
        )
    new = tuple(pick.track for pick in answer.picks)
    similarities = (*[None] * len(read.tracks), *(pick.similarity for pick in answer.picks))
    return Playlist(
        read.name, (*read.tracks, *new), similarities, (*_unmatched_messages(read), *answer.unmet_constraints)
    ), read


def insert(
    context: LibraryContext,
    file: Path,
    *,
    n: int,
    filter: TrackFilter,
    max_per_artist: int,
    min_duration: float = MIN_DURATION,
    max_duration: float = MAX_DURATION,
    path_map: Sequence[tuple[str, str]] = (),
) -> tuple[Playlist, PlaylistFile]:
    """A playlist file with up to ``n`` tracks more, each where the step from one track to the next is widest.

    The new ones are at least ``min_duration`` and at most ``max_duration`` seconds long; 0 is no limit.

    Raises
    ------
    NotFound, InvalidRequest
    """
    check_min("-n", n, 1)
    check_min("--per-artist", max_per_artist, 0)
    check_filter(filter)
    check_durations(min_duration, max_duration)
    with context.open() as catalogue:
        index = context.index(catalogue)
        read = read_playlist_file(catalogue, file, path_map)
        if len(_analysed_tracks(read, index)) < 2:
            raise NotFound(f"{file} has one track alone that is in the library; there is no gap to bridge")
        tracks = list(read.tracks)
        allowed = filter_ids(catalogue, filter)
        excluded = np.union1d(catalogue.missing_ids(), id_array(rated_tracks(catalogue).dislikes))
        beyond, usual = unfit_ids(catalogue, len(index), min_duration, max_duration)
        excluded = np.union1d(excluded, beyond)
        tried: set[tuple[int, int]] = set()
        added: set[int] = set()
        while len(added) < n and (place := _largest_gap(tracks, index, tried)) is not None:
            a, b = (Endpoint(t, index.vectors(id_array([t]))[0]) for t in tracks[place : place + 2])
            walk = interpolate(
                index,
                a,
                b,
                1,
                allowed=allowed,
                missing_ids=excluded,
                tracks=catalogue.tracks_by_id,
                max_per_artist=max_per_artist,
                taken=analysed_only(tracks, index),
            )
            tried.add((a.track.id, b.track.id))
            if walk.picks and _is_closer(a, walk.picks[0].track, b, index):
                tracks.insert(place + 1, walk.picks[0].track)
                added.add(walk.picks[0].track.id)
        similarities = _similarity_to_previous(tracks, added, index)
    placed = "1 track" if len(added) == 1 else f"{len(added)} tracks"
    told = [f"{placed} instead of {n}: no other brings two of the list nearer"] if len(added) < n else []
    if told and len(beyond):
        told.append(f"{len(beyond)} tracks of the library are {describe_duration_limits(min_duration, max_duration)}")
    told += [usual] if usual else []
    return Playlist(read.name, tuple(tracks), similarities, (*_unmatched_messages(read), *told)), read


def _similarity_to_previous(tracks: Sequence[Track], added: set[int], index: NearestIndex) -> tuple[float | None, ...]:
    """For each track that was added, the similarity of the one before with it."""
    similarities: list[float | None] = [None] * len(tracks)
    for place, pair in enumerate(pairwise(tracks), start=1):
        if pair[1].id in added:
            [step] = step_similarities(
                index, [Endpoint(*each) for each in zip(pair, index.vectors(id_array(pair)), strict=True)]
            )
            similarities[place] = Pick(pair[1], float(step)).similarity
    return tuple(similarities)


def _analysed_tracks(read: PlaylistFile, index: NearestIndex) -> list[Track]:
    known = analysed_only(read.tracks, index)
    if not known:
        raise NotFound(f"none of the tracks of {read.name} has been listened to; run: recsys ingest FOLDER")
    return known


def _unmatched_messages(read: PlaylistFile) -> list[str]:
    """A line for what a file names that is in no library."""
    if not read.unmatched:
        return []
    rest = f" and {len(read.unmatched) - 1} more" if len(read.unmatched) > 1 else ""
    return [f"{len(read.unmatched)} of its entries are not in the library and stay out: {read.unmatched[0]}{rest}"]


def _largest_gap(tracks: Sequence[Track], index: NearestIndex, tried: set[tuple[int, int]]) -> int | None:
    """The place before the widest step between two tracks that have been heard, and that has not been tried."""
    known = {track.id for track in analysed_only(tracks, index)}
    steps = []
    for place, (a, b) in enumerate(pairwise(tracks)):
        if {a.id, b.id} <= known and a.id != b.id and (a.id, b.id) not in tried:
            one, other = index.vectors(id_array([a, b]))
            steps.append((float(one @ other), place))
    return min(steps, default=(0.0, None))[1]


def _is_closer(a: Endpoint, middle: Track, b: Endpoint, index: NearestIndex) -> bool:
    """Whether both steps over a track are clearly shorter than the one without it."""
    between = index.vectors(id_array([middle]))[0]
    whole, first, second = (
        float(np.arccos(np.clip(one @ other, -1, 1)))
        for one, other in ((a.vector, b.vector), (a.vector, between), (between, b.vector))
    )
    return max(first, second) < _MIN_IMPROVEMENT * whole
