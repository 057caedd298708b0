"""The scorecard of a library."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from recsys.app.context import LibraryContext
from recsys.domain.arrays import FloatArray, IdArray
from recsys.domain.tracks import Track

_BLOCK = 2048  # tracks whose vectors are read at once
_TRACKS = 5000  # read at once
#: Fields of which many tracks have the same value.
_SHARED = (
    "artist", "album_artist", "album", "genre", "tagged_genre", "key", "artists", "artist_ids", "album_artists",
    "album_artist_ids", "tagged_genres",
)  # fmt: skip


def evaluate(
    context: LibraryContext,
    *,
    labels: Path | None,
    compare: Path | None,
    playlists: bool,
    on_progress: Callable[[str], None],
) -> dict[str, Any]:
    """The scorecard of the library; see :meth:`recsys.Library.evaluate`."""
    from recsys.evaluate.compare import compare_scorecards, read_scorecard
    from recsys.evaluate.scorecard import scorecard
    from recsys.metadata.labels import labels_from_table, labels_from_tags
    from recsys.recommend.projection import projection

    old = read_scorecard(compare) if compare else None  # an error in it is raised before minutes are spent
    with context.open() as catalogue:
        index = context.index(catalogue, complete=True)
        ids = index.intersect(catalogue.ids())
        ours = catalogue.tag_edits.genres()
        shared: dict[Any, Any] = {}
        tracks = [
            track if labels or ours else _without_paths(track, shared)  # which only these two need
            for start in range(0, len(ids), _TRACKS)
            for track in catalogue.tracks_by_id(ids[start : start + _TRACKS].tolist()).values()
        ]
        del shared
        labelled = labels_from_table(tracks, labels) if labels else labels_from_tags(tracks, ours)
        learned = len(catalogue.find_by_hash(projection().labelled))

        def read(columns: IdArray) -> FloatArray:
            part, values = slice(int(columns[0]), int(columns[-1]) + 1), np.empty((len(ids), len(columns)), np.float32)
            for start in range(0, len(ids), _BLOCK):
                rows = slice(start, start + _BLOCK)
                values[rows] = catalogue.vectors_by_id(ids[rows].tolist(), columns=part)[:, columns - part.start]
            return values

        card = scorecard(
            read, labelled, index, ids,
            edges=catalogue.track_edges, training_overlap=learned, playlists=playlists, on_progress=on_progress,
        )  # fmt: skip
    return {**card, "compared": compare_scorecards(card, old)} if old else card


def _without_paths(track: Track, shared: dict[Any, Any]) -> Track:
    """The track with what is compared and shown, and one object for equal values: two thirds of its 2 KB."""
    values = ((name, getattr(track, name)) for name in _SHARED)
    same = {name: shared.setdefault(value, value) for name, value in values}
    return replace(track, path="", paths=(), added_at=None, **same)
