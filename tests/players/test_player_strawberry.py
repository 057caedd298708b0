"""Strawberry, a desktop player, against a real server: its collection with covers, and a song that it plays."""

import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desktop_player import DesktopPlayer, desktop, stop, until
from player_server import USER, PlayerServer, running

CONFIG = """
[Subsonic]
enabled=true
url={url}
username={user}
password=@ByteArray({password})
authmethod=1
downloadalbumcovers=true
serversidescrobbling=true

[Scrobbler]
enabled=true

[Backend]
engine=gstreamer
output=fakesink

[MainWindow]
showtray=false
do_not_show_sponsor_message=true
"""
TAB, EDGE, PANEL, FIRST, PLAY = (41, 610), (41, 577), (165, 160), (175, 108), (320, 636)
"""Places of the window: the tab of Subsonic and its edge; the picture that gets the collection; the first artist; the
button that plays."""


@pytest.fixture(scope="module")
def screen() -> Iterator[DesktopPlayer]:
    with desktop("strawberry") as found:
        yield found


@pytest.fixture(scope="module")
def server(screen: DesktopPlayer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlayerServer]:
    with running(tmp_path_factory) as found:
        yield found


def collection(folder: Path) -> list[tuple[str, str, str, str]]:
    """Title, artist, album and cover of the songs that the player has stored of the server."""
    file = folder / "data" / "strawberry" / "strawberry" / "strawberry.db"
    try:
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    except sqlite3.OperationalError:
        return []
    try:
        return connection.execute("SELECT title, artist, album, art_automatic FROM subsonic_songs").fetchall()
    except sqlite3.OperationalError:
        return []
    finally:
        connection.close()


def test_a_collection_is_stored_and_a_song_is_played(screen: DesktopPlayer, server: PlayerServer) -> None:
    folder = screen.folder / "config" / "strawberry"
    folder.mkdir(parents=True)
    password = b64encode(server.key.encode()).decode()
    (folder / "strawberry.conf").write_text(CONFIG.format(url=server.url, user=USER, password=password))
    player = screen.start("strawberry", "--log-levels", "*:3")
    try:

        def is_open() -> bool:
            screen.click(*TAB)
            return screen.is_light(*EDGE)

        until(is_open)
        screen.click(*PANEL)
        found = until(lambda: songs if len(songs := collection(screen.folder)) == 24 else [])

        def playing() -> list[dict[str, Any]]:
            screen.click(*FIRST, times=2)
            screen.click(*PLAY)
            entries: list[dict[str, Any]] = server.get("getNowPlaying")["nowPlaying"]["entry"]
            return entries

        [played] = until(playing)
        until(lambda: f'Song changed to "{played["artist"]}" "{played["album"]}" "{played["title"]}"' in screen.log())
    finally:
        stop(player)
    assert len({album for _, _, album, _ in found}) == 11
    assert all(cover.startswith("file://") for *_, cover in found)
    assert (played["username"], played["playerName"]) == (USER, "Strawberry")
