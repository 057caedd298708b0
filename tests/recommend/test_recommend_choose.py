from dataclasses import replace
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.domain.requests import Quota
from recsys.recommend.candidates import TOLERATED_SECONDS, Candidates, constraint_violation
from recsys.recommend.choose import select_tracks
from recsys.recommend.constraints import PlaylistConstraints

DUE = np.array([0.6, 0.4])
NO_QUOTAS = np.zeros((0, 200), bool)


def make_candidates(n: int, seed: int, *, artists: int = 4) -> Candidates:
    rng = np.random.default_rng(seed)
    vectors = rng.standard_normal((n, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Candidates(
        rng.random(n), vectors, rng.integers(60, 400, n).astype(float), rng.integers(0, 2, n),
        np.where(rng.random(n) < 0.2, 0, np.arange(1, n + 1)), rng.integers(-1, artists, n), rng.integers(-1, 3, n),
        rng.random((2, n)) < 0.4,
    )  # fmt: skip


@st.composite
def wishes(draw: st.DrawFn) -> PlaylistConstraints:
    def quota(name: str) -> Quota:
        if draw(st.booleans()):
            return Quota(name, share=draw(st.sampled_from([0.0, 0.2, 0.3, 0.5])))
        return Quota(name, count=draw(st.integers(0, 2)))

    in_time = draw(st.booleans())
    return PlaylistConstraints(
        n=None if in_time else draw(st.integers(1, 6)),
        seconds=draw(st.floats(100, 1500)) if in_time else None,
        max_per_artist=draw(st.integers(0, 3)),
        max_per_album=draw(st.integers(0, 3)),
        min_artist_gap=draw(st.integers(0, 3)),
        diversity=draw(st.floats(0, 10)),
        quotas=(quota("one"), quota("other")),
    )


def keeps_caps(candidates: Candidates, wish: PlaylistConstraints, chosen: tuple[int, ...]) -> bool:
    caps = (
        (candidates.version_groups, 1),
        (candidates.artists, wish.max_per_artist),
        (candidates.albums, wish.max_per_album),
    )
    for numbers, most in caps:
        known = numbers[list(chosen)]
        if most and (known >= 0).any() and np.bincount(known[known >= 0]).max() > most:
            return False
    return has_room(candidates.artists[list(chosen)].tolist(), wish.min_artist_gap)


def has_room(artists: list[int], gap: int) -> bool:
    """Whether an order exists, found by always taking the artist of whom most are left."""
    left = {artist: artists.count(artist) for artist in artists if artist >= 0}
    unknown = sum(artist < 0 for artist in artists)
    last: dict[int, int] = {}
    for place in range(len(artists)):
        ready = [a for a, n in left.items() if n and place - last.get(a, -99) > gap]
        if ready:
            artist = max(ready, key=lambda a: left[a])
            left[artist] -= 1
            last[artist] = place
        elif unknown:
            unknown -= 1
        else:
            return False
    return True


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 9), st.integers(0, 10**6), wishes())
def test_whatever_is_possible_is_met_and_caps_always_hold(n: int, seed: int, wish: PlaylistConstraints) -> None:
    candidates = make_candidates(n, seed)
    chosen = select_tracks(candidates, wish, DUE)
    assert len(set(chosen)) == len(chosen)
    assert keeps_caps(candidates, wish, tuple(chosen))
    if constraint_violation(candidates, wish, chosen).is_satisfied:
        return
    for size in range(n + 1) if wish.n is None else [wish.n]:
        for other in combinations(range(n), size):
            if constraint_violation(candidates, wish, list(other)).is_satisfied:
                assert not keeps_caps(candidates, wish, other), f"{other} meets all that is wished"


def test_nothing_to_choose_from_is_an_empty_list() -> None:
    candidates = make_candidates(0, 0)
    assert (
        select_tracks(candidates, PlaylistConstraints(n=3, quotas=(Quota("a", share=0.5), Quota("b", count=1))), DUE)
        == []
    )


def test_length_gives_way_last() -> None:
    candidates = replace(make_candidates(12, 3, artists=40), quotas=np.zeros((1, 12), bool))
    wish = PlaylistConstraints(n=6, quotas=(Quota("polka", share=0.5),), max_per_artist=0)
    lacking = constraint_violation(candidates, wish, select_tracks(candidates, wish, DUE))
    assert (lacking.tracks, lacking.quotas) == (0, (3.0,))


def test_interests_are_served_by_their_shares() -> None:
    candidates = replace(make_candidates(200, 1, artists=200), quotas=NO_QUOTAS)
    chosen = select_tracks(candidates, PlaylistConstraints(n=20), DUE)
    assert np.bincount(candidates.interests[chosen]).tolist() == [12, 8]


def test_variety_makes_a_list_unlike_itself() -> None:
    candidates = replace(make_candidates(200, 2, artists=200), quotas=NO_QUOTAS)
    worth = candidates.vectors[:, 0].astype(float)  # what is liked is alike

    def likeness(variety: float) -> float:
        chosen = select_tracks(replace(candidates, scores=worth), PlaylistConstraints(n=20, diversity=variety), DUE)
        return float((candidates.vectors[chosen] @ candidates.vectors[chosen].T).mean())

    assert likeness(0) > likeness(10) + 0.1


def test_minutes_are_met_by_exchanging_tracks() -> None:
    for seed in range(20):
        candidates = replace(make_candidates(60, seed, artists=60), quotas=NO_QUOTAS[:, :60])
        wish = PlaylistConstraints(seconds=3600.0)
        assert abs(candidates.seconds[select_tracks(candidates, wish, DUE)].sum() - 3600) <= TOLERATED_SECONDS
