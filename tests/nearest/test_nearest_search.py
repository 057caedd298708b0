"""The search of a store is that of its definition: the probed cells, the filter, and the best of their rows."""

import math
import zlib
from contextlib import nullcontext
from typing import Any
from unittest.mock import Mock

import faiss
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.domain.arrays import FloatArray
from recsys.nearest import NO_ID, batches, filters, ivf
from recsys.nearest.batches import is_faster, search_blocks
from recsys.nearest.ivf import IvfStore

CELLS = 12
SIZES = np.array([9, 0, 1, 17, 4, 0, 8, 8, 25, 3, 0, 5])
ENDS = np.cumsum(SIZES)
ROWS = int(SIZES.sum())
CELL = np.repeat(np.arange(CELLS), SIZES)


def rows(n: int, seed: int) -> FloatArray:
    return np.random.default_rng(seed).standard_normal((n, 5)).astype(np.float32)


IDS = np.random.default_rng(5).permutation(3 * ROWS)[:ROWS] + 1
STORED, CENTROIDS = rows(ROWS, 0), rows(CELLS, 1)


def store(nprobe: int = 2) -> IvfStore:
    return IvfStore.build(IDS, STORED, SIZES, CENTROIDS, nprobe=nprobe)


def cells_by_distance(query: FloatArray) -> list[int]:
    return np.argsort(-(CENTROIDS @ query), kind="stable").tolist()


def probed(query: FloatArray, k: int, nprobe: int, allowed: set[int] | None) -> list[int]:
    """Cells until they have enough rows: as many as ``nprobe`` cells on average, and 4 for each result."""
    wanted = max(nprobe * ROWS / CELLS, 4 * min(k, ROWS if allowed is None else len(allowed)))
    if allowed is None:
        return cells_by_distance(query)[: math.ceil(wanted * CELLS / ROWS)]
    kept, counted = [], 0
    for cell in cells_by_distance(query):
        count = sum(int(i) in allowed for i in IDS[cell == CELL])
        if count and counted < 2 * wanted:  # the allowed rows may be far away: twice as many
            kept.append(cell)
            counted += count
    return kept


def best(query: FloatArray, k: int, cells: list[int], allowed: set[int]) -> tuple[list[int], list[float]]:
    products = STORED @ query
    found = [row for row in np.argsort(-products, kind="stable") if CELL[row] in cells and int(IDS[row]) in allowed][:k]
    missing = k - len(found)
    return [int(IDS[row]) for row in found] + missing * [-1], products[found].tolist() + missing * [-math.inf]


@given(
    k=st.integers(1, 90),
    nprobe=st.integers(1, 13),
    n_queries=st.integers(0, 4),
    seed=st.integers(0, 99),
    filtered=st.sampled_from(["", "allowed", "excluded"]),
    share=st.floats(0, 1),
    in_batches=st.booleans(),
    exact=st.booleans(),
    is_small=st.booleans(),
)
def test_search_finds_the_best_rows_of_the_probed_cells(
    k: int, nprobe: int, n_queries: int, seed: int, filtered: str, share: float, in_batches: bool, exact: bool,
    is_small: bool,
) -> None:  # fmt: skip
    index, queries = store(nprobe), rows(n_queries, seed + 2)
    some = np.random.default_rng(seed).permutation(IDS)[: round(share * ROWS)]
    allowed, excluded = (some if filtered == name else None for name in ("allowed", "excluded"))
    passing = set(some.tolist()) if filtered == "allowed" else set(IDS.tolist())
    passing -= set(some.tolist()) if filtered == "excluded" else set()
    shares: list[float] = []

    def chosen(_: int, share: float) -> bool:
        shares.append(share)
        return in_batches

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ivf, "is_faster", chosen)
        patch.setattr(ivf, "_MANY_PROBES", 3)
        if is_small:
            patch.setattr(ivf, "BLOCK", 20)
            patch.setattr(batches, "_SPARE", 0)
        asked = None if allowed is None else np.append(allowed, [0, 999])  # unknown ids
        ids, products = index.search(queries, k, allowed=asked, excluded=excluded, exact=exact)
    assert ids.shape == products.shape == (n_queries, k)
    all_probed = []
    for query, found, values in zip(queries, ids, products, strict=True):
        cells = list(range(CELLS)) if exact else probed(query, k, nprobe, passing if filtered == "allowed" else None)
        all_probed.append(cells)
        expected, scores = best(query, min(k, ROWS), cells, passing)
        if expected[-1] == NO_ID and filtered != "allowed":  # too few: all cells are searched
            expected, scores = best(query, min(k, ROWS), list(range(CELLS)), passing)
        more = k - min(k, ROWS)
        assert found.tolist() == expected + more * [-1]
        np.testing.assert_allclose(values, scores + more * [-math.inf], rtol=1e-5)
    if shares:
        n = len(passing) if filtered == "allowed" else ROWS
        assert shares == [pytest.approx(sum(SIZES[cells].sum() for cells in all_probed) / n_queries / n)]
    else:
        assert not n_queries or not passing


def test_id_that_is_allowed_twice_is_found_once() -> None:
    ids, products = store().search(rows(1, 7), 3, allowed=np.array([IDS[0], IDS[0], 0]))
    assert ids.tolist() == [[IDS[0], NO_ID, NO_ID]]
    assert products[0, 1:].tolist() == [-np.inf, -np.inf]


def test_store_has_the_rows_and_checksums_of_its_cells() -> None:
    index = store()
    np.testing.assert_array_equal(index.vectors(IDS), STORED)
    np.testing.assert_array_equal(index.centroids(), CENTROIDS)
    assert (len(index), index.dimension, index.nprobe) == (ROWS, 5, 2)
    assert index.contains(np.array([0, IDS[3], IDS.max(), IDS.max() + 1])).tolist() == [False, True, True, False]
    assert np.setdiff1d(np.arange(3 * ROWS + 2)[index.contains(np.arange(3 * ROWS + 2))], IDS).size == 0
    expected = [zlib.crc32(STORED[c == CELL].tobytes() + IDS[c == CELL].tobytes()) for c in range(CELLS)]
    assert index.checksums().tolist() == expected
    assert expected[1] == 0


@given(
    st.lists(st.integers(0, 5), min_size=4, max_size=4),
    st.lists(st.permutations(range(4)), min_size=1, max_size=4),
    st.integers(1, 12),
)
def test_cells_are_selected_until_they_have_enough(counts: list[int], orders: list[list[int]], least: int) -> None:
    counts[orders[0][0]] += 1
    expected = []
    for order in orders:
        kept, counted = [], 0
        for cell in order:
            if counts[cell] and counted < least:
                kept.append(cell)
                counted += counts[cell]
        expected.append(kept)
    width = max(map(len, expected))
    found = filters.cells_until(np.array(orders), np.array(counts), least)
    assert found.tolist() == [kept + (width - len(kept)) * [-1] for kept in expected]


def test_filters_select_what_is_allowed_or_not_excluded() -> None:
    ids = np.array([0, 1, 7, 8, 9, 63, 64])
    some, none = np.array([1, 8, 64]), np.empty(0, np.int64)
    assert filters.selector(None, None) is None
    assert filters.selector(None, none) is None
    cases = [(some, None), (None, some), (some, ids), (None, none), (None, None), (none, None)]
    selected = [filters.is_selected(ids, allowed, excluded).tolist() for allowed, excluded in cases]
    marked = [False, True, False, True, False, False, True]
    others = [not each for each in marked]
    assert selected == [marked, others, marked, [True] * 7, [True] * 7, [False] * 7]
    for allowed, excluded, expected in ((some, None, marked), (None, some, others), (some, ids, marked)):
        chosen = filters.selector(allowed, excluded)
        assert [chosen.is_member(int(i)) for i in ids] == expected


def test_products_are_faster_where_they_save_more_than_the_copies() -> None:
    """A row costs a fifteenth, and the copies of the rows as much as 100 queries."""
    assert is_faster(50, 0.2)  # 15 x 0.2 = 1 + 100 / 50
    assert not is_faster(50, 0.199)
    assert not is_faster(49, 0.2)
    assert is_faster(100, 1.0)
    assert not is_faster(7, 1.0)  # 1 + 100 / 7 = 15.3
    assert is_faster(8, 1.0)
    assert faiss.cvar.distance_compute_blas_threshold in (20, 800)  # of versions before and after


def test_blocks_name_the_queries_that_may_lack_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first query needs cell 0, whose row is only the fourth of its block; the second one has all of cell 1."""
    monkeypatch.setattr(batches, "_SPARE", 1)
    block = np.array([[5, 1], [4, 2], [3, 3], [2, 4]], np.float32)
    other = np.array([[1, 9], [0, 0.5]], np.float32)
    blocks = [(block, np.arange(10, 14), np.array([1, 1, 1, 0])), (other, np.array([20, 21]), np.array([0, 1]))]
    queries = np.array([[1, 0], [0, 1], [1, 0.5]], np.float32)
    found, products, incomplete = search_blocks(queries, blocks, 2, np.array([[0, -1], [0, 1], [1, -1]]), 2)
    assert found.tolist() == [[20, -1], [20, 13], [10, 11]]
    assert products.tolist() == [[1, -np.inf], [9, 4], [5.5, 5]]
    assert incomplete.tolist() == [0]
    found, products, incomplete = search_blocks(queries, blocks[1:], 2, np.array([[0], [-1], [1]]), 2)
    assert found.tolist() == [[20, -1], [-1, -1], [21, -1]]
    assert products[1].tolist() == [-np.inf, -np.inf]
    assert incomplete.tolist() == []  # whole blocks were compared


def test_rows_beyond_the_best_of_a_block_are_searched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ivf, "is_faster", lambda *_: True)
    index, query = store(1), CENTROIDS[2:3]
    expected, scores = best(query[0], 1, probed(query[0], 1, 1, None), set(IDS.tolist()))
    assert IDS[np.argmax(STORED @ query[0])] != expected[0]  # the best of all is in a cell that is not probed
    monkeypatch.setattr(batches, "_SPARE", 0)
    ids, products = index.search(query, 1)
    assert ids.tolist() == [expected]
    np.testing.assert_allclose(products[0], scores, rtol=1e-5)


@pytest.mark.parametrize("queries", [31, 32])
def test_threads_are_used_for_large_batches(monkeypatch: pytest.MonkeyPatch, queries: int) -> None:
    used = Mock(return_value=nullcontext())
    monkeypatch.setattr(ivf, "is_faster", lambda *_: False)
    monkeypatch.setattr(ivf, "threads", used)
    store().search(rows(queries, 3), 1)
    assert used.called == (queries == 32)


def test_threads_are_used_inside_the_block_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ivf, "_THREADS", 3)
    with ivf.threads():
        assert faiss.omp_get_max_threads() == 3
    assert faiss.omp_get_max_threads() == 1


def test_cells_are_those_of_spherical_means_of_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ivf, "EXACT_SEARCH_LIMIT", 999)
    monkeypatch.setattr(ivf, "_CELLS_PER_ROOT", 0.5)
    vectors = rows(1000, 4)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = ivf.fit_centroids(vectors)
    means: Any = faiss.Kmeans(5, 15, niter=6, spherical=True, seed=1)  # 15 = int(0.5 sqrt(1000)), 39 vectors for each
    means.train(vectors[np.random.default_rng(0).choice(1000, 39 * 15, replace=False)])
    np.testing.assert_allclose(found, means.centroids, atol=1e-6)
    assert ivf.fit_centroids(vectors[:999]).tolist() == [[0.0] * 5]
    monkeypatch.undo()
    assert len(ivf.fit_centroids(np.ones((20_000, 1), np.float32))) == 1
    assert len(ivf.fit_centroids(np.random.default_rng(0).standard_normal((20_001, 2)).astype(np.float32))) == 565


def nprobe_by_definition(share: float) -> int:
    """The least of 4, 8 … cells that have this share of the ten nearest, other than itself, of a sample of the rows."""
    ranks = []
    for row in range(0, ROWS, 2):  # 80 rows, a sample of 40
        query = np.append(STORED[row, :-1], 1).astype(np.float32)
        order = cells_by_distance(query)
        nearest = np.argsort(-(STORED @ query), kind="stable")[1:11]
        ranks += [order.index(cell) for cell in CELL[nearest]]
    return next((n for n in (4, 8) if np.mean(np.array(ranks) < n) >= share), CELLS)


def test_enough_cells_are_probed_for_the_recall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ivf, "_SAMPLE", 40)
    assert ROWS == 80
    measured = []
    for share in (0.1, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0):
        monkeypatch.setattr(ivf, "RECALL", share)
        index = IvfStore.build(IDS, STORED, SIZES, CENTROIDS)
        assert index.nprobe == nprobe_by_definition(share), share
        measured.append(index.nprobe)
    assert set(measured) == {4, 8, CELLS}
    within = [n for n in np.arange(400) / 400 if nprobe_by_definition(n) == 4][-1]
    monkeypatch.setattr(ivf, "RECALL", within)  # exactly the share that is found in four cells
    assert IvfStore.build(IDS, STORED, SIZES, CENTROIDS).nprobe == 4
    one_cell = IvfStore.build(IDS, STORED, np.array([ROWS]), CENTROIDS[:1])
    assert one_cell.nprobe == 1


@pytest.mark.parametrize(("n", "sampled"), [(512, 512), (513, 257)])
def test_sample_of_the_recall_has_512_rows_at_most(monkeypatch: pytest.MonkeyPatch, n: int, sampled: int) -> None:
    knn = Mock(side_effect=faiss.knn)
    monkeypatch.setattr(faiss, "knn", knn)
    IvfStore.build(np.arange(n), rows(n, 8), np.array([100, n - 100]), CENTROIDS[:2])
    assert len(knn.call_args.args[0]) == sampled


def test_recall_is_the_share_of_the_nearest_that_a_search_finds() -> None:
    index, shares = store(1), []
    by_id = np.argsort(IDS)
    for row in by_id[:: -(-ROWS // 30)]:  # at most 30 in the order of the ids
        query = np.append(STORED[row, :-1], 1).astype(np.float32)
        found, _ = best(query, 11, probed(query, 11, 1, None), set(IDS.tolist()))
        truth, _ = best(query, 11, list(range(CELLS)), set(IDS.tolist()))
        shares.append(len(set(found) & set(truth[1:])) / 10)
    assert index.recall(30) == pytest.approx(np.mean(shares))
    assert 0.3 < index.recall(30) < 0.95
