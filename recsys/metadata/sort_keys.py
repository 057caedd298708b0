"""Keys by which names are sorted: without case, accents, punctuation and articles, and with numbers by their value."""

import re
from functools import lru_cache

from recsys.metadata.names import LATIN_LETTERS, article_first
from recsys.metadata.text import fold

_PLAIN = re.compile("[a-z]+(?: [a-z]+)*")
_DIGITS = re.compile("[0-9]+")
_APOSTROPHES = re.compile("['’‘`´ʼ′]")
_PUNCTUATION = re.compile(r"[\W_]+")
_ARTICLE = "the "


def sort_key(name: str) -> str:
    """The key of a name.

    >>> sorted(["Track 10", "track 2", "The Zoo", "Ábba", "Beatles, The"], key=sort_key)
    ['Ábba', 'Beatles, The', 'track 2', 'Track 10', 'The Zoo']
    """
    key = name.lower()
    if not _PLAIN.fullmatch(key):  # which most titles do
        folded = _APOSTROPHES.sub("", fold(article_first(name)))
        folded = folded if folded.isascii() else folded.translate(LATIN_LETTERS)
        key = _DIGITS.sub(_by_value, _PUNCTUATION.sub(" ", folded).strip()) or folded
    return key.removeprefix(_ARTICLE) or key


@lru_cache(maxsize=1 << 14)
def cached_sort_key(name: str) -> str:
    """The same, for artists and albums, whose names are repeated."""
    return sort_key(name)


def natural_key(path: str) -> str:
    """The key of a path, of which articles and punctuation are part.

    >>> sorted(["/b/10.mp3", "/b/9.mp3", "/B/2.mp3"], key=natural_key)
    ['/B/2.mp3', '/b/9.mp3', '/b/10.mp3']
    """
    return _DIGITS.sub(_by_value, fold(path))


def _by_value(digits: "re.Match[str]") -> str:
    """Digits such that longer numbers come later: the number of digits precedes them."""
    number = digits[0].lstrip("0") or "0"
    return f"{len(number):03}{number}"
