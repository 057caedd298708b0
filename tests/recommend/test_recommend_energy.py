import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recsys.features.schema import DIMENSIONS, index_of
from recsys.recommend.energy import energies, energy_rank, target_curve


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
