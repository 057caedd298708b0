"""Artists in texts of tags: one name is one artist without evidence of several."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.metadata.credits import artists_of

NAMES = (
    "AC/DC", "Kairon; IRSE!", "Tyler, The Creator", "Earth, Wind & Fire", "Simon & Garfunkel", "Crosby, Stills & Nash",
    "+/-", "Sunn O)))", "Hall & Oates", "Foo feat. Cee", "AC/DC / Anvil", "Emerson, Lake and Palmer",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n_identifiers", [0, 1])
def test_a_name_stays_whole_without_evidence(name: str, n_identifiers: int) -> None:
    assert artists_of([name], [], n_identifiers) == [name]
    assert artists_of([name], [name], n_identifiers) == [name]


@pytest.mark.parametrize(
    ("credit", "n", "artists"),
    [
        ("Queen & David Bowie", 2, ["Queen", "David Bowie"]),
        ("Foo feat. Cee", 2, ["Foo", "Cee"]),
        ("Foo (feat. Cee)", 2, ["Foo", "Cee"]),
        ("Foo feat. Cee & Dee", 3, ["Foo", "Cee", "Dee"]),
        ("Foo/Cee", 2, ["Foo", "Cee"]),
        ("Foo; Cee; Dee", 3, ["Foo", "Cee", "Dee"]),
        ("Tyler, The Creator feat. Cee", 2, ["Tyler, The Creator", "Cee"]),
        ("AC/DC & Cee", 2, ["AC/DC & Cee"]),  # "AC" and "DC & Cee" would be as probable
        ("Earth, Wind & Fire & The Emotions", 2, ["Earth, Wind & Fire & The Emotions"]),
        ("Simon & Garfunkel", 3, ["Simon & Garfunkel"]),
    ],
)
def test_a_credit_is_split_into_as_many_names_as_there_are_identifiers(credit: str, n: int, artists: list[str]) -> None:
    assert artists_of([credit], [], n) == artists


@pytest.mark.parametrize(
    ("credits", "listed", "n", "artists"),
    [
        (["Foo feat. Cee & Dee"], ["Foo", "Cee", "Dee"], 0, ["Foo", "Cee", "Dee"]),
        (["Foo feat. Cee & Dee"], ["Foo; Cee; Dee"], 0, ["Foo", "Cee", "Dee"]),  # Picard in ID3v2.3
        (["Foo feat. Cee & Dee"], ["Foo/Cee/Dee"], 3, ["Foo", "Cee", "Dee"]),
        (["AC/DC & Cee"], ["AC/DC", "Cee"], 2, ["AC/DC", "Cee"]),
        (["Foo"], ["Foo", "Cee"], 2, ["Foo", "Cee"]),
        (["The Foo"], ["Foo"], 1, ["Foo"]),
        ([], ["Foo", "Cee"], 0, ["Foo", "Cee"]),
        (["Foo", "Cee"], ["Foo", "Cee"], 2, ["Foo", "Cee"]),
        (["Foo", "Cee"], ["Foo"], 0, ["Foo", "Cee"]),
        (["Another"], ["Foo", "Cee"], 0, ["Another"]),  # the credit was edited later
    ],
)
def test_a_list_counts_before_the_credit(credits: list[str], listed: list[str], n: int, artists: list[str]) -> None:
    assert artists_of(credits, listed, n) == artists


def test_values_are_distinct() -> None:
    assert artists_of(["Foo", "", "Foo", "Cee"], []) == ["Foo", "Cee"]


@given(st.lists(st.text(min_size=1), max_size=3), st.lists(st.text(min_size=1), max_size=3), st.integers(0, 4))
def test_artists_of_any_texts(credits: list[str], listed: list[str], n: int) -> None:
    artists = artists_of(credits, listed, n)
    assert all(artists)
    assert bool(artists) == bool(credits or listed)
    if n <= 1 and not listed:
        assert artists == list(dict.fromkeys(credits))
