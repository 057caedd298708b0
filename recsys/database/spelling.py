"""Which word of the library a mistyped word stands for."""

import re
from collections import Counter
from itertools import pairwise

from sqlalchemy import Connection, select

from recsys.database.id_queries import PRESENT
from recsys.database.tables import file

_SHORTEST = 4  # characters of a word that is corrected
_LONG = 8  # from which on two characters may be wrong, otherwise one
_WORD = re.compile(r"[^\W_]+")

Words = Counter[str]


def words_of(connection: Connection) -> Words:
    """The folded words in artist, title, album and path of all present files, and in how many places each is."""
    found: Words = Counter()
    for text in connection.execute(select(file.c.search_text).where(PRESENT)).scalars():
        found.update(_WORD.findall(text))
    return found


def nearest(word: str, words: Words) -> str | None:
    """The word that begins most like a folded word, if hardly anything differs; of several, the most frequent one.

    >>> nearest("silkwever", Counter(["silkweaver", "silver"])), nearest("zzzz", Counter(["jazz"]))
    ('silkweaver', None)
    """
    if len(word) < _SHORTEST:
        return None
    allowed = 1 if len(word) < _LONG else 2
    # with so few mistakes, one of these pieces has none, unless the two that are exchanged are on both sides of a cut
    cuts = [len(word) * i // (allowed + 1) for i in range(allowed + 2)]
    pieces = [word[start:end] for start, end in pairwise(cuts)]
    found = [
        (wrong, abs(len(other) - len(word)), -count, other)
        for other, count in words.items()
        if len(other) >= len(word) - allowed
        and any(piece in other for piece in pieces)
        and (wrong := _mistakes(word, other[: len(word) + allowed])) <= allowed
    ]
    return min(found)[-1] if found else None


def _mistakes(word: str, other: str) -> int:
    """How many characters are wrong, missing, too many or exchanged in a word that begins another one."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word):
        before, last, row = row, before, [i + 1]
        for j, there in enumerate(other):
            cost = min(before[j] + (letter != there), before[j + 1] + 1, row[j] + 1)
            if i and j and letter == other[j - 1] and word[i - 1] == there:
                cost = min(cost, last[j - 1] + 1)
            row.append(cost)
    return min(row)
