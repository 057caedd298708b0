"""The text search of AudioMuse-AI's interface, and its tasks."""

from pathlib import Path
from typing import Any

import pytest
from audiomuse_calls import AudioMuseCalls, ids_of, link
from synthetic_library import all_kinds, make_library, make_song, open_catalogue

from recsys import Library, TrackFilter


@pytest.fixture
def calls(tmp_path: Path) -> AudioMuseCalls:
    """Songs 1 and 2 are jazz of the nineties, 3 and 4 are metal of the eighties; their tempi are 101, 102 …"""
    songs = [make_song("jazz", i, year=1990 + i, genre="Bebop") for i in (1, 2)]
    songs += [make_song("metal", i, year=1980 + i, title=f"Rain {i}") for i in (3, 4)]
    make_library(tmp_path, songs)
    return AudioMuseCalls(tmp_path)


@pytest.mark.parametrize(
    ("query", "ids", "similarity"),
    [
        ("some jazz songs", "12", 1.0), ("Metal!", "34", 1.0), ("bebop", "12", 1.0), ("music of the 90s", "12", 1.0),
        ("1980s", "34", 1.0), ("rain", "34", 1.0), ("metal of the 90s", "1234", 0.5),
        ("jazz 90's bebop rain", "12", 0.75),
        ("101 bpm", "1234", 1.0), ("108bpm", "", None), ("artist:x", "", None),
        ('"rain"', "34", 1.0),
        ("the", "", None),
    ],
)  # fmt: skip
def test_words_of_a_query(calls: AudioMuseCalls, query: str, ids: str, similarity: float | None) -> None:
    found = calls.post("clap/search", query=query, limit=10)
    assert found["query"] == query
    best = [row for row in found["results"] if row["similarity"] == similarity]
    assert sorted(ids_of(best)) == list(ids)
    assert found["count"] == len(found["results"])
    similarities = [row["similarity"] for row in found["results"]]
    assert similarities == sorted(similarities, reverse=True)


def test_a_search_lists_many_artists_and_what_the_server_has(tmp_path: Path) -> None:
    songs = [make_song("jazz", i, artist="One") for i in range(1, 9)] + [make_song("jazz", 9, artist="Other")]
    make_library(tmp_path, songs)
    calls = AudioMuseCalls(tmp_path)
    assert {row["author"] for row in calls.post("clap/search", query="jazz", limit=3)["results"]} == {"One", "Other"}
    link(calls.library, "navidrome", "navidrome", {"x": 2, "y": 3}, {})
    assert sorted(ids_of(calls.post("clap/search", query="jazz", n=5)["results"])) == ["x", "y"]
    assert calls.get("clap/stats")["song_count"] == 9


def test_a_search_needs_tracks_and_a_query(tmp_path: Path) -> None:
    calls = AudioMuseCalls(tmp_path)
    assert calls.error("clap/search", {"query": "jazz"}) == 503
    assert calls.error("clap/search", {"query": " "}) == 400
    make_library(tmp_path, all_kinds(each=1))
    assert calls.error("clap/search", {"query": "x " * 50}) == 400
    assert calls.get("clap/warmup/status") == {"active": True, "seconds_remaining": 0}
    assert "jazz" in calls.get("clap/top_queries")["queries"]


def test_tracks_of_a_mood_are_those_of_a_filter(tmp_path: Path) -> None:
    make_library(tmp_path, all_kinds(each=3))
    with Library(tmp_path, keep_open=True) as library:
        jazz = library.track_ids(filter=TrackFilter(tags=["jazz"]))
        assert [library.track(i).genre for i in jazz] == ["jazz"] * 3
        assert library.track_ids("metal", filter=TrackFilter(tags=["jazz"])) == []
        assert library.track_ids(filter=TrackFilter(genres=["jazz"])) == library.track_ids(genre="jazz")


def test_an_analysis_is_a_job(tmp_path: Path) -> None:
    make_library(tmp_path, all_kinds(each=1))
    calls = AudioMuseCalls(tmp_path)
    with open_catalogue(calls.library) as catalogue:
        catalogue.add_roots(["/music"])
    started: dict[str, Any] = calls.post("analysis/start", num_recent_albums=0)
    assert (started["task_type"], started["status"]) == ("main_analysis", "PENDING")
    assert calls.client.state.jobs.get(started["task_id"])["parameters"] == {"folders": ["/music"]}
    assert calls.get("active_tasks")["task_id"] == started["task_id"]
    assert calls.get(f"status/{started['task_id']}")["state"] == "PENDING"
    assert calls.get("dashboard/summary")["recent_tasks"][0]["task_id"] == started["task_id"]
    assert calls.post(f"cancel/{started['task_id']}")["task_id"] == started["task_id"]
    assert calls.get("last_task")["status"] == "REVOKED"
    assert calls.get("active_tasks") == {}
    again = calls.post("analysis/start")
    assert calls.post("cancel_all/main_analysis")["cancelled_main_tasks"] == [again["task_id"]]


def test_playlists_are_those_of_the_listener(tmp_path: Path) -> None:
    make_library(tmp_path, all_kinds(each=2))
    calls = AudioMuseCalls(tmp_path, listener="Anna")
    first = calls.post("create_playlist", playlist_name="mix", track_ids=["1", {"item_id": "2"}, "1", "99"])
    assert (first["mapped"], first["skipped"]) == (2, 1)
    again = calls.post("create_playlist", playlist_name="mix", track_ids=["3"])
    assert again["playlist_id"] == first["playlist_id"]
    [saved] = calls.library.for_listener("Anna").playlists.list()
    assert [track.id for track in calls.library.for_listener("Anna").playlists.tracks(saved.id)] == [3]
    assert calls.library.playlists.list() == []
    mixed = calls.post("alchemy", items=[{"id": "mix", "op": "ADD", "type": "playlist"}], n=2)
    assert "3" not in ids_of(mixed["results"])
    calls.library.for_listener("Anna").dislike(4)
    calls.library.for_listener("Anna").like(3)
    assert "4" not in ids_of(calls.get("sonic_fingerprint/generate", n=7))
