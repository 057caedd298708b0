"""Which tracks are one work: the same recording in two files, or a song and its live, remastered or demo versions.

A list holds a work once. Two tracks are one work if an artist is named and their titles read alike, where one says that
it is a version ("Hurt (live)", "Hurt - 2009 Remaster"); or if they are the same recording (see
:mod:`recsys.recommend.selection`). Titles that read alike without such a word are not enough: an artist may have
many an "Allegro".
"""

import re
from collections.abc import Sequence

import numpy as np

from recsys.nearest import NearestIndex
from recsys.recommend.selection import SAME_COSINE, TWIN_COSINE, TWIN_SECONDS, artist_key, id_array, plain_title
from recsys.types import IdArray, Track

_WORDS = (
    r"(?:live|remaster(?:ed)?|re-?recorded|demo|mono|stereo|acoustic|unplugged|instrumental|karaoke|edit|mix|remix|"
    r"version|take|outtake|session|rehearsal|alternate|alternative|extended|single|radio|album|original|bonus|anniversary)"
)
_VERSION = re.compile(
    rf"\s*(?:[(\[][^()\[\]]*\b{_WORDS}\b[^()\[\]]*[)\]]|\s[-–—]\s[^-–—]*\b{_WORDS}\b[^-–—]*$)", re.IGNORECASE
)


def base_title(title: str) -> tuple[str, bool]:
    """A title without the words for its version, as it is compared; and whether there were any.

    Examples
    --------
    >>> base_title("Hurt (Live at the Paradiso)")
    ('hurt', True)
    >>> base_title("Live and Let Die")
    ('live and let die', False)
    """
    bare = _VERSION.sub("", title)
    return (plain_title(bare), True) if bare.strip() and bare != title else (plain_title(title), False)


def works(tracks: Sequence[Track], index: NearestIndex) -> IdArray:
    """For each track (n,) the number of its work, the same for all versions of it."""
    numbers = np.arange(len(tracks))
    if not len(tracks):
        return numbers

    def join(one: int, other: int) -> None:
        numbers[numbers == numbers[max(one, other)]] = numbers[min(one, other)]

    named: dict[tuple[str, str], list[tuple[int, bool]]] = {}
    for i, track in enumerate(tracks):
        artist, (title, version) = artist_key(track), base_title(track.title)
        if artist and title:
            named.setdefault((artist, title), []).append((i, version))
    for group in named.values():
        if any(version for _, version in group):
            for i, _ in group[1:]:
                join(group[0][0], i)
    vectors = index.vectors(id_array(tracks))
    lengths = np.array([track.duration for track in tracks])
    alike = (vectors @ vectors.T > TWIN_COSINE) & (np.abs(lengths[:, None] - lengths) <= TWIN_SECONDS)
    for i, j in np.argwhere(np.triu(alike, 1)).tolist():
        one, other = tracks[i], tracks[j]
        same_name = (artist_key(one), plain_title(one.title)) == (artist_key(other), plain_title(other.title))
        if same_name or float(vectors[i] @ vectors[j]) > SAME_COSINE:
            join(i, j)
    return numbers
