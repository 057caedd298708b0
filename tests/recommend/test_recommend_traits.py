"""The words of a track, at the limits from which they are stated."""

import numpy as np
import pytest
from explained_tracks import explained
from synthetic_library import make_track

from recsys.features.schema import DIMENSIONS, index_of
from recsys.recommend import traits
from recsys.recommend.traits import ExplainedTrack, find_traits


def test_an_average_track_has_no_traits() -> None:
    track = make_track(1, genre="unknown", bpm=None, key=None)
    assert find_traits(ExplainedTrack(track, np.zeros(len(DIMENSIONS), np.float32), {})) == {}
    assert find_traits(explained(bpm=110.0, key="C major")) == {}


@pytest.mark.parametrize(
    ("genre", "probability", "expected"),
    [("jazz", 0.5, "jazz"), ("jazz", 0.499, None), ("jazz", None, None), ("unknown", 0.9, None), ("", 0.9, None)],
)
def test_a_genre_is_stated_if_it_is_more_likely_right(
    genre: str, probability: float | None, expected: str | None
) -> None:
    found = find_traits(explained(genre=genre, genre_probability=probability))
    assert found == ({} if expected is None else {"genre": expected})


@pytest.mark.parametrize(
    ("voices", "expected"),
    [
        ((0, 0, 0.1, 0.0499), "sung"),
        ((0, 0, 0.1, 0.05), None),  # not more than twice as likely
        ((0, 0, 0.099, 0), None),
        ((0, 0, 0, 0.1), "instrumental"),
        ((0, 0, 0, 0.099), None),
        ((0, 0, 0.125, 0.25), None),
        ((0, 0, 0.124, 0.25), "instrumental"),
        ((0, 0.124, 0, 0.25), "instrumental"),
        ((0.2, 0, 0.4, 0.25), None),
        ((0.1, 0, 0, 0), "sung female voice"),
        ((0, 0.1, 0, 0), "sung male voice"),
        ((0.099, 0, 0.2, 0), "sung"),
        ((0.5, 0.125, 0, 0), "sung"),  # not more than four times as likely
        ((0.5, 0.124, 0, 0), "sung female voice"),
        ((0.124, 0.5, 0, 0), "sung male voice"),
        ((0.125, 0.5, 0, 0), "sung"),
    ],
)
def test_singing_and_voice_need_clear_probabilities(
    voices: tuple[float, float, float, float], expected: str | None
) -> None:
    found = find_traits(explained(voices=voices))
    assert set(found) <= {"singing", "voice"}
    assert " ".join(found.values()) == (expected or "")


@pytest.mark.parametrize(
    ("bpm", "onset_rate", "slow", "fast", "expected"),
    [
        (85.0, -0.5, 0.0, 0.0, "slow"),
        (85.1, -0.5, 0.0, 0.0, None),
        (85.0, 0.0, 0.0, 0.0, None),
        (85.0, -0.5, 0.1, 0.1, None),  # the tags contradict each other
        (140.0, 0.5, 0.0, 0.0, "fast"),
        (139.9, 0.5, 0.0, 0.0, None),
        (140.0, 0.0, 0.0, 0.0, None),
        (140.0, 0.5, 0.1, 0.1, None),
        (110.0, -0.5, 0.2, 0.1, "slow"),
        (110.1, -0.5, 0.2, 0.1, None),
        (110.0, 0.0, 0.2, 0.1, None),
        (110.0, -0.5, 0.1, 0.1, None),
        (110.0, 0.5, 0.1, 0.2, "fast"),
        (109.9, 0.5, 0.1, 0.2, None),
        (110.0, 0.0, 0.1, 0.2, None),
        (None, -0.5, 0.2, 0.1, "slow"),
        (None, 0.5, 0.1, 0.2, "fast"),
        (None, -0.5, 0.0, 0.0, None),
        (None, 0.5, 0.0, 0.0, None),
        (120.0, -0.5, 0.0, 0.0, None),
        (120.0, 0.5, 0.0, 0.0, None),
        (150.0, -0.5, 0.2, 0.1, None),
        (70.0, 0.5, 0.1, 0.2, None),
    ],
)
def test_pace_at_its_limits(
    bpm: float | None, onset_rate: float, slow: float, fast: float, expected: str | None
) -> None:
    found = find_traits(explained(1, {"slow": slow, "fast": fast}, bpm=bpm, deviations={"onset_rate": onset_rate}))
    assert found == ({} if expected is None else {"pace": expected})
    if not slow and not fast:  # tags that are not known are those of probability 0
        assert find_traits(explained(1, {}, bpm=bpm, deviations={"onset_rate": onset_rate})) == found


@pytest.mark.parametrize("family", traits.SCALES)
def test_a_descriptor_has_a_word_from_one_standard_deviation(family: str) -> None:
    name, low, high = traits.SCALES[family]
    for deviation, word in ((1.0, high), (0.99, None), (-0.99, None), (-1.0, low), (2.5, high), (-2.5, low)):
        assert find_traits(explained(deviations={name: deviation})) == ({} if word is None else {family: word})


def test_a_track_with_a_tempo_has_a_beat() -> None:
    pulse = {"pulse_clarity": -1.5}
    assert find_traits(explained(deviations=pulse)) == {"beat": "without a steady beat"}
    assert find_traits(explained(deviations=pulse, bpm=100.0)) == {}
    after = pulse | {"rms_range_db": 1.5, "loudness_lufs": 1.5}
    assert set(find_traits(explained(deviations=after, bpm=100.0))) == {"level", "dynamics"}
    assert find_traits(explained(deviations={"pulse_clarity": 1.5}, bpm=100.0)) == {"beat": "with a steady beat"}


@pytest.mark.parametrize(
    ("tag", "least", "family"),
    [("piano", 0.2, "instrument piano"), ("mellow", 0.1, "manner mellow"), ("blues", 0.2, "style blues")],
)
def test_a_tag_is_stated_from_its_probability(tag: str, least: float, family: str) -> None:
    assert find_traits(explained(1, {tag: least})) == {family: tag}
    assert find_traits(explained(1, {tag: least - 0.001})) == {}


def test_some_styles_are_stated_within_their_genre_only() -> None:
    def styles(genre: str | None) -> list[str]:
        found = find_traits(explained(1, {"techno": 0.5, "opera": 0.5, "rock": 0.5}, genre=genre))
        return [family for family in found if family.startswith("style")]

    assert styles("electronic") == ["style rock", "style techno"]
    assert styles("classical") == ["style rock", "style opera"]
    assert styles(None) == ["style rock"]


def test_tempo_and_key_are_stated_from_their_confidence(monkeypatch: pytest.MonkeyPatch) -> None:
    assert traits.MIN_CONFIDENCE == {"tempo_confidence": 0.44, "key_confidence": 0.33}
    monkeypatch.setattr(traits, "_reference", lambda _: (0.25, 2.0))
    monkeypatch.setattr(traits, "MIN_CONFIDENCE", {"tempo_confidence": 0.5, "key_confidence": 0.75})
    sure = explained(bpm=100.0, key="C major", deviations={"tempo_confidence": 0.125, "key_confidence": 0.25})
    assert (sure.bpm, sure.key) == (100.0, "C major")
    unsure = explained(bpm=100.0, key="C major", deviations={"tempo_confidence": 0.124, "key_confidence": 0.249})
    assert (unsure.bpm, unsure.key) == (None, None)
    unknown = explained(deviations={"tempo_confidence": 1.0, "key_confidence": 1.0})
    assert (unknown.bpm, unknown.key) == (None, None)


def test_confidence_is_measured_in_deviations_of_the_reference_corpus() -> None:
    from recsys.features.scaling import reference

    i = index_of("key_confidence")
    assert traits._reference("key_confidence") == (float(reference().mean[i]), float(reference().std[i]))
