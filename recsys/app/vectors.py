"""Vectors of a library as arrays."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.domain.checks import check_choice
from recsys.domain.tables import array_to_pandas
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

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        """``vectors``, where NumPy expects an array."""
        return np.array(self.vectors, dtype=dtype, copy=True if copy is None else copy)

    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame`` with a column for each dimension, indexed by track id.

        Raises
        ------
        RecsysError
            pandas is not installed.
        """
        return array_to_pandas(self.vectors, index=self.ids.tolist(), columns=self.names)


def read_vectors(context: "LibraryContext", ids: Iterable[int] | None, kind: VectorKind) -> Vectors:
    """The vectors of analysed tracks, of all or of these ids, in the order of the ids.

    Raises
    ------
    NotAnalysed
        One of ``ids`` has not been analysed, or no track has.
    InvalidRequest
        ``kind`` is unknown.
    """
    check_choice("kind", kind, get_args(VectorKind))
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
