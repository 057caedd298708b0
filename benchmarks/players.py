#!/usr/bin/env python3
"""How fast players of Subsonic are answered: several that browse, search and stream a library at the same time.

    benchmarks/players.py LIBRARY [--music FOLDER] [--players 20] [--rounds 20] [--pause 0.5]

LIBRARY is a folder such as one that `benchmarks/commands.py --library` keeps; a key is added for the time of the run.
Each player sends a call once the one before is answered, after a pause of about so many seconds; with `--pause 0` all
players always wait for the server, which measures its throughput. Songs whose files are absent cannot be
streamed and are counted; with `--music` a folder is ingested first, whose tracks stay in the library, and its songs are
streamed instead. Server and players share the machine.
"""

import argparse
import http.client
import json
import random
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil
from measure import recsys
from server import Server, run

from recsys import Library

_KEY = "benchmark of players"
_PAGE = 100
_STREAMED = 262_144  # bytes of a song that a player reads
_WORDS = ("a", "love", "the", "artist 1", "title 77")


class Player:
    """One player with a connection of its own, and the milliseconds of its calls by name."""

    def __init__(self, server: Server, key: str, seed: int, pause: float = 0.0, streamed: Sequence[str] = ()) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        self.key, self.rng, self.pause, self.streamed = key, random.Random(seed), pause, streamed
        self.times: dict[str, list[float]] = defaultdict(list)

    def call(self, name: str, shown: str = "", **parameters: Any) -> dict[str, Any]:
        """The answer to a call, whose time counts as that of ``shown``."""
        time.sleep(self.pause * self.rng.uniform(0, 2))
        start = time.perf_counter()
        query = urlencode({"apiKey": self.key, "f": "json", **parameters})
        self.connection.request("GET", f"/rest/{name}?{query}")
        data = self.connection.getresponse().read()
        self.times[shown or name].append(1000 * (time.perf_counter() - start))
        found: dict[str, Any] = json.loads(data)["subsonic-response"]
        if found["status"] != "ok":
            raise RuntimeError(f"{name} {parameters}: {found}")
        return found

    def stream(self, song: str) -> None:
        """Read the begin of a song, or of one of those that are streamed instead."""
        song = self.rng.choice(self.streamed) if self.streamed else song
        time.sleep(self.pause * self.rng.uniform(0, 2))
        start = time.perf_counter()
        headers = {"Range": f"bytes=0-{_STREAMED - 1}"}
        self.connection.request("GET", f"/rest/stream?{urlencode({'apiKey': self.key, 'id': song})}", headers=headers)
        answer = self.connection.getresponse()
        answer.read()
        shown = "stream" if answer.status == 206 else "stream of an absent file"
        self.times[shown].append(1000 * (time.perf_counter() - start))

    def play(self, rounds: int, songs: int, albums: int) -> None:
        """Browse, search and stream."""
        for _ in range(rounds):
            offset = self.rng.randrange(max(1, albums - 20))
            kind = self.rng.choice(("alphabeticalByName", "alphabeticalByArtist", "newest", "frequent"))
            listed = self.call("getAlbumList2", type=kind, size=20, offset=offset)["albumList2"].get("album", [])
            for each in listed[:2]:
                album = self.call("getAlbum", id=each["id"])["album"]
                self.call("getArtist", id=album["artistId"])
                self.stream(album["song"][0]["id"])
            self.call("search3", "search3 for words", query=self.rng.choice(_WORDS))
            page = {"query": "", "artistCount": 0, "albumCount": 0, "songCount": _PAGE}
            self.call("search3", "search3, first page", **page, songOffset=0)
            self.call("search3", "search3, any page", **page, songOffset=self.rng.randrange(songs))
            self.call("search3", "search3, last page", **page, songOffset=max(0, songs - _PAGE))


def ingested(library: Path, music: Path) -> list[str]:
    """Ingest a folder; the ids that players have for its songs."""
    subprocess.run(recsys(library, "ingest", music), check=True)
    folder = f"{music.resolve()}/"
    return [f"tr-{track.id}" for track in Library(library).tracks() if track.path.startswith(folder)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", type=Path)
    parser.add_argument("--music", type=Path, metavar="FOLDER", help="music that is ingested first, and streamed")
    parser.add_argument("--players", type=int, default=20, metavar="N")
    parser.add_argument("--rounds", type=int, default=20, metavar="N", help="rounds of calls of each player")
    parser.add_argument("--pause", type=float, default=0.5, metavar="SECONDS")
    options = parser.parse_args()
    streamed = ingested(options.library, options.music) if options.music else []
    keys = Library(options.library).keys
    key = keys.add(_KEY, subsonic=True)
    try:
        with run(recsys(options.library, "serve", "--port", "0")) as server:
            first = Player(server, key, 0, streamed=streamed)
            songs: int = first.call("getScanStatus")["scanStatus"]["count"]
            genres = first.call("getGenres")["genres"]["genre"]
            albums = max(1, songs // 12)
            first.play(1, songs, albums)  # what is read once is read
            players = [Player(server, key, seed, options.pause, streamed) for seed in range(1, options.players + 1)]
            process = psutil.Process(server.process.pid)
            start, before = time.perf_counter(), sum(process.cpu_times()[:2])
            with ThreadPoolExecutor(options.players) as pool:
                for done in [pool.submit(each.play, options.rounds, songs, albums) for each in players]:
                    done.result()
            seconds, busy = time.perf_counter() - start, sum(process.cpu_times()[:2]) - before
    finally:
        keys.revoke(_KEY)
    times = {name: sorted(t for each in players for t in each.times[name]) for name in players[0].times}
    calls = sum(map(len, times.values()))
    print(
        f"{songs} songs, {len(genres)} genres, {options.players} players, {calls / seconds:.0f} calls a second, ",
        end="",
    )
    print(f"{1000 * busy / calls:.1f} ms of a processor of the server for each\n")
    print("| call | number | p50, ms | p99, ms | longest |\n|---|---|---|---|---|")
    for name, each in sorted(times.items()):
        p99 = each[min(len(each) - 1, int(0.99 * len(each)))]
        print(f"| {name} | {len(each)} | {statistics.median(each):.1f} | {p99:.1f} | {each[-1]:.0f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
