import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.recommend.local_search import improving_moves
from recsys.recommend.route import OrderingProblem, nearest_neighbour, solve


def random_tour(
    n: int, seed: int, *, gap: int = 0, places: bool = False, ends: tuple[bool, bool] = (False, False)
) -> OrderingProblem:
    rng = np.random.default_rng(seed)
    first, last = rng.permutation(n)[:2].tolist() if n > 1 else (0, None)
    return OrderingProblem(
        rng.random((n, n)),
        rng.random((n, n)) if places else None,
        rng.integers(0, max(1, n // 2), n),
        gap,
        first if ends[0] else None,
        last if ends[1] else None,
    )


def least(tour: OrderingProblem) -> tuple[int, float]:
    """The best of all orders."""
    orders = np.array(list(itertools.permutations(range(len(tour)))))
    for at, node in ((0, tour.first), (-1, tour.last)):
        orders = orders if node is None else orders[orders[:, at] == node]
    crowding = tour.spacing_violations(orders)
    return int(crowding.min()), min(tour.cost(order) for order in orders[crowding == crowding.min()])


@given(
    n=st.integers(1, 7),
    seed=st.integers(0, 1000),
    gap=st.integers(0, 4),
    places=st.booleans(),
    ends=st.tuples(st.booleans(), st.booleans()),
)
def test_short_tours_are_the_best_of_all(n: int, seed: int, gap: int, places: bool, ends: tuple[bool, bool]) -> None:
    tour = random_tour(n, seed, gap=gap, places=places, ends=ends)
    found = solve(tour, np.random.default_rng(seed))
    assert sorted(found) == list(range(n))
    if tour.first is not None:
        assert found[0] == tour.first
    if tour.last is not None:
        assert found[-1] == tour.last
    crowding, cost = least(tour)
    assert tour.objective(found)[0] == crowding
    assert tour.cost(found) <= 1.05 * cost + 1e-9


@given(seed=st.integers(0, 20), gap=st.integers(0, 3), places=st.booleans())
def test_no_single_change_helps(seed: int, gap: int, places: bool) -> None:
    tour = random_tour(25, seed, gap=gap, places=places, ends=(True, True))
    found = solve(tour, np.random.default_rng(0))
    crowding, cost = tour.objective(found)
    framed = None if tour.position_costs is None else tour.position_costs[found]
    for change in improving_moves(tour.steps[np.ix_(found, found)], framed, min_gain=1e-6, every=True):
        changed = found.copy()
        changed[change.low : change.high] = found[change.nodes]
        assert tour.cost(changed) == pytest.approx(cost - change.gain)
        assert tour.spacing_violations(changed) > crowding


@given(counts=st.lists(st.integers(1, 6), min_size=1, max_size=8), gap=st.integers(2, 5), seed=st.integers(0, 5))
def test_groups_are_kept_apart_wherever_that_is_possible(counts: list[int], gap: int, seed: int) -> None:
    groups = np.repeat(np.arange(len(counts)), counts)
    n, most = len(groups), max(counts)
    tour = OrderingProblem(np.random.default_rng(seed).random((n, n)), None, groups, gap)
    found = solve(tour, np.random.default_rng(seed))
    if (most - 1) * gap + counts.count(most) <= n:  # as tasks that must cool down
        assert tour.spacing_violations(found) == 0
    else:
        assert tour.spacing_violations(found) > 0


def test_a_step_may_be_cheap_one_way_only() -> None:
    n = 12
    steps = np.ones((n, n))
    steps[np.arange(n - 1), np.arange(1, n)] = 0.0
    tour = OrderingProblem(steps, None, np.arange(n))
    assert solve(tour, np.random.default_rng(0)).tolist() == list(range(n))
    assert nearest_neighbour(tour, 0).tolist() == list(range(n))


def test_better_than_nearest_and_the_same_every_time() -> None:
    rng = np.random.default_rng(0)
    points = rng.standard_normal((60, 4))
    tour = OrderingProblem(np.linalg.norm(points[:, None] - points, axis=2), None, np.arange(60))
    found = solve(tour, np.random.default_rng(3))
    assert tour.cost(found) < 0.95 * min(tour.cost(nearest_neighbour(tour, start)) for start in range(60))
    assert solve(tour, np.random.default_rng(3)).tolist() == found.tolist()
    # Going on for ten times as long gains little.
    assert tour.cost(found) < 1.03 * tour.cost(solve(tour, np.random.default_rng(3), sweeps=800))
