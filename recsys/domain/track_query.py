"""Queries of tracks: what a user types to find them, and the order of the answer.

A query is a row of terms, all of which a track must meet::

    word                 the word is anywhere in artist, title, album or path
    "two words"          so is the phrase
    artist:bowie         so it is in one field: artist, title, album, genre or path
    artist:"miles davis"
    year:1998            a number; also year:1990-1999, year:1990..1999, year:1990-, year:>=1990, year:<1990
    added:2024-05        a day, month or year; also added:2023..2024, added:>=2024-05-01
    key:Am               a key, or its Camelot code
    -live, -genre:rock   not; also ^live

Case and accents are ignored. Numbers are compared as they are shown, rounded: bpm:120 matches 119.5 to 120.5.
"""

import math
import re
from dataclasses import dataclass
from typing import Literal, Self, TypeAlias, get_args

from recsys.domain.keys import parse_key
from recsys.errors import InvalidRequest

TextField: TypeAlias = Literal["artist", "title", "album", "genre", "path"]
NumberField: TypeAlias = Literal["year", "bpm", "duration", "loudness"]
TEXT_FIELDS: tuple[TextField, ...] = get_args(TextField)
NUMBER_FIELDS: tuple[NumberField, ...] = get_args(NumberField)
FIELDS: tuple[str, ...] = (*TEXT_FIELDS, *NUMBER_FIELDS, "key", "added")
"""The fields of queries."""

SortField: TypeAlias = Literal[
    "title", "artist", "album", "genre", "path", "year", "bpm", "duration", "loudness", "key", "added", "plays",
    "rating",
]  # fmt: skip
SORT_FIELDS: tuple[SortField, ...] = get_args(SortField)
"""The fields by which tracks are sorted."""

_MAX_TERMS = 100
_TERM = re.compile(r"""(?P<excluded>[-^](?=[^\s^-]))?(?:(?P<field>[^\W\d]{2,}):(?=\S))?(?P<value>"[^"]+"(?!\S)|\S+)""")
_NUMBER = r"-?\d+(?:\.\d+)?|\d+(?::[0-5]\d){1,2}"
_RANGE = re.compile(
    rf"(?P<sign>>=|<=|>|<|=)?\s*(?P<one>{_NUMBER})|(?P<low>{_NUMBER})?(?P<dash>\.\.|-)(?P<high>{_NUMBER})?"
)
_DATE = r"\d{4}(?:-\d\d(?:-\d\d)?)?"
_DATES = re.compile(
    rf"(?P<sign>>=|<=|>|<|=)?\s*(?P<one>{_DATE})|(?P<low>{_DATE})?(?P<dash>\.\.)(?P<high>{_DATE})?"
    r"|(?P<first>\d{4})-(?P<last>\d{4})"
)
_TOLERANCE = 0.5  # numbers are compared as they are rounded
_AFTER = "~"  # sorts after everything that a date continues with
_EXAMPLES = {
    "year": "a year such as 1998, 1990-1999 or >=1990",
    "bpm": "a tempo such as 120, 120-128 or >=120",
    "duration": "seconds or minutes such as 180, 3:00-4:30 or <2:00",
    "loudness": "LUFS such as -14, -16..-10 or >-10",
    "key": "a musical key such as Am, C major, F# or 8A",
    "added": "a date such as 2024, 2024-05, 2023..2024 or >=2024-05-01",
}


@dataclass(frozen=True, slots=True)
class Term:
    """One condition. ``field`` is None for words; ``value`` is a text, or a key.

    Of a number field, ``low <= x < high``; of "added", ``first <= text < last``, where None is open.
    """

    field: str | None
    value: str
    excluded: bool = False
    low: float = -math.inf
    high: float = math.inf
    first: str | None = None
    last: str | None = None


@dataclass(frozen=True, slots=True)
class TrackQuery:
    """A parsed query; without terms it matches every track.

    Examples
    --------
    >>> TrackQuery.parse('davis "so what" -genre:rock year:1950-1959').words
    ('davis', 'so what')
    >>> TrackQuery.parse("composer:bach")
    Traceback (most recent call last):
    recsys.errors.InvalidRequest: query has the unknown field 'composer'; the fields are artist, title, ...
    """

    terms: tuple[Term, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a query.

        Raises
        ------
        InvalidRequest
            A field is unknown, or its value has another form.
        """
        found = list(_TERM.finditer(text))
        if len(found) > _MAX_TERMS:
            raise InvalidRequest(f"must have at most {_MAX_TERMS} words, got {len(found)}", field="query")
        return cls(tuple(_term(each) for each in found))

    @classmethod
    def of_words(cls, text: str) -> Self:
        """A query whose words are taken literally, also those that look like a field or an exclusion."""
        return cls(tuple(Term(None, word) for word in text.split()))

    @property
    def words(self) -> tuple[str, ...]:
        """The words and phrases that must be anywhere."""
        return tuple(term.value for term in self.terms if term.field is None and not term.excluded)


def _term(found: "re.Match[str]") -> Term:
    name, value, excluded = found["field"], found["value"], bool(found["excluded"])
    if len(value) > 2 and value[0] == value[-1] == '"':
        value = value[1:-1]
    if name is None or value.startswith("//"):  # "http://…" is a word
        return Term(None, value if name is None else f"{name}:{value}", excluded)
    field = name.lower()
    if field in TEXT_FIELDS:
        return Term(field, value, excluded)
    if field in NUMBER_FIELDS:
        low, high = _interval(field, value)
        return Term(field, value, excluded, low=low, high=high)
    if field == "added":
        first, last = _dates(value)
        return Term(field, value, excluded, first=first, last=last)
    if field == "key":
        try:
            return Term(field, parse_key(value), excluded)
        except InvalidRequest:
            raise _malformed(field, value) from None
    raise InvalidRequest(
        f"has the unknown field {name!r}; the fields are {', '.join(FIELDS)}; a text with a colon is put in quotes",
        field="query",
    )


def _interval(field: str, text: str) -> tuple[float, float]:
    """The least number that matches, and the least one above that does not."""
    negative = field == "loudness"
    found = _RANGE.fullmatch(text if negative or not text.startswith("-") else f"..{text[1:]}")
    if (
        found is None
        or (":" in text and field != "duration")
        or (found["one"] is None and found["low"] is None and found["high"] is None)
    ):
        raise _malformed(field, text)
    if found["one"] is None:
        low = -math.inf if found["low"] is None else _number(found["low"])
        high = math.inf if found["high"] is None else _number(found["high"])
        if low > high:
            raise _malformed(field, text)
        return low - _TOLERANCE, high + _TOLERANCE
    number = _number(found["one"])
    below, above = number - _TOLERANCE, number + _TOLERANCE
    return {">=": (below, math.inf), ">": (above, math.inf), "<=": (-math.inf, above), "<": (-math.inf, below)}.get(
        found["sign"] or "=", (below, above)
    )


def _number(text: str) -> float:
    """A number; "3:20" is 200."""
    return sum(float(part) * 60.0**power for power, part in enumerate(reversed(text.split(":"))))


def _dates(text: str) -> tuple[str | None, str | None]:
    found = _DATES.fullmatch(text)
    if found is None:
        raise _malformed("added", text)
    if one := found["one"]:
        ends: tuple[str | None, str | None] = {
            ">=": (one, None), ">": (one + _AFTER, None), "<=": (None, one + _AFTER), "<": (None, one),
        }.get(found["sign"] or "=", (one, one + _AFTER))  # fmt: skip
        return ends
    low, high = found["low"] or found["first"], found["high"] or found["last"]
    if not (low or high) or (low and high and low[: len(high)] > high):
        raise _malformed("added", text)
    return low, high + _AFTER if high else None


def _malformed(field: str, value: str) -> InvalidRequest:
    return InvalidRequest(f"must have {_EXAMPLES[field]} after {field}:, not {value!r}", field="query")


@dataclass(frozen=True, slots=True)
class TrackOrder:
    """An order of tracks: by a field, and among equals by artist, album, number and path. Missing values are last.

    >>> TrackOrder.parse("year:desc")
    TrackOrder(field='year', descending=True)
    """

    field: SortField
    descending: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse "field", "field:asc" or "field:desc".

        Raises
        ------
        InvalidRequest
            The field or the direction is unknown.
        """
        name, _, direction = text.strip().lower().partition(":")
        for field in SORT_FIELDS:
            if field == name and direction in ("", "asc", "desc"):
                return cls(field, direction == "desc")
        known = ", ".join(SORT_FIELDS)
        raise InvalidRequest(f"must be one of {known}, or one of them with :desc", field="sort", value=text)
