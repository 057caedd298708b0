"""Worker processes as a :class:`concurrent.futures.Executor` that survives files which crash their process.

The standard ProcessPoolExecutor fails all jobs when one of its processes dies, and cannot end one that hangs. Here each
worker has its own pipe, so that its current job is always known: after a crash, a kill, or more than ``file_timeout``
seconds, only that job fails, with :class:`~recsys.ingest.executors.WorkerDied`; the process is replaced, and all other
jobs continue.
"""

import atexit
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import connection, forkserver, get_context
from multiprocessing.connection import Connection
from typing import Any
from weakref import WeakSet

from recsys.errors import RecsysError
from recsys.ingest.executors import WorkerDied, available_cores
from recsys.ingest.worker_process import (
    blocked_interrupts,
    initialise_worker,
    without_main_module,
    worker_environment,
)

_PREFETCH = 2  # jobs sent to a worker: the running one, and the next, so that it does not wait
_MAX_STARTS = 3  # processes in a row that die before their first job; then no file is the cause
_TERMINATE_SECONDS = 5.0  # seconds until a worker is killed at the end
_SPAWN = "forkserver" if sys.platform == "linux" else "spawn"
_READY = "ready"
_POOLS: "WeakSet[ProcessPool]" = WeakSet()


@dataclass(slots=True)
class _Job:
    future: Future[Any]
    call: tuple[Callable[..., Any], tuple[Any, ...]]


@dataclass(eq=False, slots=True)
class _Worker:
    process: Any
    pipe: "Connection[Any, Any]"
    jobs: deque[_Job] = field(default_factory=deque)
    since: float = 0.0  # when its current job began
    ready: bool = False


def start_imports() -> None:
    """Begin the imports of the workers, in a process of their own, before there is a job.

    Worker processes are forked from it. Has no effect on systems that do not fork, or have one core for all.
    """
    if _SPAWN == "forkserver" and available_cores() > 1:
        _ensure_fork_server()


def _ensure_fork_server() -> None:
    if _SPAWN == "forkserver":
        forkserver.set_forkserver_preload(["recsys.ingest.preload", "recsys.ingest.process_pool"])
        with worker_environment(), without_main_module(), blocked_interrupts():
            forkserver.ensure_running()


class ProcessPool(Executor):
    """Up to ``jobs`` processes, started on demand; each job may take ``file_timeout`` seconds."""

    def __init__(self, jobs: int, *, file_timeout: float = float("inf"), nice: bool = False) -> None:
        self.jobs = jobs
        self._file_timeout, self._nice = file_timeout, nice
        self._context: Any = get_context(_SPAWN)
        self._workers: list[_Worker] = []
        self._queue: deque[_Job] = deque()
        self._lock = threading.Lock()
        self._closed = self._killed = False
        self._failure: RecsysError | None = None
        self._false_starts = 0
        self._wakeup_pipe, self._wake = self._context.Pipe(duplex=False)
        self._thread = threading.Thread(target=self._run, name="recsys-workers", daemon=True)
        self._thread.start()
        _POOLS.add(self)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
        """Call ``fn(*args)`` in a worker process; all must be picklable."""
        job = _Job(Future(), (fn, args))
        with self._lock:
            if self._failure is not None:
                raise self._failure
            if self._closed:
                raise RuntimeError("cannot submit to workers that were shut down")
            self._queue.append(job)
        self._notify()
        return job.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Accept no more jobs; finish the submitted ones, or cancel those that have not begun."""
        with self._lock:
            self._closed = True
            if cancel_futures:
                begun = deque(job for job in self._queue if not job.future.cancel())
                for job in self._queue:
                    if job.future.cancelled():
                        job.future.set_running_or_notify_cancel()  # otherwise threads that wait for it are not notified
                self._queue = begun
        self._notify()
        if wait and threading.current_thread() is not self._thread:
            self._thread.join()

    def kill_workers(self) -> None:
        """Kill every process."""
        self._killed = True
        self.shutdown(wait=False, cancel_futures=True)

    # The rest runs in the thread that manages the processes

    def _run(self) -> None:
        try:
            while not self._finished():
                self._dispatch()
                awaited = [
                    self._wakeup_pipe,
                    *(w.pipe for w in self._workers),
                    *(w.process.sentinel for w in self._workers),
                ]
                connection.wait(awaited, timeout=self._poll_timeout())
                self._drain_wakeups()
                for worker in list(self._workers):
                    self._receive(worker)
                    if not worker.process.is_alive():
                        self._receive(worker)  # results that it sent before it died
                        self._replace_worker(worker, _cause(worker.process.exitcode))
                    elif worker.jobs and worker.ready and time.monotonic() - worker.since > self._file_timeout:
                        worker.process.kill()
                        self._replace_worker(
                            worker, f"it took longer than the file timeout of {self._file_timeout:g} s", final=True
                        )
        except BaseException as error:  # noqa: BLE001 - otherwise threads would wait for the futures forever
            failure = RecsysError(f"the worker processes cannot be managed: {type(error).__name__}: {error}")
            failure.__cause__ = error
            with self._lock:
                self._closed, self._failure = True, failure
            self._fail_all(failure)
        finally:
            self._terminate()

    def _finished(self) -> bool:
        with self._lock:
            return self._killed or (self._closed and not self._queue and not any(w.jobs for w in self._workers))

    def _poll_timeout(self) -> float | None:
        begun = [worker.since for worker in self._workers if worker.jobs and worker.ready]
        if not begun or self._file_timeout == float("inf"):
            return None
        return max(0.0, min(begun) + self._file_timeout - time.monotonic()) + 0.01

    def _dispatch(self) -> None:
        with self._lock:
            while self._queue:
                worker = min(self._workers, key=lambda w: len(w.jobs), default=None)
                if worker is None or (worker.jobs and len(self._workers) < self.jobs):
                    worker = self._start_worker()
                if len(worker.jobs) >= _PREFETCH or (worker.jobs and len(self._queue) <= self.jobs):
                    return  # the last jobs wait for the worker that is free first
                job = self._queue.popleft()
                if not job.future.running() and not job.future.set_running_or_notify_cancel():
                    continue
                if not worker.jobs:
                    worker.since = time.monotonic()
                worker.jobs.append(job)
                with suppress(OSError):  # it has died; it is replaced in the next iteration
                    worker.pipe.send(job.call)

    def _start_worker(self) -> _Worker:
        near, far = self._context.Pipe()
        process = self._start(far)
        far.close()
        worker = _Worker(process, near)
        self._workers.append(worker)
        return worker

    def _start(self, pipe: "Connection[Any, Any]") -> Any:
        for pause in (0.1, 0.5, 2.0, None):
            process = self._context.Process(target=_work, args=(pipe, self._nice), daemon=True)
            try:
                _ensure_fork_server()
                with worker_environment(), without_main_module(), blocked_interrupts():
                    process.start()
                return process
            except (EOFError, ConnectionError):  # the fork server was killed; a new one starts after it has ended
                if pause is None:
                    raise
                time.sleep(pause)
        raise AssertionError("not reached")

    def _receive(self, worker: _Worker) -> None:
        try:
            while worker.pipe.poll():
                message = worker.pipe.recv()
                worker.since = time.monotonic()
                if message == _READY:
                    worker.ready, self._false_starts = True, 0
                    continue
                failed, result = message
                job = worker.jobs.popleft()
                if failed:
                    job.future.set_exception(result)
                else:
                    job.future.set_result(result)
        except (EOFError, OSError):
            pass  # its process has ended, which its sentinel shows

    def _replace_worker(self, worker: _Worker, cause: str, *, final: bool = False) -> None:
        """Fail the running job and requeue the next one."""
        self._workers.remove(worker)
        worker.pipe.close()
        jobs = worker.jobs
        if not worker.ready:
            self._false_starts += 1
            if self._false_starts >= _MAX_STARTS:
                self._fail_all(
                    RecsysError(f"worker processes cannot be started ({cause}); each process needs enough memory"),
                    *jobs,
                )
                return
        elif jobs:
            jobs.popleft().future.set_exception(WorkerDied(cause, final=final))
        with self._lock:
            self._queue.extendleft(reversed(jobs))

    def _fail_all(self, error: BaseException, *more: _Job) -> None:
        with self._lock:
            jobs = [*more, *(job for worker in self._workers for job in worker.jobs), *self._queue]
            self._queue.clear()
            for worker in self._workers:
                worker.jobs.clear()
        for job in jobs:
            if job.future.running() or job.future.set_running_or_notify_cancel():
                job.future.set_exception(error)

    def _terminate(self) -> None:
        for worker in self._workers:
            worker.pipe.close()  # the worker ends at the end of its pipe
            if self._killed:
                worker.process.kill()
        deadline = time.monotonic() + _TERMINATE_SECONDS
        for worker in self._workers:
            worker.process.join(max(0.0, deadline - time.monotonic()))
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join(1.0)
        self._fail_all(WorkerDied("the workers were stopped", final=True))
        self._workers.clear()

    def _notify(self) -> None:
        with suppress(OSError):
            self._wake.send_bytes(b"!")

    def _drain_wakeups(self) -> None:
        while self._wakeup_pipe.poll():
            self._wakeup_pipe.recv_bytes()


@atexit.register
def _kill_all() -> None:
    """End the processes that are left: multiprocessing would send them SIGTERM, which they ignore, and wait."""
    for pool in list(_POOLS):
        pool.kill_workers()


def _work(pipe: "Connection[Any, Any]", nice: bool) -> None:
    """The main function of a worker process, which ends when its pipe is closed."""
    initialise_worker(nice=nice)
    import recsys.ingest.preload  # noqa: F401 - before the first job is timed

    with suppress(EOFError, OSError):
        pipe.send(_READY)
        while True:
            function, arguments = pipe.recv()
            pipe.send(_call(function, arguments))
    os._exit(0)  # the exit handlers of some libraries take seconds


def _call(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[bool, Any]:
    try:
        return False, function(*arguments)
    except Exception as error:  # noqa: BLE001 - as every Executor does; result() raises it again
        return True, error


def _cause(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        name = signal.Signals(-exitcode).name
        why = ", perhaps for lack of memory" if name == "SIGKILL" else ""
        return f"its worker process was ended by {name}{why}"
    return f"its worker process crashed (exit code {exitcode})"
