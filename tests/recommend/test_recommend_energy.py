import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recsys.features.layout import DIMENSIONS, index_of
from recsys.features.mood import valence_arousal
from recsys.features.scaling import raw
from recsys.recommend.energy import energies, wanted


@pytest.mark.parametrize("name", ["loudness_lufs", "onset_rate", "centroid_mean", "tempo_log2"])
def test_what_is_louder_busier_brighter_or_faster_has_more(name: str) -> None:
    tracks = np.zeros((3, len(DIMENSIONS)), np.float32)
    tracks[:, index_of(name)] = [-8, 0, 8]
    low, middle, high = energies(tracks)
    assert 0 < low < middle < high < 1


def test_energy_follows_arousal() -> None:
    tracks = np.random.default_rng(0).standard_normal((50, len(DIMENSIONS))).astype(np.float32)
    tracks[:, [index_of(name) for name in ("loudness_lufs", "onset_rate", "centroid_mean", "tempo_log2")]] = 0
    arousal = valence_arousal(raw(tracks))[:, 1]
    assert (energies(tracks).argsort() == arousal.argsort()).all()


@given(arrays(np.float64, st.integers(0, 12), elements=st.floats(0, 1)))
def test_the_wanted_energies_are_those_that_there_are(energy: np.ndarray) -> None:
    rising, falling, arc = wanted(energy, "rising"), wanted(energy, "falling"), wanted(energy, "arc")
    for shape in (rising, falling, arc):
        assert sorted(shape) == sorted(energy)
    assert np.all(np.diff(rising) >= 0)
    assert falling.tolist() == rising[::-1].tolist()
    if len(arc):
        top = int(arc.argmax())
        assert np.all(np.diff(arc[: top + 1]) >= 0)
        assert np.all(np.diff(arc[top:]) <= 0)
        assert abs(top - (len(arc) - 1) / 2) <= 1 or arc.max() == np.median(arc)
