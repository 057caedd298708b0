"""The calls of plugins that were written for AudioMuse-AI, in the order in which each makes them.

No Navidrome, Jellyfin or Lyrion runs here: what stands in for them is the ids and the requests of their plugins.
"""

from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from audiomuse_calls import AudioMuseCalls, ids_of, link
from synthetic_library import all_kinds, make_library

N = 24  # tracks: 1 to 6 are jazz
NAVIDROME = {i: f"0bHnX{i:017}" for i in range(1, N + 1)}
JELLYFIN = {i: UUID(int=(i << 64) + 7).hex for i in range(1, N + 1)}
LYRION = {i: str(1000 + i) for i in range(1, N + 1)}
MISSING = (3, 9)  # tracks that no server has


def _calls(home: Path, kind: str, ids: dict[int, str], **options: Any) -> AudioMuseCalls:
    make_library(home, all_kinds(each=6))
    calls = AudioMuseCalls(home, **options)
    tracks: dict[str, int | None] = {id: i for i, id in ids.items() if i not in MISSING}
    prefix = "" if kind == "jellyfin" else "ar-"
    artists = {f"{prefix}{id}": calls.library.artist(f"artist {i}").id for i, id in ids.items() if i not in MISSING}
    link(calls.library, kind, kind, {**tracks, f"{ids[1]}x": None}, artists)
    return calls


def test_navidrome(tmp_path: Path) -> None:
    calls = _calls(tmp_path, "navidrome", NAVIDROME)
    seed, other = NAVIDROME[1], NAVIDROME[13]
    rows = calls.get(
        "similar_tracks", item_id=seed, n=20, eliminate_duplicates="true", radius_similarity="true"
    )  # fmt: skip
    assert seed not in ids_of(rows)
    assert set(ids_of(rows)) < set(NAVIDROME.values()) - {NAVIDROME[i] for i in MISSING}
    assert set(ids_of(rows[:4])) == {NAVIDROME[i] for i in (2, 4, 5, 6)}
    distances = [row["distance"] for row in rows]
    assert distances == sorted(distances)
    assert 0 <= distances[0] < distances[-1] <= 1
    first = next(row for row in rows if row["item_id"] == NAVIDROME[2])
    assert (first["title"], first["author"], first["album"]) == ("title 2", "artist 2", "album of jazz")

    path = calls.get(
        "find_path", start_song_id=seed, end_song_id=other, count=8, max_steps=8, path_fix_size="false", mood_pct=100
    )  # fmt: skip
    assert ids_of(path["path"])[0] == seed
    assert ids_of(path["path"])[-1] == other
    assert len(path["path"]) == len(set(ids_of(path["path"]))) == 8
    assert path["total_distance"] > 0

    artist = f"ar-{seed}"
    found = calls.get("similar_artists", artist=artist, n=10, include_component_matches="false")
    assert len(found) == 10
    assert artist not in [row["artist_id"] for row in found]
    assert found[0]["artist_id"] in {f"ar-{NAVIDROME[i]}" for i in (2, 4, 5, 6)}
    assert [row["divergence"] for row in found] == sorted(row["divergence"] for row in found)
    [match] = calls.get("similar_artists", artist=artist, n=1, include_component_matches="true")[0]["component_matches"]
    assert ids_of(match["artist1_representative_songs"]) == [seed]
    assert ids_of(match["artist2_representative_songs"])[0] in NAVIDROME.values()

    body = {"item_id": seed, "limit": 5, "server": "Navidrome"}
    found = calls.post("hyperbolic/similar", **body)["results"]
    as_plugin = [row["distance"] / (1 + row["distance"]) for row in found]
    assert as_plugin == pytest.approx(distances[:5], abs=1e-5)
    assert calls.error("sem_grove/search", body) == 404


def test_jellyfin(tmp_path: Path) -> None:
    calls = _calls(tmp_path, "jellyfin", JELLYFIN)
    assert calls.get("active_tasks") == {}
    for seed in (JELLYFIN[1], str(UUID(JELLYFIN[1])), JELLYFIN[1].upper()):
        rows = calls.get("similar_tracks", n=5, item_id=seed)
        assert len(rows) == 5
        assert all(UUID(row["item_id"]).hex == row["item_id"] for row in rows)
    assert calls.error("similar_tracks", n=5, item_id=JELLYFIN[3]) == 404
    artists = calls.get("similar_artists", artist_id=JELLYFIN[1], n=3)
    assert all(UUID(row["artist_id"]) for row in artists)
    [found] = calls.get("search_tracks", title="title 5", artist="artist 5")
    assert found["item_id"] == JELLYFIN[5]
    path = calls.get("find_path", start_song_id=JELLYFIN[1], end_song_id=JELLYFIN[20], max_steps=5)["path"]
    assert all(UUID(id) for id in ids_of(path))
    made = calls.post("create_playlist", playlist_name="mix", track_ids=[JELLYFIN[1], JELLYFIN[2], JELLYFIN[3]])
    assert (made["mapped"], made["skipped"]) == (2, 1)
    [server] = calls.get("playlists")["servers"]
    assert ids_of(server["playlists"]["mix"]) == [JELLYFIN[1], JELLYFIN[2]]
    assert calls.get("config")["mediaserver_type"] == "jellyfin"
    assert calls.get("last_task")["status"] == "NO_PREVIOUS_MAIN_TASK"
    user = {"jellyfin_user_identifier": "anna", "jellyfin_token": "secret", "n": 3}
    assert calls.get("sonic_fingerprint/generate", **user) == []
    calls.library.plays.add("title 1")
    assert len(calls.get("sonic_fingerprint/generate", **user)) == 3


def test_lyrion_mixer(tmp_path: Path) -> None:
    calls = _calls(tmp_path, "lyrion", LYRION)
    rows = calls.post("hyperbolic/similar", item_id=LYRION[1], mode="similar", limit=100)
    assert rows["count"] == len(rows["results"]) == 21  # all but the seed and what the server lacks
    assert rows["seed_item_id"] == LYRION[1]
    assert calls.error("sem_grove/search", {"item_id": LYRION[1], "limit": 100}) == 404
    flags = {"eliminate_duplicates": "true", "radius_similarity": "true", "mood_similarity": "true"}
    assert len(calls.get("similar_tracks", item_id=LYRION[1], n=40, **flags)) == 21
    items = [{"id": LYRION[i], "op": "ADD", "type": "song"} for i in (1, 2)]
    found = calls.post("alchemy", items=items, n=4)["results"]
    assert set(ids_of(found[:3])) == {LYRION[4], LYRION[5], LYRION[6]}
    assert len(found) == 4


def test_lyrion_plugin(tmp_path: Path) -> None:
    calls = _calls(tmp_path, "lyrion", LYRION)
    assert calls.get("health") == {"status": "ok"}
    summary = calls.get("dashboard/summary")
    assert {"content", "workers", "recent_tasks"} <= set(summary)
    assert summary["content"]["total_songs"] == N
    tempi = summary["content"]["tempo_profile"]
    assert sum(tempi.values()) == N
    rows = calls.get("search_tracks", artist="artist 4")
    assert ids_of(rows) == [LYRION[4]]
    assert {"item_id", "title", "author", "album", "album_artist"} <= set(rows[0])
    similar = calls.get("similar_tracks", item_id=LYRION[4], n=3, eliminate_duplicates="true")
    assert len(similar) == 3
    path = calls.get("find_path", start_song_id=LYRION[1], end_song_id=LYRION[24], max_steps=5)
    assert {"path", "total_distance"} <= set(path)
    items = [{"id": LYRION[1], "op": "ADD", "type": "song"}, {"id": LYRION[7], "op": "SUBTRACT", "type": "song"}]
    mixed = calls.post("alchemy", items=items, n=10)
    assert {"results", "filtered_out"} <= set(mixed)
    assert not set(ids_of(mixed["results"])) & {LYRION[i] for i in (8, 10, 11, 12)}  # as the metal that is subtracted
    assert calls.error("lyrics/search/text", {"query": "rain", "limit": 3}) == 404
    for path in ("clustering/start", "radios", "radios/run", "anchors/3"):
        assert calls.error(path, {}) == 404
    chat = calls.client.post("/chat/api/chatPlaylist", {"userInput": "rain"})
    assert (chat.status_code, list(chat.json())) == (404, ["error"])
    calls.library.like("title 1")
    assert len(calls.get("sonic_fingerprint/generate", n=25)) == 21


def test_distances_and_points(tmp_path: Path) -> None:
    calls = _calls(tmp_path, "navidrome", NAVIDROME)
    farthest = calls.get("max_distance", item_id=NAVIDROME[1])
    assert farthest["farthest_item_id"] in set(NAVIDROME.values()) - {NAVIDROME[i] for i in range(1, 7)}
    rows = calls.get("similar_tracks", item_id=NAVIDROME[1], n=21, eliminate_duplicates="false")
    assert farthest["max_distance"] == max(row["distance"] for row in rows)
    calls.client.state.maps.latest(calls.library, wait=60)
    few, whole = (calls.get("map", percent=percent)["items"] for percent in (25, 100))
    assert len(few) < len(whole) == N - len(MISSING)
    assert set(ids_of(few)) < set(ids_of(whole)) < set(NAVIDROME.values())
    assert all(-1 <= value <= 1 for row in whole for value in row["embedding_2d"])


def test_ids_of_the_library_without_a_link(tmp_path: Path) -> None:
    make_library(tmp_path, all_kinds(each=6))
    calls = AudioMuseCalls(tmp_path)
    assert len(calls.get("similar_tracks", item_id="1", n=4)) == 4
    assert calls.get("track", item_id="7")["title"] == "title 7"
    artist = calls.library.artist("artist 7").id
    assert ids_of(calls.get("artist_tracks", artist_id=str(artist))) == ["7"]
    assert ids_of(calls.get("artist_tracks", artist="ARTIST 7")) == ["7"]
    pages = [ids_of(calls.get("search_tracks", search_query="title", start=i, end=i + 10)) for i in (0, 10, 20)]
    assert sorted(int(id) for page in pages for id in page) == list(range(1, N + 1))
    assert all(set(a).isdisjoint(b) for a, b in pairwise(pages))
    assert calls.error("similar_tracks", item_id="1", server="navidrome") == 400


def test_several_links(tmp_path: Path) -> None:
    make_library(tmp_path, all_kinds(each=6))
    calls = AudioMuseCalls(tmp_path)
    link(calls.library, "first", "navidrome", {id: i for i, id in NAVIDROME.items()}, {})
    link(calls.library, "second", "lyrion", {id: i for i, id in LYRION.items()}, {})
    assert set(ids_of(calls.get("similar_tracks", item_id=LYRION[1]))) < set(LYRION.values())
    assert set(ids_of(calls.get("similar_tracks", item_id=NAVIDROME[1]))) < set(NAVIDROME.values())
    assert calls.error("similar_tracks", item_id=LYRION[1], server="FIRST") == 404
    assert ids_of(calls.get("search_tracks", title="title 24")) == [NAVIDROME[24]]
    assert ids_of(calls.get("search_tracks", title="title 24", server="second")) == [LYRION[24]]
