"""The part of a catalogue that keeps it in order: ingested folders, missing files, old versions, checks and repair."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from recsys.database import engine as database
from recsys.database import health, pruning, writes
from recsys.database.access import CatalogueAccess
from recsys.database.answering import count_outdated, drop_older
from recsys.domain.audio import Mood
from recsys.domain.catalogue import RemovedCounts, StoredFile
from recsys.domain.results import CheckResult

_PAGE = 2000  # analyses that are deleted in one transaction


class Maintenance(CatalogueAccess):
    """Maintenance of a :class:`~recsys.database.catalogue.Catalogue`."""

    def add_roots(self, paths: Iterable[str]) -> None:
        """Record that these folders were ingested."""
        with database.writing(self._engine) as connection:
            pruning.add_roots(connection, paths)

    def roots(self) -> list[str]:
        """Folders that were ingested, by path."""
        with database.reading(self._engine) as connection:
            return pruning.list_roots(connection)

    def missing_paths(self, roots: Sequence[str] = ()) -> Iterator[list[str]]:
        """Paths without a file at or under ``roots``, or all: by path, page by page."""
        return self._pages(pruning.missing_page, roots)

    def remove_empty_roots(self, paths: Iterable[str]) -> None:
        """Forget that these folders were ingested, unless files are stored under them."""
        with database.writing(self._engine) as connection:
            pruning.remove_empty_roots(connection, paths)

    def stored_files(self, roots: Sequence[str] = ()) -> Iterator[list[StoredFile]]:
        """All files at or under ``roots``, or all, also missing ones: by path, page by page."""
        after: tuple[str, int] | None = None
        while True:
            with database.reading(self._engine) as connection:
                files, after = pruning.stored_page(connection, roots, after)
            if files:
                yield files
            if after is None:
                return

    def file_stats(self, paths: Iterable[str]) -> dict[str, tuple[int, int]]:
        """Size and modification time (ns) of the files that are present at these paths."""
        with database.reading(self._engine) as connection:
            return pruning.file_stats(connection, paths)

    def present_paths(self, paths: Iterable[str]) -> set[str]:
        """Those of the paths at which a recording is present."""
        with database.reading(self._engine) as connection:
            return pruning.present_paths(connection, paths)

    def failed_paths(self, roots: Sequence[str] = ()) -> Iterator[list[str]]:
        """Paths with a failure at or under ``roots``, or all: by path, page by page."""
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

    def delete(self, paths: Iterable[str], *, present: Iterable[str] = (), dry_run: bool = False) -> RemovedCounts:
        """Delete missing files and failures at these paths, and recordings without any file; their ids are not reused.

        The files at ``present`` are deleted although they are not marked as missing. With ``dry_run`` the transaction
        is rolled back.
        """
        with database.writing(self._engine, changes_tracks=not dry_run) as connection:
            removed = pruning.delete_paths(connection, paths)
            removed += pruning.delete_paths(connection, present, also_present=True)
            if dry_run:
                connection.rollback()
        return removed

    def set_moods(self, moods: Mapping[int, Mood]) -> None:
        """Store valence and arousal by track id."""
        with database.writing(self._engine) as connection:
            writes.store_moods(connection, self._answers.versions, moods)

    def outdated(self) -> int:
        """Number of present tracks with an analysis of an older feature version only, which can be analysed again."""
        answers = self._answers
        with database.reading(self._engine) as connection:
            return count_outdated(connection, answers)

    def drop_older(self) -> int:
        """Delete analyses of older feature versions, unless some track has no newer one yet; return their number.

        SQLite returns the space to the disk if no other process uses the database.
        """
        if not self._answers.older or self.outdated():
            return 0
        total = 0
        while True:  # page by page, so that other processes can write in between
            with database.writing(self._engine) as connection:
                dropped = drop_older(connection, self._answers, _PAGE)
            total += dropped
            if dropped < _PAGE:
                break
        if total:
            database.vacuum(self._engine)
        return total

    def check(self, dimensions: int) -> Iterator[CheckResult]:
        """Check the stored data; vectors must have ``dimensions`` elements."""
        with database.reading(self._engine) as connection:
            yield from health.check(connection, self._answers, dimensions)

    def repair(self, dimensions: int) -> None:
        """Delete what :meth:`check` reports as an error, so that the next ingest restores it."""
        answers = self._answers
        with database.writing(self._engine) as connection:
            health.repair(connection, answers, dimensions)
