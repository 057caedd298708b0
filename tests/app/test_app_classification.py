"""Any file, along its length, by a model of either kind: real sounds, and a model that knows two of them."""

from pathlib import Path

import numpy as np
import pytest
from signals import chord, noise, silence, write_audio

from recsys.app import classification
from recsys.domain.arrays import FloatArray
from recsys.domain.audio import GenrePrediction
from recsys.domain.results import Classification, ClassificationFailure
from recsys.features.schema import DIMENSIONS, index_of


def hears_noise(raw: FloatArray, normalised: FloatArray) -> list[GenrePrediction]:
    """What crosses zero at every other sample is noise."""
    assert raw.shape == normalised.shape == (len(raw), len(DIMENSIONS))
    assert np.abs(normalised).max() <= 8
    found = []
    for crossings in raw[:, index_of("zero_crossing_rate_mean")]:
        p = 0.95 if crossings > 0.1 else 0.05
        genre = "noise" if p > 0.5 else "harmony"
        found.append(GenrePrediction(genre, max(p, 1 - p), {"noise": p, "harmony": 1 - p}, "test"))
    return found


def test_the_genre_is_followed_along_the_track(tmp_path: Path) -> None:
    quiet = chord((60, 64, 67), 20.0, 22050, 0.4)
    path = write_audio(tmp_path / "x.flac", np.concatenate([quiet, noise(18), silence(20), quiet]))
    [heard] = classification.classify([path], hears_noise, segments=True)
    assert isinstance(heard, Classification)
    assert heard.segments is not None
    assert [s.genre for s in heard.segments] == ["harmony", "noise", "harmony"]
    bounds = [(s.start, s.end) for s in heard.segments]
    assert bounds == [pytest.approx(b, abs=4) for b in ((0, 20), (20, 38), (58, 78))]
    [plain] = classification.classify([path], hears_noise)
    assert isinstance(plain, Classification)
    assert (plain.prediction, plain.tags, plain.segments) == (heard.prediction, heard.tags, None)


@pytest.mark.parametrize("seconds", [1.1, 2.0, 3.0, 5.0])
def test_some_seconds_are_enough(seconds: float, tmp_path: Path) -> None:
    [heard] = classification.classify([write_audio(tmp_path / "x.wav", noise(seconds))], hears_noise, segments=True)
    assert isinstance(heard, Classification)
    assert heard.segments is not None
    [only] = heard.segments
    assert (only.start, only.genre) == (0, "noise")
    assert only.end == pytest.approx(seconds, abs=0.06)


def test_too_short_and_broken_files_are_one_line_each(tmp_path: Path) -> None:
    short, text = write_audio(tmp_path / "short.wav", noise(0.8)), tmp_path / "text.mp3"
    text.write_text("this is no music\n" * 100)
    for heard in classification.classify([short, text], hears_noise, segments=True):
        assert isinstance(heard, ClassificationFailure)
        assert len(heard.reason.splitlines()) == 1
    [first, _] = classification.classify([short, text], hears_noise, segments=True)
    assert isinstance(first, ClassificationFailure)
    assert "0.80 s of music, and at least 1 s" in first.reason


def test_of_a_very_long_file_it_says_how_much_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(classification, "MAX_WINDOWS", 2)
    path = write_audio(tmp_path / "long.flac", noise(60))
    [heard] = classification.classify([path], hears_noise, segments=True)
    assert isinstance(heard, Classification)
    assert heard.segments is not None
    assert [(s.start, s.end) for s in heard.segments] == [(0, 60)]
    assert caplog.messages == ["long.flac: 0 of its 1 minutes are heard for its segments, evenly spread"]
