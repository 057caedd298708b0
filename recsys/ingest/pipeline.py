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
from recsys.database.catalogue import Catalogue
from recsys.database.scan_comparison import SKIPPED, ScanComparison
from recsys.domain.arrays import in_chunks
from recsys.domain.audio import AnalysisResult, FileStat, Identity, IngestRecord
from recsys.domain.catalogue import FailedFile, KnownRecording
from recsys.domain.results import IngestSummary, Progress
from recsys.errors import NotFound
from recsys.ingest.executors import BoundedExecutor, Job, MakeExecutor, available_cores
from recsys.ingest.process_pool import ProcessPool
from recsys.ingest.scan import scan
from recsys.ingest.throughput import ThroughputEstimator
from recsys.ingest.worker import AnalysisFailure, analyse_file, identify_file
from recsys.ingest.worker_process import ignore_sigint

BATCH = 64
BATCH_SECONDS = 2.0
ETA_SAMPLE_SIZE = 48  # files from anywhere that are listened to first, so that the time left is known early
SCAN_BATCH = 500  # files between two reports while scanning
SHUTDOWN_GRACE_SECONDS = 10.0  # seconds that files in hand are waited for when the time is up
MAX_FAILURES_REPORTED = 100  # in the summary; all of them are in the catalogue


Identify = Callable[[str], Identity | AnalysisFailure]
Analyse = Callable[[str], AnalysisResult | AnalysisFailure]
Report = Callable[[Progress], None]


def ingest(
    roots: Sequence[str | os.PathLike[str]],
    catalogue: Catalogue,
    settings: Settings,
    *,
    retry: bool = False,
    only_folders: Sequence[Path] = (),
    skip: Callable[[FileStat], bool] = lambda _: False,
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
    only_folders
        Look into these folders of the roots only.
    skip
        Whether a new or changed file is to be left alone for now, as one that is still being written.
    progress
        Told now and then how far it is.
    executor
        Makes the pool that ``identify`` and ``analyse`` run in; worker processes by default.

    Raises
    ------
    NotFound
        A root does not exist, or holds no audio file where the catalogue knows some.
    LibraryBusy, LibraryFull
        Somebody else is ingesting; the disk is full. What was written before stays.
    """
    places = list(dict.fromkeys(Path(os.path.abspath(root)) for root in roots))  # noqa: PTH100 - links stay as named
    jobs = settings.jobs or available_cores()
    make = executor or _executor(settings, jobs, identify)
    run = _IngestRun(catalogue, settings, progress or (lambda _: None), identify, analyse)
    with catalogue.writing():
        with catalogue.open_scan() as survey:
            try:
                with BoundedExecutor(make(), jobs) as crew:  # first: an unreachable cluster raises at once
                    run.compare(places, survey, only_folders, retry=retry)
                    todo = run.sampled_order(survey)
                    run.process((file for file in todo if isinstance(file, FailedFile) or not skip(file)), crew)
            except KeyboardInterrupt:
                run.interrupted = True
            with ignore_sigint():  # a second Ctrl-C must not stop what the first one asked for
                run.write()
            if not run.interrupted:
                catalogue.add_roots(str(place) for place in places if place.is_dir())
                outermost = _outermost(only_folders or places)
                for paths in survey.disappeared(outermost):
                    catalogue.mark_missing(paths)
                run.counts["missing"] = catalogue.count_missing(outermost)
        if not run.interrupted:
            catalogue.drop_older()
    return run.summary()


def _executor(settings: Settings, jobs: int, identify: Identify) -> MakeExecutor:
    limits: dict[str, Any] = {"time_limit": settings.file_timeout, "nice": settings.nice}
    if settings.executor == "dask":
        from recsys.ingest.dask_executor import dask_executor

        return dask_executor(
            str(settings.scheduler), send_files=settings.send_files, local_function=identify, jobs=jobs, **limits
        )
    return partial(ProcessPool, jobs, **limits)


def _outermost(roots: Sequence[Path]) -> list[str]:
    """The roots that do not lie in another."""
    given = set(roots)
    return [str(root) for root in roots if given.isdisjoint(root.parents)]


def _is_unchanged(file: FileStat) -> bool:
    """Whether it still lies there: what is in its place now may be another."""
    try:
        facts = os.stat(file.path)  # noqa: PTH116 - as the scan does
    except OSError:
        return False
    return (facts.st_size, facts.st_mtime_ns) == (file.size, file.mtime_ns)


class _IngestRun:
    """One ingest: what is known, what is in flight, what waits to be written, and the count of it all."""

    def __init__(
        self, catalogue: Catalogue, settings: Settings, report: Report, identify: Identify, analyse: Analyse
    ) -> None:
        self.catalogue, self.settings, self.report = catalogue, settings, report
        self.identify, self.analyse = identify, analyse
        self.interrupted = False
        self.started = self.written = time.monotonic()
        self.counts: Counter[str] = Counter()
        self.records: list[IngestRecord] = []
        self.failed: list[FailedFile] = []
        self.vacated_paths: list[str] = []
        self.failed_now: list[str] = []
        self.previously_failed = 0
        self.duplicates_in_flight: dict[str, list[Job]] = {}
        self.done = self.total = 0
        self.pace = ThroughputEstimator()
        self.sample: list[FileStat] = []
        self.audio_seconds = 0.0

    @property
    def time_is_up(self) -> bool:
        """Whether the time that the settings allow has passed."""
        return time.monotonic() - self.started > self.settings.time_budget

    # Before

    def compare(
        self, roots: Sequence[Path], survey: ScanComparison, only_folders: Sequence[Path], *, retry: bool
    ) -> None:
        """Compare the disk with the catalogue: what is as it was is counted, the rest is to be looked into."""
        for root in roots:
            if not root.exists():
                raise NotFound(self._is_missing_root(root))
        seen = 0
        for root in roots:
            found = False
            for files in in_chunks(scan(root, self.settings.ignore, only_folders), SCAN_BATCH):
                found = found or any(isinstance(file, FileStat) for file in files)
                survey.record(files)
                seen += len(files)
                self.report(Progress(seen, None, 0, 0.0, None))
            if not found and not only_folders and (known := self.catalogue.count_present(str(root))):
                raise NotFound(
                    f"no music is left under {root}, where the library knows {known} files; nothing was changed "
                    "(is a drive not mounted?)"
                )
        compared = survey.compare(retry=retry)
        self.counts.update(unchanged=compared.unchanged, failed=compared.failed, skipped=compared.skipped)
        self.previously_failed = compared.failed
        self.total = compared.todo + compared.outdated
        draw = random.Random(0)
        for i, file in enumerate(survey.changed()):
            if not isinstance(file, FileStat):
                continue
            self.pace.add_pending(file.path, file.size)
            place = draw.randrange(i + 1)  # reservoir sampling (Vitter 1985)
            if len(self.sample) < min(ETA_SAMPLE_SIZE, self.total // 4):
                self.sample.append(file)
            elif place < len(self.sample):
                self.sample[place] = file

    def sampled_order(self, survey: ScanComparison) -> Iterator[FileStat | FailedFile]:
        """What is to be looked into: first a sample of it, which tells what the rest will cost; then by path."""
        yield from self.sample
        sampled = {file.path for file in self.sample}
        for file in survey.changed():
            path = file.path if isinstance(file, FileStat) else file.stat.path
            if path not in sampled:
                yield file

    def _is_missing_root(self, root: Path) -> str:
        if known := self.catalogue.count_present(str(root)):
            return (
                f"{root} is not there, but the library knows {known} files under it; nothing was changed "
                "(is a drive not mounted?)"
            )
        return f"{root} is not there; give a folder or a file that is"

    # At work

    def process(self, todo: Iterator[FileStat | FailedFile], executor: BoundedExecutor) -> None:
        """Look into every file; returns when all are, or the time is up, or with KeyboardInterrupt."""
        self.pace.start()
        exhausted = False
        while not exhausted or executor.in_flight:
            while not exhausted and executor.can_accept:
                file = None if self.time_is_up else next(todo, None)
                if file is None:
                    exhausted = True
                elif isinstance(file, FailedFile):
                    self._add_failure(file)
                else:
                    executor.submit(Job(self.identify, file.path, file))
            for job, result in executor.results(timeout=1.0) if executor.in_flight else ():
                self._handle_result(job, result, executor)
            if len(self.records) + len(self.failed) >= BATCH or time.monotonic() - self.written > BATCH_SECONDS:
                self.write()
            self.report(Progress(self.done, self.total, self.counts["failed"], self.pace.speed, self.pace.eta()))
            if time.monotonic() - self.started > self.settings.time_budget + SHUTDOWN_GRACE_SECONDS:
                executor.cancel()
                return

    def _handle_result(self, job: Job, result: Any, executor: BoundedExecutor) -> None:
        if isinstance(job.context, FileStat):
            self._identified(job, result, executor)
        else:
            self._analysed(job, result, executor)

    def _identified(self, job: Job, identity: Identity | AnalysisFailure, executor: BoundedExecutor) -> None:
        file: FileStat = job.context
        if isinstance(identity, AnalysisFailure):
            self._add_failure(FailedFile(file, identity.stage, identity.reason), job.seconds)
        elif reason := self._duration_reason(identity.info.duration):
            self._add_failure(FailedFile(file, SKIPPED, reason), job.seconds)
        else:
            todo = Job(self.analyse, file.path, (file, identity, "new"), job.seconds)
            if identity.audio_hash in self.duplicates_in_flight:
                self._known(file, identity.audio_hash)
                self.duplicates_in_flight[identity.audio_hash].append(todo)
            else:
                self._recognise_recording(todo, executor)

    def _recognise_recording(self, job: Job, executor: BoundedExecutor) -> None:
        """Store the file at once if its recording has been analysed, else have it analysed."""
        file, identity, _ = job.context
        if any(entry.identity.audio_hash == identity.audio_hash for entry in self.records):
            self.write()
        known = self._known(file, identity.audio_hash)
        if known is None or not known.current:
            if known is not None and known.analysed and not any(place.path == file.path for place in known.paths):
                # A moved track answers from its new place at once, whatever becomes of its analysis.
                self.vacated_paths += [place.path for place in known.paths if not os.path.lexists(place.path)]
                self.catalogue.store([IngestRecord(file, identity, None)])
            if not self.time_is_up:
                self.duplicates_in_flight[identity.audio_hash] = []
                executor.submit(
                    replace(job, context=(file, identity, "reanalysed" if known and known.analysed else "new"))
                )
            return
        if any(place.path == file.path for place in known.paths):
            kind = "updated"
        elif any(map(_is_unchanged, known.paths)):
            kind = "duplicates"
        else:
            kind = "moved"
            self.vacated_paths += [place.path for place in known.paths if not os.path.lexists(place.path)]
        self._add_record(kind, IngestRecord(file, identity, None), job.seconds)

    def _known(self, file: FileStat, audio_hash: str) -> KnownRecording | None:
        """The recording with this payload; one whose payload was another, though its file is as it was, has it now."""
        known = self.catalogue.find_by_hash([audio_hash]).get(audio_hash)
        if known is not None and any(place.path == file.path for place in known.paths):
            return known
        if self.catalogue.rename(file, audio_hash):
            return self.catalogue.find_by_hash([audio_hash])[audio_hash]
        return known

    def _analysed(self, job: Job, outcome: AnalysisResult | AnalysisFailure, executor: BoundedExecutor) -> None:
        file, identity, kind = job.context
        twins = self.duplicates_in_flight.pop(identity.audio_hash)
        if isinstance(outcome, AnalysisFailure):
            self._add_failure(FailedFile(file, outcome.stage, outcome.reason), job.seconds)
            if twins:  # perhaps this place could not be read; another may
                self.duplicates_in_flight[identity.audio_hash] = twins[1:]
                executor.submit(replace(twins[0], context=(*twins[0].context[:2], kind)))
            return
        self.audio_seconds += identity.info.duration
        self._add_record(kind, IngestRecord(file, identity, outcome), job.seconds)
        for twin in twins:
            its_file, its_identity, _ = twin.context
            self._add_record("duplicates", IngestRecord(its_file, its_identity, None), twin.seconds)

    def _duration_reason(self, duration: float) -> str | None:
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

    def _add_record(self, kind: str, entry: IngestRecord, seconds: float) -> None:
        self.counts[kind] += 1
        self.done += 1
        self.pace.record(entry.stat.path, entry.stat.size, seconds, analysed=kind in _ANALYSED_KINDS)
        self.records.append(entry)

    def _add_failure(self, file: FailedFile, seconds: float = 0.0) -> None:
        self.counts["skipped" if file.stage == SKIPPED else "failed"] += 1
        self.done += 1
        if file.stage != "scan":  # a scan fails before anything is priced
            self.pace.record(file.stat.path, file.stat.size, seconds, analysed=False)
        self.failed.append(file)
        if file.stage != SKIPPED and len(self.failed_now) < MAX_FAILURES_REPORTED:
            self.failed_now.append(file.stat.path)

    def write(self) -> None:
        """Store what has been gathered, in one transaction."""
        if self.records or self.failed:
            self.catalogue.store(self.records, self.failed)
            self.records, self.failed = [], []
        if self.vacated_paths:
            self.catalogue.mark_missing(self.vacated_paths)
            self.vacated_paths = []
        self.written = time.monotonic()

    # What is told

    def summary(self) -> IngestSummary:
        """The count of it all."""
        counts = {name: self.counts[name] for name in _COUNTED}
        return IngestSummary(
            scanned=sum(counts.values()) + self.total - self.done,
            missing=self.counts["missing"],
            remaining=self.total - self.done,
            previously_failed=self.previously_failed,
            outdated=self.catalogue.outdated(),
            interrupted=self.interrupted,
            seconds=time.monotonic() - self.started,
            audio_seconds=self.audio_seconds,
            failures=tuple(self.catalogue.failures(self.failed_now)),
            **counts,
        )


_ANALYSED_KINDS = ("new", "reanalysed")
_COUNTED = (*_ANALYSED_KINDS, "unchanged", "updated", "moved", "duplicates", "failed", "skipped")
