import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.domain.track_query import FIELDS, SORT_FIELDS, Term, TrackOrder, TrackQuery
from recsys.errors import InvalidRequest


def terms(text: str) -> list[tuple[str | None, str, bool]]:
    return [(term.field, term.value, term.excluded) for term in TrackQuery.parse(text).terms]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("  so   what ", [(None, "so", False), (None, "what", False)]),
        ('"so what"', [(None, "so what", False)]),
        ("artist:miles davis", [("artist", "miles", False), (None, "davis", False)]),
        ('Artist:"Miles Davis" -album:live', [("artist", "Miles Davis", False), ("album", "live", True)]),
        ("-live ^demo", [(None, "live", True), (None, "demo", True)]),
        ('-"so what"', [(None, "so what", True)]),
        ("- -- a-b x^y", [(None, "-", False), (None, "--", False), (None, "a-b", False), (None, "x^y", False)]),
        ('12" mix', [(None, '12"', False), (None, "mix", False)]),
        ('"open', [(None, '"open', False)]),
        ("mission: impossible 3:10 c:\\music", [
            (None, "mission:", False), (None, "impossible", False), (None, "3:10", False), (None, "c:\\music", False),
        ]),
        ("http://example.org", [(None, "http://example.org", False)]),
        ('"re:stacks"', [(None, "re:stacks", False)]),
        ("key:8a key:dbm", [("key", "A minor", False), ("key", "C# minor", False)]),
    ],
)  # fmt: skip
def test_terms(text: str, found: list[tuple[str | None, str, bool]]) -> None:
    assert terms(text) == found


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("year:1998", 1997.5, 1998.5),
        ("year:1990-1999", 1989.5, 1999.5),
        ("year:1990..1999", 1989.5, 1999.5),
        ("year:1990-", 1989.5, math.inf),
        ("year:..1999", -math.inf, 1999.5),
        ("year:-1999", -math.inf, 1999.5),
        ("year:>=1990", 1989.5, math.inf),
        ("year:>1990", 1990.5, math.inf),
        ("year:<1990", -math.inf, 1989.5),
        ("year:<=1990", -math.inf, 1990.5),
        ("duration:3:00-4:30", 179.5, 270.5),
        ("duration:1:00:00", 3599.5, 3600.5),
        ("loudness:-16..-10", -16.5, -9.5),
        ("loudness:-14", -14.5, -13.5),
        ("bpm:120.5", 120.0, 121.0),
    ],
)
def test_numbers_are_ranges(text: str, low: float, high: float) -> None:
    [term] = TrackQuery.parse(text).terms
    assert (term.low, term.high) == (low, high)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("added:2024", "2024", "2024~"),
        ("added:2024-05-01", "2024-05-01", "2024-05-01~"),
        ("added:2023-2024", "2023", "2024~"),
        ("added:2023-11..2024", "2023-11", "2024~"),
        ("added:>=2024-05", "2024-05", None),
        ("added:>2024", "2024~", None),
        ("added:<2024", None, "2024"),
        ("added:..2024", None, "2024~"),
    ],
)
def test_dates_are_ranges_of_texts(text: str, first: str | None, last: str | None) -> None:
    [term] = TrackQuery.parse(text).terms
    assert (term.first, term.last) == (first, last)


@pytest.mark.parametrize(
    "text",
    ["year:old", "year:1999-1990", "year:3:20", "year:..", "bpm:fast", "key:H", "added:may", "added:2024..2023",
     "year:nan", "duration:3:99", "bpm:1e9"],
)  # fmt: skip
def test_malformed_value_names_the_field_and_an_example(text: str) -> None:
    with pytest.raises(
        InvalidRequest, match=rf"query must have .+ such as .+ after {text.partition(':')[0]}:, not"
    ) as raised:
        TrackQuery.parse(text)
    assert raised.value.field == "query"


def test_unknown_field_lists_the_known_ones() -> None:
    with pytest.raises(
        InvalidRequest, match="query has the unknown field 'composer'; the fields are artist, title"
    ) as raised:
        TrackQuery.parse("composer:bach")
    assert all(field in str(raised.value) for field in FIELDS)


def test_number_of_terms_is_limited() -> None:
    with pytest.raises(InvalidRequest, match="query must have at most 100 words, got 101"):
        TrackQuery.parse("a " * 101)


@given(st.text(max_size=40))
def test_every_text_is_a_query_or_an_invalid_request(text: str) -> None:
    found = None
    with suppress(InvalidRequest):
        found = TrackQuery.parse(text)
    assert found is None or bool(found.terms) == bool(text.split())
    assert TrackQuery.of_words(text).words == tuple(text.split())
    assert all(isinstance(term, Term) for term in TrackQuery.of_words(text).terms)


def test_orders() -> None:
    assert TrackOrder.parse("Year:DESC") == TrackOrder("year", descending=True)
    assert [TrackOrder.parse(f"{field}:asc") for field in SORT_FIELDS] == [TrackOrder(field) for field in SORT_FIELDS]
    for text in ("", "yeer", "year:down", "id"):
        with pytest.raises(InvalidRequest, match="sort must be one of title, artist, album") as raised:
            TrackOrder.parse(text)
        assert raised.value.field == "sort"
