"""A short way through all nodes, where going there costs another thing than coming back.

An open path, from the nearest node to the nearest, improved by turning round stretches and moving nodes elsewhere
(:mod:`recsys.recommend.local_search`) until neither helps; then perturbed by exchanging two stretches, and improved
again. One *sweep* weighs all changes at once and makes those that help most and do not touch each other. The number of
sweeps is bounded, not the time, so that results are reproducible.

Nodes of one group want to stand ``gap`` positions apart. That goes before all costs: no change crowds them more.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from recsys.domain.arrays import DoubleArray, IdArray
from recsys.recommend.local_search import improving_moves

SWEEPS = 80  # in all
_SWEEPS_EACH = 5  # times the nodes, of a short path
_STARTS = 8
_PERTURBATION_SPAN = 30  # positions within which a path is shaken
_SAMPLE = 20  # nodes that are tried elsewhere at a time
_CELLS = 1 << 20  # fewer, where each of them has so many positions to try
_EPSILON = 1e-9

Flags: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.bool_]]"


@dataclass(frozen=True, slots=True)
class OrderingProblem:
    """What is asked for.

    ``steps`` (n, n) costs from row to column; ``position_costs`` (n, n) of a node (row) at a position, or None;
    ``groups`` (n,) numbers of the groups whose nodes stand at least ``min_gap`` positions apart, if possible; ``first``
    and ``last``, the nodes at the ends, where they are given.
    """

    steps: DoubleArray
    position_costs: DoubleArray | None
    groups: IdArray
    min_gap: int = 0
    first: int | None = None
    last: int | None = None

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def free(self) -> IdArray:
        """Nodes without a place of their own."""
        return np.setdiff1d(np.arange(len(self)), [node for node in (self.first, self.last) if node is not None])

    def with_fixed_ends(self, order: IdArray) -> IdArray:
        """An order of the free nodes between the given ends."""
        first, last = ([] if node is None else [node] for node in (self.first, self.last))
        return np.array([*first, *order.tolist(), *last], np.int64)

    def cost(self, order: IdArray) -> float:
        """What an order (n,) costs."""
        cost = float(self.steps[order[:-1], order[1:]].sum())
        return (
            cost
            if self.position_costs is None
            else cost + float(self.position_costs[order, np.arange(len(order))].sum())
        )

    def spacing_violations(self, orders: IdArray) -> IdArray:
        """By how many positions in all nodes of one group stand nearer than the gap, in orders (..., n)."""
        groups = self.groups[orders]
        total: IdArray = np.zeros(orders.shape[:-1], np.int64)
        for apart in range(1, min(self.min_gap, len(self))):
            total += (self.min_gap - apart) * (groups[..., apart:] == groups[..., :-apart]).sum(axis=-1)
        return total

    def objective(self, order: IdArray) -> tuple[int, float]:
        """What shall be least."""
        return int(self.spacing_violations(order)), self.cost(order)


def solve(problem: OrderingProblem, rng: np.random.Generator, *, sweeps: int = SWEEPS) -> IdArray:
    """The nodes (n,) in a good order."""
    if len(problem.free) < 2:
        return problem.with_fixed_ends(problem.free)
    search = _Search(problem, min(sweeps, _SWEEPS_EACH * len(problem)))
    starts = [nearest_neighbour(problem, int(node)) for node in rng.permutation(problem.free)[:_STARTS]]
    best = min((search.improve(order) for order in sorted(starts, key=problem.objective)), key=problem.objective)
    while search.sweeps > 0 and len(problem.free) > 3:
        best = min(best, search.improve(_double_bridge(problem, best, rng)), key=problem.objective)
    return best


def nearest_neighbour(problem: OrderingProblem, start: int) -> IdArray:
    """From ``start``, the first free node of the order, always to the nearest that is left and crowds no group.

    A group that has so many nodes left that it must have its turn now goes before nearer ones.
    """
    free = np.zeros(len(problem), bool)
    free[problem.free] = True
    order = [] if problem.first is None else [problem.first]
    counts = np.bincount(problem.groups[free], minlength=int(problem.groups.max()) + 1)
    node = start
    while True:
        order.append(node)
        free[node] = False
        counts[problem.groups[node]] -= 1
        if not free.any():
            return problem.with_fixed_ends(np.array(order[problem.first is not None :], np.int64))
        costs = (
            problem.steps[node]
            if problem.position_costs is None
            else problem.steps[node] + problem.position_costs[:, len(order)]
        )
        node = int(np.where(_may_follow(problem, order, free, counts), costs, np.inf).argmin())


def _may_follow(problem: OrderingProblem, order: list[int], free: Flags, counts: IdArray) -> Flags:
    """Which (n,) of the free nodes may come next."""
    if problem.min_gap < 2:
        return free
    may = free & ~np.isin(problem.groups, problem.groups[order[1 - problem.min_gap :]])
    most = counts.max()
    if (most - 1) * problem.min_gap + (counts == most).sum() >= free.sum():
        urgent = may & (counts[problem.groups] == most)
        may = urgent if urgent.any() else may
    return may if may.any() else free


def _double_bridge(problem: OrderingProblem, order: IdArray, rng: np.random.Generator) -> IdArray:
    """Two neighbouring stretches exchanged, which no single change takes back."""
    low, high = int(problem.first is not None), len(order) - (problem.last is not None)
    search_depth = min(_PERTURBATION_SPAN, high - low)
    a, b, c = rng.integers(low, high - search_depth + 1) + np.sort(rng.choice(search_depth + 1, 3, replace=False))
    return np.concatenate([order[:a], order[b:c], order[a:b], order[c:]])


class _Search:
    """Improving orders of one tour, as long as there are ``sweeps`` left."""

    def __init__(self, problem: OrderingProblem, sweeps: int) -> None:
        self.sweeps = sweeps
        self._problem = problem
        n, begin, end = len(problem), int(problem.first is None), int(problem.last is None)
        self._open = begin, end
        self._steps = np.zeros((n + 1, n + 1))  # node n stands before and behind a path whose ends are free
        self._steps[:n, :n] = problem.steps
        self._position_costs: DoubleArray | None = None
        if problem.position_costs is not None:
            self._position_costs = np.zeros((n + 1, n + begin + end))
            self._position_costs[:n, begin : n + begin] = problem.position_costs

    def improve(self, order: IdArray) -> IdArray:
        """An order in which no change helps, or the best that the sweeps sufficed for."""
        n, (begin, end) = len(self._problem), self._open
        order, crowding = self._repair(order)
        path = np.concatenate([np.full(begin, n), order, np.full(end, n)])
        every = False
        while self.sweeps > 0:
            self.sweeps -= 1
            before, touched = path, 0
            places = None if self._position_costs is None else self._position_costs[path]
            for change in improving_moves(self._steps[np.ix_(path, path)], places, min_gain=_EPSILON, every=every):
                low, high = change.low, change.high
                if touched & ((2 << high) - (1 << low >> 1)):
                    continue
                tried = path.copy()
                tried[low:high] = before[change.nodes]
                if self._problem.min_gap > 1:
                    then = int(self._problem.spacing_violations(tried[begin : begin + n]))
                    if then > crowding:
                        continue
                    crowding = then
                path, touched = tried, touched | ((1 << high) - (1 << low))
            if not touched and (every or self._problem.min_gap < 2):
                break
            every = not touched  # the best of each position may crowd a group where others do not
        return path[begin : begin + n]

    def _repair(self, order: IdArray) -> tuple[IdArray, int]:
        """Move and exchange single nodes until no group is crowded, or that gets no better; the crowding is told."""
        problem, (begin, end) = self._problem, self._open
        crowding = int(problem.spacing_violations(order))
        inner = np.arange(1 - begin, len(order) - 1 + end)
        while crowding and self.sweeps > 0:
            self.sweeps -= 1
            tried = np.vstack(
                [order, *(order[_elsewhere(len(order), i, inner)] for i in self._repair_spacing(order, inner))]
            )
            found = problem.spacing_violations(tried)
            if found.min() == crowding:
                break
            order = min(tried[found == found.min()][:_SAMPLE], key=problem.cost)
            crowding = int(found.min())
        return order, crowding

    def _repair_spacing(self, order: IdArray, inner: IdArray) -> list[int]:
        """Some positions whose nodes stand too near to others of their group."""
        groups = self._problem.groups[order]
        close = np.zeros(len(order), bool)
        for apart in range(1, min(self._problem.min_gap, len(order))):
            same = groups[apart:] == groups[:-apart]
            close[apart:] |= same
            close[:-apart] |= same
        found = inner[close[inner]]
        most = min(_SAMPLE, max(1, _CELLS // len(order) ** 2))
        return [int(i) for i in found[:: max(1, len(found) // most)][:most]]


def _elsewhere(n: int, i: int, to: IdArray) -> IdArray:
    """Positions (k, n) where the node at ``i`` stands at one of ``to``, moved there or exchanged."""
    at, goal, rows = np.arange(n)[None], to[:, None], np.arange(len(to))
    moved = at + ((at >= i) & (at < goal)) - ((at <= i) & (at > goal))
    exchanged = np.repeat(at, len(to), axis=0)
    exchanged[:, i] = to
    exchanged[rows, to] = moved[rows, to] = i
    return np.vstack([moved, exchanged])
