"""Metrics on lists whose scores are known by heart."""

import numpy as np
import pytest

from recsys.evaluate.metrics import album_hit_rate, genre_precision, k_occurrence_skewness, rank

# Four tracks on a line: 0 and 1 by artist a, 2 by b, 3 by c.
ANGLES = np.radians([0, 5, 12, 60])
VECTORS = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1).astype(np.float32)


def test_rank_puts_each_track_first_and_the_rest_by_angle() -> None:
    assert rank(VECTORS).tolist() == [[0, 1, 2, 3], [1, 0, 2, 3], [2, 1, 0, 3], [3, 2, 1, 0]]


def test_the_same_artist_never_counts() -> None:
    ranked = rank(VECTORS)
    genres, artists = ["rock", "rock", "jazz", "rock"], ["a", "a", "b", "c"]
    scores = genre_precision(ranked, genres, artists, k=1)
    assert scores.tolist() == [0.0, 0.0, 0.0, 0.0]
    assert genre_precision(ranked, genres, artists, k=2).tolist() == [0.5, 0.5, 0.0, 0.5]


def test_unknown_artists_are_not_one_artist() -> None:
    assert genre_precision(rank(VECTORS), ["rock"] * 4, [None] * 4, k=3).tolist() == [1.0] * 4


def test_unknown_genre_is_no_query() -> None:
    assert np.isnan(genre_precision(rank(VECTORS), ["", "x", "x", "x"], ["a", "b", "c", "d"])[0])


def test_album_hits() -> None:
    hits = album_hit_rate(rank(VECTORS), ["x", "y", "x", None], k=1)
    assert hits[0] == 0.0
    assert hits[2] == 0.0
    assert np.isnan(hits[1])
    assert np.isnan(hits[3])
    assert album_hit_rate(rank(VECTORS), ["x", "y", "x", None], k=2)[[0, 2]].tolist() == [1.0, 1.0]


def test_skewness_of_a_ring_is_nil_and_of_a_star_is_large() -> None:
    ring = np.stack([np.roll(np.arange(8), -i) for i in range(8)])
    assert k_occurrence_skewness(ring, k=1) == pytest.approx(0.0)
    star = np.stack([np.r_[i, 0, [j for j in range(1, 8) if j != i]] if i else np.arange(8) for i in range(8)])
    assert k_occurrence_skewness(star, k=1) > 2
