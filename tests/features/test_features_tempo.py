"""Tempo estimation for signals of known tempo."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signals import clicks, music, noise, silence, tone

from recsys.audio.excerpts import read_whole
from recsys.features.spectrum import Spectrum
from recsys.features.tempo import MAX_BPM, MIN_BPM, estimate_tempo


def windows(y: np.ndarray, count: int = 5, seconds: float = 6.0, sr: int = 22050) -> list[Spectrum]:
    length = round(seconds * sr)
    starts = np.linspace(0, len(y) - length, count).astype(int)
    return [Spectrum(y[start : start + length]) for start in starts]


def backbeat(bpm: float, seconds: float = 30.0, sr: int = 22050) -> np.ndarray:
    """Kick on 1 and 3, snare on 2 and 4, hi-hat on every half beat; snare and hi-hat are noise."""
    rng = np.random.default_rng(0)
    t = np.arange(round(0.15 * sr)) / sr
    kick = np.sin(2 * np.pi * 60 * t) * np.exp(-20 * t)
    hiss = rng.standard_normal(len(t))
    snare, hat = 0.5 * hiss * np.exp(-30 * t), 0.1 * np.diff(hiss, prepend=0) * np.exp(-80 * t)
    y = np.zeros(round((seconds + 1) * sr))
    for i, onset in enumerate(np.arange(0, seconds, 30 / bpm)):
        for sound, plays in ((kick, i % 4 == 0), (snare, i % 4 == 2), (hat, True)):
            if plays:
                y[round(onset * sr) : round(onset * sr) + len(t)] += sound
    return y[: round(seconds * sr)].astype(np.float32) / 2


@pytest.mark.parametrize("bpm", [60, 75, 90, 105, 120, 128, 140, 150, 174])
def test_tempo_of_clicks(bpm: float) -> None:
    tempo = estimate_tempo([Spectrum(clicks(bpm, 30.0))])
    assert tempo.bpm == pytest.approx(bpm, rel=0.01)
    assert tempo.confidence > 0.3
    assert tempo.pulse_clarity > 0.5


@pytest.mark.parametrize("bpm", [60, 90, 120, 174])
def test_tempo_of_clicks_in_five_short_windows(bpm: float) -> None:
    assert estimate_tempo(windows(clicks(bpm, 60.0))).bpm == pytest.approx(bpm, rel=0.01)


@pytest.mark.parametrize(("bpm", "pace"), [(100, 0), (120, 0), (160, 0), (175, 0), (190, 2), (205, 2)])
def test_tempo_of_a_backbeat_is_not_halved(bpm: float, pace: float) -> None:
    y = backbeat(bpm)
    for spectra in ([Spectrum(y)], windows(y)):
        assert estimate_tempo(spectra, pace).bpm == pytest.approx(bpm, rel=0.02)


@pytest.mark.parametrize(("pace", "bpm", "alternative"), [(0.0, 120, 240), (3.0, 240, 120)])
def test_tempo_of_clicks_at_240_bpm_depends_on_the_pace(pace: float, bpm: float, alternative: float) -> None:
    tempo = estimate_tempo([Spectrum(clicks(240, 20.0))], pace)
    assert tempo.bpm == pytest.approx(bpm, rel=0.01)
    assert tempo.alternative_bpm == pytest.approx(alternative, rel=0.01)


@pytest.mark.parametrize("bpm", [90, 128, 180])
def test_alternative_tempo_is_a_related_one(bpm: float) -> None:
    tempo = estimate_tempo([Spectrum(backbeat(bpm))])
    assert tempo.alternative_bpm is not None
    assert tempo.alternative_probability is not None
    ratio = tempo.alternative_bpm / tempo.bpm
    assert min(abs(ratio / related - 1) for related in (1 / 3, 1 / 2, 2 / 3, 3 / 4, 4 / 3, 3 / 2, 2, 3)) < 0.03
    assert 0 < tempo.alternative_probability < tempo.confidence


def test_tempo_of_music_is_that_of_its_clicks() -> None:
    assert estimate_tempo([Spectrum(music(20.0))]).bpm == pytest.approx(120, rel=0.01)


@pytest.mark.parametrize("bpm", [61.3, 97.3, 104.9, 133.3, 141.9, 171.1, 187.3])
def test_tempo_is_more_accurate_than_frames_and_candidates(bpm: float) -> None:
    """Candidates are 1.25 per cent apart, and a period of 190 BPM has 13.6 frames."""
    starts = 0.137 * np.arange(5)
    windows = [np.arange(6 * 22050) / 22050 + start for start in starts]
    clicks = [np.sin(2 * np.pi * 1000 * t) * np.exp(-50 * (t % (60 / bpm))) for t in windows]
    estimated = estimate_tempo([Spectrum(y.astype(np.float32)) for y in clicks]).bpm
    octave = 2.0 ** np.rint(np.log2(estimated / bpm))
    assert estimated / octave == pytest.approx(bpm, rel=0.0018)


@pytest.mark.parametrize(
    "y",
    [silence(10.0), noise(10.0), tone(440, 10.0), silence(0.2), np.zeros(1, np.float32)],
    ids=["silence", "noise", "tone", "short silence", "one sample"],
)
def test_signal_without_pulse_has_no_tempo(y: np.ndarray) -> None:
    tempo = estimate_tempo([Spectrum(y)])
    assert (tempo.bpm, tempo.confidence) == (0, 0)
    assert (tempo.alternative_bpm, tempo.alternative_probability) == (None, None)


@pytest.mark.parametrize("seed", range(5))
def test_short_windows_of_noise_have_no_tempo(seed: int) -> None:
    assert estimate_tempo(windows(noise(40.0, seed=seed))).bpm == 0


def test_pulse_clarity_is_lower_in_noise() -> None:
    y = clicks(110, 20.0)
    clean, dirty = (estimate_tempo([Spectrum(x)]) for x in (y, y + noise(20.0, amplitude=0.2)[: y.size]))
    assert clean.pulse_clarity > dirty.pulse_clarity


def test_tempo_is_independent_of_level() -> None:
    y = music(10.0)
    loud, soft = estimate_tempo([Spectrum(y)]), estimate_tempo([Spectrum(0.05 * y)])
    assert loud.bpm == pytest.approx(soft.bpm, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "bpm"), [("happy_acoustic_1", 110), ("energetic_acoustic_1", 132), ("tender_acoustic_1", 90)]
)
def test_tempo_of_generated_music_is_the_requested_one(name: str, bpm: float) -> None:
    package = pytest.importorskip("immich_memories_music", reason="the demo tracks are not installed")
    tracks = Path(package.__file__).parent / "tracks"
    excerpts = read_whole(tracks / name.split("_")[0] / f"{name}.opus")
    tempo = estimate_tempo([Spectrum(window.y) for window in excerpts.windows])
    assert tempo.bpm == pytest.approx(bpm, rel=0.04)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.3, 8.0))
def test_tempo_of_any_signal_is_in_range(seed: int, seconds: float) -> None:
    rng = np.random.default_rng(seed)
    y = (rng.standard_normal(round(seconds * 22050)) * (rng.random(round(seconds * 22050)) < 0.001)).astype(np.float32)
    tempo = estimate_tempo([Spectrum(y)])
    assert tempo.bpm == 0 or 0.98 * MIN_BPM <= tempo.bpm <= 1.02 * MAX_BPM
    assert 0 <= tempo.confidence <= 1
    assert 0 <= tempo.pulse_clarity <= 1
    if tempo.alternative_bpm is None:
        assert tempo.alternative_probability is None
    else:
        assert tempo.alternative_probability is not None
        assert MIN_BPM <= tempo.alternative_bpm <= MAX_BPM
        assert abs(np.log(tempo.alternative_bpm / tempo.bpm)) > 0.04
        assert 0 <= tempo.alternative_probability <= 1 - tempo.confidence + 1e-9
