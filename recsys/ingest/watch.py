"""Ingest as files settle: a copy in progress, a download, an encoder at work are not read half-way.

A changed file is *waited for* until its size and modification time have stayed as they are for some seconds. What is
ready is then ingested at once, folder by folder, so that a burst of ten thousand copies is a few ingests. The system
may lose events, and a drive may go and come back: every root is looked through as a whole at the beginning, when it
comes back, and once an hour.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import watchfiles
from watchfiles._rust_notify import WatchfilesRustInternalError

from recsys.audio.decode import SUFFIXES
from recsys.domain.audio import FileStat
from recsys.domain.results import IngestSummary
from recsys.errors import LibraryBusy, NotFound, RecsysError

SkipPredicate = Callable[[FileStat], bool]
"""Whether a file is to be left alone for now."""
IngestFunction = Callable[[Path, Sequence[Path], SkipPredicate], IngestSummary]
"""Ingest what lies in a root, or only in these folders of it."""
EventCallback = Callable[[IngestSummary | str], None]

FULL_SCAN_SECONDS = 3600.0
_TICK = 1000  # milliseconds between two looks when nothing happens

State = tuple[int, int]
"""Size and modification time."""


def state_of(path: str) -> State | None:
    """What a file is now; None when it is gone."""
    try:
        facts = os.stat(path)  # noqa: PTH116 - as the scan does
    except OSError:
        return None
    return facts.st_size, facts.st_mtime_ns


class Debouncer:
    """Paths that have changed, until they have been as they are for ``seconds``."""

    def __init__(self, seconds: float, stat: Callable[[str], State | None] = state_of) -> None:
        self._seconds, self._stat = seconds, stat
        self._paths: dict[str, tuple[State | None, float]] = {}

    def __contains__(self, path: str) -> bool:
        return path in self._paths

    def __len__(self) -> int:
        return len(self._paths)

    def touch(self, path: str, now: float) -> None:
        """It has changed just now: its time begins anew."""
        self._paths[path] = (self._stat(path), now)

    def settled(self, now: float) -> list[str]:
        """Paths that have been quiet long enough; they are not waited for any more."""
        due = [path for path, (_, since) in self._paths.items() if now - since >= self._seconds]
        for path in due:
            state = self._stat(path)
            if state != self._paths[path][0]:  # a change that nobody reported
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
    """Ingest ``roots``, then whatever ``changes`` names, until these end.

    Parameters
    ----------
    run
        Does an ingest.
    changes
        Sets of paths that changed; empty ones now and then, so that time passes. A root among them has come back.
    debounce
        Seconds of quiet before a file is read.
    on_event
        Hears of every ingest that found something, and of what is in the way.

    Raises
    ------
    KeyboardInterrupt
        It was asked to end.
    """
    settling = Debouncer(debounce)
    whole = dict.fromkeys(roots, float("-inf"))  # when each root is to be looked through
    held: list[str] = []
    told = ""
    for changed in changes:
        now = clock()
        for path in changed:
            if Path(path) in whole:
                whole[Path(path)] = now
            elif _is_relevant(path, roots):
                settling.touch(path, now)
        held += settling.settled(now)

        def leave(file: FileStat) -> bool:
            # Its folder may be new, and nobody reported what is written into it.
            young = abs(today() - file.mtime_ns / 1e9) < debounce
            if young and file.path not in settling:
                settling.touch(file.path, clock())
            return file.path in settling

        for root in roots:
            mine = {path for path in held if Path(path).is_relative_to(root)}
            if not mine and now < whole[root]:
                continue
            try:
                if not is_mounted(root):
                    raise NotFound(f"{root} is not there; waiting until it is")
                folders = [] if now >= whole[root] else _folders(mine)
                summary = run(root, folders, leave)
            except LibraryBusy as busy:
                told = _report_once(on_event, f"{busy}; trying again", told)
                continue
            except NotFound as absent:
                told = _report_once(on_event, str(absent), told)
                whole[root] = now + debounce
            else:
                told = ""
                if not folders:
                    whole[root] = now + FULL_SCAN_SECONDS
                if summary.interrupted:
                    raise KeyboardInterrupt
                on_event(summary)
            held = [path for path in held if path not in mine]


def is_mounted(root: Path) -> bool:
    """Whether a folder is there and holds anything: a drive that is not mounted leaves an empty one behind."""
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
    """Not hidden, and music, or a folder, or something that is gone and may have been one."""
    for root in roots:
        if Path(path).is_relative_to(root):
            inside = Path(path).relative_to(root)
            hidden = any(part.startswith(".") for part in inside.parts)
            return not hidden and (inside.suffix.lower() in SUFFIXES or not Path(path).is_file())
    return False


def _folders(paths: Iterable[str]) -> list[Path]:
    """The folders to look into: of each path the folder that it is, or was in; none within another."""
    folders = {Path(path) if Path(path).is_dir() else Path(path).parent for path in paths}
    return sorted(folder for folder in folders if folders.isdisjoint(folder.parents))


def watch_changes(roots: Sequence[Path], *, poll: bool) -> Iterator[set[str]]:
    """Paths that change in ``roots``, for ever; a root that goes and comes back is named itself.

    Raises
    ------
    RecsysError
        The system cannot watch so many folders.
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
                raise RecsysError(
                    f"cannot watch {', '.join(map(str, present))}: {error}; with --poll it is looked at now and then"
                ) from error


def _identity(root: Path) -> tuple[int, int] | None:
    try:
        facts = root.stat()
    except OSError:
        return None
    return facts.st_dev, facts.st_ino
