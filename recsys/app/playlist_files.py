"""Playlist files that exist already: read, continued, or extended where two tracks are far apart."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from recsys.app.context import LibraryContext
from recsys.app.filters import filter_ids, ids_outside_duration
from recsys.app.minus_seeds import resolve_minus_tracks
from recsys.app.paths import outside_limits
from recsys.app.performances import Copies, present_copies
from recsys.app.playlists import (
    analysed_only,
    constraints_from,
    ids_of_disliked_credits,
    recommend_tracks,
    weighted_dislikes,
)
from recsys.app.ratings import rated_tracks
from recsys.app.validation import ensure_analysed
from recsys.database.catalogue import Catalogue
from recsys.domain.checks import check_min
from recsys.domain.requests import PlaylistRequest, TrackFilter, check_durations
from recsys.domain.results import Playlist, PlaylistWriter, UnmetConstraint
from recsys.domain.tracks import Track
from recsys.errors import Hint, InvalidRequest, NotAnalysed, NotFound, pluralise
from recsys.importers.formats import read_file
from recsys.importers.named_playlists import list_names
from recsys.matching.match import match
from recsys.nearest import NearestIndex
from recsys.recommend.path import Endpoint, interpolate, step_similarities
from recsys.recommend.pool import WeightedTracks
from recsys.recommend.selection import Pick, id_array

_FIRST_WEIGHT = 0.3  # of the first track of a playlist that is continued; the last one weighs 1
_MAX_STEP_RATIO = 0.95  # of a gap: a new track must leave two steps that are both shorter than this


class PlaylistFile(NamedTuple):
    """A playlist file: its name, the tracks of the library in it, in order, and the entries that match no track."""

    name: str
    tracks: tuple[Track, ...]
    unmatched: tuple[str, ...]


def read_playlist_file(
    catalogue: Catalogue, file: Path, path_map: Mapping[str, str], playlist: str | None = None
) -> PlaylistFile:
    """The tracks of a playlist file; ``path_map`` has folders in the file and the same folders here.

    ``playlist`` is the name of a playlist in a file with several, such as the library of a player.

    Raises
    ------
    NotFound
        No entry is in the library.
    InvalidRequest
        The file cannot be read as a playlist, or has several.
    """
    imported = read_file(file, playlist=playlist)
    if playlist is None and imported.playlists:
        if len(imported.playlists) > 1:
            raise InvalidRequest(
                f"{file} has several playlists: {list_names(imported.playlists)}", hint=Hint.CHOOSE_PLAYLIST
            )
        imported = read_file(file, playlist=imported.playlists[0])
    [matches] = match([imported], catalogue.iter_files, files_at=catalogue.files_at, path_map=path_map)
    tracks = present_copies(catalogue, catalogue.tracks_by_id([found.id for found in matches if found]))
    unmatched = tuple(str(entry) for entry, found in zip(imported.tracks, matches, strict=True) if found is None)
    unmatched += ("an entry without a name",) * imported.unidentified
    if not tracks:
        raise NotFound(f"none of the {pluralise(len(matches), 'track')} of {file} is in the library")
    listed = tuple(tracks[found.id] for found in matches if found and found.id in tracks)
    return PlaylistFile(playlist or file.stem, listed, unmatched)


def extend(
    context: LibraryContext,
    file: Path,
    request: PlaylistRequest,
    *,
    path_map: Mapping[str, str],
    playlist: str | None = None,
    writer: PlaylistWriter | None = None,
) -> tuple[Playlist, PlaylistFile]:
    """A playlist file continued by the tracks of a request that resemble it, its last tracks most.

    Raises
    ------
    NotFound, InvalidRequest
        As for :func:`read_playlist_file` and :func:`recsys.app.playlists.recommend_tracks`.
    NotAnalysed
        None of its tracks has been analysed.
    """
    if request.include_seeds:
        raise InvalidRequest(
            "is for new playlists: the tracks of the file are in this one already", field="include_seeds"
        )
    if request.seeds:
        raise InvalidRequest("cannot be combined with a playlist file, whose tracks are the seeds", field="seeds")
    request = request.with_drawn_seed()
    with context.open() as catalogue:
        index = context.index(catalogue)
        read = read_playlist_file(catalogue, file, path_map, playlist)
        known = list({track.id: track for track in _analysed_tracks(read, index)}.values())
        weights = np.linspace(_FIRST_WEIGHT, 1.0, len(known)) if len(known) > 1 else np.ones(1)
        minus = resolve_minus_tracks(catalogue, request.not_like, known)
        for track in minus:
            ensure_analysed(track, index)
        result = recommend_tracks(
            catalogue, index, WeightedTracks(tuple(known), weights, named=True), weighted_dislikes(catalogue, index,
            known).with_minus(minus), constraints_from(request), request, after=known[-1],
        )  # fmt: skip
    new = tuple(replace(pick.track, similarity=pick.similarity) for pick in result.picks)
    unmet = (*_unmatched_entries(read), *result.unmet_constraints)
    return Playlist(read.name, (*read.tracks, *new), unmet, writer=writer, seed=request.seed), read


def insert(
    context: LibraryContext,
    file: Path,
    *,
    n: int,
    filter: TrackFilter,
    max_per_artist: int,
    min_duration: float,
    max_duration: float,
    path_map: Mapping[str, str],
    playlist: str | None = None,
    writer: PlaylistWriter | None = None,
) -> tuple[Playlist, PlaylistFile]:
    """A playlist file with up to ``n`` new tracks, each in the largest gap between two tracks.

    Raises
    ------
    NotFound
        Fewer than two tracks of the file are in the library.
    InvalidRequest
        A number is out of range, or the file cannot be read as a playlist.
    NotAnalysed
        None of its tracks has been analysed.
    """
    check_min("n", n, 1)
    check_min("max_per_artist", max_per_artist, 0)
    check_durations(min_duration, max_duration)
    with context.open() as catalogue:
        index = context.index(catalogue)
        read = read_playlist_file(catalogue, file, path_map, playlist)
        if len(_analysed_tracks(read, index)) < 2:
            raise NotFound(f"only one track of {file} is in the library; there is no gap to fill")
        tracks = list(read.tracks)
        outside, unmet_limits = ids_outside_duration(catalogue, len(index), min_duration, max_duration)
        copies, allowed = Copies(catalogue), filter_ids(catalogue, filter)
        disliked = id_array(rated_tracks(catalogue).dislikes), ids_of_disliked_credits(catalogue)
        dislikes = copies.with_copies(np.concatenate(disliked))
        unavailable = np.union1d(np.union1d(catalogue.missing_ids(), dislikes), outside)
        tried: set[tuple[int, int]] = set()
        added: set[int] = set()
        while len(added) < n and (gap := _largest_gap(tracks, index, tried)) is not None:
            a, b = (Endpoint(track, index.vectors(id_array([track]))[0]) for track in tracks[gap : gap + 2])
            excluded = copies.excluded(allowed, unavailable, listed=id_array(tracks))
            between = interpolate(
                index, a, b, 1, allowed=allowed, missing_ids=excluded, tracks=catalogue.tracks_by_id,
                max_per_artist=max_per_artist, taken=analysed_only(tracks, index),
            )  # fmt: skip
            tried.add((a.track.id, b.track.id))
            if between.picks and _fills_gap(a, between.picks[0].track, b, index):
                tracks.insert(gap + 1, between.picks[0].track)
                added.add(between.picks[0].track.id)
        listed = _with_similarity_to_previous(tracks, added, index)
    unmet = [*_unmatched_entries(read)]
    if len(added) < n:
        unmet.append(UnmetConstraint("n", n, len(added), "no_gap_to_fill"))
        if len(outside):
            unmet.append(outside_limits(len(outside), min_duration, max_duration))
    return Playlist(read.name, listed, (*unmet, *unmet_limits), writer=writer), read


def _with_similarity_to_previous(tracks: Sequence[Track], added: set[int], index: NearestIndex) -> tuple[Track, ...]:
    """The tracks, those that were added with their similarity to the track before."""
    listed = list(tracks)
    for position, pair in enumerate(pairwise(tracks), start=1):
        if pair[1].id in added:
            vectors = index.vectors(id_array(pair))
            [step] = step_similarities(index, [Endpoint(*each) for each in zip(pair, vectors, strict=True)])
            listed[position] = replace(pair[1], similarity=Pick(pair[1], float(step)).similarity)
    return tuple(listed)


def _analysed_tracks(read: PlaylistFile, index: NearestIndex) -> list[Track]:
    known = analysed_only(read.tracks, index)
    if not known:
        raise NotAnalysed(f"none of the tracks of {read.name} has been analysed", hint=Hint.INGEST)
    return known


def _unmatched_entries(read: PlaylistFile) -> list[UnmetConstraint]:
    """The entries of a file that match no track."""
    if not read.unmatched:
        return []
    total = len(read.tracks) + len(read.unmatched)
    details: dict[str, float | str | tuple[str, ...]] = {"n": len(read.unmatched), "first": read.unmatched[0]}
    return [UnmetConstraint("entries", total, len(read.tracks), "not_in_library", details)]


def _largest_gap(tracks: Sequence[Track], index: NearestIndex, tried: set[tuple[int, int]]) -> int | None:
    """The position before the largest gap between two analysed tracks that is not in ``tried``."""
    known = {track.id for track in analysed_only(tracks, index)}
    gaps = []
    for position, (a, b) in enumerate(pairwise(tracks)):
        if {a.id, b.id} <= known and a.id != b.id and (a.id, b.id) not in tried:
            one, other = index.vectors(id_array([a, b]))
            gaps.append((float(one @ other), position))
    return min(gaps, default=(0.0, None))[1]


def _fills_gap(a: Endpoint, middle: Track, b: Endpoint, index: NearestIndex) -> bool:
    """Whether both steps over a track are clearly shorter than the step without it."""
    between = index.vectors(id_array([middle]))[0]
    whole, first, second = (
        float(np.arccos(np.clip(one @ other, -1, 1)))
        for one, other in ((a.vector, b.vector), (a.vector, between), (between, b.vector))
    )
    return max(first, second) < _MAX_STEP_RATIO * whole
