"""One Library for many queries: its index stays in memory, and follows what others change."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from synthetic_library import all_kinds, find_synthetic, make_library, make_song, open_catalogue

from recsys import Library
from recsys.errors import NotFound
from recsys.ingest.presence import Disk
from recsys.recommend import index_update


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_library(tmp_path, all_kinds(3))
    return tmp_path


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The index files that are loaded or updated."""
    loaded: list[Path] = []
    load: Callable[..., Any] = index_update.load_or_update_index

    def record(path: Path, *arguments: Any, **options: Any) -> Any:
        loaded.append(path)
        return load(path, *arguments, **options)

    monkeypatch.setattr(index_update, "load_or_update_index", record)
    return loaded


def test_index_is_loaded_once(home: Path, loads: list[Path]) -> None:
    with Library(home) as library:
        library.similar(1)
        library.path(1, 5)
        library.playlist(seeds=["1"], n=2)
        assert loads == [home / "library.db.faiss"]


def test_close_and_the_end_of_a_block_release_the_index(home: Path, loads: list[Path]) -> None:
    with Library(home) as library:
        before = library.similar(1)
        library.close()
        library.close()
        assert library.similar(1) == before
        assert len(loads) == 2
    assert library.similar(1) == before  # a library can be used after its block
    assert len(loads) == 3


def test_block_that_raises_releases_the_index(home: Path, loads: list[Path]) -> None:
    library = Library(home)
    library.similar(1)
    with pytest.raises(ZeroDivisionError), library:
        raise ZeroDivisionError
    library.similar(1)
    assert len(loads) == 2


def test_ratings_do_not_reload_the_index(home: Path, loads: list[Path]) -> None:
    library = Library(home)
    library.similar(1)
    library.like(1)
    library.playlist(n=2)
    assert len(loads) == 1


def test_tracks_that_another_library_adds_are_found(home: Path) -> None:
    one, other = Library(home), Library(home)
    before = {track.id for track in one.similar(1, n=50)}
    make_library(home, [make_song("jazz", 90)])
    assert {track.id for track in other.similar(1, n=50)} == before | {13}  # updates the file of the index
    assert {track.id for track in one.similar(1, n=50)} == before | {13}


def test_tracks_that_another_library_removes_are_not_found(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Disk, "find", find_synthetic)
    one, other = Library(home), Library(home)
    assert 2 in {track.id for track in one.similar(1, n=50)}
    with open_catalogue(other) as catalogue:
        catalogue.mark_missing([other.track(2).path])
    assert 2 not in {track.id for track in one.similar(1, n=50)}
    assert other.prune(force=True).tracks == 1
    with pytest.raises(NotFound, match="no track matches '2'"):
        one.track(2)
    assert 2 not in {track.id for track in one.similar(1, n=50)}


def test_changes_of_another_process_are_seen(home: Path) -> None:
    library = Library(home)
    before = {track.id for track in library.similar(1, n=50)}
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[2]); import recsys; "
        "from synthetic_library import make_library, make_song; home = Path(sys.argv[1]); "
        "make_library(home, [make_song('jazz', 90)]); library = recsys.Library(home); "
        "library.similar(1); library.like(13)"
    )
    subprocess.run([sys.executable, "-c", code, str(home), str(Path(__file__).parents[1])], check=True)
    assert {track.id for track in library.similar(1, n=50)} == before | {13}
    assert [track.id for track in library.ratings.tracks().likes] == [13]


def test_threads_share_a_library(home: Path, loads: list[Path]) -> None:
    library = Library(home)
    expected = [[track.id for track in Library(home).similar(i, n=4)] for i in range(1, 13)]
    loads.clear()
    together = Barrier(12)

    def query(number: int) -> list[int]:
        together.wait()
        return [track.id for track in library.similar(number, n=4)]

    with ThreadPoolExecutor(12) as threads:
        assert list(threads.map(query, range(1, 13))) == expected
    assert len(loads) == 1


def test_threads_can_query_while_another_closes(home: Path) -> None:
    library = Library(home)
    expected = [track.id for track in library.similar(1, n=4)]

    def query(number: int) -> list[int]:
        if number % 3 == 0:
            library.close()
        return [track.id for track in library.similar(1, n=4)]

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(query, range(24))) == [expected] * 24
