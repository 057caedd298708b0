"""Which files are one album, from their tags and paths.

Files can be of one album only if their titles are equal without case, accents, punctuation and the number of a disc
("19 (Disc 2)"), or if they have the same MusicBrainz release. Files of one *place* are considered first: a place is a
folder, where the folders of single discs ("CD1", "Disc 2 - Live", "19 [CD2]") count as their parent.

1. In one place, files of different releases, or with album artists who have no one in common, are different albums.
   Files without an album artist belong to the album there is, or to that of one of their artists.
2. Without any album artist, the files of a place are one album, also where their artists differ (a compilation), unless
   the numbers of the tracks show several: two artists who have no one in common both have a first track.
3. Albums of several places are one if they have the same release, or the same album artist. Known years that differ
   everywhere keep them apart: several albums by Weezer are called "Weezer".
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from os.path import split
from pathlib import PurePath
from typing import NamedTuple

from recsys.metadata.names import ROMAN_NUMERALS, names_album, normalise

_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBERS = {word: n for n, word in enumerate(_WORDS, 1)} | {key: int(value) for key, value in ROMAN_NUMERALS.items()}
_NUMBER = rf"(\d{{1,2}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})(?!\w)(?:\s*(?:of|/|von|de|sur|di)\s*\d+)?"
_DISC = rf"(?:cd|dis[ck]|disque|dvd)\s*[-_.#:]*\s*(?:n[o°r]\.?\s*)?{_NUMBER}"
_TITLE_ENDS = tuple(
    re.compile(rf"^(.*[^\s(\[{{:,–—-])\s*{end}\s*$", re.IGNORECASE)
    for end in (
        rf"[(\[{{]\s*(?:bonus\s+)?{_DISC}[^()\[\]{{}}]*[)\]}}]",  # "Title (Disc 1: Name)"
        rf"[-–—:,]\s*(?:bonus\s+)?{_DISC}(?:\s*[-–—:,]\s.*)?",  # "Title - CD 1"
        rf"\s{_DISC}",  # "Title CD1"
    )
)
_DISC_FOLDERS = tuple(
    re.compile(rf"^[(\[]?{name}[)\]]?(?:\s*[-–—_:.,(\[].*)?$", re.IGNORECASE)
    for name in (
        rf"(?:bonus\s+)?{_DISC}",
        rf"(?:vinyl|lp|tape|cassette|vol|volume|medium)\s*[-_.#:]*\s*{_NUMBER}",
        r"side\s*[a-h1-9]()",
    )
)
_GENERIC_TITLES = frozenset(
    map(normalise, (
        "Greatest Hits", "The Greatest Hits", "Best Of", "The Best Of", "Very Best Of", "The Very Best Of", "Hits",
        "Singles", "The Singles", "Collection", "The Collection", "The Essential", "Essential", "Anthology", "Gold",
        "Live", "Demo", "Demos", "Unplugged", "MTV Unplugged", "Remixes", "B-Sides", "Rarities", "Bonus Tracks", "EP",
    ))
)  # fmt: skip
"""Titles that very many artists use."""
_MANY_YEARS = 10_000  # more than a part has: those without a year come last
_MAX_KEY = 200  # characters: databases limit the size of an entry of an index


class AlbumFile(NamedTuple):
    """A file with an album title, by what decides about its album.

    ``artists`` and ``album_artists`` are keys of named artists; ``various``: the album artist is "Various Artists".
    """

    id: int
    path: str
    title: str
    release: str | None = None
    album_artists: tuple[str, ...] = ()
    various: bool = False
    artists: tuple[str, ...] = ()
    compilation: bool | None = None
    disc: int | None = None
    number: int | None = None
    year: int | None = None


class AlbumGroup(NamedTuple):
    """The files of one album, and a key that another grouping of the same files gives it again."""

    key: str
    files: tuple[AlbumFile, ...]


@lru_cache(maxsize=1 << 14)
def split_disc(title: str) -> tuple[str, int | None]:
    """An album title without the number of a disc, and that number.

    >>> split_disc("19 (Disc 2)"), split_disc("Mellon Collie - CD1: Dawn to Dusk"), split_disc("Disco 2000")
    (('19', 2), ('Mellon Collie', 1), ('Disco 2000', None))
    """
    for pattern in _TITLE_ENDS:
        if found := pattern.match(title):
            return found[1], _to_number(found[2])
    return title, None


@lru_cache(maxsize=1 << 14)
def album_title_key(title: str | None) -> str | None:
    """What the titles of the files of one album have in common; None for a title that names no album.

    >>> album_title_key("Jóga [CD2]"), album_title_key("Unknown Album")
    ('joga', None)
    """
    return normalise(split_disc(title)[0])[:_MAX_KEY] if title and names_album(title) else None


def place_of(path: str) -> str:
    """The folder of a file; of a folder for one disc, the parent.

    >>> place_of("/music/Adele/19/CD1/01.flac"), place_of("/music/Adele/19 (Disc 2)/01.flac")
    ('/music/Adele/19', '/music/Adele/19')
    """
    return _split_folder(split(path)[0])[0]


def disc_of(path: str, title: str | None) -> int | None:
    """The number of the disc in the title of an album, else in the name of the folder.

    >>> disc_of("/music/19/CD2/01.flac", "19"), disc_of("/music/19/01.flac", "19")
    (2, None)
    """
    disc = split_disc(title)[1] if title else None
    return disc if disc is not None else _split_folder(split(path)[0])[1]


@lru_cache(maxsize=1 << 12)
def _split_folder(folder: str) -> tuple[str, int | None]:
    location = PurePath(folder)
    for pattern in _DISC_FOLDERS:
        if found := pattern.match(location.name):
            return str(location.parent), _to_number(found[1])
    name, disc = split_disc(location.name)
    return (str(location.with_name(name)), disc) if disc is not None else (folder, None)


def _to_number(text: str) -> int | None:
    return int(text) or None if text.isdigit() else _NUMBERS.get(text.lower())


@dataclass(slots=True)
class _Part:
    """Files of one album: first of one place, then of all."""

    title: str
    files: list[AlbumFile]
    place: str
    suffix: str = ""
    release: str | None = None
    album_artists: set[str] = field(default_factory=set)
    various: bool = False

    @classmethod
    def of(cls, title: str, place: str, files: list[AlbumFile], *, suffix: str = "") -> "_Part":
        part = cls(title, [], place, suffix)
        part.add(files)
        return part

    def add(self, files: Iterable[AlbumFile]) -> None:
        for file in files:
            self.files.append(file)
            self.release = self.release or file.release
            self.album_artists.update(file.album_artists)
            self.various = self.various or file.various

    @property
    def years(self) -> set[int]:
        return {file.year for file in self.files if file.year}

    @property
    def artists(self) -> set[str]:
        return self.album_artists.union(*(file.artists for file in self.files))

    @property
    def key(self) -> str:
        if self.release:
            return f"release {self.release}"
        if self.album_artists:
            names = Counter(file.album_artists for file in self.files if file.album_artists)
            artists = min(names, key=lambda each: (-names[each], each))
            return _shorten(f"artist {' / '.join(sorted(artists))}\n{self.title}\n{min(self.years, default='')}")
        if self.various:
            return _shorten(f"various\n{self.title}")
        return _shorten(f"folder {self.place}\n{self.title}{self.suffix}")


def _shorten(key: str) -> str:
    if len(key) <= _MAX_KEY:
        return key
    digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f"{key[: _MAX_KEY - 33]} {digest}"


def group_albums(files: Iterable[AlbumFile]) -> list[AlbumGroup]:
    """The albums of some files, among which must be all files with their titles and of their releases.

    >>> one, two = AlbumFile(1, "/19/CD1/1.mp3", "19"), AlbumFile(2, "/19/CD2/1.mp3", "19")
    >>> [[file.id for file in album.files] for album in group_albums([one, two])]
    [[1, 2]]
    """
    by_place: defaultdict[tuple[str, str], list[AlbumFile]] = defaultdict(list)
    for file in sorted(files, key=lambda each: (each.path, each.id)):
        by_place[album_title_key(file.title) or "", place_of(file.path)].append(file)
    parts: defaultdict[str, list[_Part]] = defaultdict(list)
    for (title, place), some in by_place.items():
        parts[title] += _parts_of_place(title, place, some)
    albums: dict[str, _Part] = {}
    for part in (part for some in parts.values() for part in _unite_places(some)):
        known = albums.setdefault(part.key, part)  # of another title, but of the same release
        if known is not part:
            known.add(part.files)
    return [AlbumGroup(key, tuple(part.files)) for key, part in albums.items()]


def _parts_of_place(title: str, place: str, files: Sequence[AlbumFile]) -> list[_Part]:
    """The albums of one title in one place."""
    releases: defaultdict[str, list[AlbumFile]] = defaultdict(list)
    named, plain = [], []
    for file in files:
        if file.release:
            releases[file.release].append(file)
        elif file.album_artists or file.various:
            named.append(file)
        else:
            plain.append(file)
    parts = [_Part.of(title, place, some) for some in releases.values()]
    for some in _components(named, [file.album_artists or ("",) for file in named]):
        group = _Part.of(title, place, some)
        known = [part for part in parts if part.release and _share_album_artist(part, group)]
        if len(known) == 1:
            known[0].add(some)
        else:
            parts.append(group)
    rest = []
    for some in _components(plain, [file.artists for file in plain]):
        artists = _artists(some)
        near = [part for part in parts if not part.artists.isdisjoint(artists)]
        if not near and not _are_several(title, [*(part.files for part in parts), some]):
            near = parts
        if len(near) == 1:
            near[0].add(some)
        else:
            rest.append(some)
    if _are_several(title, rest):
        return parts + [_Part.of(title, place, some, suffix=f"\n{min(_artists(some), default='')}") for some in rest]
    together = [file for some in rest for file in some]
    return parts + ([_Part.of(title, place, together)] if together else [])


def _are_several(title: str, components: Sequence[Sequence[AlbumFile]]) -> bool:
    """Whether files whose artists have no one in common are several albums of one title."""
    if len(components) < 2 or any(file.compilation for some in components for file in some):
        return False
    if title in _GENERIC_TITLES:
        return True
    positions: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
    for i, some in enumerate(components):
        if len(some) > 1:  # a compilation has one track of most artists
            for file in some:
                if file.number:
                    positions[file.disc or 0, file.number].add(i)
    shared = sum(len(owners) for owners in positions.values() if len(owners) > 1)
    numbered = sum(file.number is not None for some in components for file in some)
    return 2 * shared > numbered


def _components(files: Sequence[AlbumFile], keys: Sequence[tuple[str, ...]]) -> list[list[AlbumFile]]:
    """The files in groups that are connected by a common key; files without keys are one group."""
    parents: dict[str, str] = {}

    def root(key: str) -> str:
        while parents.setdefault(key, key) != key:
            key = parents[key]
        return key

    for some in keys:
        for key in some[1:]:
            parents[root(key)] = root(some[0])
    found: dict[str, list[AlbumFile]] = {}
    for file, some in zip(files, keys, strict=True):
        found.setdefault(root(some[0]) if some else "", []).append(file)
    return list(found.values())


def _artists(files: Iterable[AlbumFile]) -> set[str]:
    return {artist for file in files for artist in file.artists}


def _unite_places(parts: Sequence[_Part]) -> list[_Part]:
    """The albums of one title: parts of several places with a common album artist become one."""
    albums: list[_Part] = []
    for part in sorted(parts, key=lambda each: (not each.release, len(each.years) or _MANY_YEARS, each.place)):
        near = [album for album in albums if _are_one(album, part)]
        if len(near) == 1 or (near and part.years):
            near[0].add(part.files)
        else:
            albums.append(part)
    return albums


def _are_one(album: _Part, part: _Part) -> bool:
    if album.release and part.release:
        return album.release == part.release
    if not _share_album_artist(album, part):
        return False
    return album.various or not (album.years and part.years) or not album.years.isdisjoint(part.years)


def _share_album_artist(album: _Part, part: _Part) -> bool:
    if album.album_artists or part.album_artists:
        return not album.album_artists.isdisjoint(part.album_artists)
    return album.various and part.various
