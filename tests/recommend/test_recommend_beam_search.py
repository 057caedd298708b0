import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.domain.arrays import DoubleArray, IdArray
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


def plain_beam_search(problem: BeamProblem) -> tuple[list[int], bool]:
    """The same search with lists: 64 lists in each layer, of which three end with the same candidate."""
    beam: list[tuple[float, list[int]]] = [(0.0, [])]
    limit_hit, layers, everything = False, len(problem.candidates), np.arange(len(problem.first))
    steps = problem.steps(everything, everything).tolist()

    def known(artists: IdArray) -> set[int]:
        return set(artists.tolist()) - {UNKNOWN_ARTIST}

    of = [known(artists) for artists in problem.artists]
    for layer, members in enumerate(problem.candidates.tolist()):
        found: dict[int, list[tuple[float, list[int]]]] = {i: [] for i in members}
        limited = False
        for cost, chosen in beam:
            counts = Counter(artist for i in chosen for artist in of[i])
            sounds = {int(problem.sound_groups[i]) for i in chosen}
            for i in members:
                if int(problem.sound_groups[i]) in sounds:
                    continue
                if any(counts[artist] >= problem.artist_budget[artist] for artist in of[i]):
                    limited = True
                    continue
                before = of[chosen[-1]] if chosen else known(problem.end_artists[0])
                step = steps[chosen[-1]][i] if chosen else problem.first[i]
                total = cost + step + problem.node_costs[layer, i]
                total += SAME_ARTIST_COST * bool(before & of[i])
                if layer == layers - 1:
                    total += problem.last[i]
                    total += SAME_ARTIST_COST * bool(known(problem.end_artists[1]) & of[i])
                found[i].append((float(total), [*chosen, i]))
        kept = [each for lists in found.values() for each in sorted(lists)[:3]]
        if kept:
            beam = sorted(kept)[:64]
        else:
            limit_hit |= limited
    return beam[0][1], limit_hit


@pytest.mark.parametrize(
    ("k", "m", "artists", "each", "budget", "copies"),
    [
        (6, 40, 30, 1, 9, True), (6, 40, 6, 2, 1, False), (7, 30, 4, 2, 2, True), (7, 30, 3, 1, 2, False),
        (12, 10, 4, 1, 1, False), (6, 5, 9, 1, 1, True), (6, 35, 1, 1, 9, False), (1, 9, 2, 1, 1, False),
    ],
)  # fmt: skip
def test_search_keeps_the_lists_of_a_plain_beam_search(
    k: int, m: int, artists: int, each: int, budget: int, copies: bool
) -> None:
    for seed in range(2):
        problem = make_problem(k, m, seed, artists=artists, each=each, budget=budget, copies=copies)
        assert beam_search(problem) == plain_beam_search(problem)
        ends = (problem.artists[seed], problem.artists[-1])
        some = np.stack([np.random.default_rng(layer).permutation(m)[: m // 2 + 1] for layer in range(k)])
        other = replace(problem, end_artists=ends, candidates=some)
        assert beam_search(other) == plain_beam_search(other)


def with_costs(k: int, m: int, costs: DoubleArray, steps: DoubleArray) -> BeamProblem:
    """A problem without artists and copies."""
    problem = make_problem(k, m, 0, copies=False)
    problem.artists[:] = UNKNOWN_ARTIST
    return replace(
        problem, node_costs=costs, steps=lambda some, others: steps[np.ix_(some, others)],
        first=np.zeros(m), last=np.zeros(m),
    )  # fmt: skip


@pytest.mark.parametrize(("n_before", "found"), [(63, True), (64, False)])
def test_sixty_four_lists_are_kept(n_before: int, found: bool) -> None:
    """The only cheap step is from a candidate that is behind ``n_before`` others after the first layer."""
    m = 70
    costs = np.stack([np.arange(m) / 1000, np.arange(m) / 1000])
    steps = np.ones((m, m))
    steps[n_before, m - 1] = 0.0
    chosen, _ = beam_search(with_costs(2, m, costs, steps))
    assert sorted(chosen) == ([n_before, m - 1] if found else [0, 1])


def test_layer_that_copies_leave_empty_is_no_artist_limit() -> None:
    """Both candidates are copies of one recording; its artist has no budget left either."""
    problem = make_problem(2, 2, 0, artists=1, budget=1, copies=False)
    problem.artists[:] = 0
    problem.sound_groups[:] = 5
    assert beam_search(problem)[1] is False
    problem.sound_groups[:] = [5, 6]
    assert beam_search(problem)[1] is True
