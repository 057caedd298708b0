"""Changes in folders, as the system reports them, without an end.

A system may refuse to report: its table of watched folders is full, a folder is closed, or a network file system has no
reports. Then the folders are scanned at intervals instead, and once an hour the system is asked again. A folder that is
closed is watched from the moment on at which it is opened.
"""

import os
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from pathlib import Path

import watchfiles
from watchfiles._rust_notify import WatchfilesRustInternalError

_TICK = 1000  # milliseconds between two checks without events
_SCAN_SECONDS = 60.0  # seconds between two scans where the system reports no changes
_SCAN_RATIO = 20.0  # at least this many times the duration of a scan are between two
_RETRY_SECONDS = 3600.0  # seconds until the system is asked again
_SECOND_FAILURE_SECONDS = 60.0  # an error so soon after another one is no accident

Changes = Generator[set[str], None, None]
Report = Callable[[str], None]


def watch_changes(roots: Sequence[Path], *, poll: bool, report: Report = lambda _: None) -> Changes:
    """Yield changed paths in ``roots``, without end; a root that reappears, or is to be scanned, is yielded itself.

    ``poll`` compares all files again and again. ``report`` is called with a message when the system refuses to watch.
    """
    before: dict[Path, tuple[int, int] | None] = {}
    last_failure = float("-inf")
    while True:
        now = {root: _identity(root) for root in roots}
        present = [root for root in roots if now[root] is not None]
        reappeared = {str(root) for root in present if before and before.get(root) != now[root]}
        before = now
        if not present:
            yield set()
            time.sleep(_TICK / 1000)
            continue
        try:
            yield from _reported(present, roots, before, reappeared, poll=poll)
        except (WatchfilesRustInternalError, OSError) as error:
            if any(_identity(root) != before[root] for root in roots):
                continue
            if time.monotonic() - last_failure < _SECOND_FAILURE_SECONDS or _is_limit(error):
                report(f"cannot watch {', '.join(map(str, present))}: {error}; scanning regularly instead")
                yield from _scans(present, roots, before)
            last_failure = time.monotonic()
            yield {str(root) for root in present}  # changes may have been lost


def _reported(
    present: Sequence[Path], roots: Sequence[Path], before: Mapping[Path, object], first: set[str], *, poll: bool
) -> Changes:
    """The changes that the system reports, until a root changes or a closed folder is opened.

    ``first`` are yielded when the system watches, so that no change is lost between their scan and the watching.
    """
    closed = _closed_folders(present)
    for changes in watchfiles.watch(
        *present,
        watch_filter=None,
        rust_timeout=_TICK,
        yield_on_timeout=True,
        force_polling=poll or None,
        poll_delay_ms=_TICK,
        ignore_permission_denied=True,
    ):
        changed = {path for _, path in changes}
        closed |= {path for path in changed if os.path.isdir(path) and not _is_open(path)}  # noqa: PTH112 - never raises
        opened = {path for path in closed if _is_open(path)}
        yield changed | opened | first
        first = set()
        if opened or any(_identity(root) != before[root] for root in roots):
            return


def _scans(present: Sequence[Path], roots: Sequence[Path], before: Mapping[Path, object]) -> Changes:
    """The roots themselves at intervals, for an hour or until one of them changes."""
    end = time.monotonic() + _RETRY_SECONDS
    next_scan = 0.0
    while time.monotonic() < end and all(_identity(root) == before[root] for root in roots):
        started = time.monotonic()
        if started >= next_scan:
            yield {str(root) for root in present}
            next_scan = time.monotonic() + max(_SCAN_SECONDS, _SCAN_RATIO * (time.monotonic() - started))
        else:
            yield set()
        time.sleep(_TICK / 1000)


def _is_limit(error: Exception) -> bool:
    """Whether the system has no more watches; to ask again at once is in vain."""
    return "limit" in str(error).lower() or "no space" in str(error).lower()


def _closed_folders(roots: Iterable[Path]) -> set[str]:
    closed: set[str] = set()

    def add(error: OSError) -> None:
        if isinstance(error, PermissionError) and error.filename is not None:
            closed.add(os.fspath(error.filename))

    for root in roots:
        for _ in os.walk(root, onerror=add):
            pass
    return closed


def _is_open(folder: str) -> bool:
    try:  # the permissions of a folder do not show what its file system or the system forbids
        os.scandir(folder).close()
    except OSError:
        return False
    return os.access(folder, os.X_OK)


def _identity(root: Path) -> tuple[int, int] | None:
    """What changes when a root is mounted, replaced or opened; None if it cannot be listed."""
    try:
        os.scandir(root).close()
        stats = os.stat(root)  # noqa: PTH116
    except OSError:
        return None
    return stats.st_dev, stats.st_ino
