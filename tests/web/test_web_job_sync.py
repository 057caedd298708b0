"""The exchange with linked servers on a schedule of ``recsys serve``."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from music_servers import PASSWORD, USER, Answer, Song, SubsonicServer
from synthetic_library import all_kinds, make_library

import recsys
from recsys.errors import InvalidRequest, NotFound
from recsys.web.jobs import life
from recsys.web.jobs.queue import JobQueue
from recsys.web.jobs.schedule import Schedule, parse_sync
from recsys.web.options import ServeOptions
from recsys.web.server import serve


@pytest.mark.parametrize(
    "text", ["", "navidrome", "@daily@04:00", "navidrome@", "navidrome@daily", "navidrome daily@4:00"]
)
def test_a_text_without_a_link_or_a_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="sync must be a link and a time, such as navidrome@daily@04:00"):
        ServeOptions(sync=[text])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("home@hourly", ("home", "hourly")),
        ("living room@weekly@sun@04:00", ("living room", "weekly@sun@04:00")),
        ("hourly@daily@4:00", ("hourly", "daily@04:00")),
    ],
)
def test_link_and_time_are_separated(text: str, expected: tuple[str, str]) -> None:
    name, schedule = parse_sync(text)
    assert (name, str(schedule)) == expected


def test_a_server_with_an_unknown_link_does_not_start(tmp_path: Path) -> None:
    with recsys.Library(tmp_path) as library, pytest.raises(NotFound, match="there is no link 'gone'"):
        serve(library, ServeOptions(port=0, sync=["gone@hourly"]), on_start=lambda _: None)


def test_a_sync_pulls_and_pushes_again_what_was_pushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When its time comes, in the real process of a job; a server that is down is the error of its job."""
    make_library(tmp_path, all_kinds(2))
    due: dict[str, Callable[[], object]] = {}

    async def schedule(schedules: Sequence[Schedule], run: Callable[[], object], **_: object) -> None:
        due.update({str(each): run for each in schedules})

    monkeypatch.setattr(life, "run_on_schedule", schedule)

    async def run_due(library: recsys.Library) -> list[dict[str, Any]]:
        async with asyncio.timeout(60):
            queue = JobQueue(library.settings)
            async with life.running(queue, sync=["navidrome@daily@04:30"]):
                await asyncio.sleep(0)
                due["daily@04:30"]()
                return [{**(await queue.ended(job["id"]))} for job in queue.list()]

    songs = [Song(f"s{n}", f"artist {n}", f"title {n}", "album of jazz", starred="2024-05-01") for n in (1, 2)]
    with recsys.Library(tmp_path) as library, SubsonicServer(songs) as server:
        library.links.add("navidrome", server.url, user=USER, secret=PASSWORD)
        saved = library.playlists.add("Calm", ["1"])
        library.links.push("navidrome", ["Calm"])
        library.playlists.change(saved.id, tracks=["2", "1"])
        [job] = asyncio.run(run_due(library))
        assert (job["kind"], job["state"], job["parameters"]) == ("sync", "done", {"name": "navidrome"})
        assert job["result"]["tracks"] == {"like": 2}
        assert [each["tracks"] for each in job["result"]["playlists"]] == [2]
        assert [each.ids for each in server.playlists.values()] == [["s2", "s1"]]
        assert len(library.ratings.tracks().likes) == 2
        server.before = lambda _: Answer(status=502)
        (library.settings.home / "jobs.jsonl").unlink()
        [job] = asyncio.run(run_due(library))
    assert (job["state"], job["error"]["code"]) == ("failed", "server_error")
    assert job["error"]["detail"] == f"{server.url} answers with HTTP status 502"
    assert PASSWORD not in (tmp_path / "jobs.jsonl").read_text()
