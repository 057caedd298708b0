"""Numbers of artists and albums, and the rows that have them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from synthetic_library import make_track

from recsys.recommend.artists import disjoint, number_albums, number_artists, rows_by_number


def test_artists_are_numbered_in_the_order_of_their_tracks() -> None:
    tracks = [make_track(i, artist=artist) for i, artist in enumerate(("b", "a", None, "b", "c"), 1)]
    assert number_artists(tracks).tolist() == [[0], [1], [-3], [0], [2]]
    assert number_artists([]).shape == (0, 1)
    assert number_artists([make_track(1, artist=None), make_track(2, artist=None)]).tolist() == [[-1], [-2]]


def test_a_track_with_several_artists_has_the_number_of_each() -> None:
    tracks = [
        make_track(1, artist="a"),
        make_track(2, artists=("b", "a")),
        make_track(3, artist=None),
        make_track(4, artists=("c", "b")),
    ]
    numbers = number_artists(tracks)
    assert numbers[0, 0] == 0
    assert sorted(numbers[1].tolist()) == [0, 1]
    assert sorted(numbers[3].tolist()) == [1, 2]
    missing = [*numbers[0, 1:].tolist(), *numbers[2].tolist()]
    assert missing == [-2, -5, -6]


def test_albums_are_numbered_and_tracks_without_one_are_alone() -> None:
    tracks = [make_track(i, album=album) for i, album in enumerate(("x", None, "y", "x", None), 1)]
    assert number_albums(tracks).tolist() == [0, -2, 1, 0, -5]


@given(st.lists(st.lists(st.integers(-3, 4), min_size=2, max_size=2), max_size=8))
def test_rows_of_a_number_are_those_that_have_it(rows: list[list[int]]) -> None:
    numbers = np.array(rows, np.int64).reshape(-1, 2)
    expected = {
        value: [i for i, row in enumerate(rows) for each in row if each == value]
        for value in sorted({value for row in rows for value in row if value >= 0})
    }
    found = [(value, some.tolist()) for value, some in rows_by_number(numbers)]
    assert found == list(expected.items())
    first = [(value, some.tolist()) for value, some in rows_by_number(numbers[:, 0])]
    assert first == [
        (value, [i for i, row in enumerate(rows) if row[0] == value])
        for value in sorted({row[0] for row in rows if row[0] >= 0})
    ]


@given(st.lists(st.lists(st.integers(0, 9), max_size=5, unique=True), max_size=8))
def test_disjoint_groups_are_chosen_from_the_largest_on(groups: list[list[int]]) -> None:
    expected, seen = [False] * len(groups), set[int]()
    for size in range(5, -1, -1):
        for i, group in enumerate(groups):
            if len(group) == size and not seen & set(group):
                expected[i] = True
                seen |= set(group)
    assert disjoint([np.array(group, np.int64) for group in groups]) == expected
