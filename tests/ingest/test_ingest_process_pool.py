"""Worker processes: what happens to one costs its own job and nothing else."""

import os
import signal
import sys
import time
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any

import pytest
from fake_analysers import hang

from recsys.ingest.executors import BoundedExecutor, Job, WorkerDied
from recsys.ingest.process_pool import ProcessPool
from recsys.ingest.worker import AnalysisFailure


def pid(_: str = "") -> int:
    return os.getpid()


def die(_: str = "") -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def leave(_: str = "") -> None:
    os._exit(3)


def raise_it(text: str) -> None:
    raise ValueError(text)


def niceness(_: str = "") -> int:
    return os.nice(0)


def die_once(marker: str) -> str:
    """Dies unless the file ``marker`` is there."""
    if not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def starve(_: str = "") -> object:
    """Asks for more memory than the process may have."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    return bytearray(8 << 30)


@pytest.fixture
def workers() -> Any:
    pool = ProcessPool(2)
    yield pool
    pool.kill_workers()
    pool.shutdown()


def test_jobs_are_done_by_as_many_processes_as_asked_for(workers: ProcessPool) -> None:
    found = {future.result() for future in [workers.submit(pid) for _ in range(40)]}
    assert 1 <= len(found) <= 2
    assert os.getpid() not in found


def test_what_a_job_raises_is_raised(workers: ProcessPool) -> None:
    with pytest.raises(ValueError, match="this one"):
        workers.submit(raise_it, "this one").result()
    assert workers.submit(pid).result()


@pytest.mark.parametrize(("fatal", "said"), [(die, "ended by SIGKILL"), (leave, r"crashed \(exit code 3\)")])
def test_a_dying_process_takes_its_own_job_only(workers: ProcessPool, fatal: Any, said: str) -> None:
    jobs: list[Future[Any]] = [workers.submit(fatal if i in (3, 11, 12) else pid, "") for i in range(20)]
    wait(jobs)
    lost = [i for i, job in enumerate(jobs) if isinstance(job.exception(), WorkerDied)]
    assert lost == [3, 11, 12]
    with pytest.raises(WorkerDied, match=said):
        jobs[3].result()
    assert workers.submit(pid).result()


def test_a_job_that_hangs_ends_at_its_time_limit() -> None:
    pool = ProcessPool(1, file_timeout=0.5)
    hanging, after = pool.submit(hang, "x"), pool.submit(pid)
    with pytest.raises(WorkerDied, match=r"file timeout of 0\.5 s") as lost:
        hanging.result()
    assert lost.value.final
    assert after.result()
    pool.shutdown()


@pytest.mark.parametrize("begun", [False, True], ids=["at once", "in the middle"])
def test_a_stopped_pool_leaves_nobody_waiting(*, begun: bool) -> None:
    pool = ProcessPool(1)
    if begun:
        assert pool.submit(pid).result(timeout=60)
    jobs = [pool.submit(hang, "x") for _ in range(5)]
    while begun and not jobs[0].running():
        time.sleep(0.01)
    pool.kill_workers()
    assert not wait(jobs, timeout=60).not_done
    assert all(job.cancelled() or isinstance(job.exception(), WorkerDied) for job in jobs)
    with pytest.raises(RuntimeError, match="shut down"):
        pool.submit(pid)


def test_shutdown_finishes_what_was_handed_in() -> None:
    pool = ProcessPool(2)
    jobs = [pool.submit(pid) for _ in range(10)]
    pool.shutdown()
    assert all(job.result() for job in jobs)


def test_a_pool_that_was_never_used_starts_no_process() -> None:
    pool = ProcessPool(4)
    pool.shutdown()
    assert not pool._workers


@pytest.mark.skipif(sys.platform == "win32", reason="niceness is a thing of POSIX")
def test_nice_workers_step_back() -> None:
    pool = ProcessPool(1, nice=True)
    assert pool.submit(niceness).result() == 19
    pool.shutdown()


def test_a_job_whose_process_was_killed_is_tried_once_more(tmp_path: Path) -> None:
    with BoundedExecutor(ProcessPool(1), 1) as crew:
        crew.submit(Job(die_once, str(tmp_path / "marker")))
        found = []
        while crew.in_flight:
            found += [result for _, result in crew.results()]
    assert found == ["done"]


def test_a_job_that_always_kills_its_process_is_refused() -> None:
    with BoundedExecutor(ProcessPool(1), 1) as crew:
        crew.submit(Job(die, "x"))
        found = []
        while crew.in_flight:
            found += [result for _, result in crew.results()]
    [refusal] = found
    assert isinstance(refusal, AnalysisFailure)
    assert refusal.stage == "worker"
    assert "SIGKILL, perhaps for lack of memory" in refusal.reason


@pytest.mark.skipif(sys.platform != "linux", reason="needs RLIMIT_AS")
def test_a_job_that_asks_for_too_much_memory_raises_and_the_worker_goes_on() -> None:
    pool = ProcessPool(1)
    with pytest.raises(MemoryError):
        pool.submit(starve).result()
    assert pool.submit(pid).result()
    pool.shutdown()


def test_workers_end_with_their_pool() -> None:
    pool = ProcessPool(1)
    process = pool.submit(pid).result()
    pool.shutdown()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return
    pytest.fail("the worker is still there")


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked from a server on Linux only")
def test_the_server_that_forks_may_be_killed(workers: ProcessPool) -> None:
    """As by a system short of memory: another is started."""
    from multiprocessing.forkserver import _forkserver

    assert workers.submit(pid).result()
    server: Any = _forkserver
    os.kill(server._forkserver_pid, signal.SIGKILL)
    lost = workers.submit(die, "")  # a new process is needed
    with pytest.raises(WorkerDied):
        lost.result()
    assert workers.submit(pid).result()
