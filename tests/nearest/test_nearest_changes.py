"""When an index is rebuilt, what is saved where, and what a query of several vectors finds."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recsys.domain.arrays import FloatArray
from recsys.errors import IndexCorrupt
from recsys.nearest import NO_ID, NearestIndex, delete_index, hubness, index_files, ivf, storage
from recsys.nearest import index as index_module


def unit(n: int, d: int = 8, seed: int = 0) -> FloatArray:
    vectors = np.random.default_rng(seed).standard_normal((n, d))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library of 200 is large, one of 100 is not."""
    monkeypatch.setattr(ivf, "EXACT_SEARCH_LIMIT", 100)
    monkeypatch.setattr(index_module, "REBUILD_LIMIT", 100)


def is_rebuilt(index: NearestIndex, ids: list[int], *, remove: bool = False) -> bool:
    base = index._base
    if remove:
        index.remove(np.array(ids))
    else:
        index.add(np.array(ids), unit(len(ids), seed=9))
    return index._base is not base


@pytest.mark.usefixtures("large")
def test_added_vectors_are_recent_up_to_a_tenth_of_a_large_index() -> None:
    def built(n: int) -> NearestIndex:
        return NearestIndex.build(np.arange(n), unit(n))

    assert not is_rebuilt(built(200), list(range(200, 220)))
    assert is_rebuilt(built(200), list(range(200, 221)))
    index = built(200)
    assert not is_rebuilt(index, list(range(200, 215)))
    assert not is_rebuilt(index, list(range(210, 220)))  # five of them are replaced: 20 are recent
    assert index.ids.tolist() == list(range(220))
    assert is_rebuilt(index, [300])
    assert is_rebuilt(built(98), [200, 201])  # up to the limit, each change rebuilds
    assert not is_rebuilt(built(98), [200, 201, 202])
    assert not is_rebuilt(built(200), [])


@pytest.mark.usefixtures("large")
def test_removed_vectors_are_kept_out_up_to_a_tenth_of_a_large_index() -> None:
    def built(n: int) -> NearestIndex:
        return NearestIndex.build(np.arange(n), unit(n))

    assert not is_rebuilt(built(200), list(range(20)), remove=True)
    assert is_rebuilt(built(200), list(range(21)), remove=True)
    index = built(200)
    assert not is_rebuilt(index, list(range(12)), remove=True)
    assert not is_rebuilt(index, list(range(4, 20)), remove=True)  # some for the second time
    assert len(index) == 180
    assert is_rebuilt(index, [50], remove=True)
    assert is_rebuilt(built(100), [7], remove=True)
    assert not is_rebuilt(built(101), [7], remove=True)
    assert not is_rebuilt(built(50), [70, 80], remove=True)
    index = built(200)
    index.add(np.arange(200, 205), unit(5, seed=2))
    index.remove(np.array([202, 3]))
    assert index.ids.tolist() == [*range(3), *range(4, 202), 203, 204]
    assert len(index) == 203


def test_limit_of_a_large_index() -> None:
    vectors = unit(4096, 2)
    index = NearestIndex.build(np.arange(4095), vectors[:4095])
    assert is_rebuilt(NearestIndex.build(np.arange(4095), vectors[:4095]), []) is False
    base = index._base
    index.add(np.array([4095]), vectors[4095:])
    assert index._base is not base  # 4096 vectors
    base = index._base
    index.add(np.array([5000]), vectors[:1])
    assert index._base is base


@pytest.mark.usefixtures("large")
def test_ids_of_the_base_and_recent_ones_are_one_index() -> None:
    index, vectors = NearestIndex.build(np.arange(10, 210), unit(200)), unit(3, seed=5)
    index.add(np.array([3, 400, 15]), vectors)
    assert index.id_range == (3, 400)
    assert len(index) == 202
    np.testing.assert_array_equal(index.vectors(np.array([400, 15, 11])), [vectors[1], vectors[2], unit(200)[1]])
    densities = index.densities(np.array([400, 15, 11]))
    np.testing.assert_allclose(densities[:2], index.local_density(vectors[1:]), rtol=1e-5)
    np.testing.assert_allclose(
        index.hubness_penalties(np.array([400, 11])), index.hubness_weight * densities[[0, 2]], rtol=1e-5
    )
    with pytest.raises(KeyError, match=r"^7$"):
        index.vectors(np.array([400, 15, 7, 8]))
    [found], similarities = index.search(vectors[2:], 300, exact=True)
    assert found.shape == (202,)
    assert sorted(found) == index.ids.tolist()
    assert found[0] == 15
    assert similarities[0, 0] == pytest.approx(1)
    [few], _ = index.search(vectors[2:], 300, allowed=np.array([15, 400, 9000]))
    assert few.tolist() == [15, 400, NO_ID]
    assert index.search(vectors, 300, allowed=np.arange(5000))[0].shape == (3, 202)
    assert index.search(vectors, 3, allowed=np.array([9]), mean_of_queries=True)[0].tolist() == [[NO_ID]]
    assert index.search(vectors, 3, allowed=np.empty(0, np.int64), mean_of_queries=True)[1].shape == (1, 0)


@pytest.mark.parametrize("given", [True, False])
def test_mean_of_several_queries_is_that_of_their_similarities(given: bool) -> None:
    vectors, queries = unit(60), unit(4, seed=3)
    index = NearestIndex.build(np.arange(60) + 5, vectors)
    densities = np.array([0.1, 0.9, 0.4, 0.2], np.float32) if given else None
    measured = index.local_density(queries) if densities is None else densities
    each = queries @ vectors.T - index.hubness_penalties(index.ids) + index.hubness_weight * measured[:, None]
    mean = each.mean(axis=0)
    [found], [similarities] = index.search(queries, 7, densities=densities, mean_of_queries=True)
    assert found.tolist() == (np.argsort(-mean, kind="stable")[:7] + 5).tolist()
    np.testing.assert_allclose(similarities, -np.sort(-mean)[:7], atol=1e-5)
    doubles: Any = queries[:, ::-1].astype(np.float64)[:, ::-1]  # and not in one piece
    rows, values = index.search(doubles, 7, densities=densities)
    assert values.dtype == np.float32
    for row in range(4):
        assert rows[row].tolist() == (np.argsort(-each[row], kind="stable")[:7] + 5).tolist()
        np.testing.assert_allclose(values[row], np.clip(-np.sort(-each[row])[:7], -1, 1), atol=1e-5)


def test_similarities_are_between_minus_one_and_one() -> None:
    vectors = np.array([[1, 0, 0]] * 3 + [[0.9, np.sqrt(0.19), 0], [0, 0, 1]], np.float32)
    index = NearestIndex.build(np.arange(5), vectors)
    _, [similarities] = index.search(-vectors[:1], 5, densities=np.array([-0.5], np.float32))
    assert similarities.min() == -1
    _, [similarities] = index.search(vectors[:1], 5, densities=np.array([3.0], np.float32))
    assert similarities.max() == 1


@pytest.mark.parametrize(("copies", "counted"), [(14, 10), (15, 9)])
def test_density_is_that_of_others_beside_fourteen_copies(copies: int, counted: int) -> None:
    query, others = unit(1, 16), unit(40, 16, seed=1)
    index = NearestIndex.build(np.arange(40 + copies), np.vstack([np.repeat(query, copies, axis=0), others]))
    assert hubness.density_neighbours(len(index)) == 10
    expected = np.sort(others @ query[0])[-counted:].mean()
    np.testing.assert_allclose(index.local_density(query), [expected], atol=1e-5)


@pytest.mark.usefixtures("large")
def test_cells_have_the_mean_penalty_of_their_vectors() -> None:
    index, vectors = NearestIndex.build(np.arange(150), unit(150)), unit(150)
    centroids = index._base.centroids()
    cell = np.argmax(vectors @ centroids[:, :-1].T, axis=1)
    penalties = index.hubness_penalties(np.arange(150))
    sizes = np.bincount(cell, minlength=len(centroids))
    assert index._base.sizes.tolist() == sizes.tolist()
    assert 1 in sizes
    for each, row in enumerate(centroids):
        assert row[-1] == pytest.approx(-penalties[cell == each].mean() if sizes[each] else 0, abs=1e-6)
    index.add(np.arange(200, 210), unit(10, seed=4))  # in the same cells
    assert index._recent is not None
    np.testing.assert_array_equal(index._recent.centroids(), centroids)
    assert index._recent.nprobe == index._base.nprobe
    recent = np.argmax(unit(10, seed=4) @ centroids[:, :-1].T, axis=1)
    assert index._recent.sizes.tolist() == np.bincount(recent, minlength=len(centroids)).tolist()


@pytest.mark.usefixtures("large")
def test_densities_of_small_cells_are_those_of_64_cells() -> None:
    index, vectors = NearestIndex.build(np.arange(500), unit(500, 20)), unit(500, 20)
    centroids = index._base.centroids()[:, :-1]
    assert len(centroids) == 89
    around = np.argsort(-(centroids @ centroids.T), axis=1)[:, :64]
    cell = np.argmax(vectors @ centroids.T, axis=1)
    for row, found in enumerate(index.densities(np.arange(500))):
        searched = np.isin(cell, around[cell[row]])
        searched[row] = False
        assert found == pytest.approx(np.sort(vectors[searched] @ vectors[row])[-25:].mean(), abs=1e-5)


@pytest.mark.usefixtures("large")
def test_recall_is_that_of_two_hundred_of_the_base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ivf, "RECALL", 0.5)
    index = NearestIndex.build(np.arange(401), unit(401, 20))
    assert index.recall() == index._base.recall(200)
    assert index.recall(50) == index._base.recall(50) != index.recall()


@pytest.mark.usefixtures("large")
def test_only_changes_are_saved_beside_a_saved_base(tmp_path: Path) -> None:
    path = tmp_path / "index.faiss"
    base, recent = index_files(path)
    assert (base, recent.name) == (path, "index.faiss-recent")
    index = NearestIndex.build(np.arange(200), unit(200))
    index.save(path, {"generation": 1})
    assert not recent.exists()
    content = path.read_bytes()
    index.save(path, {"generation": 2})  # nothing has changed but the stamp
    assert NearestIndex.load(path)[1] == {"generation": 2}
    index.remove(np.array([5]))
    index.save(path, {"generation": 3})
    loaded, stamp = NearestIndex.load(path)
    assert (stamp, len(loaded), 5 in loaded, loaded.hubness_weight) == ({"generation": 3}, 199, False, 0.4)
    loaded.add(np.array([900]), unit(1, seed=3))
    loaded.save(path, {"generation": 4})
    assert path.read_bytes() == content
    again, _ = NearestIndex.load(path)
    np.testing.assert_array_equal(again.vectors(np.array([900, 7])), [unit(1, seed=3)[0], unit(200)[7]])
    again.add(np.arange(1000, 1030), unit(30, seed=4))  # rebuilt
    again.save(path, {"generation": 5})
    assert not recent.exists()
    assert path.read_bytes() != content
    assert len(NearestIndex.load(path)[0]) == 230
    again.remove(np.arange(150))  # 81 are left: such an index is written as a whole
    again.save(path, {"generation": 6})
    again.add(np.array([1]), unit(1))
    again.save(path, {"generation": 7})
    assert not recent.exists()
    assert len(NearestIndex.load(path)[0]) == 82
    delete_index(path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("large")
def test_merged_index_is_saved_as_it_is_searched(tmp_path: Path) -> None:
    for change in ("add", "remove"):
        path, other = tmp_path / f"{change}.faiss", tmp_path / f"other-{change}.faiss"
        index = NearestIndex.build(np.arange(200), unit(200))
        index.save(path, {})
        if change == "add":
            index.add(np.array([300]), unit(1, seed=3))
        else:
            index.remove(np.array([4]))
        index.save(other, {})  # elsewhere, where no base is: merged
        assert not index_files(other)[1].exists()
        assert NearestIndex.load(other)[0].ids.tolist() == index.ids.tolist()
        assert storage.read(other)[1]["count"] == len(index) == (201 if change == "add" else 199)
        assert NearestIndex.load(path)[0].ids.tolist() == list(range(200))


@pytest.mark.usefixtures("large")
def test_index_that_is_not_large_any_more_is_saved_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "index.faiss"
    for n, is_whole in ((101, True), (102, False)):
        index = NearestIndex.build(np.arange(n), unit(n))
        index.save(path, {})
        index.remove(np.array([0]))
        index.save(path, {})
        assert index_files(path)[1].exists() == (not is_whole)
        assert len(NearestIndex.load(path)[0]) == n - 1


@pytest.mark.usefixtures("large")
def test_damage_of_the_recent_vectors_is_found_by_the_check(tmp_path: Path) -> None:
    path = tmp_path / "index.faiss"
    index = NearestIndex.build(np.arange(200), unit(200))
    index.save(path, {})
    index.add(np.arange(200, 210), unit(10, seed=3))
    index.save(path, {})
    recent = index_files(path)[1]
    data = bytearray(recent.read_bytes())
    _, manifest = storage.read(recent)
    data[manifest["head"] + 10] ^= 1
    NearestIndex.load(path)[0].check()
    recent.write_bytes(data)
    damaged, _ = NearestIndex.load(path)
    with pytest.raises(IndexCorrupt, match="does not match its checksums"):
        damaged.check()
