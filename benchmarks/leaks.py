#!/usr/bin/env python3
"""What a day of a household leaves in the memory of the server.

    benchmarks/leaks.py LIBRARY [--requests 20000] [--clients 4] [--trace]
    benchmarks/leaks.py LIBRARY --each 60

The server runs on a copy of LIBRARY, a folder such as one that `benchmarks/commands.py --library` keeps, or one whose
files exist, so that audio, covers and waveforms are sent too. A request every four seconds is 21,600 in a day. Here
each client sends one after the other: every kind that the page and players send, those that fail as well. After each
tenth the memory of the process is printed, what is left of it once garbage is collected and free memory is given back
to the system (by glibc alone), what of it C code has allocated, what is free between that, the blocks of Python, its
open files and its threads; at the end the growth of what is left for 1,000 requests after the first three tenths, in
which caches fill. With `--trace` Python counts its objects too, which takes several times as long, and the lines that
hold more at the end than after three tenths are printed. With `--each` one client sends so many requests of each kind,
one kind after the other, and what each adds is printed.
"""

import argparse
import http.client
import json
import random
import shutil
import signal
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import psutil
from measure import recsys
from server import Server, run

from recsys import Library

_KEY = "benchmark of leaks"
_PARTS, _WARM = 10, 3
_READ = 1 << 18  # bytes of a long answer that are read before the client goes away
_LINES = 15
SERVED = """
import ctypes, gc, json, os, pathlib, signal, sys, tracemalloc
from recsys.__main__ import main
target, traces = pathlib.Path(sys.argv[1]), sys.argv[2] == "trace"
class Mallinfo(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena o s h mapped u f used free k".split()]
def tidy(*_):
    gc.collect()
    new, held, free = target.with_suffix(".new"), 0, 0
    if sys.platform == "linux":
        c = ctypes.CDLL(None)
        c.malloc_trim(0)
        c.mallinfo2.restype = Mallinfo
        info = c.mallinfo2()
        held, free = info.used + info.mapped, info.free
    if traces:
        tracemalloc.take_snapshot().dump(new)
    else:
        new.write_text(json.dumps([held / 1e6, free / 1e6, sys.getallocatedblocks()]))
    os.replace(new, target)
signal.signal(signal.SIGUSR1, tidy)
if traces:
    tracemalloc.start()
sys.argv[1:] = sys.argv[3:]
main()
"""
"""The program; its first words are the file that :func:`tidy` waits for, and "trace" or nothing."""


class Call(NamedTuple):
    """A request: method, path, body; ``reads`` is the number of bytes after which the client goes away.

    With 0 it does so before the answer begins, which it may do only with the first event.
    """

    path: str
    method: str = "GET"
    body: object = None
    reads: int | None = None


class Household:
    """Those who send requests, and what they know of the library."""

    def __init__(self, server: Server, key: str, seed: int) -> None:
        self.server, self.key, self.rng = server, key, random.Random(seed)
        self.statuses: Counter[int] = Counter()
        self.failures: Counter[str] = Counter()
        self.connection = self._connect()
        self.tracks = self.read("/tracks/ids")["ids"]
        self.artists = [each["id"] for each in self.read("/artists?limit=500")["items"]]
        self.albums = [each["id"] for each in self.read("/albums?limit=500")["items"]]
        self.words = [word for each in self.read("/tracks?limit=200")["items"] for word in each["title"].split()]

    def read(self, path: str) -> dict[str, Any]:
        """An answer of the API."""
        found: dict[str, Any] = json.loads(self.send(_api(path)))
        return found

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=120)

    def send(self, call: Call) -> bytes:
        """Send a request, and read its answer or the begin of it."""
        own = {} if call.path.startswith("/rest/") else {"Cookie": self.server.cookie}
        headers = {"Origin": f"http://127.0.0.1:{self.server.port}", "Content-Type": "application/json", **own}
        body = None if call.body is None else json.dumps(call.body)
        try:
            self.connection.request(call.method, call.path, body, headers)
            if call.reads == 0:
                self.connection.close()
                return b""
            answer = self.connection.getresponse()
        except (http.client.HTTPException, ConnectionError):  # the server has closed an idle connection
            self.connection = self._connect()
            self.connection.request(call.method, call.path, body, headers)
            answer = self.connection.getresponse()
        data = answer.read(call.reads)
        if call.reads is not None:
            self.connection.close()
            self.connection = self._connect()
        self.statuses[answer.status] += 1
        if answer.status == 500:
            self.failures[f"{answer.status} {call.method} {call.path.partition('?')[0]}"] += 1
        return data

    def day(self, number: int) -> None:
        """Send some requests of a day."""
        kinds = tuple(_KINDS)
        for kind in self.rng.choices(kinds, [_KINDS[kind] for kind in kinds], k=number):
            self.send(kind(self))

    def track(self) -> int:
        """A track of the library."""
        found: int = self.rng.choice(self.tracks)
        return found

    def word(self) -> str:
        """A word of a title."""
        return quote(self.rng.choice(self.words))


def _api(path: str, method: str = "GET", body: object = None, reads: int | None = None) -> Call:
    return Call(f"/api/v1{path}", method, body, reads)


def _rest(home: Household, name: str, **parameters: Any) -> Call:
    reads = _READ if name == "stream" else None
    return Call(f"/rest/{name}?{urlencode({'apiKey': home.key, 'f': 'json', **parameters})}", reads=reads)


def _playlist(home: Household) -> Call:
    """Keep, change, read, write or remove the playlist of a client."""
    name = f"list {id(home)}"
    mine = [each for each in home.read("/playlists")["items"] if each["name"] == name]
    if not mine:
        request = {"n": 20, "seeds": [str(home.track())]}
        return _api("/playlists", "POST", {"name": name, "request": request})
    path = f"/playlists/{mine[0]['id']}"
    return home.rng.choice((
        _api(path), _api(path, "PUT", {"track_ids": home.rng.sample(home.tracks, 20)}),
        _api(f"{path}/refresh", "POST", {}), _api(f"{path}/export?format=xspf"), _api(path, "DELETE"),
    ))  # fmt: skip


_KINDS: dict[Callable[[Household], Call], float] = {
    # the page
    lambda _: Call("/"): 1,
    lambda _: _api("/health"): 2,
    lambda _: _api("/session"): 1,
    lambda _: _api("/session", "POST", {"key": "recsys_" + "x" * 22}): 0.1,
    lambda h: _api(f"/tracks?ids={','.join(map(str, h.rng.sample(h.tracks, 60)))}"): 10,
    lambda h: _api(f"/tracks?limit=50&query={h.word()}"): 6,
    lambda h: _api(f"/tracks/ids?query={h.word()}"): 2,
    lambda h: _api(f"/tracks?limit=100&sort={h.rng.choice(('title', 'year:desc', 'bpm', 'plays:desc'))}"): 2,
    lambda h: _api(f"/tracks/{h.track()}"): 5,
    lambda h: _api(f"/tracks/{h.track()}/similar?n=25&explain={h.rng.choice(('true', 'false'))}"): 8,
    lambda h: _api(f"/tracks/{h.track()}/similar?n=10&bpm_min={h.rng.randint(60, 120)}"): 2,
    lambda h: _api(f"/similar?seed={h.track()}&seed={h.track()}&n=20"): 2,
    lambda h: _api(f"/path?start={h.track()}&end={h.track()}&n=8"): 1,
    lambda h: _api("/playlists/preview", "POST", {"request": {"n": 30, "seeds": [str(h.track()), str(h.track())]}}): 3,
    lambda h: _api("/playlists/extend", "POST", {"track_ids": h.rng.sample(h.tracks, 5)}): 1,
    _playlist: 3,
    lambda h: _api(f"/artists?limit=60&query={h.word()}"): 1,
    lambda h: _api(f"/artists/{h.rng.choice(h.artists)}"): 2,
    lambda h: _api(f"/artists/{h.rng.choice(h.artists)}/similar"): 1,
    lambda h: _api(f"/albums?limit=60&cursor={h.rng.randrange(100)}"): 1,
    lambda h: _api(f"/albums/{h.rng.choice(h.albums)}"): 2,
    lambda h: _api(f"/albums/{h.rng.choice(h.albums)}/similar"): 1,
    lambda h: _api(f"/{h.rng.choice(('genres', 'tagged-genres', 'tags', 'moods', 'listeners', 'settings'))}"): 2,
    lambda h: _api(f"/{h.rng.choice(('statistics', 'duplicates', 'failures', 'ratings', 'plays', 'jobs', 'map'))}"): 2,
    lambda h: _api(f"/complete?prefix={h.word()}"): 2,
    lambda h: _api(f"/tracks/{h.track()}/rating", "PUT", {"rating": h.rng.choice((1, -1, 0))}): 2,
    lambda h: _api(f"/tracks/{h.track()}/stars", "PUT", {"stars": h.rng.randint(1, 5)}): 1,
    lambda h: _api(f"/tracks/{h.track()}/plays", "POST", {"skipped": h.rng.random() < 0.3}): 5,
    lambda h: _api(f"/cover/{h.track()}?size={h.rng.choice((64, 300))}"): 5,
    lambda h: _api(f"/peaks/{h.track()}"): 2,
    lambda h: _api(f"/audio/{h.track()}", reads=_READ): 5,
    lambda h: _api(f"/audio/{h.track()}?transcode=opus&start={h.rng.randint(0, 20)}", reads=_READ): 0.5,
    lambda _: _api("/jobs/events", reads=0): 0.5,
    # what fails
    lambda h: _api(f"/tracks/{h.rng.randrange(10**9, 10**10)}"): 0.5,
    lambda h: _api(f"/tracks?limit={h.rng.randrange(10**9)}"): 0.5,
    lambda h: _api(f"/nothing/{h.rng.random()}"): 0.5,
    # players
    lambda h: _rest(h, "getAlbumList2", type="random", size=20): 2,
    lambda h: _rest(h, "getRandomSongs", size=20): 1,
    lambda h: _rest(h, "search3", query=h.rng.choice(h.words)): 2,
    lambda h: _rest(h, "getArtists"): 0.5,
    lambda h: _rest(h, h.rng.choice(("getStarred2", "getGenres", "getPlaylists", "getNowPlaying", "getScanStatus"))): 2,
    lambda h: _rest(h, "getPlayQueue"): 0.5,
    lambda h: _rest(h, "getAlbum", id=f"al-{h.rng.choice(h.albums)}"): 2,
    lambda h: _rest(h, "getArtist", id=f"ar-{h.rng.choice(h.artists)}"): 1,
    lambda h: _rest(h, "getSimilarSongs2", id=f"ar-{h.rng.choice(h.artists)}", count=20): 1,
    lambda h: _rest(h, "scrobble", id=f"tr-{h.track()}", submission=h.rng.choice(("true", "false"))): 2,
    lambda h: _rest(h, "stream", id=f"tr-{h.track()}"): 3,
}
"""Every kind of request, with its share."""


def tidy(process: psutil.Process, file: Path) -> None:
    """Let the server collect its garbage, give back what is free, and write what it holds."""
    file.unlink(missing_ok=True)
    process.send_signal(signal.SIGUSR1)
    while not file.exists():
        time.sleep(0.2)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", type=Path)
    parser.add_argument("--requests", type=int, default=20_000, metavar="N")
    parser.add_argument("--clients", type=int, default=4, metavar="N")
    parser.add_argument("--each", type=int, metavar="N", help="N requests of each kind, one kind after the other")
    parser.add_argument("--trace", action="store_true", help="count the objects of Python too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home, objects = Path(scratch) / "library", Path(scratch) / "objects"
        shutil.copytree(options.library, home)
        key = Library(home).keys.add(_KEY, subsonic=True)
        kind, arguments = "trace" if options.trace else "", recsys(home, "serve", "--port", "0")[3:]
        with run([sys.executable, "-c", SERVED, str(objects), kind, *arguments]) as server:
            if options.each:
                return follow_each(server, key, objects, options.each)
            return follow(server, key, objects, options.requests, options.clients, trace=options.trace)


def follow_each(server: Server, key: str, objects: Path, n: int) -> int:
    """Send the requests of each kind, and print what they add; 1 if the server failed."""
    process, home = psutil.Process(server.process.pid), Household(server, key, 0)
    print("| kind | MB more | C, MB more | blocks more |\n|---|---|---|---|", flush=True)
    before: tuple[float, ...] | None = None
    for kind in (lambda _: _api("/health"), *_KINDS):
        for _ in range(n):
            call = kind(home)
            home.send(call)
        tidy(process, objects)
        used, _, blocks = json.loads(objects.read_text())
        now = process.memory_info().rss / 1e6, used, blocks
        if before is not None:
            memory, used, blocks = (new - old for new, old in zip(now, before, strict=True))
            name, added = f"{call.method} {call.path.partition('?')[0]}", f"{memory:+.1f} | {used:+.1f} | {blocks:+}"
            print(f"| {name} | {added} |", flush=True)
        before = now
    print(f"failures: {dict(home.failures)}")
    return 1 if home.failures else 0


def follow(server: Server, key: str, objects: Path, n: int, clients: int, *, trace: bool) -> int:
    """Send the requests, and print what they leave; 1 if the server failed."""
    process = psutil.Process(server.process.pid)
    households = [Household(server, key, seed) for seed in range(clients)]
    print(f"{len(households[0].tracks)} tracks, {n} requests, {clients} clients\n")
    print("| requests | RSS, MB | without what is free | C, MB | free between | blocks | open files | threads |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    held: list[tuple[int, float]] = []
    snapshots: list[tracemalloc.Snapshot] = []
    for part in range(_PARTS + 1):
        if part:
            with ThreadPoolExecutor(clients) as pool:
                for done in [pool.submit(each.day, n // _PARTS // clients) for each in households]:
                    done.result()
        sent = sum(sum(each.statuses.values()) for each in households)
        before = process.memory_info().rss / 1e6
        tidy(process, objects)
        held.append((sent, process.memory_info().rss / 1e6))
        if trace and part in (_WARM, _PARTS):
            found = tracemalloc.Snapshot.load(str(objects))
            snapshots.append(found.filter_traces((tracemalloc.Filter(False, tracemalloc.__file__),)))
        used, free, blocks = (0, 0, 0) if trace else json.loads(objects.read_text())
        counts = f"{used:.1f} | {free:.1f} | {blocks} | {process.num_fds()} | {process.num_threads()}"
        print(f"| {sent} | {before:.1f} | {held[-1][1]:.1f} | {counts} |", flush=True)
    slope = statistics.linear_regression(*zip(*held[_WARM:], strict=True)).slope
    statuses, failures = Counter[int](), Counter[str]()
    for each in households:
        statuses += each.statuses
        failures += each.failures
    print(f"\nThe server grows by {1000 * slope * 1000:.0f} kB for 1,000 requests, of {held[-1][1]:.0f} MB")
    print(f"statuses: {dict(sorted(statuses.items()))}; failures: {dict(failures)}")
    if snapshots:
        first, last = snapshots
        more = sum(each.size for each in last.traces) - sum(each.size for each in first.traces)
        print(
            f"\nObjects of Python after {held[-1][0]} requests, less those after {held[_WARM][0]}: {more / 1e3:+.0f} kB"
        )
        for line in last.compare_to(first, "lineno")[:_LINES]:
            print(f"{line.size_diff / 1e3:+.1f} kB, {line.count_diff:+} objects: {line.traceback}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
