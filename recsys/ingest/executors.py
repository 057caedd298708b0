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

from recsys.errors import RecsysError
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
    return min(os.cpu_count() or 1, 61)  # Windows cannot wait for more


@dataclass(slots=True)
class Job:
    """One call of ``function`` with ``path``; ``note`` is for whoever handed it in."""

    function: Callable[[str], Any]
    path: str
    note: Any = field(default=None)


class Crew:
    """Workers with a bounded number of jobs in flight, restarted when one of them dies. A context manager.

    When a pool breaks, the jobs that were in it become *suspects* and are run one by one; what is handed in
    meanwhile waits, so that the pool is full again as soon as the guilty one is found.
    """

    def __init__(self, make: MakeExecutor, limit: int) -> None:
        self.limit = limit
        self._make = make
        self._executor = make()
        self._running: dict[Future[Any], Job] = {}
        self._suspects: deque[Job] = deque()
        self._waiting: deque[Job] = deque()

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:  # an error, or Ctrl-C once more: nobody waits for results now
            self.abandon()
        self._executor.shutdown(wait=True, cancel_futures=True)

    @property
    def busy(self) -> int:
        """Jobs handed in whose results have not come out."""
        return len(self._running) + len(self._suspects) + len(self._waiting)

    @property
    def has_room(self) -> bool:
        """Whether another job would find a worker before long."""
        return not self._suspects and self.busy < self.limit

    def hand_in(self, job: Job) -> None:
        """Start a job, or let it wait; never blocks, so callers look at ``has_room`` first."""
        self._waiting.append(job)
        if not self._suspects:
            self._start_waiting()

    def results(self, timeout: float | None = None) -> Iterator[tuple[Job, Any]]:
        """Jobs that have finished, with what they returned; waits for at least one, or ``timeout`` seconds.

        A job whose process died, twice and alone, comes back with a :class:`Refusal`.

        Raises
        ------
        RecsysError
            Worker processes cannot be started at all, or report that the installation is broken.
        """
        if not self._running and self._suspects:
            yield self._alone(self._suspects.popleft())
        if not self._suspects:
            self._start_waiting()
        finished, _ = wait(self._running, timeout=timeout, return_when=FIRST_COMPLETED)
        for future in finished:
            job = self._running.pop(future)
            try:
                result = future.result()
            except BrokenProcessPool:
                self._suspects.append(job)
                continue
            yield job, result

    def abandon(self) -> None:
        """Stop at once, without waiting for what is running."""
        self._running.clear()
        self._suspects.clear()
        self._waiting.clear()
        # Only Python 3.14 has a public way to do this.
        workers = list((getattr(self._executor, "_processes", None) or {}).values())
        self._executor.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            worker.terminate()

    def _start_waiting(self) -> None:
        while self._waiting:
            try:
                future = self._submit(self._waiting[0])
            except BrokenProcessPool:
                if self._running:  # its other jobs come out as suspects first
                    return
                self._restart()
                continue
            self._running[future] = self._waiting.popleft()

    def _submit(self, job: Job) -> Future[Any]:
        with one_thread_each():  # the pool starts its processes when work comes in
            return self._executor.submit(job.function, job.path)

    def _alone(self, job: Job) -> tuple[Job, Any]:
        """Run one job with nothing else in the pool: if its process dies twice, it is this job's doing."""
        for _ in range(2):
            self._restart()
            try:
                return job, self._submit(job).result()
            except BrokenProcessPool:
                continue
        self._restart()
        return job, Refusal("worker", "the process that listened to it was killed or crashed")

    def _restart(self) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._executor = self._make()
        try:
            with one_thread_each():
                self._executor.submit(os.getpid).result()
        except BrokenProcessPool as error:
            raise RecsysError(
                "worker processes cannot be started; a script that calls recsys needs the guard "
                'if __name__ == "__main__":, and memory enough for a process'
            ) from error
