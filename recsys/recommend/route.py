"""A short path through all nodes, for asymmetric step costs.

The path is open. It starts from nearest-neighbour paths and is improved by reversals and segment moves
(:mod:`recsys.recommend.local_search`) until none helps; then it is perturbed by a double bridge, which exchanges two
neighbouring stretches, and improved again. One *sweep* computes the gains of all moves at once and makes the best ones
that do not overlap. The number of sweeps is bounded, not the time, so results are reproducible.

Nodes of one group should be at least ``min_gap`` positions apart. This has priority over all costs: no move increases
the violations.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from recsys.domain.arrays import DoubleArray, IdArray
from recsys.recommend.local_search import improving_moves

SWEEPS = 80  # in total
_SWEEPS_EACH = 5  # most sweeps for each node of a short path
_STARTS = 8
_PERTURBATION_SPAN = 30  # positions within which a path is perturbed
_SAMPLE = 20  # nodes that a repair relocates at a time
_CELLS = 1 << 20  # most entries of the trial orders of a repair
_ROUNDING = 8  # units in the last place of the largest cost, by which rounding may change a gain

Flags: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.bool_]]"
Matrix: TypeAlias = "np.ndarray[tuple[int, int], np.dtype[np.bool_]]"


@dataclass(frozen=True, slots=True)
class OrderingProblem:
    """An ordering problem with n nodes.

    Attributes
    ----------
    steps : (n, n)
        Cost of the step from one node (row) to another.
    position_costs : (n, n) or None
        Cost of each node (row) at each position.
    groups : (n,) or (n, g)
        Numbers of the groups of each node.
    min_gap : int
        Least distance of the positions of two nodes of one group, if possible.
    first, last : int or None
        The nodes at the ends, if they are fixed.
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
        """Nodes that are not fixed at an end."""
        return np.setdiff1d(np.arange(len(self)), [node for node in (self.first, self.last) if node is not None])

    def with_fixed_ends(self, order: IdArray) -> IdArray:
        """An order of the free nodes, with the fixed nodes at its ends."""
        first, last = ([] if node is None else [node] for node in (self.first, self.last))
        return np.array([*first, *order.tolist(), *last], np.int64)

    def cost(self, order: IdArray) -> float:
        """The cost of an order (n,)."""
        cost = float(self.steps[order[:-1], order[1:]].sum())
        return (
            cost
            if self.position_costs is None
            else cost + float(self.position_costs[order, np.arange(len(order))].sum())
        )

    def spacing_violations(self, orders: IdArray) -> IdArray:
        """By how many positions in sum nodes of one group are closer than ``min_gap``, in orders (..., n)."""
        groups = self.groups[orders]
        total: IdArray = np.zeros(orders.shape[:-1], np.int64)
        for distance in range(1, min(self.min_gap, len(self))):
            total += (self.min_gap - distance) * self.share_group(groups, distance, orders.ndim - 1).sum(axis=-1)
        return total

    def share_group(self, groups: IdArray, distance: int, axis: int = 0) -> Flags:
        """Whether nodes at a distance along an axis of ``groups`` (..., n) or (..., n, g) have a group in common."""
        before = (slice(None),) * axis
        later, earlier = groups[(*before, slice(distance, None))], groups[(*before, slice(None, -distance))]
        if self.groups.ndim == 1:
            return np.asarray(later == earlier)
        return np.asarray((later[..., :, None] == earlier[..., None, :]).any(axis=(-2, -1)))

    @property
    def conflicts(self) -> Matrix:
        """Whether (n, n) two nodes have a group in common; each node has with itself."""
        groups = self.groups[:, None] if self.groups.ndim == 1 else self.groups
        found = np.eye(len(self), dtype=bool)
        for column in groups.T:
            for other in groups.T:
                found |= column[:, None] == other
        return found

    def objective(self, order: IdArray) -> tuple[int, float]:
        """The value to minimise: violations, then cost."""
        return int(self.spacing_violations(order)), self.cost(order)


def solve(problem: OrderingProblem, rng: np.random.Generator, *, sweeps: int = SWEEPS) -> IdArray:
    """A good order of the nodes.

    Parameters
    ----------
    problem : OrderingProblem
    rng : numpy.random.Generator
        Of the starts and the perturbations.
    sweeps : int
        Most sweeps.

    Returns
    -------
    (n,)

    Examples
    --------
    >>> points = np.array([0.0, 2.0, 1.0, 3.0])
    >>> problem = OrderingProblem(np.abs(points[:, None] - points), None, np.arange(4), first=0)
    >>> solve(problem, np.random.default_rng(0))
    array([0, 2, 1, 3])
    """
    if len(problem.free) < 2:
        return problem.with_fixed_ends(problem.free)
    search = _Search(problem, min(sweeps, _SWEEPS_EACH * len(problem)))
    starts = [nearest_neighbour(problem, int(node)) for node in rng.permutation(problem.free)[:_STARTS]]
    best = min((search.improve(order) for order in sorted(starts, key=problem.objective)), key=problem.objective)
    while search.sweeps > 0 and len(problem.free) > 3:
        best = min(best, search.improve(_double_bridge(problem, best, rng)), key=problem.objective)
    return best


def nearest_neighbour(problem: OrderingProblem, start: int) -> IdArray:
    """The nearest-neighbour path from ``start``, the first free node.

    Each next node is the nearest one that violates no gap. A group with so many nodes left that it must be next has
    priority over nearer nodes.
    """
    free = np.zeros(len(problem), bool)
    free[problem.free] = True
    order = [] if problem.first is None else [problem.first]
    conflicts = problem.conflicts
    counts = conflicts[:, free].sum(axis=1)
    node = start
    while True:
        order.append(node)
        free[node] = False
        counts -= conflicts[:, node]
        if not free.any():
            return problem.with_fixed_ends(np.array(order[problem.first is not None :], np.int64))
        costs = (
            problem.steps[node]
            if problem.position_costs is None
            else problem.steps[node] + problem.position_costs[:, len(order)]
        )
        node = int(np.where(_allowed_next(problem, order, free, conflicts, counts), costs, np.inf).argmin())


def _allowed_next(problem: OrderingProblem, order: list[int], free: Flags, conflicts: Matrix, counts: IdArray) -> Flags:
    """Which (n,) of the free nodes can be next; ``counts`` (n,) are the free nodes of their groups."""
    if problem.min_gap < 2:
        return free
    allowed = free & ~conflicts[:, order[1 - problem.min_gap :]].any(axis=1)
    largest = counts[free].max()
    n_groups = (free & (counts == largest)).sum() / largest  # each has that number of nodes
    if (largest - 1) * problem.min_gap + n_groups >= free.sum():
        urgent = allowed & (counts == largest)
        allowed = urgent if urgent.any() else allowed
    return allowed if allowed.any() else free


def _double_bridge(problem: OrderingProblem, order: IdArray, rng: np.random.Generator) -> IdArray:
    """Exchange two neighbouring stretches, which no single move reverts."""
    low, high = int(problem.first is not None), len(order) - (problem.last is not None)
    search_depth = min(_PERTURBATION_SPAN, high - low)
    a, b, c = rng.integers(low, high - search_depth + 1) + np.sort(rng.choice(search_depth + 1, 3, replace=False))
    return np.concatenate([order[:a], order[b:c], order[a:b], order[c:]])


class _Search:
    """Improvement of orders of one problem, with a budget of ``sweeps``."""

    def __init__(self, problem: OrderingProblem, sweeps: int) -> None:
        self.sweeps = sweeps
        self._problem = problem
        n, begin, end = len(problem), int(problem.first is None), int(problem.last is None)
        self._open = begin, end
        precision, largest = "f4", float(problem.steps.max())
        if problem.position_costs is not None:  # whose sums along a path are too large for single precision
            precision, largest = "f8", largest + n * float(problem.position_costs.max())
        self._min_gain = _ROUNDING * float(np.finfo(precision).eps) * largest
        self._steps = np.zeros((n + 1, n + 1), precision)  # node n is before and after a path whose ends are free
        self._steps[:n, :n] = problem.steps
        self._position_costs: DoubleArray | None = None
        if problem.position_costs is not None:
            self._position_costs = np.zeros((n + 1, n + begin + end))
            self._position_costs[:n, begin : n + begin] = problem.position_costs

    def improve(self, order: IdArray) -> IdArray:
        """An order that no move improves, or the best one when the sweeps are used up."""
        n, (begin, end) = len(self._problem), self._open
        order, violations = self._repair(order)
        path = np.concatenate([np.full(begin, n), order, np.full(end, n)])
        every = False
        while self.sweeps > 0:
            self.sweeps -= 1
            before, changed = path, 0
            position_costs = None if self._position_costs is None else self._position_costs[path]
            for move in improving_moves(
                self._steps[np.ix_(path, path)], position_costs, min_gain=self._min_gain, every=every
            ):
                low, high = move.low, move.high
                if changed & ((2 << high) - (1 << low >> 1)):
                    continue
                trial = path.copy()
                trial[low:high] = before[move.nodes]
                if self._problem.min_gap > 1:
                    new_violations = int(self._problem.spacing_violations(trial[begin : begin + n]))
                    if new_violations > violations:
                        continue
                    violations = new_violations
                path, changed = trial, changed | ((1 << high) - (1 << low))
            if not changed and (every or self._problem.min_gap < 2):
                break
            every = not changed  # the best move of each position may violate a gap where others do not
        return path[begin : begin + n]

    def _repair(self, order: IdArray) -> tuple[IdArray, int]:
        """Relocate and exchange single nodes until there are no violations or none can be removed.

        Returns the order and its violations.
        """
        problem, (begin, end) = self._problem, self._open
        violations = int(problem.spacing_violations(order))
        movable = np.arange(1 - begin, len(order) - 1 + end)
        while violations and self.sweeps > 0:
            self.sweeps -= 1
            trial = np.vstack(
                [order, *(order[_relocations(len(order), i, movable)] for i in self._repair_spacing(order, movable))]
            )
            found = problem.spacing_violations(trial)
            if found.min() == violations:
                break
            order = min(trial[found == found.min()][:_SAMPLE], key=problem.cost)
            violations = int(found.min())
        return order, violations

    def _repair_spacing(self, order: IdArray, movable: IdArray) -> list[int]:
        """Some positions whose nodes are too close to others of their group."""
        groups = self._problem.groups[order]
        close = np.zeros(len(order), bool)
        for distance in range(1, min(self._problem.min_gap, len(order))):
            same = self._problem.share_group(groups, distance)
            close[distance:] |= same
            close[:-distance] |= same
        found = movable[close[movable]]
        limit = min(_SAMPLE, max(1, _CELLS // len(order) ** 2))
        return [int(i) for i in found[:: max(1, len(found) // limit)][:limit]]


def _relocations(n: int, i: int, to: IdArray) -> IdArray:
    """Positions (k, n) after the node at ``i`` is moved to, or exchanged with, each position of ``to``."""
    positions, targets, rows = np.arange(n)[None], to[:, None], np.arange(len(to))
    moved = positions + ((positions >= i) & (positions < targets)) - ((positions <= i) & (positions > targets))
    exchanged = np.repeat(positions, len(to), axis=0)
    exchanged[:, i] = to
    exchanged[rows, to] = moved[rows, to] = i
    return np.vstack([moved, exchanged])
