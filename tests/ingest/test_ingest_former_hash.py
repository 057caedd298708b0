"""A library in which files of some containers are stored with the hash of their samples keeps ids and ratings."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from make_entries import make_outcome
from signals import music, write_audio
from sqlalchemy import update

from recsys.audio.content_hash import hash_audio
from recsys.audio.former_hash import former_hash, had_former_hash
from recsys.config import Settings
from recsys.database import engine
from recsys.database.catalogue import Catalogue
from recsys.database.tables import file as file_table
from recsys.database.tables import recording
from recsys.domain.audio import AnalysisResult
from recsys.domain.results import IngestSummary
from recsys.features.version import FEATURE_VERSION
from recsys.ingest.pipeline import ingest

SR = 48000
FORMATS = ("caf", "au", "mka", "webm", "w64", "ac3", "oggflac")


class Library:
    """Music in a folder, whose hashes can be set back to the former ones."""

    def __init__(self, folder: Path) -> None:
        self.music = folder / "music"
        self.music.mkdir()
        self.settings = Settings(home=folder, database=f"sqlite:///{folder / 'library.db'}", jobs=1)
        self.analysed: list[str] = []

    def open(self) -> Catalogue:
        return Catalogue.open(self.settings.database, feature_version=FEATURE_VERSION)

    def ingest(self) -> IngestSummary:
        def analyse(path: str) -> AnalysisResult:
            self.analysed.append(Path(path).name)
            return make_outcome(len(self.analysed), version=FEATURE_VERSION)

        with self.open() as catalogue:
            return ingest(
                [self.music], catalogue, self.settings, executor=lambda: ThreadPoolExecutor(1), analyse=analyse
            )

    def set_former_hashes(self, *, reread: bool = True) -> None:
        """As a development version stored them; ``reread``: the next ingest reads the tags again."""
        with self.open() as catalogue, engine.writing(catalogue._engine) as connection:
            for track in catalogue.tracks():
                values = {"audio_hash": former_hash(track.path)}
                connection.execute(update(recording).where(recording.c.id == track.id).values(values))
            if reread:
                connection.execute(update(file_table).values(tag_version=0))

    def rate(self) -> dict[str, int]:
        """Rate every second track; the ids by file name."""
        with self.open() as catalogue:
            ids = self.ids(catalogue)
            catalogue.set_rating(list(ids.values())[::2], 1)
        return ids

    @staticmethod
    def ids(catalogue: Catalogue) -> dict[str, int]:
        return {Path(path).name: track.id for track in catalogue.tracks() for path in track.paths}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    made = Library(tmp_path)
    for seed, format in enumerate(FORMATS):
        y = np.stack([music(3, SR, seed), music(3, SR, seed + 1)], axis=1)
        write_audio(made.music / f"song{seed}.{'oga' if format == 'oggflac' else format}", y, SR, format)
    made.ingest()
    made.analysed.clear()
    return made


def check(library: Library, ids: dict[str, int], names: dict[str, str] | None = None) -> None:
    """Every track has its id, its rating and the hash of its packets."""
    with library.open() as catalogue:
        now = library.ids(catalogue)
        assert now == {(names or {}).get(name, name): track_id for name, track_id in ids.items()}
        assert set(catalogue.rated_tracks()) == set(list(ids.values())[::2])
        assert len(catalogue.missing_ids()) == 0
        for track in catalogue.tracks():
            assert catalogue.track_details(track.id)["audio_hash"] == hash_audio(track.path)
    assert library.analysed == []


def test_unchanged_files_get_the_new_hash_without_decoding(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = library.rate()
    library.set_former_hashes()
    monkeypatch.setattr("recsys.audio.identity.probe", None)
    summary = library.ingest()
    assert (summary.reread, summary.new, summary.missing) == (len(FORMATS), 0, 0)
    check(library, ids)


@pytest.mark.parametrize("reread", [True, False])
def test_files_that_were_changed_before_are_recognised(library: Library, reread: bool) -> None:
    """Their tags changed, so that neither size nor time are those that were stored."""
    ids = library.rate()
    library.set_former_hashes(reread=reread)
    for path in library.music.iterdir():
        path.write_bytes(b"ID3\x04\0\0\0\0\0\x05title" + path.read_bytes())
        os.utime(path, (1_700_000_000,) * 2)
    summary = library.ingest()
    assert (summary.updated, summary.new, summary.missing) == (len(FORMATS), 0, 0)
    check(library, ids)


def test_files_that_were_moved_before_are_recognised(library: Library) -> None:
    ids = library.rate()
    library.set_former_hashes()
    (library.music / "new").mkdir()
    for path in list(library.music.iterdir()):
        if path.is_file():
            path.rename(library.music / "new" / path.name)
    summary = library.ingest()
    assert (summary.moved, summary.new, summary.missing) == (len(FORMATS), 0, 0)
    check(library, ids)


def test_copies_stay_one_recording(library: Library) -> None:
    for path in list(library.music.iterdir()):
        shutil.copy(path, library.music / f"copy of {path.name}")
    library.ingest()
    ids = library.rate()
    library.set_former_hashes()
    assert library.ingest().new == 0
    check(library, ids)


def test_other_audio_at_the_path_is_another_track(library: Library) -> None:
    ids = library.rate()
    library.set_former_hashes()
    write_audio(library.music / "song0.caf", music(3, SR, 99), SR, "caf")
    assert library.ingest().new == 1
    with library.open() as catalogue:
        assert library.ids(catalogue)["song0.caf"] != ids["song0.caf"]
        assert set(catalogue.rated_tracks()) == set(list(ids.values())[::2])


def test_containers_with_a_former_hash(tmp_path: Path) -> None:
    for format in FORMATS:
        assert had_former_hash(write_audio(tmp_path / "x", music(1, SR), SR, format))
    for format in ("mp3", "flac", "ogg", "opus", "m4a", "wav", "aiff", "wma", "wv", "aac", "tta"):
        path = write_audio(tmp_path / "x", music(1, SR), SR, format)
        assert not had_former_hash(path)
        if format == "m4a":  # QuickTime without the first atom
            path.write_bytes(path.read_bytes().replace(b"ftyp", b"free", 1))
            assert had_former_hash(path)
