"""Tags that an older version has read are read again: once, without decoding, also after an interrupt."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from make_entries import DIMENSIONS, VERSION, make_outcome
from mutagen import flac
from signals import music, write_audio
from sqlalchemy import text

from recsys.audio import identity
from recsys.config import Settings
from recsys.database import engine
from recsys.database.catalogue import Catalogue
from recsys.domain.results import CheckResult, IngestSummary, Progress
from recsys.errors import Hint, UnreadableAudio
from recsys.ingest import rereading
from recsys.ingest.pipeline import ingest


class Library:
    """Three songs of one album, whose tags an older version has read."""

    def __init__(self, folder: Path) -> None:
        self.music = folder / "music"
        self.music.mkdir()
        self.settings = Settings(home=folder, database=f"sqlite:///{folder / 'library.db'}", jobs=1)
        self.analyses: list[str] = []

    def put(self, name: str, seed: int, **tags: list[str]) -> Path:
        path = write_audio(self.music / name, music(1.5, seed=seed), 22050)
        if tags:
            made = flac.FLAC(path)
            made.update(tags)
            made.save()
        os.utime(path, (1_700_000_000,) * 2)
        return path

    def open(self) -> Catalogue:
        return Catalogue.open(self.settings.database, feature_version=VERSION)

    def ingest(self, **options: Any) -> IngestSummary:
        def analyse(path: str) -> Any:
            self.analyses.append(Path(path).name)
            return make_outcome(len(self.analyses))

        with self.open() as catalogue:
            defaults: dict[str, Any] = {"executor": lambda: ThreadPoolExecutor(1), "analyse": analyse}
            return ingest([self.music], catalogue, self.settings, **{**defaults, **options})

    def execute(self, statement: str) -> None:
        with self.open() as catalogue, engine.writing(catalogue._engine) as connection:
            connection.execute(text(statement))

    def forget_tags(self) -> None:
        """The state after an upgrade: the text of all artists is one artist."""
        self.execute("DELETE FROM file_artist")
        self.execute("DELETE FROM file_genre")
        self.execute("UPDATE file SET tag_version = 0, disc_number = NULL")
        self.execute("UPDATE recording SET bit_rate = NULL, bit_depth = NULL")
        self.analyses.clear()


@pytest.fixture
def library(tmp_path: Path) -> Library:
    made = Library(tmp_path)
    for n in (1, 2, 3):
        made.put(f"{n}.flac", n, artist=["Foo", "Cee"], genre=["Rock", "Pop"], album=["Loud"], discnumber=["2"])
    made.ingest()
    made.forget_tags()
    return made


def test_tags_are_read_once_without_decoding(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(_: object) -> None:
        raise AssertionError("a file is decoded")

    monkeypatch.setattr(identity, "probe", decode)
    monkeypatch.setattr(identity, "hash_audio", decode)
    phases: list[Progress] = []
    summary = library.ingest(progress=phases.append)
    assert (summary.reread, summary.scanned, summary.unchanged, summary.remaining) == (3, 3, 0, 0)
    assert library.analyses == []
    assert [each for each in phases if each.phase == "tags"][-1].total == 3
    with library.open() as catalogue:
        for track in catalogue.tracks():
            assert (track.artists, track.tagged_genres) == (("Foo", "Cee"), ("Rock", "Pop"))
            assert track.bit_depth == 16
            assert 0 < (track.bit_rate or 0) < 22050 * 16
        assert [len(catalogue.resolve_artist(name)[1]) for name in ("Foo", "Cee")] == [3, 3]
    again = library.ingest()
    assert (again.reread, again.unchanged) == (0, 3)


def test_check_names_tags_of_an_older_version(library: Library) -> None:
    def found() -> CheckResult:
        with library.open() as catalogue:
            return next(each for each in catalogue.check(DIMENSIONS) if each.name == "tags")

    assert (found().status, found().remedy) == ("warning", Hint.INGEST)
    assert found().message.startswith("those of 3 files")
    library.ingest()
    assert found().status == "ok"


def test_interrupted_rereading_is_continued(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rereading, "_BATCH", 1)

    def interrupt(progress: Progress) -> None:
        if progress.phase == "tags" and progress.done:
            raise KeyboardInterrupt

    first = library.ingest(progress=interrupt)
    assert first.interrupted
    assert first.reread + first.remaining == first.scanned == 3
    assert first.reread >= 1
    second = library.ingest()
    assert (second.reread, second.unchanged) == (first.remaining, first.reread)


def test_time_budget_ends_the_rereading(library: Library) -> None:
    library.settings = Settings(
        home=library.settings.home, database=library.settings.database, jobs=1, time_budget=0.0
    )  # fmt: skip
    summary = library.ingest()
    assert (summary.reread, summary.remaining, summary.scanned) == (0, 3, 3)


def test_new_files_are_analysed_after_the_tags_are_read(library: Library) -> None:
    library.put("4.flac", 4)
    summary = library.ingest()
    assert (summary.new, summary.reread, summary.scanned) == (1, 3, 4)
    assert library.analyses == ["4.flac"]


def test_changed_and_missing_files_are_processed_as_ever(library: Library) -> None:
    library.put("1.flac", 5)
    (library.music / "2.flac").unlink()
    summary = library.ingest()
    assert (summary.new, summary.reread, summary.missing, summary.scanned) == (1, 1, 1, 2)


def test_file_that_cannot_be_read_fails(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    read = identity.read_tags_with_title

    def fail(path: str) -> object:
        if Path(path).name == "2.flac":
            raise UnreadableAudio("no permission to read 2.flac")
        return read(path)

    monkeypatch.setattr(identity, "read_tags_with_title", fail)
    summary = library.ingest()
    assert (summary.reread, summary.failed, summary.scanned, summary.remaining) == (2, 1, 3, 0)
    assert [failure.reason for failure in summary.failures] == ["no permission to read 2.flac"]
    with library.open() as catalogue:
        assert len(catalogue.ids()) == 3  # the track keeps its analysis


def test_track_keeps_its_id_where_the_hash_has_another_definition(tmp_path: Path) -> None:
    library = Library(tmp_path)
    library.put("1.au", 1)
    shutil.copy2(library.put("2.au", 2), library.music / "copy.au")
    library.ingest()
    with library.open() as catalogue:
        hashes = {track.id: catalogue.track_details(track.id)["audio_hash"] for track in catalogue.tracks()}
    library.execute("UPDATE recording SET audio_hash = 'old ' || id")
    library.forget_tags()
    summary = library.ingest()
    assert summary.remaining == 0
    with library.open() as catalogue:
        assert {track.id: catalogue.track_details(track.id)["audio_hash"] for track in catalogue.tracks()} == hashes
        assert [len(track.paths) for track in catalogue.tracks()] == [1, 2]
    assert "1.au" not in library.analyses
    again = library.ingest()
    assert (again.unchanged, again.reread) == (3, 0)


def test_album_keeps_its_id_when_its_folder_moves_and_its_tags_are_completed(tmp_path: Path) -> None:
    library = Library(tmp_path)
    (library.music / "loud").mkdir()
    for n in (1, 2, 3):
        library.put(f"loud/{n}.flac", n, artist=["Foo"], album=["Loud"])
    library.ingest()
    with library.open() as catalogue:
        [album] = catalogue.albums()
    (library.music / "loud").rename(library.music / "Foo - Loud")
    library.ingest()
    for number, path in enumerate(sorted((library.music / "Foo - Loud").iterdir())):
        made = flac.FLAC(path)
        made.update(albumartist=["Foo"], musicbrainz_albumid=["0c6bd6b5-8b5c-4a4e-8d0e-0d2a4f3b2a11"])
        made.save()
        os.utime(path, (1_700_000_100 + number,) * 2)
        library.ingest()  # one file after the other, as a watched folder is
        with library.open() as catalogue:
            assert [(each.id, each.n_tracks) for each in catalogue.albums()] == [(album.id, 3)]
    assert len(library.analyses) == 3
