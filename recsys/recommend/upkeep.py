"""Keeping the index as new as the library: read if it is there, brought up to date if the library has grown,
built anew if it is damaged or stale.

An index is stale when its vectors were made by another version of the features or of the similarity, or from
another library: its first and last tracks are *witnesses* that the library must still know under the same ids.
"""

import logging
from pathlib import Path
from typing import Protocol

import numpy as np

from recsys.errors import IndexDamaged, RecsysError
from recsys.nearest import NearestIndex
from recsys.recommend.vectors import SIMILARITY_VERSION, similarity_vectors
from recsys.types import FloatArray, IdArray

_log = logging.getLogger(__name__)


class Source(Protocol):
    """What an index is made from."""

    def generation(self) -> int:
        """A number that grows with every change of a vector."""

    def vectors(self, *, since: int = 0) -> tuple[IdArray, FloatArray]:
        """Ids (n,) and normalised vectors (n, D) that changed after a generation."""

    def witness(self, track_id: int) -> str | None:
        """A text that no track of another library has under this id; None for an unknown id."""


def current_index(path: Path, source: Source, *, feature_version: int) -> NearestIndex | None:
    """The index of all vectors of ``source``, kept at ``path``; None where there are no vectors."""
    generation = source.generation()  # first: what is written meanwhile is then read again, not missed
    index, since = _load(path, source, feature_version)
    if index is not None and since == generation:
        return index
    ids, vectors = source.vectors(since=since)
    if index is None:
        if not len(ids):
            return None
        index = NearestIndex.build(ids, similarity_vectors(vectors))
    elif len(ids):
        index.add(ids, similarity_vectors(vectors))
    _save(index, path, source, feature_version, generation)
    return index


def _load(path: Path, source: Source, feature_version: int) -> tuple[NearestIndex | None, int]:
    """The stored index and the generation it shows, or None and 0 where it is of no use."""
    try:
        index, stamp = NearestIndex.load(path)
    except FileNotFoundError:
        return None, 0
    except IndexDamaged as error:
        _log.warning("%s", error)
        return None, 0
    shown = int(stamp.get("generation", 0))
    expected = _stamp(index, source, feature_version, shown)
    if stamp != expected or shown > source.generation():
        _log.info("the index %s is of another library or version; it is built anew", path)
        return None, 0
    return index, shown


def _save(index: NearestIndex, path: Path, source: Source, feature_version: int, generation: int) -> None:
    try:
        index.save(path, _stamp(index, source, feature_version, generation))
    except RecsysError as error:  # a full disk or a read-only folder costs time, not the answer
        _log.warning("%s; it is built again the next time", error)


def _stamp(index: NearestIndex, source: Source, feature_version: int, generation: int) -> dict[str, int | str]:
    first, last = int(np.min(index.ids)), int(np.max(index.ids))
    return {
        "similarity_version": SIMILARITY_VERSION,
        "feature_version": feature_version,
        "generation": generation,
        "witnesses": f"{source.witness(first) or ''}; {source.witness(last) or ''}",
    }
