import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recsys.recommend.local_search import improving_moves
from recsys.recommend.route import OrderingProblem, nearest_neighbour, solve


def random_problem(
    n: int,
    seed: int,
    *,
    gap: int = 0,
    each: int = 0,
    with_position_costs: bool = False,
    ends: tuple[bool, bool] = (False, False),
) -> OrderingProblem:
    """``each`` is the number of groups of a node; 0 is one, in the form for one."""
    rng = np.random.default_rng(seed)
    first, last = rng.permutation(n)[:2].tolist() if n > 1 else (0, None)
    return OrderingProblem(
        rng.random((n, n)),
        rng.random((n, n)) if with_position_costs else None,
        rng.integers(0, max(1, n // 2), (n, each) if each else n),
        gap,
        first if ends[0] else None,
        last if ends[1] else None,
    )


def optimum(problem: OrderingProblem) -> tuple[int, float]:
    """The smallest violations, and the smallest cost with them, over all orders."""
    orders = np.array(list(itertools.permutations(range(len(problem)))))
    for end, node in ((0, problem.first), (-1, problem.last)):
        orders = orders if node is None else orders[orders[:, end] == node]
    violations = problem.spacing_violations(orders)
    return int(violations.min()), min(problem.cost(order) for order in orders[violations == violations.min()])


@given(
    n=st.integers(1, 7),
    seed=st.integers(0, 1000),
    gap=st.integers(0, 4),
    each=st.integers(0, 2),
    with_position_costs=st.booleans(),
    ends=st.tuples(st.booleans(), st.booleans()),
)
def test_small_problems_have_the_optimal_order(
    n: int, seed: int, gap: int, each: int, with_position_costs: bool, ends: tuple[bool, bool]
) -> None:
    problem = random_problem(n, seed, gap=gap, each=each, with_position_costs=with_position_costs, ends=ends)
    found = solve(problem, np.random.default_rng(seed))
    assert sorted(found) == list(range(n))
    if problem.first is not None:
        assert found[0] == problem.first
    if problem.last is not None:
        assert found[-1] == problem.last
    violations, cost = optimum(problem)
    assert problem.objective(found)[0] == violations
    assert problem.cost(found) <= 1.05 * cost + 1e-9


@given(seed=st.integers(0, 20), gap=st.integers(0, 3), with_position_costs=st.booleans())
@example(seed=7, gap=2, with_position_costs=True)  # the best moves of some positions violate a gap, and others do not
def test_no_single_move_improves_the_solution(seed: int, gap: int, with_position_costs: bool) -> None:
    problem = random_problem(25, seed, gap=gap, with_position_costs=with_position_costs, ends=(True, True))
    found = solve(problem, np.random.default_rng(0))
    violations, cost = problem.objective(found)
    position_costs = None if problem.position_costs is None else problem.position_costs[found]
    for move in improving_moves(problem.steps[np.ix_(found, found)], position_costs, min_gain=1e-6, every=True):
        changed = found.copy()
        changed[move.low : move.high] = found[move.nodes]
        assert problem.cost(changed) == pytest.approx(cost - move.gain)
        assert problem.spacing_violations(changed) > violations


@given(counts=st.lists(st.integers(1, 6), min_size=1, max_size=8), gap=st.integers(2, 5), seed=st.integers(0, 5))
def test_min_gap_holds_whenever_possible(counts: list[int], gap: int, seed: int) -> None:
    groups = np.repeat(np.arange(len(counts)), counts)
    n, largest = len(groups), max(counts)
    problem = OrderingProblem(np.random.default_rng(seed).random((n, n)), None, groups, gap)
    found = solve(problem, np.random.default_rng(seed))
    if (largest - 1) * gap + counts.count(largest) <= n:  # as in task scheduling with a cooldown
        assert problem.spacing_violations(found) == 0
    else:
        assert problem.spacing_violations(found) > 0


def test_asymmetric_steps_are_followed_in_their_direction() -> None:
    n = 12
    steps = np.ones((n, n))
    steps[np.arange(n - 1), np.arange(1, n)] = 0.0
    problem = OrderingProblem(steps, None, np.arange(n))
    assert solve(problem, np.random.default_rng(0)).tolist() == list(range(n))
    assert nearest_neighbour(problem, 0).tolist() == list(range(n))


def test_nearest_neighbour_path_takes_the_most_frequent_group_while_it_still_fits() -> None:
    """Three nodes of one group fit into five places if every other one is theirs, although they are far from all."""
    steps = np.ones((5, 5))
    steps[3:, 3:] = 0.0
    problem = OrderingProblem(steps, None, np.array([0, 0, 0, 1, 2]), 2)
    found = nearest_neighbour(problem, 0)
    assert problem.groups[found].tolist() in ([0, 1, 0, 2, 0], [0, 2, 0, 1, 0])


def test_solution_beats_nearest_neighbour_and_is_deterministic() -> None:
    rng = np.random.default_rng(0)
    points = rng.standard_normal((60, 4))
    problem = OrderingProblem(np.linalg.norm(points[:, None] - points, axis=2), None, np.arange(60))
    found = solve(problem, np.random.default_rng(3))
    assert problem.cost(found) < 0.95 * min(problem.cost(nearest_neighbour(problem, start)) for start in range(60))
    assert solve(problem, np.random.default_rng(3)).tolist() == found.tolist()
    # Ten times as many sweeps gain little.
    assert problem.cost(found) < 1.03 * problem.cost(solve(problem, np.random.default_rng(3), sweeps=800))


@given(n=st.integers(1, 8), seed=st.integers(0, 100), gap=st.integers(2, 4))
def test_groups_in_both_forms_are_the_same(n: int, seed: int, gap: int) -> None:
    one = random_problem(n, seed, gap=gap)
    two = replace(one, groups=np.stack([one.groups, -1 - np.arange(n)], axis=1))
    orders = np.array(list(itertools.islice(itertools.permutations(range(n)), 200)))
    assert one.spacing_violations(orders).tolist() == two.spacing_violations(orders).tolist()
    found = [solve(problem, np.random.default_rng(0)).tolist() for problem in (one, two)]
    assert found[0] == found[1]


def test_node_of_two_groups_keeps_its_distance_from_both() -> None:
    groups = np.array([[0, 1], [0, -1], [1, -2], [2, -3], [3, -4], [4, -5]])
    problem = OrderingProblem(np.zeros((6, 6)), None, groups, 3)
    found = solve(problem, np.random.default_rng(0)).tolist()
    assert min(abs(found.index(0) - found.index(other)) for other in (1, 2)) >= 3
