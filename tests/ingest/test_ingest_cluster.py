"""A real Dask cluster of separate processes: what is lost on it is done again, what kills its reader is named."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from entries import VERSION, make_outcome
from listeners import analyse_text, identify_text
from signals import music, write_audio

from recsys.config import Settings, load_settings
from recsys.errors import RecsysError, UsageError
from recsys.ingest import cluster
from recsys.ingest.pipeline import ingest
from recsys.ingest.worker import Refusal
from recsys.library.catalogue import Catalogue
from recsys.service import Service
from recsys.types import IngestSummary, Outcome

distributed = pytest.importorskip("distributed", reason="needs the extra dask")
# Dask's own: an event loop that is collected late, sockets of a worker that was killed.
pytestmark = [
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kills workers"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


@pytest.fixture(scope="module")
def dask() -> Iterator[Any]:
    """Two workers of one thread, each a process that its nanny starts again when it dies."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=50
    ) as made:
        yield made


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    (tmp_path / "music").mkdir()
    for i in range(40):
        (tmp_path / "music" / f"{i:02}.mp3").write_text(f"sound {i}\ntitle {i}", encoding="utf-8")
    return tmp_path


def take_in(folder: Path, dask: Any | None, analyse: Any = analyse_text, **facts: Any) -> IngestSummary:
    """Ingest on the cluster, or here without one; each into a library of its own."""
    home = folder / ("cluster" if dask else "alone")
    address = dask.scheduler_address if dask else None
    settings = Settings(
        home=home,
        database=f"sqlite:///{home / 'library.db'}",
        executor="dask" if dask else "local",
        scheduler=address,
        jobs=1,
        **facts,
    )
    with Catalogue.open(settings.database, feature_version=VERSION) as catalogue:
        return ingest([folder / "music"], catalogue, settings, identify=identify_text, analyse=analyse)


def rows(folder: Path, home: str) -> dict[str, tuple[Any, ...]]:
    """What a library holds of every file, or why it does not."""
    with Catalogue.open(f"sqlite:///{folder / home / 'library.db'}", feature_version=VERSION) as catalogue:
        ids, vectors = catalogue.vectors()
        tracks = catalogue.get(ids.tolist())
        held = {
            path: (tracks[i].title, tracks[i].genre, vector.tobytes())
            for i, vector in zip(ids.tolist(), vectors, strict=True)
            for path in tracks[i].paths
        }
        failed = {failure.path: (failure.stage, failure.reason) for failure in catalogue.failures()}
    assert held.keys().isdisjoint(failed)
    return {**held, **failed}


@pytest.mark.parametrize("ship", [False, True])
def test_what_a_cluster_finds_is_what_one_machine_finds(texts: Path, dask: Any, ship: bool) -> None:
    (texts / "music" / "copy.mp3").write_text("sound 3\nagain", encoding="utf-8")
    (texts / "music" / "quiet.mp3").write_text("silence", encoding="utf-8")
    (texts / "music" / "bad.mp3").write_text("unreadable", encoding="utf-8")
    summary = take_in(texts, dask, ship=ship)
    assert (summary.seen, summary.new, summary.duplicates, summary.failed, summary.left) == (43, 40, 1, 2, 0)
    take_in(texts, None)
    assert rows(texts, "cluster") == rows(texts, "alone")
    assert take_in(texts, dask, ship=ship).unchanged == 41


def analyse_slowly(path: str) -> Outcome | Refusal:
    time.sleep(0.12)
    return analyse_text(path)


def test_a_worker_that_is_killed_loses_nothing(texts: Path, dask: Any) -> None:
    """SIGKILL of a whole Dask worker in the middle, twice; its nanny starts another."""
    killed: list[int] = []

    def kill(times: int) -> None:
        with distributed.Client(dask.scheduler_address, set_as_default=False) as client:
            for _ in range(times):
                time.sleep(1.0)
                victim = next(iter(client.run(os.getpid).values()))
                os.kill(victim, signal.SIGKILL)
                killed.append(victim)

    killer = threading.Thread(target=kill, args=(2,))
    killer.start()
    summary = take_in(texts, dask, analyse_slowly)
    killer.join()
    assert len(killed) == 2
    assert (summary.seen, summary.new, summary.failed, summary.left) == (40, 40, 0, 0)
    take_in(texts, None)
    assert rows(texts, "cluster") == rows(texts, "alone")


def analyse_or_die(path: str) -> Outcome | Refusal:
    if Path(path).name == "13.mp3":
        os.kill(os.getpid(), signal.SIGKILL)
    if Path(path).name == "14.mp3":
        time.sleep(600)
    return analyse_text(path)


@pytest.mark.parametrize("ship", [False, True])
def test_files_that_kill_or_hang_their_reader_are_named_and_nobody_else_suffers(
    texts: Path, dask: Any, ship: bool
) -> None:
    before = set(dask.scheduler_info["workers"])
    summary = take_in(texts, dask, analyse_or_die, ship=ship, time_limit=2.0)
    assert (summary.new, summary.failed, summary.left) == (38, 2, 0)
    reasons = {Path(failure.path).name: failure.reason for failure in summary.failures}
    assert "SIGKILL" in reasons["13.mp3"]
    assert "time limit of 2 s" in reasons["14.mp3"]
    assert {failure.path for failure in summary.failures} == {
        str(texts / "music" / name) for name in ("13.mp3", "14.mp3")
    }
    assert set(dask.scheduler_info["workers"]) == before


def analyse_here_only(path: str) -> Outcome | Refusal:
    """What a worker without our disk would see: nothing but what was sent."""
    assert "recsys-" in path, "it looked at the original"
    return make_outcome(sum(Path(path).read_bytes()))


def test_shipped_files_are_not_looked_for(texts: Path, dask: Any) -> None:
    assert take_in(texts, dask, analyse_here_only, ship=True).new == 40


def test_a_file_that_the_workers_do_not_see(texts: Path, dask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = cluster.listen_elsewhere(cluster.FEATURE_VERSION, (60.0, False), identify_text, "/not/here.mp3", None)
    assert isinstance(missing[1], Refusal)
    assert "--ship" in missing[1].reason


def test_nothing_of_ours_stays_on_the_workers(texts: Path, dask: Any) -> None:
    def children() -> int:
        with distributed.Client(dask.scheduler_address, set_as_default=False) as client:
            pids = client.run(os.getpid).values()
        return sum(len(psutil.Process(pid).children(recursive=True)) for pid in pids)

    take_in(texts, dask)
    deadline = time.monotonic() + 10
    while children() > 4 and time.monotonic() < deadline:  # the fork server and resource tracker of each may stay
        time.sleep(0.1)
    assert children() <= 4


def test_real_music_on_a_cluster(tmp_path: Path, dask: Any) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    for i in range(3):
        write_audio(folder / f"{i}.flac", music(4.0, seed=i))
    found = []
    for home, ship in (("seen", False), ("sent", True)):
        settings = load_settings({}, home=tmp_path / home, scheduler=dask.scheduler_address, ship=ship or None)
        service = Service(settings)
        assert service.ingest([folder]).new == 3
        found.append({track.path: (track.genre, track.bpm, track.key) for track in service.tracks()})
    service = Service(load_settings({}, home=tmp_path / "alone"))
    service.ingest([folder])
    found.append({track.path: (track.genre, track.bpm, track.key) for track in service.tracks()})
    assert found[0] == found[1] == found[2]


def test_a_machine_with_another_version_ends_the_run_with_a_reason(
    texts: Path, dask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "FEATURE_VERSION", 99)
    with pytest.raises(RecsysError, match=r"computes feature version \d+, this program 99; install the same"):
        take_in(texts, dask)


def test_a_scheduler_that_is_lost_ends_the_run_with_a_reason(texts: Path) -> None:
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=50
    ) as doomed:
        threading.Timer(2.0, doomed.close).start()
        with pytest.raises(RecsysError, match="was lost; what is finished is stored"):
            take_in(texts, doomed, analyse_very_slowly)


def analyse_very_slowly(path: str) -> Outcome | Refusal:
    time.sleep(0.5)
    return analyse_text(path)


def test_no_scheduler_no_dask_no_address(texts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    monkeypatch.setattr(cluster, "_CONNECT", 0.5)
    with pytest.raises(RecsysError, match=f"no Dask scheduler answers at tcp://127.0.0.1:{port}; start one with"):
        cluster.DaskExecutor(f"tcp://127.0.0.1:{port}")
    with pytest.raises(UsageError, match="is no address of a Dask scheduler"):
        cluster.DaskExecutor("what://is this")
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pip install 'recsys\[dask\]'"):
        cluster.DaskExecutor(f"tcp://127.0.0.1:{port}")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"executor": "spark"}, "executor must be local or dask, not 'spark'"),
        ({"executor": "dask"}, "needs the address of a scheduler"),
        ({"ship": True}, "files are shipped to a cluster"),
    ],
)
def test_settings_that_make_no_sense(given: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        load_settings({}, home="x", **given)


def test_a_scheduler_means_dask() -> None:
    check: Callable[..., Settings] = lambda **given: load_settings({}, home="x", **given)  # noqa: E731
    assert check(scheduler="tcp://a:1").executor == "dask"
    assert check(scheduler="tcp://a:1", executor="local").executor == "local"
    assert check().executor == "local"
