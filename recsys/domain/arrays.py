"""Array types, and how a long sequence is cut into chunks.

Samples are mono float32 in [-1, 1] named ``y`` with their rate ``sr`` in Hz; times are seconds from the start of the
file; a ``vector`` is (d,), ``vectors`` (n, d), ``frames`` (d, t). Arrays are float32 unless stated otherwise.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, ForwardRef, TypeAlias, TypeVar

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    FloatArray: TypeAlias = npt.NDArray[np.float32]
    HalfArray: TypeAlias = npt.NDArray[np.float16]
    DoubleArray: TypeAlias = npt.NDArray[np.float64]
    IdArray: TypeAlias = npt.NDArray[np.int64]
else:  # numpy takes a tenth of a second to import, which every command and every error would pay
    FloatArray = HalfArray = DoubleArray = IdArray = ForwardRef("numpy.ndarray")

T = TypeVar("T")
CHUNK_SIZE = 500  # parameters of one IN: old SQLite builds allow 999


def in_chunks(values: Iterable[T], size: int = CHUNK_SIZE) -> Iterator[list[T]]:
    """Lists of at most ``size``, so that no statement has too many parameters."""
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk
