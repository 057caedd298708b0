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

from recsys.errors import RecsysError
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


def read(path: str) -> str:
    return Path(path).read_text()


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


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pipe with a name")
def test_the_last_jobs_do_not_wait_behind_a_long_one(workers: ProcessPool, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    long = workers.submit(read, str(pipe))  # until something is written
    others = [workers.submit(pid) for _ in range(3)]
    assert len({other.result(timeout=60) for other in others}) == 1
    assert not long.done()
    pipe.write_text("end")
    assert long.result(timeout=60) == "end"


def test_pool_starts_the_given_number_of_processes(workers: ProcessPool) -> None:
    found = {future.result() for future in [workers.submit(pid) for _ in range(40)]}
    assert 1 <= len(found) <= 2
    assert os.getpid() not in found


def test_exception_of_a_job_is_raised(workers: ProcessPool) -> None:
    with pytest.raises(ValueError, match="this one"):
        workers.submit(raise_it, "this one").result()
    assert workers.submit(pid).result()


@pytest.mark.parametrize(("fatal", "message"), [(die, "ended by SIGKILL"), (leave, r"crashed \(exit code 3\)")])
def test_dying_process_fails_its_job_only(workers: ProcessPool, fatal: Any, message: str) -> None:
    jobs: list[Future[Any]] = [workers.submit(fatal if i in (3, 11, 12) else pid, "") for i in range(20)]
    wait(jobs)
    lost = [i for i, job in enumerate(jobs) if isinstance(job.exception(), WorkerDied)]
    assert lost == [3, 11, 12]
    with pytest.raises(WorkerDied, match=message):
        jobs[3].result()
    assert workers.submit(pid).result()


def test_jobs_after_a_failed_start_have_its_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the interpreter cannot be executed: not only the job that was waiting, but each one after it."""

    def fail(*_: object) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(ProcessPool, "_start", fail)
    pool = ProcessPool(1)
    with pytest.raises(RecsysError, match="the worker processes cannot be managed: BrokenPipeError"):
        pool.submit(pid).result(timeout=60)
    with pytest.raises(RecsysError, match="the worker processes cannot be managed: BrokenPipeError"):
        pool.submit(pid)
    pool.shutdown()


def test_hanging_job_ends_at_the_timeout() -> None:
    pool = ProcessPool(1, file_timeout=3)  # the job behind it gets as long, on a machine that is busy as well
    hanging, after = pool.submit(hang, "x"), pool.submit(pid)
    with pytest.raises(WorkerDied, match=r"file timeout of 3 s") as lost:
        hanging.result()
    assert lost.value.final
    assert after.result()
    pool.shutdown()


@pytest.mark.parametrize("begun", [False, True], ids=["at once", "in the middle"])
def test_stopped_pool_completes_all_futures(*, begun: bool) -> None:
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


def test_shutdown_finishes_submitted_jobs() -> None:
    pool = ProcessPool(2)
    jobs = [pool.submit(pid) for _ in range(10)]
    pool.shutdown()
    assert all(job.result() for job in jobs)


def test_unused_pool_starts_no_process() -> None:
    pool = ProcessPool(4)
    pool.shutdown()
    assert not pool._workers


@pytest.mark.skipif(sys.platform == "win32", reason="niceness is a thing of POSIX")
def test_nice_workers_have_low_priority() -> None:
    pool = ProcessPool(1, nice=True)
    assert pool.submit(niceness).result() == 19
    pool.shutdown()


def test_job_of_a_killed_process_is_tried_again(tmp_path: Path) -> None:
    with BoundedExecutor(ProcessPool(1), 1) as crew:
        crew.submit(Job(die_once, str(tmp_path / "marker")))
        found = []
        while crew.in_flight:
            found += [result for _, result in crew.results()]
    assert found == ["done"]


def test_job_that_always_kills_its_process_fails() -> None:
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
def test_memory_error_fails_the_job_only() -> None:
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
def test_pool_survives_a_killed_fork_server(workers: ProcessPool) -> None:
    """As by a system short of memory: another is started."""
    from multiprocessing.forkserver import _forkserver

    assert workers.submit(pid).result()
    server: Any = _forkserver
    os.kill(server._forkserver_pid, signal.SIGKILL)
    lost = workers.submit(die, "")  # a new process is needed
    with pytest.raises(WorkerDied):
        lost.result()
    assert workers.submit(pid).result()
