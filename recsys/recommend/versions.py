"""Groups of versions of one work: a recording in two files, or a song and its live, remastered or demo versions.

A playlist has each work at most once. Two tracks are one work if they have the same named artist and the same title and
one title names a version ("Hurt (live)", "Hurt - 2009 Remaster"), or if they are the same recording (see
:mod:`recsys.recommend.selection`). Equal titles without such a word are not enough: an artist may have several works
called "Allegro".
"""

import re
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.domain.tracks import Track
from recsys.metadata.names import title_without_guests, track_artist_key, track_artist_keys
from recsys.recommend.selection import DUPLICATE_COSINE, DUPLICATE_SECONDS, IDENTICAL_COSINE

_VERSION_WORDS = (
    r"(?:live|remaster(?:ed)?|re-?recorded|demo|mono|stereo|acoustic|unplugged|instrumental|karaoke|edit|remix|outtake|"
    r"rehearsal|alternate (?:take|version|mix)|(?:single|album|radio|extended|original) (?:version|mix|edit)|"
    r"version|bonus track|anniversary)"
)
_BRACKETED = re.compile(rf"\s*[(\[]([^()\[\]]*\b{_VERSION_WORDS}\b[^()\[\]]*)[)\]]", re.IGNORECASE)
_AFTER_DASH = re.compile(rf"\s[-–—]\s((?:\d{{4}} )?{_VERSION_WORDS}\b[^-–—()\[\]]*)$", re.IGNORECASE)
_BLOCK = 128  # tracks that are compared with others at once
_NUMBER = re.compile(r"\d+")
_YEAR = re.compile(r"(?:19|20)\d\d")


def title_without_version(title: str) -> tuple[str, bool]:
    """A title without the words for its version, normalised for comparison; and whether there were any.

    A number among these words is kept unless it is a year: the first demo is not the second.

    Examples
    --------
    >>> title_without_version("Hurt (Live at the Paradiso)")
    ('hurt', True)
    >>> title_without_version("Hurt - 2009 Remaster")
    ('hurt', True)
    >>> title_without_version("Live and Let Die")
    ('live and let die', False)
    """
    pattern = _BRACKETED if _BRACKETED.search(title) else _AFTER_DASH
    version_words = [match[1] for match in pattern.finditer(title)]
    base = pattern.sub("", title)
    if not version_words or not base.strip():
        return title_without_guests(title), False
    numbers = _NUMBER.findall(_YEAR.sub("", " ".join(version_words)))
    return " ".join([title_without_guests(base), *numbers]), True


def version_groups(tracks: Sequence[Track], vectors: FloatArray) -> IdArray:
    """Number (n,) of the work of each track: the position of its first track.

    The time is proportional to n where most tracks are one work, and to the pairs of similar length where none are.

    Parameters
    ----------
    tracks : sequence of Track, length n
    vectors : (n, d)
        Their similarity vectors.
    """
    works = _Groups(len(tracks))
    named: dict[tuple[str, str], list[tuple[int, bool]]] = {}
    for i, track in enumerate(tracks):
        title, version = title_without_version(track.title)
        for artist in track_artist_keys(track) if title else ():
            named.setdefault((artist, title), []).append((i, version))
    for group in named.values():
        if any(version for _, version in group):
            for i, _ in group[1:]:
                works.join(group[0][0], i)
    if len(tracks):
        _join_recordings(tracks, vectors, works)
    return works.numbers()


class _Groups:
    """Disjoint sets of the numbers from 0 to n - 1."""

    def __init__(self, n: int) -> None:
        self._parents = list(range(n))

    def join(self, one: int, other: int) -> None:
        """Unite the sets of two numbers."""
        first, second = sorted((self._first(one), self._first(other)))
        self._parents[second] = first

    def numbers(self) -> IdArray:
        """The least number (n,) of each set."""
        return np.array([self._first(i) for i in range(len(self._parents))], np.int64)

    def _first(self, i: int) -> int:
        parents = self._parents
        while parents[i] != i:
            parents[i] = i = parents[parents[i]]
        return i


def _join_recordings(tracks: Sequence[Track], vectors: FloatArray, works: _Groups) -> None:
    """Join the tracks that are the same recording, and those that these are the same as.

    From a track that has not been reached, all tracks are reached in steps. A step compares the tracks that the last
    one has reached with those of similar length that none has.
    """
    lengths = np.array([track.duration for track in tracks])
    order = np.argsort(lengths, kind="stable")
    lengths, vectors = lengths[order], vectors[order]
    ends = np.searchsorted(lengths, lengths + DUPLICATE_SECONDS, side="right")
    starts = np.searchsorted(ends, np.arange(len(order)), side="right")  # the first track whose end is behind this one
    names = _Names(tracks, order)
    waiting = np.ones(len(order), bool)
    lonely, compared = np.zeros(len(order), bool), 0
    for seed in range(len(order)):
        if not waiting[seed]:
            continue
        waiting[seed] = False
        if seed >= compared:
            compared = min(seed + _BLOCK, len(order))
            lonely[seed:compared] = _have_no_later_copy(vectors, ends, seed, compared)
        if lonely[seed]:  # those before it have been reached
            continue
        reached = np.array([seed])
        while len(reached):
            found = []
            for block in np.array_split(reached, -(-len(reached) // _BLOCK)):
                low, high = max(int(starts[block[0]]), seed), int(ends[block[-1]])  # none before the seed waits
                others = low + np.flatnonzero(waiting[low:high])
                if not len(others):
                    continue
                low, high = int(others[0]), int(others[-1]) + 1
                whole = len(others) == high - low  # then nothing has to be copied
                cosines = vectors[block] @ (vectors[low:high] if whole else vectors[others]).T
                if cosines.max() <= DUPLICATE_COSINE:
                    continue
                apart = (others[None] < starts[block, None]) | (others[None] >= ends[block, None])
                same = (cosines > DUPLICATE_COSINE) & ~apart
                rows, columns = np.nonzero(same & (cosines <= IDENTICAL_COSINE))
                if len(rows):
                    same[rows, columns] = names.of(block[rows]) == names.of(others[columns])
                new = np.flatnonzero(same.any(axis=0))
                for row, column in zip(same[:, new].argmax(axis=0).tolist(), new.tolist(), strict=True):
                    works.join(int(order[block[row]]), int(order[others[column]]))
                waiting[others[new]] = False
                found.append(others[new])
            reached = np.sort(np.concatenate(found)) if found else np.empty(0, np.int64)


def _have_no_later_copy(
    vectors: FloatArray, ends: IdArray, first: int, last: int
) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Whether no vector between a rank and its end is like the one at the rank, for the ranks from first to last."""
    cosines = vectors[first:last] @ vectors[first : ends[last - 1]].T
    ranks, others = np.arange(first, last)[:, None], np.arange(first, ends[last - 1])[None]
    return np.asarray(
        ~((cosines > DUPLICATE_COSINE) & (others > ranks) & (others < ends[first:last, None])).any(axis=1)
    )


class _Names:
    """Numbers that are equal where artist and title are; they are computed when they are first needed."""

    def __init__(self, tracks: Sequence[Track], order: IdArray) -> None:
        self._tracks = tracks
        self._order = order

    def of(self, ranks: IdArray) -> IdArray:
        """The numbers of the tracks at some ranks of the order."""
        return self._numbers[ranks]

    @cached_property
    def _numbers(self) -> IdArray:
        known: dict[tuple[str | None, str], int] = {}
        return np.array([known.setdefault(_name_key(self._tracks[i]), len(known)) for i in self._order], np.int64)


def _name_key(track: Track) -> tuple[str | None, str]:
    return track_artist_key(track), title_without_guests(track.title)
