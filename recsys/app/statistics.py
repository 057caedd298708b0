"""Statistics of a library."""

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import Any

import numpy as np

from recsys.app.context import LibraryContext
from recsys.app.filters import filter_ids
from recsys.domain.audio import Key
from recsys.domain.keys import camelot
from recsys.domain.requests import TrackFilter
from recsys.domain.statistics import PlayedTrack, Statistics

N_PLAYED = 10  # tracks among the most played
_TAGS = {"title": "title", "artist": "artist", "album": "album", "genre": "tagged", "year": "year"}
_BIT_RATES = (0, 64, 128, 192, 256, 320, 500)  # kbit/s: lower ends of ranges


def statistics(context: LibraryContext, filter: TrackFilter) -> Statistics:
    """Statistics of the present tracks that pass a filter; see :meth:`recsys.Library.statistics`."""
    with context.open() as catalogue:
        allowed = filter_ids(catalogue, filter)
        source = catalogue.statistics_source()
        known = None if allowed is None else set(allowed.tolist())
        rows = [row for row in source.tracks if known is None or row.id in known]
        ids = {row.id for row in rows}
        played = [each for each in source.plays if each[0] in ids][:N_PLAYED]
        tracks = catalogue.tracks_by_id([track for track, _ in played])
    n = len(rows)
    missing = {name: sum(not getattr(row, column) for row in rows) / n if n else 0.0 for name, column in _TAGS.items()}
    return Statistics(
        tracks=n,
        artists=len({number for track, number in source.artists if track in ids}),
        albums=len({number for track, number in source.albums if track in ids}),
        duration=float(sum(row.duration for row in rows)),
        size=int(sum(row.size for row in rows)),
        codecs=_most_first(row.codec for row in rows),
        bit_rates=_by_number(rows, lambda row: row.bit_rate and _range_of(row.bit_rate / 1000)),
        genres=_most_first(row.genre for row in rows),
        tagged_genres=_most_first(name for track, name in source.tagged_genres if track in ids),
        decades=_by_number(rows, lambda row: row.year and row.year // 10 * 10),
        keys=_keys(rows),
        tempi=_by_number(rows, lambda row: int(row.bpm // 10) * 10 if row.bpm else None),
        added=dict(sorted(Counter(row.added_at[:7] for row in rows).items())),
        missing_tags=missing,
        listeners=tuple(source.listeners),
        most_played=tuple(
            PlayedTrack(track, tracks[track].artist, tracks[track].title or PurePath(tracks[track].path).stem, plays)
            for track, plays in played
        ),
    )


def _most_first(values: Iterable[str | None]) -> dict[str, int]:
    counts = Counter(value for value in values if value)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _by_number(rows: Iterable[Any], number: Callable[[Any], int | None]) -> dict[str, int]:
    """How many rows have each number, ascending; rows without one do not count."""
    counts = Counter(found for row in rows if (found := number(row)) is not None and found >= 0)
    return {str(value): counts[value] for value in sorted(counts)}


def _range_of(kilobits: float) -> int:
    return _BIT_RATES[int(np.searchsorted(_BIT_RATES, kilobits, side="right")) - 1]


def _keys(rows: Iterable[Any]) -> dict[str, int]:
    """How many rows have each key, in the order of the Camelot codes."""
    counts = Counter(f"{Key.NAMES[row.tonic]} {row.mode}" for row in rows if row.tonic is not None)

    def place(key: str) -> tuple[int, str]:
        code = camelot(key) or "0"
        return int(code.rstrip("AB")), code

    return {key: counts[key] for key in sorted(counts, key=place)}
