"""One performance in several files is recognised by its fingerprint, and versions of it are not."""

import numpy as np
import pytest
from performance_signals import make_fingerprint, make_music

from recsys.audio.windows import place_windows
from recsys.domain.arrays import DoubleArray
from recsys.errors import FeatureMismatch
from recsys.features.schema import DIMENSIONS
from recsys.recommend import performances
from recsys.recommend.fingerprint import COLUMNS, N_HARMONY, Fingerprint, fit_keys, keys_of, music_bounds
from recsys.recommend.performances import Evidence, _variance, compare, is_same, needs_audio

SEEDS = range(6)


def same(one: Fingerprint, other: Fingerprint) -> bool:
    """The decision for tracks with similar keys; it must not depend on the order."""
    decided = is_same(compare(one, other), 1.0)
    assert compare(other, one) == compare(one, other)
    return decided


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("seconds", [8.0, 31.0, 36.0, 180.0, 900.0])
def test_another_encoding_with_other_silence_is_the_same(seed: int, seconds: float) -> None:
    music = make_music(seed, seconds)
    assert same(make_fingerprint(music), make_fingerprint(music, seed=1, before=3.0, after=9.0))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("cut", [(0.5, 0.0), (3.0, 0.0), (0.0, 5.0), (10.0, 0.0), (4.0, 9.0), (10.0, 10.0)])
def test_music_that_is_cut_off_is_the_same(seed: int, cut: tuple[float, float]) -> None:
    music = make_music(seed)
    assert same(make_fingerprint(music), make_fingerprint(music.cut(*cut), seed=1, before=1.0))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("factor", [0.9, 0.97, 1.02, 1.05])
@pytest.mark.parametrize("has_pulse", [True, False])
def test_another_tempo_is_another_performance(seed: int, factor: float, has_pulse: bool) -> None:
    music = make_music(seed, bpm=100.0 if has_pulse else 0.0)
    assert not same(make_fingerprint(music), make_fingerprint(music.stretched(factor), seed=1))


def test_variance_is_that_of_the_windows_and_at_least_one_hundredth() -> None:
    windows = np.zeros((3, 2 * N_HARMONY), np.float32)
    windows[:, :N_HARMONY] = np.array([[0.0], [1.0], [2.0]])
    track = Fingerprint(windows, np.arange(3.0), 0.0, 10.0, 0.0)
    assert _variance(track).tolist() == [1.0, 0.01]
    assert _variance(track._replace(windows=windows[:1], starts=track.starts[:1])).tolist() == [0.01, 0.01]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_part_that_is_inserted_makes_another_performance(seed: int) -> None:
    music = make_music(seed)
    assert not same(make_fingerprint(music), make_fingerprint(music.repeated(70.0, 15.0), seed=1))


@pytest.mark.parametrize("seed", SEEDS)
def test_another_mix_is_another_performance(seed: int) -> None:
    """Every window is at the same position, and differs a bit."""
    music = make_music(seed)
    other = make_fingerprint(music.shifted(0.35), seed=1)
    assert 0.25 < compare(make_fingerprint(music), other).unequal < 0.5
    assert not same(make_fingerprint(music), other)
    cut = make_fingerprint(music.shifted(0.35).cut(2.0, 0.0), seed=1)
    assert not same(make_fingerprint(music), cut)


def test_other_music_of_the_same_length_is_another_performance() -> None:
    prints = [make_fingerprint(make_music(seed, 120.0)) for seed in range(20)]
    assert not any(same(one, other) for i, one in enumerate(prints) for other in prints[:i])


def test_an_excerpt_is_another_performance() -> None:
    music = make_music(0)
    assert not same(make_fingerprint(music), make_fingerprint(music.cut(40.0, 40.0), seed=1))
    assert not same(make_fingerprint(music), make_fingerprint(music.cut(0.0, 25.0), seed=1))


def test_keys_that_are_not_similar_are_decisive() -> None:
    found = make_fingerprint(make_music(0))
    assert is_same(compare(found, found), performances.KEY_DISTANCE)
    assert not is_same(compare(found, found), performances.KEY_DISTANCE + 0.1)


def cut_evidence(*, seconds: float = 60.0, different: float = -1.0) -> Evidence:
    """What a clear cut has."""
    return Evidence(np.inf, seconds, 0.5, 1.0, 0.1, 1.0, -1.0, -1.0, different, 0.0)


def test_the_limit_of_difference_is_that_of_similar_keys_up_to_a_distance() -> None:
    limit, near, far = performances.MAX_DIFFERENT, performances.NEAR_KEY, performances.NEAR_KEY + 1
    for key_distance in (0.0, near):
        assert is_same(cut_evidence(different=limit - 0.01), key_distance)
        assert not is_same(cut_evidence(different=limit), key_distance)
    assert not is_same(cut_evidence(different=limit - 0.01), far)
    assert is_same(cut_evidence(different=limit + performances.DIFFERENT_PER_KEY - 0.01), far)


@pytest.mark.parametrize(("measure", "limit"), [("misfit", 1.9), ("worst_misfit", 4.0), ("inserted", 0.15)])
def test_a_cut_is_below_each_limit(measure: str, limit: float) -> None:
    assert is_same(cut_evidence()._replace(**{measure: limit - 0.01}), 0.0)
    assert not is_same(cut_evidence()._replace(**{measure: limit}), 0.0)


def test_music_of_the_shortest_length_for_cuts_has_the_usual_limit_of_keys() -> None:
    unlikely = performances.LIKELY_DIFFERENT + 0.1
    between = (performances.PLAUSIBLE_KEY + performances.SHORT_KEY_DISTANCE) / 2
    assert needs_audio(cut_evidence(seconds=performances.SHORTEST_CUT - 0.1, different=unlikely), between)
    assert not needs_audio(cut_evidence(seconds=performances.SHORTEST_CUT, different=unlikely), between)


def test_the_last_window_of_music_without_gaps_may_be_longer_in_one_file() -> None:
    """It has other sounds then, so only the windows before it count."""
    long = make_fingerprint(make_music(0, 20.0))
    windows = long.windows.copy()
    windows[-1] += 1.0
    short = long._replace(windows=windows, end=long.end - 0.1)
    assert long.is_contiguous
    assert short.is_contiguous
    assert compare(long, short).unequal == 0.0
    assert compare(long, long._replace(windows=windows)).unequal > 0.5


@pytest.mark.parametrize("begin", [0.0, 0.4, 5.0])
@pytest.mark.parametrize("seconds", [30.5, 31.0, 33.2, 33.5, 34.0, 36.9, 37.5, 60.0, 3600.0])
def test_the_bounds_of_the_music_follow_from_its_windows(begin: float, seconds: float) -> None:
    starts = np.array([start for start, _ in place_windows(begin, begin + seconds, count=5, seconds=6.0)])
    np.testing.assert_allclose(music_bounds(starts, begin + seconds + 0.2), (begin, begin + seconds), atol=1e-6)


@pytest.mark.parametrize(("seconds", "end"), [(4.0, 4.0), (6.0, 6.0), (8.0, 8.0), (29.0, 29.0)])
def test_the_end_of_short_music_is_that_of_the_file(seconds: float, end: float) -> None:
    starts = np.array([start for start, _ in place_windows(1.0, 1.0 + seconds, count=5, seconds=6.0)])
    assert music_bounds(starts, 1.0 + seconds) == (1.0, 1.0 + end)
    assert music_bounds(starts, 100.0)[1] <= starts[-1] + 6.0


def test_keys_keep_the_directions_in_which_files_of_one_performance_differ_least() -> None:
    rng = np.random.default_rng(0)
    deviations = np.geomspace(0.1, 10.0, 8)
    differences: DoubleArray = rng.standard_normal((4000, 8)) * deviations
    matrix = fit_keys(differences, ridge=0.0, dimensions=3)
    assert matrix.shape == (8, 3)
    np.testing.assert_allclose((differences @ matrix).std(axis=0), 1.0, rtol=0.05)
    assert np.abs(matrix[3:]).max() < 0.05 * np.abs(matrix[:3]).max()


def test_keys_need_all_features() -> None:
    assert keys_of(np.zeros((2, len(DIMENSIONS)), np.float32)).shape == (2, 64)
    with pytest.raises(FeatureMismatch):
        keys_of(np.zeros((2, 12), np.float32))
    assert {DIMENSIONS[i].group for i in COLUMNS} == {"harmony", "rhythm"}
