"""The parts of the search for an order: each against a plain reference, with moves that are made here."""

import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from test_recommend_route import random_problem

from recsys.domain.arrays import DoubleArray, IdArray
from recsys.recommend import route
from recsys.recommend.route import OrderingProblem, nearest_neighbour, solve

SPARSE = np.random.default_rng(0).random((100, 100))


class Change(NamedTuple):
    """A move: the positions from ``low`` to ``high`` get the nodes at the positions ``nodes``."""

    low: int
    high: int
    nodes: IdArray


def reversal(low: int, high: int) -> Change:
    return Change(low, high, np.arange(low, high)[::-1])


def with_moves(monkeypatch: pytest.MonkeyPatch, moves: Callable[..., list[Change]]) -> list[dict[str, Any]]:
    """Moves in place of those of the local search; returns the arguments of the calls."""
    calls: list[dict[str, Any]] = []

    def improving(steps: DoubleArray, position_costs: DoubleArray | None, *, min_gain: float, every: bool) -> Any:
        calls.append({"steps": steps, "position_costs": position_costs, "min_gain": min_gain, "every": every})
        return moves(len(steps))

    monkeypatch.setattr(route, "improving_moves", improving)
    return calls


def violations(problem: OrderingProblem, order: list[int]) -> int:
    groups = problem.groups if problem.groups.ndim == 2 else problem.groups[:, None]
    members = [set(groups[node].tolist()) for node in order]
    return sum(
        max(0, problem.min_gap - (j - i)) if members[i] & members[j] else 0
        for i, j in itertools.combinations(range(len(order)), 2)
    )


@pytest.mark.parametrize("each", [0, 1, 2, 3])
@pytest.mark.parametrize("gap", [0, 1, 2, 3, 9, 12])
def test_violations_are_the_missing_positions_of_all_pairs_of_a_group(each: int, gap: int) -> None:
    for seed in range(6):
        problem = random_problem(9, seed, gap=gap, each=each)
        orders = np.array([np.random.default_rng(i).permutation(9) for i in range(6)])
        expected = [violations(problem, order) for order in orders.tolist()]
        assert problem.spacing_violations(orders).tolist() == expected
        assert [problem.objective(order)[0] for order in orders] == expected


def test_cost_is_the_sum_of_the_steps_and_of_the_positions() -> None:
    problem = random_problem(5, 0, with_position_costs=True)
    order = [3, 1, 4, 0, 2]
    steps = sum(float(problem.steps[a, b]) for a, b in itertools.pairwise(order))
    assert problem.position_costs is not None
    positions = sum(float(problem.position_costs[node, i]) for i, node in enumerate(order))
    assert problem.cost(np.array(order)) == pytest.approx(steps + positions)
    assert OrderingProblem(problem.steps, None, problem.groups).cost(np.array(order)) == pytest.approx(steps)


def test_conflicts_are_common_groups() -> None:
    groups = np.array([[0, 1], [1, 2], [3, -1], [2, 3], [-2, -3]])
    expected = [[bool(set(one) & set(other)) or i == j for j, other in enumerate(groups.tolist())]
                for i, one in enumerate(groups.tolist())]  # fmt: skip
    assert OrderingProblem(SPARSE[:5, :5], None, groups).conflicts.tolist() == expected
    single = OrderingProblem(SPARSE[:4, :4], None, np.array([0, 1, 0, 2])).conflicts
    assert single.tolist() == [[a == b for b in (0, 1, 0, 2)] for a in (0, 1, 0, 2)]


def greedy(problem: OrderingProblem, start: int) -> list[int]:
    """The nearest-neighbour path, node by node."""
    groups = problem.groups if problem.groups.ndim == 2 else problem.groups[:, None]
    sets = [set(row) for row in groups.tolist()]
    free = set(problem.free.tolist())
    order = [node for node in (problem.first,) if node is not None]
    node = start
    while True:
        order.append(node)
        free.discard(node)
        if not free:
            return order + [node for node in (problem.last,) if node is not None]
        allowed = sorted(free)
        if problem.min_gap > 1:
            recent = set().union(*(sets[i] for i in order[1 - problem.min_gap :]))
            fits = [i for i in allowed if not sets[i] & recent]
            left = {i: sum(bool(sets[i] & sets[j]) for j in free) for i in free}
            largest = max(left.values())
            urgent = [i for i in free if left[i] == largest]
            if (largest - 1) * problem.min_gap + len(urgent) / largest >= len(free):
                fits = [i for i in fits if i in urgent] or fits
            allowed = fits or allowed
        place = len(order)
        costs = {i: float(problem.steps[node, i]) for i in allowed}
        if problem.position_costs is not None:
            costs = {i: value + float(problem.position_costs[i, place]) for i, value in costs.items()}
        node = min(allowed, key=lambda i: (costs[i], i))


@pytest.mark.parametrize("ends", list(itertools.product([False, True], repeat=2)))
@pytest.mark.parametrize("gap", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("each", [0, 2])
def test_nearest_neighbour_path_is_that_of_the_rule(ends: tuple[bool, bool], gap: int, each: int) -> None:
    for seed in range(12):
        n = 4 + seed
        problem = random_problem(n, seed, gap=gap, each=each, with_position_costs=seed % 2 == 0, ends=ends)
        if seed % 3:  # few groups
            groups = (
                problem.groups % 4
                if not each
                else np.where(problem.groups > 5, -1 - np.arange(n)[:, None], problem.groups)
            )
            problem = OrderingProblem(problem.steps, problem.position_costs, groups, gap, problem.first, problem.last)
        for start in problem.free.tolist():
            assert nearest_neighbour(problem, start).tolist() == greedy(problem, start)


def test_nodes_are_relocated_and_exchanged() -> None:
    for n, i in ((5, 0), (5, 2), (5, 4), (1, 0)):
        to = np.arange(n)
        expected = []
        for target in range(n):
            moved = [node for node in range(n) if node != i]
            moved.insert(target, i)
            expected.append(moved)
        for target in range(n):
            exchanged = list(range(n))
            exchanged[i], exchanged[target] = target, i
            expected.append(exchanged)
        assert route._relocations(n, i, to).tolist() == expected
    assert route._relocations(4, 1, np.array([2])).tolist() == [[0, 2, 1, 3], [0, 2, 1, 3]]


@pytest.mark.parametrize("ends", list(itertools.product([False, True], repeat=2)))
def test_perturbation_exchanges_any_two_neighbouring_stretches_of_the_free_nodes(ends: tuple[bool, bool]) -> None:
    problem = random_problem(6, 0, ends=ends)
    low, high = int(ends[0]), 6 - int(ends[1])
    order = list(range(6))
    possible = {
        (*order[:a], *order[b:c], *order[a:b], *order[c:])
        for a, b, c in itertools.combinations(range(low, high + 1), 3)
    }
    rng = np.random.default_rng(0)
    found = {tuple(route._double_bridge(problem, np.array(order), rng).tolist()) for _ in range(400)}
    assert found == possible


@pytest.mark.parametrize("ends", [(False, False), (True, True)])
def test_perturbation_is_within_thirty_positions(ends: tuple[bool, bool]) -> None:
    problem = random_problem(100, 0, ends=ends)
    rng = np.random.default_rng(0)
    changed = [
        np.flatnonzero(route._double_bridge(problem, np.arange(100), rng) != np.arange(100)) for _ in range(3000)
    ]
    assert max(int(rows[-1] - rows[0]) + 1 for rows in changed) == 30
    assert min(int(rows[0]) for rows in changed) == int(ends[0])
    assert max(int(rows[-1]) for rows in changed) == 99 - int(ends[1])


@pytest.mark.parametrize(("n", "sweeps"), [(4, 20), (10, 50), (15, 75), (16, 80), (30, 80)])
def test_sweeps_are_bounded_by_eighty_and_five_for_each_node(
    monkeypatch: pytest.MonkeyPatch, n: int, sweeps: int
) -> None:
    calls = with_moves(monkeypatch, lambda _: [])
    solve(random_problem(n, 0), np.random.default_rng(0))
    assert len(calls) == sweeps
    calls.clear()
    solve(random_problem(n, 0), np.random.default_rng(0), sweeps=13)
    assert len(calls) == 13


def tried(monkeypatch: pytest.MonkeyPatch, problem: OrderingProblem, sweeps: int = 80) -> list[list[int]]:
    """The orders that the search improves, which here are left as they are."""
    orders: list[list[int]] = []

    def improve(search: Any, order: IdArray) -> IdArray:
        search.sweeps -= 1
        orders.append(order.tolist())
        return order

    monkeypatch.setattr(route._Search, "improve", improve)
    found = solve(problem, np.random.default_rng(5), sweeps=sweeps)
    assert problem.objective(found) == min(problem.objective(np.array(order)) for order in orders)
    return orders


def test_eight_nearest_neighbour_paths_are_improved_best_first(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = random_problem(30, 1)
    orders = tried(monkeypatch, problem)
    starts = [nearest_neighbour(problem, i).tolist() for i in range(30)]
    assert all(order in starts for order in orders[:8])
    costs = [problem.cost(np.array(order)) for order in orders[:8]]
    assert costs == sorted(costs)
    assert len({order[0] for order in orders[:8]}) == 8
    assert not any(order in starts for order in orders[8:])
    assert len(orders) == 80


def test_three_free_nodes_are_not_perturbed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(tried(monkeypatch, random_problem(3, 1))) == 3
    assert len(tried(monkeypatch, random_problem(4, 1))) == 20
    assert len(tried(monkeypatch, random_problem(5, 1, ends=(True, True)))) == 3
    assert len(tried(monkeypatch, random_problem(6, 1, ends=(True, True)))) == 30


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_an_order_without_a_choice_needs_no_search(monkeypatch: pytest.MonkeyPatch, n: int) -> None:
    orders = tried(monkeypatch, random_problem(2, 0)) if n == 0 else []
    assert len(orders) == (2 if n == 0 else 0)
    if n:
        ends = (n > 1, n > 2)
        problem = random_problem(n, 0, ends=ends)
        monkeypatch.setattr(route, "_Search", None)
        assert sorted(solve(problem, np.random.default_rng(0)).tolist()) == list(range(n))


@pytest.mark.parametrize("ends", list(itertools.product([False, True], repeat=2)))
@pytest.mark.parametrize("with_position_costs", [False, True])
def test_costs_of_the_local_search(
    monkeypatch: pytest.MonkeyPatch, ends: tuple[bool, bool], with_position_costs: bool
) -> None:
    """A free end has a node of its own there, without costs."""
    problem = random_problem(4, 3, ends=ends, with_position_costs=with_position_costs)
    calls = with_moves(monkeypatch, lambda _: [])
    order = np.array([2, 0, 3, 1])
    assert route._Search(problem, 1).improve(order).tolist() == order.tolist()
    [call] = calls
    begin, end = int(not ends[0]), int(not ends[1])
    steps = np.zeros((4 + begin + end,) * 2)
    steps[begin : begin + 4, begin : begin + 4] = problem.steps[np.ix_(order, order)]
    assert call["steps"] == pytest.approx(steps, rel=1e-6)
    largest, precision = float(problem.steps.max()), "f4"
    if problem.position_costs is None:
        assert call["position_costs"] is None
    else:
        positions = np.zeros((4 + begin + end,) * 2)
        positions[begin : begin + 4, begin : begin + 4] = problem.position_costs[order]
        assert call["position_costs"] == pytest.approx(positions)
        largest, precision = largest + 4 * float(problem.position_costs.max()), "f8"
    assert call["steps"].dtype == precision
    assert call["min_gain"] / np.finfo(precision).eps == pytest.approx(8 * largest)
    assert call["every"] is False


@pytest.mark.parametrize("seed", range(30))
def test_moves_that_do_not_touch_an_earlier_one_are_made(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    rng = np.random.default_rng(seed)
    moves = [reversal(low, low + int(rng.integers(2, 4))) for low in rng.integers(1, 14, 12).tolist()]
    problem = random_problem(20, 0, ends=(True, True))
    with_moves(monkeypatch, lambda _: moves)
    expected, changed = list(range(20)), set[int]()
    for move in moves:
        if not changed & set(range(move.low - 1, move.high + 1)):
            expected[move.low : move.high] = [int(i) for i in move.nodes]
            changed |= set(range(move.low, move.high))
    assert route._Search(problem, 1).improve(np.arange(20)).tolist() == expected


def test_sweeps_go_on_while_there_are_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = random_problem(6, 0, ends=(True, True))
    found = iter([[reversal(1, 3)], [reversal(2, 4)], []])
    calls = with_moves(monkeypatch, lambda _: next(found))
    search = route._Search(problem, 9)
    assert search.improve(np.arange(6)).tolist() == [0, 2, 3, 1, 4, 5]
    assert (len(calls), search.sweeps) == (3, 6)


@pytest.mark.parametrize(("gap", "bad"), [(4, reversal(2, 5)), (2, reversal(1, 5))])
def test_every_move_is_tried_if_the_best_violate_a_gap(monkeypatch: pytest.MonkeyPatch, gap: int, bad: Change) -> None:
    """The first move brings both nodes of group 0 together; each move that does not is made."""
    problem = OrderingProblem(np.ones((6, 6)), None, np.array([0, 1, 2, 3, 0, 4]), gap, 0, 5)
    good = reversal(1, 3)
    found = iter([[bad], [bad, good], [bad], [bad]])
    calls = with_moves(monkeypatch, lambda _: next(found))
    assert route._Search(problem, 9).improve(np.arange(6)).tolist() == [0, 2, 1, 3, 4, 5]
    assert [call["every"] for call in calls] == [False, True, False, True]


def test_moves_that_keep_the_violations_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = OrderingProblem(np.ones((5, 5)), None, np.array([0, 0, 0, 0, 1]), 2, 0, None)
    found = iter([[reversal(1, 3)], [], []])
    with_moves(monkeypatch, lambda _: next(found, []))
    monkeypatch.setattr(route._Search, "_repair", lambda self, order: (order, 3))
    assert route._Search(problem, 9).improve(np.arange(5)).tolist() == [0, 2, 1, 3, 4]


def test_positions_too_close_to_their_group_are_repaired() -> None:
    groups = np.array([0, 1, 0, 2, 3, 1, 4, 5])
    problem = OrderingProblem(np.ones((8, 8)), None, groups, 3)
    search = route._Search(problem, 1)
    assert search._repair_spacing(np.arange(8), np.arange(8)) == [0, 2]
    assert search._repair_spacing(np.arange(8), np.arange(1, 8)) == [2]
    wider = OrderingProblem(np.ones((8, 8)), None, groups, 5)
    assert route._Search(wider, 1)._repair_spacing(np.arange(8), np.arange(8)) == [0, 1, 2, 5]
    widest = OrderingProblem(np.ones((8, 8)), None, np.zeros(8, np.int64), 99)
    assert route._Search(widest, 1)._repair_spacing(np.arange(8), np.arange(8)) == list(range(8))


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (20, list(range(20))), (21, list(range(20))), (40, list(range(0, 40, 2))), (50, list(range(0, 40, 2))),
        (400, list(range(0, 396, 66))), (1100, [0]),
    ],
)  # fmt: skip
def test_some_positions_are_repaired_at_a_time(n: int, expected: list[int]) -> None:
    problem = OrderingProblem(np.ones((n, n)), None, np.zeros(n, np.int64), 2)
    assert route._Search(problem, 1)._repair_spacing(np.arange(n), np.arange(n)) == expected


@pytest.mark.parametrize("ends", list(itertools.product([False, True], repeat=2)))
def test_repair_makes_the_cheapest_change_with_the_fewest_violations(ends: tuple[bool, bool]) -> None:
    for seed in range(25):
        problem = random_problem(7, seed, gap=2 + seed % 3, ends=ends)
        order, search = np.random.default_rng(seed).permutation(7), route._Search(problem, 1)
        before = violations(problem, order.tolist())
        fixed = [order[0]] * ends[0] + [order[-1]] * ends[1]
        movable = [i for i in range(7) if order[i] not in fixed]
        trials = []
        for i in search._repair_spacing(order, np.array(movable)):
            trials += order[route._relocations(7, i, np.array(movable))].tolist()
        found, after = search._repair(order)
        fewest = min([before, *(violations(problem, trial) for trial in trials)])
        assert after == fewest == violations(problem, found.tolist())
        if fewest < before:
            best = [trial for trial in trials if violations(problem, trial) == fewest][:20]
            assert found.tolist() == min(best, key=lambda trial: problem.cost(np.array(trial)))
        else:
            assert found.tolist() == order.tolist()
        assert search.sweeps == (0 if before else 1)
