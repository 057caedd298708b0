"""Segments of one genre from predictions for windows."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.domain.audio import GenrePrediction
from recsys.genre.segments import SWITCH_PENALTY, find_segments, viterbi

CERTAIN, UNCERTAIN = 0.9, 0.45


def prediction(genre: str, probability: float = CERTAIN, predicted: str | None = None) -> GenrePrediction:
    genres = {"jazz": (1 - probability) / 2, "metal": (1 - probability) / 2, "folk": (1 - probability) / 2}
    genres[genre] = probability
    return GenrePrediction(predicted or genre, probability, genres, "test")


def bounds(n: int) -> list[tuple[float, float]]:
    return [(6.0 * i, 6.0 * i + 6.0) for i in range(n)]


def test_adjacent_windows_of_one_genre_are_one_segment() -> None:
    found = find_segments(bounds(6), [prediction("jazz")] * 4 + [prediction("metal")] * 2)
    assert [(s.start, s.end, s.genre) for s in found] == [(0, 24, "jazz"), (24, 36, "metal")]
    assert [s.probability for s in found] == pytest.approx([CERTAIN, CERTAIN], abs=1e-3)


def test_single_uncertain_window_does_not_split_a_segment() -> None:
    windows = [prediction("jazz")] * 3 + [prediction("metal", UNCERTAIN)] + [prediction("jazz")] * 3
    assert [s.genre for s in find_segments(bounds(7), windows)] == ["jazz"]
    windows[3] = prediction("metal", 0.999)  # a certain one does
    assert [s.genre for s in find_segments(bounds(7), windows)] == ["jazz", "metal", "jazz"]


def test_uncertain_window_lowers_the_probability_of_a_segment() -> None:
    [found] = find_segments(bounds(3), [prediction("jazz"), prediction("jazz", UNCERTAIN), prediction("jazz")])
    assert UNCERTAIN < found.probability < CERTAIN


def test_uncertain_segment_is_unknown() -> None:
    uncertain = [prediction("jazz", UNCERTAIN, "unknown")] * 6 + [prediction("metal", UNCERTAIN, "unknown")] * 6
    found = find_segments(bounds(15), [*uncertain, *[prediction("folk")] * 3])
    assert [(s.start, s.end, s.genre) for s in found] == [(0, 72, "unknown"), (72, 90, "folk")]
    assert found[0].probability < 0.5
    windows = [prediction("jazz"), prediction("jazz", UNCERTAIN, "unknown"), prediction("jazz")]
    assert [s.genre for s in find_segments(bounds(3), windows)] == ["jazz"]


def test_gap_between_windows_ends_a_segment() -> None:
    spans = [(0.0, 6.0), (6.0, 12.0), (40.0, 46.0)]
    found = find_segments(spans, [prediction("jazz")] * 3)
    assert [(s.start, s.end) for s in found] == [(0, 12), (40, 46)]


def test_no_windows_give_no_segments() -> None:
    assert find_segments([], []) == []


@given(st.lists(st.sampled_from(["jazz", "metal", "folk"]), min_size=1, max_size=30), st.floats(0.4, 0.999))
def test_segments_cover_all_windows_in_order(genres: list[str], probability: float) -> None:
    spans = bounds(len(genres))
    found = find_segments(spans, [prediction(genre, probability) for genre in genres])
    assert (found[0].start, found[-1].end) == (0, spans[-1][1])
    assert all(one.end == other.start and one.genre != other.genre for one, other in pairwise(found))
    assert all(0 < s.probability <= 1 for s in found)


def test_viterbi_path_is_the_best_of_all_paths() -> None:
    logs = np.log(np.random.default_rng(0).dirichlet(np.ones(3), 6))

    def score(path: tuple[int, ...]) -> float:
        return float(logs[range(6), path].sum() - SWITCH_PENALTY * np.count_nonzero(np.diff(path)))

    best = max(score(path) for path in np.ndindex(3, 3, 3, 3, 3, 3))
    assert score(tuple(viterbi(logs, SWITCH_PENALTY))) == pytest.approx(best)
