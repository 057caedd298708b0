"""Which files an ingest takes, with claims of other ingests that are plain sets."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

import pytest

from recsys.database.claims import Claims
from recsys.domain.audio import FileStat
from recsys.domain.catalogue import FailedFile
from recsys.ingest import shared_work
from recsys.ingest.shared_work import SharedWork


class FakeClaims:
    """The claims of an ingest, beside those of ``others``."""

    def __init__(self, others: Iterable[str] = (), *, shared: bool = True) -> None:
        self.others, self.mine, self.shared = set(others), set[str](), shared

    def claim(self, paths: Sequence[str]) -> set[str]:
        free = set(paths) - self.others
        self.mine |= free
        return free

    def release(self, paths: Iterable[str]) -> None:
        self.mine -= set(paths)


@pytest.fixture(autouse=True)
def always_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_work, "POLL_SECONDS", 0.0)


def make(
    names: str, claims: FakeClaims, done: set[str], *, batch: int = 3, failed: str = ""
) -> tuple[SharedWork, list[str]]:
    files = [FileStat(f"/{name}", 1, 1) for name in names]
    items = iter([FailedFile(file, "scan", "closed") if file.path[1] in failed else file for file in files])
    by_others: list[str] = []
    work = SharedWork(
        items, cast(Claims, claims), lambda paths: done & set(paths), lambda file: by_others.append(file.path),
        batch=batch,
    )  # fmt: skip
    return work, by_others


def take_all(work: SharedWork) -> str:
    taken: list[Any] = list(iter(work.take, None))
    return "".join((file.stat.path if isinstance(file, FailedFile) else file.path)[1] for file in taken)


def test_one_ingest_takes_all_in_order() -> None:
    work, by_others = make("abcdefg", FakeClaims(shared=False), {"/a"})
    assert (take_all(work), work.exhausted, by_others) == ("abcdefg", True, [])


def test_files_of_others_come_last_or_not_at_all() -> None:
    done: set[str] = set()
    claims = FakeClaims(["/a", "/b", "/e"])
    work, by_others = make("abcdefg", claims, done)
    assert take_all(work) == "cdfg"
    assert not work.exhausted
    done.add("/a")  # stored, and not released yet
    claims.others -= {"/b"}
    assert take_all(work) == "b"  # its ingest was killed
    done.add("/e")
    claims.others.clear()
    assert take_all(work) == ""
    assert work.exhausted
    assert by_others == ["/a", "/e"]
    assert claims.mine == {f"/{name}" for name in "bcdfg"}


def test_files_that_others_stored_since_the_scan_are_left() -> None:
    claims = FakeClaims()
    work, by_others = make("abcd", claims, {"/b", "/c"})
    assert (take_all(work), by_others, claims.mine) == ("ad", ["/b", "/c"], {"/a", "/d"})


def test_failures_of_the_scan_are_not_claimed() -> None:
    claims = FakeClaims(["/b"])
    work, _ = make("abc", claims, set(), failed="ab")
    assert (take_all(work), claims.mine) == ("abc", {"/c"})


def test_many_files_of_others_are_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_work, "_MAX_DEFERRED", 2)
    done = {"/a", "/b"}
    work, by_others = make("abcdef", FakeClaims(["/a", "/b", "/c", "/d"]), done, batch=2)
    done.clear()
    assert work.take() == FileStat("/e", 1, 1)
    assert len(work._deferred) == 4
    done.update({"/a", "/b", "/c", "/d"})
    assert (take_all(work), by_others, work.exhausted) == ("f", ["/a", "/b", "/c", "/d"], True)


def test_stop_leaves_the_rest() -> None:
    work, _ = make("abcd", FakeClaims(["/b"]), set())
    work.take()
    work.stop()
    assert (work.take(), work.exhausted) == (None, True)


def test_it_waits_only_while_nothing_but_files_of_others_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("recsys.ingest.shared_work.time.sleep", slept.append)
    work, _ = make("abcd", FakeClaims({"/d"}), set())
    for _ in range(3):
        assert work.take() is not None
        work.wait()  # all files that were taken are done: the next ones are taken at once
    assert slept == []
    assert work.take() is None
    work.wait()
    assert slept == [shared_work.POLL_SECONDS]
