"""A server in a process of its own, and the process of an ingest: events, cancel, and what happens when one dies."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
import pytest
from signals import music, write_audio

import recsys

JOBS = "api/v1/jobs"
FILES = 40
TIMEOUT = 120.0  # of a test that hangs


class Server:
    """A running server, and a client that is logged in."""

    def __init__(self, home: Path) -> None:
        command = [sys.executable, "-m", "recsys", "--home", str(home), "serve", "--port", "0"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self.http = self._connect()

    def _connect(self) -> httpx.Client:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            _, found, rest = line.partition("http://")
            if found:
                url = httpx.URL(found + rest.split()[0])
                origin = f"http://{url.netloc.decode()}"
                http = httpx.Client(base_url=origin, headers={"Origin": origin}, timeout=TIMEOUT)
                http.get(url, follow_redirects=True)
                return http
        raise AssertionError("the server did not start")

    def add(self, folder: Path) -> str:
        """Start an ingest."""
        answer = self.http.post(JOBS, json={"kind": "ingest", "folders": [str(folder)]})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def events(self, last_id: bytes = b"") -> Iterator[tuple[str, dict[str, Any]]]:
        """The id and the record of each event."""
        data = "null"
        headers = {b"Last-Event-ID": last_id} if last_id else {}
        with self.http.stream("GET", f"{JOBS}/events", headers=headers) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    data = line.removeprefix("data: ")
                elif line.startswith("id: "):
                    yield line.removeprefix("id: "), json.loads(data)

    def analysing(self, id: str) -> psutil.Process:
        """Wait until an ingest has analysed a file; its process."""
        for _, record in self.events():
            if record["id"] == id and record["total"] and record["done"]:
                break
        return next(
            each for each in psutil.Process(self.process.pid).children() if "recsys.web.jobs.child" in each.cmdline()
        )

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        self.process.communicate(timeout=TIMEOUT)
        self.http.close()
        return self.process.returncode


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    made = Server(home)
    yield made
    if made.process.poll() is None:
        made.end(signal.SIGKILL)


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More music than is analysed while a test asks for something else."""
    folder = tmp_path_factory.mktemp("album")
    song = np.tile(music(20), 6)
    for number in range(FILES):
        write_audio(folder / f"{number}.wav", np.roll(song, 4410 * number), sr=11025)
    return folder


def wait_for_end(process: psutil.Process) -> None:
    """Wait until a process and its workers have ended."""
    workers = process.children(recursive=True) if process.is_running() else []
    _, alive = psutil.wait_procs([process, *workers], timeout=TIMEOUT)
    assert alive == []


def test_a_cancelled_ingest_has_stored_what_it_finished(server: Server, home: Path, album: Path) -> None:
    id = server.add(album)
    process = server.analysing(id)
    assert process.nice() == 19
    assert server.http.post(f"{JOBS}/{id}/cancel", json={}).status_code == 200
    record = next(record for _, record in server.events() if record["state"] == "cancelled")
    wait_for_end(process)
    assert record["result"]["interrupted"]
    assert record["result"]["remaining"] > 0
    assert len(recsys.Library(home).tracks()) == record["result"]["new"] > 0

    id = server.add(album / "0.wav")  # the queue goes on
    assert next(record for _, record in server.events() if record["id"] == id and record["ended_at"])["state"] == "done"


def test_an_ingest_whose_process_is_killed_is_failed(server: Server, album: Path) -> None:
    id = server.add(album)
    process = server.analysing(id)
    workers = process.children(recursive=True)
    process.kill()
    record = next(record for _, record in server.events() if record["ended_at"])
    assert (record["id"], record["state"], record["error"]["code"]) == (id, "failed", "job_crashed")
    assert "SIGKILL" in record["error"]["detail"]
    _, alive = psutil.wait_procs(workers, timeout=TIMEOUT)
    assert alive == []


def test_the_death_of_the_server_ends_the_ingest(server: Server, home: Path, album: Path) -> None:
    id = server.add(album)
    process = server.analysing(id)
    workers = process.children(recursive=True)
    server.end(signal.SIGKILL)
    _, alive = psutil.wait_procs([process, *workers], timeout=TIMEOUT)
    assert alive == []
    stored = len(recsys.Library(home).tracks())
    assert 0 < stored < FILES

    after = Server(home)
    record = after.http.get(f"{JOBS}/{id}").json()
    assert (record["state"], record["error"]["code"]) == ("failed", "job_lost")
    assert after.end(signal.SIGTERM) == 0


def test_a_stop_ends_events_and_jobs(server: Server, home: Path, album: Path) -> None:
    id = server.add(album)
    process = server.analysing(id)
    slow, fast = server.events(), server.events()
    next(slow)  # and reads no more
    next(fast)
    server.process.terminate()
    assert all(record["id"] == id for _, record in fast)  # and the stream ends
    wait_for_end(process)
    assert server.end(0) == 0
    lines = [json.loads(line) for line in (home / "jobs.jsonl").read_text().splitlines()]
    assert [line["state"] for line in lines if line["id"] == id] == ["waiting", "running", "cancelled"]


def test_a_client_resumes_after_the_last_event_that_it_has(server: Server, tmp_path: Path) -> None:
    first, second = server.add(tmp_path / "a"), server.add(tmp_path / "b")
    ended = []
    for number, record in server.events():
        if record["ended_at"]:
            ended.append((number, record))
        if len(ended) == 2:
            break
    assert [record["id"] for _, record in ended] == [first, second]
    assert next(server.events(ended[0][0].encode())) == ended[1]
    run_id, _, last = ended[1][0].partition("-")
    for other in (b"", b"x", run_id.encode() + b"-\xb2", b"00000000-" + last.encode()):
        assert next(server.events(other)) == ended[0]


def test_a_server_begins_with_an_empty_library(server: Server, home: Path) -> None:
    assert server.http.get("api/v1/tracks/ids").json() == {"ids": []}
    assert recsys.Library(home).statistics().tracks == 0
