"""Which tracks are of one album: those with its title that lie in one folder, or have one album artist."""

from collections.abc import Sequence
from pathlib import Path

from recsys.domain.tracks import Track, TrackCredits
from recsys.metadata.text import fold


def album_numbers(tracks: Sequence[Track | TrackCredits]) -> list[int | None]:
    """For each track the number of its album, the same for all tracks of it; None without an album title."""
    parents: dict[tuple[str, ...], tuple[str, ...]] = {}

    def root(key: tuple[str, ...]) -> tuple[str, ...]:
        while parents.setdefault(key, key) != key:
            key = parents[key]
        return key

    places = [("folder", fold(t.album), str(Path(t.path).parent)) if t.album else None for t in tracks]
    for track, place in zip(tracks, places, strict=True):
        if place and track.album_artist:
            parents[root(place)] = root(("artist", place[1], fold(track.album_artist)))
    numbers: dict[tuple[str, ...], int] = {}
    return [numbers.setdefault(root(place), len(numbers)) if place else None for place in places]
