"""Stickers of MPD, by which its clients like and rate songs, as likes and stars of a listener.

"like" is 2 for a like, 1 for neither and 0 for a dislike, as myMPD has it; "rating" is from 0 to 10, twice the number
of stars, as most clients have it. Stickers are read and never written. One that changes while the program runs counts;
one that is there at the start counts if the track has no rating.
"""

from collections.abc import Callable, Iterable

from recsys import Library, Track
from recsys.mpd.client import Client, MpdError

LIKE, RATING = "like", "rating"
_VOTES = {"2": 1, "1": 0, "0": -1}

Tracks = Callable[[Iterable[str]], dict[str, Track]]
"""The tracks of some files of MPD, by file."""


class Stickers:
    """The stickers that were read last."""

    def __init__(self, library: Library, tracks: Tracks) -> None:
        self._library, self._tracks = library, tracks
        self._known: dict[str, dict[str, str]] | None = None

    def read(self, client: Client) -> int:
        """Read all stickers, and store those that are new; how many. A server may have none.

        Raises
        ------
        ConnectionLost, OSError
            There is no answer.
        """
        try:
            found = {name: _stickers(client, name) for name in (LIKE, RATING)}
        except MpdError:  # no file of stickers is configured, or the user may not read them
            return 0
        before = self._known or {LIKE: {}, RATING: {}}
        changed = {
            name: {
                file: found[name].get(file, "")
                for file in found[name].keys() | before[name].keys()
                if found[name].get(file) != before[name].get(file)
            }
            for name in found
        }
        tracks = self._tracks({file for files in changed.values() for file in files})
        rated = self._library.ratings.rated(list(tracks.values())) if self._known is None else frozenset()
        stored = 0
        for name, files in changed.items():
            for file, value in files.items():
                if file in tracks and tracks[file].id not in rated:
                    stored += self._store(tracks[file], name, value)
        self._known = found
        return stored

    def _store(self, track: Track, name: str, value: str) -> bool:
        if name == LIKE and (value in _VOTES or not value):
            self._library.ratings.set([str(track.id)], _VOTES.get(value, 0))
            return True
        if name == RATING and (not value or (value.isdecimal() and int(value) <= 10)):
            self._library.ratings.set_stars([track], (int(value or 0) + 1) // 2)
            return True
        return False


def _stickers(client: Client, name: str) -> dict[str, str]:
    """The value of a sticker by file."""
    return {
        record["file"]: record["sticker"].partition("=")[2]
        for record in client.records("sticker", "find", "song", "", name, first="file")
        if "file" in record and "sticker" in record
    }
