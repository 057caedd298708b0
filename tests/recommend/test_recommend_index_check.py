"""What a check of an index finds, whose index is used, and what is shown while it is made."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from indexed_library import IndexedLibrary
from synthetic_library import unit

from recsys.domain.arrays import FloatArray
from recsys.domain.results import CheckResult
from recsys.errors import Hint, IndexCorrupt, IndexOutdated
from recsys.nearest import NearestIndex, ivf
from recsys.nearest import index as nearest_index
from recsys.recommend import index_update
from recsys.recommend.index_update import check_index, load_or_update_index, removing_from_index, save_index


@pytest.fixture(autouse=True)
def _plain_similarity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_update, "similarity_vectors", unit)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index.faiss"


def indexed(path: Path, n: int) -> IndexedLibrary:
    """A library of ``n`` tracks with its index at the path."""
    library = IndexedLibrary()
    library.put(*range(1, n + 1))
    assert load_or_update_index(path, library, feature_version=1) is not None
    library.n_read = 0
    return library


def test_a_check_names_what_the_next_query_does(path: Path) -> None:
    library = IndexedLibrary()
    assert check_index(path, library, feature_version=1) == CheckResult(
        "index", "ok", "none yet; the first query builds it"
    )
    library = indexed(path, 5)
    assert check_index(path, library, feature_version=1) == CheckResult(
        "index", "ok", "5 vectors of 12 dimensions, the same as in the library; exact search"
    )
    foreign = CheckResult("index", "warning", "of another library or version; the next query rebuilds it", Hint.REPAIR)
    assert check_index(path, library, feature_version=2) == foreign
    assert check_index(path, IndexedLibrary(), feature_version=1) == foreign
    library.put(6)
    assert check_index(path, library, feature_version=1) == CheckResult(
        "index", "ok", "5 vectors; the next query adds the new ones"
    )
    path.write_bytes(path.read_bytes()[:-5])
    found = check_index(path, library, feature_version=1)
    assert (found.status, found.remedy) == ("warning", Hint.REPAIR)


def test_a_check_finds_tracks_that_differ(path: Path) -> None:
    library = indexed(path, 5)
    library.rows[9] = library.rows.pop(1)
    library.rows[8] = library.rows[9]
    assert check_index(path, library, feature_version=1) == CheckResult(
        "index", "error", "it lacks 2 tracks and has 1 that are not in the library", Hint.REPAIR
    )


@pytest.mark.parametrize(("difference", "status"), [(0.5e-4, "ok"), (2e-4, "error"), (np.nan, "error")])
def test_a_check_finds_vectors_that_differ(path: Path, difference: float, status: str) -> None:
    library = indexed(path, 5)
    revision, vector = library.rows[3]
    changed = vector.copy()
    changed[int(np.abs(vector).argmin())] += difference
    library.rows[3] = (revision, changed)
    found = check_index(path, library, feature_version=1)
    assert found.status == status
    if status == "error":
        assert found == CheckResult("index", "error", "its vectors differ from those of the library", Hint.REPAIR)


@pytest.mark.parametrize(("n", "step"), [(399, 1), (400, 2), (401, 2)])
def test_a_check_compares_a_sample_of_two_hundred_vectors(
    path: Path, n: int, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, compared = indexed(path, n), list[list[int]]()
    read = library.vectors_by_id

    def note(ids: Sequence[int]) -> FloatArray:
        compared.append(list(ids))
        return read(ids)

    monkeypatch.setattr(library, "vectors_by_id", note)
    assert check_index(path, library, feature_version=1).status == "ok"
    assert compared == [list(range(1, n + 1, step))]


def test_an_index_in_cells_is_described(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ivf, "EXACT_SEARCH_LIMIT", 50)
    monkeypatch.setattr(nearest_index, "REBUILD_LIMIT", 50)
    asked: list[int] = []

    def recall(self: NearestIndex, sample: int) -> float:
        asked.append(sample)
        return 0.98765

    monkeypatch.setattr(NearestIndex, "recall", recall)
    library = indexed(path, 100)
    n_cells, nprobe = NearestIndex.load(path)[0].cells
    assert n_cells > 1
    assert check_index(path, library, feature_version=1).message == (
        "100 vectors of 12 dimensions, the same as in the library; "
        f"{n_cells} cells, of which a query probes {nprobe}: recall@10 is 0.988"
    )
    assert asked == [200]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("similarity_version", 0),
        ("similarity_version", None),
        ("feature_version", 2),
        ("token", "another"),
        ("token", None),
        ("generation", 2),  # of a later state than that of the library
        ("generation", None),
        ("generation", "1"),
        (None, None),
    ],
)
def test_an_index_is_used_if_its_stamp_is_that_of_the_library(
    path: Path, field: str | None, value: Any, caplog: pytest.LogCaptureFixture
) -> None:
    library = indexed(path, 4)
    index, stamp = NearestIndex.load(path)
    if field is not None:
        index.save(path, {**stamp, field: value})
    with caplog.at_level(logging.INFO):
        assert load_or_update_index(path, library, feature_version=1) is not None
    assert library.n_read == (0 if field is None else 4)
    assert ("is of another library or version; it is rebuilt" in caplog.text) == (field is not None)


def test_an_index_without_a_token_in_the_library_is_rebuilt(path: Path) -> None:
    library = indexed(path, 4)
    index, stamp = NearestIndex.load(path)
    index.save(path, {name: value for name, value in stamp.items() if name != "token"})
    library.tokens.clear()
    load_or_update_index(path, library, feature_version=1)
    assert library.n_read == 4


@pytest.mark.parametrize(("error", "level"), [(IndexOutdated, logging.INFO), (IndexCorrupt, logging.WARNING)])
def test_an_index_of_an_older_format_is_no_warning(
    path: Path,
    error: type[IndexCorrupt],
    level: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    library = indexed(path, 4)

    def load(path: Path) -> None:
        raise error("it cannot be read")

    monkeypatch.setattr(NearestIndex, "load", load)
    with caplog.at_level(logging.INFO):
        load_or_update_index(path, library, feature_version=1)
    assert library.n_read == 4
    assert {record.levelno for record in caplog.records if "it cannot be read" in record.message} == {level}


def test_what_takes_seconds_is_shown_before(path: Path) -> None:
    tasks: list[str] = []
    library = IndexedLibrary()
    assert load_or_update_index(path, library, feature_version=1, on_task=tasks.append) is None
    library.put(1, 2, 3)
    load_or_update_index(path, library, feature_version=1, on_task=tasks.append)
    load_or_update_index(path, library, feature_version=1, on_task=tasks.append)
    library.put(4)
    load_or_update_index(path, library, feature_version=1, on_task=tasks.append)
    del library.rows[4]
    library.put(3)
    library.put(2)  # a later revision, and one track less
    load_or_update_index(path, library, feature_version=1, on_task=tasks.append)
    assert tasks == [
        "building the search index", "building the search index", "updating the search index",
        "updating the search index", "building the search index",
    ]  # fmt: skip


def test_an_index_is_verified_as_a_whole_only_when_asked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library, checks = indexed(path, 4), list[NearestIndex]()
    monkeypatch.setattr(NearestIndex, "check", lambda self: checks.append(self))
    load_or_update_index(path, library, feature_version=1)
    assert checks == []
    load_or_update_index(path, library, feature_version=1, complete=True)
    assert len(checks) == 1


def test_many_batches_are_read_in_their_order(path: Path) -> None:
    library = indexed(path, 150)  # fifty batches: more than are projected at once
    index, _ = NearestIndex.load(path)
    np.testing.assert_allclose(index.vectors(np.array([1, 77, 150])), library.vectors_by_id([1, 77, 150]), atol=1e-6)


def test_a_corrupt_index_is_deleted_when_tracks_are_removed(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    library = indexed(path, 4)

    def remove(self: NearestIndex, ids: object) -> None:
        raise IndexCorrupt("a cell does not match")

    monkeypatch.setattr(NearestIndex, "remove", remove)
    with caplog.at_level(logging.WARNING), removing_from_index(path, library, feature_version=1):
        del library.rows[4]
    assert "a cell does not match" in caplog.text
    assert not path.exists()


def test_an_index_whose_tracks_are_all_removed_is_deleted(path: Path) -> None:
    library = indexed(path, 3)
    with removing_from_index(path, library, feature_version=1):
        del library.rows[1], library.rows[2]
    assert NearestIndex.load(path)[0].ids.tolist() == [3]
    with removing_from_index(path, library, feature_version=1):
        library.rows.clear()
    assert not path.exists()


def test_each_saved_index_has_another_token_of_sixteen_bytes(path: Path) -> None:
    library = indexed(path, 3)
    first = library.index_token(path)
    save_index(NearestIndex.load(path)[0], path, library, feature_version=1, revision=1)
    second = library.index_token(path)
    assert first is not None
    assert second is not None
    assert len(bytes.fromhex(first)) == len(bytes.fromhex(second)) == 16
    assert first != second
