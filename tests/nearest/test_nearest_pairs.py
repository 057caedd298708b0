"""Exact neighbours of all vectors: those of a comparison one by one, however wrong the estimate is."""

import numpy as np
import pytest
from test_nearest_ivf import clusters

from recsys.domain.arrays import FloatArray, IdArray
from recsys.nearest import exact_neighbours, pairs
from recsys.nearest.pairs import Neighbours


def check(vectors: FloatArray, penalties: FloatArray, k: int) -> None:
    """Compare with the products of all pairs."""
    found = exact_neighbours(vectors, penalties, k)
    scores = vectors @ vectors.T - penalties
    np.fill_diagonal(scores, -np.inf)
    assert found.rows.shape == found.scores.shape == (len(vectors), k)
    assert not (found.rows == np.arange(len(vectors))[:, None]).any()
    assert all(len(set(row)) == k for row in found.rows.tolist())
    np.testing.assert_allclose(found.scores, -np.sort(-scores, axis=1)[:, :k], atol=1e-5)
    np.testing.assert_allclose(np.take_along_axis(scores, found.rows, axis=1), found.scores, atol=1e-5)


def hubs(n: int) -> FloatArray:
    return np.random.default_rng(1).uniform(0, 0.3, n).astype(np.float32)


@pytest.mark.parametrize("n", [2, 5, 600, 3000])
def test_neighbours_are_those_of_all_pairs(n: int) -> None:
    check(clusters(n), hubs(n), min(10, n - 1))


@pytest.mark.parametrize("deviations", [-3.0, 0.0, 8.0])
def test_a_wrong_estimate_changes_nothing(monkeypatch: pytest.MonkeyPatch, deviations: float) -> None:
    monkeypatch.setattr(pairs, "_DEVIATIONS", deviations)
    check(clusters(2000), hubs(2000), 10)


def test_few_pairs_are_kept_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "PENDING", 1000)
    monkeypatch.setattr(pairs, "_ROWS", 100)
    monkeypatch.setattr(pairs, "_COLUMNS", 150)
    check(clusters(2000), hubs(2000), 10)


def test_copies_of_one_vector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "PENDING", 1000)
    monkeypatch.setattr(pairs, "_ROWS", 100)
    vectors = clusters(1500)
    vectors[300:1200] = vectors[300]
    check(vectors, hubs(1500), 10)


def test_progress_rises_to_one() -> None:
    done: list[float] = []
    exact_neighbours(clusters(3000), hubs(3000), 3, on_progress=done.append)
    assert done == sorted(done)
    assert done[-1] == 1


def scores_by_definition(vectors: FloatArray, penalties: FloatArray) -> FloatArray:
    scores = vectors @ vectors.T - penalties
    np.fill_diagonal(scores, -np.inf)
    return scores


@pytest.mark.parametrize("pending", [100, 10**6])
def test_pairs_are_the_best_of_those_above_the_estimate(monkeypatch: pytest.MonkeyPatch, pending: int) -> None:
    """Each vector has its own least score: that of its fourth neighbour, or more, or less than any."""
    monkeypatch.setattr(pairs, "PENDING", pending)
    monkeypatch.setattr(pairs, "_ROWS", 40)
    monkeypatch.setattr(pairs, "_COLUMNS", 30)
    vectors, penalties = clusters(110), hubs(110)
    scores = scores_by_definition(vectors, penalties)
    ranked = -np.sort(-scores, axis=1)
    kinds = np.arange(110) % 3
    least = np.choose(kinds, [ranked[:, 3] - 1e-5, ranked[:, 1] + 1e-5, np.full(110, -9)]).astype(np.float32)
    found = pairs._Pairs(vectors, penalties, least, 4)
    done: list[float] = []
    found.compare(done.append)
    np.testing.assert_allclose(done, [1 - (1 - share / 110) ** 2 for share in (40, 80, 110)], rtol=1e-12)
    for row, kind in enumerate(kinds):
        known = 1 if kind == 1 else 4
        assert found.rows[row, :known].tolist() == np.argsort(-scores[row], kind="stable")[:known].tolist()
        np.testing.assert_allclose(found.scores[row, :known], ranked[row, :known], atol=1e-6)
        assert found.scores[row, known:].tolist() == [-np.inf] * (4 - known)


def record_selections(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The numbers of pairs of each block, for each selection of the best."""
    selections: list[list[int]] = []
    select = pairs._Pairs._select

    def recorded(self: pairs._Pairs) -> None:
        selections.append([len(one) for one, _, _ in self._pending])
        select(self)

    monkeypatch.setattr(pairs._Pairs, "_select", recorded)
    return selections


def test_best_are_selected_when_more_pairs_are_kept_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "_ROWS", 10)
    monkeypatch.setattr(pairs, "_COLUMNS", 10)
    selections = record_selections(monkeypatch)
    least, k = np.full(40, -9, np.float32), 39  # all pairs are kept
    for pending, expected in (
        (10**6, [[45, 100, 100, 100, 45, 100, 100, 45, 100, 45]]),
        (245, [[45, 100, 100, 100], [45, 100, 100, 45], [100, 45]]),
        (244, [[45, 100, 100], [100, 45, 100], [100, 45, 100], [45]]),
        (44, [[45], [100], [100], [100], [45], [100], [100], [45], [100], [45], []]),
    ):
        selections.clear()
        monkeypatch.setattr(pairs, "PENDING", pending)
        vectors, penalties = clusters(40), hubs(40)
        found = pairs._Pairs(vectors, penalties, least, k)
        found.compare(lambda _: None)
        assert selections == expected
        np.testing.assert_allclose(
            found.scores, -np.sort(-scores_by_definition(vectors, penalties), axis=1)[:, :k], atol=1e-6
        )


def test_of_equal_pairs_no_more_are_kept_than_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "_ROWS", 10)
    monkeypatch.setattr(pairs, "_COLUMNS", 10)
    monkeypatch.setattr(pairs, "PENDING", 40)
    selections = record_selections(monkeypatch)
    copies = np.tile(np.array([[1, 0]], np.float32), (40, 1))
    pairs._Pairs(copies, np.zeros(40, np.float32), np.full(40, -9, np.float32), 3).compare(lambda _: None)
    # The first ten have three in the first block. The others find three of the first ten, who need no more.
    assert selections == [[45], [100], [100], [100], [0] * 6]


def test_estimate_is_a_linear_fit_to_a_sample_less_two_deviations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "SAMPLE", 60)
    vectors, penalties = clusters(300), hubs(300)
    known = -np.sort(-scores_by_definition(vectors, penalties), axis=1)[:, 4]
    deviations = np.sqrt([np.mean((vectors @ vector) ** 2) for vector in vectors])
    traits = np.column_stack([np.ones(300), penalties, vectors @ vectors.mean(axis=0), deviations])
    sample = np.random.default_rng(0).choice(300, 60, replace=False)
    fit = traits @ np.linalg.lstsq(traits[sample], known[sample], rcond=None)[0]
    expected = fit - 2 * (known - fit)[sample].std()
    np.testing.assert_allclose(pairs._estimated_least(vectors, penalties, 5), expected, atol=1e-4)
    found = pairs._estimated_least(vectors[:40], penalties[:40], 3)  # fewer than the sample
    assert found.shape == (40,)


def test_few_vectors_are_compared_with_all_others_again(monkeypatch: pytest.MonkeyPatch) -> None:
    again: list[int] = []
    compare = pairs._compare_with_all

    def recorded(vectors: FloatArray, penalties: FloatArray, queries: IdArray, k: int) -> Neighbours:
        again.append(len(queries))
        return compare(vectors, penalties, queries, k)

    monkeypatch.setattr(pairs, "_compare_with_all", recorded)
    monkeypatch.setattr(pairs, "_ROWS", 100)
    check(clusters(1500), hubs(1500), 10)
    assert again[0] == 1024
    assert 0 < sum(again[1:]) < 0.08 * 1500
    again.clear()
    monkeypatch.setattr(pairs, "_DEVIATIONS", -9.0)
    check(clusters(250), hubs(250), 10)
    assert again == [250, 100, 100, 50]


@pytest.mark.parametrize("k", [1, 3, 5])
def test_vector_is_not_its_own_neighbour_even_with_copies(k: int) -> None:
    vectors = np.array([[1, 0], [1, 0], [0.6, 0.8], [1, 0], [0, 1], [-1, 0]], np.float32)
    penalties = np.array([0, 0.1, 0, 0.2, 0.5, 0.05], np.float32)
    rows, scores = pairs._compare_with_all(vectors, penalties, np.array([3, 0, 4]), k)
    expected = [[0, 1, 2, 4, 5], [1, 3, 2, 4, 5], [2, 0, 5, 1, 3]]
    assert rows.tolist() == [row[:k] for row in expected]
    truth = scores_by_definition(vectors, penalties)[[3, 0, 4]]
    np.testing.assert_allclose(scores, np.take_along_axis(truth, rows, axis=1), atol=1e-6)
