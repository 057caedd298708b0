"""Classification of files and of stretches of them, by a model that tells noise from harmony."""

from pathlib import Path

import numpy as np
import pytest
from signals import chord, noise, silence, write_audio

from recsys.app import classification
from recsys.domain.arrays import FloatArray
from recsys.domain.audio import GenrePrediction
from recsys.domain.results import Classification, ClassificationFailure
from recsys.features.schema import DIMENSIONS, index_of


def noise_or_harmony(raw: FloatArray, normalised: FloatArray) -> list[GenrePrediction]:
    """Noise crosses zero at every other sample."""
    assert raw.shape == normalised.shape == (len(raw), len(DIMENSIONS))
    assert np.abs(normalised).max() <= 8
    predictions = []
    for crossings in raw[:, index_of("zero_crossing_rate_mean")]:
        p = 0.95 if crossings > 0.1 else 0.05
        genre = "noise" if p > 0.5 else "harmony"
        predictions.append(GenrePrediction(genre, max(p, 1 - p), {"noise": p, "harmony": 1 - p}, "test"))
    return predictions


def test_segments_follow_the_genre_along_the_track(tmp_path: Path) -> None:
    quiet = chord((60, 64, 67), 20.0, 22050, 0.4)
    path = write_audio(tmp_path / "x.flac", np.concatenate([quiet, noise(18), silence(20), quiet]))
    [found] = classification.classify_with([path], noise_or_harmony, segments=True)
    assert isinstance(found, Classification)
    assert found.segments is not None
    assert [s.genre for s in found.segments] == ["harmony", "noise", "harmony"]
    bounds = [(s.start, s.end) for s in found.segments]
    assert bounds == [pytest.approx(b, abs=4) for b in ((0, 20), (20, 38), (58, 78))]
    [plain] = classification.classify_with([path], noise_or_harmony)
    assert isinstance(plain, Classification)
    assert (plain.prediction, plain.tags, plain.segments) == (found.prediction, found.tags, None)


@pytest.mark.parametrize("seconds", [1.1, 2.0, 3.0, 5.0])
def test_short_file_has_one_segment(seconds: float, tmp_path: Path) -> None:
    [found] = classification.classify_with(
        [write_audio(tmp_path / "x.wav", noise(seconds))], noise_or_harmony, segments=True
    )
    assert isinstance(found, Classification)
    assert found.segments is not None
    [only] = found.segments
    assert (only.start, only.genre) == (0, "noise")
    assert only.end == pytest.approx(seconds, abs=0.06)


def test_file_that_cannot_be_analysed_is_a_failure_of_one_line(tmp_path: Path) -> None:
    short, text = write_audio(tmp_path / "short.wav", noise(0.8)), tmp_path / "text.mp3"
    text.write_text("this is no music\n" * 100)
    for failure in classification.classify_with([short, text], noise_or_harmony, segments=True):
        assert isinstance(failure, ClassificationFailure)
        assert len(failure.reason.splitlines()) == 1
    [first, _] = classification.classify_with([short, text], noise_or_harmony, segments=True)
    assert isinstance(first, ClassificationFailure)
    assert "0.80 s of music, and at least 1 s" in first.reason


def test_long_file_logs_how_much_is_analysed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(classification, "MAX_WINDOWS", 2)
    path = write_audio(tmp_path / "long.flac", noise(60))
    [found] = classification.classify_with([path], noise_or_harmony, segments=True)
    assert isinstance(found, Classification)
    assert found.segments is not None
    assert [(s.start, s.end) for s in found.segments] == [(0, 60)]
    assert caplog.messages == ["long.flac: 0 of its 1 minutes, evenly spread, are analysed for segments"]
