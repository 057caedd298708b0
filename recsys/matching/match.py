"""Match the entries of other programs' files (:class:`~recsys.importers.entries.ExternalTrack`) to tracks of a library.

The most reliable method comes first:

1. "path": the same path.
2. "path ending": the only track whose path ends with the same two or more names, unless title or duration contradict.
3. "musicbrainz": the same MusicBrainz recording.
4. "name": the same artist and title, with durations that differ by at most ``MAX_DURATION_DIFFERENCE``, if known.
5. "similar name": as 4, with typing errors in the artist or in the title.

A label such as "So What - Miles Davis" is compared with artist and title in either order, and the library decides.

If a name fits several recordings of the library, the match is the one of the same album, then the one with the nearest
duration. Ambiguous matches count as no match.

Files at the paths of the entries are looked up. If they are not all, the library is read once, and a second time if it
spells some artists differently. Only files that may match an entry are kept in memory.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import splitext
from re import compile as pattern
from typing import NamedTuple, TypeAlias

from rapidfuzz import process
from rapidfuzz.fuzz import ratio

from recsys.domain.catalogue import LibraryFile
from recsys.importers.entries import ExternalTrack, ImportedFile
from recsys.importers.text_playlists import readings, split_name
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
from recsys.metadata.names import (
    PLACEHOLDER_ARTISTS,
    artist_key,
    first_artist_key,
    is_live,
    names_artist,
    normalise,
    title_key,
)

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
"""A function that iterates over every file of the library; it is called twice at most."""


def match(
    imported: Sequence[ImportedFile],
    read_files: FileSource,
    *,
    files_at: Callable[[Iterable[str]], Iterable[LibraryFile]] = lambda _: (),
    path_map: Mapping[str, str] | None = None,
) -> list[list[Match | None]]:
    """For each entry of each file the matching track, or None.

    ``files_at`` has the files of the library at some paths: where these are all that is asked for, no others are read.
    ``path_map`` maps folders as the other program names them to the same folders on this machine.

    Raises
    ------
    InvalidRequest
        A folder of ``path_map`` is an empty string.
    """
    pairs = normalise_path_map(path_map or {})
    queries = [query for file in imported for query in _queries(file, pairs)]
    index = _LibraryIndex()
    index.add_paths(files_at(dict.fromkeys(path for query in queries for path in query.paths)))
    if rest := [query for query in queries if index.by_path.keys().isdisjoint(query.paths)]:
        index.add_files(rest, read_files(), artists={key for query in rest for key in query.artists})
    matches = [index.find(query) for query in queries]
    unmatched = [query for query, match in zip(queries, matches, strict=True) if match is None and query.artists]
    close = index.close_artists({names.artist for query in unmatched for names in query.readings} - index.artists)
    if close:
        index.add_files((), read_files(), artists={key for keys in close.values() for key in keys})
    similar = iter([index.find_similar(query, close) for query in unmatched])
    complete = iter(
        [
            next(similar) if match is None and query.artists else match
            for query, match in zip(queries, matches, strict=True)
        ]
    )
    return [[next(complete) for _ in file.tracks] for file in imported]


class _Names(NamedTuple):
    """The keys of an artist, of the first of several artists, and of a title; "" if they are unknown."""

    artist: str
    first_artist: str
    title: str


@dataclass(frozen=True, slots=True)
class _Query:
    """An entry in the form that is compared with the library."""

    track: ExternalTrack
    paths: tuple[str, ...]  # candidates
    names: tuple[str, ...]  # of the last candidate, last first
    depth: int  # how many of the names are below the folder that all paths of the file have in common
    readings: tuple[_Names, ...]  # the most likely first

    @property
    def artists(self) -> set[str]:
        """The keys by which artists of the library may match."""
        found = {name for names in self.readings if names.title for name in (names.artist, names.first_artist)}
        return found - PLACEHOLDER_ARTISTS


def _queries(imported: ImportedFile, path_map: Sequence[tuple[str, str]]) -> Iterator[_Query]:
    candidates = [tuple(candidate_paths(t.path, imported.folder, path_map)) if t.path else () for t in imported.tracks]
    root = depth_of_root(paths[-1] for paths in candidates if paths)
    for track, paths in zip(imported.tracks, candidates, strict=True):
        names = tuple(path_names(paths[-1])) if paths else ()
        found = tuple(dict.fromkeys(_keys(artist, title) for artist, title in _readings(track)))
        yield _Query(track, paths, names, len(names) - root, found)


def _readings(track: ExternalTrack) -> Iterator[tuple[str, str]]:
    """What the names of an entry, its label or the name of its file may mean, as (artist, title)."""
    if track.title:
        yield track.artist or "", track.title
        if track.label:
            yield from readings(track.label)
    elif track.path:
        yield from readings(_stem(track.path))


def _keys(artist: str, title: str) -> _Names:
    if not names_artist(artist):
        return _Names("", "", title_key(title))
    return _Names(artist_key(artist), first_artist_key(artist), title_key(title))


def _stem(path: str) -> str:
    """The name of a file without its suffix and its number."""
    return _NUMBERING.sub("", splitext(normalise_path(path).rpartition("/")[2])[0]).replace("_", " ")


def _from_file_name(path: str) -> tuple[str | None, str | None]:
    """Artist and title of "01 Artist - Title.mp3"; (None, None) for other names."""
    artist, title = split_name(_stem(path))
    return (artist, title) if artist else (None, None)


_Titles: TypeAlias = dict[str, list[LibraryFile]]
"""Files by the keys of their titles."""


@dataclass(slots=True)
class _LibraryIndex:
    """The files of a library that may match a query, by path, name, MusicBrainz recording and artist."""

    by_path: dict[str, LibraryFile] = field(default_factory=dict)
    by_ending: dict[tuple[str, ...], list[tuple[list[str], LibraryFile]]] = field(default_factory=dict)
    by_recording: dict[str, list[LibraryFile]] = field(default_factory=dict)
    by_artist: dict[str, _Titles] = field(default_factory=lambda: defaultdict(dict))
    by_first_artist: dict[str, _Titles] = field(default_factory=lambda: defaultdict(dict))
    artists: set[str] = field(default_factory=set)

    def add_paths(self, files: Iterable[LibraryFile]) -> None:
        """Add files that have the paths of queries; a present one counts rather than one that was there before."""
        for file in files:
            self._add_path(file.path, file)

    def _add_path(self, path: str, file: LibraryFile) -> None:
        if not (file.missing and path in self.by_path):
            self.by_path[path] = file

    def add_files(self, queries: Sequence[_Query], files: Iterable[LibraryFile], *, artists: set[str]) -> None:
        """Add every file that may match one of the queries or is by one of the artists (keys)."""
        paths = {path for query in queries for path in query.paths}
        endings = {query.names[:MIN_COMMON_PARTS] for query in queries if query.names}
        last = {names[0] for names in endings}
        ids = {query.track.recording for query in queries if query.track.recording}
        of_names: dict[tuple[str | None, ...], list[_Titles]] = {}
        for file in files:
            if paths:
                path = normalise_path(file.path)
                if path in paths:
                    self._add_path(path, file)
                if splitext(path.rpartition("/")[2])[0].casefold() in last:
                    names = path_names(path)
                    if (ending := tuple(names[:MIN_COMMON_PARTS])) in endings:
                        self.by_ending.setdefault(ending, []).append((names, file))
            if file.musicbrainz_recording and file.musicbrainz_recording.lower() in ids:
                self.by_recording.setdefault(file.musicbrainz_recording.lower(), []).append(file)
            credited: tuple[str | None, ...] = (file.artist, file.album_artist, *file.artists)
            title = file.title
            if not title:
                artist, title = _from_file_name(file.path)
                credited = credited if file.artist else (artist,)
            found = of_names.get(credited)
            if found is None:
                found = of_names[credited] = self._titles_of(credited, artists)
            if found and title:
                key = title_key(title)
                for titles in found:
                    titles.setdefault(key, []).append(file)

    def _titles_of(self, credited: Iterable[str | None], artists: set[str]) -> list[_Titles]:
        """Where the files that these names are credited for are kept: by the artists among ``artists`` (keys)."""
        found: dict[int, _Titles] = {}
        for name in filter(None, credited):
            if not names_artist(name):
                continue
            key, first = artist_key(name), first_artist_key(name)
            self.artists.add(key)
            kept = [self.by_artist[key]] if key in artists else []
            kept += [self.by_first_artist[first]] if first in artists and first != key else []
            found |= {id(titles): titles for titles in kept}
        return list(found.values())

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
        for names in query.readings:
            for titles in (
                self.by_artist.get(names.artist),
                self.by_first_artist.get(names.artist),
                self.by_artist.get(names.first_artist),
            ):
                if titles and (best := _best(query.track, titles.get(names.title, ()))):
                    return Match(best.id, "name")
        return None

    def _path_ending(self, query: _Query) -> LibraryFile | None:
        """The only track whose path has the longest common ending."""
        longest = MIN_COMMON_PARTS - 1
        found: list[LibraryFile] = []
        for names, file in self.by_ending.get(query.names[:MIN_COMMON_PARTS], ()):
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
        artists = [artist_key(name) for name in (file.artist, file.album_artist, *file.artists) if name]
        title = title_key(file.title) if file.title else ""
        named = query.readings if query.track.title else [_keys(query.track.artist or "", "")]
        if not any(_may_name(names, artists, title) for names in named):
            return False
        compared = query.track.title and title
        return bool(compared) or common > MIN_COMMON_PARTS or common >= min(query.depth, len(names))

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

    def find_similar(self, query: _Query, close: Mapping[str, Sequence[str]]) -> Match | None:
        """The match by name with a typing error in the artist, or else in the title; ``close`` has similar artists."""
        for names in query.readings:
            for artist in close.get(names.artist, ()):
                if best := _best(query.track, self.by_artist[artist].get(names.title, ())):
                    return Match(best.id, "similar name")
        found = {file.id for names in query.readings for file in self._similar_titles(query, names)}
        return Match(found.pop(), "similar name") if len(found) == 1 else None

    def _similar_titles(self, query: _Query, names: _Names) -> Iterator[LibraryFile]:
        """The files of the artist whose titles differ by a typing error."""
        titles = self.by_artist.get(names.artist)
        if not titles or not names.title:
            return
        sure = query.track.duration is not None
        close = process.extract(names.title, list(titles), scorer=ratio, score_cutoff=_MIN_RATIO, limit=10)
        for title, _, _ in close:
            if is_typo(names.title, title, sure=sure) and (best := _best(query.track, titles[title])):
                yield best


def _may_name(names: _Names, artists: Sequence[str], title: str) -> bool:
    """Whether a reading contradicts neither the artists nor the title of a file, as far as these are known."""
    if names.artist and artists and all(dissimilar(names.artist, artist) for artist in artists):
        return False
    return not (names.title and title and conflicting(names.title, title))


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
