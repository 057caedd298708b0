"""A source of vectors in memory, for indexes of it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from synthetic_library import KINDS, genre_vector

from recsys.domain.arrays import FloatArray, IdArray


def batched(values: list[tuple[int, FloatArray]], size: int) -> Iterator[list[tuple[int, FloatArray]]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


class IndexedLibrary:
    """A source in memory that counts the vectors that are read from it."""

    def __init__(self) -> None:
        self.tokens: dict[str, str] = {}
        self.rows: dict[int, tuple[int, FloatArray]] = {}
        self.n_read = 0

    def put(self, *ids: int, noise: float = 0.1) -> None:
        revision = self.vector_revision() + 1
        self.rows.update({i: (revision, genre_vector(KINDS[i % 4], i, noise)) for i in ids})

    def vector_revision(self) -> int:
        return max((revision for revision, _ in self.rows.values()), default=0)

    def vector_batches(self, *, since: int = 0) -> Iterator[tuple[IdArray, FloatArray]]:
        newer = [(i, vector) for i, (revision, vector) in self.rows.items() if revision > since]
        for batch in batched(newer, 3):
            self.n_read += len(batch)
            yield np.array([i for i, _ in batch], np.int64), np.array([vector for _, vector in batch], np.float32)

    def vector_ids(self) -> IdArray:
        return np.array(sorted(self.rows), np.int64)

    def count_vectors(self) -> int:
        return len(self.rows)

    def vectors_by_id(self, ids: Sequence[int]) -> FloatArray:
        return np.array([self.rows[i][1] for i in ids], np.float32)

    def index_token(self, path: Path) -> str | None:
        return self.tokens.get(path.name)

    def set_index_token(self, path: Path, token: str) -> None:
        self.tokens[path.name] = token
