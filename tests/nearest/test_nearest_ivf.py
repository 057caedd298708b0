import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.domain.arrays import FloatArray
from recsys.nearest import NO_ID, NearestIndex, batches, ivf
from recsys.nearest.ivf import overlap

TRACKS, DIMENSION = 3000, 16


def clusters(n: int, seed: int = 0) -> FloatArray:
    """Unit vectors (n, d) in clusters, like those of music."""
    rng, centres = np.random.default_rng(seed), np.random.default_rng(99).standard_normal((40, DIMENSION))
    vectors = centres[rng.integers(0, 40, n)] + 0.4 * rng.standard_normal((n, DIMENSION))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def index() -> NearestIndex:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ivf, "EXACT_SEARCH_LIMIT", 1000)
        return NearestIndex.build(np.arange(TRACKS) * 2, clusters(TRACKS))  # ids are even


def test_few_cells_are_probed_with_high_recall(index: NearestIndex) -> None:
    n_cells, nprobe = index.cells
    assert n_cells > 100
    assert nprobe < n_cells / 2
    queries = clusters(500, seed=1)
    found, similarities = index.search(queries, 11)
    truth, exact = index.search(queries, 11, exact=True)
    assert overlap(found, truth) >= 0.99
    assert index.recall() >= 0.99
    assert (similarities <= exact + 1e-6).all()


@given(st.integers(1, 400), st.integers(1, 60), st.integers(0, 1000))
def test_filter_never_empties_a_result(index: NearestIndex, kept: int, k: int, seed: int) -> None:
    allowed = np.random.default_rng(seed).choice(index.ids, kept, replace=False)
    queries = clusters(3, seed=seed)
    found, similarities = index.search(queries, k, allowed=allowed)
    assert found.shape == (3, min(k, kept))
    assert all(set(row) <= set(allowed) and len(set(row)) == len(row) for row in found.tolist())
    assert (np.diff(similarities, axis=1) <= 0).all()
    best, _ = index.search(queries, 1, allowed=allowed, exact=True)
    again, _ = index.search(queries, k, allowed=allowed, excluded=best[0])
    assert best[0, 0] not in again[0]
    assert np.count_nonzero(again[0] != NO_ID) == min(k, kept - 1)


def test_filtered_search_has_high_recall(index: NearestIndex) -> None:
    rng, queries = np.random.default_rng(0), clusters(100, seed=2)
    for share in (0.5, 0.1, 0.01):
        allowed = rng.choice(index.ids, int(share * TRACKS), replace=False)
        found, _ = index.search(queries, 11, allowed=allowed)
        truth, _ = index.search(queries, 11, allowed=allowed, exact=True)
        assert overlap(found, truth) >= 0.98, share


def test_more_results_probe_more_cells(index: NearestIndex) -> None:
    queries = clusters(100, seed=4)
    found, _ = index.search(queries, 100)  # the cells for few results have about 110 ids
    truth, _ = index.search(queries, 100, exact=True)
    assert overlap(found, truth) >= 0.98


def test_search_can_return_all_ids(index: NearestIndex) -> None:
    [found], _ = index.search(clusters(1, seed=3), TRACKS + 50)
    assert sorted(found) == index.ids.tolist()


def test_contains_and_vectors_by_id(index: NearestIndex) -> None:
    vectors = clusters(TRACKS)
    assert 4 in index
    assert 5 not in index
    assert 2 * TRACKS not in index
    chosen = np.random.default_rng(0).permutation(TRACKS)[:100]
    np.testing.assert_array_equal(index.vectors(chosen * 2), vectors[chosen])
    assert index.vectors(np.array([], np.int64)).shape == (0, DIMENSION)


@pytest.mark.parametrize("k", [1, 10, 300])
@pytest.mark.parametrize("filtered", [None, "allowed", "few allowed", "excluded"])
def test_a_batch_in_many_cells_finds_what_each_query_finds(
    index: NearestIndex, monkeypatch: pytest.MonkeyPatch, k: int, filtered: str | None
) -> None:
    ids = index.ids
    allowed = {"allowed": ids[ids % 3 > 0], "few allowed": ids[::50]}.get(filtered or "")
    excluded = ids[::3] if filtered == "excluded" else None
    queries = np.random.default_rng(3).standard_normal((40, index.dimension)).astype(np.float32)
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    monkeypatch.setattr(ivf, "BLOCK", 1000)
    with monkeypatch.context() as always:
        always.setattr(batches, "SPEED", 10**9)
        found, similarities = index.search(queries, k, allowed=allowed, excluded=excluded)
    one_by_one = [index.search(query[None], k, allowed=allowed, excluded=excluded) for query in queries]
    np.testing.assert_allclose(similarities, np.vstack([each for _, each in one_by_one]), atol=1e-5)
    expected = np.vstack([each for each, _ in one_by_one])
    np.testing.assert_array_equal(found == NO_ID, expected == NO_ID)
    assert (found >= NO_ID).all()
    assert (found == expected).mean() > 0.999  # equal but for the order of equal similarities
