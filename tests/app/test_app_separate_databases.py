"""What is derived from a database, its index and its genre models, belongs to it alone."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from synthetic_library import all_kinds, make_library, make_song, unit

from recsys import Library, Settings, load_settings
from recsys.app.context import models_folder
from recsys.database.catalogue import Catalogue
from recsys.domain.audio import GenrePrediction, IngestRecord
from recsys.errors import RecsysError
from recsys.features.version import FEATURE_VERSION
from recsys.nearest import NearestIndex

URLS = [
    "postgresql+psycopg://me:secret@host/rock",
    "postgresql+psycopg://me:secret@host/jazz",
    "postgresql+psycopg://me:secret@other/rock",
    "postgresql+psycopg://me:secret@host:5433/rock",
    "postgresql+psycopg://me:secret@host/rock?options=-csearch_path%3Dmine",
]


@pytest.fixture(autouse=True)
def _plain_similarity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)


def settings(home: Path, database: str) -> Settings:
    url = database if "://" in database else f"sqlite:///{(home / database).as_posix()}"
    return load_settings({}, home=home, database=url)


def fill(database: Path, songs: list[IngestRecord]) -> Library:
    given = settings(database.parent, database.name)
    with Catalogue.open(given.database, feature_version=FEATURE_VERSION) as catalogue:
        catalogue.store(songs)
    return Library(given)


def titles(library: Library) -> list[str]:
    first = library.tracks()[0]
    found = [track.title for track in library.similar(first.id, n=50)]
    library.close()
    return sorted([first.title, *found])


def songs(prefix: str, count: int) -> list[IngestRecord]:
    return [make_song("jazz", i, f"/{prefix}", title=f"{prefix}{i}") for i in range(count)]


def test_databases_share_no_file() -> None:
    home = Path("/music/library")
    names = ["library.db", "a.db", "a.sqlite", "a", "rock.v1", "rock.v2", "library-recent.db", *URLS]
    files = [path for name in names for path in (settings(home, name).index_path, settings(home, name).models_path)]
    elsewhere = load_settings({}, home=home, database="sqlite:////other/a.db")
    files += [elsewhere.models_path, elsewhere.index_path]
    assert len(set(files)) == len(files)
    assert not {path.name for path in files} & set(names)


def test_password_and_driver_do_not_change_the_name_and_are_not_in_it() -> None:
    home = Path("/music/library")
    one = settings(home, URLS[0]).index_path
    for url in (
        "postgresql+psycopg://me:other@host/rock", "postgresql://me@host/rock",
        "postgresql+psycopg://me@host/rock?password=x",
    ):  # fmt: skip
        assert settings(home, url).index_path == one
    assert "secret" not in str(one)
    assert one.name.startswith("rock-")


@pytest.mark.parametrize(("one", "other"), [("a.db", "a.sqlite"), ("rock.v1", "rock.v2"), ("x.db", "x-recent.db")])
def test_similar_names_are_different_libraries(tmp_path: Path, one: str, other: str) -> None:
    first, second = fill(tmp_path / one, songs("one", 3)), fill(tmp_path / other, songs("two", 5))
    for _ in range(2):
        assert titles(first) == ["one0", "one1", "one2"]
        assert titles(second) == ["two0", "two1", "two2", "two3", "two4"]
    before = second.settings.index_path.read_bytes()
    list(first.check(fix=True))
    assert second.settings.index_path.read_bytes() == before


def test_replaced_database_does_not_use_the_index_of_the_former(tmp_path: Path) -> None:
    library, other = fill(tmp_path / "a.db", songs("one", 4)), fill(tmp_path / "b.db", songs("two", 4))
    titles(library)
    titles(other)
    shutil.copy(tmp_path / "b.db", tmp_path / "a.db")
    assert titles(library) == ["two0", "two1", "two2", "two3"]


def test_restored_copy_that_took_another_way_does_not_use_the_index(tmp_path: Path) -> None:
    """Both have the same first and last track, and the same number of changes."""
    library = fill(tmp_path / "a.db", songs("same", 3))
    titles(library)
    shutil.copy(tmp_path / "a.db", tmp_path / "copy.db")
    fill(tmp_path / "a.db", [make_song("jazz", 50, title="x")])
    assert titles(library) == ["same0", "same1", "same2", "x"]
    shutil.copy(tmp_path / "copy.db", tmp_path / "a.db")
    fill(tmp_path / "a.db", [make_song("metal", 60, title="y")])
    assert titles(library) == ["same0", "same1", "same2", "y"]
    stored, _ = NearestIndex.load(library.settings.index_path)
    with Catalogue.open(library.settings.database, feature_version=FEATURE_VERSION) as catalogue:
        ids = catalogue.vector_ids()
        np.testing.assert_allclose(stored.vectors(ids), unit(catalogue.vectors_by_id(ids.tolist())), atol=1e-5)


def test_open_library_uses_a_database_that_replaces_its_own(tmp_path: Path) -> None:
    library, other = fill(tmp_path / "a.db", songs("one", 4)), fill(tmp_path / "b.db", songs("two", 4))
    assert len(library.similar(1, n=9)) == 3
    titles(other)
    shutil.copy(tmp_path / "b.db", tmp_path / "a.db")
    assert {track.title for track in library.similar(1, n=9)} == {"two1", "two2", "two3"}
    library.close()


def test_moved_library_keeps_its_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_library(tmp_path / "old", all_kinds())
    with Library(tmp_path / "old") as library:
        library.similar(1)
    (tmp_path / "old").rename(tmp_path / "new")
    monkeypatch.setattr(NearestIndex, "build", None)
    with Library(tmp_path / "new") as library:
        assert library.similar(1)


def _save_former_index(library: Library, path: Path, witnesses: str | None = None) -> None:
    index, _ = NearestIndex.load(library.settings.index_path)
    with Catalogue.open(library.settings.database, feature_version=FEATURE_VERSION) as catalogue:
        ids = catalogue.vector_ids().tolist()
        own = f"{catalogue.identity_token(ids[0])}; {catalogue.identity_token(ids[-1])}"
    index.save(path, {"generation": 1, "witnesses": own if witnesses is None else witnesses})
    library.settings.index_path.unlink()


def test_index_of_an_older_version_is_deleted_if_it_is_its_own(tmp_path: Path) -> None:
    library = fill(tmp_path / "a.db", songs("one", 3))
    titles(library)
    _save_former_index(library, tmp_path / "a.faiss")
    assert titles(library) == ["one0", "one1", "one2"]
    assert not (tmp_path / "a.faiss").exists()
    assert (tmp_path / "a.db.faiss").exists()


@pytest.mark.parametrize("witnesses", ["1 other 2020; 2 other 2020", "", "rubbish; x"])
def test_index_of_an_older_version_that_may_be_of_another_library_is_kept(tmp_path: Path, witnesses: str) -> None:
    library = fill(tmp_path / "a.db", songs("one", 3))
    titles(library)
    _save_former_index(library, tmp_path / "a.faiss", witnesses)
    titles(library)
    list(library.check(fix=True))
    assert (tmp_path / "a.faiss").exists()


def test_index_of_an_older_version_that_another_database_may_use_is_kept(tmp_path: Path) -> None:
    library = fill(tmp_path / "a.db", songs("one", 3))
    titles(library)
    shutil.copy(tmp_path / "a.db", tmp_path / "a.sqlite")
    _save_former_index(library, tmp_path / "a.faiss")
    titles(library)
    assert (tmp_path / "a.faiss").exists()


def test_index_of_an_older_version_beside_a_file_that_cannot_be_read_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = fill(tmp_path / "a.db", songs("one", 3))
    titles(library)
    (tmp_path / "a.sqlite").touch()
    _save_former_index(library, tmp_path / "a.faiss")
    real = Path.open

    def refuse(path: Path, *args: Any, **options: Any) -> Any:
        if path.name == "a.sqlite":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *args, **options)

    monkeypatch.setattr(Path, "open", refuse)
    assert titles(library) == ["one0", "one1", "one2"]
    assert (tmp_path / "a.faiss").exists()


def test_index_never_replaces_a_database(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    library, other = fill(tmp_path / "a", songs("one", 3)), fill(tmp_path / "a.faiss", songs("two", 2))
    assert titles(library) == ["one0", "one1", "one2"]
    assert "it is a database" in caplog.text
    assert titles(other) == ["two0", "two1"]
    assert titles(library) == ["one0", "one1", "one2"]


def _activate(folder: Path, name: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.zip").write_bytes(name.encode())
    (folder / "used").write_text(name)


def test_genre_models_are_of_one_database(tmp_path: Path) -> None:
    library, other = fill(tmp_path / "library.db", songs("one", 2)), fill(tmp_path / "a.db", songs("two", 2))
    _activate(tmp_path / "models", "mine")
    assert library.genre_models.active() == "mine"
    assert other.genre_models.active() == "default"
    assert not models_folder(other._context).exists()


def test_database_with_genres_by_a_model_that_was_shared_gets_a_copy(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = fill(tmp_path / "a.db", songs("two", 2))
    _activate(tmp_path / "models", "mine")
    with Catalogue.open(other.settings.database, feature_version=FEATURE_VERSION) as catalogue:
        ids = catalogue.vector_ids().tolist()
        catalogue.set_genres(ids, [GenrePrediction("rock", 1.0, {"rock": 1.0}, "mine 1")] * len(ids))
    assert other.genre_models.active() == "mine"
    assert "are copied to" in caplog.text
    assert sorted(path.name for path in (tmp_path / "a.db.models").iterdir()) == ["mine.zip", "used"]
    _activate(tmp_path / "models", "new")
    assert other.genre_models.active() == "mine"


def test_models_that_cannot_be_copied_are_an_error_that_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    other = fill(tmp_path / "a.db", songs("two", 1))
    _activate(tmp_path / "models", "mine")
    monkeypatch.setattr(Catalogue, "genre_models", lambda _: ["mine 1"])
    monkeypatch.setattr("pathlib.Path.rename", full)
    with pytest.raises(RecsysError, match=r"cannot copy the genre models of .*: No space left"):
        other.genre_models.active()
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["models"]
