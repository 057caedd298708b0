"""Feature vectors of a library as arrays, of three kinds."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from make_entries import make_entry
from synthetic_library import all_kinds, make_library, open_catalogue

import recsys
from recsys import Library, Vectors
from recsys.errors import Hint, InvalidRequest, NotAnalysed, RecsysError
from recsys.features.schema import DIMENSIONS
from recsys.features.version import FEATURE_VERSION
from recsys.recommend.vectors import similarity_vectors


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Tracks 1 to 12, and 13, which has no features."""
    make_library(tmp_path, [*all_kinds(3), make_entry("/music/new.mp3", analysed=False)])
    return Library(tmp_path)


@pytest.mark.parametrize("kind", ["raw", "normalised"])
def test_features_are_those_of_the_database(library: Library, kind: Any) -> None:
    found = library.vectors(kind=kind)
    with open_catalogue(library) as catalogue:
        stored = catalogue.vectors_by_id(range(1, 13), kind)
    assert found.ids.tolist() == list(range(1, 13))
    assert found.names == tuple(dimension.name for dimension in DIMENSIONS)
    np.testing.assert_array_equal(found.vectors, stored)
    assert found.vectors.shape == (12, len(found.names)) == (len(found), len(DIMENSIONS))


def test_default_kind_is_normalised(library: Library) -> None:
    np.testing.assert_array_equal(library.vectors().vectors, library.vectors(kind="normalised").vectors)


def test_similarity_vectors_are_those_of_the_index(library: Library) -> None:
    found = library.vectors(kind="similarity")
    np.testing.assert_allclose(found.vectors, similarity_vectors(library.vectors().vectors), atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1, atol=1e-5)
    assert len(found.names) == len(set(found.names)) == found.vectors.shape[1]


def test_rows_have_the_order_of_the_ids(library: Library) -> None:
    everything = library.vectors()
    for ids in ([5, 2, 9], iter([5, 2, 9]), np.array([5, 2, 9])):
        found = library.vectors(ids)
        assert found.ids.tolist() == [5, 2, 9]
        np.testing.assert_array_equal(found.vectors, everything.vectors[[4, 1, 8]])
    repeated = library.vectors([2, 2])
    np.testing.assert_array_equal(repeated.vectors, everything.vectors[[1, 1]])


def test_no_ids_are_no_rows(library: Library) -> None:
    found = library.vectors([])
    assert (len(found), found.vectors.shape[0]) == (0, 0)


@pytest.mark.parametrize("track_id", [13, 99])
def test_track_without_features_is_not_analysed(library: Library, track_id: int) -> None:
    with pytest.raises(NotAnalysed, match=f"^track {track_id} has not been analysed$") as raised:
        library.vectors([1, track_id])
    assert raised.value.hint is Hint.INGEST


def test_library_without_features_is_not_analysed(tmp_path: Path) -> None:
    make_library(tmp_path, [make_entry("/music/new.mp3", analysed=False, version=FEATURE_VERSION)])
    with pytest.raises(NotAnalysed, match="no track has been analysed yet"):
        Library(tmp_path).vectors()


def test_frame_has_a_column_for_each_dimension() -> None:
    pandas = pytest.importorskip("pandas", reason="needs the extra pandas")
    vectors = Vectors(np.array([7, 3]), np.array([[1, 2], [3, 4]], np.float32), ("a", "b"))
    frame = vectors.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert (list(frame.index), list(frame.columns), frame.index.name) == ([7, 3], ["a", "b"], "id")
    assert frame.loc[3, "b"] == 4
    assert frame["a"].dtype == np.float32
    assert np.asarray(vectors).shape == (2, 2)


def test_unknown_kind_of_vectors_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="kind must be one of raw, normalised, similarity"):
        recsys.Library(tmp_path).vectors(kind="bogus")  # type: ignore[arg-type]


def test_without_pandas_the_error_has_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(RecsysError, match=r"^pandas is not installed$") as raised:
        Vectors(np.array([7]), np.ones((1, 1), np.float32), ("a",)).to_pandas()
    assert raised.value.hint is Hint.INSTALL_EXTRA
