import json
import logging
from pathlib import Path

import numpy as np
import pytest
from songs import KINDS, sound, unit

from recsys.nearest import NearestIndex
from recsys.recommend import upkeep
from recsys.recommend.upkeep import current_index
from recsys.types import FloatArray, IdArray


class Library:
    """A source in memory that counts how many vectors are read from it."""

    def __init__(self, name: str = "mine") -> None:
        self.name = name
        self.rows: dict[int, tuple[int, FloatArray]] = {}
        self.read = 0

    def put(self, *ids: int, wobble: float = 0.1) -> None:
        born = self.generation() + 1
        self.rows.update({i: (born, sound(KINDS[i % 4], i, wobble)) for i in ids})

    def generation(self) -> int:
        return max((born for born, _ in self.rows.values()), default=0)

    def vectors(self, *, since: int = 0) -> tuple[IdArray, FloatArray]:
        newer = {i: vector for i, (born, vector) in self.rows.items() if born > since}
        self.read += len(newer)
        return np.array(list(newer), np.int64), np.array(list(newer.values()), np.float32)

    def witness(self, track_id: int) -> str | None:
        return f"{self.name} {track_id}" if track_id in self.rows else None


@pytest.fixture(autouse=True)
def _plain_similarity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "similarity_vectors", unit)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index.faiss"


def check(path: Path, library: Library, *, reads: int, version: int = 1) -> None:
    library.read = 0
    index = current_index(path, library, feature_version=version)
    assert index is not None
    assert library.read == reads
    ids = np.array(sorted(library.rows), np.int64)
    assert index.ids.tolist() == ids.tolist()
    np.testing.assert_allclose(index.vectors(ids), [library.rows[i][1] for i in ids.tolist()], atol=1e-6)


def test_an_empty_library_has_no_index(path: Path) -> None:
    assert current_index(path, Library(), feature_version=1) is None
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
    monkeypatch.setattr(upkeep, "SIMILARITY_VERSION", 99)
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
    assert "not what its manifest says" in caplog.text
    check(path, library, reads=0)


def test_a_stamp_of_the_wrong_kind_is_built_anew(path: Path) -> None:
    library = Library()
    library.put(1, 2)
    check(path, library, reads=2)
    head, body = path.read_bytes().split(b"\n", 1)
    path.write_bytes(json.dumps({**json.loads(head), "stamp": {"generation": 1}}).encode() + b"\n" + body)
    check(path, library, reads=2)


def test_an_index_that_cannot_be_saved_still_answers(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    library = Library()
    library.put(1, 2)
    monkeypatch.setattr("recsys.nearest._replace", full)
    with caplog.at_level(logging.WARNING):
        check(path, library, reads=2)
    assert "No space left" in caplog.text
    assert not path.exists()


def test_the_stored_index_is_an_ordinary_one(path: Path) -> None:
    library = Library()
    library.put(5, 6)
    current_index(path, library, feature_version=3)
    _, stamp = NearestIndex.load(path)
    assert stamp == {
        "feature_version": 3,
        "similarity_version": upkeep.SIMILARITY_VERSION,
        "generation": 1,
        "witnesses": "mine 5; mine 6",
    }
