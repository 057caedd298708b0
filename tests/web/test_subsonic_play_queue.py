"""The play queue for players of Subsonic, by id and by place."""

from pathlib import Path

import pytest
from subsonic_calls import SubsonicCalls
from synthetic_library import all_kinds, make_library


@pytest.fixture
def calls(tmp_path: Path) -> SubsonicCalls:
    make_library(tmp_path / "home", all_kinds(1))
    return SubsonicCalls(tmp_path / "home")


def test_one_player_continues_what_another_has_begun(calls: SubsonicCalls) -> None:
    calls.get("savePlayQueue", id=["tr-2", "tr-1", "tr-2"], current="tr-1", position=61_500, c="phone")
    queue = calls.get("getPlayQueue")["playQueue"]
    assert [entry["id"] for entry in queue["entry"]] == ["tr-2", "tr-1", "tr-2"]
    assert (queue["current"], queue["position"]) == ("tr-1", 61_500)
    assert (queue["username"], queue["changedBy"]) == ("player", "phone")
    assert queue["changed"].endswith("Z")
    assert calls.get("getPlayQueueByIndex")["playQueueByIndex"]["currentIndex"] == 1
    calls.get("savePlayQueueByIndex", id=["tr-2", "tr-1", "tr-2"], currentIndex=2, position="")
    queue = calls.get("getPlayQueueByIndex")["playQueueByIndex"]
    assert (queue["currentIndex"], queue["position"], len(queue["entry"])) == (2, 0, 3)
    assert calls.get("getPlayQueue")["playQueue"]["current"] == "tr-2"
    extensions = calls.get("getOpenSubsonicExtensions")["openSubsonicExtensions"]
    assert {"name": "indexBasedQueue", "versions": [1]} in extensions


def test_a_queue_is_empty_until_it_is_saved_and_when_it_is_cleared(calls: SubsonicCalls) -> None:
    never = calls.get("getPlayQueueByIndex")["playQueueByIndex"]
    assert (never["entry"], never["position"], "currentIndex" in never) == ([], 0, False)
    for clear in ("savePlayQueue", "savePlayQueueByIndex"):
        calls.get("savePlayQueue", id="tr-1", current="tr-1")
        calls.get(clear)
        queue = calls.get("getPlayQueue")["playQueue"]
        assert (queue["entry"], "current" in queue) == ([], False)
        assert queue["changed"] > never["changed"]


def test_a_wrong_queue_is_an_error_and_the_last_one_stays(calls: SubsonicCalls) -> None:
    calls.get("savePlayQueue", id="tr-1")
    assert calls.error("savePlayQueueByIndex", id="tr-2") == 10
    for wrong in (-1, 1):
        assert calls.error("savePlayQueueByIndex", id="tr-2", currentIndex=wrong) == 10
    assert calls.error("savePlayQueueByIndex", currentIndex=0) == 10
    assert calls.error("savePlayQueue", id="tr-2", current="tr-1") == 0
    assert calls.error("savePlayQueue", id=["tr-2", "tr-99"]) == 70
    assert [entry["id"] for entry in calls.get("getPlayQueue")["playQueue"]["entry"]] == ["tr-1"]
