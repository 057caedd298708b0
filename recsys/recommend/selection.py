"""Selection of a list of similar tracks: a limit for each artist, and no recording twice.

Artists are compared without case, accents, punctuation and guests ("Beyoncé feat. Jay-Z" is Beyoncé). A track by an
unknown artist shares its artist with no other track. A library may have one recording in two encodings, as two tracks.
Their durations then differ by at most ``DUPLICATE_SECONDS``, and either artist and title are the same and the cosine of
their vectors is above ``DUPLICATE_COSINE``, or the cosine is above ``IDENTICAL_COSINE``.
"""

import operator
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.domain.tracks import Track
from recsys.metadata.names import title_without_guests, track_artist_key, track_artist_keys
from recsys.nearest import NearestIndex

MAX_PER_ARTIST = 2
DUPLICATE_SECONDS = 2.0
DUPLICATE_COSINE = 0.95  # forty Emotify tracks encoded again as Vorbis, Opus, FLAC and MP3 have 0.972 or more
IDENTICAL_COSINE = 0.995  # half of those have more; the nearest pair of different Emotify tracks has 0.988

# Twice as fast as dataclasses.replace
_ALL_BUT_SIMILARITY: Callable[[Track], tuple[Any, ...]] = operator.attrgetter(
    *[each.name for each in fields(Track)][:-1]
)

Lookup = Callable[[Iterable[int]], Mapping[int, Track]]
"""A function from ids to tracks, in the order of the ids; unknown ids are left out."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A track of a result and its score: the similarity as :mod:`recsys.nearest.hubness` defines it, in [-1, 1]."""

    track: Track
    score: float

    @property
    def similarity(self) -> float:
        """The score clipped to [0, 1]: 1 is the same recording, 0 is unrelated or opposite."""
        return min(1.0, max(0.0, self.score))


def picked_tracks(picks: Iterable[Pick]) -> tuple[Track, ...]:
    """The tracks of picks, with their similarities."""
    return tuple(Track(*(*_ALL_BUT_SIMILARITY(pick.track), pick.similarity)) for pick in picks)


@dataclass(slots=True)
class Selection:
    """A list to which tracks are added if they are accepted.

    Attributes
    ----------
    index : NearestIndex
    seeds : tuple of Track
        The tracks of the query; they and their copies are not accepted.
    max_per_artist : int
        The most tracks by one artist; 0 is no limit.
    picks : list of Pick
    """

    index: NearestIndex
    seeds: tuple[Track, ...] = ()
    max_per_artist: int = MAX_PER_ARTIST
    picks: list[Pick] = field(default_factory=list)
    _listed: set[int] = field(default_factory=set, repr=False)
    _counts: Counter[str] = field(default_factory=Counter, repr=False)
    _loaded: list[int] = field(default_factory=list, repr=False)
    _vectors: FloatArray = field(default_factory=lambda: np.empty((0, 0), np.float32), repr=False)
    _close: dict[int, dict[int, float]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._listed.update(seed.id for seed in self.seeds)
        for pick in self.picks:
            self._count(pick.track)

    def load_vectors(self, ids: IdArray) -> None:
        """Compare tracks that will be tried with each other and the list: at once, which is much faster."""
        if not (new := [i for i in dict.fromkeys((*self._listed, *ids.tolist())) if i not in self._close]):
            return
        read = self.index.vectors(np.array(new, np.int64))
        self._vectors = np.vstack([self._vectors, read]) if len(self._vectors) else read
        self._loaded += new
        self._close.update((i, {}) for i in new)
        cosines = self._vectors @ read.T
        for one, other in np.argwhere(cosines > DUPLICATE_COSINE).tolist():
            cosine = float(cosines[one, other])
            self._close[self._loaded[one]][new[other]] = self._close[new[other]][self._loaded[one]] = cosine

    def try_add(self, pick: Pick) -> bool:
        """Add the pick if its track is accepted; returns whether it is."""
        is_accepted = self.accepts(pick.track)
        if is_accepted:
            self.picks.append(pick)
            self._count(pick.track)
        return is_accepted

    def accepts(self, track: Track) -> bool:
        """Whether ``track`` can be added."""
        if track.id in self._listed or self._is_among_listed(track):
            return False
        limit = self.max_per_artist
        return not limit or all(self._counts[artist] < limit for artist in track_artist_keys(track))

    def _count(self, track: Track) -> None:
        self._listed.add(track.id)
        self._counts.update(track_artist_keys(track))

    def _is_among_listed(self, track: Track) -> bool:
        """Whether the list has the same recording under another id."""
        if track.id not in self._close:
            self.load_vectors(np.array([track.id], np.int64))
        close = self._close[track.id].keys() & self._listed
        others = (*self.seeds, *(pick.track for pick in self.picks)) if close else ()
        return any(
            same_recording(other, track, self._close[track.id][other.id]) for other in others if other.id in close
        )


def same_recording(one: Track, other: Track, cosine: float) -> bool:
    """Whether two tracks, whose vectors have this cosine, are one recording in two encodings."""
    if abs(one.duration - other.duration) > DUPLICATE_SECONDS:
        return False
    return cosine > IDENTICAL_COSINE or (cosine > DUPLICATE_COSINE and _name_key(one) == _name_key(other))


def _name_key(track: Track) -> tuple[str | None, str]:
    return track_artist_key(track), title_without_guests(track.title)


def id_array(tracks: Iterable[Track]) -> IdArray:
    """Ids (n,) of tracks."""
    return np.array([track.id for track in tracks], np.int64)
