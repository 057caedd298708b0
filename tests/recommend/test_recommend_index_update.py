import logging
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
from indexed_library import IndexedLibrary
from synthetic_library import unit

from recsys.nearest import NearestIndex, ivf
from recsys.nearest import index as nearest_index
from recsys.recommend import index_update
from recsys.recommend.index_update import check_index, load_or_update_index, removing_from_index
from recsys.recommend.version import SIMILARITY_VERSION


@pytest.fixture(autouse=True)
def _plain_similarity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_update, "similarity_vectors", unit)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index.faiss"


def check(path: Path, library: IndexedLibrary, *, expected_reads: int, version: int = 1) -> None:
    library.n_read = 0
    index = load_or_update_index(path, library, feature_version=version)
    assert index is not None
    assert library.n_read == expected_reads
    ids = np.array(sorted(library.rows), np.int64)
    assert index.ids.tolist() == ids.tolist()
    np.testing.assert_allclose(index.vectors(ids), [library.rows[i][1] for i in ids.tolist()], atol=1e-6)


def test_empty_library_has_no_index(path: Path) -> None:
    assert load_or_update_index(path, IndexedLibrary(), feature_version=1) is None
    assert not path.exists()


def test_only_changed_vectors_are_read(path: Path) -> None:
    library = IndexedLibrary()
    library.put(*range(1, 11))
    check(path, library, expected_reads=10)
    check(path, library, expected_reads=0)
    library.put(11, 12)
    check(path, library, expected_reads=2)
    library.put(3, noise=0.5)  # a vector that changed
    check(path, library, expected_reads=1)
    check(path, library, expected_reads=0)


def test_index_of_another_version_is_rebuilt(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = IndexedLibrary()
    library.put(1, 2, 3)
    check(path, library, expected_reads=3)
    check(path, library, expected_reads=3, version=2)
    monkeypatch.setattr(index_update, "SIMILARITY_VERSION", 99)
    check(path, library, expected_reads=3, version=2)


def test_index_of_another_library_is_rebuilt(path: Path) -> None:
    old, new = IndexedLibrary(), IndexedLibrary()
    old.put(1, 2)
    old.put(3)
    check(path, old, expected_reads=3)
    new.put(1, 2)
    new.put(3, 4)
    check(path, new, expected_reads=4)


def test_library_that_was_replaced_by_a_copy_of_itself(path: Path) -> None:
    library = IndexedLibrary()
    library.put(1, 2, 3)
    check(path, library, expected_reads=3)
    copy, early = deepcopy(library), deepcopy(library)
    library.put(4)
    copy.put(4, noise=0.5)  # another vector at the same revision, as after an ingest of each
    check(path, library, expected_reads=1)
    check(path, copy, expected_reads=4)
    early.put(5)
    check(path, early, expected_reads=4)
    continued = deepcopy(early)
    continued.put(6)
    check(path, continued, expected_reads=1)  # the index is of a state that it had itself


def test_corrupt_index_is_rebuilt_with_a_warning(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    library = IndexedLibrary()
    library.put(1, 2, 3)
    check(path, library, expected_reads=3)
    path.write_bytes(path.read_bytes()[:-5])
    with caplog.at_level(logging.WARNING):
        check(path, library, expected_reads=3)
    assert "no manifest" in caplog.text
    check(path, library, expected_reads=0)


def test_index_with_an_invalid_stamp_is_rebuilt(path: Path) -> None:
    library = IndexedLibrary()
    library.put(1, 2)
    check(path, library, expected_reads=2)
    NearestIndex.load(path)[0].save(path, {"generation": 1})
    check(path, library, expected_reads=2)


def test_index_that_cannot_be_saved_is_returned(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    library = IndexedLibrary()
    library.put(1, 2)
    monkeypatch.setattr("pathlib.Path.replace", full)
    with caplog.at_level(logging.WARNING):
        check(path, library, expected_reads=2)
    assert "No space left" in caplog.text
    assert not path.exists()


def test_stored_index_has_its_stamp(path: Path) -> None:
    library = IndexedLibrary()
    library.put(5, 6)
    load_or_update_index(path, library, feature_version=3)
    _, stamp = NearestIndex.load(path)
    assert stamp.pop("token") == library.index_token(path)
    assert stamp == {"feature_version": 3, "similarity_version": SIMILARITY_VERSION, "generation": 1}


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred tracks are many: they are in cells, and new vectors are saved in a second file."""
    monkeypatch.setattr(ivf, "EXACT_SEARCH_LIMIT", 50)
    monkeypatch.setattr(nearest_index, "REBUILD_LIMIT", 50)


@pytest.mark.usefixtures("large")
def test_corrupt_cell_is_detected_and_the_index_rebuilt(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    library = IndexedLibrary()
    library.put(*range(1, 101))
    check(path, library, expected_reads=100)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert check_index(path, library, feature_version=1).status == "warning"
    library.n_read = 0
    with caplog.at_level(logging.WARNING):
        index = load_or_update_index(path, library, feature_version=1, complete=True)
    assert index is not None
    assert library.n_read == 100
    assert "does not match its checksums" in caplog.text
    assert check_index(path, library, feature_version=1).status == "ok"


@pytest.mark.usefixtures("large")
def test_deleted_tracks_are_removed_without_reading_vectors(path: Path) -> None:
    library = IndexedLibrary()
    library.put(*range(1, 101))
    check(path, library, expected_reads=100)
    library.n_read = 0
    with removing_from_index(path, library, feature_version=1):
        for i in (1, 50, 100):
            del library.rows[i]
        library.rows[2] = (1, library.rows[2][1])  # the revision of a library never falls
    check(path, library, expected_reads=0)
    assert path.with_name("index.faiss-recent").exists()
    with removing_from_index(path, library, feature_version=1):
        library.rows.clear()
    assert not list(path.parent.iterdir())


def test_index_without_deleted_tracks_is_unchanged(path: Path) -> None:
    library = IndexedLibrary()
    with removing_from_index(path, library, feature_version=1):
        library.put(1, 2)
    check(path, library, expected_reads=2)
    before = path.stat()
    with removing_from_index(path, library, feature_version=1):
        pass
    assert path.stat() == before
    path.write_bytes(b"")
    with removing_from_index(path, library, feature_version=1):
        del library.rows[2]
    check(path, library, expected_reads=1)


@pytest.mark.usefixtures("large")
def test_check_reports_the_state_of_the_index(path: Path) -> None:
    library = IndexedLibrary()
    library.put(*range(1, 31))
    assert "none yet" in check_index(path, library, feature_version=1).message
    check(path, library, expected_reads=30)
    assert "exact search" in check_index(path, library, feature_version=1).message
    library.put(*range(31, 101))
    assert "the next query adds" in check_index(path, library, feature_version=1).message
    check(path, library, expected_reads=70)
    finding = check_index(path, library, feature_version=1)
    assert "cells" in finding.message
    assert "recall@10" in finding.message
    library.rows[5] = (1, -library.rows[5][1])
    assert check_index(path, library, feature_version=1).status == "error"
    del library.rows[5]
    assert "1 that are not" in check_index(path, library, feature_version=1).message
