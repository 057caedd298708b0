"""Artists of tracks as numbers. A track may have several artists, and counts for each of them."""

from collections.abc import Iterator, Sequence

import numpy as np

from recsys.domain.arrays import IdArray
from recsys.domain.tracks import Track, TrackCredits
from recsys.metadata.names import track_artist_keys


def number_artists(tracks: Sequence[Track | TrackCredits]) -> IdArray:
    """The artists (n, a) of n tracks, of which none has more than a.

    Numbers are from 0 on. Tracks with fewer artists have negative numbers in their place, each of which occurs once.
    """
    numbers: dict[str, int] = {}
    rows = [[numbers.setdefault(key, len(numbers)) for key in track_artist_keys(track)] for track in tracks]
    width = max(map(len, rows), default=1) or 1
    found = -1 - np.arange(len(rows) * width, dtype=np.int64).reshape(len(rows), width)
    for row, artists in zip(found, rows, strict=True):
        row[: len(artists)] = artists
    return found


def number_albums(tracks: Sequence[Track]) -> IdArray:
    """Numbers (n,) of the albums of n tracks, from 0; each track without one has its own negative number."""
    numbers: dict[int, int] = {}
    albums = [
        -1 - i if track.album_id is None else numbers.setdefault(track.album_id, len(numbers))
        for i, track in enumerate(tracks)
    ]
    return np.array(albums, np.int64)


def rows_by_number(numbers: IdArray) -> Iterator[tuple[int, IdArray]]:
    """Each non-negative number of ``numbers`` (n,) or (n, a), with the rows in which it occurs, ascending."""
    by_row = numbers[:, None] if numbers.ndim == 1 else numbers
    rows, columns = np.nonzero(by_row >= 0)
    values = by_row[rows, columns]
    order = np.argsort(values, kind="stable")
    rows, values = rows[order], values[order]
    found, starts = np.unique(values, return_index=True)
    parts = np.split(rows, starts[1:]) if len(starts) else []
    yield from zip(found.tolist(), parts, strict=True)


def disjoint(groups: Sequence[IdArray]) -> list[bool]:
    """Whether each group of rows, largest first, has no row of those before that are disjoint themselves."""
    seen: set[int] = set()
    found = [False] * len(groups)
    for i in sorted(range(len(groups)), key=lambda i: (-len(groups[i]), i)):
        if seen.isdisjoint(groups[i].tolist()):
            found[i] = True
            seen.update(groups[i].tolist())
    return found
