"""Rhythm descriptors of known signals, and onset strength against librosa."""

import librosa
import numpy as np
import pytest
from signals import chord, clicks, music, noise, silence, tone

from recsys.features.rhythm import RHYTHM_NAMES, describe_rhythm, onset_strength
from recsys.features.spectrum import Spectrum


def describe(y: np.ndarray) -> dict[str, float]:
    return dict(zip(RHYTHM_NAMES, describe_rhythm([Spectrum(y)]).tolist(), strict=True))


@pytest.mark.parametrize(
    "y", [music(3.0), noise(2.0), clicks(120, 4.0), silence(1.0)], ids=["music", "noise", "clicks", "silence"]
)
def test_onset_strength_agrees_with_librosa(y: np.ndarray) -> None:
    spectrum = Spectrum(y)
    expected = librosa.onset.onset_strength(S=spectrum.mel_db, sr=22050, n_fft=2048, hop_length=512)
    np.testing.assert_allclose(onset_strength(spectrum), expected, atol=1e-4)


def test_every_dimension_has_a_unique_name() -> None:
    assert len(set(RHYTHM_NAMES)) == len(RHYTHM_NAMES) == describe_rhythm([Spectrum(music(3.0))]).size


def test_onset_rate_of_clicks() -> None:
    found = describe(clicks(120, 30.0))
    assert found["onset_rate"] == pytest.approx(2.0, rel=0.05)
    assert found["tempo_log2"] == pytest.approx(0.0, abs=0.02)


def test_periodicity_peaks_at_the_period_of_clicks() -> None:
    found = describe(clicks(60 / 0.487, 20.0))
    periods = [name for name in RHYTHM_NAMES if name.startswith("periodicity_")]
    assert "periodicity_0.49s" in sorted(periods, key=lambda name: found[name])[-3:]  # among its multiples
    assert found["periodicity_0.49s"] > 0.5 > 0.1 > found["periodicity_0.24s"]


def test_fluctuation_pattern_peaks_at_the_rate_of_a_tremolo() -> None:
    t = np.arange(12 * 22050) / 22050
    y = (chord((60, 64, 67), 12.0) * (1 + 0.9 * np.sin(2 * np.pi * 5 * t))).astype(np.float32)
    found = describe(y)
    bands = [name.split("_")[1] for name in RHYTHM_NAMES if name.startswith("fluctuation_")]
    rates = {n.split("_")[2] for n in RHYTHM_NAMES if n.startswith("fluctuation_")}
    total = {rate: sum(found[f"fluctuation_{r}_{rate}"] for r in set(bands)) for rate in rates}
    assert max(total, key=lambda rate: total[rate]) == "4.4hz"


def test_rhythm_of_silence_and_short_windows_is_finite() -> None:
    for y in (silence(6.0), silence(0.3), tone(440, 0.3), np.zeros(1, np.float32)):
        assert np.isfinite(describe_rhythm([Spectrum(y)])).all()


def test_rhythm_is_independent_of_level() -> None:
    y = music(8.0)
    np.testing.assert_allclose(describe_rhythm([Spectrum(y)]), describe_rhythm([Spectrum(0.1 * y)]), atol=2e-2)


def test_rhythm_of_equal_windows_is_that_of_one() -> None:
    y = clicks(120, 6.0)
    one, many = describe_rhythm([Spectrum(y)]), describe_rhythm([Spectrum(y), Spectrum(y)])
    np.testing.assert_allclose(one, many, atol=1e-4)
