"""Metrics on lists whose scores can be computed by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.domain.arrays import FloatArray, IdArray
from recsys.evaluate.metrics import Retrieval, alpha_ndcg, by_vectors, confidence_interval, ndcg, retrieval, skewness

# Four tracks on a line: 0 and 1 by artist a, 2 by b, 3 by c.
ANGLES = np.radians([0, 5, 12, 60])
VECTORS = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1).astype(np.float32)
ALL = np.arange(4)


def score(genres: list[str | None], artists: list[str | None], albums: list[str | None], k: int = 1) -> Retrieval:
    return retrieval(by_vectors(VECTORS), ALL, genres, artists, albums, ks=(1, 2, 3), k=k)


def test_precision_leaves_out_the_same_artist() -> None:
    found = score(["rock", "rock", "jazz", "rock"], ["a", "a", "b", "c"], [None] * 4)
    assert found.precision[1].tolist() == [0.0, 0.0, 0.0, 0.0]
    assert found.precision[2].tolist() == [0.5, 0.5, 0.0, 0.5]


def test_alpha_ndcg_prefers_lists_with_every_taste() -> None:
    tastes = [{1, 2, 3, 4}, {5, 6, 7, 8}]
    assert alpha_ndcg([1, 5, 2, 6], tastes, k=4) == pytest.approx(1)
    assert ndcg([1, 2, 3, 4], tastes[0] | tastes[1], k=4) == ndcg([1, 5, 2, 6], tastes[0] | tastes[1], k=4) == 1
    assert alpha_ndcg([1, 2, 3, 4], tastes, k=4) < alpha_ndcg([1, 2, 3, 5], tastes, k=4) < 1
    assert alpha_ndcg([9, 10], tastes, k=4) == 0


def test_unknown_artists_are_different_artists() -> None:
    assert score(["rock"] * 4, [None] * 4, [None] * 4).precision[3].tolist() == [1.0] * 4
    assert np.isnan(score(["rock"] * 4, [None] * 4, [None] * 4).artist_r_precision).all()


def test_track_of_unknown_genre_is_not_a_query() -> None:
    found = score(["", "x", "x", "x"], ["a", "b", "c", "d"], [None] * 4)
    assert np.isnan(found.precision[1][0])
    assert found.precision[1][1:].tolist() == [
        0.0,
        1.0,
        1.0,
    ]  # the nearest of track 1 is track 0, whose genre is unknown


def test_album_hits_and_artist_r_precision() -> None:
    near, wider = (score(["x"] * 4, ["a", "a", "b", "c"], ["x", "y", "x", None], k=k) for k in (1, 2))
    assert near.album_hit[0] == 0.0
    assert wider.album_hit[[0, 2]].tolist() == [1.0, 1.0]
    assert np.isnan(wider.album_hit[[1, 3]]).all()
    assert near.artist_r_precision[:2].tolist() == [1.0, 1.0]
    assert np.isnan(near.artist_r_precision[2:]).all()


def test_occurrences_exclude_the_query() -> None:
    found = score(["x"] * 4, [None] * 4, [None] * 4)
    assert found.occurrences.tolist() == [1, 2, 1, 0]


@given(n=st.integers(2, 30), k=st.integers(1, 12), seed=st.integers(0, 99))
def test_retrieval_agrees_with_a_full_sort(n: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 6, (n, n)).astype(np.float32)  # many ties
    genres = rng.choice(["p", "q", ""], n).tolist()
    artists = rng.choice(["a", "b", "c", ""], n).tolist()

    def scorer(queries: IdArray) -> FloatArray:
        return scores[queries]

    found = retrieval(scorer, np.arange(n), genres, artists, artists, ks=(k,), k=k)
    for query in range(n):
        order = [i for i in np.argsort(-scores[query], kind="stable").tolist() if i != query]
        others = [i for i in order if not artists[query] or artists[i] != artists[query]][:k]
        expected = np.mean([genres[i] == genres[query] for i in others]) if genres[query] and others else np.nan
        np.testing.assert_equal(found.precision[k][query], expected)
        same_artist = [i for i in order if artists[query] and artists[i] == artists[query]]
        np.testing.assert_equal(
            found.album_hit[query], float(bool(set(order[:k]) & set(same_artist))) if same_artist else np.nan
        )
        share = len(set(order[: len(same_artist)]) & set(same_artist)) / len(same_artist) if same_artist else np.nan
        np.testing.assert_equal(found.artist_r_precision[query], share)


def test_skewness_is_zero_for_equal_counts_and_large_for_a_hub() -> None:
    assert skewness(np.full(8, 3)) == 0.0
    assert skewness(np.array([8, 1, 0, 0, 0, 0, 0, 0])) > 2


def test_interval_draws_artists_not_tracks() -> None:
    scores = np.array([1.0] * 50 + [0.0] * 50)
    single = confidence_interval(scores, [None] * 100)
    two = confidence_interval(scores, ["a"] * 50 + ["b"] * 50)
    assert single[0] == two[0] == 0.5
    assert single[2] - single[1] < 0.3
    assert (two[1], two[2]) == (0.0, 1.0)
    assert np.isnan(confidence_interval(np.array([np.nan]), ["a"])).all()
    mean, low, high = confidence_interval(np.array([1.0, np.nan, 0.0]), ["a", "a", None])
    assert mean == 0.5
    assert low <= mean <= high


def test_ndcg_weights_early_hits_more() -> None:
    assert ndcg([1, 2, 3], {1, 2, 3}) == pytest.approx(1.0)
    assert ndcg([9, 1], {1}) == pytest.approx(1 / np.log2(3))
    assert ndcg([1, 9], {1}) > ndcg([9, 1], {1}) > ndcg([9, 8], {1}) == 0.0
    assert np.isnan(ndcg([1], set()))


@pytest.mark.parametrize("n", [1, 5, 40, 999, 1000, 2000])
def test_best_rows_are_those_of_a_stable_sort(n: int) -> None:
    from recsys.evaluate.metrics import best_rows

    scores = np.random.default_rng(n).integers(0, 200, 1000).astype(np.float32)  # many are equal
    np.testing.assert_array_equal(best_rows(scores, n), np.argsort(-scores, kind="stable")[:n])
