"""Saved playlists for players of Subsonic."""

import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from subsonic_calls import SubsonicCalls
from synthetic_library import all_kinds, make_library, open_catalogue

import recsys
from recsys import SavedPlaylists
from recsys.database.listener_tables import saved_playlist


@pytest.fixture
def calls(tmp_path: Path) -> SubsonicCalls:
    make_library(tmp_path / "home", all_kinds(6))
    return SubsonicCalls(tmp_path / "home")


def songs(calls: SubsonicCalls, id: str) -> list[str]:
    return [entry["id"] for entry in calls.get("getPlaylist", id=id)["playlist"]["entry"]]


def test_a_saved_playlist_appears(calls: SubsonicCalls) -> None:
    assert calls.get("getPlaylists")["playlists"]["playlist"] == []
    saved = calls.library.playlists.add("blue", [3, 1])
    [found] = calls.get("getPlaylists")["playlists"]["playlist"]
    assert (found["id"], found["name"], found["songCount"]) == (f"pl-{saved.id}", "blue", 2)
    assert (found["owner"], found["readonly"], found["coverArt"]) == ("player", False, found["id"])
    whole = calls.get("getPlaylist", id=found["id"])["playlist"]
    assert [entry["id"] for entry in whole.pop("entry")] == ["tr-3", "tr-1"]
    assert whole == found
    element = calls.xml("getPlaylist", id=found["id"]).find("playlist")
    assert element is not None
    assert (element.get("name"), [entry.get("id") for entry in element]) == ("blue", ["tr-3", "tr-1"])


def test_a_player_makes_changes_and_deletes_a_playlist(calls: SubsonicCalls) -> None:
    made = calls.get("createPlaylist", name="Road\ntrip", songId=["tr-1", "tr-2", "tr-1"])["playlist"]
    id = made["id"]
    assert (made["name"], [entry["id"] for entry in made["entry"]]) == ("Road trip", ["tr-1", "tr-2", "tr-1"])
    calls.get("updatePlaylist", playlistId=id, songIdToAdd=["tr-3", "tr-4"], songIndexToRemove=[0, 1], comment="x")
    assert songs(calls, id) == ["tr-1", "tr-3", "tr-4"]
    calls.get("updatePlaylist", playlistId=id, name="Home", public="true")
    assert [each.name for each in calls.library.playlists.list()] == ["Home"]
    replaced = calls.get("createPlaylist", playlistId=id, songId="tr-5")["playlist"]
    assert (replaced["name"], songs(calls, id)) == ("Home", ["tr-5"])
    calls.get("createPlaylist", playlistId=id)
    assert songs(calls, id) == []
    calls.get("deletePlaylist", id=id)
    assert calls.library.playlists.list() == []


def test_playlists_of_one_name_are_numbered(calls: SubsonicCalls) -> None:
    long = "x" * 120
    for name in ("Mix", "Mix", long, long):
        calls.get("createPlaylist", name=name)
    names = [each["name"] for each in calls.get("getPlaylists")["playlists"]["playlist"]]
    assert names == ["Mix", "Mix (2)", "x" * 96 + " (2)", "x" * 100]


def test_wrong_changes_change_nothing(calls: SubsonicCalls) -> None:
    id = calls.get("createPlaylist", name="Mix", songId="tr-1")["playlist"]["id"]
    assert calls.error("createPlaylist") == calls.error("updatePlaylist") == calls.error("deletePlaylist") == 10
    assert calls.error("createPlaylist", name="new", songId=["tr-1", "tr-99"]) == 70
    assert calls.error("createPlaylist", name=" \n") == 0
    assert calls.error("updatePlaylist", playlistId=id, songIndexToRemove=1) == 0
    assert calls.error("updatePlaylist", playlistId=id, songIndexToRemove=-1) == 0
    for call, parameter in (("getPlaylist", "id"), ("updatePlaylist", "playlistId"), ("deletePlaylist", "id")):
        for wrong in ("pl-99", "tr-1", "1"):
            assert calls.error(call, **{parameter: wrong}) == 70
    assert songs(calls, id) == ["tr-1"]
    assert len(calls.library.playlists.list()) == 1


def test_a_playlist_with_a_request_is_made_anew_after_an_hour(calls: SubsonicCalls) -> None:
    request = recsys.PlaylistRequest(n=3, seeds=["1"])
    saved = calls.library.playlists.add("mix", [24], request=request)
    id = f"pl-{saved.id}"
    record = calls.get("getPlaylist", id=id)["playlist"]
    assert [entry["id"] for entry in record["entry"]] == ["tr-24"]
    assert record["readonly"] is True
    assert record["validUntil"] > record["changed"]
    assert calls.error("updatePlaylist", playlistId=id, songIdToAdd="tr-1") == 50
    assert calls.error("createPlaylist", playlistId=id, songId="tr-1") == 50
    _make_older(calls, timedelta(hours=2))
    refreshed = songs(calls, id)
    assert len(refreshed) == 3
    assert "tr-24" not in refreshed
    assert datetime.now(UTC) - datetime.fromisoformat(calls.library.playlists.find(saved.id).changed_at) < timedelta(1)


def test_a_playlist_that_cannot_be_made_anew_stays(calls: SubsonicCalls) -> None:
    saved = calls.library.playlists.add("likes", [2, 3], request=recsys.PlaylistRequest(n=3))
    _make_older(calls, timedelta(days=2))  # and nothing is liked
    assert songs(calls, f"pl-{saved.id}") == ["tr-2", "tr-3"]


def test_playlists_belong_to_a_listener(tmp_path: Path) -> None:
    make_library(tmp_path / "home", all_kinds(1))
    calls = SubsonicCalls(tmp_path / "home", listener="Anna")
    other = calls.library.playlists.add("mine", [1])
    assert calls.error("getPlaylist", id=f"pl-{other.id}") == 70
    assert calls.error("deletePlaylist", id=f"pl-{other.id}") == 70
    calls.get("createPlaylist", name="hers", songId="tr-1")
    assert [each.name for each in calls.library.for_listener("Anna").playlists.list()] == ["hers"]
    assert [each.name for each in calls.library.playlists.list()] == ["mine"]


def _make_older(calls: SubsonicCalls, by: timedelta) -> None:
    at = (datetime.now(UTC) - by).isoformat(timespec="microseconds")
    with open_catalogue(calls.library) as catalogue, catalogue._engine.begin() as connection:
        connection.execute(saved_playlist.update().values(changed_at=at))


def test_changes_at_once_are_all_kept(calls: SubsonicCalls) -> None:
    id = calls.get("createPlaylist", name="mix")["playlist"]["id"]
    wanted = [f"tr-{number}" for number in range(1, 13)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda song: calls.get("updatePlaylist", playlistId=id, songIdToAdd=song), wanted))
        list(pool.map(lambda song: calls.get("createPlaylist", name="new", songId=song), wanted))
    assert sorted(songs(calls, id)) == sorted(wanted)
    assert len(calls.get("getPlaylists")["playlists"]["playlist"]) == 1 + len(wanted)


ADDING = """
import sys
import recsys
library = recsys.Library(sys.argv[1])
for number in range(7, 13):
    print(number, flush=True)
    sys.stdin.readline()
    library.playlists.change(int(sys.argv[2]), tracks=lambda before: [*before, number])
    library.playlists.add(f"of the program {number}", [number])
"""


def test_changes_of_two_processes_are_all_kept(calls: SubsonicCalls) -> None:
    """Both change the playlist between what the other one reads and what it writes."""
    id = calls.get("createPlaylist", name="mix")["playlist"]["id"]
    command = [sys.executable, "-c", ADDING, str(calls.library.settings.home), id.removeprefix("pl-")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        for number in range(1, 7):
            other.stdout.readline()
            other.stdin.write("\n")
            other.stdin.flush()
            calls.get("updatePlaylist", playlistId=id, songIdToAdd=f"tr-{number}")
    assert other.returncode == 0
    assert sorted(songs(calls, id)) == sorted(f"tr-{number}" for number in range(1, 13))
    assert len(calls.library.playlists.list()) == 7


def test_a_change_waits_for_that_of_another_process(calls: SubsonicCalls) -> None:
    """What a change begins from is read after the one before it has been written."""
    made = calls.library.playlists.add("mix", [1])
    seen = list[list[int]]()

    def slow(before: list[int]) -> list[int]:
        other = recsys.Library(calls.library.settings.home)
        waiting.append(pool.submit(other.playlists.change, made.id, tracks=fast))
        wait(waiting, timeout=0.05)
        seen.append(before)
        return [*before, 2]

    def fast(before: list[int]) -> list[int]:
        seen.append(before)
        return [*before, 3]

    waiting = list[Future[object]]()
    with ThreadPoolExecutor() as pool:
        calls.library.playlists.change(made.id, tracks=slow)
        waiting[0].result()
    assert seen == [[1], [1, 2]]
    assert songs(calls, f"pl-{made.id}") == ["tr-1", "tr-2", "tr-3"]


def test_a_name_that_is_taken_meanwhile_is_numbered(calls: SubsonicCalls, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = SavedPlaylists.list

    def late(self: SavedPlaylists) -> list[recsys.SavedPlaylist]:
        found = listed(self)
        if len(found) < 2:
            calls.library.playlists.add("Mix" if not found else "Mix (2)", [1])
        return found

    monkeypatch.setattr(SavedPlaylists, "list", late)
    assert calls.get("createPlaylist", name="Mix")["playlist"]["name"] == "Mix (3)"


def test_tracks_of_a_former_request_do_not_replace_those_of_a_new_one(calls: SubsonicCalls) -> None:
    old, new = (recsys.PlaylistRequest(n=1, seeds=[seed]) for seed in ("1", "13"))
    saved = calls.library.playlists.add("mix", [1], request=old)
    with open_catalogue(calls.library) as catalogue:
        assert not catalogue.saved_playlists.change(saved.id, tracks=[2], of=new.to_dict())
        calls.library.playlists.change(saved.id, request=new)
        assert not catalogue.saved_playlists.change(saved.id, tracks=[2], of=saved.request)
    assert [track.id for track in calls.library.playlists.tracks(saved.id)] == [1]
