"""Analyse files on several machines: a Dask cluster as a :class:`concurrent.futures.Executor`.

Dask distributes jobs, reassigns those of a lost machine, and collects results. On each Dask worker the jobs run in a
:class:`recsys.ingest.process_pool.ProcessPool` with one process per thread of the worker. A file that crashes its
process, or hangs, therefore fails alone, as on one machine: the Dask worker goes on, and its other jobs too.

With ``send_files`` the workers do not need to see the files. They are identified on this machine, which has to read
them anyway, and only those to be analysed are sent, as bytes in the job: if a worker is lost, the scheduler still has
them.
"""

import math
import os
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import cache
from logging import CRITICAL, getLogger
from multiprocessing import current_process
from pathlib import Path
from typing import Any

from recsys.errors import FeatureMismatch, Hint, InvalidRequest, RecsysError
from recsys.features.version import FEATURE_VERSION
from recsys.ingest.executors import MakeExecutor, WorkerDied, available_cores
from recsys.ingest.process_pool import ProcessPool
from recsys.ingest.worker import AnalysisFailure, identify_file, reread_file

_CONNECT_SECONDS = 5.0  # seconds until a scheduler must answer, and until its first worker must be there
_STARTS = 3  # attempts to start Dask on this machine
_LOST_SECONDS = 60.0  # seconds without any worker after which the ingest fails
_POLL_SECONDS = 1.0  # seconds between two checks of the cluster
_PREFETCH = 2  # jobs per thread of the cluster: the running one, and the next
_RESUME = "stored tracks are kept; repeat the ingest to resume"


def dask_executor(
    scheduler: str,
    *,
    send_files: bool = False,
    file_timeout: float = math.inf,
    nice: bool = False,
    jobs: int = 0,
    local_functions: Sequence[Callable[[str], Any]] = (identify_file, reread_file),
) -> MakeExecutor:
    """Return a function that creates an executor on the Dask cluster of ``scheduler`` ("tcp://host:8786").

    Parameters
    ----------
    send_files : bool
        Send the content of files, because the workers cannot read them.
    file_timeout : float
        Seconds per file.
    nice : bool
        Run the workers with the lowest priority.
    jobs : int
        With ``send_files``: processes on this machine that identify files; 0: one per core.
    local_functions : sequence of callable
        With ``send_files``: the functions that need the file itself and run on this machine.

    Raises
    ------
    InvalidRequest
        On the call of the returned function: no scheduler answers, or Dask is not installed.
    RecsysError
        On the call of the returned function: the cluster has no workers, or their versions differ from those here.
    """
    return lambda: DaskExecutor(scheduler, send_files, file_timeout, nice, jobs or available_cores(), local_functions)


class DaskExecutor(Executor):
    """Created by :func:`dask_executor`; ``jobs`` is the number of threads of the cluster at the beginning."""

    def __init__(
        self,
        scheduler: str,
        send_files: bool,
        file_timeout: float,
        nice: bool,
        local_jobs: int,
        local_functions: Sequence[Callable[[str], Any]],
    ) -> None:
        self._scheduler, self._file_timeout, self._nice = scheduler, file_timeout, nice
        self._local_functions = tuple(local_functions)
        self._client = _connect(scheduler)
        try:
            self.jobs = _check(self._client, scheduler)
        except BaseException:
            self._client.close()
            raise
        self._local_executor = ProcessPool(local_jobs, file_timeout=file_timeout, nice=nice) if send_files else None
        # One thread per job: it reads the file when the job starts, so that few files are in memory at a time.
        self._threads = ThreadPoolExecutor(_PREFETCH * self.jobs, thread_name_prefix="recsys-dask")
        self._stopped = threading.Event()
        self._visible = time.monotonic()  # when there was a worker the last time

    def submit(self, fn: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
        """Call ``fn(path)`` in the cluster, or on this machine if it needs the file itself."""
        (path,) = args
        if self._local_executor is not None and getattr(fn, "function", fn) in self._local_functions:
            return self._local_executor.submit(fn, path)
        return self._threads.submit(self._call, fn, path)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Accept no more jobs, finish or cancel the submitted ones, and disconnect from the cluster."""
        self._threads.shutdown(wait, cancel_futures=cancel_futures)
        if self._local_executor is not None:
            self._local_executor.shutdown(wait, cancel_futures=cancel_futures)
        if wait:
            self._client.close()  # last: threads that wait for a result would fail

    def kill_workers(self) -> None:
        """Stop without waiting; the cluster finishes the running jobs and discards their results."""
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
            except OSError:  # deleted, or without permission: the local pool reports it as in every other ingest
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
            raise WorkerDied("it was deleted, or cannot be read any more", final=True) from error
        except KilledWorker as error:
            raise WorkerDied("the connection to every machine of the cluster that analysed it was lost") from error
        except ImportError as error:
            raise RecsysError(
                f"a Dask worker has no package {error.name}; install recsys {_local_version()} on all of them"
            ) from error
        except Exception as error:
            if self._stopped.is_set():
                raise WorkerDied("the ingest was stopped", final=True) from error
            if isinstance(error, CancelledError) or self._client.status != "running":
                raise RecsysError(
                    f"the connection to the Dask scheduler at {self._scheduler} was lost; {_RESUME}"
                ) from error
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
                raise RecsysError(f"{self._scheduler} has had no worker for {_LOST_SECONDS:g} s; {_RESUME}")


# Connect


def _connect(scheduler: str) -> Any:
    try:
        import dask
        import distributed
    except ImportError as error:
        raise InvalidRequest(
            f"Dask is not installed ({error.name})", hint=Hint.INSTALL_EXTRA, hint_values={"extra": "dask"}
        ) from error
    getLogger("distributed").setLevel(CRITICAL)  # what matters is raised as an error
    dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TB"})  # the content of a file is not a graph
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about different versions; those that must agree are checked next
            connect: Any = distributed.Client
            for _ in range(_STARTS):
                with suppress(AssertionError):  # of Dask: its thread has not started within ten seconds
                    return connect(scheduler, timeout=_CONNECT_SECONDS, set_as_default=False, name="recsys")
    except (OSError, ValueError, TypeError) as error:
        raise InvalidRequest(
            f"needs the address of a running Dask scheduler, such as tcp://host:8786 ({_line(error)})",
            field="scheduler",
            value=scheduler,
        ) from error
    raise RecsysError("this machine is too busy to start Dask; repeat the ingest when it has less to do")


def _check(client: Any, scheduler: str) -> int:
    """Check the versions of all workers; return the number of their threads."""
    with suppress(TimeoutError):
        client.wait_for_workers(1, timeout=_CONNECT_SECONDS)
    threads = client.nthreads()
    if not threads:
        raise RecsysError(f"the Dask cluster at {scheduler} has no workers; start some")
    expected = _versions()
    for address, found in client.run(_versions, on_error="return").items():
        if isinstance(found, ImportError):
            raise RecsysError(
                f"the Dask worker at {address} has no package {found.name}; install recsys {_local_version()} there"
            )
        if isinstance(found, BaseException):
            raise RecsysError(f"the Dask worker at {address} cannot import recsys: {_line(found)}")
        for what, value in expected.items():
            if found.get(what) != value:
                raise RecsysError(
                    f"the Dask worker at {address} has {what} {found.get(what)}, this machine has {value}; "
                    f"install recsys {_local_version()} there"
                )
    return sum(threads.values())


def _versions() -> dict[str, Any]:
    """Versions that must be the same on all machines; otherwise results differ or cannot be read."""
    import numpy

    return {
        "Python": "{}.{}".format(*sys.version_info),
        "feature version": FEATURE_VERSION,
        "NumPy": numpy.__version__.partition(".")[0],
    }


def _local_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("recsys-music")
    except PackageNotFoundError:  # run from a checkout
        return "from the same checkout"


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _key(path: str) -> str:
    name = Path(path).name.encode("utf-8", "replace").decode()  # Dask needs text that can be encoded
    return f"recsys-{os.urandom(8).hex()}-{name}"  # shown on the dashboard; unique per job


# On a worker


class _FileNotVisible(RecsysError):
    """A Dask worker cannot read a file."""


def _analyse(
    fn: Callable[[str], Any], path: str, data: bytes | None, version: int, file_timeout: float, nice: bool
) -> Any:
    from distributed import get_worker

    worker = get_worker()
    if version != FEATURE_VERSION:  # a worker that was added after the check
        raise FeatureMismatch(
            f"the Dask worker at {worker.address} has feature version {FEATURE_VERSION}, this ingest has {version}; "
            f"install the same recsys on all machines; {_RESUME}"
        )
    executor = _worker_pool(worker.state.nthreads, file_timeout, nice)
    if data is None:
        if not _readable(path):
            raise _FileNotVisible(
                f"the Dask worker at {worker.address} cannot read {path}; stored tracks are kept", hint=Hint.SEND_FILES
            )
        return executor.submit(fn, path).result()
    with _TemporaryCopy(data, path, worker) as copy:
        return _with_path(path, copy, executor.submit(fn, copy).result())


def _readable(path: str) -> bool:
    return os.access(path, os.R_OK)


_pool_lock = threading.Lock()


def _worker_pool(threads: int, file_timeout: float, nice: bool) -> ProcessPool:
    with _pool_lock:  # the threads of a worker start together; with the cache alone, each would create a pool
        return _create_worker_pool(threads, file_timeout, nice)


@cache
def _create_worker_pool(threads: int, file_timeout: float, nice: bool) -> ProcessPool:
    # A nanny starts workers as daemons, which may not have children; these end with their parent (initialise_worker).
    with suppress(AssertionError):
        current_process().daemon = False
    return ProcessPool(threads, file_timeout=file_timeout, nice=nice)


class _TemporaryCopy:
    """``data`` as a file with the name of ``path``, in a temporary folder that Dask deletes too."""

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
                f"{error.strerror}; free some space, or start it with another local directory; {_RESUME}"
            ) from error
        return str(copy)

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()


def _with_path(path: str, copy: str, result: Any) -> Any:
    """The result with the path of the user's file in place of the temporary copy."""
    if isinstance(result, tuple):
        return tuple(_with_path(path, copy, part) for part in result)
    if isinstance(result, AnalysisFailure):
        return replace(result, reason=result.reason.replace(copy, path))
    return result
