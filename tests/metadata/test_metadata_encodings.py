"""Encodings of texts without a mark, on names of artists and songs in many languages (tests/data/names.json)."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.metadata.encodings import decode_together, repaired

NAMES: dict[str, list[tuple[str, str]]] = {
    script: [(artist, title) for artist, title in pairs]
    for script, pairs in json.loads((Path(__file__).parents[1] / "data" / "names.json").read_text("utf-8")).items()
}
RECOGNISED = {  # at least this share of artists with a title
    ("cyrillic", "cp1251"): 0.97, ("cyrillic", "koi8-r"): 0.97, ("cyrillic", "cp866"): 0.97,
    ("cyrillic", "mac_cyrillic"): 0.95, ("cyrillic", "iso8859-5"): 0.95,
    ("greek", "cp1253"): 0.97, ("greek", "iso8859-7"): 0.97, ("hebrew", "cp1255"): 0.97, ("arabic", "cp1256"): 0.97,
    ("thai", "cp874"): 0.97, ("japanese", "shift_jis"): 0.97, ("japanese", "euc_jp"): 0.95,
    ("simplified", "gbk"): 0.94, ("traditional", "big5"): 0.97, ("korean", "euc_kr"): 0.97,
    ("polish", "cp1250"): 0.8, ("polish", "iso8859-2"): 0.8, ("czech_slovak", "cp1250"): 0.8,
    ("czech_slovak", "iso8859-2"): 0.7, ("hungarian", "cp1250"): 0.9, ("turkish", "cp1254"): 0.85,
}  # fmt: skip


def encodable(pairs: Sequence[tuple[str, str]], encoding: str) -> list[list[bytes]]:
    """The pairs that the encoding has all characters of, with at least one that is not ASCII."""
    encoded = [[text.encode(encoding, "ignore") for text in pair] for pair in pairs]
    return [
        texts
        for texts, pair in zip(encoded, pairs, strict=True)
        if [text.decode(encoding) for text in texts] == list(pair) and not b"".join(texts).isascii()
    ]


def test_western_names_are_never_converted() -> None:
    """Neither artist and title together nor each alone, in about 390 pairs of 15 languages."""
    pairs = encodable(NAMES["western"], "cp1252")
    assert len(pairs) > 350
    for texts in pairs:
        assert decode_together(texts) == [text.decode("cp1252") for text in texts]
        for text in texts:
            assert decode_together([text]) == [text.decode("cp1252")]


@pytest.mark.parametrize(
    "text",
    [
        "“Weird Al” Yankovic", "Guns N’ Roses", "Sweet Child O’ Mine – Live", "Café – “Été”", "Nº 1", "1ª Vez", "98.6°",
        "Ministry of Sound™", "µ-Ziq", "E=MC²", "¥$", "†††", "¿Quién?", "¡Viva!", "…And Justice for All", "«Le Temps»",
        "Œdipe", "L’Œuvre", "Škoda", "Þú", "ÆØÅ", "ÄÖÜ", "ÉTÉ", "MÖTLEY CRÜE", "SIGUR RÓS", "Où", "À", "Óð", "Éé",
        "Gal·la Placídia", "A·B", "Žižek",
        "¬¬", "MÖTÖRHEÄD", "Öö", "Jõulud", "Año", "Çok", "Hæ?", "Aïe aïe aïe", "Disque d’or n° 1", "Ñ", "ß", "øøø",
    ],
)  # fmt: skip
def test_short_western_texts_are_never_converted(text: str) -> None:
    assert decode_together([text.encode("cp1252")]) == [text]


@pytest.mark.parametrize(("script", "encoding"), RECOGNISED)
def test_share_of_recognised_names(script: str, encoding: str) -> None:
    pairs = encodable(NAMES[script], encoding)
    right = sum(decode_together(texts) == [text.decode(encoding) for text in texts] for texts in pairs)
    assert len(pairs) > 15
    assert right / len(pairs) >= RECOGNISED[script, encoding]


@pytest.mark.parametrize("script", NAMES)
def test_utf8_is_always_recognised(script: str) -> None:
    for pair in NAMES[script]:
        assert decode_together([text.encode() for text in pair]) == list(pair)
        for text in pair:
            assert decode_together([text.encode()]) == [text]


def test_iso_2022_is_recognised() -> None:
    assert decode_together(["サンプル".encode("iso2022_jp")]) == ["サンプル"]


def test_texts_of_a_file_are_recognised_together() -> None:
    title = "Я".encode("cp1251")
    assert decode_together([title]) == ["ß"]
    assert decode_together([title, "Кино".encode("cp1251")]) == ["Я", "Кино"]


def test_encodings_of_one_file_may_differ() -> None:
    texts = ["Björk".encode("cp1252"), "Группа крови".encode("cp1251"), "Łódź".encode(), b"ASCII"]
    assert decode_together(texts) == ["Björk", "Группа крови", "Łódź", "ASCII"]


def test_characters_that_are_cut_are_marked() -> None:
    assert decode_together(["Группа крови".encode()[:-1]]) == ["Группа кров\ufffd"]
    assert decode_together(["上を向いて歩こう".encode("shift_jis")[:-1]]) == ["上を向いて歩こ\ufffd"]


def test_bytes_without_a_character_are_not_dropped() -> None:
    assert decode_together([b"A\x81B"]) == ["A\ufffdB"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Björk", "Björk"),
        ("Björk".encode().decode("latin-1"), "Björk"),
        ("Żółć".encode().decode("latin-1"), "Żółć"),
        ("Don’t".encode().decode("cp1252"), "Don’t"),
        ("Don\x92t", b"Don\x92t"),
        ("Пример", "Пример"),
        ("Ã", "Ã"),
        ("NÃO", "NÃO"),
        (b"\xff", b"\xff"),
    ],
)
def test_repair_of_text_that_was_stored_as_unicode(text: str | bytes, expected: str | bytes) -> None:
    assert repaired(text) == expected


@given(st.lists(st.binary(max_size=40), max_size=4))
def test_any_bytes_are_decoded(texts: list[bytes]) -> None:
    decoded = decode_together(texts)
    assert len(decoded) == len(texts)
    assert all(bool(text) == bool(data) for text, data in zip(decoded, texts, strict=True))


@given(st.lists(st.text(), max_size=4))
def test_any_utf8_is_decoded(texts: list[str]) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    assert decode_together([text.encode() for text in texts]) == texts


def test_one_character_of_utf8_among_other_encodings() -> None:
    assert decode_together(["Motörhead".encode(), "Björk".encode("latin-1")]) == ["Motörhead", "Björk"]
    assert "模".encode("gbk").decode("utf-8") == "ģ"  # valid by chance
    assert decode_together(["模".encode("gbk"), "邓丽君".encode("gbk")]) == ["模", "邓丽君"]
