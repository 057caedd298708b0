"""Stretches of one genre from what is said of windows, on windows whose genre is known."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.domain.audio import GenrePrediction
from recsys.genre.segments import SWITCH_PENALTY, find_segments, viterbi

SURE, UNSURE = 0.9, 0.45


def said(genre: str, probability: float = SURE, told: str | None = None) -> GenrePrediction:
    genres = {"jazz": (1 - probability) / 2, "metal": (1 - probability) / 2, "folk": (1 - probability) / 2}
    genres[genre] = probability
    return GenrePrediction(told or genre, probability, genres, "test")


def bounds(n: int) -> list[tuple[float, float]]:
    return [(6.0 * i, 6.0 * i + 6.0) for i in range(n)]


def test_neighbours_of_one_genre_are_one_stretch() -> None:
    found = find_segments(bounds(6), [said("jazz")] * 4 + [said("metal")] * 2)
    assert [(s.start, s.end, s.genre) for s in found] == [(0, 24, "jazz"), (24, 36, "metal")]
    assert [s.probability for s in found] == pytest.approx([SURE, SURE], abs=1e-3)


def test_a_single_doubtful_window_does_not_tear_a_stretch_apart() -> None:
    windows = [said("jazz")] * 3 + [said("metal", UNSURE)] + [said("jazz")] * 3
    assert [s.genre for s in find_segments(bounds(7), windows)] == ["jazz"]
    windows[3] = said("metal", 0.999)  # but one that is beyond doubt does
    assert [s.genre for s in find_segments(bounds(7), windows)] == ["jazz", "metal", "jazz"]


def test_doubt_makes_a_stretch_less_probable() -> None:
    [found] = find_segments(bounds(3), [said("jazz"), said("jazz", UNSURE), said("jazz")])
    assert UNSURE < found.probability < SURE


def test_a_stretch_that_is_too_doubtful_is_unknown() -> None:
    doubtful = [said("jazz", UNSURE, "unknown")] * 6 + [said("metal", UNSURE, "unknown")] * 6
    found = find_segments(bounds(15), [*doubtful, *[said("folk")] * 3])
    assert [(s.start, s.end, s.genre) for s in found] == [(0, 72, "unknown"), (72, 90, "folk")]
    assert found[0].probability < 0.5
    windows = [said("jazz"), said("jazz", UNSURE, "unknown"), said("jazz")]
    assert [s.genre for s in find_segments(bounds(3), windows)] == ["jazz"]


def test_a_pause_ends_a_stretch() -> None:
    places = [(0.0, 6.0), (6.0, 12.0), (40.0, 46.0)]
    found = find_segments(places, [said("jazz")] * 3)
    assert [(s.start, s.end) for s in found] == [(0, 12), (40, 46)]


def test_nothing_heard_is_no_stretch() -> None:
    assert find_segments([], []) == []


@given(st.lists(st.sampled_from(["jazz", "metal", "folk"]), min_size=1, max_size=30), st.floats(0.4, 0.999))
def test_stretches_cover_all_in_order(genres: list[str], probability: float) -> None:
    places = bounds(len(genres))
    found = find_segments(places, [said(genre, probability) for genre in genres])
    assert (found[0].start, found[-1].end) == (0, places[-1][1])
    assert all(one.end == other.start and one.genre != other.genre for one, other in pairwise(found))
    assert all(0 < s.probability <= 1 for s in found)


def test_the_path_is_the_best_of_all_paths() -> None:
    logs = np.log(np.random.default_rng(0).dirichlet(np.ones(3), 6))

    def worth(path: tuple[int, ...]) -> float:
        return float(logs[range(6), path].sum() - SWITCH_PENALTY * np.count_nonzero(np.diff(path)))

    best = max(worth(path) for path in np.ndindex(3, 3, 3, 3, 3, 3))
    assert worth(tuple(viterbi(logs, SWITCH_PENALTY))) == pytest.approx(best)
