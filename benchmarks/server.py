#!/usr/bin/env python3
"""How fast the server answers on a library, a bare FastAPI route beside it.

    benchmarks/server.py LIBRARY [--rate 50] [--seconds 20] [--ingest MUSIC]

LIBRARY is a folder such as one that `benchmarks/commands.py --library` keeps. Requests are sent at a rate, whether
earlier ones have been answered or not, and a time counts from the moment at which its request was due. Server and
client share the machine. With `--ingest` the requests are also sent while a job ingests a folder, whose tracks stay in
the library. Memory is that of the server process.
"""

import argparse
import http.client
import json
import random
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
from measure import recsys

_BARE = """
import uvicorn
from fastapi import FastAPI
app = FastAPI()
@app.get("/api/v1/bare")
def bare() -> dict[str, str]:
    return {"status": "ok"}
uvicorn.run(app, port=0, log_level="info")
"""
_THREADS = 16


@dataclass(frozen=True)
class Server:
    """A running server: its process, its port, and the cookie of a session."""

    process: "subprocess.Popen[str]"
    port: int
    cookie: str = ""

    def send(self, method: str, path: str, body: object = None) -> bytes:
        """The body of an answer; a status of 400 and more is an error."""
        connection = getattr(_LOCAL, "connection", None)
        if connection is None or connection.port != self.port:
            connection = _LOCAL.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": self.cookie, "Origin": f"http://127.0.0.1:{self.port}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body)
        try:
            connection.request(method, path, content, headers)
            answer = connection.getresponse()
        except ConnectionError:  # it was idle, and the server has closed it
            connection.close()
            connection.request(method, path, content, headers)
            answer = connection.getresponse()
        data: bytes = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {data[:200]!r}")
        return data


_LOCAL = threading.local()
Request = Callable[[int], object]


@contextmanager
def run(command: list[str]) -> Iterator[Server]:
    """A server process, once it has written its URL."""
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if found := re.search(r"http://127\.0\.0\.1:(\d+)(\S*)", line):
                server = Server(process, int(found[1]))
                break
        else:
            raise RuntimeError("the server did not start")
        threading.Thread(target=process.stderr.read, daemon=True).start()
        if found[2].startswith("/login"):
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
            connection.request("GET", found[2])
            cookie = connection.getresponse().getheader("Set-Cookie") or ""
            server = Server(process, server.port, cookie.partition(";")[0])
        yield server
    finally:
        process.terminate()
        process.wait()


def measure(request: Request, rate: float, seconds: float) -> list[float]:
    """Milliseconds of each request, from the moment at which it was due."""
    times: list[float] = []
    start = time.perf_counter() + 0.2

    def one(number: int) -> None:
        due = start + number / rate
        time.sleep(max(0.0, due - time.perf_counter()))
        request(number)
        times.append(1000 * (time.perf_counter() - due))

    with ThreadPoolExecutor(_THREADS) as pool:
        for done in [pool.submit(one, number) for number in range(int(rate * seconds))]:
            done.result()
    return times


def row(name: str, rate: float, times: list[float], server: Server) -> str:
    """A row of the table."""
    ordered = sorted(times)
    p99 = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
    memory = psutil.Process(server.process.pid).memory_info().rss / 1e6
    return f"| {name} | {rate:g} | {statistics.median(ordered):.1f} | {p99:.1f} | {ordered[-1]:.0f} | {memory:.0f} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", type=Path)
    parser.add_argument("--rate", type=float, default=50.0, metavar="N", help="requests a second")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--ingest", type=Path, metavar="MUSIC", help="ingest this folder meanwhile, in a job")
    options = parser.parse_args()
    rate, seconds = options.rate, options.seconds
    print("| requests | a second | p50, ms | p99, ms | longest | MB |\n|---|---|---|---|---|---|", flush=True)
    with run([sys.executable, "-c", _BARE]) as server:
        times = measure(lambda _: server.send("GET", "/api/v1/bare"), rate, seconds / 2)
        print(row("a bare route of FastAPI", rate, times, server), flush=True)
    with run(recsys(options.library, "serve", "--port", "0")) as server:
        ids: list[int] = json.loads(server.send("GET", "/api/v1/tracks/ids"))["ids"]
        chosen = random.Random(1).choices(ids, k=4096)
        titles = [each["title"] for each in json.loads(server.send("GET", "/api/v1/tracks?limit=1000"))["items"]]
        words = sorted({word for title in titles for word in title.split()})
        random.Random(2).shuffle(words)
        some = [",".join(map(str, ids[place : place + 60])) for place in range(0, min(len(ids), 60_000), 60)]

        def similar(number: int) -> object:
            return server.send("GET", f"/api/v1/tracks/{chosen[number % len(chosen)]}/similar?n=25")

        def playlist(number: int) -> object:
            seeds = [str(chosen[(number * 3 + each) % len(chosen)]) for each in range(3)]
            return server.send("POST", "/api/v1/playlists/preview", {"request": {"n": 50, "seeds": seeds}})

        requests: list[tuple[str, float, Request]] = [
            ("health", rate, lambda _: server.send("GET", "/api/v1/health")),
            ("similar", rate, similar),
            ("playlist of 50", 2, playlist),
            ("60 rows of a table", 20, lambda n: server.send("GET", f"/api/v1/tracks?ids={some[n % len(some)]}")),
            ("a track", 20, lambda n: server.send("GET", f"/api/v1/tracks/{chosen[n % len(chosen)]}")),
            ("first page of tracks", 5, lambda _: server.send("GET", "/api/v1/tracks?limit=100")),
            ("last page of tracks", 5, lambda _: server.send("GET", f"/api/v1/tracks?limit=100&cursor={ids[-101]}")),
            (
                "search",
                5,
                lambda n: server.send("GET", f"/api/v1/tracks?limit=50&query={quote(words[n % len(words)])}"),
            ),
        ]
        similar(0)
        for name, each, request in requests:
            print(row(name, each, measure(request, each, seconds), server), flush=True)
        if options.ingest is not None:
            body = {"kind": "ingest", "folders": [str(options.ingest.resolve())]}
            server.send("POST", "/api/v1/jobs", body)
            print(row("similar, during an ingest", rate, measure(similar, rate, seconds), server), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
