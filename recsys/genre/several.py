"""Splitting a genre tag, or a cell of a table, that names several genres.

"Rock; Pop" is two labels. A semicolon, a comma, a vertical bar and a slash between spaces are always separators. A
slash without spaces ("Rock/Pop", but "R&B/Soul") is a separator only if every part is also a genre elsewhere.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

_CERTAIN_SEPARATORS = re.compile(r"\s*[;,|\0]\s*|\s+/\s+")
_LEADING = re.compile(r"^(?:&|and\b)\s*", re.IGNORECASE)  # "Folk, World, & Country"


def split_genres(texts: Sequence[str | None]) -> list[tuple[str, ...]]:
    """The genres of each of n texts.

    Parameters
    ----------
    texts
        Tags or cells; None where there is none.

    Returns
    -------
    list of tuple, n
        Without repetitions, in order. Spellings that differ only in case are one genre, in the most frequent spelling.

    Examples
    --------
    >>> split_genres(["Rock; Pop", "Rock/Pop", "R&B/Soul", None])
    [('Rock', 'Pop'), ('Rock', 'Pop'), ('R&B/Soul',), ()]
    """
    parts = [_unique(_LEADING.sub("", part) for part in _CERTAIN_SEPARATORS.split(text or "")) for text in texts]
    known = {part.casefold() for found in parts for part in found if "/" not in part}
    genres = [_unique(genre for part in found for genre in _split_slashes(part, known)) for found in parts]
    counts = Counter(genre for found in genres for genre in found)
    spellings: dict[str, str] = {}
    for genre in sorted(counts, key=lambda genre: (-counts[genre], genre)):
        spellings.setdefault(genre.casefold(), genre)
    return [tuple(spellings[genre.casefold()] for genre in found) for found in genres]


def _split_slashes(text: str, known: set[str]) -> list[str]:
    parts = [part.strip() for part in text.split("/")]
    return parts if len(parts) > 1 and all(part.casefold() in known for part in parts) else [text]


def _unique(texts: Iterable[str]) -> list[str]:
    """The texts that are not empty; of those that differ only in case, the first."""
    unique: dict[str, str] = {}
    for text in texts:
        if text.strip():
            unique.setdefault(text.strip().casefold(), text.strip())
    return list(unique.values())
