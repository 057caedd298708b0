"""Waveforms: their shape, and the cost of long files."""

from pathlib import Path

import numpy as np
import pytest
from signals import silence, tone, write_audio

from recsys.audio import peaks as module
from recsys.audio.peaks import pool_peaks, read_peaks
from recsys.audio.source import Source, read_finite
from recsys.domain.arrays import FloatArray
from recsys.errors import UnreadableAudio


@pytest.mark.parametrize("format", ["flac", "mp3", "m4a", "wv", "ogg"])
def test_peaks_follow_the_amplitude(tmp_path: Path, format: str) -> None:
    y = np.concatenate([tone(440, 2.0, 48000, 0.25), silence(2.0, 48000), tone(440, 2.0, 48000, 0.75)])
    found = pool_peaks(read_peaks(write_audio(tmp_path / f"a.{format}", y, 48000)), 60)
    assert found[2:18] == pytest.approx(0.25, abs=0.03)
    assert found[22:38] == pytest.approx(0, abs=0.03)
    assert found[42:58] == pytest.approx(0.75, abs=0.05)


def test_the_louder_channel_counts_and_full_scale_is_one(tmp_path: Path) -> None:
    y = np.stack([tone(440, 1.0, 48000, 0.1), np.ones(48000, np.float32)], axis=1)
    assert set(pool_peaks(read_peaks(write_audio(tmp_path / "a.wav", y, 48000, "wavfloat")), 50)) == {1.0}
    assert read_peaks(write_audio(tmp_path / "b.wav", 4 * y, 48000, "wavfloat")).max() == 255


@pytest.mark.parametrize("samples", [1500, 2001, 48001])
def test_short_files_have_peaks_too(tmp_path: Path, samples: int) -> None:
    found = read_peaks(write_audio(tmp_path / "a.wav", np.full(samples, 0.5, np.float32), 48000))
    assert found.size == min(samples, 2000)
    assert set(found.tolist()) == {128}
    assert pool_peaks(found, 2000).size == 2000
    assert pool_peaks(found, 1).tolist() == pytest.approx([0.5], abs=0.01)


def test_of_a_long_file_a_part_of_each_stretch_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    y = np.concatenate([tone(2000, 2.0, 48000, 0.2), tone(2000, 2.0, 48000, 0.8)])
    path = write_audio(tmp_path / "a.flac", y, 48000)
    whole = read_peaks(path)
    read: list[int] = []

    def counted(source: Source, start: int, count: int) -> FloatArray:
        found = read_finite(source, start, count)
        read.append(found.shape[1])
        return found

    monkeypatch.setattr(module, "read_finite", counted)
    monkeypatch.setattr(module, "_MAX_SECONDS", 2)
    found = read_peaks(path)
    assert sum(read) == 2 * 48000
    assert np.abs(found.astype(int) - whole).max() < 20


def test_what_is_no_audio_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"text")
    with pytest.raises(UnreadableAudio):
        read_peaks(tmp_path / "a")
