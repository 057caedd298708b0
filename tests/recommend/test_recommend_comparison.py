"""Shared traits with their rarity, and differences with their size, of tracks and samples made by hand."""

import math

import pytest
from explained_tracks import explained

from recsys.recommend.comparison import (
    COMPARATIVES,
    Difference,
    Trait,
    TraitSample,
    differences,
    key_relation,
    shared,
    tempo_relation,
)

EMPTY = TraitSample(())


def bits(count: int, n: int) -> float:
    return -math.log2((count + 1) / (n + 2))


def test_rarity_is_that_of_words_tags_and_predicates() -> None:
    tracks = [explained(1, {"piano": 0.3}), explained(2, {"piano": 0.1}), *(explained(i) for i in range(3, 7))]
    sample = TraitSample(tracks)
    assert sample.word_rarity("instrument piano", "piano") == bits(1, 6)
    assert sample.word_rarity("instrument piano", "guitar") == bits(0, 6)
    assert sample.tag_rarity("piano") == bits(2, 6)
    assert sample.rarity(lambda each: each.track.id > 1) == bits(5, 6)
    assert EMPTY.tag_rarity("piano") == EMPTY.word_rarity("genre", "jazz") == pytest.approx(math.log2(3))
    assert sample.share([True, True, False, False, False, False]) == pytest.approx(1 / 3)
    assert EMPTY.share([]) == 1.0


def test_shared_traits_have_their_rarity_and_the_rarest_is_first() -> None:
    one = explained(1, {"piano": 0.5}, genre="jazz", bpm=120.0, key="C major")
    other = explained(2, {"piano": 0.5, "guitar": 0.5}, genre="jazz", bpm=121.0, key="A minor")
    sample = TraitSample(
        [
            explained(3, {"piano": 0.5}, genre="jazz", bpm=120.0, key="C major"),
            explained(4, {"piano": 0.5}, genre="jazz", bpm=60.0, key="A minor"),
            explained(5, {"guitar": 0.5}, genre="jazz", bpm=122.0),
            explained(6, bpm=119.0),
            *(explained(i) for i in range(7, 11)),
        ]
    )
    found = shared(one, other, sample)
    assert found == [
        Trait("key", "relative", bits(1, 8)),
        Trait("instrument piano", "piano", bits(2, 8)),
        Trait("genre", "jazz", bits(3, 8)),
        Trait("tempo", "same", bits(3, 8)),
    ]
    assert shared(one, explained(2, genre="rock"), sample) == []


def test_equally_rare_traits_have_a_fixed_order() -> None:
    tags = {"slow": 0.5, "piano": 0.5, "guitar": 0.5, "mellow": 0.5, "blues": 0.5}
    deviations = {"loudness_lufs": 2.0, "onset_rate": -2.0, "pulse_clarity": 2.0}
    one = explained(1, tags, (0.6, 0, 0, 0), genre="jazz", key="C major", bpm=80.0, deviations=deviations)
    assert [trait.family for trait in shared(one, one, EMPTY)] == [
        "voice", "genre", "style blues", "instrument guitar", "instrument piano", "pace", "manner mellow", "singing",
        "level", "density", "beat", "key", "tempo",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("deviation", "expected"), [(1.0, "more"), (0.9, None), (-0.9, None), (-1.0, "less"), (0.0, None)]
)
@pytest.mark.parametrize("family", COMPARATIVES)
def test_an_audible_difference_of_a_descriptor_is_stated(family: str, deviation: float, expected: str | None) -> None:
    name = {"level": "loudness_lufs", "density": "onset_rate", "colour": "centroid_mean"}[family]
    one, other = explained(deviations={name: -deviation / 2}), explained(deviations={name: deviation / 2})
    word = None if expected is None else COMPARATIVES[family][expected == "more"]
    assert differences(one, other, EMPTY) == ([] if word is None else [Difference(family, word, "", 1.0)])


def test_the_size_of_a_difference_is_the_share_of_tracks_that_are_nearer() -> None:
    sample = TraitSample([explained(deviations={"loudness_lufs": x}) for x in (0.25, 0.75, -0.75, -1.25, 1.0)])
    quiet, louder = (explained(deviations={"loudness_lufs": x}) for x in (-0.5, 0.75))
    # From -0.5, 0.75 is as far as the pick and 1.0 farther; from 0.75, -0.75 and -1.25 are farther.
    assert differences(quiet, louder, sample) == [Difference("level", "louder", "", 0.6)]
    assert differences(louder, quiet, sample) == [Difference("level", "quieter", "", 0.6)]


def test_an_audible_difference_of_tempo_is_stated() -> None:
    sample = TraitSample([explained(bpm=bpm) for bpm in (100.0, 118.0, 119.0, 88.0, None)])
    one = explained(bpm=100.0)
    assert differences(one, explained(bpm=118.5), sample) == []
    assert differences(one, explained(bpm=119.0), sample) == [Difference("tempo", "faster", "", 0.6)]
    assert differences(one, explained(bpm=84.0), sample) == [Difference("tempo", "slower", "", 0.8)]
    assert differences(one, explained(bpm=200.0), sample) == []  # double
    assert differences(one, explained(), sample) == differences(explained(), one, sample) == []
    assert math.log2(64 * 2**0.25) - math.log2(64) == 0.25
    assert differences(explained(bpm=64.0), explained(bpm=64 * 2**0.25), EMPTY) == [
        Difference("tempo", "faster", "", 1.0)
    ]


def test_tracks_that_share_a_word_do_not_differ_in_its_family() -> None:
    fast, faster = (explained(1, {"fast": 0.5}, bpm=bpm, deviations={"onset_rate": 0.5}) for bpm in (130.0, 190.0))
    assert differences(fast, faster, EMPTY) == []
    loud, louder = (explained(1, deviations={"loudness_lufs": x}) for x in (1.5, 3.5))
    assert differences(loud, louder, EMPTY) == []
    assert differences(explained(), loud, EMPTY) == [Difference("level", "louder", "", 1.0)]


def test_words_that_exclude_each_other_come_first_then_the_largest_difference() -> None:
    one = explained(1, {}, (0.6, 0, 0, 0), genre="jazz", bpm=100.0, deviations={"onset_rate": -3.0})
    other = explained(2, {}, (0, 0.6, 0, 0), genre="rock", bpm=125.0, deviations={"onset_rate": 0.5})
    sample = TraitSample(
        [explained(bpm=101.0), explained(bpm=140.0), explained(bpm=150.0, deviations={"onset_rate": 3})]
    )
    assert differences(one, other, sample) == [
        Difference("genre", "rock", "jazz", 1.0),
        Difference("voice", "male voice", "female voice", 1.0),
        Difference("density", "busier", "", 2 / 3),
        Difference("tempo", "faster", "", 1 / 3),
    ]
    instrumental = explained(2, {}, (0, 0, 0, 0.6), genre="jazz")
    assert differences(one, instrumental, EMPTY)[0] == Difference("singing", "instrumental", "sung", 1.0)


def test_tempi_are_related_up_to_four_per_cent() -> None:
    for relation, factor in (("same", 1.0), ("double", 2.0), ("half", 0.5)):
        for deviation in (1.039, 1 / 1.039, 1.0):
            assert tempo_relation(100.0, 100.0 * factor * deviation) == relation
        for deviation in (1.041, 1 / 1.041):
            assert tempo_relation(100.0, 100.0 * factor * deviation) is None
    assert tempo_relation(100.0, 104.0) == "same"
    assert tempo_relation(100.0, 400.0) is None
    assert tempo_relation(None, 100.0) is tempo_relation(100.0, None) is tempo_relation(0.0, 0.0) is None


@pytest.mark.parametrize(
    ("one", "other", "relation"),
    [
        ("C major", "C major", "same"),
        ("C major", "A minor", "relative"),
        ("A minor", "C major", "relative"),
        ("C major", "G major", "neighbouring"),
        ("C major", "F major", "neighbouring"),
        ("F major", "Bb major", "neighbouring"),
        ("C major", "D major", None),
        ("C major", "F# major", None),
        ("A minor", "E minor", "neighbouring"),
        ("A minor", "A major", None),
        (None, "C major", None),
        ("C major", None, None),
        (None, None, None),
    ],
)
def test_keys_are_related_if_they_are_the_same_relative_or_a_fifth_apart(
    one: str | None, other: str | None, relation: str | None
) -> None:
    assert key_relation(one, other) == relation
