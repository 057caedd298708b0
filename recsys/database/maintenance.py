"""The part of a catalogue that keeps it in order: what is missing is forgotten, what is broken dropped."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from sqlalchemy import Engine, select

from recsys.database import engine as database
from recsys.database import health, pruning, queries, writes
from recsys.database.answering import AnsweringVersions, count_outdated, drop_older, find_answering_versions
from recsys.database.tables import file
from recsys.domain.arrays import IdArray, in_chunks
from recsys.domain.audio import Mood
from recsys.domain.catalogue import RemovedCounts
from recsys.domain.results import CheckResult

_PAGE = 2000  # analyses that are deleted at a time


class Maintenance:
    """What its keeper needs of a :class:`~recsys.database.catalogue.Catalogue`."""

    _engine: Engine

    _version: int
    _compatible: tuple[int, ...]

    @cached_property
    def _answers(self) -> AnsweringVersions:
        """Which rows answer: as long as this is open, however many others analyse again meanwhile."""
        with database.reading(self._engine) as connection:
            return find_answering_versions(connection, self._version, self._compatible)

    def add_roots(self, paths: Iterable[str]) -> None:
        """These folders were ingested."""
        with database.writing(self._engine) as connection:
            pruning.add_roots(connection, paths)

    def roots(self) -> list[str]:
        """Folders that were ingested, by path."""
        with database.reading(self._engine) as connection:
            return pruning.list_roots(connection)

    def ids_at(self, paths: Iterable[str]) -> dict[str, int]:
        """The recordings that lie, or lay, at these paths; unknown paths are left out."""
        found: dict[str, int] = {}
        with database.reading(self._engine) as connection:
            for chunk in in_chunks(paths):
                query = select(file.c.path, file.c.recording_id).where(file.c.path.in_(chunk))
                found.update((row.path, row.recording_id) for row in connection.execute(query))
        return found

    def missing_paths(self, roots: Sequence[str] = ()) -> Iterator[list[str]]:
        """Places at or under ``roots``, or anywhere, that hold nothing any more: by path, page by page."""
        return self._pages(pruning.missing_page, roots)

    def failed_paths(self, roots: Sequence[str] = ()) -> Iterator[list[str]]:
        """Places at or under ``roots``, or anywhere, that have a failure: by path, page by page."""
        return self._pages(pruning.failure_page, roots)

    def _pages(self, page: Callable[..., list[str]], roots: Sequence[str]) -> Iterator[list[str]]:
        after: str | None = None
        while True:
            with database.reading(self._engine) as connection:
                paths = page(connection, roots, after)
            if not paths:
                return
            yield paths
            after = paths[-1]

    def delete(self, paths: Iterable[str], *, dry_run: bool = False) -> RemovedCounts:
        """Forget what is missing at these places, and failures there; ids are not used again.

        With ``dry_run``, all is put back in the end.
        """
        with database.writing(self._engine) as connection:
            forgotten = pruning.delete_paths(connection, paths)
            if dry_run:
                connection.rollback()
        return forgotten

    def ids_without_mood(self) -> IdArray:
        """Ids (n,), rising, of all that have a vector but no valence and arousal."""
        with database.reading(self._engine) as connection:
            return queries.ids_without_mood(connection, self._answers)

    def set_moods(self, moods: Mapping[int, Mood]) -> None:
        """Store valence and arousal by track id, without audio."""
        with database.writing(self._engine) as connection:
            writes.store_moods(connection, self._answers.versions, moods)

    def outdated(self) -> int:
        """How many present tracks answer with an older feature version, and can be analysed again."""
        answers = self._answers
        with database.reading(self._engine) as connection:
            return count_outdated(connection, answers)

    def drop_older(self) -> int:
        """Delete analyses of older feature versions that newer ones replace, once no track is outdated; how many.

        Until then nothing is deleted. SQLite returns the space to the disk if no other process uses the library.
        """
        if not self._answers.older or self.outdated():
            return 0
        total = 0
        while True:  # page by page, so that others can write meanwhile
            with database.writing(self._engine) as connection:
                dropped = drop_older(connection, self._answers, _PAGE)
            total += dropped
            if dropped < _PAGE:
                break
        if total:
            database.vacuum(self._engine)
        return total

    def check(self, dimensions: int) -> Iterator[CheckResult]:
        """What is wrong with what is stored, where a vector should have ``dimensions`` numbers."""
        with database.reading(self._engine) as connection:
            yield from health.check(connection, self._answers, dimensions)

    def repair(self, dimensions: int) -> None:
        """Drop what :meth:`check` finds broken, so that the next ingest makes it again."""
        answers = self._answers
        with database.writing(self._engine) as connection:
            health.repair(connection, answers, dimensions)
