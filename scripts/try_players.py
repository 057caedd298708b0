#!/usr/bin/env python3
"""Call a running server as jellytoast does, a player that no test starts, and print what of it succeeds.

    scripts/try_players.py URL NAME KEY

NAME and KEY are those of ``recsys keys add NAME --subsonic``. It runs in an environment that has jellytoast (``pip
install jellytoast``), whose class for servers of Subsonic it uses without a window. It plays a song, which counts as a
play, stars it for a moment unless it has a star, and makes and deletes a playlist.
"""

import sys
import urllib.request
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any


def functions(url: str, name: str, key: str) -> Iterator[tuple[str, Callable[[], Any]]]:
    """What is tried, with the function whose result is true if it succeeds."""
    player = import_module("jellytoast.providers.subsonic").SubsonicProvider()
    yield "login", lambda: player.authenticate(url, name, key) and player.verify_session()
    artists = player.get_artists()
    yield "browse", lambda: artists and player.get_artist_albums(artists[0]["Id"])
    song = player.get_random_audio_items("", limit=1)[0]
    yield "search", lambda: player.search(song["Name"])
    yield "cover", lambda: _bytes(player.get_image_url(song["Id"]))
    yield "play", lambda: _bytes(player.get_audio_stream_url(song["Id"]))
    yield "seek", lambda: len(_bytes(player.get_audio_stream_url(song["Id"]), Range="bytes=100-199")) == 100
    yield "star", lambda: _starred(player, song["Id"])
    yield "scrobble", lambda: _played(player, song)
    playlist = player.create_playlist("try_players", [song["Id"]])
    yield "playlist", lambda: len(player.get_playlist_items(playlist)) == 1
    player.delete_playlist(playlist)
    yield "mix", lambda: player.get_instant_mix(song["Id"], 5)


def _starred(player: Any, song: str) -> bool:
    before = bool(player.get_item(song)["UserData"]["IsFavorite"])
    player.toggle_favorite(song, True)
    starred = bool(player.get_item(song)["UserData"]["IsFavorite"])
    player.toggle_favorite(song, before)
    return starred and player.get_item(song)["UserData"]["IsFavorite"] == before


def _played(player: Any, song: dict[str, Any]) -> bool:
    before = player.get_item(song["Id"])["UserData"]["PlayCount"]
    player.report_playback_start(song["Id"])
    player.report_playback_stopped(song["Id"], song["RunTimeTicks"])
    return bool(player.get_item(song["Id"])["UserData"]["PlayCount"] == before + 1)


def _bytes(url: str, **headers: str) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:
        found: bytes = answer.read()
        return found


def main() -> int:
    if len(sys.argv) != 4:
        print(__doc__)
        return 2
    print("| function | jellytoast |\n|---|---|")
    failed = 0
    for name, run in functions(*sys.argv[1:]):
        succeeded = bool(run())
        failed += not succeeded
        print(f"| {name} | {'yes' if succeeded else 'no'} |", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
