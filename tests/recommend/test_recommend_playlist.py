from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic_library import Shelf, make_shelf, make_track, sound

from recsys.domain.results import UnmetConstraint
from recsys.recommend.candidates import TOLERATED_SECONDS
from recsys.recommend.constraints import PlaylistConstraints
from recsys.recommend.dislikes import MIN_CLOSE_NEIGHBOURS
from recsys.recommend.playlist import OutOfRange, PlaylistResult, recommend_playlist
from recsys.recommend.pool import WeightedTracks
from recsys.recommend.taste import MAX_FLOOR

SHELF = make_shelf()
NONE = np.empty(0, np.int64)


def made(
    wish: PlaylistConstraints,
    likes: tuple[int, ...] = (1, 21),
    dislikes: tuple[int, ...] = (),
    shelf: Shelf = SHELF,
    *,
    named: bool = False,
    unfit: OutOfRange | None = None,
) -> PlaylistResult:
    liked, disliked = (WeightedTracks.of([shelf.tracks[i] for i in ids], named=named) for ids in (likes, dislikes))
    return recommend_playlist(
        shelf.index, liked, disliked, wish,
        allowed=shelf.ids, excluded=NONE, out_of_range=unfit, quotas={}, tracks=shelf.lookup,
    )  # fmt: skip


def ids(answer: PlaylistResult) -> list[int]:
    return [pick.track.id for pick in answer.picks]


def length(answer: PlaylistResult) -> float:
    return sum(pick.track.duration for pick in answer.picks)


@given(n=st.integers(1, 30), seed=st.integers(0, 20))
def test_as_many_tracks_as_wished_none_of_them_rated(n: int, seed: int) -> None:
    answer = made(PlaylistConstraints(n=n, seed=seed), likes=(1, 21), dislikes=(41,))
    ids = [pick.track.id for pick in answer.picks]
    assert len(ids) == len(set(ids)) == n
    assert not {1, 21, 41} & set(ids)
    assert answer.unmet_constraints == ()
    assert answer == made(PlaylistConstraints(n=n, seed=seed), likes=(1, 21), dislikes=(41,))


def test_another_seed_gives_another_playlist() -> None:
    assert made(PlaylistConstraints(n=10, seed=1)) != made(PlaylistConstraints(n=10, seed=2))


@given(minutes=st.integers(5, 120), seed=st.integers(0, 5))
def test_minutes_are_met_within_half_a_minute(minutes: int, seed: int) -> None:
    answer = made(PlaylistConstraints(seconds=minutes * 60, seed=seed))
    assert abs(length(answer) - minutes * 60) <= TOLERATED_SECONDS
    assert answer.unmet_constraints == ()
    ids = [pick.track.id for pick in answer.picks]
    assert len(ids) == len(set(ids))


def test_a_library_that_is_too_short_says_so() -> None:
    answer = made(PlaylistConstraints(n=100))
    n = len(answer.picks)
    assert 38 <= n < 45  # of jazz and metal, and few of what is as far as chance
    assert all(pick.score >= MAX_FLOOR for pick in answer.picks)
    dissimilar: dict[str, float | str | tuple[str, ...]] = {
        "left_out": ("no_nearer_than_chance",),
        "compared_with": "likes",
    }
    assert answer.unmet_constraints == (UnmetConstraint("n", 100, n, "left_out", dissimilar),)
    assert answer.left_out == dissimilar
    answer = made(PlaylistConstraints(seconds=60000))
    [unmet] = answer.unmet_constraints
    assert unmet.got == pytest.approx(length(answer) / 60)
    assert replace(unmet, got=None) == UnmetConstraint("minutes", 1000, None, "left_out", dissimilar)
    two = Shelf({i: make_track(i) for i in (1, 2)}, SHELF.index.vectors(SHELF.ids[:2]))
    answer = made(PlaylistConstraints(n=9), likes=(1,), shelf=two)
    assert answer.unmet_constraints == (UnmetConstraint("n", 9, 1, "no_more_matches"),)
    assert answer.left_out == {}


def test_a_length_that_no_choice_of_tracks_has_says_so() -> None:
    tracks = {i: make_track(i, duration=600.0) for i in range(1, 6)}
    shelf = Shelf(tracks, np.stack([sound("jazz", i) for i in tracks]))
    answer = made(PlaylistConstraints(seconds=900), likes=(1,), shelf=shelf)
    assert answer.unmet_constraints == (UnmetConstraint("minutes", 15, 20, "no_closer_choice"),)


def test_one_artist_alone_cannot_fill_a_list_and_that_is_said() -> None:
    tracks = {i: make_track(i, artist="Bach") for i in range(1, 11)}
    shelf = Shelf(tracks, np.stack([sound("jazz", i) for i in tracks]))
    answer = made(PlaylistConstraints(n=5), likes=(1,), shelf=shelf)
    assert len(answer.picks) == 2
    assert answer.unmet_constraints == (UnmetConstraint("n", 5, 2, "artist_limit", {"limit": 2}),)
    assert len(made(PlaylistConstraints(n=5, max_per_artist=0), likes=(1,), shelf=shelf).picks) == 5


def test_exchanges_for_the_length_keep_the_artists_apart() -> None:
    tracks = {i: make_track(i, artist=f"artist {i % 8}", duration=100.0 + 13 * i) for i in range(1, 41)}
    shelf = Shelf(tracks, np.stack([sound("jazz", i) for i in tracks]))
    for minutes in (20, 33, 47):
        answer = made(PlaylistConstraints(seconds=minutes * 60, max_per_artist=1), likes=(1,), shelf=shelf)
        artists = [pick.track.artist for pick in answer.picks]
        assert len(artists) == len(set(artists))


@pytest.mark.parametrize("wish", [PlaylistConstraints(n=5), PlaylistConstraints(seconds=600)])
def test_nothing_allowed_is_an_empty_answer_that_says_why(wish: PlaylistConstraints) -> None:
    answer = recommend_playlist(
        SHELF.index, WeightedTracks.of([SHELF.tracks[1]]), WeightedTracks.of([]), wish,
        allowed=np.array([1]), excluded=NONE, quotas={}, tracks=SHELF.lookup,
    )  # fmt: skip
    assert answer.picks == ()
    assert [(unmet.got, unmet.reason) for unmet in answer.unmet_constraints] == [(0, "no_more_matches")]


@given(disliked=st.integers(41, 80), n=st.integers(1, 15), seed=st.integers(0, 3), named=st.booleans())
def test_a_dislike_of_other_music_changes_nothing(disliked: int, n: int, seed: int, named: bool) -> None:
    wish = PlaylistConstraints(n=n, seed=seed)
    before, after = made(wish, named=named), made(wish, dislikes=(disliked,), named=named)
    assert (after.picks, after.unmet_constraints) == (before.picks, before.unmet_constraints)


@given(liked=st.integers(1, 20), named=st.booleans(), data=st.data())
def test_a_dislike_takes_the_tracks_with_it_that_are_nearer_to_it_than_to_the_like(
    liked: int, named: bool, data: st.DataObject
) -> None:
    disliked = data.draw(st.integers(1, 20).filter(lambda i: i != liked))
    vectors = SHELF.index.vectors(SHELF.ids)
    near, _ = SHELF.index.search(vectors[[disliked - 1]], MIN_CLOSE_NEIGHBOURS + 1)
    like, dislike = vectors @ vectors[liked - 1], vectors @ vectors[disliked - 1]
    nearer = {i for i in near[0].tolist() if dislike[i - 1] > like[i - 1]}
    before, after = (
        made(PlaylistConstraints(n=40), likes=(liked,), dislikes=dislikes, named=named)
        for dislikes in ((), (disliked,))
    )
    assert not nearer & set(ids(after))
    assert set(ids(after)) <= set(ids(before)) - {disliked}
    if gone := len(before.picks) - 1 - len(after.picks):
        [unmet] = after.unmet_constraints
        assert unmet.details["left_out"] == ("no_nearer_than_chance", "sound_like_dislikes")
        assert unmet.details["sound_like_dislikes"] == gone
    assert gone >= len(nearer & set(ids(before)) - {disliked})


@given(shortest=st.floats(0, 340), n=st.integers(1, 40))
def test_no_track_that_does_not_fit_is_in_the_list_which_says_why_it_is_shorter(shortest: float, n: int) -> None:
    unfit = OutOfRange(np.array([i for i, t in SHELF.tracks.items() if t.duration < shortest], np.int64), shortest)
    answer = made(PlaylistConstraints(n=n), unfit=unfit)
    assert all(pick.track.duration >= shortest for pick in answer.picks)
    if len(answer.picks) < n and len(unfit.ids):
        missed = len(set(unfit.ids.tolist()) - {1, 21})
        details = answer.unmet_constraints[0].details
        assert details.get("outside_duration_limits", 0) == missed
        assert details == answer.left_out
        assert details.get("min_duration") == (shortest if missed else None)


@given(
    likes=st.lists(st.integers(1, 40), min_size=1, max_size=6, unique=True),
    more=st.integers(0, 12),
    caps=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    in_time=st.booleans(),
)
def test_seeds_that_are_included_come_once_and_count(
    likes: list[int], more: int, caps: tuple[int, int], in_time: bool
) -> None:
    tracks = {i: make_track(i, artist=f"artist {i % 5}", album=f"album {i % 7}") for i in range(1, 41)}
    shelf = Shelf(tracks, SHELF.index.vectors(SHELF.ids[:40]))
    per_artist, per_album = caps
    n = len(likes) + more
    length: dict[str, Any] = {"seconds": 200.0 * n} if in_time else {"n": n}
    wish = PlaylistConstraints(**length, max_per_artist=per_artist, max_per_album=per_album, include_seeds=True)
    answer = made(wish, likes=tuple(likes), shelf=shelf, named=True)
    found = ids(answer)
    assert len(set(found)) == len(found) <= n
    assert set(likes) <= set(found)
    for cap, of in ((per_artist, 5), (per_album, 7)):
        for number in range(of):
            seeds = sum(i % of == number for i in likes)
            assert not cap or sum(i % of == number for i in found) <= max(cap, seeds)
    assert (len(found) == n) == (not answer.unmet_constraints)
    similarities = {pick.track.id: pick.score for pick in answer.picks}
    assert all(similarities[i] == pytest.approx(1) for i in likes)


@pytest.mark.parametrize("gap", [1, 2, 3])
def test_seeds_that_leave_no_room_for_the_gap_stay_and_that_is_told(gap: int) -> None:
    tracks = {i: make_track(i, artist="Bach" if i < 4 else f"artist {i}") for i in range(1, 41)}
    shelf = Shelf(tracks, SHELF.index.vectors(SHELF.ids[:40]))
    answer = made(
        PlaylistConstraints(n=4, min_artist_gap=gap, include_seeds=True), likes=(1, 2, 3), shelf=shelf, named=True
    )
    assert {1, 2, 3} <= set(ids(answer))
    assert len(answer.picks) == 4
    assert [unmet.wanted for unmet in answer.unmet_constraints if unmet.constraint == "min_artist_gap"] == [gap]


def test_a_seed_that_is_missing_is_not_put_into_the_list() -> None:
    tracks = SHELF.tracks | {1: make_track(1, missing=True)}
    shelf = Shelf(tracks, SHELF.index.vectors(SHELF.ids))
    found = ids(made(PlaylistConstraints(n=5, include_seeds=True), shelf=shelf, named=True))
    assert 1 not in found
    assert 21 in found


@given(seed=st.integers(0, 10), n=st.integers(4, 20))
def test_two_tastes_are_played_one_after_the_other_unless_a_curve_is_wished(seed: int, n: int) -> None:
    kinds = [pick.track.genre for pick in made(PlaylistConstraints(n=n, seed=seed)).picks]
    assert sum(one != other for one, other in pairwise(kinds)) == 1


def test_tastes_stay_together_where_artists_stand_apart() -> None:
    tracks = {i: replace(track, artist=f"artist {i // 2 % 10} {track.genre}") for i, track in SHELF.tracks.items()}
    shelf = Shelf(tracks, SHELF.index.vectors(SHELF.ids))
    answer = made(PlaylistConstraints(n=20), shelf=shelf)
    kinds, artists = ([getattr(p.track, field) for p in answer.picks] for field in ("genre", "artist"))
    assert sum(one != other for one, other in pairwise(kinds)) == 1
    assert all(one != other for one, other in pairwise(artists))
    answer = made(PlaylistConstraints(n=20, min_artist_gap=3), shelf=shelf)
    artists = [p.track.artist for p in answer.picks]
    assert all(len(set(artists[i : i + 4])) == 4 for i in range(17))
