"""Jobs while the server runs: the queue, what is watched, and what is refreshed on a schedule."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from recsys.web.jobs.job import TooManyJobs
from recsys.web.jobs.queue import JobQueue
from recsys.web.jobs.schedule import Schedule, run_on_schedule

FIRST_WAIT, LONGEST_WAIT = 60.0, 3600.0
"""Seconds until a watch that failed is started again."""


@asynccontextmanager
async def running(queue: JobQueue, *, watch: Sequence[str] = (), refresh: Sequence[str] = ()) -> AsyncIterator[None]:
    """Run the jobs of a queue while the block runs; at its end they are cancelled."""
    schedules = [Schedule.parse(text) for text in refresh]
    await queue.start()

    def refresh_all() -> None:
        with suppress(TooManyJobs):  # the next time comes
            queue.add("refresh", {"names": [], "all_listeners": True})

    timer = run_on_schedule(schedules, refresh_all, now=lambda: datetime.now(UTC), sleep=asyncio.sleep)
    tasks = [asyncio.create_task(each) for each in (timer, keep_watching(queue, watch, sleep=asyncio.sleep))]
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
    paths = [str(Path(folder).expanduser().absolute()) for folder in folders]
    wait = FIRST_WAIT
    while paths and (await queue.ended(queue.add("watch", {"folders": paths})["id"]))["state"] == "failed":
        await sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT)
