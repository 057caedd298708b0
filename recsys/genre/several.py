"""Several genres in one text: what a tag or the cell of a table says of a track, taken apart.

"Rock; Pop" is two labels. A semicolon, a comma, a bar and a slash between spaces always separate. A slash without
spaces ("Rock/Pop", but "R&B/Soul") separates only where every part is a genre by itself elsewhere.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

_CERTAIN_SEPARATORS = re.compile(r"\s*[;,|\0]\s*|\s+/\s+")
_LEADING = re.compile(r"^(?:&|and\b)\s*", re.IGNORECASE)  # "Folk, World, & Country"


def split_genres(texts: Sequence[str | None]) -> list[tuple[str, ...]]:
    """The genres of each of n texts, in order, none twice; spelled as in most texts of those that differ in case alone.

    Examples
    --------
    >>> split_genres(["Rock; Pop", "Rock/Pop", "R&B/Soul", None])
    [('Rock', 'Pop'), ('Rock', 'Pop'), ('R&B/Soul',), ()]
    """
    parts = [_unique(_LEADING.sub("", part) for part in _CERTAIN_SEPARATORS.split(text or "")) for text in texts]
    alone = {part.casefold() for found in parts for part in found if "/" not in part}
    whole = [_unique(part for one in found for part in _split(one, alone)) for found in parts]
    counts = Counter(part for found in whole for part in found)
    spelled: dict[str, str] = {}
    for part in sorted(counts, key=lambda part: (-counts[part], part)):
        spelled.setdefault(part.casefold(), part)
    return [tuple(spelled[part.casefold()] for part in found) for found in whole]


def _split(text: str, alone: set[str]) -> list[str]:
    parts = [part.strip() for part in text.split("/")]
    return parts if len(parts) > 1 and all(part.casefold() in alone for part in parts) else [text]


def _unique(texts: Iterable[str]) -> list[str]:
    """Those that are not empty, the first of each that differ in case alone."""
    found: dict[str, str] = {}
    for text in texts:
        if text.strip():
            found.setdefault(text.strip().casefold(), text.strip())
    return list(found.values())
