"""Downmix: the mean of the channels, or the loudest of them if they cancel each other."""

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from signals import music, noise, silence

from recsys.audio.decode import open_source
from recsys.audio.downmix import CANCELLED, choose_channel, default_layout, downmix
from recsys.audio.excerpts import iter_windows, read_excerpts, read_whole
from recsys.domain.arrays import FloatArray

SR = 22050


def write(path: Path, *channels: FloatArray) -> Path:
    sf.write(path, np.stack(channels, axis=1), SR)
    return path


def correlation(a: FloatArray, b: FloatArray) -> float:
    n = min(len(a), len(b))
    return float(np.corrcoef(a[:n], b[:n])[0, 1])


def test_downmix_is_the_mean_or_the_chosen_channel() -> None:
    channels = np.array([[1, 2], [3, 6], [5, 1]], np.float32)
    assert downmix(channels).tolist() == [3, 3]
    assert downmix(channels[:2]).tolist() == [2, 4]
    assert downmix(channels[:1]).tolist() == [1, 2]
    assert downmix(channels, 1).tolist() == [3, 6]


@pytest.mark.parametrize(
    ("right", "chosen"),
    [(1.0, None), (0.0, None), (-0.35, None), (-0.45, 0), (-1.0, 0), (-1.5, 1), (-3.0, None)],
)
def test_choose_channel_if_the_mean_cancels(right: float, chosen: int | None) -> None:
    left = music(2)
    share = (1 + right) ** 2 / (1 + right**2)
    assert (share < CANCELLED) == (chosen is not None)
    assert choose_channel([np.stack([left, right * left])]) == chosen


def test_choose_channel_if_only_the_centre_cancels() -> None:
    """The mean would contain only the ambience."""
    centre, ambience = music(2), [noise(2, amplitude=0.1, seed=seed) for seed in range(2)]
    assert choose_channel([np.stack([centre + ambience[0], centre + ambience[1]])]) is None
    assert choose_channel([np.stack([centre + ambience[0], ambience[1] - centre])]) is not None


def test_choose_no_channel_of_independent_or_silent_ones() -> None:
    assert choose_channel([np.stack([noise(2, seed=i) for i in range(8)])]) is None
    assert choose_channel([np.stack([music(2), *(silence(2) for _ in range(7))])]) is None
    inaudible = np.stack([noise(2, amplitude=3e-5), -noise(2, amplitude=3e-5)])
    assert choose_channel([inaudible]) is None
    assert choose_channel([]) is None


def test_channel_choice_is_the_same_for_all_windows_of_a_file(tmp_path: Path) -> None:
    left, right = music(30), noise(30, amplitude=0.1)
    right[15 * SR :] = -left[15 * SR :]  # inverted in the second half
    path = write(tmp_path / "x.flac", left, right)
    windows = read_excerpts(path).windows
    assert len(windows) == 5
    for window in windows:
        assert correlation(window.y, left[round(window.start * SR) :]) > 0.99
    tiles = [excerpts.windows[0] for _, excerpts in iter_windows(path, max_windows=100)]
    assert all(correlation(window.y, left[round(window.start * SR) :]) > 0.99 for window in tiles)


@pytest.mark.parametrize("suffix", ["wav", "flac", "mp3", "ogg"])
def test_file_with_inverted_right_channel_is_read_as_its_left(tmp_path: Path, suffix: str) -> None:
    left = music(20)
    path = write(tmp_path / f"x.{suffix}", left, -left)
    excerpts, whole = read_excerpts(path), read_whole(path)
    assert (excerpts.music_start, excerpts.music_end) == pytest.approx((0, 20), abs=0.1)
    assert len(excerpts.windows) == 4
    if suffix in ("wav", "flac"):
        assert correlation(whole.windows[0].y, left) > 0.999
    assert np.std(whole.windows[0].y) == pytest.approx(np.std(left), rel=0.02)
    assert np.std(excerpts.windows[1].y) == pytest.approx(np.std(left), rel=0.1)


def test_stereo_file_is_read_as_the_mean_of_its_channels(tmp_path: Path) -> None:
    left, right = music(20), music(20, seed=1)
    path = write(tmp_path / "x.wav", left, right)
    window = read_excerpts(path).windows[1]
    first = round(window.start * SR)
    mean = ((left + right) / 2)[first : first + window.y.size]
    np.testing.assert_allclose(window.y, mean, atol=1e-4)
    assert window.channels is not None
    assert window.channels.shape == (2, window.y.size)


@pytest.mark.parametrize("count", [1, 3, 4, 5, 6, 8])
def test_files_of_up_to_eight_channels_are_read_as_their_mean(tmp_path: Path, count: int) -> None:
    channels = [noise(8, amplitude=0.1 + 0.05 * i, seed=i) for i in range(count)]
    excerpts = read_excerpts(write(tmp_path / "x.flac", *channels))
    assert excerpts.layout == default_layout(count)
    window = excerpts.windows[0]
    assert window.channels is not None
    assert window.channels.shape[0] == count
    mean = np.mean(channels, axis=0)[: window.y.size]
    np.testing.assert_allclose(window.y, mean, atol=1e-4)


def test_vorbis_layout_has_the_channel_order_of_vorbis(tmp_path: Path) -> None:
    path = write(tmp_path / "x.ogg", *(noise(2, seed=i) for i in range(6)))
    with open_source(path) as source:
        assert source.layout == ("FL", "FC", "FR", "BL", "BR", "LFE")
