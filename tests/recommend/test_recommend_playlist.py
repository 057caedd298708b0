from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic_library import SyntheticTracks, genre_vector, make_synthetic_tracks, make_track

from recsys.domain.requests import Quota
from recsys.domain.results import UnmetConstraint
from recsys.recommend.candidates import TOLERATED_SECONDS
from recsys.recommend.constraints import PlaylistConstraints
from recsys.recommend.dislikes import MIN_CLOSE_NEIGHBOURS
from recsys.recommend.playlist import Details, OutOfRange, PlaylistResult, recommend_playlist
from recsys.recommend.pool import WeightedTracks, _explore
from recsys.recommend.user_model import MAX_FLOOR

TRACKS = make_synthetic_tracks()
NONE = np.empty(0, np.int64)


def recommend(
    constraints: PlaylistConstraints,
    likes: tuple[int, ...] = (1, 21),
    dislikes: tuple[int, ...] = (),
    library: SyntheticTracks = TRACKS,
    *,
    named: bool = False,
    out_of_range: OutOfRange | None = None,
) -> PlaylistResult:
    liked, disliked = (WeightedTracks.of([library.tracks[i] for i in ids], named=named) for ids in (likes, dislikes))
    return recommend_playlist(
        library.index, liked, disliked, constraints,
        allowed=library.ids, excluded=NONE, out_of_range=out_of_range, quotas={}, tracks=library.lookup,
    )  # fmt: skip


def ids(result: PlaylistResult) -> list[int]:
    return [pick.track.id for pick in result.picks]


def length(result: PlaylistResult) -> float:
    return sum(pick.track.duration for pick in result.picks)


@given(n=st.integers(1, 30), seed=st.integers(0, 20))
def test_playlist_has_n_tracks_and_no_rated_ones(n: int, seed: int) -> None:
    result = recommend(PlaylistConstraints(n=n, seed=seed), likes=(1, 21), dislikes=(41,))
    ids = [pick.track.id for pick in result.picks]
    assert len(ids) == len(set(ids)) == n
    assert not {1, 21, 41} & set(ids)
    assert result.unmet_constraints == ()
    assert result == recommend(PlaylistConstraints(n=n, seed=seed), likes=(1, 21), dislikes=(41,))


def test_implied_likes_may_be_in_the_playlist_and_stated_ones_not() -> None:
    likes = WeightedTracks.of([TRACKS.tracks[i] for i in (1, 21, 22)], [1.0, 0.5, 0.5])
    for constraints in (PlaylistConstraints(n=6), PlaylistConstraints(n=6, include_seeds=True)):
        result = recommend_playlist(
            TRACKS.index, replace(likes, implied=frozenset({21, 22})), WeightedTracks.of([]), constraints,
            excluded=NONE, quotas={}, tracks=TRACKS.lookup,
        )  # fmt: skip
        assert len(result.picks) == 6
        assert {21, 22} <= set(ids(result))
        assert (1 in ids(result)) == constraints.include_seeds


def test_seeds_with_a_minus_exclude_what_is_near_them() -> None:
    likes, none = WeightedTracks.of([TRACKS.tracks[i] for i in (1, 21)]), WeightedTracks.of([])

    def playlist(dislikes: WeightedTracks) -> set[int]:
        found = recommend_playlist(
            TRACKS.index, likes, dislikes, PlaylistConstraints(n=10),
            excluded=NONE, quotas={}, tracks=TRACKS.lookup,
        )  # fmt: skip
        return set(ids(found))

    usual, without = playlist(none), playlist(none.with_minus([TRACKS.tracks[22], TRACKS.tracks[23]]))
    seeds = TRACKS.index.vectors(np.array([22, 23]))
    nearness = [(TRACKS.index.vectors(np.array(sorted(found))) @ seeds.T).max() for found in (usual, without)]
    assert not without & {22, 23}
    assert nearness[1] < nearness[0]


def test_seed_changes_the_playlist() -> None:
    assert recommend(PlaylistConstraints(n=10, seed=1)) != recommend(PlaylistConstraints(n=10, seed=2))


@given(minutes=st.integers(5, 120), seed=st.integers(0, 5))
def test_duration_is_within_half_a_minute(minutes: int, seed: int) -> None:
    result = recommend(PlaylistConstraints(seconds=minutes * 60, seed=seed))
    assert abs(length(result) - minutes * 60) <= TOLERATED_SECONDS
    assert result.unmet_constraints == ()
    ids = [pick.track.id for pick in result.picks]
    assert len(ids) == len(set(ids))


def test_too_few_candidates_are_reported() -> None:
    result = recommend(PlaylistConstraints(n=100))
    n = len(result.picks)
    assert 38 <= n < 45  # jazz and metal, and few tracks neighbours the floor
    assert all(pick.score >= MAX_FLOOR for pick in result.picks)
    dissimilar: Details = {"left_out": ("no_nearer_than_chance",), "compared_with": "likes"}
    assert result.unmet_constraints == (UnmetConstraint("n", 100, n, "left_out", dissimilar),)
    assert result.left_out == dissimilar
    result = recommend(PlaylistConstraints(seconds=60000))
    assert result.unmet_constraints == (UnmetConstraint("minutes", 1000, length(result) / 60, "left_out", dissimilar),)
    two = SyntheticTracks({i: make_track(i) for i in (1, 2)}, TRACKS.index.vectors(TRACKS.ids[:2]))
    result = recommend(PlaylistConstraints(n=9), likes=(1,), library=two)
    assert result.unmet_constraints == (UnmetConstraint("n", 9, 1, "no_more_matches"),)
    assert result.left_out == {}


def test_impossible_duration_is_reported() -> None:
    tracks = {i: make_track(i, duration=600.0) for i in range(1, 6)}
    library = SyntheticTracks(tracks, np.stack([genre_vector("jazz", i) for i in tracks]))
    result = recommend(PlaylistConstraints(seconds=900), likes=(1,), library=library)
    assert result.unmet_constraints == (UnmetConstraint("minutes", 15, 20, "no_closer_choice"),)


def test_artist_limit_is_reported() -> None:
    tracks = {i: make_track(i, artist="Bach") for i in range(1, 11)}
    library = SyntheticTracks(tracks, np.stack([genre_vector("jazz", i) for i in tracks]))
    result = recommend(PlaylistConstraints(n=5), likes=(1,), library=library)
    assert len(result.picks) == 2
    assert result.unmet_constraints == (UnmetConstraint("n", 5, 2, "artist_limit", {"limit": 2}),)
    assert len(recommend(PlaylistConstraints(n=5, max_per_artist=0), likes=(1,), library=library).picks) == 5


def test_artist_limit_holds_for_a_requested_duration() -> None:
    tracks = {i: make_track(i, artist=f"artist {i % 8}", duration=100.0 + 13 * i) for i in range(1, 41)}
    library = SyntheticTracks(tracks, np.stack([genre_vector("jazz", i) for i in tracks]))
    for minutes in (20, 33, 47):
        result = recommend(PlaylistConstraints(seconds=minutes * 60, max_per_artist=1), likes=(1,), library=library)
        artists = [pick.track.artist for pick in result.picks]
        assert len(artists) == len(set(artists))


def test_a_share_of_an_empty_playlist_is_met() -> None:
    result = recommend_playlist(
        TRACKS.index, WeightedTracks.of([TRACKS.tracks[1]]), WeightedTracks.of([]),
        PlaylistConstraints(n=4, quotas=(Quota("metal", share=0.5),)),
        allowed=NONE, excluded=NONE, quotas={"metal": NONE}, tracks=TRACKS.lookup,
    )  # fmt: skip
    assert [(unmet.constraint, unmet.got) for unmet in result.unmet_constraints] == [("n", 0)]


@pytest.mark.parametrize("constraints", [PlaylistConstraints(n=5), PlaylistConstraints(seconds=600)])
def test_empty_selection_is_reported(constraints: PlaylistConstraints) -> None:
    result = recommend_playlist(
        TRACKS.index, WeightedTracks.of([TRACKS.tracks[1]]), WeightedTracks.of([]), constraints,
        allowed=np.array([1]), excluded=NONE, quotas={}, tracks=TRACKS.lookup,
    )  # fmt: skip
    assert result.picks == ()
    assert [(unmet.got, unmet.reason) for unmet in result.unmet_constraints] == [(0, "no_more_matches")]


@given(disliked=st.integers(41, 80), n=st.integers(1, 15), seed=st.integers(0, 3), named=st.booleans())
def test_dislike_of_other_music_has_no_effect(disliked: int, n: int, seed: int, named: bool) -> None:
    constraints = PlaylistConstraints(n=n, seed=seed)
    before, after = recommend(constraints, named=named), recommend(constraints, dislikes=(disliked,), named=named)
    assert (after.picks, after.unmet_constraints) == (before.picks, before.unmet_constraints)


@given(liked=st.integers(1, 20), named=st.booleans(), data=st.data())
def test_dislike_excludes_tracks_nearer_to_it_than_to_the_like(liked: int, named: bool, data: st.DataObject) -> None:
    disliked = data.draw(st.integers(1, 20).filter(lambda i: i != liked))
    vectors = TRACKS.index.vectors(TRACKS.ids)
    neighbours, _ = TRACKS.index.search(vectors[[disliked - 1]], MIN_CLOSE_NEIGHBOURS + 1)
    like, dislike = vectors @ vectors[liked - 1], vectors @ vectors[disliked - 1]
    nearer = {i for i in neighbours[0].tolist() if dislike[i - 1] > like[i - 1]}
    before, after = (
        recommend(PlaylistConstraints(n=40), likes=(liked,), dislikes=dislikes, named=named)
        for dislikes in ((), (disliked,))
    )
    assert not nearer & set(ids(after))
    assert set(ids(after)) <= set(ids(before)) - {disliked}
    if n_excluded := len(before.picks) - 1 - len(after.picks):
        [unmet] = after.unmet_constraints
        assert unmet.details["left_out"] == ("no_nearer_than_chance", "sound_like_dislikes")
        assert unmet.details["sound_like_dislikes"] == n_excluded
    assert n_excluded >= len(nearer & set(ids(before)) - {disliked})


@given(min_duration=st.floats(0, 340), n=st.integers(1, 40))
def test_duration_limits_hold_and_are_reported(min_duration: float, n: int) -> None:
    out_of_range = OutOfRange(
        np.array([i for i, t in TRACKS.tracks.items() if t.duration < min_duration], np.int64), min_duration
    )
    result = recommend(PlaylistConstraints(n=n), out_of_range=out_of_range)
    assert all(pick.track.duration >= min_duration for pick in result.picks)
    if len(result.picks) < n and len(out_of_range.ids):
        n_out_of_range = len(set(out_of_range.ids.tolist()) - {1, 21})
        details = result.unmet_constraints[0].details
        assert details.get("outside_duration_limits", 0) == n_out_of_range
        assert details == result.left_out
        assert details.get("min_duration") == (min_duration if n_out_of_range else None)


@given(
    likes=st.lists(st.integers(1, 40), min_size=1, max_size=6, unique=True),
    n_others=st.integers(0, 12),
    limits=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    by_duration=st.booleans(),
)
def test_included_seeds_occur_once_and_count_for_limits(
    likes: list[int], n_others: int, limits: tuple[int, int], by_duration: bool
) -> None:
    tracks = {i: make_track(i, artist=f"artist {i % 5}", album=f"album {i % 7}") for i in range(1, 41)}
    library = SyntheticTracks(tracks, TRACKS.index.vectors(TRACKS.ids[:40]))
    per_artist, per_album = limits
    n = len(likes) + n_others
    length = {"seconds": 200.0 * n} if by_duration else {"n": n}
    constraints = PlaylistConstraints(**length, max_per_artist=per_artist, max_per_album=per_album, include_seeds=True)
    result = recommend(constraints, likes=tuple(likes), library=library, named=True)
    found = ids(result)
    assert len(set(found)) == len(found) <= n
    assert set(likes) <= set(found)
    for limit, of in ((per_artist, 5), (per_album, 7)):
        for number in range(of):
            seeds = sum(i % of == number for i in likes)
            assert not limit or sum(i % of == number for i in found) <= max(limit, seeds)
    assert (len(found) == n) == (not result.unmet_constraints)
    similarities = {pick.track.id: pick.score for pick in result.picks}
    assert all(similarities[i] == pytest.approx(1) for i in likes)


@pytest.mark.parametrize("gap", [1, 2, 3])
def test_included_seeds_can_violate_the_artist_gap(gap: int) -> None:
    tracks = {i: make_track(i, artist="Bach" if i < 4 else f"artist {i}") for i in range(1, 41)}
    library = SyntheticTracks(tracks, TRACKS.index.vectors(TRACKS.ids[:40]))
    result = recommend(
        PlaylistConstraints(n=4, min_artist_gap=gap, include_seeds=True), likes=(1, 2, 3), library=library, named=True
    )
    assert {1, 2, 3} <= set(ids(result))
    assert len(result.picks) == 4
    assert [unmet.wanted for unmet in result.unmet_constraints if unmet.constraint == "min_artist_gap"] == [gap]


def test_missing_seed_is_not_included() -> None:
    tracks = TRACKS.tracks | {1: make_track(1, missing=True)}
    library = SyntheticTracks(tracks, TRACKS.index.vectors(TRACKS.ids))
    found = ids(recommend(PlaylistConstraints(n=5, include_seeds=True), library=library, named=True))
    assert 1 not in found
    assert 21 in found


@given(seed=st.integers(0, 10), n=st.integers(4, 20))
def test_interests_follow_one_another(seed: int, n: int) -> None:
    genres = [pick.track.genre for pick in recommend(PlaylistConstraints(n=n, seed=seed)).picks]
    assert sum(one != other for one, other in pairwise(genres)) == 1


def test_interests_stay_together_with_an_artist_gap() -> None:
    tracks = {i: replace(track, artist=f"artist {i // 2 % 10} {track.genre}") for i, track in TRACKS.tracks.items()}
    library = SyntheticTracks(tracks, TRACKS.index.vectors(TRACKS.ids))
    result = recommend(PlaylistConstraints(n=20), library=library)
    genres, artists = ([getattr(p.track, field) for p in result.picks] for field in ("genre", "artist"))
    assert sum(one != other for one, other in pairwise(genres)) == 1
    assert all(one != other for one, other in pairwise(artists))
    result = recommend(PlaylistConstraints(n=20, min_artist_gap=3), library=library)
    artists = [p.track.artist for p in result.picks]
    assert all(len(set(artists[i : i + 4])) == 4 for i in range(17))


def test_exploration_moves_the_target_away_from_the_best_score() -> None:
    scores, interests = np.array([0.8, 0.5, 0.2, -0.3, -0.5]), np.array([0, 0, 0, 1, 1])
    assert _explore(scores, interests, 2, 0.0) is scores
    half = _explore(scores, interests, 2, 0.5)
    assert half[:3].argmax() == 1  # 0.8 - 0.5 * 0.75 * 0.8 is 0.5
    assert half[1] == pytest.approx(0.5)
    assert _explore(scores, interests, 2, 1.0)[:3].argmax() == 2
    assert half[3:].argmax() == 0  # all are as far as they can be
