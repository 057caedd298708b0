"""Ingest files as they change, but not while they are written by a copy, a download or an encoder.

A changed file is ingested when its size and modification time have been stable for some seconds (debouncing). Stable
files are ingested together, folder by folder, so that ten thousand copies are a few ingests. The system may lose
events, and a drive may be removed and mounted again: every root is scanned as a whole at the beginning, when it
reappears, and once an hour.
"""

import os
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from pathlib import Path

import watchfiles
from watchfiles._rust_notify import WatchfilesRustInternalError

from recsys.audio.formats import SUFFIXES
from recsys.domain.audio import FileStat
from recsys.domain.results import IngestSummary
from recsys.errors import Hint, LibraryBusy, NotFound, RecsysError

SkipPredicate = Callable[[FileStat], bool]
"""Whether a file is left for a later ingest."""
IngestFunction = Callable[[Path, Sequence[Path], SkipPredicate], IngestSummary]
"""Ingest a root, or only these folders of it."""
EventCallback = Callable[[IngestSummary | str], None]

FULL_SCAN_SECONDS = 3600.0
_TICK = 1000  # milliseconds between two checks without events

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
        Called with the summary of every ingest, and with a message when a root cannot be ingested.
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
    last_message = ""
    for changed in changes:
        now = clock()
        for path in changed:
            if Path(path) in next_scan:
                next_scan[Path(path)] = now
            elif _is_relevant(path, roots):
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
                if not is_mounted(root):
                    raise NotFound(f"{root} does not exist; waiting for it")
                folders = [] if now >= next_scan[root] else _folders(changed_here)
                summary = run(root, folders, skip)
            except LibraryBusy as busy:
                last_message = _report_once(on_event, f"{busy}; trying again", last_message)
                continue
            except NotFound as absent:
                last_message = _report_once(on_event, str(absent), last_message)
                next_scan[root] = now + debounce
            else:
                last_message = ""
                if not folders:
                    next_scan[root] = now + FULL_SCAN_SECONDS
                if summary.interrupted:
                    raise KeyboardInterrupt
                on_event(summary)
            stable = [path for path in stable if path not in changed_here]


def is_mounted(root: Path) -> bool:
    """Whether a folder exists and is not empty: the mount point of an unmounted drive is empty."""
    try:
        with os.scandir(root) as entries:
            return any(True for _ in entries)
    except OSError:
        return False


def _report_once(on_event: EventCallback, message: str, before: str) -> str:
    if message != before:
        on_event(message)
    return message


def _is_relevant(path: str, roots: Sequence[Path]) -> bool:
    """Whether a path is not hidden, and an audio file, a folder, or deleted (it may have been a folder)."""
    for root in roots:
        if Path(path).is_relative_to(root):
            inside = Path(path).relative_to(root)
            hidden = any(part.startswith(".") for part in inside.parts)
            return not hidden and (inside.suffix.lower() in SUFFIXES or not Path(path).is_file())
    return False


def _folders(paths: Iterable[str]) -> list[Path]:
    """The folders to scan: each path that is a folder, or its parent; none inside another."""
    folders = {Path(path) if Path(path).is_dir() else Path(path).parent for path in paths}
    return sorted(folder for folder in folders if folders.isdisjoint(folder.parents))


def watch_changes(roots: Sequence[Path], *, poll: bool) -> Generator[set[str], None, None]:
    """Yield changed paths in ``roots``, without end; a root that reappears is yielded itself.

    Raises
    ------
    RecsysError
        The system cannot watch the folders, for example because there are too many.
    """
    before: dict[Path, tuple[int, int] | None] = {}
    while True:
        now = {root: _identity(root) for root in roots}
        present = [root for root in roots if now[root] is not None]
        yield {str(root) for root in present if before and before.get(root) != now[root]}
        before = now
        if not present:
            time.sleep(_TICK / 1000)
            continue
        try:
            for changed in watchfiles.watch(
                *present,
                watch_filter=None,
                rust_timeout=_TICK,
                yield_on_timeout=True,
                force_polling=poll or None,
                poll_delay_ms=_TICK,
                ignore_permission_denied=True,
            ):
                yield {path for _, path in changed}
                if any(_identity(root) != before[root] for root in roots):
                    break
        except (WatchfilesRustInternalError, OSError) as error:
            if all(_identity(root) == before[root] for root in roots):
                raise RecsysError(f"cannot watch {', '.join(map(str, present))}: {error}", hint=Hint.POLL) from error


def _identity(root: Path) -> tuple[int, int] | None:
    try:
        stats = root.stat()
    except OSError:
        return None
    return stats.st_dev, stats.st_ino
