#!/usr/bin/env python3
"""Drive a player that no test starts against a running server, and print what of it succeeds.

    scripts/try_players.py PLAYER URL NAME KEY

NAME and KEY are those of ``recsys keys add NAME --subsonic``. PLAYER is one of:

clementine
    The program itself, in a display that is not shown: needs Clementine, Xvfb, xdotool, dbus-run-session and gdbus.
jellytoast
    Its class for servers of Subsonic, without a window: ``pip install jellytoast``.
musickit
    Its web client in Chromium: ``pip install --no-deps --ignore-requires-python musickit playwright``, of which the
    pages of its package are served, and Chromium.
nocp
    The program itself in tmux: ``pip install nocp``, and VLC. It ends at once without a saved playlist.

Songs that are played may count as plays; a song is starred for a moment unless it has a star; a playlist that is made
is deleted.
"""

import functools
import http.server
import importlib.util
import json
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]

Tried = Iterator[tuple[str, Callable[[], Any]]]
"""What is tried, with the function whose result is true if it succeeds."""

_CLEMENTINE = """[Subsonic]
server={url}
username={name}
password={key}

[GstEngine]
sink=autoaudiosink

[MainWindow]
showtray=false
tab_mode=1
current_tab=4
"""
_EXPANDER = 81, 357  # place of the window: what shows the library of Subsonic in the list of services
_DOWN = 20  # keys from the first service to the first artists
_SONG = "subsonic_songs"
_TMUX = "try-players"


def jellytoast(url: str, name: str, key: str) -> Tried:
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


def clementine(url: str, name: str, key: str) -> Tried:
    sys.path.insert(0, str(ROOT / "tests" / "players"))
    shown = import_module("desktop_player")  # of the tests of players
    with shown.desktop("clementine", "gdbus") as screen:
        folder = screen.folder / "config" / "Clementine"
        folder.mkdir(parents=True)
        (folder / "Clementine.conf").write_text(_CLEMENTINE.format(url=url, name=name, key=key))
        program = screen.start("sh", "-c", 'echo "$DBUS_SESSION_BUS_ADDRESS" > "$HOME/bus"; exec clementine')
        try:
            yield "login", lambda: _until(lambda: _clementine(screen, "Get", "PlaybackStatus") is not None)
            time.sleep(3)  # until the window is drawn
            screen.click(*_EXPANDER)
            n = _count(url, key)
            yield f"browse: all {n} songs stored", lambda: _until(lambda: len(_stored(folder)) == n)
            covers = [cover for _, cover in _stored(folder) if cover]
            yield "cover, where an album has an id of one", lambda: not covers or _bytes(covers[0])
            screen.xdotool("key", *["Down"] * _DOWN)

            def playing() -> bool:
                screen.xdotool("key", "Down", "Return")
                time.sleep(2)
                return "'Playing'" in (_clementine(screen, "Get", "PlaybackStatus") or "")

            yield "play", lambda: _until(playing, attempts=10) and _position(screen) > 0
            before = _position(screen)
            _clementine(screen, "Seek", str(20_000_000))
            time.sleep(1)
            yield "seek by 20 seconds", lambda: _position(screen) - before > 18
        finally:
            shown.stop(program)


def _clementine(screen: Any, method: str, value: str) -> str | None:
    """The answer of the player to a call of MPRIS: a property, or a method with a number."""
    player = "org.mpris.MediaPlayer2.Player"
    call = ["org.freedesktop.DBus.Properties.Get", player, value] if method == "Get" else [f"{player}.{method}", value]
    bus = (screen.folder / "bus").read_text().strip() if (screen.folder / "bus").exists() else ""
    words = ["gdbus", "call", "--session", "--dest", "org.mpris.MediaPlayer2.clementine"]
    words += ["--object-path", "/org/mpris/MediaPlayer2", "--method", *call]
    environment = {**screen.environment, "DBUS_SESSION_BUS_ADDRESS": bus}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None


def _position(screen: Any) -> float:
    """Seconds of the song that are over."""
    found = re.search(r"int64 (\d+)", _clementine(screen, "Get", "Position") or "")
    return int(found[1]) / 1e6 if found else 0.0


def _stored(folder: Path) -> list[tuple[str, str]]:
    """Title and cover of the songs that Clementine has stored of the server."""
    try:
        connection = sqlite3.connect(f"file:{folder / 'clementine.db'}?mode=ro", uri=True)
        try:
            return connection.execute(f"SELECT title, art_automatic FROM {_SONG} ORDER BY art_automatic").fetchall()
        finally:
            connection.close()
    except sqlite3.OperationalError:
        return []


def musickit(url: str, name: str, key: str) -> Tried:
    package = importlib.util.find_spec("musickit")
    if package is None or not package.submodule_search_locations:
        raise SystemExit("musickit is not installed")
    pages = functools.partial(_Pages, directory=f"{package.submodule_search_locations[0]}/_ui_static")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    playwright = import_module("playwright.sync_api").sync_playwright()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), pages) as server, playwright as driver:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_address[1]}/")
        for number, text in enumerate((url, name, key)):
            page.locator(".mk-login-card input").nth(number).fill(text)
        page.click(".mk-btn-primary")
        yield "login", lambda: page.wait_for_selector(".mk-artist-row", timeout=120_000)
        page.locator(".mk-artist-row").last.click()
        page.locator(".mk-album-row").first.click()
        yield "browse", lambda: page.wait_for_selector(".mk-track-row")
        cover = "document.querySelector('.mk-album-cover-sm').naturalWidth > 0"
        yield "cover", lambda: page.wait_for_function(cover)
        page.locator(".mk-track-row").first.click()
        yield "play", lambda: page.wait_for_function("MK_AUDIO.element.currentTime > 1")
        half = page.evaluate("MK_AUDIO.element.duration / 2")
        page.evaluate(f"MK_AUDIO.seek({half})")
        yield "seek to the half", lambda: page.wait_for_function(f"MK_AUDIO.element.currentTime > {half + 1}")
        heart = page.locator(".mk-track-row .mk-star").first
        before = _likes(url, key)
        heart.click()
        yield "star", lambda: _until(lambda: _likes(url, key) != before)
        heart.click()
        yield "unstar", lambda: _until(lambda: _likes(url, key) == before)
        browser.close()


class _Pages(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


def nocp(url: str, name: str, key: str) -> Tried:
    with tempfile.TemporaryDirectory() as home:
        words = ["env", f"HOME={home}", "LANG=C.UTF-8", "nocp", "--server-url", f"{url}/rest", "--username", name]
        command = shlex.join([*words, "--password", key, "--lang", "en_US"]) + " 2>/dev/null"
        _tmux("new-session", "-d", "-x", "120", "-y", "40", command)
        try:
            yield "login, browse", lambda: _until(lambda: "Albums" in _screen())
            _key("l")
            yield "list of playlists", lambda: _until(lambda: "Playlists" in _screen())
            _key("m")
            for key_name in ("Enter", "Tab", "Enter", "Tab", "Enter"):
                time.sleep(1)
                _key(key_name)
            yield "play", lambda: _until(lambda: re.search(r"00:0[2-9]", _screen()))
        finally:
            _tmux("kill-server")


def _tmux(*words: str) -> str:
    command = ["tmux", "-L", _TMUX, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _screen() -> str:
    return _tmux("capture-pane", "-p")


def _key(name: str) -> None:
    _tmux("send-keys", name)


def _until(found: Callable[[], Any], *, attempts: int = 60) -> Any:
    """What a condition returns once it is true; it is tried twice a second. None if it stays false."""
    for _ in range(attempts):
        if result := found():
            return result
        time.sleep(0.5)
    return None


def _call(url: str, key: str, name: str, **parameters: Any) -> dict[str, Any]:
    """What the server answers, to see what a player has changed."""
    query = urlencode({"apiKey": key, "f": "json", "c": "try_players", **parameters})
    found: dict[str, Any] = json.loads(_bytes(f"{url}/rest/{name}?{query}"))["subsonic-response"]
    return found


def _likes(url: str, key: str) -> list[str]:
    return sorted(song["id"] for song in _call(url, key, "getStarred2")["starred2"]["song"])


def _count(url: str, key: str) -> int:
    return int(_call(url, key, "getScanStatus")["scanStatus"]["count"])


def _bytes(url: str, **headers: str) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:
        found: bytes = answer.read()
        return found


PLAYERS: dict[str, Callable[[str, str, str], Tried]] = {
    "clementine": clementine,
    "jellytoast": jellytoast,
    "musickit": musickit,
    "nocp": nocp,
}


def main() -> int:
    if len(sys.argv) != 5 or sys.argv[1] not in PLAYERS:
        print(__doc__)
        return 2
    print(f"| function | {sys.argv[1]} |\n|---|---|")
    failed = 0
    for name, run in PLAYERS[sys.argv[1]](*sys.argv[2:]):
        succeeded = bool(run())
        failed += not succeeded
        print(f"| {name} | {'yes' if succeeded else 'no'} |", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
