"""Loudness by BS.1770: the energy of the channels, independent of their sum."""

from collections.abc import Callable

import numpy as np
import pyloudnorm
import pytest
from signals import music, noise, silence, tone

from recsys.domain.arrays import FloatArray
from recsys.domain.audio import AudioInfo, AudioWindows, Window
from recsys.features.analysis import analyse
from recsys.features.dynamics import SILENCE_LUFS, block_power, channel_gains, loudness

SR = 44100
PAIR = ("FL", "FR")
SURROUND = ("FL", "FR", "FC", "LFE", "BL", "BR")


def lufs(channels: FloatArray, layout: tuple[str, ...] = (), sr: int = SR) -> float:
    return loudness(block_power(channels, sr, layout))


def by_pyloudnorm(channels: FloatArray, sr: int = SR) -> float:
    return float(pyloudnorm.Meter(sr, "DeMan").integrated_loudness(channels.T.astype(np.float64)))


def song(seed: int, sr: int = SR) -> FloatArray:
    """Music and noise with changing level, so that the gates have an effect."""
    rng = np.random.default_rng(seed)
    t = np.arange(12 * sr) / sr
    swell = 0.02 + 0.5 * np.sin(2 * np.pi * t / 9) ** 2
    return ((music(12, sr) + 0.1 * rng.standard_normal(t.size)) * swell).astype(np.float32)


STEREO: dict[str, Callable[[], FloatArray]] = {
    "equal": lambda: np.stack([song(0), song(0)]),
    "wide": lambda: np.stack([song(1), noise(12, SR, 0.2)]),
    "panned": lambda: np.stack([song(2), 0.2 * song(2)]),
    "left": lambda: np.stack([song(3), silence(12, SR)]),
    "inverted": lambda: np.stack([song(4), -song(4)]),
}


@pytest.mark.parametrize("kind", STEREO)
def test_loudness_of_stereo_agrees_with_pyloudnorm(kind: str) -> None:
    channels = np.asarray(STEREO[kind](), np.float32)
    assert lufs(channels, PAIR) == pytest.approx(by_pyloudnorm(channels), abs=0.1)


@pytest.mark.parametrize("sr", [8000, 22050, 44100, 48000, 96000])
def test_loudness_of_mono_agrees_with_pyloudnorm_at_any_rate(sr: int) -> None:
    y = song(5, sr)[None]
    assert lufs(y, ("FC",), sr) == pytest.approx(by_pyloudnorm(y, sr), abs=0.1)


def test_loudness_weights_surround_channels_and_ignores_the_lfe() -> None:
    five = np.stack([song(seed) for seed in range(5)])
    six = np.insert(five, 3, 0.9 * tone(50, 12, SR), axis=0)
    expected = by_pyloudnorm(five)  # left, right, centre and the two surround channels
    assert lufs(six, SURROUND) == pytest.approx(expected, abs=0.1)
    vorbis = six[[0, 2, 1, 4, 5, 3]]
    assert lufs(vorbis, ("FL", "FC", "FR", "BL", "BR", "LFE")) == pytest.approx(expected, abs=0.1)


def test_channel_gains_of_surround_layouts() -> None:
    assert channel_gains(SURROUND).tolist() == [1, 1, 1, 0, 1.41, 1.41]
    assert channel_gains(("FL", "FR", "FC", "LFE", "SL", "SR")).tolist() == [1, 1, 1, 0, 1.41, 1.41]
    assert channel_gains((*SURROUND, "SL", "SR")).tolist() == [1, 1, 1, 0, 1, 1, 1.41, 1.41]


def test_stereo_sine_of_minus_23_dbfs_has_minus_23_lufs() -> None:
    sine = tone(997, 10, SR, 10 ** (-23 / 20))
    assert lufs(np.stack([sine, sine]), PAIR) == pytest.approx(-23.0, abs=0.05)
    assert lufs(sine[None], ("FC",)) == pytest.approx(-26.0, abs=0.05)
    assert lufs(silence(2, SR)[None]) == SILENCE_LUFS


def test_block_power_has_at_least_one_block() -> None:
    assert block_power(tone(440, 0.2, SR)[None], SR).shape == (1,)
    assert block_power(tone(440, 6, SR)[None], SR).shape == (58,)


def test_analysis_has_loudness_of_the_channels_and_other_features_of_the_downmix() -> None:
    left, right = song(6, 22050), noise(12, 22050, 0.2)
    info = AudioInfo(12.0, 22050, 2, "pcm")
    mono = (left + right) / np.float32(2)
    apart = analyse(AudioWindows(info, 22050, (Window(0.0, mono, np.stack([left, right])),), 0.0, 12.0, PAIR))
    mixed = analyse(AudioWindows(info, 22050, (Window(0.0, mono, np.stack([mono, mono])),), 0.0, 12.0, PAIR))
    assert apart.loudness == pytest.approx(by_pyloudnorm(np.stack([left, right]), 22050), abs=0.1)
    assert apart.loudness - mixed.loudness == pytest.approx(3.0, abs=0.2)
    assert np.flatnonzero(apart.vector != mixed.vector).size == 1
