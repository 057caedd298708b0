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

from recsys.domain.catalogue import Shelved
from recsys.importers.entries import Listing, Mention
from recsys.importers.playlists import split_name
from recsys.matching.name_similarity import contradict, slip, unlike
from recsys.matching.paths import AT_LEAST, agreement, canonical, depth_of_root, meant
from recsys.matching.paths import names as names_of
from recsys.metadata.names import PLACEHOLDER_ARTISTS, artist_key, is_live, lead_key, normalise, title_key

SECONDS = 5.0
"""Between two encodings of one recording there is hardly a second, between a record and its single or concert more."""

_NEAR = 85.0  # of 100: what is less alike is not looked at closely
_NUMBERING = pattern(r"^(?:\d{1,2}-)?\d{1,3}[\s._-]+(?=\D)")


class Match(NamedTuple):
    """The track that is meant, and what told: "path", "path ending", "musicbrainz", "name" or "similar name"."""

    id: int
    by: str


Shelves = Callable[[], Iterable[Shelved]]
"""Every file of the library, as often as it is asked for."""


def match(
    listings: Sequence[Listing], shelves: Shelves, *, maps: Sequence[tuple[str, str]] = ()
) -> list[list[Match | None]]:
    """For each mention of each listing the track it means, or None.

    ``maps`` are pairs from :func:`recsys.matching.paths.read_maps`: how paths begin there, and how here.
    """
    wanted = [wish for listing in listings for wish in _wishes(listing, maps)]
    shelf = _Shelf()
    shelf.keep(wanted, shelves(), artists={key for wish in wanted for key in wish.artists})
    found = [shelf.find(wish) for wish in wanted]
    lost = [wish for wish, match in zip(wanted, found, strict=True) if match is None and wish.artist]
    near = shelf.near({wish.artist for wish in lost if wish.artist not in shelf.artists})
    if near:
        shelf.keep((), shelves(), artists={key for keys in near.values() for key in keys})
    again = iter([shelf.find_similar(wish, near.get(wish.artist, ())) for wish in lost])
    complete = [
        next(again) if match is None and wish.artist else match for wish, match in zip(wanted, found, strict=True)
    ]
    each = iter(complete)
    return [[next(each) for _ in listing.mentions] for listing in listings]


@dataclass(frozen=True, slots=True)
class _Wish:
    """A mention as it is looked for."""

    mention: Mention
    paths: tuple[str, ...]
    names: tuple[str, ...]  # of its path, last first
    rooted: int  # how many of them tell where a track lies beneath the root that the whole list has
    artist: str
    lead: str
    title: str

    @property
    def artists(self) -> set[str]:
        return {self.artist, self.lead} - PLACEHOLDER_ARTISTS if self.title else set()


def _wishes(listing: Listing, maps: Sequence[tuple[str, str]]) -> Iterator[_Wish]:
    candidates = [tuple(meant(m.path, listing.folder, maps)) if m.path else () for m in listing.mentions]
    root = depth_of_root(paths[-1] for paths in candidates if paths)
    for mention, paths in zip(listing.mentions, candidates, strict=True):
        artist, title = mention.artist, mention.title
        if not title and mention.path:
            artist, title = _from_stem(mention.path)
        names = tuple(names_of(paths[-1])) if paths else ()
        artist = artist or ""
        known = normalise(artist) not in PLACEHOLDER_ARTISTS
        yield _Wish(
            mention,
            paths,
            names,
            len(names) - root,
            artist_key(artist) if known else "",
            lead_key(artist) if known else "",
            title_key(title) if title else "",
        )


def _from_stem(path: str) -> tuple[str | None, str | None]:
    """Artist and title out of "01 Artist - Title.mp3"; no title of what is no such name."""
    stem = splitext(canonical(path).rpartition("/")[2])[0]
    artist, title = split_name(_NUMBERING.sub("", stem).replace("_", " "))
    return (artist, title) if artist else (None, None)


@dataclass(slots=True)
class _Shelf:
    """What of a library some mention might mean."""

    by_path: dict[str, Shelved] = field(default_factory=dict)
    by_name: dict[str, list[tuple[list[str], Shelved]]] = field(default_factory=dict)
    by_recording: dict[str, list[Shelved]] = field(default_factory=dict)
    by_artist: dict[str, dict[str, list[Shelved]]] = field(default_factory=lambda: defaultdict(dict))
    by_lead: dict[str, dict[str, list[Shelved]]] = field(default_factory=lambda: defaultdict(dict))
    artists: set[str] = field(default_factory=set)

    def keep(self, wanted: Iterable[_Wish], shelves: Iterable[Shelved], *, artists: set[str]) -> None:
        """Go along the whole library."""
        paths = {path for wish in wanted for path in wish.paths}
        last = {wish.names[0] for wish in wanted if wish.names}
        ids = {wish.mention.recording for wish in wanted if wish.mention.recording}
        for file in shelves:
            if paths:
                path = canonical(file.path)
                if path in paths and not (file.missing and path in self.by_path):
                    self.by_path[path] = file
                if splitext(path.rpartition("/")[2])[0].casefold() in last:
                    names = names_of(path)
                    self.by_name.setdefault(names[0], []).append((names, file))
            if file.musicbrainz_recording and file.musicbrainz_recording.lower() in ids:
                self.by_recording.setdefault(file.musicbrainz_recording.lower(), []).append(file)
            self._keep_by_artist(file, artists)

    def _keep_by_artist(self, file: Shelved, artists: set[str]) -> None:
        said, title = (file.artist, file.album_artist), file.title
        if not title:
            artist, title = _from_stem(file.path)
            said = (artist, None) if not file.artist else said
        for artist in {name for name in said if name}:
            key, lead = artist_key(artist), lead_key(artist)
            if key in PLACEHOLDER_ARTISTS:
                continue
            self.artists.add(key)
            if not title:
                continue
            if key in artists:
                self.by_artist[key].setdefault(title_key(title), []).append(file)
            if lead in artists and lead != key:
                self.by_lead[lead].setdefault(title_key(title), []).append(file)

    def find(self, wish: _Wish) -> Match | None:
        """What a mention means by what is the same."""
        for path in wish.paths:
            if path in self.by_path:
                return Match(self.by_path[path].id, "path")
        if ending := self._path_ending(wish):
            return Match(ending.id, "path ending")
        recordings = self.by_recording.get(wish.mention.recording or "", ())
        if recordings:
            return Match(min(recordings, key=_distance(wish.mention)).id, "musicbrainz")
        for titles in (self.by_artist.get(wish.artist), self.by_lead.get(wish.artist), self.by_artist.get(wish.lead)):
            if titles and (best := _best(wish.mention, titles.get(wish.title, ()))):
                return Match(best.id, "name")
        return None

    def _path_ending(self, wish: _Wish) -> Shelved | None:
        """The one track whose path agrees best from its end on."""
        most = AT_LEAST - 1
        found: list[Shelved] = []
        for names, file in self.by_name.get(wish.names[0] if wish.names else "", ()):
            agreed = agreement(wish.names, names)
            if agreed >= most and self._may_be(wish, file, names, agreed):
                found = [*(found if agreed == most else ()), file]
                most = agreed
        if most < AT_LEAST:
            return None
        same = [file for file in found if splitext(file.path)[1].lower() == splitext(wish.paths[-1])[1].lower()]
        found = same or found
        return found[0] if len({file.id for file in found}) == 1 else None

    def _may_be(self, wish: _Wish, file: Shelved, names: Sequence[str], agreed: int) -> bool:
        """Whether what else is known of two paths that end alike lets them be of one track."""
        if not _lasts_as_long(wish.mention, file):
            return False
        artists = [artist_key(name) for name in (file.artist, file.album_artist) if name]
        if wish.mention.artist and wish.artist and artists and all(unlike(wish.artist, artist) for artist in artists):
            return False
        if wish.mention.title and file.title:
            return not contradict(wish.title, title_key(file.title))
        return agreed > AT_LEAST or agreed >= min(wish.rooted, len(names))

    def near(self, unknown: set[str]) -> dict[str, list[str]]:
        """How the library may spell artists that it does not have under their names."""
        shelves: dict[str, list[str]] = defaultdict(list)
        for key in sorted(self.artists):
            shelves[key[0]].append(key)
        found = {}
        for name in sorted(unknown - PLACEHOLDER_ARTISTS):
            close = process.extract(name, shelves.get(name[0], ()), scorer=ratio, score_cutoff=_NEAR, limit=5)
            if keys := [key for key, _, _ in close if slip(name, key, sure=False)]:
                found[name] = keys
        return found

    def find_similar(self, wish: _Wish, artists: Sequence[str]) -> Match | None:
        """What a mention means if somebody has made a slip in the artist, or else in the title."""
        mention = wish.mention
        for artist in artists:
            if best := _best(mention, self.by_artist[artist].get(wish.title, ())):
                return Match(best.id, "similar name")
        titles = self.by_artist.get(wish.artist)
        if not titles or not wish.title:
            return None
        sure = mention.duration is not None
        close = process.extract(wish.title, list(titles), scorer=ratio, score_cutoff=_NEAR, limit=10)
        alike = [best for title, _, _ in close if slip(wish.title, title, sure=sure)
                 if (best := _best(mention, titles[title]))]  # fmt: skip
        return Match(alike[0].id, "similar name") if len({file.id for file in alike}) == 1 else None


def _best(mention: Mention, files: Iterable[Shelved]) -> Shelved | None:
    """Of files that are called like a mention, the one it means."""
    there = [file for file in files if _lasts_as_long(mention, file) and _same_stage(mention.album, file.album)]
    return min(there, key=_distance(mention), default=None)


def _same_stage(one: str | None, other: str | None) -> bool:
    """Whether songs of two albums may be one recording: of two concerts, or of one and a studio, they are not."""
    if not one or not other or not (is_live(one) or is_live(other)):
        return True
    return normalise(one) == normalise(other)


def _lasts_as_long(mention: Mention, file: Shelved) -> bool:
    return mention.duration is None or abs(mention.duration - file.duration) <= SECONDS


def _distance(mention: Mention) -> Callable[[Shelved], tuple[bool, bool, bool, float, int]]:
    """How far files of one name are from what is meant: another album, missing, a concert, the duration."""
    album = normalise(mention.album) if mention.album else ""

    def distance(file: Shelved) -> tuple[bool, bool, bool, float, int]:
        other = bool(album) and normalise(file.album or "") != album
        seconds = abs(mention.duration - file.duration) if mention.duration is not None else 0.0
        return other, file.missing, is_live(file.album) and not is_live(mention.album), seconds, file.id

    return distance
