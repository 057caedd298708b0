"""Ingest: what lies on the disk minus what is done, listened to in parallel, written in batches.

Resuming is this subtraction, not a checkpoint; the database does it, so that memory does not grow with the number of
files. A file whose path, size and modification time are known is not opened. Any other is *identified* first (its
payload hash and tags); only a recording that nobody has listened to is *analysed*, once, however many files hold it.
Workers compute; this process alone writes. Killed at any moment, it loses the tracks in flight and nothing else.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from recsys.config import Settings
from recsys.database.catalogue import Catalogue, FailedFile, Known
from recsys.database.scan_comparison import SKIPPED, Survey
from recsys.domain.arrays import in_chunks
from recsys.domain.audio import Entry, FileStat, Identity, Outcome
from recsys.domain.results import IngestSummary, Progress
from recsys.errors import NothingFound
from recsys.ingest.executors import Crew, Job, MakeExecutor, available_cores
from recsys.ingest.process_pool import Workers
from recsys.ingest.scan import scan
from recsys.ingest.throughput import Pace
from recsys.ingest.worker import Refusal, analyse_file, identify_file
from recsys.ingest.worker_process import deaf_to_interrupts

BATCH = 64
BATCH_SECONDS = 2.0
SAMPLE = 48  # files from anywhere that are listened to first, so that the time left is known early
SCAN_BATCH = 500  # files between two reports while scanning
GRACE = 10.0  # seconds that files in hand are waited for when the time is up
SHOWN_FAILURES = 100  # in the summary; all of them are in the catalogue


Identify = Callable[[str], Identity | Refusal]
Analyse = Callable[[str], Outcome | Refusal]
Report = Callable[[Progress], None]


def ingest(
    roots: Sequence[str | os.PathLike[str]],
    catalogue: Catalogue,
    settings: Settings,
    *,
    retry: bool = False,
    within: Sequence[Path] = (),
    leave: Callable[[FileStat], bool] = lambda _: False,
    progress: Report | None = None,
    executor: MakeExecutor | None = None,
    identify: Identify = identify_file,
    analyse: Analyse = analyse_file,
) -> IngestSummary:
    """Bring ``catalogue`` up to date with the files at or under ``roots``.

    Parameters
    ----------
    retry
        Also try files that failed before and have not changed since.
    within
        Look into these folders of the roots only.
    leave
        Whether a new or changed file is to be left alone for now, as one that is still being written.
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
    places = list(dict.fromkeys(Path(os.path.abspath(root)) for root in roots))  # noqa: PTH100 - links stay as named
    jobs = settings.jobs or available_cores()
    make = executor or _executor(settings, jobs, identify)
    run = _Run(catalogue, settings, progress or (lambda _: None), identify, analyse)
    with catalogue.writing():
        with catalogue.survey() as survey:
            try:
                with Crew(make(), jobs) as crew:  # first: an unreachable cluster raises at once
                    run.look(places, survey, within, retry=retry)
                    todo = run.in_turn(survey)
                    run.work((file for file in todo if isinstance(file, FailedFile) or not leave(file)), crew)
            except KeyboardInterrupt:
                run.interrupted = True
            with deaf_to_interrupts():  # a second Ctrl-C must not stop what the first one asked for
                run.write()
            if not run.interrupted:
                catalogue.note_roots(str(place) for place in places if place.is_dir())
                outermost = _outermost(within or places)
                for paths in survey.gone(outermost):
                    catalogue.mark_missing(paths)
                run.counts["missing"] = catalogue.missing_under(outermost)
        if not run.interrupted:
            catalogue.drop_older()
    return run.summary()


def _executor(settings: Settings, jobs: int, identify: Identify) -> MakeExecutor:
    limits: dict[str, Any] = {"time_limit": settings.time_limit, "nice": settings.nice}
    if settings.executor == "dask":
        from recsys.ingest.dask_executor import dask_executor

        return dask_executor(str(settings.scheduler), ship=settings.ship, at_home=identify, jobs=jobs, **limits)
    return partial(Workers, jobs, **limits)


def _outermost(roots: Sequence[Path]) -> list[str]:
    """The roots that do not lie in another."""
    given = set(roots)
    return [str(root) for root in roots if given.isdisjoint(root.parents)]


def _is_as_it_was(file: FileStat) -> bool:
    """Whether it still lies there: what is in its place now may be another."""
    try:
        facts = os.stat(file.path)  # noqa: PTH116 - as the scan does
    except OSError:
        return False
    return (facts.st_size, facts.st_mtime_ns) == (file.size, file.mtime_ns)


class _Run:
    """One ingest: what is known, what is in flight, what waits to be written, and the count of it all."""

    def __init__(
        self, catalogue: Catalogue, settings: Settings, report: Report, identify: Identify, analyse: Analyse
    ) -> None:
        self.catalogue, self.settings, self.report = catalogue, settings, report
        self.identify, self.analyse = identify, analyse
        self.interrupted = False
        self.started = self.written = time.monotonic()
        self.counts: Counter[str] = Counter()
        self.entries: list[Entry] = []
        self.failed: list[FailedFile] = []
        self.left_places: list[str] = []
        self.failed_now: list[str] = []
        self.failed_before = 0
        self.twins: dict[str, list[Job]] = {}
        self.done = self.total = 0
        self.pace = Pace()
        self.sample: list[FileStat] = []
        self.audio_seconds = 0.0

    @property
    def time_is_up(self) -> bool:
        """Whether the time that the settings allow has passed."""
        return time.monotonic() - self.started > self.settings.max_time

    # Before

    def look(self, roots: Sequence[Path], survey: Survey, within: Sequence[Path], *, retry: bool) -> None:
        """Compare the disk with the catalogue: what is as it was is counted, the rest is to be looked into."""
        for root in roots:
            if not root.exists():
                raise NothingFound(self._absent(root))
        seen = 0
        for root in roots:
            found = False
            for files in in_chunks(scan(root, self.settings.ignore, within), SCAN_BATCH):
                found = found or any(isinstance(file, FileStat) for file in files)
                survey.see(files)
                seen += len(files)
                self.report(Progress(seen, None, 0, 0.0, None))
            if not found and not within and (known := self.catalogue.present_under(str(root))):
                raise NothingFound(
                    f"no music is left under {root}, where the library knows {known} files; nothing was changed "
                    "(is a drive not mounted?)"
                )
        compared = survey.compare(retry=retry)
        self.counts.update(unchanged=compared.unchanged, failed=compared.failed, skipped=compared.skipped)
        self.failed_before = compared.failed
        self.total = compared.todo + compared.outdated
        draw = random.Random(0)
        for i, file in enumerate(survey.todo()):
            if not isinstance(file, FileStat):
                continue
            self.pace.expect(file.path, file.size)
            place = draw.randrange(i + 1)  # reservoir sampling (Vitter 1985)
            if len(self.sample) < min(SAMPLE, self.total // 4):
                self.sample.append(file)
            elif place < len(self.sample):
                self.sample[place] = file

    def in_turn(self, survey: Survey) -> Iterator[FileStat | FailedFile]:
        """What is to be looked into: first a sample of it, which tells what the rest will cost; then by path."""
        yield from self.sample
        sampled = {file.path for file in self.sample}
        for file in survey.todo():
            path = file.path if isinstance(file, FileStat) else file.stat.path
            if path not in sampled:
                yield file

    def _absent(self, root: Path) -> str:
        if known := self.catalogue.present_under(str(root)):
            return (
                f"{root} is not there, but the library knows {known} files under it; nothing was changed "
                "(is a drive not mounted?)"
            )
        return f"{root} is not there; give a folder or a file that is"

    # At work

    def work(self, todo: Iterator[FileStat | FailedFile], crew: Crew) -> None:
        """Look into every file; returns when all are, or the time is up, or with KeyboardInterrupt."""
        self.pace.begin()
        exhausted = False
        while not exhausted or crew.busy:
            while not exhausted and crew.has_room:
                file = None if self.time_is_up else next(todo, None)
                if file is None:
                    exhausted = True
                elif isinstance(file, FailedFile):
                    self._refuse(file)
                else:
                    crew.hand_in(Job(self.identify, file.path, file))
            for job, result in crew.results(timeout=1.0) if crew.busy else ():
                self._take(job, result, crew)
            if len(self.entries) + len(self.failed) >= BATCH or time.monotonic() - self.written > BATCH_SECONDS:
                self.write()
            self.report(Progress(self.done, self.total, self.counts["failed"], self.pace.speed, self.pace.eta()))
            if time.monotonic() - self.started > self.settings.max_time + GRACE:
                crew.abandon()
                return

    def _take(self, job: Job, result: Any, crew: Crew) -> None:
        if isinstance(job.note, FileStat):
            self._identified(job, result, crew)
        else:
            self._analysed(job, result, crew)

    def _identified(self, job: Job, identity: Identity | Refusal, crew: Crew) -> None:
        file: FileStat = job.note
        if isinstance(identity, Refusal):
            self._refuse(FailedFile(file, identity.stage, identity.reason), job.seconds)
        elif reason := self._unwanted(identity.info.duration):
            self._refuse(FailedFile(file, SKIPPED, reason), job.seconds)
        else:
            todo = Job(self.analyse, file.path, (file, identity, "new"), job.seconds)
            if identity.payload in self.twins:
                self._known(file, identity.payload)
                self.twins[identity.payload].append(todo)
            else:
                self._recognise(todo, crew)

    def _recognise(self, job: Job, crew: Crew) -> None:
        """Store the file at once if its recording has been analysed, else have it analysed."""
        file, identity, _ = job.note
        if any(entry.identity.payload == identity.payload for entry in self.entries):
            self.write()
        known = self._known(file, identity.payload)
        if known is None or not known.current:
            if known is not None and known.analysed and not any(place.path == file.path for place in known.places):
                # A moved track answers from its new place at once, whatever becomes of its analysis.
                self.left_places += [place.path for place in known.places if not os.path.lexists(place.path)]
                self.catalogue.store([Entry(file, identity, None)])
            if not self.time_is_up:
                self.twins[identity.payload] = []
                crew.hand_in(replace(job, note=(file, identity, "reanalysed" if known and known.analysed else "new")))
            return
        if any(place.path == file.path for place in known.places):
            kind = "updated"
        elif any(map(_is_as_it_was, known.places)):
            kind = "duplicates"
        else:
            kind = "moved"
            self.left_places += [place.path for place in known.places if not os.path.lexists(place.path)]
        self._enter(kind, Entry(file, identity, None), job.seconds)

    def _known(self, file: FileStat, payload: str) -> Known | None:
        """The recording with this payload; one whose payload was another, though its file is as it was, has it now."""
        known = self.catalogue.find([payload]).get(payload)
        if known is not None and any(place.path == file.path for place in known.places):
            return known
        if self.catalogue.rename(file, payload):
            return self.catalogue.find([payload])[payload]
        return known

    def _analysed(self, job: Job, outcome: Outcome | Refusal, crew: Crew) -> None:
        file, identity, kind = job.note
        twins = self.twins.pop(identity.payload)
        if isinstance(outcome, Refusal):
            self._refuse(FailedFile(file, outcome.stage, outcome.reason), job.seconds)
            if twins:  # perhaps this place could not be read; another may
                self.twins[identity.payload] = twins[1:]
                crew.hand_in(replace(twins[0], note=(*twins[0].note[:2], kind)))
            return
        self.audio_seconds += identity.info.duration
        self._enter(kind, Entry(file, identity, outcome), job.seconds)
        for twin in twins:
            its_file, its_identity, _ = twin.note
            self._enter("duplicates", Entry(its_file, its_identity, None), twin.seconds)

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

    def _enter(self, kind: str, entry: Entry, seconds: float) -> None:
        self.counts[kind] += 1
        self.done += 1
        self.pace.tick(entry.stat.path, entry.stat.size, seconds, listened=kind in _LISTENED)
        self.entries.append(entry)

    def _refuse(self, file: FailedFile, seconds: float = 0.0) -> None:
        self.counts["skipped" if file.stage == SKIPPED else "failed"] += 1
        self.done += 1
        if file.stage != "scan":  # a scan fails before anything is priced
            self.pace.tick(file.stat.path, file.stat.size, seconds, listened=False)
        self.failed.append(file)
        if file.stage != SKIPPED and len(self.failed_now) < SHOWN_FAILURES:
            self.failed_now.append(file.stat.path)

    def write(self) -> None:
        """Store what has been gathered, in one transaction."""
        if self.entries or self.failed:
            self.catalogue.store(self.entries, self.failed)
            self.entries, self.failed = [], []
        if self.left_places:
            self.catalogue.mark_missing(self.left_places)
            self.left_places = []
        self.written = time.monotonic()

    # What is told

    def summary(self) -> IngestSummary:
        """The count of it all."""
        counts = {name: self.counts[name] for name in _COUNTED}
        return IngestSummary(
            seen=sum(counts.values()) + self.total - self.done,
            missing=self.counts["missing"],
            left=self.total - self.done,
            failed_before=self.failed_before,
            outdated=self.catalogue.outdated(),
            interrupted=self.interrupted,
            seconds=time.monotonic() - self.started,
            audio_seconds=self.audio_seconds,
            failures=tuple(self.catalogue.failures(self.failed_now)),
            **counts,
        )


_LISTENED = ("new", "reanalysed")
_COUNTED = (*_LISTENED, "unchanged", "updated", "moved", "duplicates", "failed", "skipped")
