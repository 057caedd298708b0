"""Every method of subsonic-api, a client library of npm, against a real server."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from player_programs import node_package, nodejs
from player_server import USER, PlayerServer, running

SCRIPT = Path(__file__).with_name("subsonic_api.mjs")
REFUSED = {
    "getUsers", "createUser", "updateUser", "deleteUser", "changePassword", "createBookmark", "deleteBookmark",
    "addChatMessage", "createInternetRadioStation", "updateInternetRadioStation", "deleteInternetRadioStation",
    "jukeboxControl", "getPodcastEpisode", "downloadPodcastEpisode", "deletePodcastEpisode", "deletePodcastChannel",
    "createPodcastChannel", "refreshPodcasts", "deleteShare", "updateShare", "createShare", "getVideoInfo",
    "getAvatar", "getCaptions", "hls",
}  # fmt: skip
MEDIA = {"stream": "audio/mpeg", "download": "audio/flac", "getCoverArt": "image/jpeg"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlayerServer]:
    with running(tmp_path_factory) as found:
        yield found


@pytest.fixture(scope="module")
def results(server: PlayerServer) -> Mapping[str, Mapping[str, Any]]:
    song, other = (
        server.get("search3", query=title)["searchResult3"]["song"][0] for title in ("Free Energy", "Happy Blues")
    )
    words = [nodejs(), str(SCRIPT), str(node_package("subsonic-api")), server.url, server.key, USER]
    words += [song["id"], other["id"], song["albumId"], song["artistId"]]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("way", ["token", "key", "post"])
def test_every_method_of_the_client(results: Mapping[str, Mapping[str, Any]], way: str) -> None:
    found = results[way]
    assert len(found) > 75
    failed = {name: each for name, each in found.items() if each.get("status") != "ok" and "media" not in each}
    refused = {name: each for name, each in found.items() if each.get("status") == "failed"}
    assert set(refused) == REFUSED, {name: refused.get(name) for name in set(refused) ^ REFUSED}
    assert {name: each for name, each in failed.items() if name not in REFUSED} == {}
    codes = {each["error"]["code"] for name, each in refused.items() if name != "hls"}  # it calls hls.m3u8
    assert codes == {50, 70}
    for name, kind in MEDIA.items():
        assert found[name]["media"].startswith(kind)
        assert found[name]["size"] > 200
    assert [song["title"] for song in found["search3"]["searchResult3"]["song"]] == ["Free Energy"]
    assert len(found["getAlbumList2"]["albumList2"]["album"]) == 11
    assert found["getPlaylist"]["playlist"]["songCount"] == 2
    assert found["getPlayQueue"]["playQueue"]["position"] == 1500
    assert found["getSimilarSongs"]["similarSongs"]["song"]
    assert found["getSimilarSongs2"]["similarSongs2"]["song"]
    assert [song["title"] for song in found["getStarred2"]["starred2"]["song"]] == ["Free Energy"]
