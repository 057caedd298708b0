"""Ingest files as they change, but not while they are written by a copy, a download or an encoder.

A changed file is ingested when its size and modification time have been stable for some seconds (debouncing). Stable
files are ingested together, folder by folder, so that ten thousand copies are a few ingests. The system may lose
events, and a drive may be removed and mounted again: every root is scanned as a whole at the beginning, when it
reappears, and once an hour.
"""

import os
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from recsys.domain.audio import FileStat
from recsys.domain.results import IngestSummary
from recsys.errors import Hint, LibraryBusy, NotFound, RecsysError
from recsys.ingest.roots import is_absent
from recsys.ingest.scan import is_relevant

SkipPredicate = Callable[[FileStat], bool]
"""Whether a file is left for a later ingest."""
IngestFunction = Callable[[Path, Sequence[Path], SkipPredicate], IngestSummary]
"""Ingest a root, or only these folders of it."""
EventCallback = Callable[[IngestSummary | RecsysError | str], None]

FULL_SCAN_SECONDS = 3600.0

State = tuple[int, int]
"""Size and modification time."""


def state_of(path: str) -> State | None:
    """The current size and modification time of a file; None if it does not exist."""
    try:
        stats = os.stat(path)  # noqa: PTH116 - as the scan does
    except OSError:
        return None
    return stats.st_size, stats.st_mtime_ns


class Debouncer:
    """Changed paths, until they have been stable for ``seconds``."""

    def __init__(self, seconds: float, stat: Callable[[str], State | None] = state_of) -> None:
        self._seconds, self._stat = seconds, stat
        self._paths: dict[str, tuple[State | None, float]] = {}

    def __contains__(self, path: str) -> bool:
        return path in self._paths

    def __len__(self) -> int:
        return len(self._paths)

    def touch(self, path: str, now: float) -> None:
        """Record that a path changed at ``now``."""
        self._paths[path] = (self._stat(path), now)

    def settled(self, now: float) -> list[str]:
        """Remove and return the paths that have been stable long enough."""
        due = [path for path, (_, since) in self._paths.items() if now - since >= self._seconds]
        for path in due:
            state = self._stat(path)
            if state != self._paths[path][0]:  # a change without an event
                self._paths[path] = (state, now)
        return [path for path in due if self._paths[path][1] != now and self._paths.pop(path)]


def watch(
    roots: Sequence[Path],
    run: IngestFunction,
    changes: Iterable[set[str]],
    *,
    debounce: float,
    on_event: EventCallback,
    ignore: Sequence[str] = (),
    clock: Callable[[], float] = time.monotonic,
    today: Callable[[], float] = time.time,
) -> None:
    """Ingest ``roots``, then the files in ``changes``, until the iterable ends.

    Parameters
    ----------
    run : callable
        Runs one ingest.
    changes : iterable of set of str
        Changed paths; empty sets in between let time pass. A root among them has reappeared.
    debounce : float
        Seconds for which a file must be stable before it is read.
    on_event : callable
        Called with the summary of every ingest, and with an error or a message when a root cannot be ingested for now.
    ignore : sequence of str
        The ignore patterns of the ingests.
    clock, today : callable
        Monotonic time, and time of the day, in seconds.

    Raises
    ------
    KeyboardInterrupt
        An ingest was interrupted.
    """
    settling = Debouncer(debounce)
    next_scan = dict.fromkeys(roots, float("-inf"))  # when each root is scanned as a whole
    stable: list[str] = []
    absent_roots: set[Path] = set()
    last_messages = dict.fromkeys(roots, "")

    def report_once(root: Path, event: RecsysError | str) -> None:
        if str(event) != last_messages[root]:
            on_event(event)
        last_messages[root] = str(event)

    for changed in changes:
        now = clock()
        for path in changed:
            if Path(path) in next_scan:
                next_scan[Path(path)] = now
            elif any(Path(path).is_relative_to(root) and is_relevant(path, root, ignore) for root in roots):
                settling.touch(path, now)
        stable += settling.settled(now)

        def skip(file: FileStat) -> bool:
            # In a new folder, files may be written without events.
            recent = abs(today() - file.mtime_ns / 1e9) < debounce
            if recent and file.path not in settling:
                settling.touch(file.path, clock())
            return file.path in settling

        for root in roots:
            changed_here = {path for path in stable if Path(path).is_relative_to(root)}
            if not changed_here and now < next_scan[root]:
                continue
            try:
                _ensure_mounted(root)
                folders = [] if now >= next_scan[root] else _folders(changed_here)
                summary = run(root, folders, skip)
            except LibraryBusy as busy:
                report_once(root, f"{busy}; trying again")
                continue
            except NotFound as absent:
                report_once(root, absent)
                absent_roots.add(root)
                next_scan[root] = now + debounce
            else:
                if root in absent_roots:
                    on_event(f"{root} is there again")
                    absent_roots.discard(root)
                last_messages[root] = ""
                if not folders:
                    next_scan[root] = now + FULL_SCAN_SECONDS
                if summary.interrupted:
                    raise KeyboardInterrupt
                on_event(summary)
            stable = [path for path in stable if path not in changed_here]


def _ensure_mounted(root: Path) -> None:
    """Raise NotFound if a root does not exist, is closed or empty: the mount point of an unmounted drive is empty."""
    try:
        with os.scandir(root) as entries:
            if any(True for _ in entries):
                return
    except OSError as error:
        if is_absent(error):
            problem, hint = f"{root} does not exist; waiting for it", Hint.FORGET_FOLDER
        else:
            problem, hint = f"{root} cannot be read: {error.strerror}; waiting for it", Hint.OPEN_FOLDER
        raise NotFound(problem, hint=hint, hint_values={"folder": str(root)}) from error
    raise NotFound(f"{root} is empty; waiting for files in it")


def _folders(paths: Iterable[str]) -> list[Path]:
    """The folders to scan: each path that is a folder, or its parent; none inside another."""
    folders = {Path(path) if os.path.isdir(path) else Path(path).parent for path in paths}  # noqa: PTH112 - never raises
    return sorted(folder for folder in folders if folders.isdisjoint(folder.parents))
