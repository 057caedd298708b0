"""Ingest: what lies on the disk minus what is done, listened to in parallel, written in batches.

Resuming is this subtraction, not a checkpoint. A file whose path, size and modification time are known is not
opened. Any other is *identified* first (its payload hash and tags); only a recording that nobody has listened to is
*analysed*, once, however many files hold it. Workers compute; this process alone writes. Killed at any moment, it
loses the tracks in flight and nothing else.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from recsys.config import Settings
from recsys.errors import NothingFound
from recsys.ingest.executors import Crew, Job, available_cores, processes
from recsys.ingest.pace import Pace
from recsys.ingest.process import deaf_to_interrupts
from recsys.ingest.scan import scan
from recsys.ingest.worker import Refusal, analyse_file, identify_file
from recsys.library.catalogue import Catalogue, FailedFile, FileState
from recsys.types import Entry, Failure, FileStat, Identity, IngestSummary, Outcome, Progress

SKIPPED = "skipped"  # the stage of files left out on purpose: for their duration
IN_FLIGHT = 4  # jobs a worker: enough to keep it busy while a batch is written
BATCH = 64
SCAN_REPORT = 500  # files between two reports while scanning
BATCH_SECONDS = 2.0


Identify = Callable[[str], Identity | Refusal]
Analyse = Callable[[str], Outcome | Refusal]
Report = Callable[[Progress], None]


def ingest(
    roots: Sequence[str | os.PathLike[str]],
    catalogue: Catalogue,
    settings: Settings,
    *,
    retry: bool = False,
    progress: Report | None = None,
    executor: Callable[[], Executor] | None = None,
    identify: Identify = identify_file,
    analyse: Analyse = analyse_file,
) -> IngestSummary:
    """Bring ``catalogue`` up to date with the files at or under ``roots``.

    Parameters
    ----------
    retry
        Also try files that failed before and have not changed since.
    progress
        Told now and then how far it is.
    executor
        Makes the pool that ``identify`` and ``analyse`` run in; worker processes by default.

    Raises
    ------
    NothingFound
        A root does not exist, or holds no audio file where the catalogue knows some.
    LibraryBusy, LibraryFull
        Somebody else is ingesting; the disk is full. What was written before stays.
    """
    places = [Path(os.path.abspath(root)) for root in roots]  # noqa: PTH100 - links stay as the user named them
    jobs = settings.jobs or available_cores()
    with catalogue.writing():
        run = _Run(catalogue, settings, progress or (lambda _: None), identify, analyse)
        todo = run.survey(places, retry=retry)
        with Crew(executor or (lambda: processes(jobs)), IN_FLIGHT * jobs) as crew:
            try:
                run.work(todo, crew)
            except KeyboardInterrupt:
                run.interrupted = True
            with deaf_to_interrupts():  # a second Ctrl-C must not stop what the first one asked for
                if run.interrupted:
                    crew.abandon()
                run.write()
        if not run.interrupted:
            run.forget_vanished(places)
    return run.summary()


class _Run:
    """One ingest: what is known, what is in flight, what waits to be written, and the count of it all."""

    def __init__(
        self, catalogue: Catalogue, settings: Settings, report: Report, identify: Identify, analyse: Analyse
    ) -> None:
        self.catalogue, self.settings, self.report = catalogue, settings, report
        self.identify, self.analyse = identify, analyse
        self.interrupted = False
        self.started = self.written = time.monotonic()
        self.states: dict[str, FileState] = {}
        self.counts: Counter[str] = Counter()
        self.entries: list[Entry] = []
        self.failed: list[FailedFile] = []
        self.failures: list[Failure] = []
        self.twins: dict[str, list[tuple[FileStat, Identity]]] = {}
        self.gone: set[str] = set()
        self.done = self.total = 0
        self.pace = Pace()
        self.audio_seconds = 0.0

    # Before

    def survey(self, roots: Sequence[Path], *, retry: bool) -> list[FileStat]:
        """Files that have to be looked into; all others are counted as they are."""
        for root in roots:
            if not root.exists():
                raise NothingFound(self._absent(root))
        self.states = self.catalogue.file_states([str(root) for root in roots])
        skipped = {failure.path for failure in self.catalogue.failures() if failure.stage == SKIPPED}
        todo: list[FileStat] = []
        seen: set[str] = set()
        unread: list[Path] = []
        for root in roots:
            found = False
            for file in scan(root, self.settings.ignore):
                path = file.stat.path if isinstance(file, FailedFile) else file.path
                found = found or isinstance(file, FileStat)
                if path in seen:
                    continue
                seen.add(path)
                if len(seen) % SCAN_REPORT == 0:
                    self.report(Progress(len(seen), None, self.counts["failed"], 0.0, None))
                if isinstance(file, FailedFile):
                    unread.append(Path(path))
                    if path in self.states and self.states[path].failed and not retry:
                        self.counts["failed"] += 1
                    else:
                        self._refuse(file)
                elif self._unchanged(file, retry=retry):
                    state = self.states[path]
                    self.counts[("skipped" if path in skipped else "failed") if state.failed else "unchanged"] += 1
                else:
                    todo.append(file)
            if not found and (known := self._present_under(root)):
                raise NothingFound(
                    f"no music is left under {root}, where the library knows {known} files; nothing was changed "
                    "(is a drive not mounted?)"
                )
        # What lies in a folder that could not be read is not gone: it could not be seen.
        self.gone = {p for p in self.states if p not in seen and not any(_is_under(p, folder) for folder in unread)}
        self.done, self.total = 0, len(todo)
        return todo

    def _present_under(self, root: Path) -> int:
        states = self.catalogue.file_states([str(root)]).values()
        return sum(not state.missing and not state.failed for state in states)

    def _absent(self, root: Path) -> str:
        if known := self._present_under(root):
            return (
                f"{root} is not there, but the library knows {known} files under it; nothing was changed "
                "(is a drive not mounted?)"
            )
        return f"{root} is not there; give a folder or a file that is"

    def _unchanged(self, file: FileStat, *, retry: bool) -> bool:
        state = self.states.get(file.path)
        if state is None or state.missing or (file.size, file.mtime_ns) != (state.size, state.mtime_ns):
            return False
        return state.done or (state.failed and not retry)

    # At work

    def work(self, todo: Sequence[FileStat], crew: Crew) -> None:
        """Look into every file; returns when all are, or with KeyboardInterrupt."""
        waiting = iter(todo)
        self.pace = Pace()
        exhausted = False
        while not exhausted or crew.busy:
            while not exhausted and crew.has_room:
                file = next(waiting, None)
                if file is None:
                    exhausted = True
                else:
                    crew.hand_in(Job(self.identify, file.path, file))
            for job, result in crew.results(timeout=1.0):
                self._take(job, result, crew)
            if len(self.entries) + len(self.failed) >= BATCH or time.monotonic() - self.written > BATCH_SECONDS:
                self.write()
            self._tell()

    def _take(self, job: Job, result: Any, crew: Crew) -> None:
        if isinstance(job.note, FileStat):
            self._identified(job.note, result, crew)
        else:
            file, identity = job.note
            self._analysed(file, identity, result, crew)

    def _identified(self, file: FileStat, identity: Identity | Refusal, crew: Crew) -> None:
        if isinstance(identity, Refusal):
            self._refuse(FailedFile(file, identity.stage, identity.reason))
        elif reason := self._unwanted(identity.info.duration):
            self._refuse(FailedFile(file, SKIPPED, reason))
        elif identity.payload in self.twins:
            self.twins[identity.payload].append((file, identity))
        else:
            self._recognise(file, identity, crew)

    def _recognise(self, file: FileStat, identity: Identity, crew: Crew) -> None:
        """Store the file at once if its recording has been analysed, else have it analysed."""
        pending = {entry.identity.payload: entry.stat.path for entry in self.entries}
        if identity.payload in pending:
            self.write()
        known = self.catalogue.find([identity.payload]).get(identity.payload)
        if known is None or not known.analysed:
            self.twins[identity.payload] = []
            crew.hand_in(Job(self.analyse, file.path, (file, identity)))
            return
        state = self.states.get(file.path)
        elsewhere = [path for path in known.paths if path != file.path]
        if state is not None and state.payload == identity.payload:
            kind = "updated"
        elif any(os.path.lexists(path) for path in elsewhere):
            kind = "duplicates"
        else:
            kind = "moved"
            self.gone.update(elsewhere)
        self._enter(kind, Entry(file, identity, None))

    def _analysed(self, file: FileStat, identity: Identity, outcome: Outcome | Refusal, crew: Crew) -> None:
        twins = self.twins.pop(identity.payload)
        if isinstance(outcome, Refusal):
            self._refuse(FailedFile(file, outcome.stage, outcome.reason))
            if twins:  # perhaps this place could not be read; another may
                self.twins[identity.payload] = twins[1:]
                crew.hand_in(Job(self.analyse, twins[0][0].path, twins[0]))
            return
        self.audio_seconds += identity.info.duration
        self.pace.tick()
        self._enter("new", Entry(file, identity, outcome))
        for twin, its_identity in twins:
            self._enter("duplicates", Entry(twin, its_identity, None))

    def _unwanted(self, duration: float) -> str | None:
        shortest, longest = self.settings.min_duration, self.settings.max_duration
        if duration < shortest:
            return (
                f"it lasts {duration:.1f} s, less than --min-duration {shortest:g}; lower it and add --retry to take it"
            )
        if duration > longest:
            return (
                f"it lasts {duration:.0f} s, more than --max-duration {longest:g}; raise it and add --retry to take it"
            )
        return None

    # What is written

    def _enter(self, kind: str, entry: Entry) -> None:
        self.counts[kind] += 1
        self.done += 1
        self.entries.append(entry)

    def _refuse(self, file: FailedFile) -> None:
        self.counts["skipped" if file.stage == SKIPPED else "failed"] += 1
        self.done += 1
        self.failed.append(file)
        if file.stage != SKIPPED:
            self.failures.append(Failure(file.stat.path, file.stage, file.reason, attempts=1, at=""))

    def write(self) -> None:
        """Store what has been gathered, in one transaction."""
        if self.entries or self.failed:
            self.catalogue.store(self.entries, self.failed)
            self.entries, self.failed = [], []
        self.written = time.monotonic()

    def forget_vanished(self, roots: Sequence[Path]) -> None:
        """Files that are no longer on the disk become missing, or are forgotten where they only moved."""
        self.catalogue.mark_missing(self.gone)
        states = self.catalogue.file_states([str(root) for root in roots])
        self.counts["missing"] = sum(state.missing for state in states.values())

    # What is told

    def _tell(self) -> None:
        eta = self.pace.eta(self.total - self.done)
        self.report(Progress(self.done, self.total, self.counts["failed"], self.pace.speed, eta))

    def summary(self) -> IngestSummary:
        """The count of it all."""
        recorded = {failure.path: failure for failure in self.catalogue.failures()} if self.failures else {}
        counts = {name: self.counts[name] for name in _COUNTED}
        return IngestSummary(
            seen=sum(counts.values()),
            missing=self.counts["missing"],
            interrupted=self.interrupted,
            seconds=time.monotonic() - self.started,
            audio_seconds=self.audio_seconds,
            failures=tuple(recorded.get(failure.path, failure) for failure in self.failures),
            **counts,
        )


_COUNTED = ("new", "unchanged", "updated", "moved", "duplicates", "failed", "skipped")


def _is_under(path: str, root: Path) -> bool:
    return path == str(root) or path.startswith(str(root) + os.sep)
