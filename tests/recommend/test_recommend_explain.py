"""Explanations: exact sums, and sentences of which every statement is true of both tracks."""

import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic_library import make_track

from recsys.domain.arrays import FloatArray
from recsys.domain.results import Explanation
from recsys.features.scaling import reference
from recsys.features.schema import DIMENSIONS, index_of
from recsys.recommend import traits as module
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
from recsys.recommend.traits import INSTRUMENTS, PLAYING_STYLES, SCALES, STYLES, ExplainedTrack, find_traits
from recsys.recommend.vectors import similarity_vectors

NOBODY = TraitSample(())
FEMALE, MALE, SUNG, NOT_SUNG = (
    (0.6, 0.05, 0.4, 0.02),
    (0.05, 0.6, 0.4, 0.02),
    (0.3, 0.2, 0.6, 0.02),
    (0.0, 0.0, 0.02, 0.5),
)


def features(seed: int) -> FloatArray:
    return np.random.default_rng(seed).standard_normal(len(DIMENSIONS)).astype(np.float32)


def heard(
    number: int = 1,
    tags: dict[str, float] | None = None,
    voices: tuple[float, float, float, float] = (0, 0, 0, 0),
    *,
    sound: dict[str, float] | None = None,
    **facts: Any,
) -> ExplainedTrack:
    """A track that is average in all but what is said: deviations by name, probabilities of tags."""
    vector = np.zeros(len(DIMENSIONS), np.float32)
    for name, deviation in (sound or {}).items():
        vector[index_of(name)] = deviation
    facts = {"genre": None, "bpm": None, "key": None} | facts
    return ExplainedTrack(make_track(number, **facts), vector, tags or {}, voices)


def why(
    seed: ExplainedTrack, pick: ExplainedTrack, similarity: float = 0.8, sample: TraitSample = NOBODY
) -> Explanation:
    [explanation] = explain([seed], [pick], [similarity], pairs=np.array([[similarity]], np.float32), sample=sample)
    return explanation


def library(*tracks: ExplainedTrack) -> TraitSample:
    """These tracks, and as many times three of which nothing can be said."""
    return TraitSample((*tracks, *(heard() for _ in range(3 * len(tracks)))))


@given(seeds=st.integers(1, 3), picks=st.integers(1, 4), start=st.integers(0, 50))
def test_groups_and_hubs_sum_to_the_similarity(seeds: int, picks: int, start: int) -> None:
    asked = [heard(start + i)._replace(features=features(start + i)) for i in range(seeds)]
    found = [heard(start + 10 + i)._replace(features=features(start + 10 + i)) for i in range(picks)]
    pairs = similarity_vectors(np.stack([s.features for s in asked])) @ (
        similarity_vectors(np.stack([f.features for f in found])).T
    )
    similarities = (pairs.mean(axis=0) - 0.05).tolist()
    explanations = explain(asked, found, similarities, pairs=pairs, sample=NOBODY)
    for each, similarity in zip(explanations, similarities, strict=True):
        assert sum(each.groups.values()) + each.hubness_penalty == pytest.approx(similarity, abs=1e-5)
        assert each.hubness_penalty == pytest.approx(-0.05, abs=1e-5)
    assert explain(asked, [], [], pairs=pairs[:, :0], sample=NOBODY) == []


def test_what_is_shared_is_told_in_plain_words() -> None:
    one = heard(
        1, {"acoustic": 0.2, "slow": 0.3}, FEMALE, sound={"onset_rate": -0.5}, genre="folk", bpm=96.0, key="A minor"
    )
    other = one._replace(track=replace(one.track, id=2, bpm=108.0))
    explanation = why(one, other, sample=library(one, other))
    assert explanation.text == "both slow, acoustic folk with female voice, in A minor"
    assert explanation.shared == ("folk", "female voice", "slow", "acoustic", "in A minor")
    assert explanation.differences == ()
    assert explanation.tags == ("acoustic", "slow")
    loud = other._replace(features=other.features + 2 * (np.arange(len(DIMENSIONS)) == index_of("loudness_lufs")))
    assert why(one, loud, sample=library(one, other)).text == f"{explanation.text}; but louder"


@pytest.mark.parametrize(
    ("bpm", "notes", "tags", "said"),
    [
        (66.0, -0.5, {}, "slow"),
        (66.0, 0.5, {}, None),  # may be half of what is felt
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
def test_pace_is_said_where_nothing_contradicts(
    bpm: float | None, notes: float, tags: dict[str, float], said: str | None
) -> None:
    assert find_traits(heard(1, tags, bpm=bpm, sound={"onset_rate": notes})).get("pace") == said


def test_the_rarest_come_first_and_five_are_enough() -> None:
    everything = {"guitar": 0.5, "piano": 0.5, "violin": 0.5, "flute": 0.5, "acoustic": 0.5, "folk": 0.5, "blues": 0.5}
    one = heard(1, everything, NOT_SUNG, genre="rock", key="A minor")
    sample = TraitSample([heard(tags={"guitar": 0.5})] * 12 + [heard(tags={"piano": 0.5})] * 3 + [heard()] * 60)
    explanation = why(one, one, sample=sample)
    assert len(explanation.shared) == 5
    assert "guitar" not in explanation.text
    rarities = [fact.rarity for fact in shared(one, one, sample)]
    assert rarities == sorted(rarities, reverse=True)


def test_what_the_whole_library_has_says_nothing() -> None:
    one = heard(1, {"violin": 0.5}, genre="classical")
    alone = why(one, one, sample=TraitSample([one] * 30))
    assert alone.text == "both classical music, nothing unusual in common"
    assert alone.shared == ()
    assert why(one, one, sample=library(*[one] * 8)).text == "both classical music with violin"


def test_where_nothing_is_shared_it_is_said() -> None:
    assert why(heard(1), heard(2)).text == "similar overall, nothing unusual in common"
    assert why(heard(1), heard(2), 0.05).text == "hardly similar, nothing unusual in common"
    tempo = why(heard(1, bpm=120.0), heard(2, bpm=121.0))
    assert tempo.text == "similar overall, both at 120 and 121 BPM"
    fifth = why(heard(1, bpm=120.0, key="C major"), heard(2, bpm=90.0, key="D minor"))
    assert fifth.text == "similar overall, nothing unusual in common; but slower (90 against 120 BPM)"
    none = heard(1, genre="unknown", genre_probability=0.9)
    assert why(none, none).text == "similar overall, nothing unusual in common"
    doubtful = heard(1, genre="jazz", genre_probability=0.4)
    assert why(doubtful, doubtful).text == "similar overall, nothing unusual in common"


@pytest.mark.parametrize(
    ("bpm", "key", "said"),
    [
        (60.0, "A minor", "in relative keys (C major and A minor), at 120 and 60 BPM (half time)"),
        (243.0, "G major", "in neighbouring keys (C major and G major), at 120 and 243 BPM (double time)"),
        (124.0, "C major", "in C major, at 120 and 124 BPM"),
        (120.0, "F# major", "at 120 BPM"),
        (150.0, "C major", "in C major; but faster (150 against 120 BPM)"),
        (130.0, "C major", "in C major"),
    ],
)
def test_tempo_and_key_side_by_side(bpm: float, key: str, said: str) -> None:
    explanation = why(heard(1, bpm=120.0, key="C major"), heard(2, bpm=bpm, key=key))
    assert explanation.text == f"similar overall, both {said}"
    assert (explanation.bpm, explanation.key) == ((120.0, bpm), ("C major", key))


def test_what_is_not_sure_is_not_told() -> None:
    unsure = {"tempo_confidence": -2.0, "key_confidence": -2.0}
    one = heard(1, bpm=60.0, key="C major", sound=unsure | {"onset_rate": -0.5})
    assert why(one, one).text == "similar overall, nothing unusual in common"


@pytest.mark.parametrize(
    ("mine", "theirs", "said"),
    [
        (heard(voices=NOT_SUNG), heard(voices=MALE), "sung, not instrumental"),
        (heard(voices=SUNG), heard(voices=NOT_SUNG), "instrumental, not sung"),
        (heard(voices=FEMALE), heard(voices=MALE), "with a male voice, not a female one"),
        (heard(genre="folk"), heard(genre="pop"), "pop, not folk"),
        (heard(sound={"loudness_lufs": -0.6}), heard(sound={"loudness_lufs": 0.6}), "louder"),
        (heard(sound={"centroid_mean": 2.5}), heard(sound={"centroid_mean": 0.3}), "darker in sound"),
        (heard(sound={"onset_rate": 0.9}), heard(sound={"onset_rate": -0.9}), "sparser"),
    ],
)
def test_where_they_differ(mine: ExplainedTrack, theirs: ExplainedTrack, said: str) -> None:
    explanation = why(mine, theirs)
    assert explanation.differences == (said,)
    assert explanation.text.endswith(f"; but {said}")


def test_the_two_largest_differences_are_told_and_none_in_what_is_shared() -> None:
    one = heard(1, sound={"loudness_lufs": -1.2, "onset_rate": -3.0, "centroid_mean": -1.0})
    other = heard(2, sound={"loudness_lufs": -2.5, "onset_rate": 3.0, "centroid_mean": 0.5})
    far = [heard(sound={"onset_rate": 1.0, "centroid_mean": 2.0}) for _ in range(9)]
    explanation = why(one, other, sample=TraitSample(far))
    assert explanation.text == "both quiet music; but busier and brighter in sound"


def test_a_genre_is_not_repeated_as_a_style() -> None:
    one = heard(1, {"jazz": 0.6, "blues": 0.25, "techno": 0.5, "funk": 0.4}, genre="jazz")
    assert why(one, one).text == "both jazz (funk) with a touch of blues"
    rock, pop = (heard(1, {"pop": 0.6, "rock": 0.6}, genre=genre) for genre in ("rock", "pop"))
    assert why(rock, pop).text == "similar overall, nothing unusual in common; but pop, not rock"
    metal = heard(1, {"rock": 0.6, "punk": 0.3}, genre="metal")
    assert why(metal, metal).text == "both metal (punk)"
    unknown = heard(1, {"electronic": 0.6, "techno": 0.5})
    assert why(unknown, unknown).text == "both electronic music"
    electronic = unknown._replace(track=replace(unknown.track, genre="electronic"))
    assert why(electronic, electronic).text == "both electronic music (techno)"


def test_one_instrument_alone_is_a_solo() -> None:
    one, two = heard(1, {"solo": 0.3, "piano": 0.5}), heard(2, {"solo": 0.3, "piano": 0.5, "guitar": 0.5})
    assert why(one, one).text == "both with solo piano"
    assert why(one, two).text == why(two, one).text == "both with piano"


def test_with_several_seeds_the_sentence_is_about_the_nearest() -> None:
    near, far = heard(1, title="near", bpm=100.0), heard(2, title="far", bpm=50.0)
    pairs = np.array([[0.3], [0.6]], np.float32)
    [explanation] = explain([far, near], [heard(3, bpm=100.0)], [0.45], pairs=pairs, sample=NOBODY)
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
    heard,
    st.integers(1, 99),
    st.dictionaries(st.sampled_from(TAGS), st.floats(0.1, 1), max_size=12),
    st.tuples(probability, probability, probability, probability),
    sound=st.dictionaries(st.sampled_from(NAMES), st.floats(-4, 4, width=32)),
    genre=st.sampled_from(["jazz", "electronic", "classical", "rock", "unknown", None]),
    genre_probability=st.one_of(st.none(), probability),
    bpm=st.one_of(st.none(), st.floats(40, 240)),
    key=st.sampled_from(KEYS),
)


def holds(track: ExplainedTrack, family: str, word: str) -> bool:
    """Whether a word is true of a track, by its definition."""
    kind, _, tag = family.partition(" ")
    female, male, voice, none = track.voices
    sung = max(female, male, voice)
    notes, bpm = track.deviation("onset_rate"), track.track.bpm
    sure = track.deviation("tempo_confidence") * reference().std[index_of("tempo_confidence")] > (
        module.MIN_CONFIDENCE["tempo_confidence"] - reference().mean[index_of("tempo_confidence")] - 1e-4
    )
    if kind in SCALES:
        name, little, _ = SCALES[kind]
        return (track.deviation(name) <= -1) if word == little else (track.deviation(name) >= 1)
    return {
        "genre": lambda: track.track.genre == word != "unknown" and (track.track.genre_probability or 0) >= 0.5,
        "singing": lambda: (sung > 2 * none) if word == "sung" else (none > 2 * sung),
        "voice": lambda: sung > 2 * none and ((female > 4 * male) if word == "female voice" else (male > 4 * female)),
        "pace": lambda: (
            (notes < 0 and not (sure and bpm and bpm > 110))
            if word == "slow"
            else (notes > 0 and not (sure and bpm and bpm < 110))
        ),
        "instrument": lambda: INSTRUMENTS[tag] == word and track.tags[tag] >= 0.2,
        "manner": lambda: PLAYING_STYLES[tag] == word and track.tags[tag] >= 0.1,
        "style": lambda: STYLES[tag] == word and track.tags[tag] >= 0.2,
    }[kind]()


@given(one=tracks, other=tracks)
def test_every_statement_is_true_of_both(one: ExplainedTrack, other: ExplainedTrack) -> None:
    facts = shared(one, other, NOBODY)
    for fact in facts:
        if fact.family == "tempo":
            assert one.track.bpm is not None
            assert other.track.bpm is not None
            ratio = other.track.bpm / one.track.bpm
            assert {"same": 1, "double": 2, "half": 0.5}[fact.word] == pytest.approx(ratio, rel=0.041)
        elif fact.family == "key":
            assert fact.word != "same" or one.track.key == other.track.key
            assert one.track.key
            assert other.track.key
        else:
            assert holds(one, fact.family, fact.word), fact
            assert holds(other, fact.family, fact.word), fact
    assert {(fact.family, fact.word) for fact in facts if fact.family != "tempo"} == {
        (fact.family, fact.word) for fact in shared(other, one, NOBODY) if fact.family != "tempo"
    }
    said = {fact.family for fact in facts}
    for each in differences(one, other, NOBODY):
        assert each.family not in said
        if each.family in COMPARATIVES:
            apart = other.deviation(SCALES[each.family][0]) - one.deviation(SCALES[each.family][0])
            assert abs(apart) >= MIN_DIFFERENCE
            assert each.this == COMPARATIVES[each.family][apart > 0]
        elif each.family == "tempo":
            assert one.track.bpm is not None
            assert other.track.bpm is not None
            assert (other.track.bpm > 1.18 * one.track.bpm) == (each.this == "faster")
        else:
            assert holds(other, each.family, each.this)
            assert holds(one, each.family, each.that)


@given(one=tracks, other=tracks, similarity=st.floats(-0.2, 1))
def test_a_sentence_is_short_and_names_no_internals(
    one: ExplainedTrack, other: ExplainedTrack, similarity: float
) -> None:
    explanation = why(one, other, similarity, library(one, other))
    assert len(explanation.shared) <= 5
    assert len(explanation.differences) <= 2
    assert not re.search(
        r"kind of music|timbre|learned|tag|mfcc|  |^ | $|,,| ,|with with|None|beautiful|80s", explanation.text
    )
    numbers = {f"{each.track.bpm:.0f}" for each in (one, other) if each.track.bpm}
    assert set(re.findall(r"\d+", explanation.text)) <= numbers
    words = {word for each in (one, other) for word in find_traits(each).values()}
    for word in ("female voice", "male voice", "instrumental", "slow", "quiet", "piano"):
        if re.search(rf"\b{word}\b", explanation.text):
            assert word in words


def test_relations_of_tempo_and_key() -> None:
    assert tempo_relation(100.0, 104.0) == tempo_relation(104.0, 100.0) == "same"
    assert tempo_relation(100.0, 104.5) is None
    assert (tempo_relation(70.0, 141.0), tempo_relation(141.0, 70.0)) == ("double", "half")
    assert tempo_relation(None, 100.0) is None
    assert key_relation("C major", "A minor") == "relative"
    assert key_relation("C major", "F major") == key_relation("B major", "F# major") == "neighbouring"
    assert key_relation("C major", "C minor") is None
    assert key_relation(None, "C major") is None


def test_rarity_is_the_information_of_a_fact() -> None:
    sample = TraitSample([heard(genre="jazz")] * 7 + [heard(genre="rock")] * 23)
    assert sample.word_rarity("genre", "jazz") == pytest.approx(math.log2(4))
    assert sample.word_rarity("genre", "rock") < 1
