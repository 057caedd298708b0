"""Grouping of tracks by album: the same title and folder, or the same title and album artist."""

from collections.abc import Sequence
from pathlib import Path

from recsys.domain.tracks import Track, TrackCredits
from recsys.metadata.text import fold


def album_numbers(tracks: Sequence[Track | TrackCredits]) -> list[int | None]:
    """The number of each track's album, from 0 on; None for a track without an album title."""
    parents: dict[tuple[str, ...], tuple[str, ...]] = {}  # disjoint sets of keys

    def root(key: tuple[str, ...]) -> tuple[str, ...]:
        while parents.setdefault(key, key) != key:
            key = parents[key]
        return key

    keys = [("folder", fold(t.album), str(Path(t.path).parent)) if t.album else None for t in tracks]
    for track, key in zip(tracks, keys, strict=True):
        if key and track.album_artist:
            parents[root(key)] = root(("artist", key[1], fold(track.album_artist)))
    numbers: dict[tuple[str, ...], int] = {}
    return [numbers.setdefault(root(key), len(numbers)) if key else None for key in keys]
