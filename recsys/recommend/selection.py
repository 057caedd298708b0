"""What a list leaves out: too much of one artist, and the same recording twice.

An artist is compared without case, accents, punctuation and guests ("Beyoncé feat. Jay-Z" is Beyoncé). A
track of an unknown artist shares its artist with nobody. The same recording may lie in a library in two
encodings, as two tracks: then the durations differ by no more than ``DUPLICATE_SECONDS``, and either artist and title
read alike and the cosine of their sounds is above ``DUPLICATE_COSINE``, or it is above ``IDENTICAL_COSINE``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from recsys.domain.arrays import IdArray
from recsys.domain.tracks import Track
from recsys.metadata.names import title_without_guests, track_artist_key
from recsys.nearest import NearestIndex

MAX_PER_ARTIST = 2
DUPLICATE_SECONDS = 2.0
DUPLICATE_COSINE = 0.95  # forty Emotify tracks encoded again as Vorbis, Opus, FLAC and MP3: 0.972 and more
IDENTICAL_COSINE = 0.995  # half of those; the nearest pair of different Emotify tracks has 0.988

Lookup = Callable[[Iterable[int]], Mapping[int, Track]]
"""From ids to tracks in the order asked for; ids that no longer exist are left out."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A track of an answer and its similarity, as :mod:`recsys.nearest.hubness` defines it, in [-1, 1]."""

    track: Track
    score: float

    @property
    def similarity(self) -> float:
        """As people read it, 0..1: 1 is the same sound, 0 unrelated or opposite."""
        return min(1.0, max(0.0, self.score))


@dataclass(slots=True)
class Selection:
    """A list in the making: :meth:`accepts` says whether a track may join it.

    ``max_per_artist`` is how many tracks an artist may have (0: any number); ``seeds`` are the tracks that the
    list is made from: they are not in it, and neither is another copy of them. ``artist_limit_hit`` counts the tracks
    turned away because of their artist.
    """

    index: NearestIndex
    seeds: tuple[Track, ...] = ()
    max_per_artist: int = MAX_PER_ARTIST
    picks: list[Pick] = field(default_factory=list)
    artist_limit_hit: int = 0

    def try_add(self, pick: Pick) -> bool:
        """Take the pick if its track may join."""
        admitted = self.accepts(pick.track)
        if admitted:
            self.picks.append(pick)
        return admitted

    def accepts(self, track: Track, *, replacing: Track | None = None) -> bool:
        """Whether ``track`` may join, perhaps in the place of another."""
        others = [pick.track for pick in self.picks if pick.track is not replacing]
        if any(other.id == track.id or self._is_duplicate(track, other) for other in (*self.seeds, *others)):
            return False
        artist = track_artist_key(track)
        if self.max_per_artist and artist and sum(artist == track_artist_key(o) for o in others) >= self.max_per_artist:
            self.artist_limit_hit += 1
            return False
        return True

    def _is_duplicate(self, one: Track, other: Track) -> bool:
        if abs(one.duration - other.duration) > DUPLICATE_SECONDS:
            return False
        first, second = self.index.vectors(id_array((one, other)))
        return same_recording(one, other, float(first @ second))


def same_recording(one: Track, other: Track, cosine: float) -> bool:
    """Whether two tracks, whose sounds have this cosine, are the same recording in two encodings."""
    if abs(one.duration - other.duration) > DUPLICATE_SECONDS:
        return False
    return cosine > (DUPLICATE_COSINE if _name_key(one) == _name_key(other) else IDENTICAL_COSINE)


def _name_key(track: Track) -> tuple[str | None, str]:
    return track_artist_key(track), title_without_guests(track.title)


def id_array(tracks: Iterable[Track]) -> IdArray:
    """Ids (n,) of tracks."""
    return np.array([track.id for track in tracks], np.int64)
