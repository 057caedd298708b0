"""Which shared traits are stated, and in what words: every rule with its limit, on traits that are made here."""

from typing import Any

import numpy as np
import pytest
from synthetic_library import make_track

from recsys.features.schema import DIMENSIONS
from recsys.recommend.comparison import Difference, Trait
from recsys.recommend.phrases import difference, phrase, select_traits, sentence
from recsys.recommend.traits import ExplainedTrack

MIN_RARITY = 1.5


def track(tags: dict[str, float] | None = None, *, is_sung: bool = False, **fields: Any) -> ExplainedTrack:
    """A track with average features; ``is_sung`` has a voice."""
    voices = (0.0, 0.0, 0.9, 0.0) if is_sung else (0.0, 0.0, 0.0, 0.0)
    known = {"genre": None, "bpm": None, "key": None, **fields}
    return ExplainedTrack(make_track(1, **known), np.zeros(len(DIMENSIONS), np.float32), tags or {}, voices)


PLAIN = track()


def traits(*families: str, rarity: float = 3.0) -> list[Trait]:
    """Traits of these families and words, "family: word", each rarer than the next."""
    parted = [each.split(": ") for each in families]
    return [Trait(family, word, rarity - i / 100) for i, (family, word) in enumerate(parted)]


def stated(given: list[Trait], seed: ExplainedTrack = PLAIN, pick: ExplainedTrack = PLAIN) -> list[str]:
    return [trait.word for trait in select_traits(given, seed, pick, MIN_RARITY)]


SIX = traits("pace: slow", "level: quiet", "beat: beat", "dynamics: even", "colour: dark", "singing: sung")


def test_at_most_five_rare_traits_are_stated() -> None:
    assert stated(SIX) == ["slow", "quiet", "beat", "even", "dark"]
    assert stated(traits("genre: folk") + SIX) == ["folk", "slow", "quiet", "beat", "even"]
    assert stated(SIX[:4]) == ["slow", "quiet", "beat", "even"]


def test_common_traits_are_stated_up_to_the_third() -> None:
    common = [trait._replace(rarity=1.4 - i / 100) for i, trait in enumerate(SIX)]
    assert stated([SIX[0], *common[1:]]) == ["slow", "quiet", "beat"]
    assert stated([*SIX[:3], *common[3:]]) == ["slow", "quiet", "beat"]
    assert stated([*SIX[:2], SIX[2]._replace(rarity=1.5), *common[3:]]) == ["slow", "quiet", "beat"]
    assert stated([*SIX[:3], SIX[3]._replace(rarity=1.5), *common[4:]]) == ["slow", "quiet", "beat", "even"]
    assert stated([*SIX[:3], SIX[3]._replace(rarity=1.49), *common[4:]]) == ["slow", "quiet", "beat"]


def test_nothing_is_stated_if_nothing_is_rare() -> None:
    assert stated([SIX[0]._replace(rarity=1.49), SIX[1]._replace(rarity=1.0)]) == []
    assert stated([SIX[0]._replace(rarity=1.5), SIX[1]._replace(rarity=1.0)]) == ["slow", "quiet"]
    assert stated([*traits("genre: folk"), SIX[1]._replace(rarity=1.0)]) == ["folk", "quiet"]
    assert stated([Trait("genre", "folk", 0.1), SIX[1]._replace(rarity=1.0)]) == []
    assert stated([Trait("genre", "folk", 0.1), SIX[0]]) == ["slow", "folk"]
    assert stated([]) == []


@pytest.mark.parametrize(("family", "most"), [("style", 2), ("manner", 2), ("instrument", 3)])
def test_families_of_several_words_have_a_limit(family: str, most: int) -> None:
    given = traits(*(f"{family} {word}: {word}" for word in "abcd"))
    assert stated(given) == list("abcd")[:most]
    assert stated([*given, *traits("pace: slow", rarity=2.0)]) == [*list("abcd")[:most], "slow"]


def test_neighbouring_keys_are_stated_after_all_else_and_not_alone() -> None:
    near = Trait("key", "neighbouring", 9.0)
    assert stated([near]) == []
    assert stated([near, SIX[0]]) == ["neighbouring", "slow"]
    assert stated([near, *SIX[:2]]) == ["neighbouring", "slow", "quiet"]
    assert stated([near, *SIX[:3]]) == ["slow", "quiet", "beat"]
    assert stated([near, *traits("genre: folk")]) == ["neighbouring", "folk"]
    assert stated([near, Trait("key", "same", 3.0)]) == ["same"]


@pytest.mark.parametrize(
    ("implied", "by"),
    [
        ("singing: sung", "voice: female voice"),
        ("instrument strings: strings", "instrument violin: violin"),
        ("instrument strings: strings", "instrument cello: cello"),
        ("density: busy", "pace: fast"),
        ("style rock: rock", "style hard rock: hard rock"),
        ("style rock: rock", "style progressive rock: progressive rock"),
    ],
)
def test_trait_that_another_implies_is_not_stated(implied: str, by: str) -> None:
    word = by.split(": ")[1]
    assert stated(traits(implied, by)) == [word]
    assert stated(traits(implied)) == [implied.split(": ")[1]]
    assert stated(traits(by)) == [word]


@pytest.mark.parametrize(
    ("genres", "style", "is_stated"),
    [
        (("jazz", "jazz"), "jazz", False),
        (("jazz", "folk"), "folk", False),
        (("folk", "jazz"), "folk", False),
        (("folk", None), "folk", False),
        ((None, "folk"), "folk", False),
        (("hiphop", "hiphop"), "hip hop", False),
        (("electronic", "electronic"), "electronic music", False),
        (("metal", "metal"), "rock", False),
        (("rock", "rock"), "metal", True),
        (("folk", "folk"), "rock", True),
        ((None, None), "rock", True),
        (("punk rock", "punk rock"), "rock", False),
    ],
)
def test_style_that_is_a_genre_of_one_track_is_not_stated(
    genres: tuple[str | None, str | None], style: str, is_stated: bool
) -> None:
    seed, pick = (track(genre=genre) for genre in genres)
    assert stated(traits(f"style {style}: {style}"), seed, pick) == [style] * is_stated
    assert stated(traits(f"manner {style}: {style}"), seed, pick) == [style] * is_stated
    assert stated(traits(f"instrument {style}: {style}"), seed, pick) == [style]


@pytest.mark.parametrize(
    ("family", "word", "expected"),
    [
        ("tempo", "same", "at 100 and 203 BPM"), ("tempo", "double", "at 100 and 203 BPM (double time)"),
        ("key", "same", "in C major (8B)"), ("key", "relative", "in relative keys (C major 8B and E minor 9A)"),
        ("style blues", "blues", "a touch of blues"), ("style jazz", "jazz", "jazz"),
        ("style soul", "soul", "a touch of soul"),
        ("genre", "classical", "classical music"), ("genre", "folk", "folk"), ("genre", "latin", "latin music"),
        ("level", "loud", "loud"), ("genre", "alternative", "alternative music"), ("genre", "indie", "indie music"),
    ],
)  # fmt: skip
def test_phrases(family: str, word: str, expected: str) -> None:
    seed = track({"jazz": 0.3, "blues": 0.29, "soul": 0.9}, bpm=100.4, key="C major")
    pick = track({"jazz": 0.9, "blues": 0.9}, bpm=202.6, key="E minor")
    assert phrase(Trait(family, word, 1.0), seed, pick) == expected


def test_style_of_one_track_is_a_touch() -> None:
    for seed, pick in ((PLAIN, track({"funk": 0.9})), (track({"funk": 0.9}), PLAIN)):
        assert phrase(Trait("style funk", "funk", 1.0), seed, pick) == "a touch of funk"


def test_equal_rounded_tempi_are_stated_once() -> None:
    assert phrase(Trait("tempo", "same", 1.0), track(bpm=100.4), track(bpm=99.6)) == "at 100 BPM"


@pytest.mark.parametrize(
    ("family", "this", "that", "expected"),
    [
        ("tempo", "faster", "", "faster (150 against 100 BPM)"),
        ("voice", "male voice", "female voice", "with a male voice, not a female one"),
        ("genre", "pop", "folk", "pop, not folk"),
        ("level", "louder", "", "louder"),
    ],
)
def test_differences(family: str, this: str, that: str, expected: str) -> None:
    assert difference(Difference(family, this, that, 1.0), track(bpm=100), track(bpm=150)) == expected


def of_traits(
    given: list[Trait], seed: ExplainedTrack = PLAIN, pick: ExplainedTrack = PLAIN, similarity: float = 0.8
) -> str:
    """The sentence that states all these traits."""
    return sentence(seed, pick, similarity, given, given, [])


STRONG = {"jazz": 0.3, "funk": 0.8, "blues": 0.2, "soul": 0.1}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("pace: slow", "level: quiet"), "both slow, quiet music"),
        (("level: quiet", "manner mellow: mellow", "density: busy", "pace: slow"),
         "both slow, quiet, busy, mellow music"),
        (("genre: folk",), "both folk"),
        (("pace: slow", "genre: folk"), "both slow folk"),
        (("genre: folk", "style funk: funk"), "both folk (funk)"),
        (("genre: folk", "style funk: funk", "style jazz: jazz"), "both folk (funk, jazz)"),
        (("style funk: funk", "style jazz: jazz"), "both funk and jazz"),
        (("style blues: blues",), "both with a touch of blues"),
        (("style blues: blues", "style soul: soul"), "both with a touch of blues and soul"),
        (("genre: folk", "style blues: blues", "style funk: funk"), "both folk (funk) with a touch of blues"),
        (("singing: sung",), "both with vocals"),
        (("singing: instrumental",), "both instrumental music"),
        (("singing: instrumental", "pace: slow"), "both slow, instrumental music"),
        (("voice: female voice", "singing: sung"), "both with female voice"),
        (("instrument piano: piano", "instrument harp: harp"), "both with piano and harp"),
        (
            ("voice: female voice", "instrument piano: piano", "instrument harp: harp", "colour: a dark sound"),
            "both with female voice, piano, harp and a dark sound",
        ),
        (("singing: sung", "style blues: blues"), "both with vocals and a touch of blues"),
        (("manner solo: solo",), "both solo music"),
        (("manner solo: solo", "instrument piano: piano"), "both with piano"),
        (("beat: with a steady beat", "dynamics: evenly loud"), "both with a steady beat, evenly loud"),
        (("genre: folk", "key: same", "tempo: same"), "both folk, in C major (8B), at 100 BPM"),
        (("genre: folk", "dynamics: evenly loud", "tempo: same", "beat: with a steady beat"),
         "both folk, with a steady beat, evenly loud, at 100 BPM"),
    ],
)  # fmt: skip
def test_order_of_the_words_of_a_sentence(given: tuple[str, ...], expected: str) -> None:
    one = track(STRONG, bpm=100.0, key="C major")
    assert of_traits(traits(*given), one, one) == expected


@pytest.mark.parametrize(
    ("seed", "pick", "expected"),
    [
        (track({"piano": 0.5}), track({"piano": 0.5}), "both with solo piano"),
        (track({"piano": 0.5, "harp": 0.5}), track({"piano": 0.5}), "both with piano"),
        (track({"piano": 0.5}), track({"piano": 0.5, "harp": 0.5}), "both with piano"),
        (track({"piano": 0.5}, is_sung=True), track({"piano": 0.5}), "both with piano"),
        (track({"piano": 0.5}), track({"piano": 0.5}, is_sung=True), "both with piano"),
        (track(), track(), "both with piano"),
    ],
)
def test_only_an_instrument_that_is_alone_in_both_is_solo(
    seed: ExplainedTrack, pick: ExplainedTrack, expected: str
) -> None:
    assert of_traits(traits("manner solo: solo", "instrument piano: piano"), seed, pick) == expected


SAME = track(bpm=100.0, key="C major")


@pytest.mark.parametrize(
    ("common", "shared", "similarity", "expected"),
    [
        ((), (), 0.1, "similar overall, nothing unusual in common"),
        ((), (), 0.0999, "hardly similar, nothing unusual in common"),
        (("genre: folk",), (), 0.1, "both folk, nothing unusual in common"),
        (("genre: folk",), (), 0.0999, "hardly similar, nothing unusual in common"),
        (("tempo: same", "level: loud"), (), 0.5, "both at 100 BPM, nothing unusual in common"),
        (("key: same",), (), 0.5, "both in C major (8B), nothing unusual in common"),
        (("key: neighbouring",), (), 0.5, "similar overall, nothing unusual in common"),
        (("level: loud",), (), 0.5, "similar overall, nothing unusual in common"),
        ((), ("level: loud",), 0.1, "both loud music"),
        ((), ("level: loud",), 0.0999, "hardly similar, both loud music"),
        ((), ("tempo: same",), 0.1, "similar overall, both at 100 BPM"),
        ((), ("key: same", "tempo: same"), 0.1, "similar overall, both in C major (8B), at 100 BPM"),
        ((), ("key: same", "level: loud"), 0.1, "both loud music, in C major (8B)"),
    ],
)
def test_beginning_of_the_sentence(
    common: tuple[str, ...], shared: tuple[str, ...], similarity: float, expected: str
) -> None:
    given = traits(*shared)
    assert sentence(SAME, SAME, similarity, [*given, *traits(*common)], given, []) == expected


def test_differences_follow_the_traits() -> None:
    found = [Difference("level", "louder", "", 1.0), Difference("genre", "pop", "folk", 1.0)]
    given = traits("pace: slow")
    assert sentence(SAME, SAME, 0.5, given, given, found[:1]) == "both slow music; but louder"
    assert sentence(SAME, SAME, 0.5, given, given, found) == "both slow music; but louder and pop, not folk"
