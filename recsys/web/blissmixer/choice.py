"""Which of the similar tracks a mix has: the rules of bliss-mixer for artists, albums, titles, genres and lengths."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from random import Random

from recsys import Track
from recsys.web.blissmixer.requests import ListRequest, MixRequest

CHRISTMAS, DECEMBER = "christmas", 12
POOL = 5
"""Times the number of tracks from which a shuffled mix is drawn."""
LEAST = 2
"""Tracks that a mix has even if artists or albums come again."""
_VARIOUS = ("various", "various artists")


def list_tracks(found: Iterable[Track], seed: Track, request: ListRequest) -> list[Track]:
    """The first tracks that pass, most similar first, each title once."""
    passes = _passes(request, [seed])
    titles, chosen = {_key(seed.title)}, []
    for track in found:
        if _key(track.title) not in titles and passes(track):
            titles.add(_key(track.title))
            chosen.append(track)
    return chosen[: request.n]


def mix_tracks(
    found: Iterable[Track],
    seeds: Sequence[Track],
    previous: Sequence[Track],
    request: MixRequest,
    *,
    rng: Random,
    today: date,
) -> list[Track]:
    """The tracks of a mix: most similar first, or drawn from the most similar ones."""
    passes = _passes(request, [*seeds, *previous])
    no_christmas = request.filterxmas and today.month != DECEMBER
    used, albums = _Used(), set()
    used.titles = {_key(track.title) for track in (*seeds, *previous)}
    used.artists = {_key(track.artist) for track in previous[: request.norepart]} - {""}
    used.albums = {_album(track) for track in previous[: request.norepalb]} - {""}
    chosen: list[Track] = []
    repeated: list[Track] = []
    for track in found:
        if not passes(track) or (no_christmas and CHRISTMAS in _genres(track)) or _album(track) in albums:
            continue
        if used.has(track, request):
            repeated.append(track)
            continue
        used.add(track)
        albums |= {_album(track)} - {""}
        chosen.append(track)
    if len(chosen) < min(LEAST, request.n):
        chosen += repeated[: min(LEAST, request.n) - len(chosen)]
    if request.shuffle:
        chosen = chosen[: POOL * request.n]
        rng.shuffle(chosen)
    return chosen[: request.n]


@dataclass(slots=True)
class _Used:
    """What a mix does not repeat."""

    titles: set[str] = field(default_factory=set)
    artists: set[str] = field(default_factory=set)
    albums: set[str] = field(default_factory=set)

    def has(self, track: Track, request: MixRequest) -> bool:
        if _key(track.title) in self.titles or (request.norepart and _key(track.artist) in self.artists):
            return True
        various = _key(track.album_artist) in _VARIOUS
        return bool(request.norepalb) and not various and _album(track) in self.albums

    def add(self, track: Track) -> None:
        self.titles.add(_key(track.title))
        self.artists |= {_key(track.artist)} - {""}
        self.albums |= {_album(track)} - {""}


def _passes(request: MixRequest | ListRequest, seeds: Sequence[Track]) -> Callable[[Track], bool]:
    """Whether a track has a suitable length, tempo and genre."""
    tempi = [seed.bpm for seed in seeds[:1] if seed.bpm]
    groups = [[text.casefold() for text in group] for group in request.genregroups] if request.filtergenre else []
    suitable = [group for group in groups if any(_is_in(group, _genres(seed)) for seed in seeds)]

    def has_genre(track: Track) -> bool:
        genres = _genres(track)
        if not genres or not groups:
            return True
        if suitable:
            return any(_matches(group, genre) for group in suitable for genre in genres)
        return not any(_matches(group, genre) for group in groups for genre in genres)

    def passes(track: Track) -> bool:
        if (request.min and track.duration < request.min) or (request.max and track.duration > request.max):
            return False
        if request.maxbmpdiff and tempi and track.bpm and abs(track.bpm - tempi[0]) > request.maxbmpdiff:
            return False
        return has_genre(track)

    return passes


def _is_in(group: Sequence[str], genres: set[str]) -> bool:
    """Whether a track with some genres belongs to a group, whose names may have wildcards."""
    return bool(genres) and all(_matches(group, genre) for genre in genres)


def _matches(group: Sequence[str], genre: str) -> bool:
    return any(fnmatchcase(genre, pattern) for pattern in group)


def _genres(track: Track) -> set[str]:
    return {_key(genre) for genre in track.tagged_genres or (track.tagged_genre,)} - {""}


def _album(track: Track) -> str:
    artist = _key(track.album_artist) or _key(track.artist)
    return f"{_key(track.album)}\0{artist}" if track.album else ""


def _key(text: str | None) -> str:
    return (text or "").strip().casefold()
