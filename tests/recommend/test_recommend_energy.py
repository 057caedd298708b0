import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recsys.features.mood import axis_log_odds, valence_arousal
from recsys.features.scaling import denormalise
from recsys.features.schema import DIMENSIONS, index_of
from recsys.recommend.energy import drive_scores, energies, energy_rank, target_curve


def test_median_track_of_the_reference_has_energy_one_half() -> None:
    assert energy_rank(np.array([0.0, 2.0]), np.array([0.0, -1.0])).tolist() == [0.5, 0.5]


@pytest.mark.parametrize("name", ["loudness_lufs", "onset_rate", "centroid_mean", "tempo_log2"])
def test_energy_rises_with_loudness_onsets_brightness_and_tempo(name: str) -> None:
    tracks = np.zeros((3, len(DIMENSIONS)), np.float32)
    tracks[:, index_of(name)] = [-8, 0, 8]
    low, middle, high = energies(tracks)
    assert 0 <= low < middle < high <= 1


def test_energy_rises_with_arousal_at_equal_drive() -> None:
    tracks = np.zeros((3, len(DIMENSIONS)), np.float32)
    for name in ("msd_tag_metal", "msd_tag_heavy metal", "msd_tag_hard rock", "mtt_tag_loud", "mtt_tag_rock"):
        tracks[2, index_of(name)] = 3
    for name in ("msd_tag_ambient", "msd_tag_Mellow", "mtt_tag_ambient", "mtt_tag_quiet", "mtt_tag_slow"):
        tracks[0, index_of(name)] = 3
    low, middle, high = energies(tracks)
    assert low < middle < high


@given(arrays(np.float64, st.integers(0, 12), elements=st.floats(0, 1)))
def test_target_curves_sort_the_energies_of_the_tracks(energy: np.ndarray) -> None:
    rising, falling, arc = target_curve(energy, "rising"), target_curve(energy, "falling"), target_curve(energy, "arc")
    for curve in (rising, falling, arc):
        assert sorted(curve) == sorted(energy)
    assert np.all(np.diff(rising) >= 0)
    assert falling.tolist() == rising[::-1].tolist()
    if len(arc):
        top = int(arc.argmax())
        assert np.all(np.diff(arc[: top + 1]) >= 0)
        assert np.all(np.diff(arc[top:]) <= 0)
        peaks = np.flatnonzero(arc == arc.max())
        assert np.abs(peaks - (len(arc) - 1) / 2).min() <= 1


@pytest.mark.parametrize(
    ("drive", "arousal", "combined"),
    [(1.0, 0.0, 1 / 2.78), (0.0, 1.0, 2 / 2.78), (1.5, -0.5, 0.5 / 2.78), (-4, -3, -10 / 2.78)],
)
def test_energy_is_the_logistic_of_drive_and_twice_the_arousal(drive: float, arousal: float, combined: float) -> None:
    [rank] = energy_rank(np.array([drive]), np.array([arousal]))
    assert rank == pytest.approx(1 / (1 + np.exp(-1.702 * combined)), rel=1e-9)


def test_drive_is_the_sum_of_four_descriptors_in_standard_deviations() -> None:
    tracks = np.random.default_rng(0).standard_normal((3, len(DIMENSIONS))).astype(np.float32)
    names = ("loudness_lufs", "onset_rate", "centroid_mean", "tempo_log2")
    expected = sum(tracks[:, index_of(name)].astype(float) for name in names) / 2.5
    assert drive_scores(tracks) == pytest.approx(expected)


def test_energy_has_the_arousal_of_the_mood_model_relative_to_the_reference() -> None:
    tracks = np.random.default_rng(0).standard_normal((4, len(DIMENSIONS))).astype(np.float32)
    log_odds = axis_log_odds(valence_arousal(denormalise(tracks))[:, 1])
    assert np.ptp(log_odds) > 0.1
    assert energies(tracks) == pytest.approx(energy_rank(drive_scores(tracks), (log_odds + 0.24) / 0.65))


def test_arc_has_every_second_energy_on_the_way_up() -> None:
    energy = np.array([0.3, 0.1, 0.5, 0.2, 0.4])
    assert target_curve(energy, "arc").tolist() == [0.1, 0.3, 0.5, 0.4, 0.2]
    assert target_curve(energy[:4], "arc").tolist() == [0.1, 0.3, 0.5, 0.2]
