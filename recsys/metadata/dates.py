"""Years in the dates of tags, in whatever order and script they are written."""

import re
import unicodedata

FIRST_YEAR, LAST_YEAR = 1000, 2100
"""What a year can be: some files have the year of the composition."""
_FIRST_COMPACT_YEAR = 1800  # in digits without separators, which are more often something else
_FOUR_DIGITS = re.compile(r"(?<!\d)\d{4}(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d\d)(?:(\d\d)(?:\d\d){0,3})?(?!\d)")  # year, month, day, hour, minute, second
_COMPACT_REVERSED = re.compile(r"(?<!\d)(\d\d)(\d\d)(\d{4})(?!\d)")


def year_of(text: str) -> int | None:
    """The first year in a date; None where there is none, or where it is not plausible.

    Two digits are no year. Digits of other scripts and widths count.

    >>> year_of("3.10.1995"), year_of("circa 1995"), year_of("19951003"), year_of("1995年10月3日")
    (1995, 1995, 1995, 1995)
    >>> year_of("95"), year_of("0000")
    (None, None)
    """
    digits = "".join(str(unicodedata.decimal(c, c)) for c in unicodedata.normalize("NFKC", text))
    for found in _FOUR_DIGITS.finditer(digits):
        if FIRST_YEAR <= int(found[0]) <= LAST_YEAR:
            return int(found[0])
    for found in _COMPACT.finditer(digits):
        if _is_compact_date(found[1], found[2], found[3] or "0"):
            return int(found[1])
    for found in _COMPACT_REVERSED.finditer(digits):
        if _is_compact_date(found[3], found[1], found[2]) or _is_compact_date(found[3], found[2], found[1]):
            return int(found[3])
    return None


def _is_compact_date(year: str, month: str, day: str) -> bool:
    return _FIRST_COMPACT_YEAR <= int(year) <= LAST_YEAR and int(month) <= 12 and int(day) <= 31
