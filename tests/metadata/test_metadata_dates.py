"""Years in dates of tags."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.metadata.dates import FIRST_YEAR, LAST_YEAR, year_of


@pytest.mark.parametrize(
    "text",
    [
        "1995", "1995-10-03", "1995-10", "1995/10/03", "1995.10.03", "03/10/1995", "3.10.1995", "10-03-1995",
        "Oct 3, 1995", "3 October 1995", "March 1995", "circa 1995", "c1995", "(c) 1995", "℗ 1995", "1995?", "[1995]",
        "1995 - 1997", "1995/1997", "19951003", "199510", "19950000",
        "03101995", "19951003T120000Z", "1995-10-03T12:00:00+02:00", "10/3/1995 12:00:00 AM", "１９９５",
        "１９９５年１０月",
        "1995年10月3日", "١٩٩٥", "  1995\n", "1995.", "0000 1995", "95 or 1995",
    ],
)  # fmt: skip
def test_year_of_a_date(text: str) -> None:
    assert year_of(text) == 1995


@pytest.mark.parametrize(
    "text",
    ["", "95", "'95", "0000", "0000-00-00", "May 5", "3/10/95", "9999", "0310", "12345", "1995345", "unknown"],
)
def test_year_of_a_text_without_one(text: str) -> None:
    assert year_of(text) is None


@given(st.dates(), st.sampled_from(("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d %B %Y", "%B %d, %Y")))
def test_year_of_any_plausible_date_in_any_order(date: datetime.date, form: str) -> None:
    written = form.replace("%Y", f"{date.year:04}").replace("%m", f"{date.month:02}").replace("%d", f"{date.day:02}")
    written = written.replace("%B", date.strftime("%B"))
    assert year_of(written) == (date.year if FIRST_YEAR <= date.year <= LAST_YEAR else None)


@given(st.text())
def test_year_of_any_text_is_plausible(text: str) -> None:
    year = year_of(text)
    assert year is None or FIRST_YEAR <= year <= LAST_YEAR
