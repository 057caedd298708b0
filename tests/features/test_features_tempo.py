"""Tempo estimation for signals of known tempo, and each of its steps by its definition."""

import json
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signals import clicks, music, noise, silence, tone

from recsys.audio.excerpts import read_whole
from recsys.domain.arrays import DoubleArray
from recsys.errors import ModelError
from recsys.features import tempo as module
from recsys.features.spectrum import Spectrum
from recsys.features.tempo import MAX_BPM, MIN_BPM, autocorrelation, estimate_tempo, tempo_features


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


class Window(Spectrum):
    """A window whose novelty (4, t) is given."""

    def __init__(self, bands: np.ndarray) -> None:
        super().__init__(silence(0))
        self.bands = bands


@pytest.fixture
def given_novelty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "novelty", lambda window: window.bands)


def pulses(period: float, t: int = 600, offbeat: float = 0.4, seed: int = 0) -> Window:
    """A pulse every ``period`` frames, in the high bands a weaker one between each two, and noise."""
    frames, noise = np.arange(t), 0.05 * np.random.default_rng(seed).random((4, t))
    beat, half = (np.exp(-0.5 * (((frames + shift) % period - 4) / 1.2) ** 2) for shift in (0, period / 2))
    return Window(np.stack([beat, beat, offbeat * half + beat, half]) + noise)


def envelopes(window: Window) -> DoubleArray:
    """All, low and high bands of a window without silent bands."""
    bands = window.bands / window.bands.std(axis=1, keepdims=True)
    rows = np.stack([bands.sum(axis=0), bands[0] + bands[1], bands[2] + bands[3]])
    return rows - rows.mean(axis=1, keepdims=True)


def autocorrelation_by_definition(windows: list[Window], max_lag: int) -> DoubleArray:
    """The mean product of all pairs of frames of one window that are so far apart, relative to lag 0."""
    rows = [envelopes(window) for window in windows]
    mean = np.zeros((3, max_lag + 1))
    for lag in range(min(max_lag, int(0.9 * max(row.shape[1] for row in rows))) + 1):
        products = [row[:, lag:] * row[:, : row.shape[1] - lag] for row in rows if row.shape[1] > lag]
        mean[:, lag] = np.concatenate(products, axis=1).mean(axis=1)
    return mean / mean[:, :1]


@pytest.mark.usefixtures("given_novelty")
@pytest.mark.parametrize("max_lag", [0, 3, 4, 15, 16, 17, 18, 19, 30])
@pytest.mark.parametrize("lengths", [(20,), (20, 5), (7, 12, 20), (5,)])
def test_autocorrelation_is_the_mean_product_over_all_windows(lengths: tuple[int, ...], max_lag: int) -> None:
    rng = np.random.default_rng(1)
    windows = [Window(rng.random((4, t))) for t in lengths]
    expected = autocorrelation_by_definition(windows, max_lag)
    np.testing.assert_allclose(autocorrelation(windows, max_lag), expected, atol=1e-12)


@pytest.mark.usefixtures("given_novelty")
def test_silent_bands_do_not_count_and_the_others_count_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    wave = np.tile([1.0, -1.0], 8)
    other = np.repeat([1.0, -1.0], 8)
    quiet, loud, silent = 0.002 * wave + 5, 30 * other + 1, 0.0009 * wave
    window = Window(np.stack([quiet, silent, silent, loud]))
    np.testing.assert_allclose(module._band_envelopes(window), [wave + other, wave, other], atol=1e-9)
    monkeypatch.setattr(module, "_SILENCE_DB", 2.0)  # of which the deviation is an exact number
    window = Window(np.stack([2 * wave, 2.1 * wave, other, other]))
    np.testing.assert_allclose(module._band_envelopes(window), [wave, wave, 0 * wave], atol=1e-9)
    opposite = Window(np.stack([wave, other, -0.5 * wave, -0.5 * other]) * 8)
    assert np.all(autocorrelation([opposite], 3)[0] == 0)  # all bands together are constant
    faint = Window(np.stack([3.0 * wave, np.roll(3.0 * wave, 1), 3.0 * other, -3.0 * other + 0.5 * (other > 0)]))
    assert autocorrelation([faint], 3)[:, 0].tolist() == [1, 0, 1]


def magnitudes_by_definition(windows: list[Window], size: int) -> DoubleArray:
    """Of the Fourier transform at each rate of each candidate, between the two nearest bins of ``size``; at most 1."""
    rates = [1 / 4, 1 / 2, 2 / 3, 1, 3 / 2, 2, 3, 4, 6, 8]
    per_frame = 22050 / 512 * 60  # frames in a minute
    bins = np.minimum(np.outer(rates, module.CANDIDATE_BPM) / per_frame * size, size / 2)
    whole = np.floor(bins).astype(int)
    total = np.zeros_like(bins)
    for window in windows:
        x = envelopes(window)[0]
        n = np.arange(len(x))
        x = x * (0.5 - 0.5 * np.cos(2 * np.pi * n / (len(x) - 1)))
        used = np.unique([whole, whole + 1])
        power = np.abs(np.exp(-2j * np.pi * np.outer(used, n) / size) @ x) ** 2 / len(x)
        below, above = (power[np.searchsorted(used, each)] for each in (whole, whole + 1))
        total += below + (above - below) * (bins - whole)
    return np.sqrt(total) / np.sqrt(total).max()


@pytest.mark.usefixtures("given_novelty")
@pytest.mark.parametrize(("t", "size"), [(300, 8192), (1000, 8192), (1024, 8192), (1025, 16384)])
def test_features_are_the_autocorrelation_and_the_spectrum_at_related_tempi(t: int, size: int) -> None:
    trend = np.cos(2 * np.pi * np.arange(t) / t)  # slower than every rate: its magnitudes are small
    noise = np.random.default_rng(2).random((4, t))
    windows = {300: [pulses(25.3, 300), pulses(25.3, 200, seed=1)]}.get(t, [Window(trend + 1e-3 * noise)])
    features = tempo_features(windows)
    candidates = 40 * np.exp(0.0125 * np.arange(147))
    np.testing.assert_allclose(module.CANDIDATE_BPM, candidates, rtol=1e-12)
    lags = autocorrelation_by_definition(windows, 261)
    ratios = np.array([1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1, 4 / 3, 3 / 2, 2, 3, 4])
    at = np.outer(60 * 22050 / 512 / candidates, 1 / ratios)
    expected = [np.interp(at, np.arange(262), row) for row in lags]
    octaves = np.log2(candidates / 110)[:, None]
    expected += [magnitudes_by_definition(windows, size).T, octaves, octaves**2]
    np.testing.assert_allclose(features, np.concatenate(expected, axis=1), atol=1e-9)
    assert module._lags(windows).shape == (3, 4 * 60 * 22050 // (512 * 40) + 3)


def test_features_of_silence_are_those_of_the_tempo_alone() -> None:
    features = tempo_features([Spectrum(silence(3.0))])
    assert not features[:, :-2].any()
    assert features[:, -2:].all()


@pytest.mark.usefixtures("given_novelty")
@pytest.mark.parametrize(
    ("periods", "pace"),
    [((25.3,), 0.0), ((25.3,), 1.5), ((14.2,), -2.0), ((40.7, 40.7), 0.0), ((60.0,), 3.0), ((25.3, 27.9), 0.0)],
)
def test_tempo_is_the_most_probable_candidate_of_the_model(periods: tuple[float, ...], pace: float) -> None:
    """Conditional logit: the exponentials of the weighted features of all candidates, and of the pace times octaves."""
    windows = [pulses(period, seed=i) for i, period in enumerate(periods)]
    model = json.loads((resources.files("recsys.features") / "data" / "tempo.json").read_text(encoding="utf-8"))
    bpm = 40 * np.exp(0.0125 * np.arange(147))
    odds = np.exp(tempo_features(windows) @ list(model["weights"].values()) + pace * np.log2(bpm / 110))
    near = np.array([[abs(np.log(a / b)) < 0.04 for a in bpm] for b in bpm])
    best = odds.argmax()
    others = np.where(np.abs(np.log(bpm / bpm[best])) > 0.08, odds, 0)
    second = np.where(near[(near @ others).argmax()], others, 0).argmax()
    tempo = estimate_tempo(windows, pace)
    assert tempo.bpm == pytest.approx(bpm[best], rel=0.045)
    assert tempo.confidence == pytest.approx(odds[near[best]].sum() / odds.sum(), rel=1e-9)
    assert tempo.alternative_bpm == pytest.approx(bpm[second], rel=0.045)
    assert tempo.alternative_probability == pytest.approx(odds[near[second]].sum() / odds.sum(), rel=1e-9)
    lags = autocorrelation_by_definition(windows, 260)[0]
    clarity = np.interp(60 * 22050 / 512 / bpm, np.arange(261), lags).max()
    assert tempo.pulse_clarity == pytest.approx(min(clarity, 1), rel=1e-9)


@pytest.mark.usefixtures("given_novelty")
@pytest.mark.parametrize(
    ("frames", "level", "clarity", "has_tempo"),
    [
        (2000, 0.1, 0.1, True),
        (2000, 0.0999, 0.0999, False),
        (400, 3.5 / 20, 3.5 / 20, True),  # of noise, 3.5 / sqrt(frames) is not exceeded
        (400, 0.1749, 0.1749, False),
        (2000, 1.5, 1, True),
        (2000, -0.5, 0, False),
    ],
)
def test_pulse_must_be_clearer_than_that_of_noise(
    monkeypatch: pytest.MonkeyPatch, frames: int, level: float, clarity: float, has_tempo: bool
) -> None:
    windows = [pulses(20.0, frames // 4), pulses(20.0, frames - frames // 4)]
    low_bands, high_bands = 0.9, 0.01  # do not count

    def constant(_: object, max_lag: int) -> DoubleArray:
        return np.tile([[level], [low_bands], [high_bands]], max_lag + 1)

    monkeypatch.setattr(module, "autocorrelation", constant)
    tempo = estimate_tempo(windows)
    assert tempo.pulse_clarity == pytest.approx(clarity, rel=1e-12)
    assert (tempo.bpm > 0) == has_tempo


def lags_with(length: int, peaks: dict[int, float], rest: float = 0.1) -> DoubleArray:
    lags = np.full(length, rest)
    lags[list(peaks)] = list(peaks.values())
    return lags


@pytest.mark.parametrize(
    ("lags", "period", "refined"),
    [
        # The parabola through 0.4, 1 and 0.8 has its top 0.25 frames after the middle.
        (lags_with(53, {49: 0.4, 50: 1.0, 51: 0.8}), 50.0, 50.25),
        (lags_with(53, {49: 0.8, 50: 1.0, 51: 0.4}), 50.0, 49.75),
        (lags_with(52, {49: 0.4, 50: 1.0, 51: 0.8}), 50.0, 50.0),  # its last lag is too near
        (lags_with(53, {48: 9.0, 49: 0.4, 50: 1.0, 51: 0.8, 52: 9.0}), 50.0, 50.25),  # others are too far away
        (lags_with(53, {49: 1.0}), 50.0, 49.25),  # at most by 1.5 per cent
        (lags_with(53, {51: 1.0}), 50.0, 50.75),
        (lags_with(54, {49: 1.2, 50: 1.0}), 50.1, 49.5),  # at most half a frame beside the largest
        (lags_with(53, {50: 1.0, 51: 1.2}), 49.9, 50.5),
        (lags_with(53, {}), 50.0, 50.0),  # no peak
        (lags_with(53, {49: -1.0, 50: 0.0, 51: -1.5}, rest=-2.0), 50.0, 50.0),  # a peak without correlation
        (lags_with(53, {49: 0.01, 50: 0.02, 51: 0.015}, rest=-2.0), 50.0, 50 + 1 / 6),
        (lags_with(54, {50: 0.1, 51: 0.2}, rest=0.05), 50.4, 50.9),
        # Two beats are within 1.5 frames, four within three; the longest decides.
        (lags_with(104, {50: 1.0, 101: 1.0}), 50.0, 50.5),
        (lags_with(102, {50: 1.0, 101: 1.0}), 50.0, 50.0),
        (lags_with(206, {50: 1.0, 100: 1.0, 199: 1.0}), 50.0, 49.75),
        (lags_with(104, {50: 1.0, 98: 9.0, 99: 0.4, 100: 1.0, 101: 0.8, 102: 9.0}), 50.0, 50.125),
        (lags_with(206, {50: 1.0, 100: 1.0, 197: 1.0}), 50.0, 49.25),
        (lags_with(206, {50: 1.0, 100: 1.0, 203: 1.0}), 50.0, 50.75),
        (lags_with(206, {50: 1.0, 100: 1.0, 196: 9.0, 201: 1.0, 204: 9.0}), 50.0, 50.25),
        (lags_with(205, {50: 1.0, 100: 1.0, 199: 1.0}), 50.0, 50.0),
        (lags_with(400, {50: 1.0, 100: 1.0, 200: 1.0, 249: 5.0, 151: 5.0}), 50.0, 50.0),
        (lags_with(20, {9: 1.0}), 9.0, 60 * 22050 / 512 / 250),  # in the range of the candidates
        (lags_with(99, {70: 1.0}), 70.0, 60 * 22050 / 512 / 40),
    ],
)
def test_period_is_that_of_the_peak_of_one_two_or_four_beats(lags: DoubleArray, period: float, refined: float) -> None:
    bpm = module._refine(lags, period, Spectrum(silence(0)))
    assert 60 * 22050 / 512 / bpm == pytest.approx(refined, rel=1e-9)


def test_model_of_other_features_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert module._weights.__wrapped__().tolist() == module._weights().tolist()
    assert module._weights.__wrapped__().shape == (45,)
    monkeypatch.setattr(module, "TEMPO_FEATURES", module.TEMPO_FEATURES[:-1])
    with pytest.raises(ModelError, match="made for other features"):
        module._weights.__wrapped__()
