"""The pipeline on files whose sound is their text: every file accounted for, nothing analysed twice."""

import os
import shutil
import sys
from collections import Counter
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from fake_analysers import abort, analyse_or_crash, analyse_text, hang, identify_text
from hypothesis import given, settings
from hypothesis import strategies as st
from make_entries import VERSION

from recsys.config import Settings
from recsys.database.catalogue import Catalogue
from recsys.database.claims import Claims
from recsys.domain.audio import AnalysisResult, Identity
from recsys.domain.results import IngestSummary, Progress
from recsys.errors import LibraryBusy, NotFound, RecsysError
from recsys.ingest.executors import BoundedExecutor, Job
from recsys.ingest.pipeline import ingest
from recsys.ingest.process_pool import ProcessPool
from recsys.ingest.worker import AnalysisFailure


def threads() -> Executor:
    return ThreadPoolExecutor(2)


class Shop:
    """A folder of texts, a catalogue, and an ingest that counts how often it listens."""

    def __init__(self, folder: Path) -> None:
        self.music = folder / "music"
        self.music.mkdir()
        self.settings = Settings(home=folder, database=f"sqlite:///{folder / 'library.db'}", jobs=2)
        self.analyses: list[str] = []

    def put(self, name: str, text: str, *, seconds: int = 0) -> Path:
        path = self.music / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        os.utime(path, (1_700_000_000 + seconds,) * 2)
        return path

    def open(self) -> Catalogue:
        return Catalogue.open(self.settings.database, feature_version=VERSION)

    def ingest(self, *roots: Path, **options: Any) -> IngestSummary:
        def analyse(path: str) -> Any:
            self.analyses.append(Path(path).name)
            return analyse_text(path)

        defaults: dict[str, Any] = {"executor": threads, "identify": identify_text, "analyse": analyse}
        settings = options.pop("settings", self.settings)
        with self.open() as catalogue:
            return ingest(roots or (self.music,), catalogue, settings, **{**defaults, **options})


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def counts(summary: IngestSummary) -> dict[str, int]:
    names = ("scanned", "new", "unchanged", "updated", "moved", "duplicates", "missing", "failed", "skipped")
    return {name: n for name in names if (n := getattr(summary, name))}


def test_new_files_are_analysed_once(shop: Shop) -> None:
    shop.put("a.mp3", "one")
    shop.put("b/c.flac", "two")
    assert counts(shop.ingest()) == {"scanned": 2, "new": 2}
    assert counts(shop.ingest()) == {"scanned": 2, "unchanged": 2}
    assert sorted(shop.analyses) == ["a.mp3", "c.flac"]


def test_unchanged_library_opens_no_audio_file(shop: Shop) -> None:
    for i in range(5):
        shop.put(f"{i}.mp3", f"sound {i}")
    shop.ingest()
    opened: list[str] = []

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if watching and event == "open" and str(arguments[0]).endswith(".mp3"):
            opened.append(str(arguments[0]))

    watching = True
    sys.addaudithook(watch)
    try:
        assert shop.ingest().unchanged == 5
    finally:
        watching = False
    assert opened == []


def test_two_files_of_one_recording_are_analysed_once(shop: Shop) -> None:
    for name in ("a.mp3", "b.mp3", "c.mp3"):
        shop.put(name, "same")
    assert counts(shop.ingest()) == {"scanned": 3, "new": 1, "duplicates": 2}
    assert len(shop.analyses) == 1
    with shop.open() as catalogue:
        [track] = catalogue.tracks()
        assert len(track.paths) == 3


def test_summary_names_what_changed(shop: Shop) -> None:
    a, b, c = (shop.put(name, name) for name in ("a.mp3", "b.mp3", "c.mp3"))
    added = shop.ingest()
    assert sorted(added.changes) == [("new", str(path), None) for path in (a, b, c)]
    moved = shop.music / "moved.mp3"
    a.rename(moved)
    b.unlink()
    copy = shop.put("copy.mp3", "c.mp3")
    summary = shop.ingest()
    assert sorted(summary.changes) == [
        ("duplicates", str(copy), None), ("moved", str(moved), str(a)), ("removed", str(b), None),
    ]  # fmt: skip
    assert (summary.removed, summary.missing) == (1, 1)
    again = shop.ingest()
    assert (again.changes, again.removed, again.missing) == ((), 0, 1)


def test_summary_names_a_limited_number_of_changes(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.ingest.changes.MAX_CHANGES_REPORTED", 2)
    files = [shop.put(f"{i}.mp3", str(i)) for i in range(4)]
    assert len(shop.ingest().changes) == 2
    for file in files[1:]:
        file.unlink()
    summary = shop.ingest()
    assert (len(summary.changes), summary.removed) == (2, 3)


def test_moved_file_keeps_its_id_and_rating(shop: Shop) -> None:
    old = shop.put("a.mp3", "one")
    shop.put("other.mp3", "two")
    shop.ingest()
    with shop.open() as catalogue:
        before = catalogue.resolve(str(old))
        catalogue.set_rating([before.id], 1)
    (shop.music / "new").mkdir()
    new = shop.music / "new" / "renamed.mp3"
    old.rename(new)
    assert counts(shop.ingest()) == {"scanned": 2, "unchanged": 1, "moved": 1}
    with shop.open() as catalogue:
        after = catalogue.resolve(str(new))
        assert (after.id, after.paths, catalogue.rated_tracks()) == (before.id, (str(new),), {before.id: 1})
    assert shop.analyses.count("renamed.mp3") == 0


def test_retagged_file_is_updated_without_analysis(shop: Shop) -> None:
    shop.put("a.mp3", "one\nOld title")
    shop.ingest()
    shop.put("a.mp3", "one\nNew title", seconds=5)
    assert counts(shop.ingest()) == {"scanned": 1, "updated": 1}
    with shop.open() as catalogue:
        assert [track.title for track in catalogue.tracks()] == ["New title"]
    assert shop.analyses == ["a.mp3"]


def test_replaced_file_is_another_track(shop: Shop) -> None:
    shop.put("a.mp3", "one")
    shop.ingest()
    shop.put("a.mp3", "two", seconds=5)
    summary = shop.ingest()
    assert (summary.new, summary.scanned) == (1, 1)
    assert shop.analyses == ["a.mp3", "a.mp3"]


def test_deleted_file_is_missing_until_it_reappears(shop: Shop) -> None:
    path = shop.put("a.mp3", "one")
    shop.put("b.mp3", "two")
    shop.ingest()
    path.unlink()
    assert counts(shop.ingest()) == {"scanned": 1, "unchanged": 1, "missing": 1}
    shop.put("a.mp3", "one")
    assert counts(shop.ingest()) == {"scanned": 2, "unchanged": 1, "updated": 1}
    assert sorted(shop.analyses) == ["a.mp3", "b.mp3"]


def test_empty_root_with_stored_files_changes_nothing(shop: Shop) -> None:
    shop.put("a.mp3", "one")
    shop.ingest()
    shutil.rmtree(shop.music)
    with pytest.raises(NotFound, match=r"does not exist, but the library has 1 file under it; .*drive not mounted"):
        shop.ingest()
    shop.music.mkdir()
    with pytest.raises(NotFound, match=r"has no audio files, but the library has 1 file under it; nothing was changed"):
        shop.ingest()
    with shop.open() as catalogue:
        assert catalogue.count().missing == 0


def test_files_of_an_unreadable_folder_are_not_missing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.put("a/1.mp3", "one")
    shop.put("b/2.mp3", "two")
    shop.ingest()
    real = os.scandir

    def refusing(path: Path) -> object:
        if Path(path).name == "a":
            raise OSError(5, "Input/output error")
        return real(path)

    monkeypatch.setattr(os, "scandir", refusing)
    summary = shop.ingest()
    assert (summary.missing, summary.failed, summary.unchanged) == (0, 1, 1)
    monkeypatch.setattr(os, "scandir", real)
    assert counts(shop.ingest()) == {"scanned": 2, "unchanged": 2}


def test_link_to_an_unmounted_drive_changes_nothing(shop: Shop, tmp_path: Path) -> None:
    shop.put("a.mp3", "one")
    link = tmp_path / "link"
    link.symlink_to(shop.music)
    shop.ingest(link)
    shop.music.rename(tmp_path / "away")
    with pytest.raises(NotFound, match=r"does not exist, but the library has 1 file under it"):
        shop.ingest(link)


def test_thousands_of_roots(shop: Shop) -> None:
    paths = [shop.put(f"{i}.mp3", "unreadable") for i in range(1500)]
    assert shop.ingest(*paths).failed == 1500
    assert shop.ingest(*paths, retry=True).failed == 1500


def test_root_that_does_not_exist_is_not_found(shop: Shop) -> None:
    with pytest.raises(NotFound, match="nowhere does not exist"):
        shop.ingest(shop.music / "nowhere")


def test_failures_are_retried_on_request_or_change_only(shop: Shop) -> None:
    shop.put("bad.mp3", "unreadable")
    shop.put("quiet.mp3", "silence")
    shop.put("good.mp3", "one")
    summary = shop.ingest()
    assert counts(summary) == {"scanned": 3, "new": 1, "failed": 2}
    assert {(Path(f.path).name, f.stage) for f in summary.failures} == {
        ("bad.mp3", "open"),
        ("quiet.mp3", "trim"),
    }
    assert counts(shop.ingest()) == {"scanned": 3, "unchanged": 1, "failed": 2}
    assert shop.analyses.count("quiet.mp3") == 1
    assert counts(shop.ingest(retry=True)) == {"scanned": 3, "unchanged": 1, "failed": 2}
    assert shop.analyses.count("quiet.mp3") == 2
    with shop.open() as catalogue:
        assert {Path(f.path).name: f.attempts for f in catalogue.failures()} == {"bad.mp3": 2, "quiet.mp3": 2}
    shop.put("bad.mp3", "mended", seconds=5)
    assert shop.ingest().new == 1
    with shop.open() as catalogue:
        assert [Path(f.path).name for f in catalogue.failures()] == ["quiet.mp3"]


def test_copy_is_analysed_when_the_first_file_fails(shop: Shop) -> None:
    shop.put("a.mp3", "one")
    shop.put("b.mp3", "one")

    def damaged_at_first(path: str) -> Any:
        shop.analyses.append(path)
        return analyse_text(path) if len(shop.analyses) > 1 else AnalysisFailure("decode", "damaged")

    summary = shop.ingest(analyse=damaged_at_first)
    assert (summary.new, summary.failed, summary.scanned) == (1, 1, 2)


def test_all_copies_are_stored_when_the_first_files_fail(shop: Shop) -> None:
    names = ["a.mp3", "b.mp3", "c.mp3", "d.mp3", "e.mp3"]
    for name in names:
        shop.put(name, "one")
    identified, all_identified = [], Event()

    def identify(path: str) -> Any:
        identified.append(path)
        if len(identified) == len(names):
            all_identified.set()
        return identify_text(path)

    def damaged_twice(path: str) -> Any:
        assert all_identified.wait(60)  # in one thread; the other identifies
        shop.analyses.append(path)
        return analyse_text(path) if len(shop.analyses) > 2 else AnalysisFailure("decode", "damaged")

    summary = shop.ingest(identify=identify, analyse=damaged_twice)
    assert (summary.new, summary.duplicates, summary.failed, summary.scanned) == (1, 2, 2, 5)
    assert sorted(map(os.path.basename, identified)) == names
    assert len(set(shop.analyses)) == 3


def test_durations_out_of_bounds_are_skipped_with_a_reason(shop: Shop) -> None:
    shop.put("short.mp3", "x" * 3)
    shop.put("right.mp3", "x" * 50)
    shop.put("long.mp3", "x" * 500)
    settings = Settings(home=shop.settings.home, database=shop.settings.database, min_duration=10, max_duration=100)
    assert counts(shop.ingest(settings=settings)) == {"scanned": 3, "new": 1, "skipped": 2}
    assert counts(shop.ingest(settings=settings)) == {"scanned": 3, "unchanged": 1, "skipped": 2}
    with shop.open() as catalogue:
        reasons = {Path(f.path).name: f.reason for f in catalogue.failures()}
    assert "shorter than the minimum duration of 10 s" in reasons["short.mp3"]
    assert "longer than the maximum duration of 100 s" in reasons["long.mp3"]
    assert counts(shop.ingest(retry=True)) == {"scanned": 3, "new": 2, "unchanged": 1}


def test_interrupted_ingest_keeps_finished_files_and_resumes(shop: Shop) -> None:
    for i in range(30):
        shop.put(f"{i:02}.mp3", f"sound {i}")

    def stop(progress: Progress) -> None:
        if progress.total and progress.done >= 10:
            raise KeyboardInterrupt

    first = shop.ingest(progress=stop)
    assert first.interrupted
    assert 10 <= first.new < 30
    second = shop.ingest()
    assert (second.unchanged, second.new) == (first.new, 30 - first.new)


def test_progress_has_the_total_and_ends_at_it(shop: Shop) -> None:
    for i in range(12):
        shop.put(f"{i}.mp3", f"sound {i}")
    reports: list[Progress] = []
    shop.ingest(progress=reports.append)
    assert reports[-1].done == reports[-1].total == 12
    at_work = [progress for progress in reports if progress.total is not None]
    assert all(a.done <= b.done for a, b in pairwise(at_work))


def test_random_sample_comes_first_and_the_rest_by_path(shop: Shop) -> None:
    """Or the first minute would know the price of the first folder only."""
    names = [f"{i:03}.mp3" for i in range(100)]
    for name in names:
        shop.put(name, f"sound of {name}")
    opened: list[str] = []

    def identify(path: str, *arguments: Any) -> Any:
        opened.append(Path(path).name)
        return identify_text(path, *arguments)

    assert shop.ingest(identify=identify, executor=partial(ThreadPoolExecutor, 1)).new == 100
    sample, rest = opened[:25], opened[25:]
    assert rest == sorted(rest)
    assert sorted(opened) == names
    in_quarters = Counter(int(name[:3]) // 25 for name in sample)
    assert all(in_quarters[quarter] >= 3 for quarter in range(4))


def test_second_concurrent_ingest_is_refused(shop: Shop) -> None:
    shop.put("a.mp3", "one")
    with (
        shop.open() as catalogue,
        catalogue.writing(),
        pytest.raises(LibraryBusy, match="another ingest"),
    ):
        shop.ingest()
    assert shop.ingest().new == 1


def test_only_files_whose_hash_had_another_definition_are_hashed_by_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("recsys.ingest.pipeline.hash_file_formerly", lambda path: asked.append(Path(path).name))

    def identify(path: str) -> Any:
        identity = identify_text(path)
        assert isinstance(identity, Identity)
        return replace(identity, had_former_hash=path.endswith(".caf"))

    for name, text in (("a.mp3", "one"), ("a.caf", "two"), ("b.caf", "three")):
        shop.put(name, text)
    shop.ingest(identify=identify)
    assert asked == []
    for name in ("a.mp3", "a.caf", "new.caf"):  # of changed files, the audio may be that of the stored ones
        shop.put(name, f"other {name}", seconds=1)
    shop.ingest(identify=identify)
    assert asked == ["a.caf"]


def test_claims_of_stored_and_failed_files_end_when_they_are_stored(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    released: list[str] = []
    monkeypatch.setattr(Claims, "release", lambda self, paths=None: released.extend(paths or ()))
    for name, text in (("a.mp3", "one"), ("b.mp3", "unreadable"), ("c.mp3", "silence"), ("d.mp3", "two")):
        shop.put(name, text)
    shop.ingest()
    assert sorted(Path(path).name for path in released) == ["a.mp3", "b.mp3", "c.mp3", "d.mp3"]


def test_worker_crash_costs_one_file(shop: Shop) -> None:
    shop.put("bomb.mp3", "bomb")
    for i in range(8):
        shop.put(f"{i}.mp3", f"sound {i}")
    summary = shop.ingest(executor=lambda: ProcessPool(2), analyse=analyse_or_crash)
    assert counts(summary) == {"scanned": 9, "new": 8, "failed": 1}
    [failure] = summary.failures
    assert failure.path.endswith("bomb.mp3")
    assert "SIGSEGV" in failure.reason


def test_workers_that_cannot_start_raise_and_store_no_failure(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.put("a.mp3", "one")
    monkeypatch.setattr("recsys.ingest.process_pool._work", abort)
    with pytest.raises(RecsysError, match="worker processes cannot be started"):
        shop.ingest(executor=lambda: ProcessPool(1), analyse=analyse_text)
    with shop.open() as catalogue:
        assert catalogue.failures() == []


def test_interrupt_does_not_wait_for_hanging_files() -> None:
    crew = BoundedExecutor(ProcessPool(1), 1)
    with crew:
        crew.submit(Job(hang, "x"))
        assert list(crew.results(timeout=0.5)) == []
        crew.cancel()
    assert crew.in_flight == 0


@settings(max_examples=12)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcdef"), st.sampled_from(["one", "two", "unreadable", "silence"])),
        max_size=8,
    )
)
def test_counts_of_a_summary_add_up(tmp_path_factory: pytest.TempPathFactory, files: list[tuple[str, str]]) -> None:
    shop = Shop(tmp_path_factory.mktemp("shop"))
    for name, text in files:
        shop.put(f"{name}.mp3", text)
    texts = dict(files)
    for _ in range(2):
        summary = shop.ingest()
        assert summary.scanned == len(texts)
        assert summary.failed == sum(text in ("unreadable", "silence") for text in texts.values())
    sounds = {text for text in texts.values() if text in ("one", "two")}
    with shop.open() as catalogue:
        assert catalogue.count().tracks == len(sounds)
    assert all(
        isinstance(analyse_text(str(shop.music / f"{n}.mp3")), AnalysisResult) for n, t in texts.items() if t in sounds
    )
