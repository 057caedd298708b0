"""Jobs while the server runs: the queue, what is watched, and what is refreshed on a schedule."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from recsys.web.jobs.queue import JobQueue
from recsys.web.jobs.schedule import Schedule, run_on_schedule


@asynccontextmanager
async def running(queue: JobQueue, *, watch: Sequence[str] = (), refresh: Sequence[str] = ()) -> AsyncIterator[None]:
    """Run the jobs of a queue while the block runs; at its end they are cancelled."""
    schedules = [Schedule.parse(text) for text in refresh]
    await queue.start()
    if watch:
        queue.add("watch", {"folders": list(watch)})
    timer = asyncio.create_task(
        run_on_schedule(
            schedules,
            lambda: queue.add("refresh", {"names": [], "all_listeners": True}),
            now=lambda: datetime.now(UTC),
            sleep=asyncio.sleep,
        )
    )
    try:
        yield
    finally:
        timer.cancel()
        await queue.stop()
