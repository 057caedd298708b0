"""Match the entries of other programs' files (:class:`~recsys.importers.entries.ExternalTrack`) to tracks of a library.

The most reliable method comes first:

1. "path": the same path.
2. "path ending": the only track whose path ends with the same two or more names, unless title or duration contradict.
3. "musicbrainz": the same MusicBrainz recording.
4. "name": the same artist and title, with durations that differ by at most ``MAX_DURATION_DIFFERENCE``, if known.
5. "similar name": as 4, with typing errors in the artist or in the title.

If a name fits several recordings of the library, the match is the one of the same album, then the one with the nearest
duration. Ambiguous matches count as no match.

The library is read once, and a second time if it spells some artists differently. Only files that may match an entry
are kept in memory.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import splitext
from re import compile as pattern
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.fuzz import ratio

from recsys.domain.catalogue import LibraryFile
from recsys.importers.entries import ExternalTrack, ImportedFile
from recsys.importers.playlists import split_name
from recsys.matching.name_similarity import conflicting, dissimilar, is_typo
from recsys.matching.paths import (
    MIN_COMMON_PARTS,
    candidate_paths,
    common_prefix_length,
    depth_of_root,
    normalise_path,
    normalise_path_map,
    path_names,
)
from recsys.metadata.names import PLACEHOLDER_ARTISTS, artist_key, first_artist_key, is_live, normalise, title_key

MAX_DURATION_DIFFERENCE = 5.0
"""Seconds. Two encodings of one recording differ by hardly a second; an album version and its single or live version
differ by more.
"""

_MIN_RATIO = 85.0  # of rapidfuzz, 0 to 100; keys below it are not compared word by word
_NUMBERING = pattern(r"^(?:\d{1,2}-)?\d{1,3}[\s._-]+(?=\D)")


class Match(NamedTuple):
    """The id of the matched track, and the method: "path", "path ending", "musicbrainz", "name" or "similar name"."""

    id: int
    method: str


FileSource = Callable[[], Iterable[LibraryFile]]
"""A function that iterates over every file of the library; it is called once or twice."""


def match(
    imported: Sequence[ImportedFile], read_files: FileSource, *, path_map: Mapping[str, str] | None = None
) -> list[list[Match | None]]:
    """For each entry of each file the matching track, or None.

    ``path_map`` maps folders as the other program names them to the same folders on this machine.

    Raises
    ------
    InvalidRequest
        A folder of ``path_map`` is an empty string.
    """
    pairs = normalise_path_map(path_map or {})
    queries = [query for file in imported for query in _queries(file, pairs)]
    index = _LibraryIndex()
    index.add_files(queries, read_files(), artists={key for query in queries for key in query.artists})
    matches = [index.find(query) for query in queries]
    unmatched = [query for query, match in zip(queries, matches, strict=True) if match is None and query.artist]
    close = index.close_artists({query.artist for query in unmatched if query.artist not in index.artists})
    if close:
        index.add_files((), read_files(), artists={key for keys in close.values() for key in keys})
    similar = iter([index.find_similar(query, close.get(query.artist, ())) for query in unmatched])
    complete = iter(
        [
            next(similar) if match is None and query.artist else match
            for query, match in zip(queries, matches, strict=True)
        ]
    )
    return [[next(complete) for _ in file.tracks] for file in imported]


@dataclass(frozen=True, slots=True)
class _Query:
    """An entry in the form that is compared with the library."""

    track: ExternalTrack
    paths: tuple[str, ...]  # candidates
    names: tuple[str, ...]  # of the last candidate, last first
    depth: int  # how many of the names are below the folder that all paths of the file have in common
    artist: str
    first_artist: str
    title: str

    @property
    def artists(self) -> set[str]:
        return {self.artist, self.first_artist} - PLACEHOLDER_ARTISTS if self.title else set()


def _queries(imported: ImportedFile, path_map: Sequence[tuple[str, str]]) -> Iterator[_Query]:
    candidates = [tuple(candidate_paths(t.path, imported.folder, path_map)) if t.path else () for t in imported.tracks]
    root = depth_of_root(paths[-1] for paths in candidates if paths)
    for track, paths in zip(imported.tracks, candidates, strict=True):
        artist, title = track.artist, track.title
        if not title and track.path:
            artist, title = _from_file_name(track.path)
        names = tuple(path_names(paths[-1])) if paths else ()
        artist = artist or ""
        known = normalise(artist) not in PLACEHOLDER_ARTISTS
        yield _Query(
            track,
            paths,
            names,
            len(names) - root,
            artist_key(artist) if known else "",
            first_artist_key(artist) if known else "",
            title_key(title) if title else "",
        )


def _from_file_name(path: str) -> tuple[str | None, str | None]:
    """Artist and title of "01 Artist - Title.mp3"; (None, None) for other names."""
    stem = splitext(normalise_path(path).rpartition("/")[2])[0]
    artist, title = split_name(_NUMBERING.sub("", stem).replace("_", " "))
    return (artist, title) if artist else (None, None)


@dataclass(slots=True)
class _LibraryIndex:
    """The files of a library that may match a query, by path, name, MusicBrainz recording and artist."""

    by_path: dict[str, LibraryFile] = field(default_factory=dict)
    by_name: dict[str, list[tuple[list[str], LibraryFile]]] = field(default_factory=dict)
    by_recording: dict[str, list[LibraryFile]] = field(default_factory=dict)
    by_artist: dict[str, dict[str, list[LibraryFile]]] = field(default_factory=lambda: defaultdict(dict))
    by_first_artist: dict[str, dict[str, list[LibraryFile]]] = field(default_factory=lambda: defaultdict(dict))
    artists: set[str] = field(default_factory=set)

    def add_files(self, queries: Sequence[_Query], files: Iterable[LibraryFile], *, artists: set[str]) -> None:
        """Add every file that may match one of the queries or is by one of the artists (keys)."""
        paths = {path for query in queries for path in query.paths}
        last = {query.names[0] for query in queries if query.names}
        ids = {query.track.recording for query in queries if query.track.recording}
        for file in files:
            if paths:
                path = normalise_path(file.path)
                if path in paths and not (file.missing and path in self.by_path):
                    self.by_path[path] = file
                if splitext(path.rpartition("/")[2])[0].casefold() in last:
                    names = path_names(path)
                    self.by_name.setdefault(names[0], []).append((names, file))
            if file.musicbrainz_recording and file.musicbrainz_recording.lower() in ids:
                self.by_recording.setdefault(file.musicbrainz_recording.lower(), []).append(file)
            self._add_by_artist(file, artists)

    def _add_by_artist(self, file: LibraryFile, artists: set[str]) -> None:
        credited, title = (file.artist, file.album_artist), file.title
        if not title:
            artist, title = _from_file_name(file.path)
            credited = (artist, None) if not file.artist else credited
        for artist in {name for name in credited if name}:
            key, first = artist_key(artist), first_artist_key(artist)
            if key in PLACEHOLDER_ARTISTS:
                continue
            self.artists.add(key)
            if not title:
                continue
            if key in artists:
                self.by_artist[key].setdefault(title_key(title), []).append(file)
            if first in artists and first != key:
                self.by_first_artist[first].setdefault(title_key(title), []).append(file)

    def find(self, query: _Query) -> Match | None:
        """The match by path, path ending, MusicBrainz recording or name."""
        for path in query.paths:
            if path in self.by_path:
                return Match(self.by_path[path].id, "path")
        if ending := self._path_ending(query):
            return Match(ending.id, "path ending")
        recordings = self.by_recording.get(query.track.recording or "", ())
        if recordings:
            return Match(min(recordings, key=_distance(query.track)).id, "musicbrainz")
        for titles in (
            self.by_artist.get(query.artist),
            self.by_first_artist.get(query.artist),
            self.by_artist.get(query.first_artist),
        ):
            if titles and (best := _best(query.track, titles.get(query.title, ()))):
                return Match(best.id, "name")
        return None

    def _path_ending(self, query: _Query) -> LibraryFile | None:
        """The only track whose path has the longest common ending."""
        longest = MIN_COMMON_PARTS - 1
        found: list[LibraryFile] = []
        for names, file in self.by_name.get(query.names[0] if query.names else "", ()):
            common = common_prefix_length(query.names, names)
            if common >= longest and self._is_compatible(query, file, names, common):
                found = [*(found if common == longest else ()), file]
                longest = common
        if longest < MIN_COMMON_PARTS:
            return None
        suffix = splitext(query.paths[-1])[1].lower()
        found = [file for file in found if splitext(file.path)[1].lower() == suffix] or found
        return found[0] if len({file.id for file in found}) == 1 else None

    def _is_compatible(self, query: _Query, file: LibraryFile, names: Sequence[str], common: int) -> bool:
        """Whether duration, artist and title allow two paths with a common ending to be of one track.

        Without titles to compare, the ending must be longer, or be all of a path below its root.
        """
        if not _similar_duration(query.track, file):
            return False
        artists = [artist_key(name) for name in (file.artist, file.album_artist) if name]
        if (
            query.track.artist
            and query.artist
            and artists
            and all(dissimilar(query.artist, artist) for artist in artists)
        ):
            return False
        if query.track.title and file.title:
            return not conflicting(query.title, title_key(file.title))
        return common > MIN_COMMON_PARTS or common >= min(query.depth, len(names))

    def close_artists(self, unknown: set[str]) -> dict[str, list[str]]:
        """For artist keys that are not in the library, the keys in it that differ by a typing error."""
        by_initial: dict[str, list[str]] = defaultdict(list)
        for key in sorted(self.artists):
            by_initial[key[0]].append(key)
        found = {}
        for name in sorted(unknown - PLACEHOLDER_ARTISTS):
            close = process.extract(name, by_initial.get(name[0], ()), scorer=ratio, score_cutoff=_MIN_RATIO, limit=5)
            if keys := [key for key, _, _ in close if is_typo(name, key, sure=False)]:
                found[name] = keys
        return found

    def find_similar(self, query: _Query, artists: Sequence[str]) -> Match | None:
        """The match by name with a typing error in the artist (one of ``artists``), or else in the title."""
        for artist in artists:
            if best := _best(query.track, self.by_artist[artist].get(query.title, ())):
                return Match(best.id, "similar name")
        titles = self.by_artist.get(query.artist)
        if not titles or not query.title:
            return None
        sure = query.track.duration is not None
        close = process.extract(query.title, list(titles), scorer=ratio, score_cutoff=_MIN_RATIO, limit=10)
        similar = [best for title, _, _ in close if is_typo(query.title, title, sure=sure)
                   if (best := _best(query.track, titles[title]))]  # fmt: skip
        return Match(similar[0].id, "similar name") if len({file.id for file in similar}) == 1 else None


def _best(track: ExternalTrack, files: Iterable[LibraryFile]) -> LibraryFile | None:
    """The file that fits best, of files with the same name; None if no duration and album fits."""
    fitting = [
        file for file in files if _similar_duration(track, file) and _both_live_or_studio(track.album, file.album)
    ]
    return min(fitting, key=_distance(track), default=None)


def _both_live_or_studio(one: str | None, other: str | None) -> bool:
    """Whether two albums may have the same recording: neither is live, or both are the same live album."""
    if not one or not other or not (is_live(one) or is_live(other)):
        return True
    return normalise(one) == normalise(other)


def _similar_duration(track: ExternalTrack, file: LibraryFile) -> bool:
    return track.duration is None or abs(track.duration - file.duration) <= MAX_DURATION_DIFFERENCE


def _distance(track: ExternalTrack) -> Callable[[LibraryFile], tuple[bool, bool, bool, float, int]]:
    """The sort key of files of one name: the same album first, then present, not live, nearest in duration."""
    album = normalise(track.album) if track.album else ""

    def distance(file: LibraryFile) -> tuple[bool, bool, bool, float, int]:
        other = bool(album) and normalise(file.album or "") != album
        seconds = abs(track.duration - file.duration) if track.duration is not None else 0.0
        return other, file.missing, is_live(file.album) and not is_live(track.album), seconds, file.id

    return distance
