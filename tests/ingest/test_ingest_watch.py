"""Watching folders: debouncing, ingests, drives that are removed, and lost events."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_analysers import analyse_text, identify_text
from hypothesis import given
from hypothesis import strategies as st
from make_entries import VERSION
from signals import music, write_audio

from recsys.app.library import Library
from recsys.config import Settings, load_settings
from recsys.database.catalogue import Catalogue
from recsys.database.lock import ingest_lock
from recsys.domain.audio import FileStat
from recsys.domain.results import IngestSummary
from recsys.errors import LibraryBusy
from recsys.ingest.folder_changes import watch_changes
from recsys.ingest.pipeline import ingest
from recsys.ingest.watch import FULL_SCAN_SECONDS, Debouncer, state_of, watch

SETTLE = 5.0

writes = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9)), min_size=1, max_size=30)


@given(writes, st.booleans())
def test_path_settles_once_after_the_debounce_time(steps: list[tuple[int, int]], reported: bool) -> None:
    """Files grow at random moments, with or without an event; whatever comes out has been quiet for the time."""
    sizes = {str(i): (0, 0) for i in range(4)}
    changed: dict[str, float] = {}
    settling = Debouncer(SETTLE, lambda path: sizes[path])
    now = 0.0

    def come_out() -> None:
        for path in settling.settled(now):
            assert path in changed, "it came out twice"
            assert now - changed.pop(path) >= SETTLE

    for file, pause in steps:
        path = str(file)
        now += pause
        come_out()
        sizes[path] = (sizes[path][0] + 1, 0)
        if reported or path not in settling:
            settling.touch(path, now)
        changed[path] = now
    for _ in range(4):
        now += SETTLE
        come_out()
    assert not changed
    assert len(settling) == 0


def test_deleted_file_settles() -> None:
    there: dict[str, tuple[int, int] | None] = {"a": (1, 1)}
    settling = Debouncer(SETTLE, lambda path: there[path])
    settling.touch("a", 0)
    there["a"] = None
    assert settling.settled(5) == []
    assert "a" in settling
    assert settling.settled(10) == ["a"]


def test_state_of_a_missing_file_is_none(tmp_path: Path) -> None:
    assert state_of(str(tmp_path / "no")) is None
    (tmp_path / "a").write_bytes(b"abc")
    assert (state_of(str(tmp_path / "a")) or (0,))[0] == 3


class Room:
    """A folder that is watched, with a clock that the test turns."""

    def __init__(self, folder: Path) -> None:
        self.music = folder / "music"
        self.music.mkdir()
        self.settings = Settings(home=folder, database=f"sqlite:///{folder / 'library.db'}", jobs=1)
        self.now = 0.0
        self.analyses: list[str] = []
        self.runs: list[tuple[list[Path], IngestSummary]] = []
        self.events: list[str] = []
        self.in_the_way: Exception | None = None
        self.roots = [self.music]

    def put(self, name: str, text: str) -> str:
        path = self.music / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return str(path)

    def run(self, root: Path, within: Any, leave: Callable[[FileStat], bool]) -> IngestSummary:
        if self.in_the_way:
            raise self.in_the_way

        def analyse(path: str) -> Any:
            self.analyses.append(Path(path).name)
            return analyse_text(path)

        from concurrent.futures import ThreadPoolExecutor

        with Catalogue.open(self.settings.database, feature_version=VERSION) as catalogue:
            summary = ingest(
                [root],
                catalogue,
                self.settings,
                only_folders=within,
                skip=leave,
                executor=lambda: ThreadPoolExecutor(1),
                identify=identify_text,
                analyse=analyse,
            )
        self.runs.append((list(within), summary))
        return summary

    def watch(self, *steps: Callable[[], set[str] | None], after: float = 10.0) -> None:
        """Do the steps, ``after`` seconds apart; what a step returns are the changes that the system reports."""

        def changes() -> Iterator[set[str]]:
            for step in steps:
                yield step() or set()
                self.now += after

        watch(
            self.roots,
            self.run,
            changes(),
            debounce=SETTLE,
            on_event=lambda news: None if isinstance(news, IngestSummary) else self.events.append(str(news)),
            clock=lambda: self.now,
            today=lambda: 4e9 + self.now,  # whatever the disk says is old
        )

    def names(self) -> list[str]:
        """What is present."""
        with Catalogue.open(self.settings.database, feature_version=VERSION) as catalogue:
            return sorted(Path(track.path).name for track in catalogue.tracks())


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def nothing() -> None:
    """A tick."""


def test_existing_files_are_ingested_at_once_and_new_ones_when_they_settle(room: Room) -> None:
    room.put("a.mp3", "one")
    room.watch(nothing, lambda: {room.put("jazz/b.mp3", "two")}, nothing, nothing, nothing)
    assert room.analyses == ["a.mp3", "b.mp3"]
    assert [(within, summary.new) for within, summary in room.runs] == [([], 1), ([room.music / "jazz"], 1)]


def test_growing_file_is_left_while_others_are_ingested(room: Room) -> None:
    room.put("a.mp3", "one")

    def grow() -> set[str]:
        return {room.put("slow.mp3", "x" * int(room.now + 1))}

    def grow_beside_another() -> set[str]:
        return grow() | {room.put("quick.mp3", "quick")}

    room.watch(nothing, grow_beside_another, *[grow] * 8, after=2.0)
    assert room.analyses == ["a.mp3", "quick.mp3"]
    assert room.runs[-1][1].remaining == 1
    room.watch(nothing)
    assert room.analyses == ["a.mp3", "quick.mp3", "slow.mp3"]


def test_many_changes_are_one_ingest(room: Room) -> None:
    room.put("a.mp3", "one")
    room.watch(nothing, lambda: {room.put(f"{i % 7}/{i}.mp3", f"sound {i}") for i in range(200)}, nothing, nothing)
    assert [summary.new for _, summary in room.runs] == [1, 200]


def test_recent_file_without_event_is_ingested_later(room: Room) -> None:
    """It is in a folder that was moved in as a whole: the system reported the folder only."""

    def arrive() -> set[str]:
        path = room.put("new/a.mp3", "half")
        os.utime(path, (4e9 + room.now,) * 2)
        return {str(Path(path).parent)}

    def finish() -> None:
        path = room.put("new/a.mp3", "the whole")
        os.utime(path, (4e9 + room.now,) * 2)

    room.put("x.mp3", "x")
    room.watch(nothing, arrive, nothing, nothing, nothing, finish, *[nothing] * 8, after=1.5)
    assert room.analyses == ["x.mp3", "a.mp3"]
    assert room.names() == ["a.mp3", "x.mp3"]


def test_moves_and_deletions_are_ingested(room: Room) -> None:
    for name in ("a", "b", "c"):
        room.put(f"old/{name}.mp3", name)

    def move() -> set[str]:
        source, target = room.music / "old" / "a.mp3", room.music / "new" / "moved.mp3"
        target.parent.mkdir()
        shutil.move(source, target)
        return {str(source), str(target)}

    def delete() -> set[str]:
        (room.music / "old" / "b.mp3").unlink()
        return {str(room.music / "old" / "b.mp3")}

    def delete_a_folder() -> set[str]:
        shutil.rmtree(room.music / "old")
        return {str(room.music / "old")}

    room.watch(nothing, move, nothing, delete, nothing, delete_a_folder, nothing)
    assert sorted(room.analyses) == ["a.mp3", "b.mp3", "c.mp3"]
    assert room.runs[1][1].moved == 1
    assert room.names() == ["moved.mp3"]


def test_other_hidden_and_ignored_files_cause_no_ingest(room: Room) -> None:
    room.put("a.mp3", "one")
    room.settings = Settings(home=room.settings.home, database=room.settings.database, ignore=("Christmas/",))
    room.watch(
        nothing,
        lambda: {room.put("cover.jpg", "?"), room.put(".b.mp3.part", "?"), room.put(".hidden/c.mp3", "?")},
        nothing,
        lambda: {room.put("Christmas/d.mp3", "jingle")},
        nothing,
    )
    assert room.analyses == ["a.mp3"]
    assert len(room.runs) == 2  # the second for Christmas, in vain


def test_unmounted_drive_is_ingested_when_it_reappears(room: Room) -> None:
    room.put("a.mp3", "one")
    away = room.music.with_name("unplugged")

    def unplug() -> set[str]:
        room.music.rename(away)
        return {str(room.music / "a.mp3")}

    def plug_in() -> set[str]:
        (away / "b.mp3").write_text("two", encoding="utf-8")
        away.rename(room.music)
        return {str(room.music)}

    room.watch(nothing, unplug, nothing, nothing, plug_in)
    assert room.events == [f"{room.music} does not exist; waiting for it", f"{room.music} is there again"]
    assert room.analyses == ["a.mp3", "b.mp3"]
    assert room.names() == ["a.mp3", "b.mp3"]


def test_empty_root_is_an_unmounted_drive(room: Room) -> None:
    path = room.put("a.mp3", "one")
    room.put("readme.txt", "it stays")

    def vanish() -> set[str]:
        os.unlink(path)  # noqa: PTH108
        return set()

    room.watch(nothing, vanish, after=FULL_SCAN_SECONDS + 1)
    assert "has no audio files, but the library has 1 file under it" in room.events[0]
    assert room.names() == ["a.mp3"]


def test_roots_are_scanned_once_an_hour(room: Room) -> None:
    room.put("a.mp3", "one")

    def add_unreported() -> None:
        room.put("b.mp3", "an unreported file")

    room.watch(nothing, add_unreported, nothing, after=FULL_SCAN_SECONDS / 2)
    assert room.analyses == ["a.mp3", "b.mp3"]


def test_watch_waits_for_another_ingest(room: Room) -> None:
    room.put("a.mp3", "one")

    def block() -> set[str]:
        room.in_the_way = LibraryBusy("another ingest is writing")
        return {room.put("b.mp3", "two")}

    def free() -> None:
        room.in_the_way = None

    room.watch(nothing, block, nothing, nothing, free)
    assert room.events == ["another ingest is writing; trying again"]
    assert room.analyses == ["a.mp3", "b.mp3"]


def test_watch_changes_reports_files_and_reappearing_roots(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    reports = watch_changes([root], poll=False)
    assert next(reports) == set()
    seen: set[str] = set()

    def wait_for(path: Path) -> None:
        deadline = time.monotonic() + 20
        while str(path) not in seen and time.monotonic() < deadline:
            seen.update(next(reports))
        assert str(path) in seen

    next(reports)  # now it is watched
    (root / "a.mp3").touch()
    wait_for(root / "a.mp3")
    shutil.rmtree(root)
    while next(reports):
        pass
    (tmp_path / "other").mkdir()
    (tmp_path / "other").rename(root)
    wait_for(root)
    reports.close()


def test_watch_command(tmp_path: Path) -> None:
    """A real process: a copy in pieces is taken whole, SIGTERM ends it in peace."""
    music_folder, home = tmp_path / "music", tmp_path / "home"
    music_folder.mkdir()
    whole = write_audio(tmp_path / "song.flac", music(8.0))
    data = whole.read_bytes()
    command = [sys.executable, "-m", "recsys", "--home", str(home), "watch", str(music_folder), "--debounce", "3"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            assert "watching" in process.stderr.readline()
            target = music_folder / "song.flac"
            pieces = 6
            for i in range(pieces):
                with target.open("ab") as file:
                    file.write(data[len(data) * i // pieces : len(data) * (i + 1) // pieces])
                time.sleep(0.1)
            assert "1 new" in process.stderr.readline()
        finally:
            process.send_signal(signal.SIGTERM)
        assert "1 new track" in process.stderr.read()
        assert process.wait(20) == 0
    service = Library(load_settings({}, home=home))
    [track] = service.tracks()
    assert track.path == str(target)
    assert service.failures() == []
    assert track.duration == pytest.approx(8.0, abs=0.01)


def test_lock_owner_does_not_take_the_lock(tmp_path: Path) -> None:
    from recsys.database.lock import lock_owner

    assert lock_owner(tmp_path / "library.db") is None
    with ingest_lock(tmp_path / "library.db"):
        assert lock_owner(tmp_path / "library.db") == str(os.getpid())
        with pytest.raises(LibraryBusy, match=f"process {os.getpid()}"), ingest_lock(tmp_path / "library.db"):
            pass
    assert lock_owner(tmp_path / "library.db") is None


def test_full_table_of_watches_is_reported_and_scans_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("OS file watch limit reached. about [/music]")

    monkeypatch.setattr("recsys.ingest.folder_changes.watchfiles.watch", refuse)
    messages: list[str] = []
    reports = watch_changes([tmp_path], poll=False, report=messages.append)
    assert next(reports) == {str(tmp_path)}
    assert next(reports) == set()
    reports.close()
    assert messages == [
        f"cannot watch {tmp_path}: OS file watch limit reached. about [/music]; scanning regularly instead"
    ]


def test_closed_root_is_waited_for_and_named(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.put("a.mp3", "one")
    real = os.scandir

    def refuse(path: Any) -> Any:  # tests may run as root, whom permissions do not stop
        if Path(path) == room.music:
            raise PermissionError(13, "Permission denied")
        return real(path)

    def close() -> None:
        monkeypatch.setattr(os, "scandir", refuse)

    def reopen() -> set[str]:
        monkeypatch.setattr(os, "scandir", real)
        return {str(room.music)}

    room.watch(close, nothing, reopen, nothing)
    assert room.events == [
        f"{room.music} cannot be read: Permission denied; waiting for it",
        f"{room.music} is there again",
    ]
    assert room.names() == ["a.mp3"]


def test_folder_that_the_system_closes_whatever_its_permissions_is_reported_when_it_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, real, started = tmp_path / "closed", os.scandir, list[object]()
    closed.mkdir()

    def refuse(path: Any = ".") -> Any:
        if Path(path) == closed:
            raise PermissionError(1, "Operation not permitted", str(closed))
        return real(path)

    def report(*_: object, **__: object) -> Iterator[set[object]]:
        started.append(None)
        while True:
            yield set()

    monkeypatch.setattr("recsys.ingest.folder_changes.watchfiles.watch", report)
    monkeypatch.setattr(os, "scandir", refuse)
    reports = watch_changes([tmp_path], poll=False)
    assert [next(reports) for _ in range(5)] == [set()] * 5
    monkeypatch.setattr(os, "scandir", real)
    assert next(reports) == {str(closed)}
    assert next(reports) == set()
    assert len(started) == 2
    reports.close()
