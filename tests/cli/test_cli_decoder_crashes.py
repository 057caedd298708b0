"""Commands that decode files outside of an ingest, where the decoder ends its process or hangs."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import fake_analysers
import pytest
from cli_result import Result
from signals import music, write_audio
from synthetic_library import all_kinds, make_library, unit

import recsys
from recsys.cli.main import main
from recsys.errors import AudioError
from recsys.ingest import process_pool

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    make_library(tmp_path, all_kinds())
    for name in ("bomb.mp3", "hang.mp3", "text.mp3"):
        (tmp_path / name).write_text("no music")

    def run(*arguments: object) -> Result:
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit:
            main([str(a) for a in arguments])
        captured = capsys.readouterr()
        return Result(exit.value.code or 0, captured.out, captured.err)  # type: ignore[arg-type]

    return run


@pytest.fixture
def crashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The decoders of the worker processes are those of ``fake_analysers.crash_on_bomb``."""
    for name in ("app.classification._analyse", "ingest.worker.identify_file", "ingest.whole_files.analyse_recording"):
        monkeypatch.setattr(f"recsys.{name}", fake_analysers.crash_on_bomb)


CRASHED = "its worker process was ended by SIGSEGV"


@pytest.mark.usefixtures("crashing")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("classify", "bomb.mp3"), f"bomb.mp3 cannot be analysed: {CRASHED}"),
        (("classify", "--segments", "bomb.mp3"), f"bomb.mp3 cannot be analysed: {CRASHED}"),
        (("similar", "bomb.mp3"), f"cannot analyse bomb.mp3: {CRASHED}"),
        (("similar", "1", "bomb.mp3"), f"cannot analyse bomb.mp3: {CRASHED}"),
        (("path", "bomb.mp3", "2"), f"cannot analyse bomb.mp3: {CRASHED}"),
        (("path", "1", "bomb.mp3"), f"cannot analyse bomb.mp3: {CRASHED}"),
        (("plot", "bomb.mp3"), f"bomb.mp3 cannot be analysed: {CRASHED}"),
    ],
)
def test_crash_is_one_line_and_exit_code_1(run: Run, arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments)
    assert (result.code, result.out) == (1, "")
    assert message in result.err
    assert len(result.err.strip().splitlines()) == 1


@pytest.mark.usefixtures("crashing")
def test_crash_of_one_of_several_files_leaves_the_others(run: Run, tmp_path: Path) -> None:
    result = run("classify", "text.mp3", "bomb.mp3", "text.mp3")
    assert result.code == 1
    assert [line.split()[-1] for line in result.err.splitlines()] == ["damaged", "SIGSEGV", "damaged"]


def test_some_of_several_files_fail_with_exit_code_4(run: Run, tmp_path: Path) -> None:
    good = write_audio(tmp_path / "good.wav", music(4))
    result = run("classify", good, "text.mp3", good)
    assert result.code == 4
    assert result.out.count("good.wav: ") == 2
    assert len(result.err.splitlines()) == 1


@pytest.mark.usefixtures("crashing")
def test_hang_ends_at_the_file_timeout(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_FILE_TIMEOUT", "1")
    result = run("classify", "hang.mp3")
    assert result.code == 1
    assert "hang.mp3 cannot be analysed: it took longer than the file timeout of 1 s" in result.err


def test_outside_files_of_a_command_share_one_pool(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    init = process_pool.ProcessPool.__init__

    def count(self: process_pool.ProcessPool, jobs: int, *, file_timeout: float) -> None:
        made.append(jobs)
        init(self, jobs, file_timeout=file_timeout)

    monkeypatch.setattr("recsys.app.queries.similarity_vectors", unit)
    monkeypatch.setattr("recsys.app.paths.similarity_vectors", unit)
    monkeypatch.setattr(process_pool.ProcessPool, "__init__", count)
    a, b = (write_audio(tmp_path / f"{seed}.wav", music(4, seed=seed)) for seed in (1, 2))
    assert run("similar", a, b).code == 0
    assert run("path", a, b, "-n", 4).code == 0
    assert made == [1, 1]
    run("similar", "1")
    assert made == [1, 1]  # a query of the library alone starts no process


@pytest.mark.usefixtures("crashing")
def test_python_api_raises_an_audio_error(tmp_path: Path) -> None:
    (tmp_path / "bomb.mp3").write_text("no music")
    with pytest.raises(AudioError, match=r"^bomb\.mp3 cannot be analysed: its worker process was ended by SIGSEGV$"):
        recsys.classify(tmp_path / "bomb.mp3")
    [failure] = recsys.classify([tmp_path / "bomb.mp3"])
    assert isinstance(failure, recsys.ClassificationFailure)


def test_script_without_a_main_guard_classifies(tmp_path: Path) -> None:
    write_audio(tmp_path / "x.wav", music(4))
    script = tmp_path / "script.py"
    script.write_text("import recsys\nprint('start')\nprint(recsys.classify('x.wav').probability > 0)\n")
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, env={**os.environ, "PYTHONPATH": root}, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.stdout, done.returncode) == ("start\nTrue\n", 0), done.stderr


@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT to another process")
def test_ctrl_c_ends_a_command_at_once(tmp_path: Path) -> None:
    (tmp_path / "hang.mp3").write_text("no music")
    started = tmp_path / "started"
    code = (
        "import fake_analysers, recsys.app.classification as c\n"
        "from pathlib import Path\n"
        "from recsys.cli.main import main\n"
        "c._analyse = fake_analysers.crash_on_bomb\n"
        "from recsys.ingest.executors import BoundedExecutor\n"
        "results = BoundedExecutor.results\n"
        "def after(self, timeout=None):\n"
        f"    Path({str(started)!r}).touch()\n"
        "    yield from results(self, timeout)\n"
        "BoundedExecutor.results = after\n"
        "main(['classify', 'hang.mp3'])\n"
    )
    tests = Path(__file__).parents[1]
    paths = os.pathsep.join([str(tests), str(tests.parent)])
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": paths}, text=True,
        stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not started.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: all processes get it
    err = process.communicate(timeout=60)[1]
    assert process.returncode == 130, err
    assert "Traceback" not in err
