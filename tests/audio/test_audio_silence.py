"""The interval of the music is exact to 50 ms, and the number of blocks read is bounded."""

import numpy as np
import pytest
from signals import noise, silence, tone

from recsys.audio.silence import EDGE_BLOCKS, PROBES, frame_rms, non_silent_interval
from recsys.domain.arrays import FloatArray

SR = 8000


class CountingReader:
    """Reads samples, and counts the seconds read."""

    def __init__(self, y: FloatArray) -> None:
        self.y, self.seconds = y, 0.0

    def read(self, start: float, seconds: float) -> FloatArray:
        self.seconds += seconds
        return self.y[round(start * SR) : round((start + seconds) * SR)]

    def find(self) -> tuple[float, float] | None:
        return non_silent_interval(self.read, self.y.size / SR, SR)


def with_silence(before: float, music: FloatArray, after: float) -> CountingReader:
    return CountingReader(np.concatenate([silence(before, SR), music, silence(after, SR)]))


@pytest.mark.parametrize(("before", "after"), [(0, 0), (0.4, 0.3), (3.3, 7.25), (25, 40), (100, 0), (0, 100)])
def test_interval_has_the_edges_of_the_music(before: float, after: float) -> None:
    found = with_silence(before, tone(440, 20, SR), after).find()
    assert found == pytest.approx((before, before + 20), abs=0.06)


def test_noise_60_db_below_the_music_is_silence() -> None:
    y = np.concatenate([noise(5, SR, 1e-4), tone(440, 10, SR, 0.9), noise(5, SR, 1e-4)])
    assert CountingReader(y).find() == pytest.approx((5, 15), abs=0.06)


def test_quiet_music_is_not_silence() -> None:
    found = with_silence(2, tone(440, 10, SR, 0.001), 2).find()
    assert found == pytest.approx((2, 12), abs=0.06)


@pytest.mark.parametrize("seconds", [0.5, 1, 9, 500])
def test_silent_file_has_no_interval(seconds: float) -> None:
    assert CountingReader(silence(seconds, SR)).find() is None


def test_inaudible_noise_is_silence() -> None:
    assert CountingReader(noise(30, SR, 1e-5)).find() is None


def test_an_hour_of_silence_reads_about_a_minute() -> None:
    reader = with_silence(3600, tone(440, 300, SR), 0)
    assert reader.find() == pytest.approx((3600, 3900), abs=0.06)
    assert reader.seconds <= EDGE_BLOCKS + PROBES + 12


def test_frame_rms_of_full_and_partial_frames() -> None:
    levels = frame_rms(np.array([1, -1] * 400 + [0.5] * 100, np.float32), SR)
    np.testing.assert_allclose(levels, [1, 1, 0.5])
    assert frame_rms(np.empty(0, np.float32), SR).shape == (0,)
