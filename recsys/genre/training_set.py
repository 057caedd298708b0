"""Labelled tracks to train a genre model on, and which of their genres have enough of them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.errors import NotFound, pluralise
from recsys.genre.dimensions import SomeDimensions, Vectors

T = TypeVar("T")

MIN_TRACKS = 5  # tracks of a genre; it also needs two groups


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """Labelled tracks. A track with several genres has several consecutive rows with the same path.

    Parameters
    ----------
    vectors : (n, D), or some dimensions of them
        Normalised.
    genres, groups, paths, ids : tuple, n
        Label, artist (or album, or track), file and id of each row.
    source : str
        Where the labels are from, as a description.
    group_kind : str
        What most groups are: "artist", "album" or "track".
    labels : str
        Where the labels are from, as an argument: "tags", "folders" or the path of a CSV file.
    digests : tuple of bytes, n
        The :func:`row_digest` of each row; they must be given if ``vectors`` has some dimensions only.
    """

    vectors: Vectors
    genres: tuple[str, ...]
    groups: tuple[str, ...]
    paths: tuple[str, ...]
    ids: tuple[int, ...]
    source: str
    group_kind: str = "artist"
    labels: str = "tags"
    digests: tuple[bytes, ...] | None = None

    @property
    def classes(self) -> list[str]:
        """The c different genres, sorted without regard to case; models number them in this order."""
        return sorted(set(self.genres), key=lambda genre: (genre.casefold(), genre))

    def y(self) -> IdArray:
        """The class (n,) of each row: a position in :attr:`classes`."""
        numbers = {genre: number for number, genre in enumerate(self.classes)}
        return np.array([numbers[genre] for genre in self.genres], np.int64)

    def tracks(self) -> IdArray:
        """The number (n,) of the track of each row, from 0 on."""
        numbers: dict[str, int] = {}
        return np.array([numbers.setdefault(path, len(numbers)) for path in self.paths], np.int64)

    def fingerprint(self) -> str:
        """SHA-256 of vectors and genres, independent of order, case of the genres, and paths."""
        rows = self.digests
        if rows is None:
            assert not isinstance(self.vectors, SomeDimensions)
            rows = tuple(map(row_digest, self.vectors, self.genres))
        return hashlib.sha256(b"".join(sorted(rows))).hexdigest()

    def subset(self, rows: Sequence[int] | IdArray) -> "TrainingSet":
        """The training set of these rows."""

        def some(values: tuple[T, ...]) -> tuple[T, ...]:
            return tuple(values[i] for i in rows)

        return TrainingSet(
            self.vectors[list(rows)], some(self.genres), some(self.groups), some(self.paths), some(self.ids),
            self.source, self.group_kind, self.labels, None if self.digests is None else some(self.digests),
        )  # fmt: skip


def row_digest(vector: FloatArray, genre: str) -> bytes:
    """SHA-256 of a vector (D,) and its genre in lower case."""
    return hashlib.sha256(np.asarray(vector, "<f4").tobytes() + genre.casefold().encode()).digest()


def drop_rare_genres(training_set: TrainingSet) -> tuple[TrainingSet, dict[str, str]]:
    """Remove the genres with fewer than :data:`MIN_TRACKS` tracks or fewer than two groups.

    Returns
    -------
    kept : TrainingSet
    dropped : dict of str to str
        The reason by removed genre.

    Raises
    ------
    NotFound
        If fewer than two genres remain.
    """
    dropped = {}
    for genre in training_set.classes:
        rows = [i for i, g in enumerate(training_set.genres) if g == genre]
        groups = {training_set.groups[i] for i in rows}
        if len(rows) < MIN_TRACKS:
            dropped[genre] = f"{len(rows)} of at least {MIN_TRACKS} tracks"
        elif len(groups) < 2:
            dropped[genre] = f"all {pluralise(len(rows), 'track')} are of one {training_set.group_kind}"
    kept = training_set
    if dropped:  # else the vectors are not copied
        kept = training_set.subset([i for i, genre in enumerate(training_set.genres) if genre not in dropped])
    if len(set(kept.genres)) < 2:
        reasons = "; ".join(
            [f"{genre}: {pluralise(kept.genres.count(genre), 'track')}" for genre in kept.classes]
            + [f"{genre}: {reason}" for genre, reason in dropped.items()]
        )
        raise NotFound(f"a genre model needs at least two genres, labelled by {training_set.source} ({reasons})")
    return kept, dropped


def labels_by_path(training_set: TrainingSet) -> dict[str, set[str]]:
    """The labels of each path, in lower case."""
    labels: dict[str, set[str]] = {}
    for path, genre in zip(training_set.paths, training_set.genres, strict=True):
        labels.setdefault(path, set()).add(genre.casefold())
    return labels
