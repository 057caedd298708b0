"""A library that stays open: it has what other processes write, and no question waits for the index."""

import threading
from pathlib import Path

import pytest
from synthetic_library import all_kinds, make_library, make_song

from recsys import Library


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_library(tmp_path, all_kinds())
    return tmp_path


def test_new_tracks_are_found_once_a_thread_has_updated_the_index(home: Path) -> None:
    with Library(home, keep_open=True) as library:
        before = library.similar(1, n=5)
        make_library(home, [make_song("jazz", 900)])
        [new] = set(library.track_ids()) - {track.id for track in library.tracks_by_id(range(1, 25))}
        assert [track.id for track in library.similar(1, n=5)] == [track.id for track in before]
        for thread in threading.enumerate():
            if thread.name == "recsys-index":
                thread.join()
        assert library.similar(new, n=3)


def test_a_database_that_replaces_the_open_one_is_opened(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    make_library(other, all_kinds(each=1))
    with Library(home, keep_open=True) as library:
        assert len(library.track_ids()) > len(all_kinds(each=1))
        (other / "library.db").replace(home / "library.db")
        for ending in ("-wal", "-shm"):
            (home / f"library.db{ending}").unlink(missing_ok=True)
        assert len(library.track_ids()) == len(all_kinds(each=1))


def test_listeners_share_the_open_database_and_keep_their_own_ratings(home: Path) -> None:
    with Library(home, keep_open=True) as library:
        anna = library.for_listener("Anna")
        anna.like(1)
        assert [row["rating"] for row in anna.track_rows([1, 2, 999])] == [1, 0]
        assert [row["rating"] for row in library.track_rows([1])] == [0]


def test_it_can_be_used_again_after_it_was_closed(home: Path) -> None:
    library = Library(home, keep_open=True)
    first = library.similar(1, n=3)
    library.close()
    assert library.similar(1, n=3) == first
    library.close()


def test_what_another_process_commits_is_seen_at_once(home: Path) -> None:
    with Library(home, keep_open=True) as library:
        assert library.genres()["jazz"] == 6
        assert len(library.tracks(limit=5, after=library.track_ids()[3])) == 5
        before = library.statistics().tracks, len(library.artists()), len(library.track_ids())
        make_library(home, [make_song("jazz", 900)])
        after = library.statistics().tracks, len(library.artists()), len(library.track_ids())
        assert after == tuple(n + 1 for n in before)
        assert library.genres()["jazz"] == 7


def test_orders_by_rating_are_those_of_each_listener(home: Path) -> None:
    with Library(home, keep_open=True) as library:
        library.like(7)
        library.listeners.add("Anna")
        anna = library.for_listener("Anna")
        anna.like(9)
        assert [library.track_ids(sort="rating:desc")[0], anna.track_ids(sort="rating:desc")[0]] == [7, 9]
        library.like(8)
        assert set(library.track_ids(sort="rating:desc")[:2]) == {7, 8}


def test_the_first_page_by_rating_follows_the_ratings(home: Path) -> None:
    with Library(home, keep_open=True) as library, Library(home) as other:
        other.like(5)
        assert [track.id for track in library.tracks(sort="rating", limit=1)] == [5]
        other.dislike(6)
        assert [track.id for track in library.tracks(sort="rating", limit=1)] == [6]
