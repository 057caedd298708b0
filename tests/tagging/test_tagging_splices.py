"""Splices: their order, their application, their inverse, and their stored form."""

import io
import struct
import zlib
from itertools import pairwise

import hypothesis.strategies as st
import pytest
from hypothesis import given

from recsys.tagging.splices import (
    Splice,
    apply_splices,
    apply_to_bytes,
    decode_splices,
    encode_splices,
    growth,
    in_order,
    inverse,
)

DATA = bytes(range(20))


@st.composite
def splices(draw: st.DrawFn) -> list[Splice]:
    """Splices of 20 bytes, which do not overlap."""
    places = sorted(draw(st.lists(st.integers(0, 20), max_size=8)))
    pairs = zip(places[::2], places[1::2], strict=False)
    return [Splice(start, end, draw(st.binary(max_size=5))) for start, end in pairs]


def applied(data: bytes, splices: list[Splice]) -> bytes:
    """The reference: from the last one to the first, so that no position moves."""
    for start, end, new in reversed(splices):
        data = data[:start] + new + data[end:]
    return data


@given(splices())
def test_splices_replace_their_ranges(splices: list[Splice]) -> None:
    expected, ordered = applied(DATA, splices), in_order(splices)
    assert applied(DATA, ordered) == expected == apply_to_bytes(DATA, splices)
    assert all(one.end < other.start for one, other in pairwise(ordered))
    assert len(expected) == 20 + growth(splices)
    moved = [Splice(start + 100, end + 100, data) for start, end, data in splices]
    assert apply_to_bytes(DATA, moved, 100) == expected


@given(splices())
def test_inverse_restores_the_file_and_survives_its_storage(splices: list[Splice]) -> None:
    ordered = in_order(splices)
    undo = inverse(io.BytesIO(DATA), ordered)
    new = applied(DATA, ordered)
    assert applied(new, undo) == DATA
    assert [len(splice.data) for splice in undo] == [end - start for start, end, _ in ordered]
    assert decode_splices(encode_splices(undo)) == undo
    written = io.BytesIO()
    apply_splices(io.BytesIO(DATA), written.write, ordered)
    assert written.getvalue() == new


def test_growth_is_the_difference_of_lengths() -> None:
    assert [Splice(3, 5, data).growth for data in (b"", b"12", b"123")] == [-2, 0, 1]
    assert growth([Splice(3, 5, b""), Splice(7, 7, b"12345")]) == 3


def test_adjacent_splices_are_joined_and_insertions_keep_their_order() -> None:
    assert in_order([Splice(5, 6, b"c"), Splice(3, 5, b"b"), Splice(3, 3, b"a"), Splice(3, 3, b"A")]) == [
        Splice(3, 6, b"aAbc")
    ]
    assert in_order([Splice(3, 5, b"b"), Splice(6, 6, b"d")]) == [Splice(3, 5, b"b"), Splice(6, 6, b"d")]
    assert in_order([]) == []


@pytest.mark.parametrize("other", [Splice(4, 6, b""), Splice(2, 4, b""), Splice(3, 4, b""), Splice(4, 4, b"x")])
def test_overlapping_splices_are_an_error(other: Splice) -> None:
    for pair in ((Splice(3, 5, b"x"), other), (other, Splice(3, 5, b"x"))):
        with pytest.raises(ValueError, match="two changes of a file overlap"):
            in_order(pair)


def test_file_is_copied_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.tagging.splices._BLOCK", 3)
    parts: list[bytes] = []
    apply_splices(io.BytesIO(DATA), parts.append, [Splice(7, 8, b"new")])
    assert parts == [DATA[:3], DATA[3:6], DATA[6:7], b"new", *(DATA[at : at + 3] for at in (8, 11, 14, 17))]
    # A file that has become shorter ends where it ends.
    parts.clear()
    apply_splices(io.BytesIO(DATA[:5]), parts.append, [Splice(7, 8, b"new")])
    assert parts == [DATA[:3], DATA[3:5], b"new"]


def test_stored_form_stays_readable() -> None:
    """Libraries have it in their journals: a byte for the encoding, then compressed numbers and data."""
    found = [Splice(2, 5, b"abc"), Splice(7, 7, b""), Splice(300, 1 << 40, b"de")]
    numbers = (3, *(2, 3, 3), *(2, 0, 0), *(293, (1 << 40) - 300, 2))
    raw = struct.pack(">10Q", *numbers) + b"abcde"
    encoded = encode_splices(found)
    assert encoded[:1] == b"\1"
    assert zlib.decompress(encoded[1:]) == raw
    assert decode_splices(b"\1" + zlib.compress(raw)) == found
    assert decode_splices(encode_splices([])) == []


@pytest.mark.parametrize(
    ("encoded", "reason"),
    [
        (b"", "unknown encoding of splices"),
        (b"\2" + encode_splices([])[1:], "unknown encoding of splices"),
        (b"\1no zlib", r"damaged splices \(Error "),
        (b"\1" + zlib.compress(struct.pack(">Q3Q", 2, 0, 0, 0)), r"damaged splices \(unpack_from requires"),
        (b"\1" + zlib.compress(b"1234567"), r"damaged splices \(unpack_from requires"),
    ],
)
def test_other_bytes_are_no_stored_splices(encoded: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        decode_splices(encoded)
