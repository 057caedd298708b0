from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.domain.arrays import FloatArray, IdArray
from recsys.errors import IndexCorrupt
from recsys.evaluate.metrics import skewness
from recsys.nearest import NO_ID, NearestIndex, delete_index, hubness, ivf
from recsys.nearest import index as index_module


def unit(n: int, d: int = 8, seed: int = 0) -> FloatArray:
    vectors = np.random.default_rng(seed).standard_normal((n, d))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def some_ids(n: int, seed: int = 0) -> IdArray:
    return np.random.default_rng(seed).permutation(n * 3)[:n].astype(np.int64) + 1


def density(query: FloatArray, vectors: FloatArray) -> float:
    """Mean cosine with the nearest vectors that are no copies."""
    cosines = np.sort([cosine for cosine in vectors @ query if cosine < hubness.DUPLICATE_COSINE])[
        -hubness.density_neighbours(len(vectors)) :
    ]
    return float(np.mean(cosines)) if len(cosines) else 0.0


def exact(vectors: FloatArray, query: FloatArray) -> FloatArray:
    """Reference: the similarity of every vector, by the definition of CSLS."""
    hubs = np.array([density(vector, vectors) for vector in vectors])
    return np.clip(vectors @ query - hubness.csls_weight(len(vectors)) * (hubs - density(query, vectors)), -1, 1)


@given(n=st.integers(1, 60), k=st.integers(1, 70), seed=st.integers(0, 1000), share=st.floats(0.02, 1))
def test_search_returns_the_results_of_the_definition(n: int, k: int, seed: int, share: float) -> None:
    ids, vectors, queries = some_ids(n, seed), unit(n, seed=seed), unit(3, seed=seed + 1)
    index = NearestIndex.build(ids, vectors)
    allowed = np.random.default_rng(seed).permutation(ids)[: max(1, int(n * share))]
    for allowed_ids in (None, allowed):
        found, similarities = index.search(queries, k, allowed=allowed_ids)
        expected_ids = ids if allowed_ids is None else allowed_ids
        for row, query in enumerate(queries):
            truth = dict(zip(ids.tolist(), exact(vectors, query).tolist(), strict=True))
            assert set(found[row]) <= set(expected_ids)
            best = sorted((truth[i] for i in expected_ids.tolist()), reverse=True)[:k]
            np.testing.assert_allclose(similarities[row], best, atol=1e-5)
            np.testing.assert_allclose([truth[i] for i in found[row].tolist()], best, atol=1e-5)


@given(n=st.integers(2, 60), seed=st.integers(0, 1000))
def test_similarities_of_pairs_equal_those_of_search(n: int, seed: int) -> None:
    ids, vectors, queries = some_ids(n, seed), unit(n, seed=seed), unit(2, seed=seed + 1)
    index = NearestIndex.build(ids, vectors)
    pairs = index.similarities(
        queries, vectors, densities=index.local_density(queries), other_densities=index.densities(ids)
    )
    np.testing.assert_allclose(pairs, [exact(vectors, query) for query in queries], atol=1e-5)
    found, similarities = index.search(queries, n)
    for row in range(2):
        places = [ids.tolist().index(i) for i in found[row].tolist()]
        np.testing.assert_allclose(pairs[row, places], similarities[row], atol=1e-5)


def test_correction_reduces_hubness_and_copies_are_not_hubs() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((500, 40)).astype(np.float32) + 1.0  # those nearest to the common direction are hubs
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    by_cosine = np.argsort(-(vectors @ vectors.T), axis=1)[:, 1:11]
    found, _ = NearestIndex.build(np.arange(500), vectors).search(vectors, 11)
    others = found[found != np.arange(500)[:, None]]
    assert skewness(np.bincount(by_cosine.ravel(), minlength=500)) > 2.5
    assert skewness(np.bincount(others, minlength=500)) < 2
    copies = NearestIndex.build(np.arange(3), vectors[[1, 1, 2]])
    same, similarities = copies.search(vectors[1:2], 2)
    assert set(same[0]) == {0, 1}
    np.testing.assert_allclose(similarities[0], 1, atol=1e-5)


def test_corners_of_a_cube_have_known_neighbours() -> None:
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float32)
    corners /= np.sqrt(3, dtype=np.float32)
    index = NearestIndex.build(np.arange(8, dtype=np.int64), corners)
    found, similarities = index.search(corners[7:], 8)  # all corners have the same density
    assert found[0, 0] == 7
    assert set(found[0, 1:4]) == {3, 5, 6}  # those that differ in one coordinate
    np.testing.assert_allclose(similarities[0], [1, 1 / 3, 1 / 3, 1 / 3, -1 / 3, -1 / 3, -1 / 3, -1], atol=1e-6)


def test_unknown_allowed_ids_are_filled_with_no_id() -> None:
    index = NearestIndex.build(np.array([1, 2]), unit(2))
    found, cosines = index.search(unit(1), 2, allowed=np.array([2, 77]))
    assert found.tolist() == [[2, NO_ID]]
    assert cosines[0, 1] == -np.inf
    assert index.search(unit(1), 3, allowed=np.array([], np.int64))[0].shape == (1, 0)


def test_add_replaces_vectors_of_known_ids() -> None:
    vectors = unit(5)
    index = NearestIndex.build(np.arange(4), vectors[:4])
    index.add(np.array([2, 9]), vectors[[4, 2]])
    assert index.ids.tolist() == [0, 1, 2, 3, 9]
    np.testing.assert_array_equal(index.vectors(np.array([9, 2])), vectors[[2, 4]])
    assert index.search(vectors[4:], 1)[0].tolist() == [[2]]


def test_empty_index_returns_no_results_and_can_grow() -> None:
    index = NearestIndex.build(np.array([], np.int64), np.empty((0, 8), np.float32))
    assert index.search(unit(2), 5)[0].shape == (2, 0)
    index.add(np.array([3]), unit(1))
    assert index.search(unit(1), 5)[0].tolist() == [[3]]


@pytest.mark.parametrize(
    ("ids", "vectors", "message"),
    [
        ([1, 1], unit(2), "ids must be unique"),
        ([1], unit(2), r"vectors must have shape \(1, 8\), got \(2, 8\)"),
        ([1], unit(1, 5), r"vectors must have shape \(1, 8\), got \(1, 5\)"),
        ([1], np.full((1, 8), np.nan, np.float32), "vectors must be finite"),
    ],
)
def test_invalid_vectors_raise(ids: list[int], vectors: FloatArray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NearestIndex.build(np.array([7]), unit(1)).add(np.array(ids), vectors)
    if vectors.shape[1] == 8:
        with pytest.raises(ValueError, match=message):
            NearestIndex.build(np.array(ids), vectors)


def test_vectors_of_an_unknown_id_raise() -> None:
    with pytest.raises(KeyError, match="5"):
        NearestIndex.build(np.array([4]), unit(1)).vectors(np.array([4, 5]))


def test_saved_index_is_loaded_with_its_stamp(tmp_path: Path) -> None:
    path = tmp_path / "new" / "index.faiss"
    ids, vectors = some_ids(30), unit(30)
    NearestIndex.build(ids, vectors).save(path, {"generation": 3, "library": "abc"})
    loaded, stamp = NearestIndex.load(path)
    assert stamp == {"generation": 3, "library": "abc"}
    np.testing.assert_array_equal(loaded.vectors(ids), vectors)
    assert [p.name for p in path.parent.iterdir()] == ["index.faiss"]  # no temporary file
    loaded.add(np.array([1000]), unit(1, seed=9))
    assert len(loaded) == 31


def test_load_without_a_file_raises_file_not_found(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        NearestIndex.load(tmp_path / "index.faiss")


@given(n=st.integers(1, 40), seed=st.integers(0, 99), share=st.floats(0, 1))
def test_excluded_ids_are_not_returned(n: int, seed: int, share: float) -> None:
    ids, vectors, query = some_ids(n, seed), unit(n, seed=seed), unit(1, seed=seed + 1)
    index = NearestIndex.build(ids, vectors)
    excluded = np.random.default_rng(seed).permutation(ids)[: int(n * share)]
    found, near = index.search(query, n, excluded=excluded)
    same, also = index.search(query, n, allowed=np.setdiff1d(ids, excluded))
    both, third = index.search(query, n, allowed=ids, excluded=excluded)
    kept = n - len(excluded)
    assert found[0, :kept].tolist() == same[0].tolist() == both[0].tolist()
    assert set(found[0, kept:]) <= {NO_ID}
    np.testing.assert_allclose(near[0, :kept], also[0], atol=1e-6)
    np.testing.assert_allclose(third[0], also[0], atol=1e-6)


def test_contains_exactly_its_ids() -> None:
    index = NearestIndex.build(np.array([5, 2, 9]), unit(3))
    assert [i for i in range(12) if i in index] == [2, 5, 9]
    index.add(np.array([7]), unit(1, seed=4))
    assert [i for i in range(12) if i in index] == [2, 5, 7, 9]
    assert 3 not in NearestIndex.build(np.array([], np.int64), np.empty((0, 8), np.float32))


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library of a few hundred is large: it has cells and is not rebuilt for each new vector."""
    monkeypatch.setattr(ivf, "EXACT_SEARCH_LIMIT", 100)
    monkeypatch.setattr(index_module, "REBUILD_LIMIT", 100)


@pytest.mark.usefixtures("large")
def test_recent_vectors_are_searched_with_the_base() -> None:
    vectors, queries = unit(640), unit(20, seed=1)
    index = NearestIndex.build(np.arange(600), vectors[:600])
    index.add(np.arange(600, 620), vectors[600:620])
    index.add(np.array([5, 610]), vectors[620:622])  # replaces one vector of the base and one recent vector
    index.remove(np.array([7, 611, 4000]))
    assert index.cells[0] > 1
    remaining = np.setdiff1d(np.arange(620), [7, 611])
    assert len(index) == len(remaining)
    assert index.ids.tolist() == remaining.tolist()
    assert index.id_range == (0, 619)
    assert index.intersect(np.array([4000, 619, 611, 5, 5])).tolist() == [5, 619]
    np.testing.assert_array_equal(index.vectors(np.array([610, 5, 619])), vectors[[621, 620, 619]])
    penalties = index.hubness_penalties(remaining)
    vectors_of_remaining, densities = index.vectors(remaining), index.local_density(queries)
    truth = np.clip(queries @ vectors_of_remaining.T - penalties + index.hubness_weight * densities[:, None], -1, 1)
    found, near = index.search(queries, 12, exact=True)
    np.testing.assert_allclose(near, -np.sort(-truth, axis=1)[:, :12], atol=1e-5)
    assert found.tolist() == remaining[np.argsort(-truth, axis=1, kind="stable")[:, :12]].tolist()
    [found_ids], _ = index.search(queries[:1], 12, allowed=np.array([5, 7, 611, 610, 619]), excluded=np.array([610]))
    assert set(found_ids) - {NO_ID} == {5, 619}
    [others], _ = index.search(queries[:1], 12, excluded=found[0, :6], exact=True)
    assert others[:6].tolist() == found[0, 6:].tolist()


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize(("removed", "id_range"), [([599], (0, 598)), ([0, 1], (2, 599))])
def test_range_of_ids_follows_what_is_removed(removed: list[int], id_range: tuple[int, int]) -> None:
    index = NearestIndex.build(np.arange(600), unit(600))
    index.remove(np.array(removed))
    assert index.id_range == id_range


@pytest.mark.usefixtures("large")
def test_index_is_rebuilt_when_a_tenth_is_recent() -> None:
    vectors = unit(700)
    index = NearestIndex.build(np.arange(600), vectors[:600])
    cell_counts = []
    for start in range(600, 700, 20):
        index.add(np.arange(start, start + 20), vectors[start : start + 20])
        cell_counts.append(index.cells[0])
    assert cell_counts[:3] == [cell_counts[0]] * 3 < cell_counts[3:]
    index.remove(np.arange(640))
    assert index.cells == (1, 1)
    rebuilt = NearestIndex.build(np.arange(640, 700), vectors[640:])
    np.testing.assert_array_equal(index.hubness_penalties(rebuilt.ids), rebuilt.hubness_penalties(rebuilt.ids))


@pytest.mark.usefixtures("large")
@given(seed=st.integers(0, 10_000))
def test_any_sequence_of_changes_keeps_ids_and_vectors(seed: int) -> None:
    rng = np.random.default_rng(seed)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "index.faiss"
        truth = dict(enumerate(unit(150, seed=seed)))
        index = NearestIndex.build(np.arange(150), np.stack(list(truth.values())))
        for step in range(6):
            match rng.integers(4):
                case 0 | 1:
                    ids = rng.choice(400, rng.integers(0, 12), replace=False)
                    vectors = unit(len(ids), seed=seed + step)
                    truth |= dict(zip(ids.tolist(), vectors, strict=True))
                    index.add(ids, vectors)
                case 2:
                    ids = rng.choice(400, rng.integers(0, 12), replace=False)
                    truth = {i: vector for i, vector in truth.items() if i not in ids}
                    index.remove(ids)
                case 3:
                    index.save(path, {"step": step})
                    index, stamp = NearestIndex.load(path)
                    assert stamp == {"step": step}
        assert index.ids.tolist() == sorted(truth)
        np.testing.assert_array_equal(index.vectors(np.array(list(truth))), np.stack(list(truth.values())))


@pytest.mark.usefixtures("large")
def test_recent_vectors_are_saved_in_a_second_file(tmp_path: Path) -> None:
    path, vectors = tmp_path / "index.faiss", unit(620)
    NearestIndex.build(np.arange(600), vectors[:600]).save(path, {"generation": 1})
    before = path.stat().st_mtime_ns, path.stat().st_ino
    index, _ = NearestIndex.load(path)
    index.add(np.arange(600, 620), vectors[600:])
    index.remove(np.array([3]))
    index.save(path, {"generation": 2})
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before
    loaded, stamp = NearestIndex.load(path)
    assert stamp == {"generation": 2}
    assert loaded.ids.tolist() == [0, 1, 2, *range(4, 620)]
    NearestIndex.build(np.arange(50), vectors[:50]).save(path, {"generation": 3})
    assert [each.name for each in tmp_path.iterdir()] == ["index.faiss"]
    index.save(path.with_name("other.faiss"), {"generation": 2})  # to another path: merged
    other, _ = NearestIndex.load(path.with_name("other.faiss"))
    assert other.ids.tolist() == loaded.ids.tolist()
    delete_index(path)
    with pytest.raises(FileNotFoundError):
        NearestIndex.load(path)


@pytest.mark.usefixtures("large")
def test_recent_file_of_another_base_is_ignored(tmp_path: Path) -> None:
    path, vectors = tmp_path / "index.faiss", unit(620)
    NearestIndex.build(np.arange(600), vectors[:600]).save(path, {"generation": 1})
    index, _ = NearestIndex.load(path)
    index.add(np.arange(600, 620), vectors[600:])
    index.save(path, {"generation": 2})
    recent_file = tmp_path / "index.faiss-recent"
    kept = recent_file.read_bytes()
    NearestIndex.build(np.arange(500), vectors[:500]).save(path, {"generation": 3})
    recent_file.write_bytes(kept)  # as if another process with the previous base had written it meanwhile
    index, stamp = NearestIndex.load(path)
    assert stamp == {"generation": 3}
    assert len(index) == 500
    recent_file.write_bytes(kept[:-20])
    with pytest.raises(IndexCorrupt):
        NearestIndex.load(path)
