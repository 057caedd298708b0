"""Which tracks of a library the mentions in another program's file mean.

What is surest is asked first: the same path; else the one track whose path ends alike, in two names or more, unless
the title or the duration says that it is another; else the MusicBrainz recording; else artist and title, and a duration
that differs by no more than ``SECONDS`` where one is known, first as they are spelled, then with slips of the pen
forgiven. A name that could mean several recordings of the library means the one of the same album, else the one nearest
in duration. Who is not sure has not found anything.

The library is read once, or twice for artists that it spells differently, and of it no more is kept than what some
mention might mean.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
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
from recsys.matching.paths import MIN_COMMON_PARTS, candidate_paths, common_suffix_length, depth_of_root, normalise_path
from recsys.matching.paths import path_names as names_of
from recsys.metadata.names import PLACEHOLDER_ARTISTS, artist_key, first_artist_key, is_live, normalise, title_key

SECONDS = 5.0
"""Between two encodings of one recording there is hardly a second, between a record and its single or concert more."""

_NEAR = 85.0  # of 100: what is less alike is not looked at closely
_NUMBERING = pattern(r"^(?:\d{1,2}-)?\d{1,3}[\s._-]+(?=\D)")


class Match(NamedTuple):
    """The track that is meant, and what told: "path", "path ending", "musicbrainz", "name" or "similar name"."""

    id: int
    method: str


FileSource = Callable[[], Iterable[LibraryFile]]
"""Every file of the library, as often as it is asked for."""


def match(
    imported: Sequence[ImportedFile], read_files: FileSource, *, path_map: Sequence[tuple[str, str]] = ()
) -> list[list[Match | None]]:
    """For each mention of each listing the track it means, or None.

    ``path_map`` are pairs from :func:`recsys.matching.paths.parse_path_map`: how paths begin there, and how here.
    """
    wanted = [wish for listing in imported for wish in _queries(listing, path_map)]
    shelf = _LibraryIndex()
    shelf.add_files(wanted, read_files(), artists={key for wish in wanted for key in wish.artists})
    found = [shelf.find(wish) for wish in wanted]
    lost = [wish for wish, match in zip(wanted, found, strict=True) if match is None and wish.artist]
    near = shelf.close_artists({wish.artist for wish in lost if wish.artist not in shelf.artists})
    if near:
        shelf.add_files((), read_files(), artists={key for keys in near.values() for key in keys})
    again = iter([shelf.find_similar(wish, near.get(wish.artist, ())) for wish in lost])
    complete = [
        next(again) if match is None and wish.artist else match for wish, match in zip(wanted, found, strict=True)
    ]
    each = iter(complete)
    return [[next(each) for _ in listing.tracks] for listing in imported]


@dataclass(frozen=True, slots=True)
class _Query:
    """A mention as it is looked for."""

    track: ExternalTrack
    paths: tuple[str, ...]
    names: tuple[str, ...]  # of its path, last first
    rooted: int  # how many of them tell where a track lies beneath the root that the whole list has
    artist: str
    first_artist: str
    title: str

    @property
    def artists(self) -> set[str]:
        return {self.artist, self.first_artist} - PLACEHOLDER_ARTISTS if self.title else set()


def _queries(imported: ImportedFile, path_map: Sequence[tuple[str, str]]) -> Iterator[_Query]:
    candidates = [tuple(candidate_paths(m.path, imported.folder, path_map)) if m.path else () for m in imported.tracks]
    root = depth_of_root(paths[-1] for paths in candidates if paths)
    for mention, paths in zip(imported.tracks, candidates, strict=True):
        artist, title = mention.artist, mention.title
        if not title and mention.path:
            artist, title = _from_stem(mention.path)
        names = tuple(names_of(paths[-1])) if paths else ()
        artist = artist or ""
        known = normalise(artist) not in PLACEHOLDER_ARTISTS
        yield _Query(
            mention,
            paths,
            names,
            len(names) - root,
            artist_key(artist) if known else "",
            first_artist_key(artist) if known else "",
            title_key(title) if title else "",
        )


def _from_stem(path: str) -> tuple[str | None, str | None]:
    """Artist and title out of "01 Artist - Title.mp3"; no title of what is no such name."""
    stem = splitext(normalise_path(path).rpartition("/")[2])[0]
    artist, title = split_name(_NUMBERING.sub("", stem).replace("_", " "))
    return (artist, title) if artist else (None, None)


@dataclass(slots=True)
class _LibraryIndex:
    """What of a library some mention might mean."""

    by_path: dict[str, LibraryFile] = field(default_factory=dict)
    by_name: dict[str, list[tuple[list[str], LibraryFile]]] = field(default_factory=dict)
    by_recording: dict[str, list[LibraryFile]] = field(default_factory=dict)
    by_artist: dict[str, dict[str, list[LibraryFile]]] = field(default_factory=lambda: defaultdict(dict))
    by_first_artist: dict[str, dict[str, list[LibraryFile]]] = field(default_factory=lambda: defaultdict(dict))
    artists: set[str] = field(default_factory=set)

    def add_files(self, wanted: Iterable[_Query], read_files: Iterable[LibraryFile], *, artists: set[str]) -> None:
        """Go along the whole library."""
        paths = {path for wish in wanted for path in wish.paths}
        last = {wish.names[0] for wish in wanted if wish.names}
        ids = {wish.track.recording for wish in wanted if wish.track.recording}
        for file in read_files:
            if paths:
                path = normalise_path(file.path)
                if path in paths and not (file.missing and path in self.by_path):
                    self.by_path[path] = file
                if splitext(path.rpartition("/")[2])[0].casefold() in last:
                    names = names_of(path)
                    self.by_name.setdefault(names[0], []).append((names, file))
            if file.musicbrainz_recording and file.musicbrainz_recording.lower() in ids:
                self.by_recording.setdefault(file.musicbrainz_recording.lower(), []).append(file)
            self._add_by_artist(file, artists)

    def _add_by_artist(self, file: LibraryFile, artists: set[str]) -> None:
        said, title = (file.artist, file.album_artist), file.title
        if not title:
            artist, title = _from_stem(file.path)
            said = (artist, None) if not file.artist else said
        for artist in {name for name in said if name}:
            key, lead = artist_key(artist), first_artist_key(artist)
            if key in PLACEHOLDER_ARTISTS:
                continue
            self.artists.add(key)
            if not title:
                continue
            if key in artists:
                self.by_artist[key].setdefault(title_key(title), []).append(file)
            if lead in artists and lead != key:
                self.by_first_artist[lead].setdefault(title_key(title), []).append(file)

    def find(self, query: _Query) -> Match | None:
        """What a mention means by what is the same."""
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
        """The one track whose path agrees best from its end on."""
        most = MIN_COMMON_PARTS - 1
        found: list[LibraryFile] = []
        for names, file in self.by_name.get(query.names[0] if query.names else "", ()):
            agreed = common_suffix_length(query.names, names)
            if agreed >= most and self._is_compatible(query, file, names, agreed):
                found = [*(found if agreed == most else ()), file]
                most = agreed
        if most < MIN_COMMON_PARTS:
            return None
        same = [file for file in found if splitext(file.path)[1].lower() == splitext(query.paths[-1])[1].lower()]
        found = same or found
        return found[0] if len({file.id for file in found}) == 1 else None

    def _is_compatible(self, query: _Query, file: LibraryFile, names: Sequence[str], agreed: int) -> bool:
        """Whether what else is known of two paths that end alike lets them be of one track."""
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
        return agreed > MIN_COMMON_PARTS or agreed >= min(query.rooted, len(names))

    def close_artists(self, unknown: set[str]) -> dict[str, list[str]]:
        """How the library may spell artists that it does not have under their names."""
        shelves: dict[str, list[str]] = defaultdict(list)
        for key in sorted(self.artists):
            shelves[key[0]].append(key)
        found = {}
        for name in sorted(unknown - PLACEHOLDER_ARTISTS):
            close = process.extract(name, shelves.get(name[0], ()), scorer=ratio, score_cutoff=_NEAR, limit=5)
            if keys := [key for key, _, _ in close if is_typo(name, key, sure=False)]:
                found[name] = keys
        return found

    def find_similar(self, query: _Query, artists: Sequence[str]) -> Match | None:
        """What a mention means if somebody has made a slip in the artist, or else in the title."""
        mention = query.track
        for artist in artists:
            if best := _best(mention, self.by_artist[artist].get(query.title, ())):
                return Match(best.id, "similar name")
        titles = self.by_artist.get(query.artist)
        if not titles or not query.title:
            return None
        sure = mention.duration is not None
        close = process.extract(query.title, list(titles), scorer=ratio, score_cutoff=_NEAR, limit=10)
        alike = [best for title, _, _ in close if is_typo(query.title, title, sure=sure)
                 if (best := _best(mention, titles[title]))]  # fmt: skip
        return Match(alike[0].id, "similar name") if len({file.id for file in alike}) == 1 else None


def _best(track: ExternalTrack, files: Iterable[LibraryFile]) -> LibraryFile | None:
    """Of files that are called like a mention, the one it means."""
    there = [file for file in files if _similar_duration(track, file) and _both_live_or_studio(track.album, file.album)]
    return min(there, key=_distance(track), default=None)


def _both_live_or_studio(one: str | None, other: str | None) -> bool:
    """Whether songs of two albums may be one recording: of two concerts, or of one and a studio, they are not."""
    if not one or not other or not (is_live(one) or is_live(other)):
        return True
    return normalise(one) == normalise(other)


def _similar_duration(track: ExternalTrack, file: LibraryFile) -> bool:
    return track.duration is None or abs(track.duration - file.duration) <= SECONDS


def _distance(track: ExternalTrack) -> Callable[[LibraryFile], tuple[bool, bool, bool, float, int]]:
    """How far files of one name are from what is meant: another album, missing, a concert, the duration."""
    album = normalise(track.album) if track.album else ""

    def distance(file: LibraryFile) -> tuple[bool, bool, bool, float, int]:
        other = bool(album) and normalise(file.album or "") != album
        seconds = abs(track.duration - file.duration) if track.duration is not None else 0.0
        return other, file.missing, is_live(file.album) and not is_live(track.album), seconds, file.id

    return distance
