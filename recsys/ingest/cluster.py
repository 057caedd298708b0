"""Listening on many machines: an executor on a Dask cluster (https://distributed.dask.org).

A Dask worker that dies takes the blame to all tasks it holds, and one that hangs is waited for. So a file is not
listened to in the Dask worker itself but in a process that it keeps for us: the same
:class:`~recsys.ingest.workers.Workers` as on one machine, which know the file that kills or hangs its reader. What
Dask is left to do is what it does well: to hand out, and to hand out again what a lost machine was at.

Workers either see the files under the same paths, or are sent the bytes (``ship``); then a file is identified at home,
and only what has to be listened to travels. Results come back to the one process that writes.
"""

import logging
import multiprocessing
import os
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from recsys.errors import RecsysError, UsageError
from recsys.features.version import FEATURE_VERSION
from recsys.ingest.executors import WorkerLost
from recsys.ingest.worker import Refusal
from recsys.ingest.workers import Workers

_CONNECT = 10.0  # seconds
_COUNT_AGAIN = 5.0  # seconds between two counts of the workers
_PARTING = 10.0

_log = logging.getLogger(__name__)


class DaskExecutor(Executor):
    """Runs jobs on the cluster of a Dask ``scheduler``; see :mod:`recsys.ingest.cluster`.

    Parameters
    ----------
    scheduler
        Its address, as "tcp://192.168.1.5:8786".
    ship
        Send the bytes of the file along; without it, workers must see the same path.
    at_home
        The function that runs on this machine when files are shipped: who they are must be known before.
    time_limit
        Seconds that a worker may spend on a file.
    jobs
        Processes on this machine, for what runs at home.

    Raises
    ------
    UsageError
        distributed is not installed, or the address is none.
    RecsysError
        No scheduler answers there.
    """

    def __init__(
        self,
        scheduler: str,
        *,
        ship: bool = False,
        at_home: Callable[..., Any] | None = None,
        time_limit: float = float("inf"),
        jobs: int = 1,
        nice: bool = False,
    ) -> None:
        self._address, self._limits = scheduler, (time_limit, nice)
        self._client = _connect(scheduler)
        self._ship, self._at_home = ship, at_home
        self._home = Workers(jobs, time_limit=time_limit, nice=nice) if ship else None
        self._running: dict[Future[Any], Any] = {}
        self._lock = threading.Lock()
        self._threads, self._counted = 0, float("-inf")

    @property
    def jobs(self) -> int:
        """Files that the cluster can work on now, at least one: workers may come and go."""
        if time.monotonic() - self._counted > _COUNT_AGAIN:
            before, self._counted = self._threads, time.monotonic()
            with suppress(OSError, TimeoutError):
                self._threads = sum(self._client.nthreads().values())
            if not self._threads and before:
                _log.warning("the cluster at %s has no worker left; waiting for one", self._address)
        return max(1, self._threads)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
        """Have ``fn(path)`` called by a worker; ``fn`` must be picklable."""
        (path,) = args
        if self._home is not None and getattr(fn, "function", fn) is self._at_home:
            return self._home.submit(fn, path)
        outer: Future[Any] = Future()
        outer.set_running_or_notify_cancel()
        data = None
        if self._ship:
            try:
                data = Path(path).read_bytes()
            except OSError as error:
                outer.set_result((0.0, Refusal("open", f"cannot read it: {error.strerror}")))
                return outer
        with _calm():
            inner = self._client.submit(
                listen_elsewhere, FEATURE_VERSION, self._limits, fn, path, data, pure=False, key=_key(path)
            )
        with self._lock:
            self._running[outer] = inner  # whoever lets go of a Dask future cancels it
        inner.add_done_callback(partial(self._settle, outer))
        return outer

    def _settle(self, outer: Future[Any], inner: Any) -> None:
        with self._lock:
            self._running.pop(outer, None)
        try:
            outer.set_result(inner.result())
        except BaseException as error:  # noqa: BLE001 - as any Executor: raised again where the result is asked for
            outer.set_exception(self._explained(error))

    def _explained(self, error: BaseException) -> BaseException:
        from distributed import KilledWorker

        if isinstance(error, WorkerLost | RecsysError):
            return error
        if isinstance(error, KilledWorker):
            return WorkerLost("several workers of the cluster were lost while they listened to it")
        if isinstance(error, ModuleNotFoundError) and str(error.name).partition(".")[0] == "recsys":
            return RecsysError(
                f"a worker of {self._address} does not have recsys; install the same version there: pip install recsys"
            )
        if type(error).__name__ in ("CancelledError", "FutureCancelledError", "CommClosedError"):
            return RecsysError(
                f"the Dask scheduler at {self._address} was lost; what is finished is stored: when it is back, run the "
                "same command again"
            )
        return error

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Finish what is here, or cancel it; leave nothing of ours behind on the workers."""
        with self._lock:
            running = dict(self._running)
        if cancel_futures or not wait:
            self._abandon(running)
        else:
            for outer in running:
                with suppress(Exception):
                    outer.result()
        if self._home is not None:
            self._home.shutdown(wait, cancel_futures=cancel_futures)
        if self._client.status == "running":
            with _calm(), suppress(Exception):
                self._client.run(dismiss, on_error="ignore")
        with _calm(), suppress(Exception):
            self._client.close(_PARTING)

    def kill_workers(self) -> None:
        """Wait for nothing."""
        if self._home is not None:
            self._home.kill_workers()
        self.shutdown(wait=False, cancel_futures=True)

    def _abandon(self, running: dict[Future[Any], Any]) -> None:
        with _calm(), suppress(Exception):
            self._client.cancel(list(running.values()), force=True)
        for outer in running:
            if not outer.done():
                with suppress(Exception):
                    outer.set_exception(WorkerLost("it was called off", final=True))


def _connect(scheduler: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise UsageError("--executor dask needs Dask; run pip install 'recsys[dask]'") from error
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters comes as an error of ours
    try:
        with _calm():
            return Client(scheduler, timeout=_CONNECT, set_as_default=False, name="recsys")  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError) as error:
        raise RecsysError(
            f"no Dask scheduler answers at {scheduler}; start one with: dask scheduler, and workers with: "
            f"dask worker {scheduler} --nthreads 1 --nworkers auto"
        ) from error
    except (ValueError, TypeError) as error:
        raise UsageError(f"{scheduler!r} is no address of a Dask scheduler; give tcp://HOST:8786") from error


@contextmanager
def _calm() -> Iterator[None]:
    """Without the advice that Dask gives to those who write the code."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _key(path: str) -> str:
    """A name for the dashboard that is never the same twice."""
    name = Path(path).name.encode("utf-8", "replace").decode("utf-8")
    return f"recsys-{name}-{os.urandom(8).hex()}"


# On a worker

_workers: Workers | None = None
_workers_lock = threading.Lock()


def listen_elsewhere(
    version: int, limits: tuple[float, bool], function: Callable[[str], Any], path: str, data: bytes | None
) -> Any:
    """``function(path)`` on a Dask worker, in a process of ours; with ``data``, on a copy of the file.

    Raises
    ------
    WorkerLost
        The process died or took too long.
    RecsysError
        This machine computes another version of the features.
    """
    if version != FEATURE_VERSION:
        raise RecsysError(
            f"a worker of the cluster computes feature version {FEATURE_VERSION}, this program {version}; "
            "install the same recsys on all machines"
        )
    if data is None:
        if not os.path.lexists(path):
            return 0.0, Refusal(
                "open", "a worker of the cluster does not see it; mount it there under the same path, or give --ship"
            )
        return _at_hand(limits).submit(function, path).result()
    with tempfile.TemporaryDirectory(prefix="recsys-") as folder:
        copy = Path(folder) / Path(path).name  # by which a reason names it
        copy.write_bytes(data)
        return _at_hand(limits).submit(function, str(copy)).result()


def dismiss() -> None:
    """End the processes that this Dask worker keeps for us."""
    global _workers
    with _workers_lock:
        if _workers is not None:
            _workers.kill_workers()
            _workers = None


def _at_hand(limits: tuple[float, bool]) -> Workers:
    global _workers
    from distributed import get_worker

    time_limit, nice = limits
    with _workers_lock:
        if _workers is None:
            with _may_have_children():
                _workers = Workers(get_worker().state.nthreads, time_limit=time_limit, nice=nice)
        return _workers


@contextmanager
def _may_have_children() -> Iterator[None]:
    """Dask's nanny starts its workers as daemons, which Python forbids to start processes; ours end by themselves."""
    multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
    yield
