"""Progress of long commands: a bar on a terminal, elsewhere a line every 15 seconds."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from recsys.cli.output import format_duration, pluralise, print_status

if TYPE_CHECKING:
    from recsys import Progress

_SECONDS_BETWEEN_LINES = 15.0
_PHASES = {"analysis": "analysing", "tags": "reading tags"}


@contextmanager
def ingest_progress(*, quiet: bool) -> "Iterator[Callable[[Progress], None] | None]":
    """A callback for the progress of an ingest while the block runs; None where ``quiet``."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with _bar() as show:
            yield show
    else:
        yield _lines()


@contextmanager
def _bar() -> "Iterator[Callable[[Progress], None]]":
    from rich import progress as rich
    from rich.console import Console

    pace = rich.TextColumn("{task.fields[pace]}")
    columns = (rich.TextColumn("{task.description}"), rich.BarColumn(), rich.MofNCompleteColumn(), pace)
    with rich.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("analysing", total=None, pace="")

        def show(progress: "Progress") -> None:
            bar.update(
                task,
                description=_PHASES[progress.phase],
                completed=progress.done,
                total=progress.total,
                pace=_pace(progress),
            )

        yield show


def _lines() -> "Callable[[Progress], None]":
    last = time.monotonic()

    def show(progress: "Progress") -> None:
        nonlocal last
        if time.monotonic() - last >= _SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            phase = "" if progress.phase == "analysis" else f"{_PHASES[progress.phase]}: "
            print_status(f"{phase}{_files(progress)}, {_pace(progress)}")

    return show


def _files(progress: "Progress") -> str:
    if progress.total is None:
        return pluralise(progress.done, "file")
    return f"{progress.done} of {pluralise(progress.total, 'file')}"


def _pace(progress: "Progress") -> str:
    """ "12.3 tracks/s, 4:05 left, 2 failed"."""
    parts = [f"{progress.speed:.1f} {'tracks' if progress.phase == 'analysis' else 'files'}/s"]
    if progress.eta is not None:
        parts.append(f"{format_duration(progress.eta)} left")
    if progress.failed:
        parts.append(f"{progress.failed} failed")
    return ", ".join(parts)


@contextmanager
def count_progress(task: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A callback (done, total) while the block runs: a bar on a terminal, elsewhere nothing."""
    if quiet or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        number = bar.add_task(task, total=None)
        yield lambda done, total: bar.update(number, completed=done, total=total)


@contextmanager
def share_progress(task: str, *, quiet: bool) -> Iterator[Callable[[float], None]]:
    """A callback for the share done (0..1) while the block runs: a bar on a terminal, elsewhere a line every 15 s."""
    if quiet:
        yield lambda _share: None
    elif sys.stderr.isatty():
        with count_progress(task, quiet=False) as show:
            yield lambda share: show(round(1000 * share), 1000)
    else:
        last = time.monotonic()

        def show_line(share: float) -> None:
            nonlocal last
            if time.monotonic() - last >= _SECONDS_BETWEEN_LINES:
                last = time.monotonic()
                print_status(f"{task}: {share:.0%}")

        yield show_line
