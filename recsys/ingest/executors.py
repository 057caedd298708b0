"""The seam for parallel work: any :class:`concurrent.futures.Executor` whose futures raise :class:`WorkerDied` when
the process at work died, and the :class:`BoundedExecutor` that keeps a bounded number of jobs in it.

An executor says in ``jobs`` how many files it can work on at a time, if it knows better than the settings.
"""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from typing import Any

from recsys.ingest.worker import AnalysisFailure

MakeExecutor = Callable[[], Executor]

IN_FLIGHT = 4  # jobs a worker: enough to keep it busy while a batch is written
_MAX_ATTEMPTS = 2


class WorkerDied(Exception):
    """The process that ran a job died, or was ended for its time; ``str()`` says how, in a user's words.

    ``final``: there is no sense in trying once more.
    """

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final


@dataclass(frozen=True, slots=True)
class TimedCall:
    """``function``, with the seconds it took: what is left to do can be told from what such jobs cost."""

    function: Callable[[str], Any]

    def __call__(self, path: str) -> tuple[float, Any]:
        """Seconds and result of ``function(path)``."""
        start = time.perf_counter()
        result = self.function(path)
        return time.perf_counter() - start, result


def available_cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return min(os.cpu_count() or 1, 30)  # Windows cannot wait for more


@dataclass(slots=True)
class Job:
    """One call of ``function`` with ``path``; ``context`` is for whoever handed it in, ``seconds`` what it took."""

    function: Callable[[str], Any]
    path: str
    context: Any = field(default=None)
    seconds: float = 0.0
    attempts: int = 0


class BoundedExecutor:
    """An executor with a bounded number of jobs in flight; a context manager.

    A job whose process died is tried a second time: it may have been another's doing (a user's kill, the memory
    that a neighbour took). Then it comes out with a :class:`~recsys.ingest.worker.AnalysisFailure`.
    """

    def __init__(self, executor: Executor, jobs: int) -> None:
        self._jobs = jobs
        self._executor = executor
        self._running: dict[Future[tuple[float, Any]], Job] = {}

    def __enter__(self) -> "BoundedExecutor":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:  # an error, or Ctrl-C once more: nobody waits for results now
            self.cancel()
        self._executor.shutdown(wait=True, cancel_futures=True)

    @property
    def jobs(self) -> int:
        """How many files can be worked on at a time."""
        return getattr(self._executor, "jobs", self._jobs)

    @property
    def in_flight(self) -> int:
        """Jobs handed in whose results have not come out."""
        return len(self._running)

    @property
    def can_accept(self) -> bool:
        """Whether another job would find a worker before long."""
        return self.in_flight < IN_FLIGHT * self.jobs

    def submit(self, job: Job) -> None:
        """Start a job; never blocks, so callers look at ``can_accept`` first."""
        job.attempts += 1
        self._running[self._executor.submit(TimedCall(job.function), job.path)] = job

    def results(self, timeout: float | None = None) -> Iterator[tuple[Job, Any]]:
        """Jobs that have finished, with what they returned; waits for at least one, or ``timeout`` seconds.

        Raises
        ------
        RecsysError
            Workers cannot be started or reached at all, or report that the installation is broken.
        """
        finished, _ = wait(self._running, timeout=timeout, return_when=FIRST_COMPLETED)
        for future in finished:
            job = self._running.pop(future)
            try:
                seconds, result = future.result()
            except WorkerDied as lost:
                if lost.final or job.attempts >= _MAX_ATTEMPTS:
                    yield job, AnalysisFailure("worker", str(lost))
                else:
                    self.submit(job)
                continue
            job.seconds += seconds
            yield job, result

    def cancel(self) -> None:
        """Stop at once, without waiting for what is running."""
        self._running.clear()
        if hasattr(self._executor, "kill_workers"):
            self._executor.kill_workers()
        else:
            self._executor.shutdown(wait=False, cancel_futures=True)
