"""Jobs while the server runs: the queue, what is watched, and what is done on a schedule."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from recsys.web.jobs.job import TooManyJobs
from recsys.web.jobs.queue import JobQueue
from recsys.web.jobs.records import JobKind
from recsys.web.jobs.schedule import Schedule, parse_sync, run_on_schedule

FIRST_WAIT, LONGEST_WAIT = 60.0, 3600.0
"""Seconds until a watch that failed is started again."""


@asynccontextmanager
async def running(
    queue: JobQueue, *, watch: Sequence[str] = (), refresh: Sequence[str] = (), sync: Sequence[str] = ()
) -> AsyncIterator[None]:
    """Run the jobs of a queue while the block runs; at its end they are cancelled."""
    scheduled: list[tuple[list[Schedule], JobKind, dict[str, Any]]] = [
        ([Schedule.parse(text) for text in refresh], "refresh", {"names": [], "all_listeners": True})
    ]
    scheduled += [([schedule], "sync", {"name": name}) for name, schedule in map(parse_sync, sync)]
    await queue.start()

    def timer(schedules: list[Schedule], kind: JobKind, parameters: dict[str, Any]) -> Coroutine[Any, Any, None]:
        def add() -> None:
            with suppress(TooManyJobs):  # the next time comes
                queue.add(kind, parameters)

        return run_on_schedule(schedules, add, now=lambda: datetime.now(UTC), sleep=asyncio.sleep)

    timers = [timer(*each) for each in scheduled]
    tasks = [asyncio.create_task(each) for each in (*timers, keep_watching(queue, watch, sleep=asyncio.sleep))]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await queue.stop()


async def keep_watching(
    queue: JobQueue, folders: Sequence[str], *, sleep: Callable[[float], Awaitable[object]]
) -> None:
    """Watch folders until the watch is cancelled; one that failed is started again, later after each failure."""
    wait = FIRST_WAIT
    while folders and (await queue.ended(queue.add("watch", {"folders": list(folders)})["id"]))["state"] == "failed":
        await sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT)
