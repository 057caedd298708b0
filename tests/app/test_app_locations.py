"""Which library ``Library(location)`` opens."""

import os
from pathlib import Path

import pytest
from synthetic_library import make_library, make_song

from recsys import Library, Settings, load_settings
from recsys.errors import InvalidRequest, LibraryNotFound


@pytest.fixture(autouse=True)
def _other_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names another library."""
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("RECSYS_DATABASE", f"sqlite:///{(tmp_path / 'elsewhere.db').as_posix()}")


def url(path: Path) -> str:
    return f"sqlite:///{path.as_posix()}"


def test_folder_has_the_database_and_everything_beside_it(tmp_path: Path) -> None:
    for location in (tmp_path / "music", str(tmp_path / "music")):
        settings = Library(location).settings
        assert (settings.home, settings.database) == (tmp_path / "music", url(tmp_path / "music" / "library.db"))
        assert settings.index_path == tmp_path / "music" / "library.db.faiss"


@pytest.mark.parametrize("name", ["music.db", "music.sqlite", "music.sqlite3"])
def test_file_with_the_suffix_of_a_database_need_not_exist(tmp_path: Path, name: str) -> None:
    settings = Library(tmp_path / name).settings
    assert (settings.home, settings.database) == (tmp_path, url(tmp_path / name))
    assert settings.index_path == tmp_path / f"{name}.faiss"


def test_existing_file_is_a_database_whatever_its_suffix(tmp_path: Path) -> None:
    (tmp_path / "music.backup").touch()
    assert Library(tmp_path / "music.backup").settings.database == url(tmp_path / "music.backup")


def test_existing_folder_is_a_folder_whatever_its_suffix(tmp_path: Path) -> None:
    (tmp_path / "music.db").mkdir()
    assert Library(tmp_path / "music.db").settings.database == url(tmp_path / "music.db" / "library.db")


def test_path_is_expanded_and_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert Library("~/music").settings.home == Library("music").settings.home == tmp_path / "music"


def test_url_names_the_database_and_the_environment_the_rest(tmp_path: Path) -> None:
    settings = Library(url(tmp_path / "x.db")).settings
    assert settings.database == url(tmp_path / "x.db")
    assert settings.home == Path(os.environ["RECSYS_HOME"])


def test_settings_are_used_as_they_are(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, database=url(tmp_path / "x.db"), jobs=3)
    assert Library(settings).settings is settings


def test_default_is_the_library_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Library().settings == load_settings()
    assert Library().settings.database == os.environ["RECSYS_DATABASE"]
    monkeypatch.delenv("RECSYS_DATABASE")
    assert Library(None).settings.database == url(tmp_path / "elsewhere" / "library.db")


def test_other_settings_of_the_environment_apply_to_every_location(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_JOBS", "3")
    assert [Library(location).settings.jobs for location in (tmp_path, tmp_path / "x.db", url(tmp_path / "x.db"))] == [
        3,
        3,
        3,
    ]


def test_config_file_of_a_folder_applies(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('jobs = 5\nignore = ["Demos/"]\n')
    settings = Library(tmp_path).settings
    assert (settings.jobs, settings.ignore) == (5, ("Demos/",))
    (tmp_path / "config.toml").write_text("jbos = 5\n")
    with pytest.raises(InvalidRequest, match="unknown setting 'jbos'"):
        Library(tmp_path)


def test_all_locations_of_a_library_open_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_library(tmp_path, [make_song("jazz", 1)])
    monkeypatch.setenv("RECSYS_DATABASE", url(tmp_path / "library.db"))
    locations = (tmp_path, str(tmp_path), tmp_path / "library.db", url(tmp_path / "library.db"), None, load_settings())
    assert [[track.title for track in Library(location).tracks()] for location in locations] == [["title 1"]] * 6


def test_opening_a_library_creates_nothing(tmp_path: Path) -> None:
    library = Library(tmp_path / "new")
    with pytest.raises(LibraryNotFound):
        library.tracks()
    assert list(tmp_path.iterdir()) == []


def test_library_shows_its_folder(tmp_path: Path) -> None:
    assert repr(Library(tmp_path)) == f"Library({str(tmp_path)!r})"
