"""Tracks with labels, and which of them can be learned from."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.errors import NotFound

T = TypeVar("T")

MIN_TRACKS = 5  # tracks of a genre; it also needs two groups


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """Tracks to learn from: vectors (n, D), and n labels, groups (artists or albums), paths and ids.

    A track of several genres is several rows, one after the other, with the same path.
    ``labels`` is what was asked for ("tags", "folders" or a csv), ``source`` says it in words.
    """

    vectors: FloatArray
    genres: tuple[str, ...]
    groups: tuple[str, ...]
    paths: tuple[str, ...]
    ids: tuple[int, ...]
    source: str
    group_kind: str = "artist"
    labels: str = "tags"

    @property
    def classes(self) -> list[str]:
        """The genres (c,) there are, in the order in which models count them: however they are spelled, it is one."""
        return sorted(set(self.genres), key=lambda genre: (genre.casefold(), genre))

    def y(self) -> IdArray:
        """The number (n,) of each label among :attr:`classes`."""
        numbers = {genre: number for number, genre in enumerate(self.classes)}
        return np.array([numbers[genre] for genre in self.genres], np.int64)

    def tracks(self) -> IdArray:
        """The number (n,) of the track of each row, from 0 on."""
        numbers: dict[str, int] = {}
        return np.array([numbers.setdefault(path, len(numbers)) for path in self.paths], np.int64)

    def fingerprint(self) -> str:
        """The same for the same sounds with the same labels, in any order and case, wherever they lie."""
        rows = [
            hashlib.sha256(np.asarray(vector, "<f4").tobytes() + genre.casefold().encode()).digest()
            for vector, genre in zip(self.vectors, self.genres, strict=True)
        ]
        return hashlib.sha256(b"".join(sorted(rows))).hexdigest()

    def subset(self, rows: Sequence[int] | IdArray) -> "TrainingSet":
        """These rows."""

        def some(values: tuple[T, ...]) -> tuple[T, ...]:
            return tuple(values[i] for i in rows)

        return TrainingSet(
            self.vectors[list(rows)], some(self.genres), some(self.groups), some(self.paths), some(self.ids),
            self.source, self.group_kind, self.labels,
        )  # fmt: skip


def drop_rare_genres(training_set: TrainingSet) -> tuple[TrainingSet, dict[str, str]]:
    """The examples of genres that can be learned, and why the other genres cannot.

    Raises
    ------
    NotFound
        Fewer than two genres can be learned.
    """
    dropped = {}
    for genre in training_set.classes:
        rows = [i for i, g in enumerate(training_set.genres) if g == genre]
        groups = {training_set.groups[i] for i in rows}
        if len(rows) < MIN_TRACKS:
            dropped[genre] = f"{len(rows)} of the {MIN_TRACKS} tracks it takes"
        elif len(groups) < 2:
            dropped[genre] = f"all {len(rows)} tracks are of one {training_set.group_kind}"
    kept = training_set.subset([i for i, genre in enumerate(training_set.genres) if genre not in dropped])
    if len(set(kept.genres)) < 2:
        said = "; ".join(
            [f"{genre}: {len(kept.genres)} tracks" for genre in kept.classes]
            + [f"{genre}: {why}" for genre, why in dropped.items()]
        )
        raise NotFound(f"a genre model needs two genres or more, labelled by {training_set.source} ({said})")
    return kept, dropped


def labels_by_path(training_set: TrainingSet) -> dict[str, set[str]]:
    """The labels of each path, in small letters."""
    found: dict[str, set[str]] = {}
    for path, genre in zip(training_set.paths, training_set.genres, strict=True):
        found.setdefault(path, set()).add(genre.casefold())
    return found
