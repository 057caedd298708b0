"""Statistics of a library."""

from collections import Counter
from pathlib import PurePath

from recsys.app.context import LibraryContext
from recsys.app.filters import filter_ids
from recsys.domain.audio import Key
from recsys.domain.keys import camelot
from recsys.domain.requests import TrackFilter
from recsys.domain.statistics import PlayedTrack, Statistics


def statistics(context: LibraryContext, filter: TrackFilter) -> Statistics:
    """Statistics of the present tracks that pass a filter; see :meth:`recsys.Library.statistics`."""
    with context.open() as catalogue:
        counts, listeners = catalogue.remembered(
            ("statistics", filter, context.settings.listener),
            lambda: catalogue.statistics(filter_ids(catalogue, filter)),
            of_listener=True,
        )
        tracks = catalogue.tracks_by_id([track for track, _ in counts.most_played])
    n = counts.tracks
    return Statistics(
        tracks=n,
        artists=counts.artists,
        albums=counts.albums,
        duration=counts.duration,
        size=counts.size,
        codecs=_most_first(counts.codecs),
        bit_rates=_by_number(counts.bit_rates),
        genres=_most_first(counts.genres),
        tagged_genres=_most_first(counts.tagged_genres),
        decades=_by_number(counts.decades),
        keys=_keys(counts.keys),
        tempi=_by_number(counts.tempi),
        added=dict(sorted(counts.months.items())),
        missing_tags={name: number / n if n else 0.0 for name, number in counts.untagged.items()},
        listeners=tuple(listeners),
        most_played=tuple(
            PlayedTrack(track, tracks[track].artist, tracks[track].title or PurePath(tracks[track].path).stem, plays)
            for track, plays in counts.most_played
        ),
    )


def _most_first(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _by_number(counts: Counter[int]) -> dict[str, int]:
    return {str(value): counts[value] for value in sorted(counts)}


def _keys(counts: Counter[tuple[int, str]]) -> dict[str, int]:
    """How many tracks have each key, in the order of the Camelot codes."""

    def place(key: str) -> tuple[int, str]:
        code = camelot(key) or "0"
        return int(code.rstrip("AB")), code

    named = {f"{Key.NAMES[tonic]} {mode}": n for (tonic, mode), n in counts.items()}
    return {key: named[key] for key in sorted(named, key=place)}
