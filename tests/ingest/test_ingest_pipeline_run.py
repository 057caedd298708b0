"""The run of an ingest alone, with a catalogue whose answers are given, and a clock that goes in steps."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from fake_analysers import identify_text
from make_entries import make_entry
from test_ingest_pipeline import Shop, counts
from test_ingest_pipeline_counts import Inline, shop

from recsys.config import Settings
from recsys.database.claims import Claims
from recsys.domain.audio import FileStat
from recsys.domain.catalogue import FailedFile, KnownRecording
from recsys.domain.results import Progress
from recsys.ingest import pipeline
from recsys.ingest.executors import Job
from recsys.ingest.worker import AnalysisFailure

__all__ = ["shop"]  # a fixture


class Clock:
    """The time of the pipeline, which only the test advances."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        patch.setattr(pipeline, "time", SimpleNamespace(monotonic=lambda: self.now))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


class Jobs:
    """An executor: each call of ``results`` finishes one job and advances the clock by ``step``."""

    def __init__(self, clock: Clock, jobs: list[tuple[Job, Any]], step: float = 0.0) -> None:
        self.clock, self.jobs, self.step = clock, jobs, step
        self.submitted: list[Job] = []
        self.can_accept = self.is_cancelled = False

    @property
    def in_flight(self) -> int:
        return len(self.jobs)

    def submit(self, job: Job) -> None:
        self.submitted.append(job)

    def results(self, timeout: float) -> list[tuple[Job, Any]]:
        assert timeout == 1  # progress is reported about once per second
        self.clock.now += self.step
        return [] if self.jobs[0][1] is None else [self.jobs.pop(0)]

    def cancel(self) -> None:
        self.is_cancelled = True


def run_of(**options: Any) -> Any:
    settings = Settings(home=Path("/home"), database="sqlite://", **options)
    answers = {"failures.return_value": [], "find_by_hash.return_value": {}, "rename.return_value": False}
    return pipeline._IngestRun(Mock(**answers), Mock(), settings, Mock(), (Mock(), Mock()))


def failures(n: int, stage: str = "open") -> list[tuple[Job, Any]]:
    files = [FileStat(f"/music/{i}.mp3", 1, 1) for i in range(n)]
    return [(Job(Mock(), file.path, file, 1.0), AnalysisFailure(stage, "damaged")) for file in files]


def batches(run: Any) -> list[int]:
    return [len(call.args[1]) for call in run.catalogue.store.call_args_list]


DONE = Mock(exhausted=True)


def test_results_are_stored_in_batches_of_64(clock: Clock) -> None:
    run = run_of()
    run.process(DONE, Jobs(clock, failures(130)))
    assert batches(run) == [64, 64, 2]
    assert (run.counts["failed"], run.done, len(run.failed_paths)) == (130, 130, 100)
    run = run_of()
    run.records = [make_entry(f"/music/known {i}.mp3") for i in range(10)]
    run.process(DONE, Jobs(clock, failures(60)))
    assert batches(run) == [54, 6]


def test_results_are_stored_every_two_seconds(clock: Clock) -> None:
    run = run_of()
    run.process(DONE, Jobs(clock, failures(12), step=0.5))
    assert batches(run) == [5, 5, 2]  # after more than two seconds
    assert run.report.call_count == run.claims.extend.call_count == 12


@pytest.mark.parametrize(("budget", "ended"), [(3, 14), (3.5, 14), (4, 15), (float("inf"), None)])
def test_jobs_have_ten_seconds_after_the_time_budget(clock: Clock, budget: float, ended: float | None) -> None:
    run = run_of(time_budget=budget)
    hanging = failures(1)[0][0]
    executor = Jobs(clock, [(hanging, None)], step=1.0)
    run.claims.extend.side_effect = lambda: executor.jobs.clear() if clock.now == 1050 else None
    run.process(DONE, executor)
    assert executor.is_cancelled == (ended is not None)
    assert clock.now - 1000 == (ended or 50)
    assert run.out_of_time == (ended is not None)


def test_second_interrupt_while_the_last_results_are_stored_is_kept() -> None:
    run, written = run_of(), []
    run.finish(lambda: written.append(1))
    assert (run.interrupted, written) == (False, [1])
    run.finish(Mock(side_effect=KeyboardInterrupt))
    assert run.interrupted


def test_files_of_others_are_done_and_not_pending_any_more() -> None:
    run = run_of()
    file = FileStat("/music/a.mp3", 10, 1)
    run.throughput.add_pending(file.path, file.size)
    run.total = 3
    run.by_others(file)
    assert (run.done, run.counts["by_others"], sum(run.throughput._pending.values())) == (1, 1, 0)
    run.catalogue.outdated.return_value = 0
    summary = run.summary()
    assert (summary.by_others, summary.remaining, summary.scanned, summary.excluded) == (1, 2, 3, {})


def test_nothing_is_stored_where_there_is_nothing(clock: Clock) -> None:
    run = run_of()
    clock.now = 1007
    run.write()
    assert (run.has_stored, run.written) == (False, 1007)
    assert not run.catalogue.mock_calls
    run.vacated_paths = ["/music/old.mp3"]
    run.write()
    run.catalogue.mark_missing.assert_called_once_with(["/music/old.mp3"])
    run.write()
    assert run.catalogue.mark_missing.call_count == 1
    assert not run.has_stored
    run.records = [make_entry("/music/new.mp3")]
    run.write()
    assert run.has_stored
    assert (run.records, run.failed) == ([], [])


def test_recording_that_is_not_stored_yet_is_stored_before_it_is_asked_for(clock: Clock) -> None:
    run = run_of()
    first, other, copy = (make_entry(f"/music/{name}.mp3", "same") for name in ("a", "b", "c"))
    run.records = [replace(other, identity=replace(other.identity, audio_hash="other"))]
    run._accept(copy.stat, copy.identity, 1.0, Jobs(clock, []))
    assert not run.catalogue.store.called
    run.duplicates_in_flight.clear()
    run.records = [first]
    known = KnownRecording(1, True, True, (first.stat,))
    stored: list[str] = []
    run.catalogue.store.side_effect = lambda records, failed: stored.extend(each.stat.path for each in records)
    run.catalogue.find_by_hash.side_effect = lambda hashes: {"same": known} if stored else {}
    executor = Jobs(clock, [])
    run._accept(copy.stat, copy.identity, 1.0, executor)
    assert stored == ["/music/a.mp3"]
    assert not executor.submitted
    assert [record.stat.path for record in run.records] == ["/music/c.mp3"]


def test_copy_of_a_failed_file_is_analysed_as_what_it_would_have_been(clock: Clock) -> None:
    run, executor = run_of(), Jobs(clock, [])
    outdated = KnownRecording(1, True, False, (FileStat("/music/a.mp3", 1000, 5),))
    run.catalogue.find_by_hash.return_value = {"same": outdated}
    entries = [make_entry(f"/music/{name}.mp3", "same") for name in ("a", "b", "c")]
    for entry in entries:
        run._accept(entry.stat, entry.identity, 1.0, executor)
    [job] = executor.submitted
    run._handle_result(job, AnalysisFailure("decode", "damaged"), executor)
    run._handle_result(executor.submitted[1], entries[1].result, executor)
    assert [job.path for job in executor.submitted] == ["/music/a.mp3", "/music/b.mp3"]
    assert run.counts == {"failed": 1, "reanalysed": 1, "duplicates": 1}
    assert run.duplicates_in_flight == {}
    assert run.audio_seconds == entries[1].identity.info.duration


@pytest.mark.parametrize(("spent", "n"), [(10.0, 3), (10.5, 0)])
def test_files_are_taken_until_the_time_is_up(shop: Shop, clock: Clock, spent: float, n: int) -> None:
    for name in ("a", "b", "c"):
        shop.put(f"{name}.mp3", f"song {name}")

    def scanned(progress: Progress) -> None:
        clock.now = 1000 + spent

    settings = replace(shop.settings, time_budget=10)
    summary = shop.ingest(settings=settings, progress=scanned, executor=Inline)
    assert (summary.new, summary.remaining, summary.seconds, summary.interrupted) == (n, 3 - n, spent, False)


def test_no_analysis_begins_after_the_time_is_up(shop: Shop, clock: Clock) -> None:
    shop.put("a.mp3", "one")
    shop.ingest()
    shop.put("b.mp3", "two")
    shop.put("c.mp3", "one")

    def slow(path: str) -> Any:
        clock.now += 11 * path.endswith("c.mp3")
        return identify_text(path)

    summary = shop.ingest(settings=replace(shop.settings, time_budget=10), identify=slow, executor=Inline)
    assert counts(summary) == {"scanned": 3, "unchanged": 1, "duplicates": 1}  # what is known needs none
    assert summary.remaining == 1
    assert shop.analyses == ["a.mp3"]


def test_others_are_waited_for_only_when_nothing_is_left_to_do(clock: Clock) -> None:
    run, work = run_of(), Mock(exhausted=False)

    def end() -> None:
        work.exhausted = True

    executor = Jobs(clock, failures(2))
    work.wait.side_effect = end
    run.process(work, executor)
    assert (work.wait.call_count, run.report.call_count, work.take.call_count) == (1, 2, 0)
    work.exhausted, work.take.return_value, executor.can_accept = False, None, True
    run.process(work, executor)  # the files that are left are those of others
    assert (work.wait.call_count, work.take.call_count) == (2, 1)


def test_interrupt_of_the_scan_counts_nothing(shop: Shop) -> None:
    shop.put("a.mp3", "one")
    shop.put("b.mp3", "unreadable")
    shop.ingest()
    summary = shop.ingest(progress=Mock(side_effect=KeyboardInterrupt))
    assert (summary.interrupted, counts(summary), summary.remaining) == (True, {}, 0)
    assert (summary.previously_failed, summary.still_unreadable, summary.failures) == (0, 0, ())


def test_only_what_was_pending_is_reported_to_the_estimate() -> None:
    run = run_of()
    file = FileStat("/music/a.mp3", 10, 1)
    for stage in ("scan", "skipped", "access", "open"):
        run._add_failure(FailedFile(file, stage, "for a reason"), 2.0)
    assert run.counts == {"failed": 3, "skipped": 1}
    assert run.failed_paths == ["/music/a.mp3"] * 2  # of the scan, and damaged; the others are named otherwise
    assert (run.done, len(run.throughput._finished)) == (4, 3)


@pytest.mark.parametrize(("jobs", "sizes"), [(3, [12, 3]), (0, [8, 7])])
def test_as_many_files_are_claimed_as_are_processed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, jobs: int, sizes: list[int]
) -> None:
    monkeypatch.setattr(pipeline, "available_cores", lambda: 2)
    claimed: list[int] = []
    claim = Claims.claim

    def recorded(self: Claims, paths: Sequence[str]) -> Any:
        claimed.append(len(paths))
        return claim(self, paths)

    monkeypatch.setattr(Claims, "claim", recorded)
    for i in range(15):
        shop.put(f"{i}.mp3", "unreadable")
    assert shop.ingest(settings=replace(shop.settings, jobs=jobs), executor=Inline).failed == 15
    assert [n for n in claimed if n] == sizes
