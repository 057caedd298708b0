"""Compare the files of a library with the disk, without changing either: what the next ingest or prune would find."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from recsys.database.catalogue import Catalogue
from recsys.domain.arrays import in_chunks
from recsys.domain.audio import FileStat
from recsys.domain.results import CheckResult
from recsys.errors import Hint, pluralise
from recsys.ingest.presence import Disk, Presence
from recsys.ingest.roots import list_outermost
from recsys.ingest.scan import scan

_CHUNK = 500  # scanned files that are looked up together
MAX_SECONDS = 15.0  # of all comparisons; enough for 100,000 files of a local disk


def check_disk(
    catalogue: Catalogue, ignore: Sequence[str] = (), *, clock: Callable[[], float] = time.monotonic
) -> Iterator[CheckResult]:
    """Yield what differs between the library and the disk, or one result if nothing does."""
    comparison = _Comparison(catalogue, clock)
    comparison.compare_rows()
    for root in list_outermost([Path(root) for root in catalogue.roots()]):  # those inside others are compared once
        if root not in comparison.unmounted:
            comparison.compare_root(root, ignore)
    yield from comparison.results()


class _Comparison:
    """Counts and examples of what differs; each count has the name of its example."""

    def __init__(self, catalogue: Catalogue, clock: Callable[[], float]) -> None:
        self._catalogue, self._clock = catalogue, clock
        self._end = clock() + MAX_SECONDS
        self._example: dict[str, str] = {}
        self._root: dict[str, str] = {}
        self._counts: Counter[str] = Counter()
        self.unmounted: Counter[str] = Counter()
        self._unreadable: Counter[str] = Counter()
        self._complete = True

    def compare_rows(self) -> None:
        """Look for every file that is stored as present."""
        disk = Disk(self._catalogue.roots())
        for page in self._catalogue.stored_files():
            for file in page:
                if file.missing:
                    continue
                state, folder = disk.find(file)
                if state is Presence.GONE:
                    self._add("gone", file.path, folder)
                elif state is Presence.NOT_MOUNTED:
                    self.unmounted[folder] += 1
                elif state is Presence.UNREADABLE:
                    self._unreadable[folder] += 1
                else:
                    self._counts["present"] += 1
            if self._is_late():
                return

    def compare_root(self, root: str, ignore: Sequence[str]) -> None:
        """Compare the files under a root with the rows."""
        if not os.path.lexists(root):
            self.unmounted[root] = 0  # of which all files have been removed from the library
            return
        found = scan(Path(root), ignore)
        for files in in_chunks(found, _CHUNK):
            if self._is_late():
                return
            stats = [file for file in files if isinstance(file, FileStat)]
            known = self._catalogue.file_stats(file.path for file in stats)
            new = [file for file in stats if file.path not in known]
            failed = {failure.path for failure in self._catalogue.failures([file.path for file in new])}
            for failure in files:
                if not isinstance(failure, FileStat) and failure.stat.path not in self._unreadable:
                    self._add("unreadable", f"{failure.stat.path} ({failure.reason})", failure.stat.path)
            for file in stats:
                if not os.access(file.path, os.R_OK):
                    self._add("unreadable", file.path, file.path)
                elif file.path in failed:
                    continue
                elif file.path not in known:
                    self._add("new", file.path, root)
                elif known[file.path] != (file.size, file.mtime_ns):
                    self._add("changed", file.path, root)

    def results(self) -> Iterator[CheckResult]:
        """The findings, with what helps."""
        for folder, n in self.unmounted.most_common():
            files = pluralise(n, "file") if n else "no files"
            message = f"{folder} does not exist or is empty; the library has {files} under it"
            yield CheckResult("disk", "warning", message, Hint.FORGET_FOLDER, {"folder": folder})
        for folder, n in self._unreadable.most_common():
            message = f"{folder} cannot be read; the library has {pluralise(n, 'file')} under it"
            yield CheckResult("disk", "warning", message, Hint.OPEN_FOLDER)
        for name, words, remedy in (
            ("gone", ("known file is gone", "known files are gone"), Hint.PRUNE),
            ("changed", ("file has changed", "files have changed"), Hint.INGEST_FOLDER),
            ("new", ("file is not ingested", "files are not ingested"), Hint.INGEST_FOLDER),
            ("unreadable", ("file or folder cannot be read", "files or folders cannot be read"), Hint.OPEN_FOLDER),
        ):
            if n := self._counts[name]:
                message = f"{pluralise(n, *words)}, such as {self._example[name]}"
                yield CheckResult("disk", "warning", message, remedy, {"folder": self._root[name]})
        if not self._complete:
            message = f"compared with the library for {MAX_SECONDS:g} s only; an ingest compares all files"
            yield CheckResult("disk", "warning", message, Hint.INGEST)
        elif not (self.unmounted or self._unreadable or set(self._counts) - {"present"}):
            message = f"{pluralise(self._counts['present'], 'file')}, the same as in the library"
            yield CheckResult("disk", "ok", message)

    def _add(self, name: str, example: str, root: str) -> None:
        self._counts[name] += 1
        self._example.setdefault(name, example)
        self._root.setdefault(name, root)

    def _is_late(self) -> bool:
        self._complete = self._complete and self._clock() < self._end
        return not self._complete
