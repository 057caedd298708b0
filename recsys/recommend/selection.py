"""What a list leaves out: too much of one artist, and the same recording twice.

An artist is compared without case, accents, punctuation and guests ("Beyoncé feat. Jay-Z" is Beyoncé). A
track of an unknown artist shares its artist with nobody. The same recording may lie in a library in two
encodings, as two tracks: then the durations differ by no more than ``TWIN_SECONDS``, and either artist and title
read alike and the cosine of their sounds is above ``TWIN_COSINE``, or it is above ``SAME_COSINE``.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from recsys.nearest import NearestIndex
from recsys.types import Credits, IdArray, Track

PER_ARTIST = 2
TWIN_SECONDS = 2.0
TWIN_COSINE = 0.95  # forty Emotify tracks encoded again as Vorbis, Opus, FLAC and MP3: 0.972 and more
SAME_COSINE = 0.995  # half of those; the nearest pair of different Emotify tracks has 0.988

Lookup = Callable[[Iterable[int]], Mapping[int, Track]]
"""From ids to tracks in the order asked for; ids that no longer exist are left out."""

_GUESTS = re.compile(r"[\s(\[]+(feat|ft|featuring)\b.*", re.IGNORECASE | re.DOTALL)
_MARKS = re.compile(r"[\W_]+")
_NOBODY = frozenset({"", "unknown", "unknown artist", "various", "various artists", "va"})


@dataclass(frozen=True, slots=True)
class Pick:
    """A track of an answer and its similarity, as :mod:`recsys.nearest.hubs` defines it, in [-1, 1]."""

    track: Track
    alike: float

    @property
    def similarity(self) -> float:
        """As people read it, 0..1: 1 is the same sound, 0 unrelated or opposite."""
        return min(1.0, max(0.0, self.alike))


@dataclass(slots=True)
class Selection:
    """A list in the making: :meth:`admits` says whether a track may join it.

    ``per_artist`` is how many tracks an artist may have (0: any number); ``seeds`` are the tracks that the
    list is made from: they are not in it, and neither is another copy of them. ``crowded`` counts the tracks
    turned away because of their artist.
    """

    index: NearestIndex
    seeds: tuple[Track, ...] = ()
    per_artist: int = PER_ARTIST
    picks: list[Pick] = field(default_factory=list)
    crowded: int = 0

    def offer(self, pick: Pick) -> bool:
        """Take the pick if its track may join."""
        admitted = self.admits(pick.track)
        if admitted:
            self.picks.append(pick)
        return admitted

    def admits(self, track: Track, *, instead_of: Track | None = None) -> bool:
        """Whether ``track`` may join, perhaps in the place of another."""
        others = [pick.track for pick in self.picks if pick.track is not instead_of]
        if any(other.id == track.id or self._twins(track, other) for other in (*self.seeds, *others)):
            return False
        artist = artist_key(track)
        if self.per_artist and artist and sum(artist == artist_key(o) for o in others) >= self.per_artist:
            self.crowded += 1
            return False
        return True

    def _twins(self, one: Track, other: Track) -> bool:
        if abs(one.duration - other.duration) > TWIN_SECONDS:
            return False
        first, second = self.index.vectors(id_array((one, other)))
        return same_recording(one, other, float(first @ second))


def same_recording(one: Track, other: Track, cosine: float) -> bool:
    """Whether two tracks, whose sounds have this cosine, are the same recording in two encodings."""
    if abs(one.duration - other.duration) > TWIN_SECONDS:
        return False
    return cosine > (TWIN_COSINE if _name_key(one) == _name_key(other) else SAME_COSINE)


def artist_key(track: Track | Credits) -> str | None:
    """What the artist is compared by; None where nobody is named."""
    for name in (track.artist, track.album_artist):
        key = plain_artist(name) if name else ""
        if key not in _NOBODY:
            return key
    return None


def plain_artist(name: str) -> str:
    """The name of an artist without case, accents, punctuation and guests."""
    return _plain(_GUESTS.sub("", name))


def plain_title(title: str) -> str:
    """A title without case, accents, punctuation and guests."""
    return _plain(_GUESTS.sub("", title))


def _name_key(track: Track) -> tuple[str | None, str]:
    return artist_key(track), plain_title(track.title)


@lru_cache(maxsize=1 << 14)
def _plain(text: str) -> str:
    """Text without case, accents and punctuation; as it is where nothing else would be left ("!!!")."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(char for char in folded if not unicodedata.combining(char))
    return " ".join(_MARKS.sub(" ", letters).split()) or letters.strip()


def id_array(tracks: Iterable[Track]) -> IdArray:
    """Ids (n,) of tracks."""
    return np.array([track.id for track in tracks], np.int64)
