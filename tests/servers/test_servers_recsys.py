"""The client of Subsonic against the server of recsys in a process of its own."""

from pathlib import Path

import pytest
from server_process import ServerProcess
from synthetic_library import all_kinds, make_library

import recsys


@pytest.mark.parametrize("user", ["desk", None])
def test_likes_and_playlists_are_exchanged_with_another_recsys(tmp_path: Path, user: str | None) -> None:
    make_library(tmp_path / "theirs", all_kinds(3))
    make_library(tmp_path / "mine", all_kinds(2, "/elsewhere"))
    with recsys.Library(tmp_path / "theirs") as theirs, recsys.Library(tmp_path / "mine") as mine:
        key = theirs.keys.add("desk", subsonic=True)
        theirs.like("3")
        theirs.ratings.set_stars(["1"], 2)
        mine.playlists.add("Calm", ["4", "1", "5"])
        with ServerProcess(tmp_path / "theirs") as server:
            url = f"http://127.0.0.1:{server.port}"
            report = mine.links.add("subsonic", url, user=user, secret=key)
            pulled = mine.links.pull("subsonic")
            pushed = mine.links.push("subsonic", ["Calm"])
            again = mine.links.push("subsonic")
            unchanged = mine.links.pull("subsonic")
        [there] = theirs.playlists.list()
        titles = [track.title for track in theirs.playlists.tracks(there.id)]
    assert key not in server.log
    assert (report.link.tracks, report.link.matched) == (12, 8)
    assert pulled.tracks_by_action() == {"like": 1, "dislike": 1}
    assert ([each.tracks for each in pushed], [each.replaced for each in again]) == ([3], [True])
    assert titles == ["title 4", "title 1", "title 5"]
    assert unchanged.tracks_by_action() == {"unchanged": 2}
