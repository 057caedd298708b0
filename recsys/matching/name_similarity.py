"""How similar two names are that have been brought into normal form (:mod:`recsys.metadata.names`).

Two keys may differ by a typing error, unless the words that differ are numbers, or words that distinguish recordings
("live", "remix").
"""

from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import token_set_ratio

from recsys.metadata.names import ROMAN_NUMERALS

_OTHER_RECORDING = frozenset(
    """live remix mix remixed rmx acoustic unplugged demo demos instrumental karaoke dub acapella cappella orchestral
    symphonic rehearsal outtake cover""".split()  # noqa: SIM905
)
_TELLING = _OTHER_RECORDING | frozenset(
    """edit extended version session sessions take reprise piano alternate alternative single radio club mashup bootleg
    vip remake intro outro interlude prelude finale slowed reverb stripped medley one two three four five six seven
    eight nine ten first second third fourth fifth sixth seventh eighth ninth tenth north south east west black white
    green brown major minor sharp flat""".split()  # noqa: SIM905
)
_SHORT = 5  # letters of a word in which a typing error can be told from another word
_LONG = 8  # letters of a word in which two can
_UNLIKE = 60.0  # of 100: less of the words in common, and two names are of two songs


def is_typo(one: str, other: str, *, sure: bool) -> bool:
    """Whether two keys differ by no more than a slip of the pen in a word or two, or by where words are parted.

    Unless it is ``sure`` for another reason that it is the same song, a word and its longer form ("angel", "angels")
    are two words.
    """
    first, second = one.split(), other.split()
    if _digits(first) != _digits(second) or _telling_in(first) != _telling_in(second):
        return False
    if one.replace(" ", "") == other.replace(" ", ""):
        return True
    if len(first) != len(second):
        return False
    differing = [pair for pair in zip(first, second, strict=True) if pair[0] != pair[1]]
    return len(differing) <= max(1, len(first) // 3) and all(_slip(*pair, sure=sure) for pair in differing)


def dissimilar(one: str, other: str) -> bool:
    """Whether two keys have so little in common that what else is alike is chance."""
    return one != other and token_set_ratio(one, other) < _UNLIKE


def conflicting(one: str, other: str) -> bool:
    """Whether two keys of titles are of two songs, or of two recordings of one."""
    return dissimilar(one, other) or bool(_OTHER_RECORDING & (set(one.split()) ^ set(other.split())))


def _slip(one: str, other: str, *, sure: bool) -> bool:
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < _SHORT or one[0] != other[0] or (longer.startswith(shorter) and not sure):
        return False
    return OSA.distance(one, other, score_cutoff=2) <= (1 if len(shorter) < _LONG else 2)


def _digits(words: list[str]) -> list[str]:
    return [word for word in words if any(c.isdigit() for c in word) or word in ROMAN_NUMERALS]


def _telling_in(words: list[str]) -> list[str]:
    return sorted(word for word in words if word in _TELLING)
