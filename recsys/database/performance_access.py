"""The part of a catalogue that reads and writes groups of recordings of one performance."""

from collections.abc import Iterable, Iterator

from recsys.database import performances
from recsys.database.access import CatalogueAccess
from recsys.database.engine import reading, writing
from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.domain.catalogue import AudioChecks, AudioPair, StoredPerformances, WindowFeatures
from recsys.domain.duplicates import DuplicateFile


class PerformanceAccess(CatalogueAccess):
    """Groups of recordings of a :class:`~recsys.database.catalogue.Catalogue`."""

    def performance_state(self) -> tuple[int, int]:
        """The vector revision and the number of the rule that the stored groups were derived from; 0 and 0 if none."""
        with reading(self._engine) as connection:
            return performances.read_state(connection)

    def stored_performances(self) -> StoredPerformances:
        """The group of every recording that has one, by id."""
        with reading(self._engine) as connection:
            return performances.read_performances(connection)

    def vectors_with_starts(
        self, *, since: int = 0
    ) -> Iterator[tuple[IdArray, FloatArray, list[tuple[float, ...]], DoubleArray]]:
        """Ids, normalised vectors, starts of windows and durations that changed after a revision, in batches."""
        with reading(self._engine) as connection:
            yield from performances.iter_vectors(connection, self._answers, since)

    def window_features(self, ids: Iterable[int]) -> dict[int, WindowFeatures]:
        """The features of the windows of recordings that have a vector, by id."""
        with reading(self._engine) as connection:
            return performances.read_window_features(connection, self._answers, ids)

    def audio_checks(self) -> AudioChecks:
        """Pairs of recordings whose audio was or has to be compared."""
        with reading(self._engine) as connection:
            return performances.read_audio_checks(connection)

    def audio_pairs(self) -> list[AudioPair]:
        """The pairs whose audio has to be compared, as far as the files are present, by id."""
        with reading(self._engine) as connection:
            return performances.read_audio_pairs(connection)

    def delete_audio_check(self, pair: tuple[int, int]) -> None:
        """Leave it to the windows whether a pair is one performance, as its audio cannot be compared."""
        with writing(self._engine) as connection:
            performances.delete_audio_check(connection, pair)

    def store_performances(
        self, rows: StoredPerformances, checks: AudioChecks, *, revision: int, rule: int, replace: bool = False
    ) -> None:
        """Store groups that were derived from a vector revision by a rule, and pairs whose audio was or has to be
        compared; with ``replace`` all others are deleted, but for answers."""
        with writing(self._engine) as connection:
            performances.store(connection, rows, checks, revision, rule, replace=replace)

    def performance_groups(self, ids: Iterable[int] | None = None) -> list[list[int]]:
        """The groups of two or more recordings, all or those of some recordings; in each the best copy comes first."""
        if ids is None:
            return self._remembered("performance_groups", performances.read_groups)
        with reading(self._engine) as connection:
            return performances.read_groups(connection, ids)

    def duplicate_files(self) -> list[list[DuplicateFile]]:
        """The present files of each performance that has several, the best copy first."""
        with reading(self._engine) as connection:
            return performances.read_duplicate_files(connection)

    def representatives(self, ids: Iterable[int]) -> dict[int, int]:
        """The best copy of the performance of each of these recordings; the same one if there is no better."""
        given = list(ids)
        with reading(self._engine) as connection:
            better = performances.read_representatives(connection, given)
        return {i: better.get(i, i) for i in given}
