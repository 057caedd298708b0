"""What an ingest changed, file by file: how many, and the first of them by name."""

from collections.abc import Iterable

from recsys.database.catalogue import Catalogue
from recsys.domain.ingest_changes import IngestChange

MAX_CHANGES_REPORTED = 100  # files that a summary names
REMOVED = "removed"


class ChangeLog:
    """The files that an ingest has stored, moved or found missing."""

    def __init__(self) -> None:
        self.removed = 0
        self._listed: list[IngestChange] = []

    def add(self, kind: str, path: str, former_paths: Iterable[str] = ()) -> None:
        """Add a file: ``kind`` is a count of the summary ("new", "moved" …), ``former_paths`` where a moved one was."""
        if len(self._listed) < MAX_CHANGES_REPORTED:
            self._listed.append(IngestChange(kind, path, next(iter(former_paths), None)))

    def remove(self, paths: Iterable[str]) -> None:
        """Add files that are not on the disk any more."""
        for path in paths:
            self.removed += 1
            self.add(REMOVED, path)

    def mark_missing(self, catalogue: Catalogue, pages: Iterable[list[str]]) -> None:
        """Mark files as missing that a scan did not find, and add them."""
        for paths in pages:
            known = catalogue.present_paths(paths)  # without failures, such as of a folder that is open now
            catalogue.mark_missing(paths)
            self.remove(path for path in paths if path in known)

    def listed(self) -> tuple[IngestChange, ...]:
        """The first of them."""
        return tuple(self._listed)
