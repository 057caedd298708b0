"""Encoding of text for the database, and folding of names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.database.text_encoding import decode_text, encode_text
from recsys.metadata.text import fold


@given(st.text(st.characters(codec=None)) | st.text("\0\ud800\udc80\udcff\udfff\U0010f7fe\U0010f7ff\U0010fc80a"))
def test_encoded_text_is_valid_and_decodes_to_the_same(text: str) -> None:
    encoded = encode_text(text)
    encoded.encode("utf-8")  # fails on a lone surrogate
    assert "\0" not in encoded
    assert decode_text(encoded) == text


@given(st.binary())
def test_encoded_file_name_decodes_to_the_same(raw: bytes) -> None:
    name = raw.decode("utf-8", "surrogateescape")
    assert decode_text(encode_text(name)).encode("utf-8", "surrogateescape") == raw


def test_undecodable_bytes_are_encoded_in_the_private_plane() -> None:
    assert encode_text("Bj\udcf6rk") == "Bj\U0010fcf6rk"


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_encoding_keeps_prefixes(start: str, rest: str) -> None:
    assert encode_text(start + rest).startswith(encode_text(start))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Björk", "bjork"),
        ("Bjo\u0308rk", "bjork"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("ＡＢＢＡ", "abba"),
        ("  two\n\twords ", "two words"),
        ("が", "\u304b\u3099"),  # a voiced kana is another letter, not an accent
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folded_text_has_single_spaces(text: str) -> None:
    assert "\n" not in fold(text)
    assert fold(text) == " ".join(fold(text).split())
