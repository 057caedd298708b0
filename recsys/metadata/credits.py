"""Artists in the texts of tags: a name that contains a separator is one name, unless there is evidence of several."""

import re
from collections.abc import Iterable, Sequence

from recsys.metadata.text import fold

_LIST = re.compile(r"\s*(?:;|/|\\\\)\s*")  # with which Picard and others join a list in ID3v2.3
_STRONG = re.compile(r"\s*(?:;|\\\\)\s*")
_GUEST = re.compile(r"\s*[(\[]?\s*\b(?:feat\.?|ft\.?|featuring)(?=\s)\s*", re.IGNORECASE)
_ANY = re.compile(
    r"\s*(?:;|/|\\\\|,|&|\+|、|，)\s*|\s+(?:and|with|und|et|x|vs\.?|con|y|meets|presents|pres\.)\s+"
    r"|\s*[(\[]?\s*\b(?:feat\.?|ft\.?|featuring)(?=\s)\s*",
    re.IGNORECASE,
)
_UNOPENED_BRACKET = re.compile(r"^([^()\[\]]+)[)\]]$")  # of "(feat. Cee)"


def distinct(names: Iterable[str]) -> list[str]:
    """Names in order, each once."""
    return list(dict.fromkeys(name for name in names if name))


def artists_of(credits: Sequence[str], artists: Sequence[str], n_identifiers: int = 0) -> list[str]:
    """The artists of a file.

    Parameters
    ----------
    credits
        Values of the field for the artist, often one text with the names of all.
    artists
        Values of the field for the list of artists (Picard's ARTISTS), if the file has one. It counts unless the credit
        was edited later and has none of its names.
    n_identifiers
        How many identifiers of artists the file has. A text of as many parts is split.

    >>> artists_of(["Foo feat. Cee"], ["Foo", "Cee"])
    ['Foo', 'Cee']
    >>> artists_of(["AC/DC"], [], 1), artists_of(["Foo & Cee"], [], 2)
    (['AC/DC'], ['Foo', 'Cee'])
    """
    credits, listed = distinct(credits), distinct(artists)
    if len(listed) == 1:
        listed = _parts_of_list(listed[0], credits, n_identifiers)
    folded = fold(" ".join(credits))
    if listed and (not credits or any(fold(name) in folded for name in listed) or len(listed) == n_identifiers > 1):
        return listed if len(listed) >= len(credits) else credits
    if len(credits) == 1 and n_identifiers > 1:
        return _parts(credits[0], n_identifiers) or credits
    return credits


def _parts_of_list(text: str, credits: Sequence[str], n_identifiers: int) -> list[str]:
    """The names in a list that was joined to one text: as many as there are identifiers, or all in the credit."""
    parts = distinct(_LIST.split(text))
    folded = fold(" ".join(credits))
    in_credit = fold(text) not in folded and all(fold(part) in folded for part in parts)
    several = len(parts) == n_identifiers if n_identifiers else in_credit
    return parts if len(parts) > 1 and several else [text]


def _parts(text: str, count: int) -> list[str]:
    """The ``count`` names in a text; none where no separator, nor all of them, yields as many.

    Only ";" and "feat." are separators by themselves, beside which others can be part of a name.
    """
    for separator in (_STRONG, _GUEST, _ANY):
        parts = distinct(_UNOPENED_BRACKET.sub(r"\1", part) for part in separator.split(text))
        if len(parts) == count:
            return parts
    return []
