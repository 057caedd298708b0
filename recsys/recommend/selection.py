"""What a list leaves out: too much of one artist, and the same recording twice.

An artist is compared without case, accents, punctuation and guests ("Beyoncé feat. Jay-Z" is Beyoncé). A
track of an unknown artist shares its artist with nobody. The same recording may lie in a library in two
encodings, as two tracks: then the durations differ by no more than ``TWIN_SECONDS``, and either artist and title
read alike and the cosine of their sounds is above ``TWIN_COSINE``, or it is above ``SAME_COSINE``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from recsys.domain.arrays import IdArray
from recsys.domain.tracks import Track
from recsys.metadata.names import title_without_guests, track_artist_key
from recsys.nearest import NearestIndex

PER_ARTIST = 2
TWIN_SECONDS = 2.0
TWIN_COSINE = 0.95  # forty Emotify tracks encoded again as Vorbis, Opus, FLAC and MP3: 0.972 and more
SAME_COSINE = 0.995  # half of those; the nearest pair of different Emotify tracks has 0.988

Lookup = Callable[[Iterable[int]], Mapping[int, Track]]
"""From ids to tracks in the order asked for; ids that no longer exist are left out."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A track of an answer and its similarity, as :mod:`recsys.nearest.hubness` defines it, in [-1, 1]."""

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
        artist = track_artist_key(track)
        if self.per_artist and artist and sum(artist == track_artist_key(o) for o in others) >= self.per_artist:
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


def _name_key(track: Track) -> tuple[str | None, str]:
    return track_artist_key(track), title_without_guests(track.title)


def id_array(tracks: Iterable[Track]) -> IdArray:
    """Ids (n,) of tracks."""
    return np.array([track.id for track in tracks], np.int64)
