"""Call functions of files in worker processes, for files that are analysed outside of an ingest.

A file that crashes its decoder, or hangs it, is one failure, as in an ingest.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self, TypeVar

from recsys.config import FILE_TIMEOUT
from recsys.ingest.executors import BoundedExecutor, Job
from recsys.ingest.worker import AnalysisFailure

WHOLE_FILE_FACTOR = 10
"""Times the file timeout that the analysis of a whole file may take; an ingest analyses parts of it."""

T = TypeVar("T")


class FileWorkers:
    """Up to ``jobs`` worker processes; a context manager. They start with the first call.

    A process that may not have children, such as a worker of ``multiprocessing.Pool``, calls the functions itself.

    Parameters
    ----------
    jobs : int
    file_timeout : float
        Seconds after which a call is given up.
    """

    def __init__(self, jobs: int = 1, *, file_timeout: float = FILE_TIMEOUT) -> None:
        self._jobs, self._file_timeout = jobs, file_timeout
        self._executor: BoundedExecutor | None = None
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._executor is not None and self._executor.in_flight:  # results that are not needed
            self._executor.cancel()
        self._executor = None
        self._resources.__exit__(kind, error, trace)

    def call(self, function: Callable[[str], T | AnalysisFailure], path: str) -> T | AnalysisFailure:
        """The result of ``function(path)``."""
        [result] = self.map(function, [path])
        return result

    def map(
        self, function: Callable[[str], T | AnalysisFailure], paths: Iterable[str]
    ) -> Iterator[T | AnalysisFailure]:
        """Yield the result for each path, in order; an :class:`AnalysisFailure` where the process died.

        ``function`` must be picklable: of a module, or a :class:`functools.partial` of such a one.
        """
        executor = self._executor or self._start()
        if executor is None:
            yield from map(function, paths)
            return
        finished: dict[int, Any] = {}
        todo = enumerate(paths)
        next_job = next(todo, None)
        n = 0
        while next_job is not None or executor.in_flight or finished:
            while next_job is not None and executor.can_accept:
                executor.submit(Job(function, next_job[1], next_job[0]))
                next_job = next(todo, None)
            while n in finished:
                yield finished.pop(n)
                n += 1
            for job, result in executor.results(timeout=1.0) if executor.in_flight else ():
                finished[job.context] = result

    def _start(self) -> BoundedExecutor | None:
        # Only where a file is analysed: the imports take as long as many a query.
        from multiprocessing import current_process

        from recsys.ingest.process_pool import ProcessPool

        if current_process().daemon:
            return None
        pool = ProcessPool(self._jobs, file_timeout=self._file_timeout)
        self._executor = self._resources.enter_context(BoundedExecutor(pool, self._jobs))
        return self._executor
