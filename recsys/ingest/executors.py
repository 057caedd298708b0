"""The executor interface of ingest, and :class:`BoundedExecutor`, which limits the number of submitted jobs.

Any :class:`concurrent.futures.Executor` works whose futures raise :class:`WorkerDied` when the process of a job died.
Its attribute ``jobs``, if it has one, is the number of files it processes at a time; it overrides the settings.
"""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from typing import Any

from recsys.ingest.worker import AnalysisFailure

MakeExecutor = Callable[[], Executor]

IN_FLIGHT = 4  # jobs per worker: enough to keep it busy while a batch is stored
_MAX_ATTEMPTS = 2


class WorkerDied(Exception):
    """The process of a job died, or was killed after its timeout; ``str()`` is the reason for the user.

    ``final``: another attempt would fail too.
    """

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final


@dataclass(frozen=True, slots=True)
class TimedCall:
    """``function`` with its duration, from which the remaining time is estimated."""

    function: Callable[[str], Any]

    def __call__(self, path: str) -> tuple[float, Any]:
        """Seconds and result of ``function(path)``."""
        start = time.perf_counter()
        result = self.function(path)
        return time.perf_counter() - start, result


def available_cores() -> int:
    """Number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return min(os.cpu_count() or 1, 30)  # Windows waits for at most 63 handles


@dataclass(slots=True)
class Job:
    """One call of ``function(path)``; ``context`` belongs to the caller, ``seconds`` is its duration so far."""

    function: Callable[[str], Any]
    path: str
    context: Any = field(default=None)
    seconds: float = 0.0
    attempts: int = 0


class BoundedExecutor:
    """An executor with a bounded number of jobs in flight; a context manager.

    A job whose process died is tried a second time: the cause may be outside (a kill, memory used by another process).
    After that its result is an :class:`~recsys.ingest.worker.AnalysisFailure`.
    """

    def __init__(self, executor: Executor, jobs: int) -> None:
        self._jobs = jobs
        self._executor = executor
        self._running: dict[Future[tuple[float, Any]], Job] = {}

    def __enter__(self) -> "BoundedExecutor":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:  # an error, or a second Ctrl-C: the results are not needed
            self.cancel()
        self._executor.shutdown(wait=True, cancel_futures=True)

    @property
    def jobs(self) -> int:
        """Number of files that are processed at a time."""
        return getattr(self._executor, "jobs", self._jobs)

    @property
    def in_flight(self) -> int:
        """Number of submitted jobs without result."""
        return len(self._running)

    @property
    def can_accept(self) -> bool:
        """Whether another job would be started soon."""
        return self.in_flight < IN_FLIGHT * self.jobs

    def submit(self, job: Job) -> None:
        """Submit a job. It never blocks; check ``can_accept`` first."""
        job.attempts += 1
        self._running[self._executor.submit(TimedCall(job.function), job.path)] = job

    def results(self, timeout: float | None = None) -> Iterator[tuple[Job, Any]]:
        """Yield finished jobs with their results; wait for at least one, or ``timeout`` seconds.

        Raises
        ------
        RecsysError
            Workers cannot be started or reached, or their installation is broken.
        """
        finished, _ = wait(self._running, timeout=timeout, return_when=FIRST_COMPLETED)
        for future in finished:
            job = self._running.pop(future)
            try:
                seconds, result = future.result()
            except WorkerDied as died:
                if died.final or job.attempts >= _MAX_ATTEMPTS:
                    yield job, AnalysisFailure("worker", str(died))
                else:
                    self.submit(job)
                continue
            job.seconds += seconds
            yield job, result

    def cancel(self) -> None:
        """Stop at once, without waiting for running jobs."""
        self._running.clear()
        if hasattr(self._executor, "kill_workers"):
            self._executor.kill_workers()
        else:
            self._executor.shutdown(wait=False, cancel_futures=True)
