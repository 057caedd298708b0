"""Functions of files in worker processes, outside of an ingest."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from fake_analysers import crash_on_bomb

from recsys.ingest.file_workers import FileWorkers
from recsys.ingest.worker import AnalysisFailure


def pid_of(path: str) -> str:
    return f"{path} {os.getpid()}"


def scaled(path: str, *, factor: int) -> int:
    return factor * int(path)


def test_results_are_in_order_and_of_other_processes() -> None:
    paths = [str(i) for i in range(20)]
    with FileWorkers(2) as workers:
        found = [str(result).split() for result in workers.map(pid_of, paths)]
        assert [path for path, _ in found] == paths
        processes = {pid for _, pid in found}
        assert str(os.getpid()) not in processes
        assert str(workers.call(pid_of, "more")).split()[1] in processes
        assert list(workers.map(partial(scaled, factor=3), ["1", "2"])) == [3, 6]
        assert list(workers.map(pid_of, [])) == []


def test_file_that_crashes_its_decoder_is_one_failure() -> None:
    with FileWorkers() as workers:
        found = list(workers.map(crash_on_bomb, ["a.mp3", "bomb.mp3", "b.mp3"]))
    assert [failure.stage for failure in found] == ["decode", "worker", "decode"]
    assert found[1].reason == "its worker process was ended by SIGSEGV"


def test_file_that_hangs_its_decoder_is_one_failure() -> None:
    with FileWorkers(file_timeout=2.0) as workers:
        found = workers.call(crash_on_bomb, "hang.mp3")
    assert found == AnalysisFailure("worker", "it took longer than the file timeout of 2 s")


def test_no_process_starts_without_a_call() -> None:
    code = (
        "import sys\nfrom recsys.ingest.file_workers import FileWorkers\n"
        "with FileWorkers(): pass\n"
        "assert not {'multiprocessing', 'psutil'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("end", ["break", "raise KeyboardInterrupt"])
def test_processes_end_with_an_iteration_that_is_left(tmp_path: Path, end: str) -> None:
    """The hanging file of the second worker is not awaited."""
    script = tmp_path / "script.py"
    script.write_text(
        "from fake_analysers import crash_on_bomb\nfrom recsys.ingest.file_workers import FileWorkers\n"
        "with FileWorkers(2) as workers:\n"
        "    for found in workers.map(crash_on_bomb, ['a.mp3', 'hang.mp3', 'b.mp3']):\n"
        f"        print(found.reason, flush=True)\n        {end}\n",
        encoding="utf-8",
    )
    tests = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tests), str(tests.parent)])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout == "a.mp3 is damaged\n"
    assert (done.returncode == 0) == (end == "break")


def test_a_process_without_children_calls_the_functions_itself(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import multiprocessing, os\n"
        "def f(path):\n"
        "    return os.getpid()\n"
        "def g(_):\n"
        "    from recsys.ingest.file_workers import FileWorkers\n"
        "    with FileWorkers() as workers:\n"
        "        return workers.call(f, 'x') == os.getpid()\n"
        "if __name__ == '__main__':\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        assert pool.map(g, [1]) == [True]\n",
        encoding="utf-8",
    )
    root = str(Path(__file__).parents[2])
    subprocess.run([sys.executable, str(script)], env={**os.environ, "PYTHONPATH": root}, check=True, timeout=120)
