"""Which tracks are one work: the same recording in two files, or a song and its live, remastered or demo versions.

A list holds a work once. Two tracks are one work if an artist is named and their titles read alike, where one says that
it is a version ("Hurt (live)", "Hurt - 2009 Remaster"); or if they are the same recording (see
:mod:`recsys.recommend.selection`). Titles that read alike without such a word are not enough: an artist may have
many an "Allegro".
"""

import re
from collections.abc import Sequence

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.domain.tracks import Track
from recsys.metadata.names import title_without_guests, track_artist_key
from recsys.recommend.selection import DUPLICATE_COSINE, DUPLICATE_SECONDS, IDENTICAL_COSINE

_WORDS = (
    r"(?:live|remaster(?:ed)?|re-?recorded|demo|mono|stereo|acoustic|unplugged|instrumental|karaoke|edit|remix|outtake|"
    r"rehearsal|alternate (?:take|version|mix)|(?:single|album|radio|extended|original) (?:version|mix|edit)|"
    r"version|bonus track|anniversary)"
)
_BRACKETED = re.compile(rf"\s*[(\[]([^()\[\]]*\b{_WORDS}\b[^()\[\]]*)[)\]]", re.IGNORECASE)
_AFTER_DASH = re.compile(rf"\s[-–—]\s((?:\d{{4}} )?{_WORDS}\b[^-–—()\[\]]*)$", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")
_YEAR = re.compile(r"(?:19|20)\d\d")


def title_without_version(title: str) -> tuple[str, bool]:
    """A title without the words for its version, as it is compared; and whether there were any.

    A number among these words stays, unless it is a year: the first demo is not the second.

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
    said = [match[1] for match in pattern.finditer(title)]
    bare = pattern.sub("", title)
    if not said or not bare.strip():
        return title_without_guests(title), False
    numbers = _NUMBER.findall(_YEAR.sub("", " ".join(said)))
    return " ".join([title_without_guests(bare), *numbers]), True


def version_groups(tracks: Sequence[Track], vectors: FloatArray) -> IdArray:
    """For each track (n,), whose similarity vectors these are (n, d), the number of its work."""
    numbers = np.arange(len(tracks))
    if not len(tracks):
        return numbers

    def join(one: int, other: int) -> None:
        numbers[numbers == numbers[max(one, other)]] = numbers[min(one, other)]

    named: dict[tuple[str, str], list[tuple[int, bool]]] = {}
    for i, track in enumerate(tracks):
        artist, (title, version) = track_artist_key(track), title_without_version(track.title)
        if artist and title:
            named.setdefault((artist, title), []).append((i, version))
    for group in named.values():
        if any(version for _, version in group):
            for i, _ in group[1:]:
                join(group[0][0], i)
    lengths = np.array([track.duration for track in tracks])
    order = np.argsort(lengths, kind="stable")
    ends = np.searchsorted(lengths[order], lengths[order] + DUPLICATE_SECONDS, side="right")
    for place, end in enumerate(ends.tolist()):
        i, others = int(order[place]), order[place + 1 : end]
        cosines = vectors[others] @ vectors[i]
        for j, cosine in zip(
            others[cosines > DUPLICATE_COSINE].tolist(), cosines[cosines > DUPLICATE_COSINE], strict=True
        ):
            if cosine > IDENTICAL_COSINE or _name(tracks[i]) == _name(tracks[j]):
                join(i, j)
    return numbers


def _name(track: Track) -> tuple[str | None, str]:
    return track_artist_key(track), title_without_guests(track.title)
