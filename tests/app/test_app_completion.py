"""Names for completion, from a library whose names are known."""

import sqlite3
from pathlib import Path

import pytest
from synthetic_library import all_kinds, make_library, make_song

from recsys import Library, complete_names
from recsys.config import load_settings
from recsys.database.catalogue import Catalogue
from recsys.errors import InvalidRequest, LibraryError, LibraryNotFound
from recsys.features.version import FEATURE_VERSION


@pytest.fixture
def library(tmp_path: Path) -> Library:
    songs = [
        make_song("jazz", 91, title="So What", artist="Miles Davis"),
        make_song("jazz", 92, title="Blue in Green", artist="Miles Davis"),
        make_song("folk", 93, title="Sólo", artist="Björk"),
        make_song("folk", 94, title="So What", artist="P!nk"),
        make_song("folk", 95, title=None),
        make_song("folk", 96, title="a \udce9 title"),
    ]
    make_library(tmp_path, [*all_kinds(), *songs])
    return Library(tmp_path)


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("so", ["So What", "Sólo"]),
        ("SO W", ["So What"]),
        ("so ", ["So What"]),
        ("miles d", ["Miles Davis - Blue in Green", "Miles Davis - So What"]),
        ("björk - s", ["Björk - Sólo"]),
        ("95", ["95"]),
        ("a \udce9", ["a \udce9 title"]),
        ("/music", []),
        ("title 2", ["title 2", "title 20", "title 21", "title 22", "title 23", "title 24"]),
        ("polka", []),
    ],
)
def test_track_names_begin_with_the_text(library: Library, prefix: str, names: list[str]) -> None:
    assert library.complete(prefix) == names


def test_an_empty_text_has_the_first_names(library: Library) -> None:
    found = library.complete("", limit=3)
    assert found == ["a \udce9 title", "artist 1 - title 1", "artist 10 - title 10"]
    assert len(library.complete("title", limit=7)) == 7
    assert library.complete("/music") == []  # paths are no names


def test_missing_tracks_have_no_names(library: Library) -> None:
    with Catalogue.open(library.settings.database, feature_version=FEATURE_VERSION) as catalogue:
        catalogue.mark_missing(["/music/jazz/91.mp3", "/music/folk/94.mp3"])
    assert library.complete("so") == ["Sólo"]


def test_names_of_other_kinds(library: Library, tmp_path: Path) -> None:
    assert library.complete("", kind="genre") == ["folk", "jazz", "metal", "techno"]
    assert library.complete("ME", kind="genre") == ["metal"]
    assert library.complete("", kind="mood", limit=1) == ["calm"]
    assert "piano" in library.complete("pia", kind="tag")
    assert "calm" in library.complete("ca", kind="tag")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "mine.zip").touch()
    assert library.complete("", kind="genre_model") == ["default", "mine"]
    assert library.complete("", kind="saved_playlist") == []


def test_errors_of_completion(library: Library, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="kind must be one of track, artist"):
        library.complete("x", kind="colour")  # type: ignore[arg-type]
    with pytest.raises(InvalidRequest, match="limit must be at least 1"):
        library.complete("x", limit=0)
    with pytest.raises(LibraryNotFound):
        complete_names(load_settings({}, home=tmp_path / "none"), "x")
    assert not (tmp_path / "none").exists()
    other = tmp_path / "other.db"
    sqlite3.connect(other).close()
    with pytest.raises(LibraryError, match="cannot read the names"):
        complete_names(load_settings({}, database=f"sqlite:///{other}"), "x")


def test_other_databases_are_read_by_sqlalchemy(library: Library) -> None:
    url = library.settings.database.replace("sqlite:", "sqlite+pysqlite:")
    settings = load_settings({}, database=url)
    assert complete_names(settings, "so w") == ["So What"]
    assert complete_names(settings, "j", kind="genre") == ["jazz"]
