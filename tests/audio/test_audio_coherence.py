"""The coherence of two files: the same recording in any encoding and however it is cut, and nothing else."""

from pathlib import Path

import numpy as np
import pytest
from signals import music, write_audio

from recsys.audio.coherence import MIN_COHERENCE, align
from recsys.domain.arrays import FloatArray
from recsys.errors import UnusableAudio

SR = 24000
MUSIC = music(30, SR, seed=1)
SILENCE = np.zeros(3 * SR, np.float32)


@pytest.fixture
def original(tmp_path: Path) -> Path:
    return write_audio(tmp_path / "original.flac", MUSIC, SR)


def stretched(y: FloatArray, factor: float) -> FloatArray:
    """Played faster, which raises the pitch as well."""
    at = np.arange(0, len(y) - 1, factor)
    return np.interp(at, np.arange(len(y)), y).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "y", "offset"),
    [
        ("x.mp3", MUSIC, None),
        ("x.ogg", MUSIC, 0),
        ("x.opus", MUSIC, 0),
        ("x.m4a", 0.3 * MUSIC, None),
        ("cut.flac", MUSIC[3 * SR :], 3),
        ("cut.mp3", MUSIC[2 * SR : -4 * SR], None),
        ("padded.flac", np.concatenate([SILENCE, MUSIC, SILENCE]), 3),
        ("inverted.wav", -MUSIC, 0),
        ("both.ogg", np.concatenate([SILENCE, MUSIC[10 * SR :]]), -7),
    ],
)
def test_the_same_recording_is_coherent(
    original: Path, tmp_path: Path, name: str, y: FloatArray, offset: float | None
) -> None:
    found = align(original, write_audio(tmp_path / name, y, SR))
    assert found.coherence >= MIN_COHERENCE
    assert offset is None or abs(found.offset) == pytest.approx(abs(offset), abs=0.01)
    assert align(tmp_path / name, original).coherence == pytest.approx(found.coherence, abs=0.01)


def test_music_at_either_end_of_a_recording_is_coherent(tmp_path: Path) -> None:
    first = write_audio(tmp_path / "first.flac", MUSIC[: -6 * SR], SR)
    second = write_audio(tmp_path / "second.flac", MUSIC[6 * SR :], SR)
    assert align(first, second).coherence >= MIN_COHERENCE


@pytest.mark.parametrize(
    "y",
    [
        stretched(MUSIC, 1.01),
        stretched(MUSIC, 0.98)[2 * SR :],
        music(30, SR, seed=2),
        np.concatenate([MUSIC[: 12 * SR], music(4, SR, seed=5), MUSIC[12 * SR :]]),  # an inserted part
        MUSIC + 0.7 * music(30, SR, seed=3),  # another mix
        0.2 * np.random.default_rng(0).standard_normal(30 * SR).astype(np.float32),
    ],
    ids=["faster", "slower", "another", "inserted", "remix", "noise"],
)
def test_another_recording_is_not(original: Path, tmp_path: Path, y: FloatArray) -> None:
    assert align(original, write_audio(tmp_path / "other.flac", y, SR)).coherence < 0.85


def test_silence_is_refused(original: Path, tmp_path: Path) -> None:
    with pytest.raises(UnusableAudio, match="is silent"):
        align(original, write_audio(tmp_path / "silence.wav", SILENCE, SR))
