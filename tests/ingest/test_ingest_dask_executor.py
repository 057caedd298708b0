"""Ingest on a Dask cluster of separate processes on this machine: results, lost workers, and errors."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing import parent_process
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from fake_analysers import analyse_or_crash, analyse_text, hang, hang_on_rock, identify_text
from make_entries import VERSION

from recsys.config import Settings, load_settings
from recsys.database.catalogue import Catalogue
from recsys.domain.audio import AnalysisResult
from recsys.domain.results import IngestSummary
from recsys.errors import FeatureMismatch, Hint, InvalidRequest, RecsysError
from recsys.features.version import FEATURE_VERSION
from recsys.ingest import dask_executor as dask_module
from recsys.ingest.dask_executor import DaskExecutor, dask_executor
from recsys.ingest.executors import WorkerDied
from recsys.ingest.pipeline import ingest
from recsys.ingest.process_pool import ProcessPool
from recsys.ingest.worker import AnalysisFailure, analyse_file, identify_file

distributed = pytest.importorskip("distributed", reason="needs the extra dask: pip install 'recsys-music[dask]'")
pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="kills processes by signals"),
    # Sockets of a LocalCluster whose workers were killed are left to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a cluster of two workers with nannies, which restart them."""
    import dask

    quiet = {"distributed.scheduler.allowed-failures": 1, "distributed.worker.memory.terminate": False}
    with (
        dask.config.set(quiet),
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",
            host="127.0.0.1",
            silence_logs=60,
            local_directory=str(tmp_path_factory.mktemp("dask")),
        ) as local,
    ):
        yield local.scheduler_address


@pytest.fixture
def make(scheduler: str) -> Callable[..., Callable[[], DaskExecutor]]:
    def made(**options: Any) -> Any:
        return dask_executor(scheduler, **{"jobs": 1, "local_functions": [identify_text], **options})

    return made


def write_texts(folder: Path, texts: dict[str, str]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        os.utime(folder / name, (1_700_000_000,) * 2)
    return folder


def run(home: Path, music: Path, version: int = VERSION, **options: Any) -> IngestSummary:
    home.mkdir(exist_ok=True)
    settings = Settings(home=home, database=f"sqlite:///{home / 'library.db'}", jobs=2)
    functions = {"identify": identify_text, "analyse": analyse_text}
    with Catalogue.open(settings.database, feature_version=version) as catalogue:
        return ingest([music], catalogue, settings, **{**functions, **options})


def rows(home: Path, version: int = VERSION) -> dict[str, tuple[Any, ...]]:
    """Everything that an ingest stores, by path, except what depends on the order of the files."""
    with Catalogue.open(f"sqlite:///{home / 'library.db'}", feature_version=version, read_only=True) as catalogue:
        found: dict[str, tuple[Any, ...]] = {}
        for track_id, track in catalogue.tracks_by_id(catalogue.ids()).items():
            starts, windows = catalogue.windows(track_id)
            facts = (track.title, track.duration, track.genre, track.bpm, track.key, sorted(track.paths))
            found[min(track.paths)] = (*facts, starts, windows.tobytes())
        for failure in catalogue.failures():
            assert failure.path not in found
            found[failure.path] = (failure.stage, failure.reason)
        return found


def kill_worker_on_storm(path: str) -> AnalysisResult | AnalysisFailure:
    """On the text "storm", kill the Dask worker, once."""
    struck = Path(path).parent / ".struck"
    if Path(path).read_text(encoding="utf-8").startswith("storm") and not struck.exists():
        struck.touch()
        kill_dask_worker(path)
    return analyse_text(path)


def kill_dask_worker(path: str) -> AnalysisResult | AnalysisFailure:
    """Kill the Dask worker that is the parent of this process."""
    parent = parent_process()
    assert parent is not None
    assert parent.pid is not None
    os.kill(parent.pid, signal.SIGKILL)
    return hang(path)


def test_cluster_and_local_ingest_store_the_same(tmp_path: Path, make: Any) -> None:
    music = write_texts(tmp_path / "music", {f"{i}.mp3": f"song {i}\ntitle {i}" for i in range(30)})
    write_texts(music, {"quiet.mp3": "silence", "twin.mp3": "song 1\ntitle 1", "bad.mp3": "unreadable"})
    there = run(tmp_path / "there", music, executor=make())
    assert (there.new, there.duplicates, there.failed) == (30, 1, 2)
    run(tmp_path / "here", music, executor=lambda: ProcessPool(2))
    assert rows(tmp_path / "there") == rows(tmp_path / "here")
    assert run(tmp_path / "there", music, executor=make()).unchanged == 31


def test_lost_worker_costs_no_file(tmp_path: Path, make: Any) -> None:
    music = write_texts(tmp_path / "music", {f"{i}.mp3": f"song {i}" for i in range(30)})
    write_texts(music, {"8.mp3": "storm"})
    summary = run(tmp_path / "there", music, executor=make(), analyse=kill_worker_on_storm)
    assert (music / ".struck").exists()
    assert (summary.scanned, summary.new, summary.failed) == (30, 30, 0)
    run(tmp_path / "here", music, executor=lambda: ProcessPool(2))
    assert rows(tmp_path / "there") == rows(tmp_path / "here")


@pytest.mark.parametrize("send_files", [False, True])
def test_file_that_crashes_its_process_is_one_failure(tmp_path: Path, make: Any, send_files: bool) -> None:
    music = write_texts(tmp_path / "music", {f"{i}.mp3": f"song {i}" for i in range(12)} | {"x.mp3": "bomb"})
    summary = run(tmp_path / "home", music, executor=make(send_files=send_files), analyse=analyse_or_crash)
    assert (summary.new, summary.failed) == (12, 1)
    (failure,) = summary.failures
    assert (failure.path, failure.stage) == (str(music / "x.mp3"), "worker")
    assert "SIGSEGV" in failure.reason


def test_file_that_hangs_is_one_failure(tmp_path: Path, make: Any) -> None:
    music = write_texts(tmp_path / "music", {f"{i}.mp3": f"song {i}" for i in range(6)} | {"x.mp3": "rock"})
    summary = run(tmp_path / "home", music, executor=make(file_timeout=12), analyse=hang_on_rock)
    assert (summary.new, summary.failed) == (6, 1)
    assert "file timeout of 12 s" in summary.failures[0].reason


def test_file_that_kills_every_worker_fails(tmp_path: Path, make: Any) -> None:
    with make()() as executor:
        lost = executor.submit(kill_dask_worker, str(write_texts(tmp_path / "m", {"a.mp3": "x"}) / "a.mp3"))
        with pytest.raises(WorkerDied, match="every machine of the cluster that analysed it was lost"):
            lost.result()


# Files that are sent to the workers


def analyse_elsewhere(path: str) -> AnalysisResult | AnalysisFailure:
    """Fail in a folder "music": files that are sent are in another one."""
    if Path(path).parent.name == "music":
        raise AssertionError(path)
    if Path(path).read_text(encoding="utf-8") == "odd":
        return AnalysisFailure("decode", f"{path} cannot be decoded")
    return analyse_text(path)


def test_sent_files_are_identified_locally_and_analysed_in_the_cluster(tmp_path: Path, make: Any) -> None:
    music = write_texts(tmp_path / "music", {f"{i}.mp3": f"song {i}\ntitle {i}" for i in range(9)})
    write_texts(music, {"odd one.mp3": "odd", "twin.mp3": "song 3"})
    summary = run(tmp_path / "home", music, executor=make(send_files=True), analyse=analyse_elsewhere)
    assert (summary.new, summary.duplicates, summary.failed) == (9, 1, 1)
    path = music / "odd one.mp3"
    assert rows(tmp_path / "home")[str(path)] == ("decode", f"{path} cannot be decoded")


def test_sent_file_is_deleted_after_its_analysis(tmp_path: Path, make: Any) -> None:
    music = write_texts(tmp_path / "music", {"one and only.mp3": "song"})
    with make(send_files=True)() as executor:
        folder = executor.submit(parent_folder, str(music / "one and only.mp3")).result()
    assert Path(folder) != music
    assert not Path(folder).exists()


def parent_folder(path: str) -> str:
    assert Path(path).name == "one and only.mp3"
    return str(Path(path).parent)


def test_file_deleted_before_it_is_sent_fails_as_locally(tmp_path: Path, make: Any) -> None:
    with make(send_files=True)() as executor:
        failure = executor.submit(identify_file, str(tmp_path / "gone.mp3")).result()
    assert isinstance(failure, AnalysisFailure)
    assert failure.stage == "access"
    assert "gone.mp3" in failure.reason


def test_file_that_only_this_machine_can_read_ends_the_ingest(
    tmp_path: Path, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_module, "_readable", lambda _: True)  # the cluster cannot read it
    with make()() as executor, pytest.raises(RecsysError, match=r"cannot read .*gone\.mp3") as error:
        executor.submit(analyse_text, str(tmp_path / "gone.mp3")).result()
    assert error.value.hint is Hint.SEND_FILES


def test_deleted_file_is_one_failure(tmp_path: Path, make: Any) -> None:
    with make()() as executor, pytest.raises(WorkerDied, match="it was deleted") as lost:
        executor.submit(analyse_text, str(tmp_path / "gone.mp3")).result()
    assert lost.value.final


def test_sent_audio_and_local_ingest_store_the_same(tmp_path: Path, make: Any) -> None:
    music = tmp_path / "music"
    music.mkdir()
    seconds = np.arange(8 * 22050) / 22050
    tone = 0.3 * np.sin(2 * np.pi * 220 * seconds) * (np.sin(2 * np.pi * 2 * seconds) > 0)
    soundfile.write(music / "beat.flac", tone.astype(np.float32), 22050)
    (music / "noise.mp3").write_bytes(bytes(range(256)) * 40)
    real: dict[str, Any] = {"identify": identify_file, "analyse": analyse_file, "version": FEATURE_VERSION}
    there = run(tmp_path / "there", music, executor=make(send_files=True, local_functions=[identify_file]), **real)
    assert (there.new, there.failed) == (1, 1)
    run(tmp_path / "here", music, executor=lambda: ProcessPool(1), **real)
    assert rows(tmp_path / "there", FEATURE_VERSION) == rows(tmp_path / "here", FEATURE_VERSION)


# Clusters that cannot be used


def test_jobs_is_the_number_of_threads(scheduler: str, make: Any) -> None:
    with distributed.Client(scheduler, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=180)  # other tests kill workers, which are restarted
    with make()() as executor:
        assert executor.jobs == 2


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://x", "", "host:port:tcp"])
def test_scheduler_that_does_not_answer_is_one_line(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_module, "_CONNECT_SECONDS", 0.5)
    with pytest.raises(InvalidRequest, match="scheduler needs the address of a running Dask scheduler") as error:
        dask_executor(address)()
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("n_failures", "message"), [(2, "no answer"), (3, "this machine is too busy to start Dask")])
def test_dask_that_does_not_start_at_once_is_started_again(
    n_failures: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts: list[str] = []

    def connect(address: str, **_: object) -> None:
        starts.append(address)
        if len(starts) <= n_failures:
            raise AssertionError
        raise OSError("no answer")

    monkeypatch.setattr(distributed, "Client", connect)
    with pytest.raises(RecsysError, match=message):
        dask_executor("tcp://home:8786")()
    assert starts == ["tcp://home:8786"] * 3


def test_cluster_without_workers_is_an_error() -> None:
    class Client:
        def wait_for_workers(self, *_: object, **__: object) -> None:
            raise TimeoutError

        def nthreads(self) -> dict[str, int]:
            return {}

    with pytest.raises(RecsysError, match="the Dask cluster at tcp://home:8786 has no workers"):
        dask_module._check(Client(), "tcp://home:8786")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (ModuleNotFoundError("No module named 'recsys'", name="recsys"), "has no package recsys; install"),
        ({**dask_module._versions(), "feature version": 0}, "has feature version 0, this machine has"),
        ({**dask_module._versions(), "Python": "3.1"}, "has Python 3.1, this machine has"),
        (ValueError("two\nlines"), "cannot import recsys: two lines"),
    ],
)
def test_workers_of_other_versions_are_an_error(answer: Any, message: str) -> None:
    class Client:
        def wait_for_workers(self, *_: object, **__: object) -> None:
            raise TimeoutError

        def nthreads(self) -> dict[str, int]:
            return {"tcp://one:1": 4, "tcp://two:1": 4}

        def run(self, *_: object, **__: object) -> dict[str, Any]:
            return {"tcp://one:1": dask_module._versions(), "tcp://two:1": answer}

    with pytest.raises(RecsysError, match=message) as error:
        dask_module._check(Client(), "tcp://home:8786")
    assert "tcp://two:1" in str(error.value)


def test_later_worker_of_another_version_ends_the_ingest(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with make()() as executor:
        monkeypatch.setattr(dask_module, "FEATURE_VERSION", FEATURE_VERSION + 1)
        with pytest.raises(FeatureMismatch, match="install the same recsys"):
            executor.submit(analyse_text, "/music/a.mp3").result()


def test_lost_scheduler_is_an_error(tmp_path: Path) -> None:
    music = write_texts(tmp_path / "music", {"a.mp3": "song"})
    local = distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0", silence_logs=60
    )
    executor = dask_executor(local.scheduler_address)()
    assert isinstance(executor, DaskExecutor)
    try:
        assert executor.submit(analyse_text, str(music / "a.mp3")).result()
        waiting = executor.submit(hang, str(music / "a.mp3"))
        local.close()
        with pytest.raises(RecsysError, match=r"the Dask scheduler at .* was lost; stored tracks are kept"):
            waiting.result()
    finally:
        executor.kill_workers()
        executor.shutdown()
        with suppress(Exception):
            local.close()


def test_cluster_that_loses_all_workers_is_an_error(make: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    music = write_texts(tmp_path / "music", {"a.mp3": "song"})
    monkeypatch.setattr(dask_module, "_LOST_SECONDS", 0.0)
    monkeypatch.setattr(dask_module, "_POLL_SECONDS", 0.05)
    executor = make(file_timeout=2)()
    monkeypatch.setattr(executor._client, "scheduler_info", lambda: {"workers": {}})
    with pytest.raises(RecsysError, match="has had no worker for 0 s"):
        executor.submit(hang, str(music / "a.mp3")).result()
    executor.kill_workers()
    executor.shutdown()


# Settings


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"executor": "spark"}, "executor must be local or dask, got 'spark'"),
        ({"executor": "dask"}, "needs the address of a scheduler"),
        ({"send_files": True}, "send_files needs scheduler: files are sent to a cluster"),
    ],
)
def test_invalid_settings_are_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRequest, match=message):
        load_settings({}, home="x", **given)


def test_scheduler_implies_the_executor_dask() -> None:
    check: Callable[..., Settings] = lambda **given: load_settings({}, home="x", **given)  # noqa: E731
    assert check(scheduler="tcp://a:1").executor == "dask"
    assert check(scheduler="tcp://a:1", executor="local").executor == "local"
    assert check().executor == "local"


def test_ingest_uses_the_cluster_of_the_settings(tmp_path: Path, scheduler: str) -> None:
    music = write_texts(tmp_path / "music", {f"{i}.mp3": f"song {i}" for i in range(5)})
    settings = load_settings({}, home=tmp_path, scheduler=scheduler, send_files=True)
    with Catalogue.open(settings.database, feature_version=VERSION) as catalogue:
        summary = ingest([music], catalogue, settings, identify=identify_text, analyse=analyse_elsewhere)
    assert summary.new == 5


def test_two_ingests_share_a_cluster(tmp_path: Path, make: Any) -> None:
    """The end of the first ingest does not affect the other."""
    music = write_texts(tmp_path / "music", {f"{i}.mp3": f"song {i}" for i in range(4)})
    with make()() as executor:
        slow = executor.submit(analyse_slowly, str(music / "0.mp3"))
        assert run(tmp_path / "home", music, executor=make()).new == 4
        assert not isinstance(slow.result(), AnalysisFailure)


def analyse_slowly(path: str) -> AnalysisResult | AnalysisFailure:
    time.sleep(3)
    return analyse_text(path)


# Last, because the cluster still processes these files afterwards.


def test_kill_workers_does_not_wait(make: Any, tmp_path: Path) -> None:
    music = write_texts(tmp_path / "music", {"a.mp3": "song"})
    executor = make(file_timeout=3.0)()
    waiting = [executor.submit(hang, str(music / "a.mp3")) for _ in range(9)]
    executor.kill_workers()
    executor.shutdown()
    assert all(future.done() for future in waiting)
    begun = [future for future in waiting if not future.cancelled()]
    assert begun
    assert all(isinstance(future.exception(), WorkerDied) for future in begun)
