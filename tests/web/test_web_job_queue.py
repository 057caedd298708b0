"""The queue of jobs, with a small program in place of the process of a job; and the streams of changes."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import recsys
from recsys.errors import NotFound
from recsys.web.jobs import process
from recsys.web.jobs.history import MAX_JOBS
from recsys.web.jobs.job import TooManyJobs
from recsys.web.jobs.life import keep_watching, running
from recsys.web.jobs.queue import MAX_WAITING, JobQueue
from recsys.web.jobs.records import JobKind, JobRecord

PROGRAM = (sys.executable, str(Path(__file__).with_name("job_programs.py")))
TIMEOUT = 60.0  # of a test that hangs


@asynccontextmanager
async def queue_in(home: Path, **options: Any) -> AsyncIterator[JobQueue]:
    queue = JobQueue(recsys.Library(home).settings, command=PROGRAM)
    async with asyncio.timeout(TIMEOUT), running(queue, **options):
        yield queue


def ingest(queue: JobQueue, name: str, kind: JobKind = "ingest") -> str:
    return queue.add(kind, {"folders": [name]})["id"]


async def until(queue: JobQueue, condition: Callable[[JobRecord], bool]) -> JobRecord:
    """The first record for which a condition is true."""
    async for _, record in queue.changes():
        if condition(record):
            return {**record}
    raise AssertionError("the queue was stopped")


async def ended(queue: JobQueue, id: str) -> JobRecord:
    return await until(queue, lambda record: record["id"] == id and record["ended_at"] is not None)


async def begun(queue: JobQueue, id: str) -> JobRecord:
    """The record of a job whose process has sent its first message."""
    return await until(queue, lambda record: record["id"] == id and record["message"].startswith("pid"))


def run(home: Path, scenario: Callable[[JobQueue], Awaitable[None]], **options: Any) -> None:
    async def main() -> None:
        async with queue_in(home, **options) as queue:
            await scenario(queue)

    asyncio.run(main())


def test_jobs_run_one_after_the_other_in_order(tmp_path: Path) -> None:
    async def scenario(queue: JobQueue) -> None:
        first, second, third = ingest(queue, "hold"), ingest(queue, "finish"), ingest(queue, "other")
        await begun(queue, first)
        assert [record["state"] for record in queue.list()] == ["waiting", "waiting", "running"]
        queue.cancel(first)
        await ended(queue, third)
        records = [queue.get(id) for id in (first, second, third)]
        assert [record["state"] for record in records] == ["cancelled", "done", "done"]
        assert [record["result"] for record in records] == [{"new": 1}, {"name": "finish"}, {"name": "other"}]
        times = [time for record in records for time in (record["started_at"], record["ended_at"])]
        assert times == sorted(times, key=str)

    run(tmp_path, scenario)


@settings(max_examples=10)
@given(st.lists(st.tuples(st.sampled_from(["add", "cancel"]), st.integers(0, 5)), max_size=10))
def test_what_waits_runs_in_order_unless_it_is_cancelled(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    async def scenario(queue: JobQueue) -> None:
        held = ingest(queue, "hold")
        await begun(queue, held)
        waiting: list[str] = []
        cancelled: list[str] = []
        for step, number in steps:
            if step == "add":
                waiting += [id for id in [ingest(queue, f"job {number}")] if id not in waiting]
            elif waiting:
                cancelled.append(waiting.pop(number % len(waiting)))
                queue.cancel(cancelled[-1])
        queue.cancel(held)
        records = [await queue.ended(id) for id in waiting]
        assert [record["state"] for record in records] == ["done"] * len(waiting)
        times = [str(record[key]) for record in records for key in ("started_at", "ended_at")]
        assert times == sorted(times)
        for id in cancelled:
            assert (queue.get(id)["state"], queue.get(id)["started_at"]) == ("cancelled", None)

    run(tmp_path_factory.mktemp("home"), scenario)


def test_a_waiting_job_is_cancelled_without_a_process(tmp_path: Path) -> None:
    async def scenario(queue: JobQueue) -> None:
        first, second = ingest(queue, "hold"), ingest(queue, "finish")
        await begun(queue, first)
        cancelled = queue.cancel(second)
        assert (cancelled["state"], cancelled["started_at"], cancelled["result"]) == ("cancelled", None, None)
        assert queue.cancel(second) == cancelled
        assert queue.get(first)["state"] == "running"

    run(tmp_path, scenario)


def test_a_job_that_waits_is_not_added_again(tmp_path: Path) -> None:
    async def scenario(queue: JobQueue) -> None:
        await begun(queue, ingest(queue, "hold"))
        assert ingest(queue, "finish") == ingest(queue, "finish") != ingest(queue, "hold")
        for number in range(MAX_WAITING - 2):
            ingest(queue, str(number))
        with pytest.raises(TooManyJobs, match="50 jobs wait already"):
            ingest(queue, "one more")

    run(tmp_path, scenario)


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("die", "the process of the job was ended by SIGKILL, perhaps because the memory was used up"),
        ("quit", "the process of the job ended with status 3"),
        ("long", "the process of the job was ended by SIGKILL"),
    ],
)
def test_a_process_that_ends_without_a_result_is_a_failed_job(tmp_path: Path, name: str, detail: str) -> None:
    async def scenario(queue: JobQueue) -> None:
        crashed, after = ingest(queue, name), ingest(queue, "finish")
        record = await ended(queue, crashed)
        assert record["state"] == "failed"
        assert record["error"] is not None
        assert record["error"]["code"] == "job_crashed"
        assert record["error"]["detail"].startswith(detail)
        assert (await ended(queue, after))["state"] == "done"

    run(tmp_path, scenario)


def test_a_process_that_is_killed_from_outside_is_a_failed_job(tmp_path: Path) -> None:
    async def scenario(queue: JobQueue) -> None:
        id = ingest(queue, "hold")
        os.kill(int((await begun(queue, id))["message"].split()[1]), signal.SIGKILL)
        record = await ended(queue, id)
        assert "SIGKILL" in str(record["error"])

    run(tmp_path, scenario)


def test_an_error_of_the_library_is_a_problem_with_its_hint(tmp_path: Path) -> None:
    async def scenario(queue: JobQueue) -> None:
        error = (await ended(queue, ingest(queue, "fail")))["error"]
        assert error is not None
        found = {key: error[key] for key in ("code", "status", "detail", "field", "hint", "action")}
        assert found == {
            "code": "not_found", "status": 404, "detail": "/x does not exist", "field": "paths",
            "hint": "Scan the folder /y again.", "action": "ingest_folder",
        }  # fmt: skip

    run(tmp_path, scenario)


def test_a_process_that_does_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_KILL_SECONDS", 0.01)

    async def scenario(queue: JobQueue) -> None:
        id = ingest(queue, "deaf")
        await begun(queue, id)
        queue.cancel(id)
        assert (await ended(queue, id))["state"] == "cancelled"

    run(tmp_path, scenario)


def test_a_command_that_does_not_exist_is_a_failed_job(tmp_path: Path) -> None:
    async def main() -> None:
        queue = JobQueue(recsys.Library(tmp_path).settings, command=[str(tmp_path / "nothing")])
        async with asyncio.timeout(TIMEOUT), running(queue):
            error = (await ended(queue, ingest(queue, "finish")))["error"]
            assert "no process can be started: No such file or directory" in str(error)

    asyncio.run(main())


def test_a_stop_cancels_all_jobs_and_the_history_has_them(tmp_path: Path) -> None:
    async def scenario(queue: JobQueue) -> None:
        await ended(queue, ingest(queue, "finish"))
        await begun(queue, ingest(queue, "hold"))
        ingest(queue, "other")

    run(tmp_path, scenario)

    async def after(queue: JobQueue) -> None:
        assert [(each["parameters"]["folders"], each["state"]) for each in queue.list()] == [
            (["other"], "cancelled"), (["hold"], "cancelled"), (["finish"], "done"),
        ]  # fmt: skip
        assert queue.list()[0]["message"] == "the server was stopped; what was finished is stored"
        assert queue.list()[1]["result"] == {"new": 1}

    run(tmp_path, after)


def test_jobs_of_a_server_that_died_are_failed(tmp_path: Path) -> None:
    async def scenario(queue: JobQueue) -> None:
        await begun(queue, ingest(queue, "hold"))
        ingest(queue, "finish")
        (tmp_path / "copy").mkdir()
        (tmp_path / "copy" / "jobs.jsonl").write_bytes((tmp_path / "jobs.jsonl").read_bytes())

    run(tmp_path, scenario)

    async def after(queue: JobQueue) -> None:
        waiting, was_running = queue.list()
        assert [waiting["state"], was_running["state"]] == ["failed", "failed"]
        assert "the server ended before the job ran" in str(waiting["error"])
        assert "the server ended while the job ran" in str(was_running["error"])

    run(tmp_path / "copy", after)
    run(tmp_path / "copy", after)  # stored


def test_an_unknown_job_is_not_found(tmp_path: Path) -> None:
    async def scenario(queue: JobQueue) -> None:
        for call in (queue.get, queue.cancel):
            with pytest.raises(NotFound, match="there is no job '0000'"):
                call("0000")

    run(tmp_path, scenario)


def test_each_ingest_of_a_watch_waits_for_its_turn_and_is_shown_if_it_finds_something(tmp_path: Path) -> None:
    async def scenario(queue: JobQueue) -> None:
        before = ingest(queue, "hold")
        watch = ingest(queue, "turns", "watch")
        await begun(queue, watch)
        await begun(queue, before)
        queue.cancel(before)
        found = await until(queue, lambda record: "watched" in record["parameters"] and record["state"] == "done")
        assert (found["result"] or {})["new"] == 2
        assert str(found["started_at"]) >= str(queue.get(before)["ended_at"])
        assert [record["kind"] for record in queue.list()] == ["ingest", "watch", "ingest"]
        assert queue.get(watch)["state"] == "running"

    run(tmp_path, scenario)


def test_folders_are_watched_from_the_start(tmp_path: Path) -> None:
    async def scenario(queue: JobQueue) -> None:
        await until(queue, lambda record: record["kind"] == "ingest" and record["state"] == "done")

    run(tmp_path, scenario, watch=["turns"])


def test_a_cancelled_ingest_of_a_watch_ends_the_watch(tmp_path: Path) -> None:
    async def scenario(queue: JobQueue) -> None:
        watch = ingest(queue, "turns", "watch")
        found = await until(queue, lambda record: "watched" in record["parameters"] and record["state"] == "done")
        queue.cancel(found["id"])
        assert (await ended(queue, watch))["state"] == "cancelled"
        assert queue.get(found["id"])["state"] == "done"

    run(tmp_path, scenario)


def test_a_watch_that_fails_is_started_again_later(tmp_path: Path) -> None:
    waits = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 8:
            raise asyncio.CancelledError

    async def scenario(queue: JobQueue) -> None:
        with pytest.raises(asyncio.CancelledError):
            await keep_watching(queue, ["fail"], sleep=sleep)
        assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600]

    run(tmp_path, scenario)


def test_every_client_gets_the_present_state_and_then_changes(tmp_path: Path) -> None:
    async def scenario(queue: JobQueue) -> None:
        first = ingest(queue, "hold")
        await begun(queue, first)
        fast, slow = queue.changes(), queue.changes()
        number, record = await anext(slow)  # it takes no more for a while
        assert record["id"] == first
        second = ingest(queue, "finish")
        queue.cancel(first)
        seen = []
        async for number, record in fast:
            seen.append((number, record["id"], record["state"]))
            if (record["id"], record["state"]) == (second, "done"):
                break
        numbers = [each for each, _, _ in seen]
        assert numbers == sorted(set(numbers))
        rest = [(record["id"], record["state"]) for _, record in [await anext(slow), await anext(slow)]]
        assert rest == [(first, "cancelled"), (second, "done")]  # what came in between is left out
        resumed = queue.changes(after=number - 1)
        assert (await anext(resumed))[1]["id"] == second

    run(tmp_path, scenario)


def test_streams_end_when_the_queue_stops(tmp_path: Path) -> None:
    async def main() -> None:
        async with queue_in(tmp_path) as queue:
            reading = [asyncio.create_task(_read(queue)) for _ in range(2)]
            await ended(queue, ingest(queue, "finish"))
        assert await asyncio.gather(*reading) == ["done", "done"]

    async def _read(queue: JobQueue) -> str:
        states = [record["state"] async for _, record in queue.changes()]
        return states[-1]

    asyncio.run(main())


def test_the_list_is_bounded(tmp_path: Path) -> None:
    async def scenario(queue: JobQueue) -> None:
        for number in range(MAX_JOBS + 5):
            queue.cancel(ingest(queue, str(number)))
        assert len(queue.list()) == MAX_JOBS
        assert queue.list()[0]["parameters"] == {"folders": [str(MAX_JOBS + 4)]}

    run(tmp_path, scenario)
