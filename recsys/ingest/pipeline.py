"""Ingest: compare the disk with the catalogue, analyse the difference in parallel, store it in batches.

An ingest resumes by this comparison, without checkpoints; the database makes it, so that memory does not grow with the
number of files. A file whose path, size and modification time are stored is not opened. Every other file is first
*identified* (audio hash and tags); only a recording without analysis is *analysed*, once, however many files contain
it. Workers compute, and this process alone writes. If it is killed, only the tracks in flight are lost.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from recsys.config import Settings
from recsys.database.catalogue import Catalogue
from recsys.database.claims import Claims
from recsys.database.scan_comparison import SKIPPED, ScanComparison
from recsys.domain.arrays import in_chunks
from recsys.domain.audio import AnalysisResult, FileStat, Identity, IngestRecord
from recsys.domain.catalogue import ACCESS_STAGE, FailedFile, KnownRecording
from recsys.domain.paths import absolute_path
from recsys.domain.results import IngestSummary, Progress
from recsys.ingest.changes import ChangeLog
from recsys.ingest.duration_limits import duration_reason
from recsys.ingest.executors import IN_FLIGHT, BoundedExecutor, Job, MakeExecutor, available_cores
from recsys.ingest.make_executor import make_executor
from recsys.ingest.rereading import Rereading
from recsys.ingest.roots import ensure_not_known, ensure_readable, list_outermost
from recsys.ingest.scan import is_unchanged, scan
from recsys.ingest.shared_work import SharedWork
from recsys.ingest.throughput import ThroughputEstimator
from recsys.ingest.worker import AnalysisFailure, analyse_file, hash_file_formerly, identify_file, reread_file
from recsys.ingest.worker_process import held_interrupts

BATCH = 64
BATCH_SECONDS = 2.0
ETA_SAMPLE_SIZE = 48  # random files that are analysed first, for an early estimate of the remaining time
SCAN_BATCH = 500  # files between two progress reports of the scan
SHUTDOWN_GRACE_SECONDS = 10.0  # seconds that running jobs have to finish after the time budget
MAX_FAILURES_REPORTED = 100  # in the summary; the catalogue has all

Identify = Callable[[str], Identity | AnalysisFailure]
Analyse = Callable[[str], AnalysisResult | AnalysisFailure]
Functions = tuple[Identify, Analyse]
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
    """Update ``catalogue`` with the files at or under ``roots``.

    Parameters
    ----------
    retry : bool
        Try unchanged files again that failed before.
    only_folders : sequence of Path
        Scan only these folders of the roots.
    skip : callable
        Whether a new or changed file is left for a later ingest, as one that is still being written.
    progress : callable, optional
        Called with the progress about once per second.
    executor : callable, optional
        Creates the executor of ``identify`` and ``analyse``; by default worker processes or the Dask cluster of the
        settings.
    identify, analyse : callable
        The functions that process one file.

    Raises
    ------
    NotFound
        A root does not exist or cannot be read, or has no audio file although the catalogue has some of it.
    LibraryBusy
        Another process ingests into the catalogue.
    LibraryFull
        The disk is full; what was stored before is kept.
    InvalidRequest, RecsysError
        An ignore pattern is invalid; workers cannot be started or reached.
    """
    folders = list(dict.fromkeys(map(absolute_path, roots)))
    jobs = settings.jobs or available_cores()
    make = executor or make_executor(settings, jobs, (identify, reread_file))
    with catalogue.writing(), catalogue.claims() as claims:
        run = _IngestRun(catalogue, claims, settings, progress or (lambda _: None), (identify, analyse))
        with catalogue.open_scan() as comparison:
            try:
                with BoundedExecutor(make(), jobs) as pool:  # first: an unreachable cluster raises at once
                    run.compare(folders, comparison, only_folders, retry=retry)
                    run.reread(comparison.rereads(), pool)
                    todo = run.sampled_order(comparison)
                    todo = (file for file in todo if isinstance(file, FailedFile) or not skip(file))
                    find = partial(comparison.find_processed, retry=retry)
                    run.process(SharedWork(todo, claims, find, run.by_others, batch=IN_FLIGHT * pool.jobs), pool)
            except KeyboardInterrupt:
                run.interrupted = True
            run.finish(run.write)
            if not run.interrupted:
                catalogue.clear_failures(file.path for file in comparison.recovered())
                catalogue.add_roots(str(folder) for folder in folders if os.path.isdir(folder))  # noqa: PTH112 - never raises
                outermost = list_outermost(only_folders or folders)
                run.changes.mark_missing(catalogue, comparison.disappeared(outermost))
                run.counts["missing"] = catalogue.count_missing(outermost)
            run.finish(lambda: catalogue.complete_credits(changed=run.has_stored or run.counts["reread"] > 0))
        if not run.interrupted:
            catalogue.drop_older()
    return run.summary()


class _FormerlyHashed(NamedTuple):
    """A file whose former audio hash is computed, as its recording may be stored with it."""

    file: FileStat
    identity: Identity


class _IngestRun:
    """The state of one ingest: jobs in flight, records to be written, and counts."""

    def __init__(
        self, catalogue: Catalogue, claims: Claims, settings: Settings, report: Report, functions: Functions
    ) -> None:
        self.catalogue, self.claims, self.settings, self.report = catalogue, claims, settings, report
        self.identify, self.analyse = functions
        self.interrupted = self.has_stored = False
        self.started = self.written = time.monotonic()
        self.counts: Counter[str] = Counter()
        self.records: list[IngestRecord] = []
        self.failed: list[FailedFile] = []
        self.vacated_paths: list[str] = []
        self.failed_paths: list[str] = []
        self.previously_failed = self.still_unreadable = 0
        self.excluded: Counter[str] = Counter()
        self.rereading = Rereading(catalogue)
        self.changes = ChangeLog()
        self.duplicates_in_flight: dict[str, list[Job]] = {}
        self.done = self.total = 0
        self.throughput = ThroughputEstimator()
        self.sample: list[FileStat] = []
        self.audio_seconds = 0.0

    @property
    def out_of_time(self) -> bool:
        """Whether the time budget of the settings is used up."""
        return time.monotonic() - self.started > self.settings.time_budget

    def compare(
        self, roots: Sequence[Path], comparison: ScanComparison, only_folders: Sequence[Path], *, retry: bool
    ) -> None:
        """Scan the roots and compare the files with the catalogue: count unchanged files, sample the others."""
        for root in roots:
            ensure_readable(root, self.catalogue)
        scanned = 0
        for root in roots:
            found = False
            for files in in_chunks(scan(root, self.settings.ignore, only_folders, self.excluded), SCAN_BATCH):
                found = found or any(isinstance(file, FileStat) for file in files)
                comparison.record(files)
                scanned += len(files)
                self.report(Progress(scanned, None, 0, 0.0, None))
            if not found and not only_folders:
                ensure_not_known(root, self.catalogue)
        compared = comparison.compare(retry=retry)
        self.counts.update(
            unchanged=compared.unchanged + compared.recovered,
            failed=compared.failed + compared.unreadable,
            skipped=compared.skipped,
        )
        self.previously_failed = compared.failed + compared.unreadable
        self.still_unreadable = compared.unreadable
        self.total = compared.todo + compared.outdated
        self.rereading.total = compared.reread
        processed = (file for file in comparison.changed() if isinstance(file, FileStat))
        self.sample = self.throughput.add_all(processed, sample_size=min(ETA_SAMPLE_SIZE, self.total // 4))

    def reread(self, files: Iterator[FileStat], executor: BoundedExecutor) -> None:
        """Read the tags of known files again; what fails or has another audio hash is processed with the others."""
        try:
            self.rereading.run(files, executor, stop=lambda: self.out_of_time, report=self.report)
        finally:
            self.counts["reread"] = self.rereading.done
            self.total += len(self.rereading.changed) + len(self.rereading.failed)
            for failed in self.rereading.failed:
                self._add_failure(failed)

    def sampled_order(self, comparison: ScanComparison) -> Iterator[FileStat | FailedFile]:
        """The files to be processed: first the sample, from which the remaining time is estimated, then by path."""
        yield from self.rereading.changed
        yield from self.sample
        sampled = {file.path for file in self.sample}
        for file in comparison.changed():
            path = file.path if isinstance(file, FileStat) else file.stat.path
            if path not in sampled:
                yield file

    # Process files

    def by_others(self, file: FileStat) -> None:
        """Count a file that another ingest has processed."""
        self.counts["by_others"] += 1
        self.done += 1
        self.throughput.remove_pending(file.path, file.size)

    def process(self, work: SharedWork, executor: BoundedExecutor) -> None:
        """Process every file, until all are done or the time budget is used up.

        Raises
        ------
        KeyboardInterrupt
            The user interrupts it.
        """
        self.throughput.start()
        while not work.exhausted or executor.in_flight:
            while not work.exhausted and executor.can_accept:
                if self.out_of_time:
                    work.stop()
                elif (file := work.take()) is None:
                    break
                elif isinstance(file, FailedFile):
                    self._add_failure(file)
                else:
                    executor.submit(Job(self.identify, file.path, file))
            for job, result in executor.results(timeout=1.0) if executor.in_flight else ():
                self._handle_result(job, result, executor)
            is_full = len(self.records) + len(self.failed) >= BATCH
            if is_full or not executor.in_flight or time.monotonic() - self.written > BATCH_SECONDS:
                self.write()
            if not (work.exhausted or executor.in_flight):
                work.wait()
            self.claims.extend()
            self.report(
                Progress(self.done, self.total, self.counts["failed"], self.throughput.speed, self.throughput.eta())
            )
            if time.monotonic() - self.started > self.settings.time_budget + SHUTDOWN_GRACE_SECONDS:
                executor.cancel()
                return

    def _handle_result(self, job: Job, result: Any, executor: BoundedExecutor) -> None:
        if isinstance(job.context, FileStat):
            self._identified(job, result, executor)
        elif isinstance(job.context, _FormerlyHashed):
            if isinstance(result, str):
                self.catalogue.replace_former_hash(result, job.context.identity.audio_hash)
            self._accept(job.context.file, job.context.identity, job.seconds, executor)
        else:
            self._analysed(job, result, executor)

    def _identified(self, job: Job, identity: Identity | AnalysisFailure, executor: BoundedExecutor) -> None:
        file: FileStat = job.context
        if isinstance(identity, AnalysisFailure):
            self._add_failure(FailedFile(file, identity.stage, identity.reason), job.seconds)
        elif reason := duration_reason(identity.info.duration, self.settings):
            self._add_failure(FailedFile(file, SKIPPED, reason), job.seconds)
        elif identity.had_former_hash and self.catalogue.may_be_known(file, identity.audio_hash):
            executor.submit(Job(hash_file_formerly, file.path, _FormerlyHashed(file, identity), job.seconds))
        else:
            self._accept(file, identity, job.seconds, executor)

    def _accept(self, file: FileStat, identity: Identity, seconds: float, executor: BoundedExecutor) -> None:
        """Continue with a file that is identified."""
        todo = Job(self.analyse, file.path, (file, identity, "new"), seconds)
        if identity.audio_hash in self.duplicates_in_flight:
            self._known(file, identity.audio_hash)
            self.duplicates_in_flight[identity.audio_hash].append(todo)
        else:
            self._recognise_recording(todo, executor)

    def _recognise_recording(self, job: Job, executor: BoundedExecutor) -> None:
        """Store the file at once if its recording has an analysis; otherwise submit the analysis."""
        file, identity, _ = job.context
        if any(record.identity.audio_hash == identity.audio_hash for record in self.records):
            self.write()
        known = self._known(file, identity.audio_hash)
        if known is None or not known.current:
            if known is not None and known.analysed and not any(other.path == file.path for other in known.paths):
                # A moved track has its new path at once, even if its new analysis fails.
                self.vacated_paths += [other.path for other in known.paths if not os.path.lexists(other.path)]
                self.catalogue.store([IngestRecord(file, identity, None)])
            if not self.out_of_time:
                self.duplicates_in_flight[identity.audio_hash] = []
                executor.submit(
                    replace(job, context=(file, identity, "reanalysed" if known and known.analysed else "new"))
                )
            return
        here = any(other.path == file.path for other in known.paths)
        kind = "updated" if here else "duplicates" if any(map(is_unchanged, known.paths)) else "moved"
        former = [each.path for each in known.paths if kind == "moved" and not os.path.lexists(each.path)]
        self.vacated_paths += former
        self._add_record(kind, IngestRecord(file, identity, None), job.seconds, former)

    def _known(self, file: FileStat, audio_hash: str) -> KnownRecording | None:
        """The recording with this audio hash, after the hash of an unchanged file was replaced if it differs."""
        self.catalogue.rename(file, audio_hash)
        return self.catalogue.find_by_hash([audio_hash]).get(audio_hash)

    def _analysed(self, job: Job, result: AnalysisResult | AnalysisFailure, executor: BoundedExecutor) -> None:
        file, identity, kind = job.context
        duplicates = self.duplicates_in_flight.pop(identity.audio_hash)
        if isinstance(result, AnalysisFailure):
            self._add_failure(FailedFile(file, result.stage, result.reason), job.seconds)
            if duplicates:  # another file of the same recording may be readable
                self.duplicates_in_flight[identity.audio_hash] = duplicates[1:]
                executor.submit(replace(duplicates[0], context=(*duplicates[0].context[:2], kind)))
            return
        self.audio_seconds += identity.info.duration
        self._add_record(kind, IngestRecord(file, identity, result), job.seconds)
        for duplicate in duplicates:
            its_file, its_identity, _ = duplicate.context
            self._add_record("duplicates", IngestRecord(its_file, its_identity, None), duplicate.seconds)

    # Store results

    def _add_record(self, kind: str, record: IngestRecord, seconds: float, former: Sequence[str] = ()) -> None:
        self.counts[kind] += 1
        self.changes.add(kind, record.stat.path, former)
        self.done += 1
        self.throughput.record(record.stat.path, record.stat.size, seconds, analysed=kind in _ANALYSED_KINDS)
        self.records.append(record)

    def _add_failure(self, file: FailedFile, seconds: float = 0.0) -> None:
        self.counts["skipped" if file.stage == SKIPPED else "failed"] += 1
        self.done += 1
        if file.stage != "scan":  # these were not added to the pending files
            self.throughput.record(file.stat.path, file.stat.size, seconds, analysed=False)
        self.failed.append(file)
        if file.stage not in (SKIPPED, ACCESS_STAGE) and len(self.failed_paths) < MAX_FAILURES_REPORTED:
            self.failed_paths.append(file.stat.path)

    def finish(self, write: Callable[[], None]) -> None:
        """Run a last write to its end, also if the ingest is interrupted now, for the first or the second time."""
        try:
            with held_interrupts():
                write()
        except KeyboardInterrupt:
            self.interrupted = True

    def write(self) -> None:
        """Store the collected records and failures in one transaction."""
        if self.records or self.failed:
            self.has_stored = True
            self._count_unreadable()
            self.catalogue.store(self.records, self.failed)
            self.claims.release([*(r.stat.path for r in self.records), *(f.stat.path for f in self.failed)])
            self.records, self.failed = [], []
        if self.vacated_paths:
            self.catalogue.mark_missing(self.vacated_paths)
            self.vacated_paths = []
        self.written = time.monotonic()

    def _count_unreadable(self) -> None:
        """Distinguish files that cannot be read from those that could not in an earlier run, for the same reason."""
        unreadable = {file.stat.path: file.reason for file in self.failed if file.stage == ACCESS_STAGE}
        before = {failure.path: failure.reason for failure in self.catalogue.failures(unreadable)}
        new = [path for path, reason in unreadable.items() if before.get(path) != reason]
        self.still_unreadable += len(unreadable) - len(new)
        self.previously_failed += len(unreadable) - len(new)
        self.failed_paths += new[: MAX_FAILURES_REPORTED - len(self.failed_paths)]

    def summary(self) -> IngestSummary:
        """The counts of this ingest."""
        counts = {name: self.counts[name] for name in _COUNTED}
        remaining = self.total - self.done + self.rereading.remaining
        return IngestSummary(
            scanned=sum(counts.values()) + remaining,
            missing=self.counts["missing"],
            remaining=remaining,
            previously_failed=self.previously_failed,
            still_unreadable=self.still_unreadable,
            excluded=dict(self.excluded.most_common()),
            removed=self.changes.removed,
            changes=self.changes.listed(),
            outdated=self.catalogue.outdated(),
            interrupted=self.interrupted,
            seconds=time.monotonic() - self.started,
            audio_seconds=self.audio_seconds,
            failures=tuple(self.catalogue.failures(self.failed_paths)),
            **counts,
        )


_ANALYSED_KINDS = ("new", "reanalysed")
_COUNTED = (*_ANALYSED_KINDS, "unchanged", "reread", "updated", "moved", "duplicates", "by_others", "failed", "skipped")
