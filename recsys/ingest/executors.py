"""The pool that work is handed to, behind :class:`concurrent.futures.Executor`, and how it survives a crash.

A decoder that meets a broken file may take its whole process with it; the standard pool then gives up on
everything. :class:`Crew` hands out work, and when the pool breaks, starts another and finds the guilty file by
giving it the unfinished work piece by piece.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

from recsys.ingest.process import one_thread_each, prepare
from recsys.ingest.worker import Refusal

MakeExecutor = Callable[[], Executor]


def processes(jobs: int) -> ProcessPoolExecutor:
    """Worker processes, ``jobs`` of them, or one for each core when 0; started afresh, never forked."""
    return ProcessPoolExecutor(jobs or available_cores(), mp_context=get_context("spawn"), initializer=prepare)


def available_cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(slots=True)
class Job:
    """One call of ``function`` with ``path``; ``note`` is for whoever handed it in."""

    function: Callable[[str], Any]
    path: str
    note: Any = field(default=None)


class Crew:
    """Workers with a bounded number of jobs in flight, restarted when one of them dies. A context manager."""

    def __init__(self, make: MakeExecutor, limit: int) -> None:
        self.limit = limit
        self._make = make
        self._executor = make()
        self._running: dict[Future[Any], Job] = {}
        self._suspects: deque[Job] = deque()

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)

    @property
    def busy(self) -> int:
        """Jobs handed in whose results have not come out."""
        return len(self._running) + len(self._suspects)

    def hand_in(self, job: Job) -> None:
        """Start a job; never blocks, so callers stop at ``limit`` by themselves."""
        if self._suspects:
            self._suspects.append(job)
            return
        try:
            self._submit(job)
        except BrokenProcessPool:
            self._suspects.append(job)

    def results(self, timeout: float | None = None) -> Iterator[tuple[Job, Any]]:
        """Jobs that have finished, with what they returned; waits for at least one, or ``timeout`` seconds.

        A job whose process died comes back with a :class:`Refusal`.
        """
        if not self._running and self._suspects:
            yield self._alone(self._suspects.popleft())
            return
        finished, _ = wait(self._running, timeout=timeout, return_when=FIRST_COMPLETED)
        for future in finished:
            job = self._running.pop(future)
            try:
                result = future.result()
            except BrokenProcessPool:
                self._suspects.append(job)
                continue
            yield job, result

    def _submit(self, job: Job) -> None:
        with one_thread_each():  # the pool starts its processes when work comes in
            self._running[self._executor.submit(job.function, job.path)] = job

    def _alone(self, job: Job) -> tuple[Job, Any]:
        """Run one job with nothing else in the pool: if it dies now, it is this job's doing."""
        try:
            with one_thread_each():
                return job, self._executor.submit(job.function, job.path).result()
        except BrokenProcessPool:
            self._restart()
        try:
            with one_thread_each():
                return job, self._executor.submit(job.function, job.path).result()
        except BrokenProcessPool:
            self._restart()
            return job, Refusal("worker", "the process that listened to it was killed or crashed")

    def _restart(self) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._executor = self._make()
