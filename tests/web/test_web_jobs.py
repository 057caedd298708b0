"""Jobs over HTTP, with the real process of a job, a real library and real audio."""

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from signals import music, write_audio

import recsys
from recsys.web.app import make_app
from recsys.web.jobs.queue import JobQueue
from recsys.web.options import ServeOptions
from recsys.web.state import ServerState

JOBS = "/api/v1/jobs"
TIMEOUT = 300.0  # of a test that hangs


class Client:
    """An application without a socket."""

    def __init__(self, http: httpx.AsyncClient, queue: JobQueue) -> None:
        self.http, self.queue = http, queue

    async def get(self, path: str, **query: Any) -> Any:
        return (await self.http.get(path, params=query)).json()

    async def post(self, path: str, body: dict[str, Any], **query: Any) -> httpx.Response:
        return await self.http.post(path, json=body, params=query)

    async def run(self, body: dict[str, Any], **query: Any) -> dict[str, Any]:
        """The record of a job when it has ended."""
        answer = await self.post(JOBS, body, **query)
        assert answer.status_code == 202, answer.text
        assert answer.json()["state"] == "waiting"
        async for _, record in self.queue.changes():
            if record["id"] == answer.json()["id"] and record["ended_at"]:
                return {**record}
        raise AssertionError("the server was stopped")


@asynccontextmanager
async def client_of(home: Path, **options: Any) -> AsyncIterator[Client]:
    state = ServerState(options=ServeOptions(**options), library=recsys.Library(home))
    app = make_app(state)
    transport = httpx.ASGITransport(app)
    async with (
        asyncio.timeout(TIMEOUT),
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8765") as http,
    ):
        yield Client(http, state.jobs)


def use(home: Path, scenario: Callable[[Client], Awaitable[None]], **options: Any) -> None:
    async def main() -> None:
        async with client_of(home, **options) as client:
            await scenario(client)

    asyncio.run(main())


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    for number in range(3):
        write_audio(folder / f"{number}.wav", music(12, seed=number))
    (folder / "broken.mp3").write_bytes(b"no audio")
    return folder


def test_a_library_is_filled_kept_in_order_and_scored(tmp_path: Path, songs: Path) -> None:
    listed: list[Any] = []

    async def fill(client: Client) -> None:
        job = await client.run({"kind": "ingest", "folders": [str(songs)]})
        assert (job["state"], job["result"]["new"], job["result"]["failed"]) == ("done", 3, 1)
        assert job["result"]["failures"][0]["path"] == str(songs / "broken.mp3")
        assert job["result"]["failures"][0]["reason"]
        assert await present(client) == 3

        assert (await client.run({"kind": "retry"}))["result"]["failed"] == 1
        (songs / "0.wav").unlink()
        assert (await client.run({"kind": "prune"}))["result"]["tracks"] == 1
        assert await present(client) == 3
        assert (await client.run({"kind": "prune", "dry_run": False}))["result"]["tracks"] == 1
        assert await present(client) == 2

        job = await client.run({"kind": "predict", "name": "default"})
        assert (job["state"], job["result"]["model"]) == ("done", "default")
        for body in ({"kind": "evaluate"}, {"kind": "train", "name": "mine"}, {"kind": "tune", "name": "mine"}):
            job = await client.run(body)
            assert (job["state"], job["error"]["code"]) == ("failed", "not_found")
        job = await client.run({"kind": "ingest", "folders": [str(songs / "nowhere")]})
        assert job["error"]["detail"] == f"{songs / 'nowhere'} does not exist"
        listed.append(await client.get(JOBS))

    async def after(client: Client) -> None:
        assert await client.get(JOBS) == listed[0]
        for record in listed[0]["items"]:
            assert await client.get(f"{JOBS}/{record['id']}") == record

    use(tmp_path / "home", fill)
    assert [each["kind"] for each in listed[0]["items"]] == [
        "ingest", "tune", "train", "evaluate", "predict", "prune", "prune", "retry", "ingest",
    ]  # fmt: skip
    use(tmp_path / "home", after)  # a restart


async def present(client: Client) -> int:
    return len((await client.get("/api/v1/tracks"))["items"])


def test_saved_playlists_are_refreshed(tmp_path: Path, songs: Path) -> None:
    library = recsys.Library(tmp_path / "home")
    library.ingest(songs)
    output = tmp_path / "Mine.m3u8"
    library.listeners.add("Anna")
    library.for_listener("Anna").playlists.save("Mine", recsys.PlaylistRequest(seeds=["1"], n=2), output)
    output.unlink()

    async def scenario(client: Client) -> None:
        job = await client.run({"kind": "refresh"}, listener="Anna")
        assert job["parameters"] == {"names": [], "listener": "Anna"}
        expected = {"name": "Mine", "output": str(output), "tracks": 2, "error": ""}
        assert job["result"] == {"refreshed": 1, "failed": 0, "playlists": [expected]}
        assert output.is_file()
        job = await client.run({"kind": "refresh"})
        assert (job["error"]["code"], job["error"]["action"]) == ("not_found", "save_playlist")

    use(tmp_path / "home", scenario)


def test_a_request_that_is_wrong_adds_no_job(tmp_path: Path) -> None:
    async def scenario(client: Client) -> None:
        for body in (
            {}, {"kind": "rm"}, {"kind": "ingest"}, {"kind": "ingest", "folders": []}, {"kind": "tune", "name": ""},
            {"kind": "ingest", "folders": ["music"]}, {"kind": "ingest", "folders": ["/a\0b"]},
            {"kind": "train", "name": "x", "labels": "/etc/passwd"}, {"kind": "retry", "more": 1},
            {"kind": "prune", "folders": ["music"]},
        ):  # fmt: skip
            answer = await client.post(JOBS, body)
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), body
        assert (await client.get(f"{JOBS}/00000000"))["code"] == "not_found"
        answer = await client.post(f"{JOBS}/00000000/cancel", {})
        assert (answer.status_code, answer.json()["detail"]) == (404, "there is no job '00000000'")
        assert await client.get(JOBS) == {"items": [], "next": None}

    use(tmp_path, scenario)


def test_without_the_choice_of_folders_only_known_ones_are_scanned(tmp_path: Path, songs: Path) -> None:
    recsys.Library(tmp_path / "home").ingest(songs)
    (songs / "album").mkdir()
    (songs / "out").symlink_to(tmp_path)

    async def scenario(client: Client) -> None:
        for folder in (tmp_path, songs / ".." / "home", songs / "out"):
            for kind in ("ingest", "watch"):
                answer = await client.post(JOBS, {"kind": kind, "folders": [str(songs), str(folder)]})
                assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert (await client.run({"kind": "ingest", "folders": [str(songs)]}))["state"] == "done"
        assert (await client.get("/api/v1/folders"))["code"] == "forbidden"
        settings = await client.get("/api/v1/settings")
        assert (settings["allow_ingest"], settings["folders"]) == (False, [str(songs)])

    use(tmp_path / "home", scenario, host="0.0.0.0")


def test_settings_have_what_the_server_was_started_with(tmp_path: Path) -> None:
    async def scenario(client: Client) -> None:
        found = await client.get("/api/v1/settings")
        assert found.pop("next_refresh") > "2026"
        assert found == {
            "version": recsys.__version__, "database": str(tmp_path / "library.db"), "folders": [], "watch": [],
            "schedule": ["daily@04:00", "hourly"], "allow_ingest": True,
        }  # fmt: skip

    use(tmp_path, scenario, refresh=["Daily@4:00", "hourly"])


def test_a_watched_folder_is_ingested_in_a_job(tmp_path: Path, songs: Path) -> None:
    for song in songs.iterdir():
        os.utime(song, (1e9, 1e9))  # a recent file may still be written, and is left for later

    async def scenario(client: Client) -> None:
        async for _, record in client.queue.changes():
            if record["kind"] == "ingest" and record["state"] == "done":
                assert record["parameters"] == {"folders": [str(songs)], "watched": True}
                assert (record["result"] or {})["new"] == 3
                break
        watch = next(each for each in (await client.get(JOBS))["items"] if each["kind"] == "watch")
        assert (watch["state"], watch["message"]) == ("running", "watching")
        await client.post(f"{JOBS}/{watch['id']}/cancel", {})
        assert (await client.queue.ended(watch["id"]))["state"] == "cancelled"

    use(tmp_path / "home", scenario, watch=[str(songs)])


def test_events_may_have_paths_that_are_not_utf_8(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)  # pytest-xdist sends no half characters

    async def scenario(client: Client) -> None:
        reading = asyncio.create_task(client.http.get(f"{JOBS}/events"))
        record = client.queue.add("ingest", {"folders": [f"{tmp_path}/\udcff"]})
        assert (await client.queue.ended(record["id"]))["state"] == "failed"
        client.queue.end_streams()
        answer = await reading
        assert (answer.headers["cache-control"], answer.headers["x-accel-buffering"]) == ("no-cache", "no")
        events = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]
        assert events[-1]["parameters"] == {"folders": [f"{tmp_path}/\udcff"]}

    use(tmp_path / "home", scenario)


def test_the_process_of_a_job_imports_no_server() -> None:
    code = "import recsys.web.jobs.child, sys; print([m for m in sys.modules if m.startswith(('fastapi', 'pydantic'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
