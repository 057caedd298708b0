"""Rows of answers: tracks as AudioMuse-AI describes them."""

from collections.abc import Iterable, Mapping
from typing import Any

from recsys import Track
from recsys.web.audiomuse.ids import WireIds

UNKNOWN = "unknown"
_DIGITS = 6
_LEAST_SIMILARITY = 1e-3  # of a hyperbolic distance, which has no limit


def row_of(track: Track, item_id: str) -> dict[str, Any]:
    """A track under its id of the server."""
    key, _, scale = (track.key or "").partition(" ")
    tempo = None if track.bpm is None else round(track.bpm, 2)
    return {
        "item_id": item_id, "title": track.title, "author": track.artist or "", "album": track.album or UNKNOWN,
        "album_artist": track.album_artist or UNKNOWN, "tempo": tempo, "key": key or None, "scale": scale or None,
        "top_genre": track.genre,
    }  # fmt: skip


def rows_of(ids: WireIds, tracks: Iterable[Track]) -> list[dict[str, Any]]:
    """The rows of those tracks that the server has, with ``distance`` where they are compared."""
    listed = list(tracks)
    known = ids.foreign_ids(listed)
    return [with_distance(row_of(each, known[each.id]), each) for each in listed if each.id in known]


def with_distance(row: dict[str, Any], track: Track) -> dict[str, Any]:
    """A row with the distance of its track; unchanged without a similarity."""
    return row if track.similarity is None else {**row, "distance": distance(track.similarity)}


def distance(similarity: float) -> float:
    """0 for the same sound, 1 for the most different one: plugins read 1 - distance as the similarity.

    >>> distance(0.75)
    0.25
    """
    return round(min(1.0, max(0.0, 1.0 - similarity)), _DIGITS)


def hyperbolic_distance(row: Mapping[str, Any]) -> float:
    """The distance of a row without an upper limit: plugins make d / (1 + d) of it, which is the distance again.

    >>> found = hyperbolic_distance({"distance": 0.2})
    >>> found, found / (1 + found)
    (0.25, 0.2)
    """
    similarity = max(_LEAST_SIMILARITY, 1.0 - float(row["distance"]))
    return round(1.0 / similarity - 1.0, _DIGITS)
