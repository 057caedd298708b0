"""A library of an older feature version answers with what it has, and loses nothing, while it is analysed again."""

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_analysers import identify_text
from make_entries import VERSION, make_outcome
from sqlalchemy import func, select
from synthetic_library import unit

from recsys.config import Settings
from recsys.database import engine
from recsys.database.catalogue import Catalogue
from recsys.database.tables import vector
from recsys.domain.audio import AnalysisResult, FileStat, Identity
from recsys.domain.results import IngestSummary
from recsys.ingest.pipeline import ingest
from recsys.ingest.scan import scan
from recsys.ingest.worker import AnalysisFailure
from recsys.recommend import index_update
from recsys.recommend.index_update import load_or_update_index

OLD, NEW = VERSION - 1, VERSION
READER = """
import sys
from recsys.database.catalogue import Catalogue
with Catalogue.open(sys.argv[1], feature_version=int(sys.argv[2]), compatible=[int(sys.argv[2]) - 1]) as catalogue:
    print(len(catalogue.ids()), len(catalogue.vectors()[0]), sum(track.analysed for track in catalogue.tracks()))
"""


def one_thread() -> Executor:
    return ThreadPoolExecutor(1)


class Collection:
    """Files whose sound is their text, analysed for one version and then for another."""

    def __init__(self, folder: Path) -> None:
        self.music = folder / "music"
        self.music.mkdir()
        self.settings = Settings(home=folder, database=f"sqlite:///{folder / 'library.db'}", jobs=1)
        self.analyses: list[str] = []

    def put(self, *names: str) -> None:
        for name in names:
            path = self.music / f"{name}.mp3"
            path.write_text(name, encoding="utf-8")
            os.utime(path, (1_700_000_000,) * 2)

    def open(self, version: int = NEW) -> Catalogue:
        return Catalogue.open(self.settings.database, feature_version=version, compatible=[version - 1])

    def ingest(
        self, version: int = NEW, *, then: Callable[[str], Any] = lambda _: None, **options: Any
    ) -> IngestSummary:
        """``then`` is called with the name of each file that is analysed, and may return what came of it."""

        def analyse(path: str) -> AnalysisResult | AnalysisFailure:
            name = Path(path).stem
            self.analyses.append(name)
            return then(name) or outcome(name, version)

        defaults: dict[str, Any] = {"executor": one_thread, "identify": identify_text, "analyse": analyse}
        with self.open(version) as catalogue:
            return ingest([self.music], catalogue, self.settings, **{**defaults, **options})

    def rows(self) -> dict[int, int]:
        """How many vectors are stored of each version."""
        with self.open() as catalogue, engine.reading(catalogue._engine) as connection:
            n = func.count().label("n")
            query = select(vector.c.feature_version, n).group_by(vector.c.feature_version)
            return {row.feature_version: row.n for row in connection.execute(query)}

    def vectors(self) -> dict[str, np.ndarray]:
        """What each file answers with."""
        with self.open() as catalogue:
            ids, vectors = catalogue.vectors()
            tracks = catalogue.tracks_by_id(ids)
            return {Path(tracks[i].path).stem: found for i, found in zip(ids.tolist(), vectors, strict=True)}


def outcome(name: str, version: int) -> AnalysisResult:
    """The sound of a file: of both versions nearly the same."""
    made = make_outcome(sum(name.encode()), version=version)
    return replace(made, normalised=made.normalised + np.float32(0.001 * version))


@pytest.fixture(autouse=True)
def _plain_similarity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_update, "similarity_vectors", unit)


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    made = Collection(tmp_path)
    for name in "abcd":  # one by one: their ids are 1 to 4
        made.put(name)
        made.ingest(OLD)
    made.analyses.clear()
    with made.open(OLD) as catalogue:
        catalogue.set_rating([2], 1)
    return made


def interrupt_after(n: int) -> Callable[[str], None]:
    left = iter(range(n))

    def then(_: str) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt

    return then


def test_old_analyses_are_read_before_the_new_ingest(collection: Collection) -> None:
    with collection.open() as catalogue:
        assert catalogue.outdated() == 4
        assert catalogue.ids().tolist() == [1, 2, 3, 4]
        assert [track.analysed for track in catalogue.tracks()] == [True] * 4
        assert [track.bpm for track in catalogue.tracks()] == [120.0] * 4
        assert len(catalogue.summaries()) == catalogue.count().analysed == 4
        assert catalogue.track_details(1)["feature_version"] == OLD
        assert len(catalogue.windows(1)[0]) == 3
        assert len(catalogue.track_edges([1, 2]).overall) == 2
    for name, found in collection.vectors().items():
        np.testing.assert_array_equal(found, outcome(name, OLD).normalised)


def test_old_analyses_are_deleted_after_the_new_ingest(collection: Collection) -> None:
    with collection.open(OLD) as before:
        tracks = before.tracks()
    summary = collection.ingest()
    assert (summary.reanalysed, summary.new, summary.unchanged, summary.outdated) == (4, 0, 0, 0)
    assert collection.rows() == {NEW: 4}
    with collection.open() as catalogue:
        assert catalogue.tracks() == tracks
        assert catalogue.rated_tracks() == {2: 1}
    for name, found in collection.vectors().items():
        np.testing.assert_array_equal(found, outcome(name, NEW).normalised)
    again = collection.ingest()
    assert (again.unchanged, again.reanalysed) == (4, 0)
    assert sorted(collection.analyses) == ["a", "b", "c", "d"]


def test_interrupted_ingest_reads_both_versions_and_resumes(collection: Collection) -> None:
    summary = collection.ingest(then=interrupt_after(3))
    assert summary.interrupted
    assert 1 <= summary.reanalysed <= 3, "the last ones may have been on their way"
    assert summary.outdated == 4 - summary.reanalysed
    assert collection.rows() == {OLD: 4, NEW: summary.reanalysed}, "nothing is deleted before all is done"
    found = collection.vectors()
    assert sorted(found) == ["a", "b", "c", "d"]
    versions = {name: OLD if np.array_equal(v, outcome(name, OLD).normalised) else NEW for name, v in found.items()}
    for name, version in versions.items():
        np.testing.assert_array_equal(found[name], outcome(name, version).normalised)
    done = {name for name, version in versions.items() if version == NEW}
    assert len(done) == summary.reanalysed
    collection.analyses.clear()
    assert collection.ingest().reanalysed == 4 - len(done)
    assert set(collection.analyses) == {"a", "b", "c", "d"} - done
    assert collection.rows() == {NEW: 4}


def test_new_files_are_analysed_before_outdated_ones(collection: Collection) -> None:
    collection.put("z")
    with collection.open() as catalogue, catalogue.open_scan() as survey:
        survey.record([file for file in scan(collection.music, ()) if isinstance(file, FileStat)])
        compared = survey.compare(retry=False)
        assert (compared.todo, compared.outdated) == (1, 4)
        todo = [file.path for file in survey.changed() if isinstance(file, FileStat)]
    assert [Path(path).stem for path in todo] == ["z", "a", "b", "c", "d"]


def test_new_files_are_read_among_old_ones(collection: Collection) -> None:
    collection.put("z")
    collection.ingest(then=lambda name: None if name == "z" else AnalysisFailure("worker", "not now"), retry=False)
    assert sorted(collection.vectors()) == ["a", "b", "c", "d", "z"]
    assert collection.rows() == {OLD: 4, NEW: 1}


def test_open_readers_continue(collection: Collection, tmp_path: Path) -> None:
    with collection.open() as reader:
        index = tmp_path / "library.db.faiss"
        assert load_or_update_index(index, reader, feature_version=NEW)
        seen: list[int] = []
        collection.ingest(then=lambda _: seen.append(len(reader.vectors()[0])))
        assert seen == [4] * 4
        assert len(reader.ids()) == len(reader.vectors()[0]) == 4, "also after the old is deleted"
        assert np.all(reader.vectors()[1] == np.stack([outcome(n, NEW).normalised for n in "abcd"]))


def test_another_process_reads_during_the_ingest(collection: Collection) -> None:
    printed: list[str] = []

    def look(name: str) -> None:
        if name == "c":
            command = [sys.executable, "-c", READER, collection.settings.database, str(NEW)]
            printed.append(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())

    collection.ingest(then=look)
    assert printed == ["4 4 4"]


def test_missing_tracks_keep_the_old_analysis(collection: Collection) -> None:
    (collection.music / "b.mp3").rename(collection.music.parent / "b.mp3")
    summary = collection.ingest()
    assert (summary.reanalysed, summary.missing, summary.outdated) == (3, 1, 0)
    assert collection.rows() == {OLD: 1, NEW: 3}
    with collection.open() as catalogue:
        assert len(catalogue.vectors()[0]) == 4
        assert catalogue.rated_tracks() == {2: 1}
    (collection.music.parent / "b.mp3").rename(collection.music / "b.mp3")
    assert collection.ingest().reanalysed == 1
    assert collection.rows() == {NEW: 4}
    with collection.open() as catalogue:
        assert {Path(track.path).stem: track.id for track in catalogue.tracks()}["b"] == 2


def test_failed_tracks_keep_the_old_analysis(collection: Collection) -> None:
    refuse = AnalysisFailure("decode", "it is damaged")
    summary = collection.ingest(then=lambda name: refuse if name == "b" else None)
    assert (summary.reanalysed, summary.failed, summary.outdated) == (3, 1, 0)
    assert collection.rows() == {OLD: 1, NEW: 3}
    with collection.open() as catalogue:
        assert catalogue.ids().tolist() == [1, 2, 3, 4]
        assert catalogue.rated_tracks() == {2: 1}
    assert collection.ingest().reanalysed == 0


def test_other_versions_are_not_read(collection: Collection) -> None:
    with Catalogue.open(collection.settings.database, feature_version=NEW) as catalogue:
        assert len(catalogue.ids()) == len(catalogue.vectors()[0]) == catalogue.outdated() == 0
    with collection.open(NEW + 1) as catalogue:
        assert len(catalogue.ids()) == 0


# An audio hash that changed


def rehashed(**others: str) -> Callable[[str], Identity | AnalysisFailure]:
    """Names the same sounds in another way."""

    def identify(path: str) -> Identity | AnalysisFailure:
        found = identify_text(path)
        assert isinstance(found, Identity)
        return replace(found, audio_hash=others.get(Path(path).stem, f"new {found.audio_hash}"))

    return identify


def test_changed_hash_keeps_id_and_rating(collection: Collection) -> None:
    summary = collection.ingest(identify=rehashed())
    assert (summary.reanalysed, summary.new, summary.missing) == (4, 0, 0)
    with collection.open() as catalogue:
        assert {Path(track.path).stem: track.id for track in catalogue.tracks()} == {"a": 1, "b": 2, "c": 3, "d": 4}
        assert [catalogue.track_details(i)["audio_hash"] for i in range(1, 5)] == ["new a", "new b", "new c", "new d"]
        assert catalogue.rated_tracks() == {2: 1}
        assert len(catalogue.missing_ids()) == 0


def test_other_audio_at_the_path_is_another_track(collection: Collection) -> None:
    (collection.music / "b.mp3").write_text("another", encoding="utf-8")
    collection.ingest()
    with collection.open() as catalogue:
        assert [track.id for track in catalogue.tracks_by_id([2, 5]).values() if not track.missing] == [5]


def test_merged_recordings_keep_the_rated_id(collection: Collection, tmp_path: Path) -> None:
    with collection.open() as catalogue:
        assert load_or_update_index(tmp_path / "library.db.faiss", catalogue, feature_version=NEW)
    collection.ingest(identify=rehashed(a="same", b="same"))
    with collection.open() as catalogue:
        tracks = catalogue.tracks()
        assert [track.id for track in tracks] == [2, 3, 4]
        assert [Path(path).stem for path in sorted(tracks[0].paths)] == ["a", "b"]
        assert catalogue.rated_tracks() == {2: 1}
        assert all(finding.status != "error" for finding in catalogue.check(12))
        index = load_or_update_index(tmp_path / "library.db.faiss", catalogue, feature_version=NEW)
        assert index is not None
        assert index.ids.tolist() == [2, 3, 4]


def test_copies_with_different_hashes_become_two_tracks(collection: Collection) -> None:
    (collection.music / "copy.mp3").write_text("a", encoding="utf-8")
    collection.ingest(OLD)
    collection.ingest(identify=rehashed(copy="another"))
    with collection.open() as catalogue:
        found = {Path(track.path).stem: track.id for track in catalogue.tracks()}
    assert (found["a"], found["copy"]) == (1, 5)
