"""Parts of file names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.metadata.file_names import NameParts, parts_of_name


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Artist - Title", NameParts("Title", "Artist")),
        ("03 - Artist - Title", NameParts("Title", "Artist", track=3)),
        ("03. Artist - Title", NameParts("Title", "Artist", track=3)),
        ("03 Artist - Title", NameParts("Title", "Artist", track=3)),
        ("03_-_Artist_-_Title", NameParts("Title", "Artist", track=3)),
        ("03 – Artist – Title", NameParts("Title", "Artist", track=3)),
        ("1-03 Artist - Title", NameParts("Title", "Artist", track=3, disc=1)),
        ("1 - 03 - Title", NameParts("Title", track=3, disc=1)),
        ("Artist - 03 - Title", NameParts("Title", "Artist", track=3)),
        ("Artist - Album - 03 - Title", NameParts("Title", "Artist", "Album", 3)),
        ("Artist - Album - 03 Title", NameParts("Title", "Artist", "Album", 3)),
        ("Artist - Title - Live", NameParts("Title - Live", "Artist")),
        ("01. Title", NameParts("Title", track=1)),
        ("01 Title", NameParts("Title", track=1)),
        ("1. Title", NameParts("Title", track=1)),
        ("12) Title", NameParts("Title", track=12)),
        ("12 - Title", NameParts("Title", track=12)),
        ("01-title", NameParts("title", track=1)),
        ("1-03 Title", NameParts("Title", track=3, disc=1)),
        ("A_Title", NameParts("A Title")),
        ("A%20Title", NameParts("A Title")),
        ("99 Luftballons", NameParts("99 Luftballons")),
        ("1979", NameParts("1979")),
        ("24-7", NameParts("24-7")),
        ("1-800-273-8255", NameParts("1-800-273-8255")),
        ("10,000 Days", NameParts("10,000 Days")),
        ("50 Cent - In da Club", NameParts("In da Club", "50 Cent")),
        ("Jay-Z - 99 Problems", NameParts("99 Problems", "Jay-Z")),
        ("01", NameParts("01")),
        ("01 - ", NameParts("01 -")),
        ("- - -", NameParts("- - -")),
    ],
)
def test_parts_of_a_name(name: str, parts: NameParts) -> None:
    assert parts_of_name(name) == parts


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("03 - The Artist - Title", "Title"),
        ("the artist - Title - Live", "Title - Live"),
        ("The Artist - Album - 03 - Title", "Title"),
        ("Title - Live", "Title - Live"),
        ("03 Title", "Title"),
        ("The Artist", "The Artist"),
    ],
)
def test_name_of_a_file_with_an_artist(name: str, title: str) -> None:
    assert parts_of_name(name, "The Artist").title == title


@given(st.text(min_size=1), st.none() | st.text())
def test_any_name_has_a_title(name: str, artist: str | None) -> None:
    parts = parts_of_name(name, artist)
    assert parts.title or not name.split()
