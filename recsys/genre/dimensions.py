"""The choices of features, and vectors of which only some dimensions are kept: all of 100,000 tracks need 370 MB."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray

#: The groups of dimensions (:data:`recsys.features.schema.GROUPS`) in each choice of features.
FEATURES: dict[str, tuple[str, ...]] = {
    "descriptors": ("timbre", "harmony", "rhythm", "dynamics"),
    "embedding": ("learned", "tags"),
    "all": ("timbre", "harmony", "rhythm", "dynamics", "learned", "tags"),
}


@dataclass(slots=True)
class SomeDimensions:
    """Some dimensions of normalised vectors.

    Parameters
    ----------
    values : (n, d)
    numbers : (d,)
        Which of the D dimensions these are, ascending.
    """

    values: FloatArray
    numbers: IdArray

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, rows: "IdArray | slice | list[int]") -> "SomeDimensions":
        """These rows."""
        return SomeDimensions(self.values[rows], self.numbers)

    def forget_all_but(self, numbers: IdArray) -> None:
        """Keep only some dimensions (k,), which are copied: the memory of the others is given back."""
        self.values, self.numbers = take_dimensions(self, numbers).copy(), numbers


Vectors: TypeAlias = FloatArray | SomeDimensions
"""Normalised vectors (n, D), or some dimensions of them."""


@dataclass(frozen=True, slots=True)
class SomeRows:
    """Some rows of vectors, of which only a slice is copied at a time.

    Parameters
    ----------
    vectors : (n, D)
    rows : (m,)
    """

    vectors: Vectors
    rows: IdArray

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, part: slice) -> Vectors:
        """A copy of these of the rows."""
        return self.vectors[self.rows[part]]


def take_dimensions(vectors: Vectors, numbers: IdArray) -> FloatArray:
    """Dimensions (n, d) of vectors; adjacent ones are not copied.

    Examples
    --------
    >>> some = SomeDimensions(np.array([[5.0, 7.0, 8.0]], np.float32), np.array([5, 7, 8]))
    >>> take_dimensions(some, np.array([7, 8]))
    array([[7., 8.]], dtype=float32)
    """
    if isinstance(vectors, SomeDimensions):
        numbers, vectors = np.searchsorted(vectors.numbers, numbers), vectors.values
    first, last = int(numbers[0]), int(numbers[-1])
    if np.array_equal(numbers, np.arange(first, last + 1)):
        return vectors[:, first : last + 1]
    return vectors[:, numbers]
