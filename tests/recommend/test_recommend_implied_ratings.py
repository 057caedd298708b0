"""Ratings of albums and artists imply ratings of their tracks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.domain.tracks import Rating
from recsys.recommend.implied_ratings import MAX_TRACKS, implied_ratings

LIKE, DISLIKE = Rating(1, 1.0, 0, "2026-05-01", "manual"), Rating(-1)


@given(size=st.integers(1, 300), strength=st.floats(0.1, 1), kind=st.sampled_from(["albums", "artists"]))
def test_a_liked_album_or_artist_weighs_as_much_as_one_track(size: int, strength: float, kind: str) -> None:
    ratings, tracks = {7: LIKE._replace(strength=strength)}, {7: list(range(size))}
    args = (ratings, {}, tracks, {}) if kind == "albums" else ({}, ratings, {}, tracks)
    found = implied_ratings((), *args)
    assert len(found.likes) == min(size, MAX_TRACKS)
    assert sum(rating.strength for rating in found.likes.values()) == pytest.approx(strength)
    assert {rating[:1] + rating[2:5] for rating in found.likes.values()} == {(1, 0, "2026-05-01", "manual")}
    assert found.excluded == frozenset()


def test_tracks_of_a_large_discography_are_spread_evenly() -> None:
    found = implied_ratings((), {}, {7: LIKE}, {}, {7: list(range(200))})
    assert sorted(found.likes) == list(range(0, 200, 10))


def test_a_rating_of_a_track_outranks_its_album_and_that_its_artists() -> None:
    albums, artists = {1: LIKE, 2: DISLIKE}, {8: DISLIKE, 9: LIKE}
    album_tracks, artist_tracks = {1: [10, 11], 2: [20, 21]}, {8: [11, 12], 9: [20, 30]}
    found = implied_ratings({10, 21}, albums, artists, album_tracks, artist_tracks)
    assert {i: rating.strength for i, rating in found.likes.items()} == {11: 1.0, 30: 1.0}
    assert found.excluded == {20, 12}


def test_a_disliked_artist_outranks_a_liked_one_and_likes_add_up() -> None:
    artists = {1: LIKE, 2: LIKE, 3: DISLIKE}
    found = implied_ratings((), {}, artists, {}, {1: [10, 11, 12], 2: [11, 13], 3: [12]})
    assert {i: rating.strength for i, rating in found.likes.items()} == {10: 0.5, 11: 1.0, 13: 0.5}
    assert found.excluded == {12}


def test_ratings_without_tracks_imply_nothing() -> None:
    assert implied_ratings((), {1: LIKE}, {2: DISLIKE}, {1: []}, {}) == ({}, frozenset())


def test_shares_of_two_liked_artists_add_up_to_one_like_at_most_of_the_later_time() -> None:
    likes = {1: LIKE, 2: LIKE._replace(rated_at="2026-06-01", source="lastfm"), 3: Rating(1, 0.25)}
    found = implied_ratings((), {}, likes, {}, {1: [5], 2: [5, 6], 3: [6]})
    assert found.likes == {5: Rating(1, 1.0, 0, "2026-06-01", "lastfm"), 6: Rating(1, 0.75, 0, "2026-06-01")}
    reverse = implied_ratings((), {}, dict(reversed(likes.items())), {}, {1: [5], 2: [5, 6], 3: [6]})
    assert {i: (each.strength, each.rated_at) for i, each in reverse.likes.items()} == {
        6: (0.75, "2026-06-01"),
        5: (1.0, "2026-06-01"),
    }


@pytest.mark.parametrize(
    ("size", "kept"), [(20, range(20)), (21, [*range(20)]), (30, [0, 1, 3, 4, 6, 7, 9, 10, 12, 13])]
)
def test_twenty_tracks_of_a_liked_album_are_likes(size: int, kept: list[int]) -> None:
    found = list(implied_ratings((), {7: LIKE}, {}, {7: list(range(size))}, {}).likes)
    assert len(found) == 20
    assert found[: len(kept)] == list(kept)
