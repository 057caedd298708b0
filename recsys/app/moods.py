"""Valence and arousal of the tracks of a library from stored vectors: no audio is touched.

A library that was filled before these numbers existed has none; :func:`store_missing_moods` stores them, and
:func:`read_moods` computes them for a question that comes earlier.
"""

import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from recsys.domain.arrays import IdArray
from recsys.domain.audio import Mood
from recsys.errors import RecsysError

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue

_BATCH = 4096  # tracks computed and written at a time

_log = logging.getLogger(__name__)


def store_missing_moods(catalogue: "Catalogue") -> int:
    """Store valence and arousal of all tracks that have a vector but none; how many were stored.

    An error is logged, not raised: questions work without, and the next call tries again.
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
    """Valence and arousal of tracks that have a vector, computed and not stored.

    Raises
    ------
    FeatureMismatch
    """
    return {track: mood for moods in _compute(catalogue, ids) for track, mood in moods.items()}


def _compute(catalogue: "Catalogue", ids: IdArray) -> Iterator[dict[int, Mood]]:
    from recsys.features.mood import predict_mood

    for start in range(0, len(ids), _BATCH):
        batch: Sequence[int] = ids[start : start + _BATCH].tolist()
        yield dict(zip(batch, predict_mood(catalogue.vectors_by_id(batch, "raw")), strict=True))
