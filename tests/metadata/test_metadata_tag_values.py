"""Numbers, flags and identifiers in texts of tags."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.metadata.tag_values import (
    flag_of,
    gain_of,
    isrc_of,
    number_and_total,
    peak_of,
    r128_gain_of,
    total_of,
    uuids_of,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3", (3, None)), ("03", (3, None)), ("3/12", (3, 12)), ("03/12", (3, 12)), (" 3 / 12 ", (3, 12)),
        ("3 of 12", (3, 12)), ("3\\12", (3, 12)), ("３／１２", (3, 12)), ("3/", (3, None)), ("3/0", (3, None)),
        ("0/12", (None, 12)), ("A1", (None, None)), ("", (None, None)), ("99999", (None, None)), ("-3", (None, None)),
        ("3.", (3, None)), ("3-12", (3, None)), ("3/99999", (3, None)),
    ],
)  # fmt: skip
def test_number_and_total(text: str, expected: tuple[int | None, int | None]) -> None:
    assert number_and_total(text) == expected


@pytest.mark.parametrize(("text", "expected"), [("12", 12), ("3/12", 12), ("/12", 12), ("0", None), ("twelve", None)])
def test_total(text: str, expected: int | None) -> None:
    assert total_of(text) == expected


@given(st.text())
def test_numbers_of_any_text_are_positive(text: str) -> None:
    assert all(n is None or 0 < n < 10_000 for n in (*number_and_total(text), total_of(text)))


@pytest.mark.parametrize(
    ("text", "flag"),
    [("1", True), (" Yes ", True), ("TRUE", True), ("0", False), ("false", False), ("2", None), ("", None)],
)
def test_flag(text: str, flag: bool | None) -> None:
    assert flag_of(text) is flag


@pytest.mark.parametrize(
    ("text", "isrc"),
    [
        ("USRC17607839", "USRC17607839"), ("us-rc1-76-07839", "USRC17607839"), ("ISRC US-RC1-76-07839", "USRC17607839"),
        ("ISRC: USRC17607839", "USRC17607839"), ("USRC1760783", None), ("", None), ("1SRC17607839", None),
    ],
)  # fmt: skip
def test_isrc(text: str, isrc: str | None) -> None:
    assert isrc_of(text) == isrc


@pytest.mark.parametrize(
    ("text", "gain"),
    [
        ("-7.3 dB", -7.3), ("+2.50 dB", 2.5), ("-7,3 dB", -7.3), ("-7.3", -7.3), ("−7.3 dB", -7.3), ("0 dB", 0.0),
        (".5 dB", 0.5), ("-7.3DB", -7.3), ("999 dB", None), ("nan dB", None), ("inf", None), ("", None), ("loud", None),
        ("-7.3 dB dB", None),
    ],
)  # fmt: skip
def test_gain(text: str, gain: float | None) -> None:
    assert gain_of(text) == gain


def test_peak() -> None:
    assert [peak_of(text) for text in ("0.988553", "1,02", "0", "-0.5", "1e9", "x")] == [
        0.988553,
        1.02,
        0,
        None,
        None,
        None,
    ]


def test_r128_gain_has_the_reference_of_replaygain() -> None:
    # RFC 7845: Q7.8, relative to -23 LUFS; ReplayGain 2.0 to -18 LUFS
    assert [r128_gain_of(text) for text in ("0", "-512", "256", "1.5", "99999")] == [5.0, 3.0, 6.0, None, None]


@given(st.text())
def test_gains_of_any_text_are_finite(text: str) -> None:
    assert all(x is None or math.isfinite(x) for x in (gain_of(text), peak_of(text), r128_gain_of(text)))


def test_uuids() -> None:
    first, second = "11111111-1111-4111-8111-11111111111a", "22222222-2222-4222-8222-222222222222"
    assert uuids_of(f"{first.upper()}/{second}") == [first, second]
    assert uuids_of("unknown") == []
