"""Classification of files and of stretches of them, by a model of two genres, noise and harmony."""

from pathlib import Path

import numpy as np
import pytest
from signals import chord, music, noise, silence, write_audio

import recsys
from recsys.app import classification
from recsys.domain.arrays import FloatArray
from recsys.domain.audio import GenrePrediction
from recsys.domain.results import Classification, ClassificationFailure
from recsys.errors import AudioError, UnreadableAudio, UnusableAudio
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


def test_classify_has_genre_tags_and_description_of_a_file(tmp_path: Path) -> None:
    found = recsys.classify(write_audio(tmp_path / "x.wav", music(8)))
    assert found.file == str(tmp_path / "x.wav")
    assert found.genres[max(found.genres, key=found.genres.__getitem__)] == found.probability
    assert sum(found.genres.values()) == pytest.approx(1)
    assert list(found.tags.values()) == sorted(found.tags.values(), reverse=True)
    assert found.mood is not None
    assert found.segments is None
    assert found.to_dict()["file"] == str(tmp_path / "x.wav")


def test_classify_accepts_text_and_expands_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    write_audio(tmp_path / "x.wav", music(3))
    found = recsys.classify("~/x.wav", segments=True)
    assert found.segments is not None
    assert found.segments[0].start == 0


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("text.mp3", UnreadableAudio, "text.mp3 is not a supported audio file, or is damaged"),
        ("short.wav", UnusableAudio, "short.wav has 0.80 s of music, and at least 1 s is needed"),
        ("gone.wav", UnreadableAudio, "there is no file "),
    ],
)
def test_classify_raises_an_audio_error(tmp_path: Path, name: str, kind: type[AudioError], message: str) -> None:
    (tmp_path / "text.mp3").write_text("this is no music\n" * 100)
    write_audio(tmp_path / "short.wav", noise(0.8))
    with pytest.raises(kind, match=message) as raised:
        recsys.classify(tmp_path / name)
    assert len(str(raised.value).splitlines()) == 1


def test_classify_of_a_library_has_a_result_for_each_file(tmp_path: Path) -> None:
    good, bad = write_audio(tmp_path / "good.wav", music(3)), tmp_path / "bad.mp3"
    bad.write_text("this is no music\n" * 100)
    library = recsys.Library(tmp_path)
    results = list(library.classify([good, bad]))
    assert list(recsys.classify([good, bad])) == results
    assert [type(result) for result in results] == [Classification, ClassificationFailure]
    assert [result.file for result in results] == [str(good), str(bad)]
    [single] = library.classify(good)
    assert single == results[0]
    assert list(tmp_path.glob("*.db")) == []  # nothing is stored
