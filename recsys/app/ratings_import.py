"""Likes and dislikes from files of other programs.

Each entry of a file names a track, and may have a heart, stars or a play count. A heart, or a place in a playlist, is a
like; many stars are a like, few a dislike; without stars or a heart, many plays are a like. All files are read and
matched with the library before anything is stored. Ratings that were set by hand stay, unless they are overwritten.
Stars, play counts and times of plays are stored as well, also of tracks that are neither liked nor disliked.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from recsys.app.context import LibraryContext
from recsys.app.credit_import import ImportedGroup, import_groups
from recsys.app.import_decisions import ImportOptions, combine, decide, sum_plays, vote
from recsys.app.plays_import import ImportedPlays, events_of, has_times_or_stars, new_counts, new_stars
from recsys.domain.listeners import (
    PlayCount,
    Stars,
)
from recsys.domain.tracks import Rating, Track
from recsys.errors import Hint, InvalidRequest, NotFound, pluralise

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.importers.entries import ExternalTrack, ImportedFile
    from recsys.matching.match import Match

_N_LISTED = 9  # playlists of a file that an error lists
MATCH_METHODS = ("path", "path ending", "musicbrainz", "name", "similar name")
ACTIONS = ("like", "dislike", "update_plays", "unchanged", "kept_manual", "ignored")


class ImportedEntry(NamedTuple):
    """One entry of a file, its track in the library, how that was matched, and what happens to its rating.

    ``action`` is "like", "dislike", "update_plays" (only the play count changes), "unchanged", "kept_manual" (a manual
    rating that differs is kept), "ignored" (too few plays in all) or "not_found" (``track`` is None).
    """

    file: str
    entry: "ExternalTrack"
    track: Track | None
    match_method: str
    action: str

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON values, without the new rating."""
        source = {
            "artist": self.entry.artist,
            "title": self.entry.title,
            "album": self.entry.album,
            "path": self.entry.path,
            "musicbrainz_recording": self.entry.recording,
            "duration": self.entry.duration,
        }
        return {
            "file": self.file,
            "source": source,
            "track": None if self.track is None else self.track.to_dict(),
            "match_method": self.match_method or None,
            "action": self.action,
        }


class ImportPreview(NamedTuple):
    """What an import stores: every entry, and the ratings by track id; and what is stored beside ratings.

    ``without_rating`` counts entries with neither a rating nor enough plays, ``unidentified`` those without a name.
    ``playlists`` are the names of playlists that a file of playlists has, ``groups`` the albums and artists that are
    liked or banned in the files.
    """

    entries: tuple[ImportedEntry, ...]
    ratings: Mapping[int, Rating]
    without_rating: int
    unidentified: int
    plays: ImportedPlays = ImportedPlays()
    playlists: tuple[str, ...] = ()
    groups: tuple[ImportedGroup, ...] = ()

    def matches_by_method(self) -> Counter[str]:
        """How many entries each method has matched."""
        return Counter(entry.match_method for entry in self.entries if entry.track)

    def tracks_by_action(self) -> Counter[str]:
        """How many tracks each action concerns."""
        return Counter({entry.track.id: entry.action for entry in self.entries if entry.track}.values())

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON values: counts, and every entry with the rating that it changes."""
        methods, actions = self.matches_by_method(), self.tracks_by_action()
        entries = []
        for entry in self.entries:
            rating = self.ratings.get(entry.track.id) if entry.track else None
            entries.append({**entry.to_dict(), "new_rating": None if rating is None else rating.to_dict()})
        return {
            "not_found": len(self.entries) - methods.total(),
            "matched": {method: methods[method] for method in MATCH_METHODS},
            "tracks": {action: actions[action] for action in ACTIONS},
            "without_rating": self.without_rating,
            "unidentified": self.unidentified,
            "stars": len(self.plays.stars),
            "play_counts": len(self.plays.counts),
            "plays": len(self.plays.history),
            "playlists": list(self.playlists),
            "groups": [group.to_dict() for group in self.groups],
            "entries": entries,
        }


def preview(context: LibraryContext, files: Sequence[Path], options: ImportOptions) -> ImportPreview:
    """The ratings in some files, matched with the library; nothing is stored.

    Raises
    ------
    InvalidRequest
        A file has no known format or is damaged, or ``as_dislikes`` is set for a file that is not a playlist.
    NotFound
        A file does not exist, or nothing in the files is liked or disliked.
    """
    from recsys.importers.formats import read_file

    paths = list({os.path.realpath(path): path for path in files}.values())
    with context.open() as catalogue:  # first: reading large files takes minutes
        read = [read_file(path, format=options.format, playlist=options.playlist) for path in paths]
        for path, file in zip(paths, read, strict=True):
            if options.as_dislikes and not file.is_playlist:
                raise InvalidRequest(
                    f"is for playlists; {path} is not one (format {file.format})", field="as_dislikes",
                    hint=Hint.CHOOSE_PLAYLIST,
                )  # fmt: skip
        return preview_of(catalogue, list(map(str, paths)), read, options)


def preview_of(
    catalogue: "Catalogue",
    names: Sequence[str],
    read: "Sequence[ImportedFile]",
    options: ImportOptions,
    *,
    may_be_empty: bool = False,
    match: "Callable[[Sequence[ImportedFile]], list[list[Match | None]]] | None" = None,
) -> ImportPreview:
    """The ratings in what was read from some sources of these names, matched with the library; nothing is stored.

    ``match`` has the tracks of the library for their entries; by default these are compared with all files of it.

    Raises
    ------
    NotFound
        Nothing is liked or disliked, and that is an error.
    """
    from recsys.app.performances import best_matches
    from recsys.matching.match import match as match_all

    plays = _count_plays(read)
    rated = [tuple(_rated_entries(file, plays, options)) for file in read]
    others = [tuple(_other_entries(file, of_file, options)) for file, of_file in zip(read, rated, strict=True)]
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    groups = import_groups(catalogue, read, now, overwrite=options.overwrite)
    nothing = not any(rated) and not groups and not any(map(has_times_or_stars, chain(*others)))
    if nothing and not may_be_empty:
        raise _nothing_rated_error(read, options)
    shown = [replace(file, tracks=of_file + rest) for file, of_file, rest in zip(read, rated, others, strict=True)]
    matches = best_matches(
        catalogue,
        match(shown)
        if match
        else match_all(shown, catalogue.iter_files, files_at=catalogue.files_at, path_map=options.path_map),
    )
    tracks = catalogue.tracks_by_id({m.id for of_file in matches for m in of_file if m})
    stored = _stored(catalogue)
    matched = [
        (n < len(of_file), name, file, entry, m if m and m.id in tracks else None)
        for name, file, of_file, found in zip(names, shown, rated, matches, strict=True)
        for n, (entry, m) in enumerate(zip(file.tracks, found, strict=True))
    ]
    entries_of: dict[int, list[tuple[ImportedFile, ExternalTrack]]] = defaultdict(list)
    rated_of: dict[int, list[tuple[ImportedFile, ExternalTrack]]] = defaultdict(list)
    for is_rated, _, file, entry, m in matched:
        if m:
            entries_of[m.id].append((file, entry))
        if m and is_rated:
            rated_of[m.id].append((file, entry))
    history = events_of(entries_of)
    history = catalogue.new_plays(history) if catalogue.has_listener() else history
    decisions = {
        i: decide(stored.ratings.get(i), *combine(of_track, options), options, now) for i, of_track in rated_of.items()
    }
    imported = [
        ImportedEntry(path, entry, tracks[m.id], m.method, decisions[m.id][0])
        if m
        else ImportedEntry(path, entry, None, "", "not_found")
        for is_rated, path, _, entry, m in matched
        if is_rated
    ]
    counts = {i: sum_plays(of_track).most_common(1)[0][1] for i, of_track in entries_of.items()}
    return ImportPreview(
        tuple(imported),
        {i: rating for i, (_, rating) in decisions.items() if rating is not None},
        sum(len(file.tracks) for file in read) - len(imported),
        sum(file.unidentified for file in read),
        ImportedPlays(
            new_stars(entries_of, stored.stars, now, overwrite=options.overwrite) if options.usual_thresholds else {},
            new_counts(counts, stored.counts),
            tuple(history),
            len(entries_of.keys() - rated_of.keys()),
        ),
        tuple(name for file in read if file.is_playlist for name in file.playlists),
        groups,
    )


class _Stored(NamedTuple):
    """What the library has before the import."""

    ratings: Mapping[int, Rating]
    stars: Mapping[int, Stars]
    counts: Mapping[int, PlayCount]


def _stored(catalogue: "Catalogue") -> _Stored:
    if not catalogue.has_listener():  # the import adds the listener
        return _Stored({}, {}, {})
    return _Stored(catalogue.ratings(), catalogue.stars(), catalogue.play_counts())


def _count_plays(files: "Iterable[ImportedFile]") -> Counter[tuple[str, ...]]:
    """Plays of each track by its name: a history may list it with several albums, and in several files."""
    plays: Counter[tuple[str, ...]] = Counter()
    for file in files:
        for entry in file.tracks:
            if entry.plays:
                plays[_name_key(entry)] += entry.plays
    return plays


def _rated_entries(
    file: "ImportedFile", plays: Mapping[tuple[str, ...], int], options: ImportOptions
) -> "Iterator[ExternalTrack]":
    """The entries with a vote, or with enough plays where they have neither stars nor a heart."""
    for entry in file.tracks:
        plays_count = entry.plays and entry.stars is None and entry.loved is None
        if vote(entry, file, options) or (plays_count and plays[_name_key(entry)] >= options.min_plays):
            yield entry


def _other_entries(
    file: "ImportedFile", rated: "Sequence[ExternalTrack]", options: ImportOptions
) -> "Iterator[ExternalTrack]":
    """The entries without a rating that have plays, or stars that are stored."""
    known = set(map(id, rated))
    for entry in file.tracks:
        if id(entry) not in known and (entry.plays or (entry.stars and options.usual_thresholds)):
            yield entry


def _name_key(entry: "ExternalTrack") -> tuple[str, ...]:
    from recsys.metadata.names import artist_key, title_key

    if not entry.title:
        return (entry.recording or entry.path or "",)
    return artist_key(entry.artist or ""), title_key(entry.title)


def _nothing_rated_error(files: "Sequence[ImportedFile]", options: ImportOptions) -> NotFound:
    n_entries = sum(len(file.tracks) for file in files)
    names = [name for file in files for name in file.playlists if name]
    message = (
        f"none of {pluralise(n_entries, 'entry', 'entries')} is liked or disliked: no heart, no rating of "
        f"{options.like_threshold:g} or more, or {options.dislike_threshold:g} or less, and "
        f"nothing played {pluralise(options.min_plays, 'time')}"
    )
    if names:
        return NotFound(
            f"{message}; playlists in it are: {', '.join(names[:_N_LISTED])}", hint=Hint.CHOOSE_PLAYLIST
        )  # fmt: skip
    return NotFound(message)
