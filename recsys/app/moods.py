"""Valence and arousal of the tracks of a library, from stored vectors: no audio is read.

A library of an earlier version has none. :func:`store_missing_moods` stores them during an ingest;
:func:`read_moods` computes them for a query that comes before.
"""

import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from recsys.domain.arrays import IdArray
from recsys.domain.audio import Mood
from recsys.errors import RecsysError

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue

_BATCH_SIZE = 4096  # tracks that are computed and stored at once

_log = logging.getLogger(__name__)


def store_missing_moods(catalogue: "Catalogue") -> int:
    """Store valence and arousal of all analysed tracks that have none; how many tracks.

    An error is logged and not raised: queries work without them, and the next call tries again.
    """
    stored = 0
    try:
        for moods in _compute(catalogue, catalogue.ids_without_mood()):
            catalogue.set_moods(moods)
            stored += len(moods)
    except RecsysError as error:
        _log.warning("%s", error)
    return stored


def read_moods(catalogue: "Catalogue", ids: IdArray) -> dict[int, Mood]:
    """Valence and arousal of analysed tracks by id; nothing is stored.

    Raises
    ------
    FeatureMismatch
        A stored vector has another number of dimensions.
    """
    return {track: mood for moods in _compute(catalogue, ids) for track, mood in moods.items()}


def _compute(catalogue: "Catalogue", ids: IdArray) -> Iterator[dict[int, Mood]]:
    from recsys.features.mood import predict_mood

    for start in range(0, len(ids), _BATCH_SIZE):
        batch: Sequence[int] = ids[start : start + _BATCH_SIZE].tolist()
        yield dict(zip(batch, predict_mood(catalogue.vectors_by_id(batch, "raw")), strict=True))
