"""The part of a catalogue that reads vectors, and the token of the index that is made of them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from sqlalchemy import select

from recsys.database import index_tokens, vectors
from recsys.database.access import CatalogueAccess
from recsys.database.engine import reading, writing
from recsys.database.tables import revision
from recsys.domain.arrays import DoubleArray, FloatArray, HalfArray, IdArray
from recsys.domain.catalogue import TrackEdges


class VectorAccess(CatalogueAccess):
    """Vectors of a :class:`~recsys.database.catalogue.Catalogue`. Every method reads one consistent state."""

    def index_token(self, path: Path) -> str | None:
        """The token of the index that was last saved at this path; None if there was none."""
        with reading(self._engine) as connection:
            return index_tokens.read(connection, path)

    def set_index_token(self, path: Path, token: str) -> None:
        """Store the token of the index that is saved at this path."""
        with writing(self._engine, changes_tracks=False) as connection:
            index_tokens.store(connection, path, token)

    def index_state(self, path: Path) -> tuple[int, str | None]:
        """The revision of the vectors and the token of the index at this path; with a server a second old at most."""
        return self.remembered(
            ("index_state", path), lambda: (self.vector_revision(), self.index_token(path)), of_listener=True
        )

    def vector_revision(self) -> int:
        """A number that grows with every change of a stored vector."""
        with reading(self._engine) as connection:
            return int(connection.execute(select(revision.c.value).where(revision.c.name == "vector")).scalar_one())

    def vectors(
        self, *, since: int = 0, kind: Literal["raw", "normalised"] = "normalised"
    ) -> tuple[IdArray, FloatArray]:
        """Ids (n,), ascending, and vectors (n, D) of all recordings whose vector changed after revision ``since``.

        Missing tracks are included, because they may reappear; :meth:`ids` has the present ones.

        Raises
        ------
        FeatureMismatch
            Vectors of one version have different lengths.
        """
        with reading(self._engine) as connection:
            return vectors.read_vectors(connection, self._answers, since, kind)

    def vector_batches(
        self, *, since: int = 0, raw: bool = False, columns: slice | None = None
    ) -> Iterator[tuple[IdArray, FloatArray]]:
        """Normalised or raw vectors as of :meth:`vectors`, or some adjacent columns of them, unordered, in batches.

        Raises
        ------
        FeatureMismatch
            Vectors of one version have different lengths.
        """
        with reading(self._engine) as connection:
            yield from vectors.vector_batches(connection, self._answers, since, "raw" if raw else "normalised", columns)

    def vector_ids(self) -> IdArray:
        """Ids (n,), ascending, of all recordings with a vector, also of missing ones."""
        with reading(self._engine) as connection:
            return vectors.vector_ids(connection, self._answers)

    def count_vectors(self) -> int:
        """Number of recordings with a vector, also of missing ones."""
        with reading(self._engine) as connection:
            return vectors.count_vectors(connection, self._answers)

    def vectors_by_id(
        self,
        ids: Sequence[int],
        kind: Literal["raw", "normalised"] = "normalised",
        columns: slice | None = None,
    ) -> FloatArray:
        """Vectors (n, D) of recordings that have one, in the order of ``ids``; or some adjacent columns of them."""
        with reading(self._engine) as connection:
            return vectors.vectors_by_id(connection, self._answers, ids, kind, columns)

    def raw_batches(self, ids: Sequence[int]) -> Iterator[tuple[list[int], FloatArray, DoubleArray]]:
        """Ids (n,), raw vectors (n, D), and valence and arousal (n, 2) or NaN, of those tracks that have a vector."""
        with reading(self._engine) as connection:
            yield from vectors.raw_batches(connection, self._answers, ids)

    def windows(self, track_id: int) -> tuple[tuple[float, ...], HalfArray]:
        """Starts (w,) in seconds and raw vectors (w, D) of the windows of a track.

        Raises
        ------
        NotAnalysed
            The track has no vector.
        """
        with reading(self._engine) as connection:
            return vectors.read_windows(connection, self._answers, int(track_id))

    def track_edges(self, ids: Sequence[int]) -> TrackEdges:
        """The first and last windows of recordings that have a vector, in the order of ``ids``."""
        with reading(self._engine) as connection:
            return vectors.read_track_edges(connection, self._answers, ids)
