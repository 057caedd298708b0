"""The word that a mistyped one stands for."""

from collections import Counter

import pytest

from recsys.database.spelling import nearest

WORDS = Counter({"silkweaver": 1, "megtort": 2, "love": 9, "live": 3, "orbital": 1, "elevator": 1, "夜想曲集": 1})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("silkwever", "silkweaver"),  # a letter is missing
        ("silkwaever", "silkweaver"),  # two are exchanged
        ("slikwever", "silkweaver"),  # two mistakes in a long word
        ("megtot", "megtort"),
        ("lovve", "love"),
        ("loev", "love"),
        ("silkwe", "silkweaver"),  # the begin of a word
        ("elevatr", "elevator"),
        ("夜想局集", "夜想曲集"),
        ("lve", None),  # too short
        ("lxxe", None),  # more mistakes than a short word may have
        ("qqqqqqqq", None),
        ("", None),
    ],
)
def test_the_nearest_word(typed: str, meant: str | None) -> None:
    assert nearest(typed, WORDS) == meant


def test_the_more_frequent_of_two_that_are_equally_near() -> None:
    assert nearest("lave", WORDS) == "love"
    assert nearest("lave", Counter({"live": 9, "love": 3})) == "live"
