"""Explanations: exact sums, and sentences whose every statement is true of both tracks."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from explained_tracks import explained
from hypothesis import given
from hypothesis import strategies as st

from recsys.domain.arrays import FloatArray
from recsys.domain.explanations import Explanation
from recsys.features.scaling import reference
from recsys.features.schema import DIMENSIONS, index_of
from recsys.recommend.comparison import (
    COMPARATIVES,
    MIN_DIFFERENCE,
    TraitSample,
    differences,
    key_relation,
    shared,
    tempo_relation,
)
from recsys.recommend.explain import explain
from recsys.recommend.traits import (
    INSTRUMENTS,
    MIN_CONFIDENCE,
    PLAYING_STYLES,
    SCALES,
    STYLES,
    ExplainedTrack,
    find_traits,
)
from recsys.recommend.vectors import similarity_vectors

EMPTY_SAMPLE = TraitSample(())
FEMALE, MALE, SUNG, NOT_SUNG = (
    (0.6, 0.05, 0.4, 0.02),
    (0.05, 0.6, 0.4, 0.02),
    (0.3, 0.2, 0.6, 0.02),
    (0.0, 0.0, 0.02, 0.5),
)


def features(seed: int) -> FloatArray:
    return np.random.default_rng(seed).standard_normal(len(DIMENSIONS)).astype(np.float32)


def explain_pick(
    seed: ExplainedTrack, pick: ExplainedTrack, similarity: float = 0.8, sample: TraitSample = EMPTY_SAMPLE
) -> Explanation:
    [explanation] = explain([seed], [pick], [similarity], pairs=np.array([[similarity]], np.float32), sample=sample)
    return explanation


def library(*tracks: ExplainedTrack) -> TraitSample:
    """These tracks, and three times as many without traits."""
    return TraitSample((*tracks, *(explained() for _ in range(3 * len(tracks)))))


@given(seeds=st.integers(1, 3), picks=st.integers(1, 4), start=st.integers(0, 50))
def test_groups_and_hubness_penalty_sum_to_the_similarity(seeds: int, picks: int, start: int) -> None:
    seed_tracks = [explained(start + i)._replace(features=features(start + i)) for i in range(seeds)]
    found = [explained(start + 10 + i)._replace(features=features(start + 10 + i)) for i in range(picks)]
    pairs = similarity_vectors(np.stack([s.features for s in seed_tracks])) @ (
        similarity_vectors(np.stack([f.features for f in found])).T
    )
    similarities = (pairs.mean(axis=0) - 0.05).tolist()
    explanations = explain(seed_tracks, found, similarities, pairs=pairs, sample=EMPTY_SAMPLE)
    for each, similarity in zip(explanations, similarities, strict=True):
        assert sum(each.groups.values()) + each.hubness_penalty == pytest.approx(similarity, abs=1e-5)
        assert each.hubness_penalty == pytest.approx(-0.05, abs=1e-5)
    assert explain(seed_tracks, [], [], pairs=pairs[:, :0], sample=EMPTY_SAMPLE) == []


def test_shared_traits_are_stated_in_a_sentence() -> None:
    one = explained(
        1,
        {"acoustic": 0.2, "slow": 0.3},
        FEMALE,
        deviations={"onset_rate": -0.5},
        genre="folk",
        bpm=96.0,
        key="A minor",
    )
    other = one._replace(track=replace(one.track, id=2, bpm=108.0))
    explanation = explain_pick(one, other, sample=library(one, other))
    assert explanation.text == "both slow, acoustic folk with female voice, in A minor (8A)"
    assert explanation.shared == ("folk", "female voice", "slow", "acoustic", "in A minor (8A)")
    assert explanation.differences == ()
    assert explanation.tags == ("acoustic", "slow")
    loud = other._replace(features=other.features + 2 * (np.arange(len(DIMENSIONS)) == index_of("loudness_lufs")))
    assert explain_pick(one, loud, sample=library(one, other)).text == f"{explanation.text}; but louder"


@pytest.mark.parametrize(
    ("bpm", "onset_deviation", "tags", "expected"),
    [
        (66.0, -0.5, {}, "slow"),
        (66.0, 0.5, {}, None),  # may be half of the perceived tempo
        (66.0, -0.5, {"fast": 0.2}, None),
        (100.0, -0.5, {"slow": 0.2}, "slow"),
        (120.0, -0.5, {"slow": 0.2}, None),
        (None, -0.5, {"slow": 0.2}, "slow"),
        (150.0, 0.5, {}, "fast"),
        (150.0, -0.5, {}, None),
        (120.0, 0.5, {"fast": 0.3, "slow": 0.1}, "fast"),
        (100.0, 0.5, {"fast": 0.3}, None),
        (110.0, 0.5, {}, None),
    ],
)
def test_pace_needs_agreeing_evidence(
    bpm: float | None, onset_deviation: float, tags: dict[str, float], expected: str | None
) -> None:
    assert find_traits(explained(1, tags, bpm=bpm, deviations={"onset_rate": onset_deviation})).get("pace") == expected


def test_at_most_five_traits_are_stated_rarest_first() -> None:
    everything = {"guitar": 0.5, "piano": 0.5, "violin": 0.5, "flute": 0.5, "acoustic": 0.5, "folk": 0.5, "blues": 0.5}
    one = explained(1, everything, NOT_SUNG, genre="rock", key="A minor")
    sample = TraitSample(
        [explained(tags={"guitar": 0.5})] * 12 + [explained(tags={"piano": 0.5})] * 3 + [explained()] * 60
    )
    explanation = explain_pick(one, one, sample=sample)
    assert len(explanation.shared) == 5
    assert "guitar" not in explanation.text
    rarities = [trait.rarity for trait in shared(one, one, sample)]
    assert rarities == sorted(rarities, reverse=True)


def test_traits_of_the_whole_library_are_not_rare() -> None:
    one = explained(1, {"violin": 0.5}, genre="classical")
    alone = explain_pick(one, one, sample=TraitSample([one] * 30))
    assert alone.text == "both classical music, nothing unusual in common"
    assert alone.shared == ()
    assert explain_pick(one, one, sample=library(*[one] * 8)).text == "both classical music with violin"


def test_share_of_a_sample_is_that_of_its_tracks() -> None:
    sample = TraitSample([explained(number) for number in range(1, 5)])
    assert sample.share([True, False, False, False]) == 0.25
    assert EMPTY_SAMPLE.share([]) == 1.0


def test_sentence_without_shared_traits() -> None:
    assert explain_pick(explained(1), explained(2)).text == "similar overall, nothing unusual in common"
    assert explain_pick(explained(1), explained(2), 0.05).text == "hardly similar, nothing unusual in common"
    tempo = explain_pick(explained(1, bpm=120.0), explained(2, bpm=121.0))
    assert tempo.text == "similar overall, both at 120 and 121 BPM"
    fifth = explain_pick(explained(1, bpm=120.0, key="C major"), explained(2, bpm=90.0, key="D minor"))
    assert fifth.text == "similar overall, nothing unusual in common; but slower (90 against 120 BPM)"
    no_genre = explained(1, genre="unknown", genre_probability=0.9)
    assert explain_pick(no_genre, no_genre).text == "similar overall, nothing unusual in common"
    doubtful = explained(1, genre="jazz", genre_probability=0.4)
    assert explain_pick(doubtful, doubtful).text == "similar overall, nothing unusual in common"


@pytest.mark.parametrize(
    ("bpm", "key", "expected"),
    [
        (60.0, "A minor", "in relative keys (C major 8B and A minor 8A), at 120 and 60 BPM (half time)"),
        (243.0, "G major", "in neighbouring keys (C major 8B and G major 9B), at 120 and 243 BPM (double time)"),
        (124.0, "C major", "in C major (8B), at 120 and 124 BPM"),
        (120.0, "F# major", "at 120 BPM"),
        (150.0, "C major", "in C major (8B); but faster (150 against 120 BPM)"),
        (130.0, "C major", "in C major (8B)"),
    ],
)
def test_relations_of_tempo_and_key_in_the_sentence(bpm: float, key: str, expected: str) -> None:
    explanation = explain_pick(explained(1, bpm=120.0, key="C major"), explained(2, bpm=bpm, key=key))
    assert explanation.text == f"similar overall, both {expected}"
    assert (explanation.bpm, explanation.key) == ((120.0, bpm), ("C major", key))


def test_tempo_and_key_without_confidence_are_not_stated() -> None:
    unsure = {"tempo_confidence": -2.0, "key_confidence": -2.0}
    one = explained(1, bpm=60.0, key="C major", deviations=unsure | {"onset_rate": -0.5})
    assert explain_pick(one, one).text == "similar overall, nothing unusual in common"


@pytest.mark.parametrize(
    ("seed_track", "pick_track", "expected"),
    [
        (explained(voices=NOT_SUNG), explained(voices=MALE), "sung, not instrumental"),
        (explained(voices=SUNG), explained(voices=NOT_SUNG), "instrumental, not sung"),
        (explained(voices=FEMALE), explained(voices=MALE), "with a male voice, not a female one"),
        (explained(genre="folk"), explained(genre="pop"), "pop, not folk"),
        (explained(deviations={"loudness_lufs": -0.6}), explained(deviations={"loudness_lufs": 0.6}), "louder"),
        (explained(deviations={"centroid_mean": 2.5}), explained(deviations={"centroid_mean": 0.3}), "darker in sound"),
        (explained(deviations={"onset_rate": 0.9}), explained(deviations={"onset_rate": -0.9}), "sparser"),
    ],
)
def test_differences_are_stated(seed_track: ExplainedTrack, pick_track: ExplainedTrack, expected: str) -> None:
    explanation = explain_pick(seed_track, pick_track)
    assert explanation.differences == (expected,)
    assert explanation.text.endswith(f"; but {expected}")


def test_two_largest_differences_are_stated_outside_shared_families() -> None:
    one = explained(1, deviations={"loudness_lufs": -1.2, "onset_rate": -3.0, "centroid_mean": -1.0})
    other = explained(2, deviations={"loudness_lufs": -2.5, "onset_rate": 3.0, "centroid_mean": 0.5})
    far = [explained(deviations={"onset_rate": 1.0, "centroid_mean": 2.0}) for _ in range(9)]
    explanation = explain_pick(one, other, sample=TraitSample(far))
    assert explanation.text == "both quiet music; but busier and brighter in sound"


def test_genre_is_not_repeated_as_a_style() -> None:
    one = explained(1, {"jazz": 0.6, "blues": 0.25, "techno": 0.5, "funk": 0.4}, genre="jazz")
    assert explain_pick(one, one).text == "both jazz (funk) with a touch of blues"
    rock, pop = (explained(1, {"pop": 0.6, "rock": 0.6}, genre=genre) for genre in ("rock", "pop"))
    assert explain_pick(rock, pop).text == "similar overall, nothing unusual in common; but pop, not rock"
    metal = explained(1, {"rock": 0.6, "punk": 0.3}, genre="metal")
    assert explain_pick(metal, metal).text == "both metal (punk)"
    unknown = explained(1, {"electronic": 0.6, "techno": 0.5})
    assert explain_pick(unknown, unknown).text == "both electronic music"
    known = unknown._replace(track=replace(unknown.track, genre="electronic"))
    assert explain_pick(known, known).text == "both electronic music (techno)"


def test_single_instrument_is_a_solo() -> None:
    one, two = explained(1, {"solo": 0.3, "piano": 0.5}), explained(2, {"solo": 0.3, "piano": 0.5, "guitar": 0.5})
    assert explain_pick(one, one).text == "both with solo piano"
    assert explain_pick(one, two).text == explain_pick(two, one).text == "both with piano"


def test_sentence_is_about_the_most_similar_of_several_seeds() -> None:
    near, far = explained(1, title="near", bpm=100.0), explained(2, title="far", bpm=50.0)
    pairs = np.array([[0.3], [0.6]], np.float32)
    [explanation] = explain([far, near], [explained(3, bpm=100.0)], [0.45], pairs=pairs, sample=EMPTY_SAMPLE)
    assert explanation.text == "similar overall, both at 100 BPM (nearest to near)"


NAMES = (
    "loudness_lufs",
    "onset_rate",
    "centroid_mean",
    "rms_range_db",
    "pulse_clarity",
    "tempo_confidence",
    "key_confidence",
)
TAGS = (*INSTRUMENTS, *PLAYING_STYLES, *STYLES, "slow", "fast", "beautiful", "80s")
KEYS = ("C major", "A minor", "G major", "F# minor", None)
probability = st.floats(0, 1)
tracks = st.builds(
    explained,
    st.integers(1, 99),
    st.dictionaries(st.sampled_from(TAGS), st.floats(0.1, 1), max_size=12),
    st.tuples(probability, probability, probability, probability),
    deviations=st.dictionaries(st.sampled_from(NAMES), st.floats(-4, 4, width=32)),
    genre=st.sampled_from(["jazz", "electronic", "classical", "rock", "unknown", None]),
    genre_probability=st.one_of(st.none(), probability),
    bpm=st.one_of(st.none(), st.floats(40, 240)),
    key=st.sampled_from(KEYS),
)


def has_word(track: ExplainedTrack, family: str, word: str) -> bool:
    """Whether a track has a word, by its definition."""
    kind, _, tag = family.partition(" ")
    female, male, voice, no_voice = track.voices
    singing = max(female, male, voice)
    onset_deviation, bpm = track.deviation("onset_rate"), track.track.bpm
    is_confident = track.deviation("tempo_confidence") * reference().std[index_of("tempo_confidence")] > (
        MIN_CONFIDENCE["tempo_confidence"] - reference().mean[index_of("tempo_confidence")] - 1e-4
    )
    if kind in SCALES:
        name, low_word, _ = SCALES[kind]
        return (track.deviation(name) <= -1) if word == low_word else (track.deviation(name) >= 1)
    return {
        "genre": lambda: track.track.genre == word != "unknown" and (track.track.genre_probability or 0) >= 0.5,
        "singing": lambda: (singing > 2 * no_voice) if word == "sung" else (no_voice > 2 * singing),
        "voice": lambda: (
            singing > 2 * no_voice and ((female > 4 * male) if word == "female voice" else (male > 4 * female))
        ),
        "pace": lambda: (
            (onset_deviation < 0 and not (is_confident and bpm and bpm > 110))
            if word == "slow"
            else (onset_deviation > 0 and not (is_confident and bpm and bpm < 110))
        ),
        "instrument": lambda: INSTRUMENTS[tag] == word and track.tags[tag] >= 0.2,
        "manner": lambda: PLAYING_STYLES[tag] == word and track.tags[tag] >= 0.1,
        "style": lambda: STYLES[tag] == word and track.tags[tag] >= 0.2,
    }[kind]()


@given(one=tracks, other=tracks)
def test_every_trait_holds_for_both_tracks(one: ExplainedTrack, other: ExplainedTrack) -> None:
    traits = shared(one, other, EMPTY_SAMPLE)
    for trait in traits:
        if trait.family == "tempo":
            assert one.track.bpm
            assert other.track.bpm
            ratio = other.track.bpm / one.track.bpm
            assert {"same": 1, "double": 2, "half": 0.5}[trait.word] == pytest.approx(ratio, rel=0.041)
        elif trait.family == "key":
            assert trait.word != "same" or one.track.key == other.track.key
            assert one.track.key
            assert other.track.key
        else:
            assert has_word(one, trait.family, trait.word), trait
            assert has_word(other, trait.family, trait.word), trait
    assert {(trait.family, trait.word) for trait in traits if trait.family != "tempo"} == {
        (trait.family, trait.word) for trait in shared(other, one, EMPTY_SAMPLE) if trait.family != "tempo"
    }
    shared_families = {trait.family for trait in traits}
    for each in differences(one, other, EMPTY_SAMPLE):
        assert each.family not in shared_families
        if each.family in COMPARATIVES:
            deviation = other.deviation(SCALES[each.family][0]) - one.deviation(SCALES[each.family][0])
            assert abs(deviation) >= MIN_DIFFERENCE
            assert each.this == COMPARATIVES[each.family][deviation > 0]
        elif each.family == "tempo":
            assert one.track.bpm
            assert other.track.bpm
            assert (other.track.bpm > 1.18 * one.track.bpm) == (each.this == "faster")
        else:
            assert has_word(other, each.family, each.this)
            assert has_word(one, each.family, each.that)


@given(one=tracks, other=tracks, similarity=st.floats(-0.2, 1))
def test_sentence_is_short_and_has_no_internal_names(
    one: ExplainedTrack, other: ExplainedTrack, similarity: float
) -> None:
    explanation = explain_pick(one, other, similarity, library(one, other))
    assert len(explanation.shared) <= 5
    assert len(explanation.differences) <= 2
    assert not re.search(
        r"kind of music|timbre|learned|tag|mfcc|  |^ | $|,,| ,|with with|None|beautiful|80s", explanation.text
    )
    numbers = {f"{each.track.bpm:.0f}" for each in (one, other) if each.track.bpm}
    without_codes = re.sub(r"\b\d+[AB]\b", "", explanation.text)  # of keys
    assert set(re.findall(r"\d+", without_codes)) <= numbers
    words = {word for each in (one, other) for word in find_traits(each).values()}
    for word in ("female voice", "male voice", "instrumental", "slow", "quiet", "piano"):
        if re.search(rf"\b{word}\b", explanation.text):
            assert word in words


def test_tempo_and_key_relations() -> None:
    assert tempo_relation(100.0, 104.0) == tempo_relation(104.0, 100.0) == "same"
    assert tempo_relation(100.0, 104.5) is None
    assert (tempo_relation(70.0, 141.0), tempo_relation(141.0, 70.0)) == ("double", "half")
    assert tempo_relation(None, 100.0) is None
    assert key_relation("C major", "A minor") == "relative"
    assert key_relation("C major", "F major") == key_relation("B major", "F# major") == "neighbouring"
    assert key_relation("C major", "C minor") is None
    assert key_relation(None, "C major") is None


def test_rarity_is_information_in_bits() -> None:
    sample = TraitSample([explained(genre="jazz")] * 7 + [explained(genre="rock")] * 23)
    assert sample.word_rarity("genre", "jazz") == pytest.approx(math.log2(4))
    assert sample.word_rarity("genre", "rock") < 1
