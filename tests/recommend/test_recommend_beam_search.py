import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.recommend.beam_search import SAME_ARTIST_COST, UNKNOWN_ARTIST, BeamProblem, beam_search


def make(k: int, m: int, seed: int, *, artists: int = 3, copies: bool = True, left: int = 9) -> BeamProblem:
    rng = np.random.default_rng(seed)
    steps = rng.random((m, m))
    return BeamProblem(
        node_costs=rng.random((k, m)),
        candidates=np.tile(np.arange(m), (k, 1)),
        steps=lambda some, others: steps[np.ix_(some, others)],
        first=rng.random(m),
        last=rng.random(m),
        sound_groups=rng.integers(0, m, m) if copies else np.arange(m),
        artists=rng.integers(UNKNOWN_ARTIST, artists, m),
        artist_budget=np.full(artists + 1, left),
        end_artists=(0, UNKNOWN_ARTIST),
    )


def cost(layers: BeamProblem, chosen: tuple[int, ...]) -> float:
    """Of a list that is allowed, else infinite."""
    artists = [int(layers.artists[i]) for i in chosen]
    known = [artist for artist in artists if artist != UNKNOWN_ARTIST]
    full = any(known.count(artist) > layers.artist_budget[artist] for artist in known)
    if len({int(layers.sound_groups[i]) for i in chosen}) < len(chosen) or full:
        return np.inf
    row = [layers.end_artists[0], *artists, layers.end_artists[1]]
    again = sum(one == other != UNKNOWN_ARTIST for one, other in itertools.pairwise(row))
    total = layers.first[chosen[0]] + layers.last[chosen[-1]] + SAME_ARTIST_COST * again
    total += sum(layers.node_costs[layer, i] for layer, i in enumerate(chosen))
    return float(
        total + sum(layers.steps(np.array([one]), np.array([other]))[0, 0] for one, other in itertools.pairwise(chosen))
    )


@given(k=st.integers(1, 4), m=st.integers(1, 6), seed=st.integers(0, 500), left=st.integers(1, 3))
def test_small_ones_are_solved_as_well_as_by_trying_all(k: int, m: int, seed: int, left: int) -> None:
    layers = make(k, m, seed, left=left)
    best = min(cost(layers, chosen) for chosen in itertools.product(range(m), repeat=k))
    chosen, _ = beam_search(layers)
    if np.isfinite(best):
        # A beam may lose what turns out to be the one way on; what it finds is then short, and never wrong.
        if len(chosen) == k:
            assert cost(layers, tuple(chosen)) <= best * 1.1 + 1e-9
    else:
        assert len(chosen) < k


@given(seed=st.integers(0, 30))
def test_with_enough_to_choose_from_all_layers_are_filled(seed: int) -> None:
    layers = make(10, 60, seed, artists=12, copies=False, left=2)
    chosen, crowded = beam_search(layers)
    assert len(chosen) == len(set(chosen)) == 10
    assert cost(layers, tuple(chosen)) < SAME_ARTIST_COST
    assert not crowded


def test_who_has_had_enough_is_named_as_the_reason() -> None:
    layers = make(3, 6, 0, artists=1, copies=False, left=1)
    layers.artists[:] = 0
    chosen, crowded = beam_search(layers)
    assert len(chosen) == 1
    assert crowded
    alone = make(3, 1, 0)
    assert beam_search(alone) == ([0], False)


def test_the_same_artist_comes_twice_in_a_row_only_where_nobody_else_is() -> None:
    layers = make(4, 8, 0, copies=False)
    layers.artists[:] = [0, 0, 0, 0, 0, 0, 1, 1]
    chosen, _ = beam_search(layers)
    artists = layers.artists[chosen].tolist()
    assert artists in ([1, 0, 1, 0], [1, 0, 0, 1]) or artists.count(1) == 2
    assert artists[0] == 1  # the beginning is by artist 0


def test_nobody_at_all() -> None:
    assert beam_search(make(3, 0, 0)) == ([], False)


def test_costs_that_must_be_paid_for_the_end_are_seen() -> None:
    layers = make(1, 5, 0, copies=False, artists=1)
    layers.artists[:] = UNKNOWN_ARTIST
    chosen, _ = beam_search(layers)
    assert chosen == [int((layers.first + layers.last + layers.node_costs[0]).argmin())]
    assert cost(layers, tuple(chosen)) == pytest.approx(
        float((layers.first + layers.last + layers.node_costs[0]).min())
    )
