"""Listening on many machines: a Dask cluster behind :class:`concurrent.futures.Executor`.

Dask distributes jobs, reassigns those of a lost machine, and collects results. On each Dask worker the jobs run in
:mod:`recsys.ingest.process_pool`, one process for each thread of the worker.
So a file that kills its reader, or hangs, costs on a cluster what it costs at home: itself. No Dask worker dies of it,
none of its neighbours is suspected, and threads need not share an interpreter.

``ship``: the workers do not see the files. Then files are identified at home, which must read them anyway, and only
what nobody has listened to travels, as bytes in the job: should its worker be lost, the scheduler still has them.
"""

import math
import os
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import cache
from logging import CRITICAL, getLogger
from multiprocessing import current_process
from pathlib import Path
from typing import Any

from recsys.errors import FeatureMismatch, InvalidRequest, RecsysError
from recsys.features.version import FEATURE_VERSION
from recsys.ingest.executors import MakeExecutor, WorkerDied, available_cores
from recsys.ingest.process_pool import ProcessPool
from recsys.ingest.worker import AnalysisFailure, identify_file

_CONNECT_SECONDS = 5.0  # seconds for a scheduler to answer and for its first worker to come
_LOST_SECONDS = 60.0  # seconds without any worker until nobody waits any longer
_POLL_SECONDS = 1.0  # seconds between two looks at whether the cluster is still there
_PREFETCH = 2  # jobs of ours a thread of the cluster: the one it is at, and the next
_KEEP_SECONDS = "what was written stays; run the same command again to go on"


def dask_executor(
    scheduler: str,
    *,
    send_files: bool = False,
    time_limit: float = math.inf,
    nice: bool = False,
    jobs: int = 0,
    local_function: Callable[[str], Any] = identify_file,
) -> MakeExecutor:
    """What makes an executor on the Dask cluster of ``scheduler`` ("tcp://host:8786"), for ``ingest(executor=...)``.

    Parameters
    ----------
    send_files
        Send files as bytes, because the workers do not see them.
    time_limit
        Seconds for each file.
    nice
        Everything else on the workers' machines goes first.
    jobs
        With ``send_files``: processes here that identify files; 0: one a core.
    local_function
        With ``send_files``: the function that needs the file itself and runs here.

    Raises
    ------
    InvalidRequest
        When it is called: nothing answers at ``scheduler``, or Dask is not installed.
    RecsysError
        When it is called: the cluster has no workers, or they do not fit.
    """
    return lambda: DaskExecutor(scheduler, send_files, time_limit, nice, jobs or available_cores(), local_function)


class DaskExecutor(Executor):
    """Made by :func:`dask_executor`; ``jobs`` is the number of threads the cluster had when the work began."""

    def __init__(
        self,
        scheduler: str,
        ship: bool,
        time_limit: float,
        nice: bool,
        local_jobs: int,
        local_function: Callable[[str], Any],
    ) -> None:
        self._scheduler, self._file_timeout, self._nice, self._local_function = (
            scheduler,
            time_limit,
            nice,
            local_function,
        )
        self._client = _connect(scheduler)
        try:
            self.jobs = _check(self._client, scheduler)
        except BaseException:
            self._client.close()
            raise
        self._local_executor = ProcessPool(local_jobs, time_limit=time_limit, nice=nice) if ship else None
        # A thread a job: it reads the file when its turn has come, so few are in memory at a time.
        self._threads = ThreadPoolExecutor(_PREFETCH * self.jobs, thread_name_prefix="recsys-dask")
        self._stopped = threading.Event()
        self._visible = time.monotonic()  # when there was a worker last

    def submit(self, fn: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
        """Have ``fn(path)`` called in the cluster, or at home where it needs the file itself."""
        (path,) = args
        if self._local_executor is not None and getattr(fn, "function", fn) is self._local_function:
            return self._local_executor.submit(fn, path)
        return self._threads.submit(self._call, fn, path)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more jobs, finish those that are here or cancel them, and leave the cluster as it was."""
        self._threads.shutdown(wait, cancel_futures=cancel_futures)
        if self._local_executor is not None:
            self._local_executor.shutdown(wait, cancel_futures=cancel_futures)
        if wait:
            self._client.close()  # last, or whoever waits for a result complains about it

    def kill_workers(self) -> None:
        """Wait for nothing; the cluster finishes the files it is at, and forgets them."""
        self._stopped.set()
        if self._local_executor is not None:
            self._local_executor.kill_workers()
        self.shutdown(wait=False, cancel_futures=True)

    def _call(self, fn: Callable[[str], Any], path: str) -> Any:
        from distributed import KilledWorker

        data = None
        if self._local_executor is not None:
            try:
                data = Path(path).read_bytes()
            except OSError:  # it is gone, or not ours to read: say so in the words of every other ingest
                return self._local_executor.submit(fn, path).result()
        try:
            job = self._client.submit(
                _analyse, fn, path, data, FEATURE_VERSION, self._file_timeout, self._nice, key=_key(path), pure=False
            )
            del data
            self._await(job)
            return job.result()
        except _FileNotVisible as error:
            if _readable(path):
                raise
            raise WorkerDied("it went away, or cannot be read any more", final=True) from error
        except KilledWorker as error:
            raise WorkerDied("the machines of the cluster that had it were lost, one after the other") from error
        except ImportError as error:
            raise RecsysError(
                f"a Dask worker lacks {error.name}; install recsys {_same_environment()} on all of them"
            ) from error
        except Exception as error:
            if self._stopped.is_set():
                raise WorkerDied("the ingest was stopped", final=True) from error
            if isinstance(error, CancelledError) or self._client.status != "running":
                raise RecsysError(f"lost the Dask scheduler at {self._scheduler}; {_KEEP_SECONDS}") from error
            raise

    def _await(self, job: Any) -> None:
        done = threading.Event()
        job.add_done_callback(lambda _: done.set())
        while not done.wait(_POLL_SECONDS):
            if self._stopped.is_set():
                raise WorkerDied("the ingest was stopped", final=True)
            if self._client.scheduler_info().get("workers"):
                self._visible = time.monotonic()
            elif time.monotonic() - self._visible > _LOST_SECONDS:
                raise RecsysError(
                    f"all workers of {self._scheduler} have been gone for {_LOST_SECONDS:g} s; {_KEEP_SECONDS}"
                )


# Before the work


def _connect(scheduler: str) -> Any:
    try:
        import dask
        import distributed
    except ImportError as error:
        raise InvalidRequest(f"Dask is not installed ({error.name}); pip install 'recsys[dask]'") from error
    getLogger("distributed").setLevel(CRITICAL)  # what matters comes as an error, in words a user knows
    dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TB"})  # a file is no graph
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of versions that differ; what must agree is checked next
            connect: Any = distributed.Client
            return connect(scheduler, timeout=_CONNECT_SECONDS, set_as_default=False, name="recsys")
    except (OSError, ValueError, TypeError) as error:
        raise InvalidRequest(
            f"no Dask scheduler answers at {scheduler!r} ({_line(error)}); start one with `dask scheduler` and give "
            "the address it prints, such as tcp://host:8786"
        ) from error


def _check(client: Any, scheduler: str) -> int:
    """How many threads the workers have; they all must be able to do the work."""
    with suppress(TimeoutError):
        client.wait_for_workers(1, timeout=_CONNECT_SECONDS)
    threads = client.nthreads()
    if not threads:
        raise RecsysError(f"the Dask cluster at {scheduler} has no workers; start some with `dask worker {scheduler}`")
    ours = _facts()
    for address, theirs in client.run(_facts, on_error="return").items():
        if isinstance(theirs, ImportError):
            raise RecsysError(
                f"the Dask worker at {address} lacks {theirs.name}; install recsys {_same_environment()} there, too"
            )
        if isinstance(theirs, BaseException):
            raise RecsysError(f"the Dask worker at {address} cannot work for recsys: {_line(theirs)}")
        for what, value in ours.items():
            if theirs.get(what) != value:
                raise RecsysError(
                    f"the Dask worker at {address} has {what} {theirs.get(what)}, but here it is {value}; "
                    f"install recsys {_same_environment()} there, too"
                )
    return sum(threads.values())


def _facts() -> dict[str, Any]:
    """What must agree between workers and home, lest results differ or cannot be read."""
    import numpy

    return {
        "Python": "{}.{}".format(*sys.version_info),
        "the feature version": FEATURE_VERSION,
        "NumPy": numpy.__version__.partition(".")[0],
    }


def _same_environment() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("recsys")
    except PackageNotFoundError:  # run from its sources
        return "as it is here"


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _key(path: str) -> str:
    name = Path(path).name.encode("utf-8", "replace").decode()  # Dask wants text that can be encoded
    return f"recsys-{os.urandom(8).hex()}-{name}"  # shown on the dashboard; each job is a new one


# On a worker


class _FileNotVisible(RecsysError):
    """A file lies nowhere where this worker can read it."""


def _analyse(
    fn: Callable[[str], Any], path: str, data: bytes | None, version: int, time_limit: float, nice: bool
) -> Any:
    from distributed import get_worker

    worker = get_worker()
    if version != FEATURE_VERSION:  # a worker that came later than the check
        raise FeatureMismatch(
            f"the Dask worker at {worker.address} has feature version {FEATURE_VERSION}, but {version} is asked for; "
            f"install the same recsys on all machines; {_KEEP_SECONDS}"
        )
    executor = _worker_pool(worker.state.nthreads, time_limit, nice)
    if data is None:
        if not _readable(path):
            raise _FileNotVisible(
                f"{path} is not visible on the Dask worker at {worker.address}; give --ship, or mount it there; "
                "what was written stays"
            )
        return executor.submit(fn, path).result()
    with _TemporaryCopy(data, path, worker) as copy:
        return _with_path(path, copy, executor.submit(fn, copy).result())


def _readable(path: str) -> bool:
    return os.access(path, os.R_OK)


_one_at_a_time = threading.Lock()


def _worker_pool(threads: int, time_limit: float, nice: bool) -> ProcessPool:
    with _one_at_a_time:  # threads of a worker begin together, and a cache alone would make one for each
        return _make_worker_pool(threads, time_limit, nice)


@cache
def _make_worker_pool(threads: int, time_limit: float, nice: bool) -> ProcessPool:
    # A nanny starts workers as daemons, which may not have children; ours end with their parent (process.prepare).
    with suppress(AssertionError):
        current_process().daemon = False
    return ProcessPool(threads, time_limit=time_limit, nice=nice)


class _TemporaryCopy:
    """``data`` as a file with the name that ``path`` has, in a folder of its own that Dask clears up, too."""

    def __init__(self, data: bytes, path: str, worker: Any) -> None:
        self._data, self._name, self._worker = data, Path(path).name, worker

    def __enter__(self) -> str:
        try:
            self._folder = tempfile.TemporaryDirectory(dir=self._worker.local_directory, ignore_cleanup_errors=True)
            copy = Path(self._folder.name) / self._name
            copy.write_bytes(self._data)
        except OSError as error:
            raise RecsysError(
                f"the Dask worker at {self._worker.address} cannot store a file in {self._worker.local_directory}: "
                f"{error.strerror}; make room there, or start it with another --local-directory; {_KEEP_SECONDS}"
            ) from error
        return str(copy)

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()


def _with_path(path: str, copy: str, result: Any) -> Any:
    """A result whose reason names the user's file, where it names ours."""
    if isinstance(result, tuple):
        return tuple(_with_path(path, copy, part) for part in result)
    if isinstance(result, AnalysisFailure):
        return replace(result, reason=result.reason.replace(copy, path))
    return result
