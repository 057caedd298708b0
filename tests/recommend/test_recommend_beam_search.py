import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.recommend.beam_search import SAME_ARTIST_COST, UNKNOWN_ARTIST, BeamProblem, beam_search


def make_problem(
    k: int, m: int, seed: int, *, artists: int = 3, each: int = 1, copies: bool = True, budget: int = 9
) -> BeamProblem:
    """``each`` is the number of artists of a candidate, of which some are unknown."""
    rng = np.random.default_rng(seed)
    steps = rng.random((m, m))
    return BeamProblem(
        node_costs=rng.random((k, m)),
        candidates=np.tile(np.arange(m), (k, 1)),
        steps=lambda some, others: steps[np.ix_(some, others)],
        first=rng.random(m),
        last=rng.random(m),
        sound_groups=rng.integers(0, m, m) if copies else np.arange(m),
        artists=rng.integers(UNKNOWN_ARTIST, artists, (m, each)),
        artist_budget=np.full(artists + 1, budget),
        end_artists=(np.array([0]), np.array([UNKNOWN_ARTIST])),
    )


def cost(problem: BeamProblem, chosen: tuple[int, ...]) -> float:
    """Cost of a list; infinite if it is not valid."""
    artists = [set(problem.artists[i].tolist()) - {UNKNOWN_ARTIST} for i in chosen]
    known = [artist for some in artists for artist in some]
    full = any(known.count(artist) > problem.artist_budget[artist] for artist in known)
    if len({int(problem.sound_groups[i]) for i in chosen}) < len(chosen) or full:
        return np.inf
    row = [set(problem.end_artists[0].tolist()), *artists, set()]
    repeated = sum(bool(one & other) for one, other in itertools.pairwise(row))
    total = problem.first[chosen[0]] + problem.last[chosen[-1]] + SAME_ARTIST_COST * repeated
    total += sum(problem.node_costs[layer, i] for layer, i in enumerate(chosen))
    return float(
        total
        + sum(problem.steps(np.array([one]), np.array([other]))[0, 0] for one, other in itertools.pairwise(chosen))
    )


@given(
    k=st.integers(1, 4), m=st.integers(1, 6), seed=st.integers(0, 500), budget=st.integers(1, 3), each=st.integers(1, 3)
)
def test_small_problems_are_solved_as_by_exhaustive_search(k: int, m: int, seed: int, budget: int, each: int) -> None:
    problem = make_problem(k, m, seed, budget=budget, each=each)
    best = min(cost(problem, chosen) for chosen in itertools.product(range(m), repeat=k))
    chosen, _ = beam_search(problem)
    if np.isfinite(best):
        # The beam may lose the only valid continuation; the list is then shorter, but never invalid.
        if len(chosen) == k:
            assert cost(problem, tuple(chosen)) <= best * 1.1 + 1e-9
    else:
        assert len(chosen) < k


@given(seed=st.integers(0, 30))
def test_all_layers_are_filled_with_enough_candidates(seed: int) -> None:
    problem = make_problem(10, 60, seed, artists=12, copies=False, budget=2)
    chosen, artist_limit_hit = beam_search(problem)
    assert len(chosen) == len(set(chosen)) == 10
    assert cost(problem, tuple(chosen)) < SAME_ARTIST_COST
    assert not artist_limit_hit


def test_exhausted_artist_budget_is_reported() -> None:
    problem = make_problem(3, 6, 0, artists=1, copies=False, budget=1)
    problem.artists[:] = 0
    chosen, artist_limit_hit = beam_search(problem)
    assert len(chosen) == 1
    assert artist_limit_hit
    single = make_problem(3, 1, 0)
    assert beam_search(single) == ([0], False)


def test_same_artist_is_repeated_only_without_alternative() -> None:
    problem = make_problem(4, 8, 0, copies=False)
    problem.artists[:, 0] = [0, 0, 0, 0, 0, 0, 1, 1]
    chosen, _ = beam_search(problem)
    artists = problem.artists[chosen, 0].tolist()
    assert artists == [1, 0, 1, 0]  # the start is by artist 0


def test_no_candidates_give_an_empty_list() -> None:
    assert beam_search(make_problem(3, 0, 0)) == ([], False)


def test_cost_of_the_last_step_is_included() -> None:
    problem = make_problem(1, 5, 0, copies=False, artists=1)
    problem.artists[:] = UNKNOWN_ARTIST
    chosen, _ = beam_search(problem)
    assert chosen == [int((problem.first + problem.last + problem.node_costs[0]).argmin())]
    assert cost(problem, tuple(chosen)) == pytest.approx(
        float((problem.first + problem.last + problem.node_costs[0]).min())
    )
