"""What an ingest counts, reports and stores: each number, and each limit."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_analysers import analyse_text, identify_text
from make_entries import VERSION
from sqlalchemy import update
from test_ingest_pipeline import Shop, counts

from recsys.database import engine
from recsys.database.catalogue import Catalogue
from recsys.database.tables import file as file_table
from recsys.domain.audio import FileStat, Reread, Tags
from recsys.domain.catalogue import FailedFile
from recsys.domain.results import Progress
from recsys.errors import NotFound
from recsys.ingest import pipeline
from recsys.ingest.scan import scan
from recsys.ingest.throughput import ThroughputEstimator
from recsys.ingest.worker import AnalysisFailure


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


class Inline(Executor):
    """Calls each function at once, in the order of the calls."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(function(*arguments, **named))
        return future


@pytest.fixture
def estimators(monkeypatch: pytest.MonkeyPatch) -> list["Estimator"]:
    made: list[Estimator] = []

    def make() -> Estimator:
        made.append(Estimator())
        return made[-1]

    monkeypatch.setattr(pipeline, "ThroughputEstimator", make)
    return made


class Estimator(ThroughputEstimator):
    """An estimator that records the calls of its methods."""

    def __init__(self) -> None:
        super().__init__()
        self.recorded: dict[str, tuple[int, bool]] = {}
        self.sample_size = -1
        self.starts = 0

    def add_all(self, files: Any, *, sample_size: int) -> list[FileStat]:
        self.sample_size = sample_size
        return super().add_all(files, sample_size=sample_size)

    def start(self) -> None:
        self.starts += 1
        super().start()

    def record(self, path: str, size: int, seconds: float, *, analysed: bool = True) -> None:
        assert seconds > 0
        self.recorded[Path(path).name] = size, analysed
        super().record(path, size, seconds, analysed=analysed)

    @property
    def pending(self) -> int:
        return sum(map(abs, self._pending.values()))


# Counts and reports


def test_every_pending_file_is_reported_to_the_estimate(shop: Shop, estimators: list[Estimator]) -> None:
    for name, text in (("a", "one"), ("b", "two"), ("c", "unreadable"), ("d", "silence"), ("e", "one"), ("f", "three")):
        shop.put(f"{name}.mp3", text)
    summary = shop.ingest()
    [estimator] = estimators
    analysed = {name for name, (_, analysed) in estimator.recorded.items() if analysed}
    assert len(estimator.recorded) == 6
    assert analysed in ({"a.mp3", "b.mp3", "f.mp3"}, {"e.mp3", "b.mp3", "f.mp3"})
    assert estimator.recorded["c.mp3"][0] == len("unreadable")
    assert (estimator.pending, estimator.starts, estimator.sample_size) == (0, 1, 1)
    assert summary.audio_seconds == sum(map(len, ("one", "two", "three")))
    (shop.music / "a.mp3").rename(shop.music / "moved.mp3")
    shop.put("b.mp3", "two\nTitle", seconds=1)
    assert counts(shop.ingest()) == {"scanned": 6, "unchanged": 2, "updated": 1, "duplicates": 1, "failed": 2}
    assert {name: analysed for name, (_, analysed) in estimators[1].recorded.items()} == {
        "moved.mp3": False, "b.mp3": False
    }  # fmt: skip
    assert estimators[1].pending == 0


def test_progress_counts_scanned_files_and_then_processed_ones(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "SCAN_BATCH", 2)
    for i, text in enumerate(("one", "two", "unreadable", "silence", "three")):
        shop.put(f"{i}.mp3", text)
    reports: list[Progress] = []
    shop.ingest(progress=reports.append, executor=Inline)
    scanned = [report for report in reports if report.total is None]
    assert scanned == [Progress(n, None, 0, 0.0, None) for n in (2, 4, 5)]
    last = reports[-1]
    assert (last.done, last.total, last.failed, last.phase) == (5, 5, 2, "analysis")
    assert last.speed > 0
    assert last.eta == 0


def test_many_files_are_scanned_in_parts_and_sampled(
    shop: Shop, estimators: list[Estimator], monkeypatch: pytest.MonkeyPatch
) -> None:
    def many(*_: Any) -> Iterator[FileStat]:
        yield from (FileStat(str(shop.music / f"{i:04}.mp3"), 10, 1) for i in range(1001))

    monkeypatch.setattr(pipeline, "scan", many)
    no_time = replace(shop.settings, time_budget=-1)
    reports: list[Progress] = []
    summary = shop.ingest(settings=no_time, progress=reports.append)
    assert [report.done for report in reports if report.total is None] == [500, 1000, 1001]
    assert counts(summary) == {"scanned": 1001}
    assert (summary.remaining, summary.interrupted, estimators[0].sample_size) == (1001, False, 48)


def test_summary_names_a_hundred_failures(shop: Shop) -> None:
    for i in range(101):
        shop.put(f"{i:03}.mp3", "unreadable")
    summary = shop.ingest(executor=Inline)
    assert (summary.failed, len(summary.failures)) == (101, 100)


def test_failures_of_access_are_named_while_there_is_room(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "MAX_FAILURES_REPORTED", 3)
    monkeypatch.setattr(pipeline, "BATCH", 1000)
    names = [f"{i}.mp3" for i in range(6)]
    for name in names:
        shop.put(name, "unreadable" if name < "2" else name)
    closed = set(names[2:])

    def identify(path: str) -> Any:
        name = Path(path).name
        return AnalysisFailure("access", "no permission") if name in closed else identify_text(path)

    first = shop.ingest(identify=identify, executor=Inline)
    assert (first.failed, first.previously_failed, first.still_unreadable, len(first.failures)) == (6, 0, 0, 3)
    assert sorted(failure.stage for failure in first.failures) == ["access", "open", "open"]
    closed -= {"2.mp3"}
    second = shop.ingest(identify=identify, executor=Inline)
    assert (second.failed, second.previously_failed, second.still_unreadable) == (5, 5, 3)
    assert second.failures == ()


def test_unreadable_folder_fails_once_and_is_known_afterwards(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.put("a.mp3", "one")
    shop.put("closed/b.mp3", "two")
    shop.ingest()
    real, refused = os.scandir, [True]

    def refusing(path: Any) -> Any:
        if refused and Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refusing)
    found = [shop.ingest() for _ in range(2)]
    assert [(each.failed, each.previously_failed, each.still_unreadable) for each in found] == [(1, 0, 0), (1, 1, 1)]
    assert [len(each.failures) for each in found] == [1, 0]
    refused.clear()
    assert counts(shop.ingest()) == {"scanned": 2, "unchanged": 2}
    with shop.open() as catalogue:
        assert catalogue.failures() == []


def test_file_that_could_not_be_read_has_recovered(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    path = shop.put("a.mp3", "one")
    shop.put("b.mp3", "two")
    shop.ingest()

    def failing(*arguments: Any) -> Iterator[Any]:
        for file in scan(*arguments):
            assert isinstance(file, FileStat)
            yield FailedFile(file, "scan", "Input/output error") if file.path == str(path) else file

    monkeypatch.setattr(pipeline, "scan", failing)
    assert counts(shop.ingest()) == {"scanned": 2, "unchanged": 1, "failed": 1}
    monkeypatch.undo()
    assert counts(shop.ingest()) == {"scanned": 2, "unchanged": 2}
    with shop.open() as catalogue:
        assert catalogue.failures() == []


def test_skipped_files_are_left_for_a_later_ingest(shop: Shop) -> None:
    for name in ("a.mp3", "b.mp3"):
        shop.put(name, name)
    summary = shop.ingest(skip=lambda file: file.path.endswith("b.mp3"))
    assert counts(summary) == {"scanned": 2, "new": 1}
    assert summary.remaining == 1
    assert counts(shop.ingest()) == {"scanned": 2, "new": 1, "unchanged": 1}


def test_failures_of_the_scan_are_not_skipped(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = FailedFile(FileStat(str(shop.music / "closed"), 0, 0), "scan", "Permission denied")
    monkeypatch.setattr(pipeline, "scan", lambda *_: iter([broken]))
    reports: list[Progress] = []
    summary = shop.ingest(skip=lambda file: True, progress=reports.append)
    assert (summary.failed, summary.remaining, summary.failures[0].reason) == (1, 0, "Permission denied")
    assert reports[-1].eta is None
    shop.put("a.mp3", "one")
    monkeypatch.undo()
    shop.ingest()
    monkeypatch.setattr(pipeline, "scan", lambda *_: iter([broken]))  # and no file
    with pytest.raises(NotFound, match="has no audio files, but the library has 1 file under it"):
        shop.ingest()


def test_only_some_folders_are_compared(shop: Shop) -> None:
    a, b = shop.put("a/1.mp3", "one"), shop.put("b/2.mp3", "two")
    shop.ingest()
    for path in (a, b):
        path.unlink()
    summary = shop.ingest(only_folders=[shop.music / "a"])
    assert (summary.missing, summary.removed, summary.changes[0].path) == (1, 1, str(a))
    with shop.open() as catalogue:
        assert len(catalogue.missing_ids()) == 1


def test_folders_are_remembered_as_roots_and_files_are_not(shop: Shop) -> None:
    path = shop.put("a.mp3", "one")
    shop.ingest(path)
    with shop.open() as catalogue:
        assert catalogue.roots() == []
    shop.ingest(shop.music, shop.music)
    with shop.open() as catalogue:
        assert catalogue.roots() == [str(shop.music)]


def test_interrupted_ingest_marks_nothing_as_missing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.mp3", "b.mp3"):
        shop.put(name, name)
    shop.ingest()
    (shop.music / "a.mp3").unlink()
    shop.put("c.mp3", "three")

    def interrupt(progress: Progress) -> None:
        if progress.total is not None:
            raise KeyboardInterrupt

    dropped: list[Catalogue] = []
    monkeypatch.setattr(Catalogue, "drop_older", lambda self: dropped.append(self))
    summary = shop.ingest(shop.music / "b.mp3", shop.music, progress=interrupt)
    assert (summary.interrupted, summary.missing, summary.removed) == (True, 0, 0)
    with shop.open() as catalogue:
        assert len(catalogue.missing_ids()) == 0
    assert dropped == []
    assert (shop.ingest().missing, shop.ingest().interrupted, len(dropped)) == (1, False, 2)


def test_credits_are_completed_where_something_was_stored(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    changed: list[bool] = []
    monkeypatch.setattr(Catalogue, "complete_credits", lambda self, **options: changed.append(options["changed"]))
    shop.put("a.mp3", "one")
    shop.ingest()
    shop.ingest()
    shop.put("b.mp3", "unreadable")
    shop.ingest()
    monkeypatch.setattr("recsys.ingest.rereading.reread_file", lambda _: Reread(Tags(title="again")))
    read_by_an_older_version(shop, "a.mp3")
    assert shop.ingest().reread == 1
    assert changed == [True, False, True, True]


def read_by_an_older_version(shop: Shop, *names: str) -> None:
    paths = [str(shop.music / name) for name in names]
    with shop.open() as catalogue, engine.writing(catalogue._engine) as connection:
        connection.execute(update(file_table).where(file_table.c.path.in_(paths)).values(tag_version=0))


def test_rereading_counts_what_it_read_and_leaves_the_rest_to_be_processed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = {
        "a.mp3": Reread(Tags(title="again")),
        "b.mp3": AnalysisFailure("access", "no permission"),
        "c.mp3": AnalysisFailure("open", "damaged"),
        "d.mp3": Reread(Tags(), audio_hash="other"),
    }
    shop.put("e.mp3", "one")
    shop.ingest()
    for name in results:
        shop.put(name, "one" if name == "d.mp3" else name)  # a copy of e.mp3, which keeps the recording
    shop.ingest()
    shop.put("f.mp3", "new")
    read_by_an_older_version(shop, *results)
    monkeypatch.setattr("recsys.ingest.rereading.reread_file", lambda path: results[Path(path).name])
    reports: list[Progress] = []
    summary = shop.ingest(progress=reports.append)
    assert counts(summary) == {"scanned": 6, "new": 1, "unchanged": 1, "updated": 1, "failed": 2}
    assert (summary.reread, summary.remaining) == (1, 0)
    assert [Path(failure.path).name for failure in summary.failures] == ["b.mp3", "c.mp3"]
    assert (reports[-1].done, reports[-1].total) == (4, 4)


# Recordings that are known


def test_moved_file_whose_place_another_one_has_taken(shop: Shop) -> None:
    a, _ = shop.put("a.mp3", "one"), shop.put("c.mp3", "three")
    shop.ingest()
    with shop.open() as catalogue:
        track = catalogue.resolve(str(a)).id
    a.rename(shop.music / "b.mp3")
    shop.put("a.mp3", "other", seconds=9)
    summary = shop.ingest(executor=Inline)
    assert counts(summary) == {"scanned": 3, "new": 1, "moved": 1, "unchanged": 1}
    assert sorted(summary.changes) == [("moved", str(shop.music / "b.mp3"), None), ("new", str(a), None)]
    with shop.open() as catalogue:
        assert catalogue.resolve(str(shop.music / "b.mp3")).id == track != catalogue.resolve(str(a)).id


def test_copy_and_move_at_once(shop: Shop) -> None:
    """One of two files of a recording is moved: the other is where it was, so the new one is a copy."""
    a = shop.put("a.mp3", "one")
    shop.put("b.mp3", "one")
    shop.ingest()
    a.rename(shop.music / "c.mp3")
    summary = shop.ingest()
    assert counts(summary) == {"scanned": 2, "unchanged": 1, "duplicates": 1}
    assert sorted(summary.changes) == [("duplicates", str(shop.music / "c.mp3"), None), ("removed", str(a), None)]
    for old, new in (("b", "d"), ("c", "e")):
        (shop.music / f"{old}.mp3").rename(shop.music / f"{new}.mp3")
    summary = shop.ingest(executor=Inline)
    assert (summary.moved + summary.duplicates, summary.missing, summary.removed) == (2, 0, 0)
    with shop.open() as catalogue:
        [track] = catalogue.tracks()
        assert sorted(map(os.path.basename, track.paths)) == ["d.mp3", "e.mp3"]


def later(shop: Shop, analyse: Callable[[str], Any] = analyse_text, *, compatible: bool = True) -> Any:
    """An ingest with the next version, whose analyses are ``analyse``."""
    versions = [VERSION] if compatible else []
    with Catalogue.open(shop.settings.database, feature_version=VERSION + 1, compatible=versions) as catalogue:
        summary = pipeline.ingest(
            [shop.music], catalogue, shop.settings, executor=Inline, identify=identify_text, analyse=analyse
        )
        return summary, {Path(track.path).name: track for track in catalogue.tracks()}


def by_next_version(path: str) -> Any:
    result: Any = analyse_text(path)
    return replace(result, analysis=replace(result.analysis, version=VERSION + 1))


def test_outdated_recordings_are_analysed_again_where_they_are(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.put("b.mp3", "two")
    path = shop.put("a.mp3", "one")
    shop.ingest()
    path.rename(shop.music / "moved.mp3")
    stored: list[int] = []
    store = Catalogue.store

    def recorded(self: Catalogue, entries: Any = (), failures: Any = ()) -> None:
        stored.append(sum(entry.result is None for entry in entries))
        store(self, entries, failures)

    monkeypatch.setattr(Catalogue, "store", recorded)
    summary, tracks = later(shop, lambda _: AnalysisFailure("decode", "damaged"))
    assert (summary.failed, summary.reanalysed, summary.missing, summary.outdated) == (2, 0, 0, 0)
    assert (summary.scanned, summary.remaining, summary.removed) == (2, 0, 0)
    assert sorted(tracks) == ["b.mp3", "moved.mp3"]  # at its new path at once
    assert sum(stored) == 1
    shop.put("b.mp3", "two\nTitle", seconds=3)  # its path is known
    summary, _ = later(shop, by_next_version)
    assert counts(summary) == {"scanned": 2, "failed": 1}
    assert (summary.reanalysed, summary.audio_seconds) == (1, 3.0)
    with Catalogue.open(shop.settings.database, feature_version=VERSION + 1, compatible=[VERSION]) as catalogue:
        catalogue.clear_failures()
    summary, _ = later(shop, by_next_version)
    assert (summary.reanalysed, summary.unchanged, summary.outdated) == (1, 1, 0)


def test_recordings_of_a_version_that_is_not_compatible_are_new(shop: Shop) -> None:
    path = shop.put("a.mp3", "one")
    shop.ingest()
    path.rename(shop.music / "moved.mp3")
    summary, tracks = later(shop, lambda _: AnalysisFailure("decode", "damaged"), compatible=False)
    assert (summary.failed, list(tracks)) == (1, [])  # nothing is stored without its analysis
    with Catalogue.open(shop.settings.database, feature_version=VERSION + 1) as catalogue:
        catalogue.clear_failures()
    summary, tracks = later(shop, by_next_version, compatible=False)
    assert (summary.new, summary.reanalysed, list(tracks)) == (1, 0, ["moved.mp3"])
