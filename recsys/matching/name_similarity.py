"""Compare two names in normal form (*keys*, see :mod:`recsys.metadata.names`): typing errors and contradictions.

Two keys may differ by a typing error, unless the words that differ are numbers, or words that distinguish recordings
("live", "remix").
"""

import re
from functools import lru_cache

from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import token_set_ratio

from recsys.metadata.names import ROMAN_NUMERALS

_OTHER_RECORDING = frozenset(
    """live remix mix remixed rmx acoustic unplugged demo demos instrumental karaoke dub acapella cappella orchestral
    symphonic rehearsal outtake cover""".split()  # noqa: SIM905
)
_DISTINCTIVE = _OTHER_RECORDING | frozenset(
    """edit extended version session sessions take reprise piano alternate alternative single radio club mashup bootleg
    vip remake intro outro interlude prelude finale slowed reverb stripped medley one two three four five six seven
    eight nine ten first second third fourth fifth sixth seventh eighth ninth tenth north south east west black white
    green brown major minor sharp flat""".split()  # noqa: SIM905
)
_DIGIT = re.compile(r"\d")
_MIN_LENGTH = 5  # letters from which one edit is a typing error; below, it makes another word
_MIN_LENGTH_TWO_EDITS = 8  # letters from which two edits are
_MIN_SIMILARITY = 60.0  # token set ratio, 0 to 100; names below it are unrelated


def is_typo(one: str, other: str, *, sure: bool) -> bool:
    """Whether two keys differ only by typing errors in one word of three, or by where words are separated.

    Unless ``sure`` (other evidence, such as the duration, indicates the same recording), a word and its longer form
    ("angel", "angels") are different words.

    >>> is_typo("come togehter", "come together", sure=False), is_typo("part one", "part two", sure=False)
    (True, False)
    """
    if _marks(one) != _marks(other):
        return False
    first, second = one.split(), other.split()
    if one.replace(" ", "") == other.replace(" ", ""):
        return True
    if len(first) != len(second):
        return False
    differing = [pair for pair in zip(first, second, strict=True) if pair[0] != pair[1]]
    return len(differing) <= max(1, len(first) // 3) and all(_is_word_typo(*pair, sure=sure) for pair in differing)


def dissimilar(one: str, other: str) -> bool:
    """Whether two keys have so few words in common that further agreement is chance."""
    return one != other and token_set_ratio(one, other) < _MIN_SIMILARITY


def conflicting(one: str, other: str) -> bool:
    """Whether two title keys name different pieces, or different recordings of one piece."""
    return dissimilar(one, other) or bool(_OTHER_RECORDING & (set(one.split()) ^ set(other.split())))


def _is_word_typo(one: str, other: str, *, sure: bool) -> bool:
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < _MIN_LENGTH or one[0] != other[0] or (longer.startswith(shorter) and not sure):
        return False
    return OSA.distance(one, other, score_cutoff=2) <= (1 if len(shorter) < _MIN_LENGTH_TWO_EDITS else 2)


@lru_cache(maxsize=1 << 16)
def _marks(key: str) -> tuple[list[str], list[str]]:
    """The numbers of a key in their order, and its distinctive words in alphabetical order."""
    words = key.split()
    numbers = [word for word in words if _DIGIT.search(word) or word in ROMAN_NUMERALS]
    return numbers, sorted(word for word in words if word in _DISTINCTIVE)
