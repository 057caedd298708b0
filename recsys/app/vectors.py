"""Vectors of a library as arrays."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.domain.tables import to_pandas
from recsys.errors import Hint, NotAnalysed

if TYPE_CHECKING:
    from recsys.app.context import LibraryContext

VectorKind: TypeAlias = Literal["raw", "normalised", "similarity"]


@dataclass(frozen=True, slots=True, eq=False)
class Vectors:
    """Vectors (n, d) of n tracks with their ``ids`` (n,) and the ``names`` of the d dimensions."""

    ids: IdArray
    vectors: FloatArray
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)

    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame`` with a column for each dimension, indexed by track id.

        Raises
        ------
        RecsysError
            pandas is not installed.
        """
        rows = [
            {"id": int(i), **dict(zip(self.names, row, strict=True))}
            for i, row in zip(self.ids, self.vectors.tolist(), strict=True)
        ]
        return to_pandas(rows).set_index("id")


def read_vectors(context: "LibraryContext", ids: Iterable[int] | None, kind: VectorKind) -> Vectors:
    """The vectors of analysed tracks, of all or of these ids, in the order of the ids.

    Raises
    ------
    NotAnalysed
        One of ``ids`` has not been analysed, or no track has.
    """
    from recsys.features.schema import DIMENSIONS
    from recsys.recommend.vectors import similarity_vectors

    with context.open() as catalogue:
        analysed = catalogue.vector_ids()
        if ids is None:
            wanted = analysed
            if not len(wanted):
                raise NotAnalysed("no track has been analysed yet", hint=Hint.INGEST)
        else:
            wanted = np.array(list(ids), np.int64)
            if len(unknown := np.setdiff1d(wanted, analysed)):
                raise NotAnalysed(f"track {unknown[0]} has not been analysed", hint=Hint.INGEST)
        stored = catalogue.vectors_by_id(wanted.tolist(), "raw" if kind == "raw" else "normalised")
    if kind == "similarity":
        found = similarity_vectors(stored)
        return Vectors(wanted, found, tuple(f"similarity_{i}" for i in range(found.shape[1])))
    return Vectors(wanted, stored, tuple(dimension.name for dimension in DIMENSIONS))
