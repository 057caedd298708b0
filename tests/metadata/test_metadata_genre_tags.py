"""Genres in texts of tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.id3 import TCON

from recsys.metadata.genre_tags import GENRES, genres_of


def test_genres_are_those_of_id3() -> None:
    assert list(GENRES) == TCON.GENRES


@pytest.mark.parametrize(
    ("texts", "genres"),
    [
        (["Rock"], ["Rock"]),
        (["Rock", "Pop"], ["Rock", "Pop"]),
        (["Rock; Pop"], ["Rock", "Pop"]),
        (["Rock;Pop;"], ["Rock", "Pop"]),
        (["Rock\\\\Pop"], ["Rock", "Pop"]),
        (["Rock", "rock", "ROCK"], ["Rock"]),
        (["Pop/Rock"], ["Pop/Rock"]),
        (["Drum & Bass", "R&B"], ["Drum & Bass", "R&B"]),
        (["Folk, World, & Country"], ["Folk, World, & Country"]),
        (["AC\\DC"], ["AC\\DC"]),
        (["17"], ["Rock"]),
        (["(17)"], ["Rock"]),
        (["(17)Rock"], ["Rock"]),
        (["(4)Eurodisco"], ["Disco", "Eurodisco"]),
        (["(51)(39)"], ["Techno-Industrial", "Noise"]),
        (["(RX)", "(CR)"], ["Remix", "Cover"]),
        (["((x) y"], ["(x) y"]),
        (["(999)", "255"], ["Unknown"]),
        (["80s", "2-Step", "(live)"], ["80s", "2-Step", "(live)"]),
        ([""], []),
        ([], []),
    ],
)
def test_genres(texts: list[str], genres: list[str]) -> None:
    assert genres_of(texts) == genres


@given(st.lists(st.text()))
def test_genres_of_any_text_are_distinct_and_not_empty(texts: list[str]) -> None:
    genres = genres_of(texts)
    assert all(genres)
    assert len({genre.casefold() for genre in genres}) == len(genres)


@pytest.mark.parametrize("number", range(0, 192, 7))
def test_references_have_the_names_of_mutagen(number: int) -> None:
    for text in (f"({number})", str(number)):
        assert genres_of([text]) == TCON(encoding=3, text=[text]).genres
