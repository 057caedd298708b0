#!/usr/bin/env python3
"""Memory and speed of the server while many players stream and seek.

    benchmarks/streams.py MUSIC [--streams 200] [--seconds 60] [--transcodes 0]

The files in MUSIC are stored in a temporary library without an analysis, and `recsys serve` runs on it. Each player
asks for a random track from a random position on, reads 64 to 512 kB at most at 128 kB a second, goes away without
reading the rest, and begins again: what a listener does who seeks. `--transcodes` players ask for Opus. Printed are,
every ten seconds, the memory and the open files of the server, and at the end the times to the first byte, those of
`/health` meanwhile, and what is left after all have gone, also without the memory that is free (by glibc alone).
"""

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from leaks import SERVED, tidy
from measure import ROOT, recsys

sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from media_library import store_files

from recsys import Library

_SUFFIXES = (".mp3", ".flac", ".ogg", ".opus", ".m4a", ".wav", ".wv", ".ape")
_CHUNK = 1 << 14
_SPEED = 128_000  # bytes a second


@dataclass
class Counts:
    """What the players measured: seconds to the first byte, seconds of ``/health``, bytes and failures."""

    first: list[float] = field(default_factory=list)
    health: list[float] = field(default_factory=list)
    n_bytes: int = 0
    failures: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Server:
    """Where the server is, the key for it, and the number of its tracks."""

    port: int
    key: str
    n_tracks: int

    async def request(self, path: str, *headers: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, str]:
        """A connection after the head of the answer; the status."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        host = f"Host: 127.0.0.1:{self.port}"
        lines = [f"GET /api/v1{path} HTTP/1.1", host, f"Authorization: Bearer {self.key}", *headers, "", ""]
        writer.write("\r\n".join(lines).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        return reader, writer, head[9:12].decode()


async def play(server: Server, counts: Counts, until: float, *, transcode: bool) -> None:
    """One player: play a while, seek, and so on."""
    while time.monotonic() < until:
        track, begin = random.randint(1, server.n_tracks), time.monotonic()
        if transcode:
            path, header = f"/audio/{track}?transcode=opus&start={random.random() * 100:.1f}", "Accept: */*"
        else:
            path, header = f"/audio/{track}", f"Range: bytes={random.randint(0, 1_000_000)}-"
        reader, writer, status = await server.request(path, header)
        if status not in ("200", "206"):
            counts.failures.append(f"{path}: {status}")
        counts.first.append(time.monotonic() - begin)
        wanted = random.randint(1 << 16, 1 << 19)
        while wanted > 0 and time.monotonic() < until and (data := await reader.read(_CHUNK)):
            counts.n_bytes += len(data)
            wanted -= len(data)
            await asyncio.sleep(len(data) / _SPEED)
        writer.transport.abort()


async def watch_health(server: Server, counts: Counts, until: float) -> None:
    """Ask for something small four times a second."""
    while time.monotonic() < until:
        begin = time.monotonic()
        reader, writer, _ = await server.request("/health", "Connection: close")
        await reader.read()
        writer.close()
        counts.health.append(time.monotonic() - begin)
        await asyncio.sleep(0.25)


async def watch_memory(process: psutil.Process, until: float, players: int) -> None:
    """Print the memory of the server every ten seconds."""
    begin = time.monotonic()
    while time.monotonic() < until:
        await asyncio.sleep(10)
        print(f"| {time.monotonic() - begin:.0f} s | {state_of(process)} |", flush=True)


def state_of(process: psutil.Process) -> str:
    """Memory, open files and threads."""
    return f"{process.memory_info().rss / 1e6:.0f} MB | {process.num_fds()} | {process.num_threads()}"


async def measure(
    server: Server, process: psutil.Process, objects: Path, streams: int, transcodes: int, seconds: float
) -> None:
    """Run all players, and print what they measured."""
    print("\n| after | memory | open files | threads |\n|---|---|---|---|")
    print(f"| 0 s | {state_of(process)} |", flush=True)
    counts, until, busy = Counts(), time.monotonic() + seconds, sum(process.cpu_times()[:2])
    await asyncio.gather(
        *(play(server, counts, until, transcode=False) for _ in range(streams)),
        *(play(server, counts, until, transcode=True) for _ in range(transcodes)),
        watch_health(server, counts, until),
        watch_memory(process, until, streams),
    )
    await asyncio.sleep(3)
    print(f"| all gone | {state_of(process)} |")
    tidy(process, objects)
    print(f"| without what is free | {state_of(process)} |\n")
    for name, times in (("first byte", counts.first), ("/health", counts.health)):
        median, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
        print(f"{name}: {len(times)} requests, p50 {median * 1e3:.0f} ms, p99 {p99 * 1e3:.0f} ms")
    busy = sum(process.cpu_times()[:2]) - busy
    print(
        f"{busy / seconds:.0%} of a core, {busy / len(counts.first) * 1e3:.1f} ms for a request and what is read of it"
    )
    print(f"{counts.n_bytes / 1e6 / seconds:.1f} MB a second, {len(counts.failures)} failures {counts.failures[:3]}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("music", type=Path)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--transcodes", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=60)
    arguments = parser.parse_args()
    files = sorted(file.resolve() for file in arguments.music.rglob("*") if file.suffix.lower() in _SUFFIXES)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        store_files(home, arguments.music.resolve(), files)
        with Library(home) as library:
            key, n_tracks = library.keys.add("streams"), library.statistics().tracks
        objects = Path(folder) / "objects"
        command = [sys.executable, "-c", SERVED, str(objects), "", *recsys(home, "serve", "--port", "0")[3:]]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            line = next(line for line in process.stderr if "http://" in line)
            port = int(line.partition("http://127.0.0.1:")[2].partition("/")[0])
            try:
                server, seen = Server(port, key, n_tracks), psutil.Process(process.pid)
                asyncio.run(measure(server, seen, objects, arguments.streams, arguments.transcodes, arguments.seconds))
            finally:
                process.terminate()
    return 0


if __name__ == "__main__":
    sys.exit(main())
