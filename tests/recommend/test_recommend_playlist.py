import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from songs import Shelf, make_shelf, make_track, sound

from recsys.recommend.candidates import NEAR_ENOUGH
from recsys.recommend.playlist import Answer, make_playlist
from recsys.recommend.pool import Weighed
from recsys.recommend.wish import Wish

SHELF = make_shelf()
NONE = np.empty(0, np.int64)


def made(wish: Wish, likes: tuple[int, ...] = (1, 21), dislikes: tuple[int, ...] = (), shelf: Shelf = SHELF) -> Answer:
    liked, disliked = (Weighed.of([shelf.tracks[i] for i in ids]) for ids in (likes, dislikes))
    return make_playlist(
        shelf.index, liked, disliked, wish,
        allowed=shelf.ids, barred=NONE, quotas={}, tracks=shelf.lookup,
    )  # fmt: skip


def length(answer: Answer) -> float:
    return sum(pick.track.duration for pick in answer.picks)


@given(n=st.integers(1, 30), seed=st.integers(0, 20))
def test_as_many_tracks_as_wished_none_of_them_rated(n: int, seed: int) -> None:
    answer = made(Wish(n=n, seed=seed), likes=(1, 21), dislikes=(41,))
    ids = [pick.track.id for pick in answer.picks]
    assert len(ids) == len(set(ids)) == n
    assert not {1, 21, 41} & set(ids)
    assert answer.gave_way == ()
    assert answer == made(Wish(n=n, seed=seed), likes=(1, 21), dislikes=(41,))


def test_another_seed_gives_another_playlist() -> None:
    assert made(Wish(n=10, seed=1)) != made(Wish(n=10, seed=2))


@given(minutes=st.integers(5, 120), seed=st.integers(0, 5))
def test_minutes_are_met_within_half_a_minute(minutes: int, seed: int) -> None:
    answer = made(Wish(seconds=minutes * 60, seed=seed))
    assert abs(length(answer) - minutes * 60) <= NEAR_ENOUGH
    assert answer.gave_way == ()
    ids = [pick.track.id for pick in answer.picks]
    assert len(ids) == len(set(ids))


def test_a_library_that_is_too_short_says_so() -> None:
    answer = made(Wish(n=100))
    assert {pick.track.genre for pick in answer.picks} == {"jazz", "metal"}  # folk and techno are no nearer than chance
    assert answer.gave_way == ("38 tracks instead of 100: 40 that match are no nearer to any like than chance",)
    [line] = made(Wish(seconds=60000)).gave_way
    assert line.endswith("minutes instead of 1000: 40 that match are no nearer to any like than chance")
    assert made(
        Wish(n=100), shelf=Shelf({1: make_track(1), 2: make_track(2)}, SHELF.index.vectors(SHELF.ids[:2])), likes=(1,)
    ).gave_way == ("1 tracks instead of 100: no other track matches",)


def test_a_length_that_no_choice_of_tracks_has_says_so() -> None:
    tracks = {i: make_track(i, duration=600.0) for i in range(1, 6)}
    shelf = Shelf(tracks, np.stack([sound("jazz", i) for i in tracks]))
    answer = made(Wish(seconds=900), likes=(1,), shelf=shelf)
    assert answer.gave_way == ("10.0 minutes instead of 15: no choice of tracks comes nearer",) or answer.gave_way == (
        "20.0 minutes instead of 15: no choice of tracks comes nearer",
    )


def test_one_artist_alone_cannot_fill_a_list_and_that_is_said() -> None:
    tracks = {i: make_track(i, artist="Bach") for i in range(1, 11)}
    shelf = Shelf(tracks, np.stack([sound("jazz", i) for i in tracks]))
    answer = made(Wish(n=5), likes=(1,), shelf=shelf)
    assert len(answer.picks) == 2
    assert answer.gave_way == ("2 tracks instead of 5: more would be over 2 of one artist",)
    assert len(made(Wish(n=5, per_artist=0), likes=(1,), shelf=shelf).picks) == 5


def test_exchanges_for_the_length_keep_the_artists_apart() -> None:
    tracks = {i: make_track(i, artist=f"artist {i % 8}", duration=100.0 + 13 * i) for i in range(1, 41)}
    shelf = Shelf(tracks, np.stack([sound("jazz", i) for i in tracks]))
    for minutes in (20, 33, 47):
        answer = made(Wish(seconds=minutes * 60, per_artist=1), likes=(1,), shelf=shelf)
        artists = [pick.track.artist for pick in answer.picks]
        assert len(artists) == len(set(artists))


@pytest.mark.parametrize("wish", [Wish(n=5), Wish(seconds=600)])
def test_nothing_allowed_is_an_empty_answer_that_says_why(wish: Wish) -> None:
    answer = make_playlist(
        SHELF.index, Weighed.of([SHELF.tracks[1]]), Weighed.of([]), wish,
        allowed=np.array([1]), barred=NONE, quotas={}, tracks=SHELF.lookup,
    )  # fmt: skip
    assert answer.picks == ()
    assert "no other track matches" in answer.gave_way[0]
