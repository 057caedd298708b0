"""Groups of versions of one work: a recording in two files, or a song and its live, remastered or demo versions.

A playlist has each work at most once. Two tracks are one work if they have the same named artist and the same title and
one title names a version ("Hurt (live)", "Hurt - 2009 Remaster"), or if they are the same recording (see
:mod:`recsys.recommend.selection`). Equal titles without such a word are not enough: an artist may have several works
called "Allegro".
"""

import re
from collections.abc import Sequence

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
    """Number (n,) of the work of each track.

    Parameters
    ----------
    tracks : sequence of Track, length n
    vectors : (n, d)
        Their similarity vectors.
    """
    numbers = np.arange(len(tracks))
    if not len(tracks):
        return numbers

    def join(one: int, other: int) -> None:
        numbers[numbers == numbers[max(one, other)]] = numbers[min(one, other)]

    named: dict[tuple[str, str], list[tuple[int, bool]]] = {}
    for i, track in enumerate(tracks):
        title, version = title_without_version(track.title)
        for artist in track_artist_keys(track) if title else ():
            named.setdefault((artist, title), []).append((i, version))
    for group in named.values():
        if any(version for _, version in group):
            for i, _ in group[1:]:
                join(group[0][0], i)
    lengths = np.array([track.duration for track in tracks])
    order = np.argsort(lengths, kind="stable")
    ends = np.searchsorted(lengths[order], lengths[order] + DUPLICATE_SECONDS, side="right")
    for rank, end in enumerate(ends.tolist()):
        i, others = int(order[rank]), order[rank + 1 : end]
        cosines = vectors[others] @ vectors[i]
        for j, cosine in zip(
            others[cosines > DUPLICATE_COSINE].tolist(), cosines[cosines > DUPLICATE_COSINE], strict=True
        ):
            if cosine > IDENTICAL_COSINE or _name_key(tracks[i]) == _name_key(tracks[j]):
                join(i, j)
    return numbers


def _name_key(track: Track) -> tuple[str | None, str]:
    return track_artist_key(track), title_without_guests(track.title)
