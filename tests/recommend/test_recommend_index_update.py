import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from synthetic_library import KINDS, sound, unit

from recsys.domain.arrays import FloatArray, IdArray
from recsys.nearest import NearestIndex, ivf
from recsys.nearest import index as nearest_index
from recsys.recommend import index_update
from recsys.recommend.index_update import check_index, load_or_update_index, removing_from_index
from recsys.recommend.version import SIMILARITY_VERSION


def batched(values: list[tuple[int, FloatArray]], size: int) -> Iterator[list[tuple[int, FloatArray]]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


class Library:
    """A source in memory that counts how many vectors are read from it."""

    def __init__(self, name: str = "mine") -> None:
        self.name = name
        self.rows: dict[int, tuple[int, FloatArray]] = {}
        self.read = 0

    def put(self, *ids: int, wobble: float = 0.1) -> None:
        born = self.vector_revision() + 1
        self.rows.update({i: (born, sound(KINDS[i % 4], i, wobble)) for i in ids})

    def vector_revision(self) -> int:
        return max((born for born, _ in self.rows.values()), default=0)

    def vector_batches(self, *, since: int = 0) -> Iterator[tuple[IdArray, FloatArray]]:
        newer = [(i, vector) for i, (born, vector) in self.rows.items() if born > since]
        for batch in batched(newer, 3):
            self.read += len(batch)
            yield np.array([i for i, _ in batch], np.int64), np.array([vector for _, vector in batch], np.float32)

    def vector_ids(self) -> IdArray:
        return np.array(sorted(self.rows), np.int64)

    def vectors_by_id(self, ids: Sequence[int]) -> FloatArray:
        return np.array([self.rows[i][1] for i in ids], np.float32)

    def identity_token(self, track_id: int) -> str | None:
        return f"{self.name} {track_id}" if track_id in self.rows else None


@pytest.fixture(autouse=True)
def _plain_similarity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_update, "similarity_vectors", unit)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index.faiss"


def check(path: Path, library: Library, *, reads: int, version: int = 1) -> None:
    library.read = 0
    index = load_or_update_index(path, library, feature_version=version)
    assert index is not None
    assert library.read == reads
    ids = np.array(sorted(library.rows), np.int64)
    assert index.ids.tolist() == ids.tolist()
    np.testing.assert_allclose(index.vectors(ids), [library.rows[i][1] for i in ids.tolist()], atol=1e-6)


def test_an_empty_library_has_no_index(path: Path) -> None:
    assert load_or_update_index(path, Library(), feature_version=1) is None
    assert not path.exists()


def test_only_what_is_new_is_read(path: Path) -> None:
    library = Library()
    library.put(*range(1, 11))
    check(path, library, reads=10)
    check(path, library, reads=0)
    library.put(11, 12)
    check(path, library, reads=2)
    library.put(3, wobble=0.5)  # a vector that changed
    check(path, library, reads=1)
    check(path, library, reads=0)


def test_another_version_is_built_anew(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    library.put(1, 2, 3)
    check(path, library, reads=3)
    check(path, library, reads=3, version=2)
    monkeypatch.setattr(index_update, "SIMILARITY_VERSION", 99)
    check(path, library, reads=3, version=2)


def test_another_library_in_the_same_place_is_built_anew(path: Path) -> None:
    old, new, restored = Library("old"), Library("new"), Library("old")
    old.put(1, 2)
    old.put(3)
    check(path, old, reads=3)
    new.put(1, 2)
    new.put(3, 4)
    check(path, new, reads=4)
    restored.put(1, 2)  # an old copy of a library that had grown: an earlier generation
    check(path, restored, reads=2)


def test_a_damaged_index_is_built_anew_and_said(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    library = Library()
    library.put(1, 2, 3)
    check(path, library, reads=3)
    path.write_bytes(path.read_bytes()[:-5])
    with caplog.at_level(logging.WARNING):
        check(path, library, reads=3)
    assert "no manifest" in caplog.text
    check(path, library, reads=0)


def test_a_stamp_of_the_wrong_kind_is_built_anew(path: Path) -> None:
    library = Library()
    library.put(1, 2)
    check(path, library, reads=2)
    NearestIndex.load(path)[0].save(path, {"generation": 1})
    check(path, library, reads=2)


def test_an_index_that_cannot_be_saved_still_answers(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    library = Library()
    library.put(1, 2)
    monkeypatch.setattr("pathlib.Path.replace", full)
    with caplog.at_level(logging.WARNING):
        check(path, library, reads=2)
    assert "No space left" in caplog.text
    assert not path.exists()


def test_the_stored_index_is_an_ordinary_one(path: Path) -> None:
    library = Library()
    library.put(5, 6)
    load_or_update_index(path, library, feature_version=3)
    _, stamp = NearestIndex.load(path)
    assert stamp == {
        "feature_version": 3,
        "similarity_version": SIMILARITY_VERSION,
        "generation": 1,
        "witnesses": "mine 5; mine 6",
    }


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred tracks are many: they lie in cells, and what comes to them is kept beside them."""
    monkeypatch.setattr(ivf, "EXACT_SEARCH_LIMIT", 50)
    monkeypatch.setattr(nearest_index, "REBUILD_LIMIT", 50)


@pytest.mark.usefixtures("large")
def test_a_cell_that_is_spoiled_is_found_before_it_is_believed(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    library = Library()
    library.put(*range(1, 101))
    check(path, library, reads=100)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert check_index(path, library, feature_version=1).status == "warning"
    library.read = 0
    with caplog.at_level(logging.WARNING):
        index = load_or_update_index(path, library, feature_version=1, complete=True)
    assert index is not None
    assert library.read == 100
    assert "not what its manifest says" in caplog.text
    assert check_index(path, library, feature_version=1).status == "ok"


@pytest.mark.usefixtures("large")
def test_what_is_forgotten_leaves_the_index_and_nothing_is_read_again(path: Path) -> None:
    library = Library()
    library.put(*range(1, 101))
    check(path, library, reads=100)
    library.read = 0
    with removing_from_index(path, library, feature_version=1):
        for i in (1, 50, 100):  # the first and the last, which are its witnesses, among them
            del library.rows[i]
        library.rows[2] = (1, library.rows[2][1])  # the generation of a library never falls
    check(path, library, reads=0)
    assert path.with_name("index-recent.faiss").exists()
    with removing_from_index(path, library, feature_version=1):
        library.rows.clear()
    assert not list(path.parent.iterdir())


def test_nothing_is_lost_where_nothing_is_forgotten(path: Path) -> None:
    library = Library()
    with removing_from_index(path, library, feature_version=1):
        library.put(1, 2)
    check(path, library, reads=2)
    before = path.stat()
    with removing_from_index(path, library, feature_version=1):
        pass
    assert path.stat() == before
    path.write_bytes(b"")
    with removing_from_index(path, library, feature_version=1):
        del library.rows[2]
    check(path, library, reads=1)


@pytest.mark.usefixtures("large")
def test_doctor_says_how_the_index_is_searched(path: Path) -> None:
    library = Library()
    library.put(*range(1, 31))
    assert "none yet" in check_index(path, library, feature_version=1).message
    check(path, library, reads=30)
    assert "exact search" in check_index(path, library, feature_version=1).message
    library.put(*range(31, 101))
    assert "the next question adds" in check_index(path, library, feature_version=1).message
    check(path, library, reads=70)
    finding = check_index(path, library, feature_version=1)
    assert "cells" in finding.message
    assert "recall@10" in finding.message
    library.rows[5] = (1, -library.rows[5][1])
    assert check_index(path, library, feature_version=1).status == "broken"
    del library.rows[5]
    assert "1 that are not" in check_index(path, library, feature_version=1).message
