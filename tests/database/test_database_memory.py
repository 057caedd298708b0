"""What an open catalogue remembers: until tracks change, or for values of a listener until the next commit."""

import gc
import threading
from pathlib import Path

import pytest
from synthetic_library import make_library, make_song, open_catalogue

from recsys.database.catalogue import Catalogue
from recsys.domain.track_query import TrackOrder, TrackQuery


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    make_library(tmp_path, [make_song("jazz", 1)])
    opened = open_catalogue(tmp_path)
    opened.remember()
    return opened


def test_ratings_leave_what_depends_on_tracks(catalogue: Catalogue, tmp_path: Path) -> None:
    numbers = iter(range(100))

    def values() -> tuple[int, int]:
        compute = numbers.__next__
        return catalogue.remembered("tracks", compute), catalogue.remembered("taste", compute, of_listener=True)

    assert values() == values() == (0, 1)
    with open_catalogue(tmp_path) as other:
        other.set_rating([1], 1)
        assert values() == (0, 2)
        other.store([make_song("metal", 2)])
        assert values() == values() == (3, 4)
        other.mark_missing(["/music/metal/02.mp3"])
        assert values() == (5, 6)
    catalogue.close()


def test_a_question_that_failed_is_asked_again(catalogue: Catalogue) -> None:
    with pytest.raises(ZeroDivisionError):
        catalogue.remembered("tracks", lambda: 1 // 0)
    assert catalogue.remembered("tracks", lambda: "known") == "known"
    catalogue.close()


def test_former_value_is_returned_while_a_thread_computes_the_new_one(catalogue: Catalogue, tmp_path: Path) -> None:
    started, ready = threading.Event(), threading.Event()
    assert catalogue.remembered("tracks", lambda: "old") == "old"
    with open_catalogue(tmp_path) as other:
        other.store([make_song("metal", 2)])

    def compute() -> str:
        started.set()
        ready.wait()
        return "new"

    thread = threading.Thread(target=catalogue.remembered, args=("tracks", compute))
    thread.start()
    started.wait()
    assert catalogue.remembered("tracks", lambda: "unused") == "old"
    ready.set()
    thread.join()
    assert catalogue.remembered("tracks", lambda: "unused") == "new"
    catalogue.close()


def test_value_that_took_long_is_used_for_a_while(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, processor = 0.0, iter([0.0, 2.0, 2.0, 2.1, 2.1, 2.2])
    monkeypatch.setattr("recsys.database.memory.time.monotonic", lambda: now)
    monkeypatch.setattr("recsys.database.memory.time.thread_time", processor.__next__)

    def change_and_get(value: str) -> str:
        with open_catalogue(tmp_path) as other:
            other.mark_missing(["/music/jazz/01.mp3"])
        return catalogue.remembered("lists", lambda: value, rest=5.0)

    assert [change_and_get(value) for value in ("first", "second")] == ["first", "first"]
    now = 10.0
    assert [change_and_get(value) for value in ("third", "fourth")] == ["third", "fourth"]  # which take no time
    catalogue.close()


def test_value_is_of_its_source_alone_however_long_it_took(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    processor = iter(range(0, 1000, 100))
    monkeypatch.setattr("recsys.database.memory.time.thread_time", processor.__next__)
    first, second = frozenset({1}), frozenset({2})

    def get(value: str, source: frozenset[int]) -> str:
        return catalogue.remembered("sets", lambda: value, rest=5.0, of=source)

    assert [get("a", first), get("b", first), get("c", second), get("d", first)] == ["a", "a", "c", "d"]
    with open_catalogue(tmp_path) as other:
        other.mark_missing(["/music/jazz/01.mp3"])
    assert [get("e", first), get("f", second)] == ["d", "f"]
    catalogue.close()


def test_value_that_cannot_be_computed_is_computed_again(catalogue: Catalogue) -> None:
    with pytest.raises(ZeroDivisionError):
        catalogue.remembered("tracks", lambda: 1 // 0)
    assert catalogue.remembered("tracks", lambda: 1) == 1
    catalogue.close()


def test_orders_of_all_tracks_are_not_kept_as_lists_of_objects(tmp_path: Path) -> None:
    make_library(tmp_path, [make_song("jazz", number) for number in range(30)])
    with open_catalogue(tmp_path) as catalogue:
        catalogue.remember()
        orders = [TrackOrder.parse(f"{name}{way}") for name in ("title", "bpm", "year") for way in ("", ":desc")]
        found = [catalogue.track_ids(TrackQuery.parse(""), order=order) for order in orders]
        assert found == [catalogue.track_ids(TrackQuery.parse(""), order=order) for order in orders]
        ids = set(found.pop())
        assert len(ids) == 30
        found.clear()
        gc.collect()
        kept = [each for each in gc.get_objects() if type(each) is list and len(each) == 30 and each[0] in ids]
        assert kept == []
