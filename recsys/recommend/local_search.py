"""Gains of all small moves of a path, for asymmetric step costs.

A path has m positions, of which the first and the last are fixed. ``steps`` (m, m) is the cost of the step from the
node at one position (row) to the node at another; ``position_costs`` (m, m) is the cost of the node at one position
(row) at another position, or None. A *reversal* reverses the nodes from position i to position j (2-opt). A *segment
move* inserts one to three neighbours at another position, reversed or not (Or-opt); the nodes in between are shifted,
never reversed.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from recsys.domain.arrays import DoubleArray, IdArray

MAX_SEGMENT = 3  # nodes in a segment move
_CELLS = 1 << 15  # entries of a matrix at a time: they fit into the cache, and the allocator keeps the memory


class Move(NamedTuple):
    """A change of a path that lowers its cost by ``gain``.

    The ``length`` nodes from position ``start`` on are moved to begin at position ``to``, ``reversed`` or not. Length 0
    is the reversal of ``start`` to ``to``.
    """

    gain: float
    start: int
    to: int
    length: int
    reversed: bool

    @property
    def low(self) -> int:
        """The first position that changes."""
        return min(self.start, self.to)

    @property
    def high(self) -> int:
        """The position after the last that changes."""
        return max(self.start, self.to) + (self.length or 1)

    @property
    def nodes(self) -> IdArray:
        """Positions whose nodes are at ``low`` and after it once the move is made."""
        if not self.length:
            return np.arange(self.to, self.start - 1, -1)
        moved = np.arange(self.start, self.start + self.length)[:: -1 if self.reversed else 1]
        if self.to > self.start:
            return np.concatenate([np.arange(self.start + self.length, self.high), moved])
        return np.concatenate([moved, np.arange(self.to, self.start)])


def improving_moves(
    steps: DoubleArray, position_costs: DoubleArray | None = None, *, min_gain: float, every: bool = False
) -> list[Move]:
    """The moves that lower the cost of a path, by falling gain.

    Parameters
    ----------
    steps : (m, m)
        Cost of the step from one position (row) to another, in the precision in which gains are computed.
    position_costs : (m, m) or None
        Cost of the node at one position (row) at another.
    min_gain : float
        Only moves with a larger gain are returned.
    every : bool
        Return every move, and not only the best for each kind and start position.

    Examples
    --------
    >>> points = np.array([0.0, 2.0, 1.0, 3.0])
    >>> improving_moves(np.abs(points[:, None] - points), min_gain=0.1)[0]
    Move(gain=2.0, start=1, to=2, length=0, reversed=False)
    """
    moves: list[Move] = []
    costs = _MoveCosts(steps, position_costs)
    for length, reversed, removed in costs.kinds():
        for start, first, added in costs.blocks(length, reversed):
            left = removed[start - 1 : start - 1 + len(added)]
            if every:
                rows, columns = np.nonzero(left[:, None] - added > min_gain)
            else:
                columns = added.argmin(axis=1)
                rows = np.flatnonzero(left - added[np.arange(len(added)), columns] > min_gain)
                columns = columns[rows]
            if len(rows):
                gains, starts, to = left[rows] - added[rows, columns], rows + start, columns + first
                to -= np.where(columns < starts, 0, length)
                known = zip(gains.tolist(), starts.tolist(), to.tolist(), strict=True)
                moves += [Move(*each, length, reversed) for each in known]
    moves.sort(key=lambda move: -move.gain)
    return moves


class _MoveCosts:
    """The costs of all moves of one path.

    A kind of moves is the length of the segment, 0 for a reversal, and whether it is reversed.
    """

    def __init__(self, steps: DoubleArray, position_costs: DoubleArray | None) -> None:
        self._steps, self._position_costs = steps, position_costs
        self._forward_costs = np.diagonal(steps, 1).copy()
        # From the node before each step (column) to each node (row), less the step: rows are read faster than columns.
        self._onto = np.subtract(steps[:-1].T, self._forward_costs, order="C")
        # The additional cost of the steps up to each position in reverse direction.
        backward_costs = np.diagonal(steps, -1) - self._forward_costs
        self._reversal_costs = np.cumsum(np.append(0, backward_costs), dtype=np.float64).astype(steps.dtype)
        if position_costs is not None:
            self._shifted_sums = {
                shift: _shifted_sums(position_costs, shift) for shift in range(-MAX_SEGMENT, MAX_SEGMENT + 1)
            }
            self._reversal_position_costs = self._sum_reversals(position_costs)

    def kinds(self) -> Iterator[tuple[int, bool, DoubleArray]]:
        """The kinds, with what each first position, from 1 on, removes: its steps, less the one that closes the gap."""
        m, forward, backward = len(self._steps), self._forward_costs, self._reversal_costs
        yield 0, False, forward[:-1] + backward[1 : m - 1]
        for length in range(1, min(MAX_SEGMENT, m - 3) + 1):
            removed = forward[: m - 1 - length] + forward[length:] - np.diagonal(self._steps, length + 1)
            yield length, False, removed
            if length > 1:
                yield length, True, removed - (backward[length : m - 1] - backward[1 : m - length])

    def blocks(self, length: int, reversed: bool) -> Iterator[tuple[int, int, DoubleArray]]:
        """The costs (r, c) that moves of a kind add, in blocks of first positions (rows); infinite where there is none.

        The columns are the last positions of a reversal, or the steps at which a segment is inserted, of the whole
        path. With each block come its first position, and the position that the first column stands for.
        """
        m = len(self._steps)
        for rows in _row_blocks(m - 1 - length if length else m - 3, m):
            if length:
                yield rows.start, 1, self._moves(length, reversed, rows)
            else:
                yield rows.start, rows.start + 1, self._reversals(rows)

    def _reversals(self, rows: slice) -> DoubleArray:
        """Reversals of position i (row) to j (column), from the position after the first row on."""
        forward, backward, before, low = self._forward_costs, self._reversal_costs, _shifted(rows, -1), rows.start
        costs: DoubleArray = self._steps[before, low + 1 : -1] + self._steps[rows, low + 2 :]
        costs -= forward[low + 1 :] - backward[low + 1 : -1]
        if self._position_costs is not None:
            costs += self._reversal_position_costs[before, low:]
        beyond = costs[:, : len(costs)]
        beyond[np.tri(len(beyond), beyond.shape[1], -1, dtype=np.bool_)] = np.inf
        return costs

    def _moves(self, length: int, reversed: bool, rows: slice) -> DoubleArray:
        """Moves of the segment from position i (row) on to the step after another position (column)."""
        ends = _shifted(rows, length - 1)
        head, tail = (ends, rows) if reversed else (rows, ends)
        costs: DoubleArray = self._onto[head] + self._steps[tail, 1:]
        if self._position_costs is not None:
            self._add_position_costs(self._position_costs, length, reversed, rows, costs)
        for step in range(rows.start - 1, rows.start + length):  # those at and in the segment, one further in each row
            costs.reshape(-1)[step :: costs.shape[1] + 1][: len(costs)] = np.inf
        return costs

    def _sum_reversals(self, position_costs: DoubleArray) -> DoubleArray:
        """Changes of the position costs by reversals: sums along the antidiagonals less those along the diagonal."""
        reversed, stay = position_costs.copy(), self._shifted_sums[0]
        for row, before in zip(reversed[1:], reversed, strict=False):
            row[:-1] += before[1:]
        added: DoubleArray = reversed[1:-1, 1:-1].T - reversed[:-2, 2:]
        added -= stay[2:-1]
        added += stay[1:-2, None]
        return added

    def _add_position_costs(
        self, position_costs: DoubleArray, length: int, reversed: bool, rows: slice, costs: DoubleArray
    ) -> None:
        """Add the changes of the position costs by segment moves: of the segment, and of the nodes it passes."""
        low, high, ends = rows.start + length, rows.stop - 1, _shifted(rows, length)
        stay, sooner, later = self._shifted_sums[0], self._shifted_sums[-length], self._shifted_sums[length]
        onwards, backwards = costs[:, low:], costs[:, :high].copy()
        for node in range(length):
            to, moved = length - 1 - node if reversed else node, position_costs[_shifted(rows, node)]
            onwards += moved[:, rows.start + 1 + to : costs.shape[1] + 1 + to - length]
            backwards += moved[:, 1 + to : high + 1 + to]
        onwards += (sooner - stay)[low + 1 : costs.shape[1] + 1]
        onwards -= (sooner[ends] - stay[rows])[:, None]
        backwards -= (later - stay)[1 : high + 1]
        backwards += (later[rows] - stay[ends])[:, None]
        np.copyto(costs[:, :high], backwards, where=np.arange(high) < np.arange(rows.start, rows.stop)[:, None])


def _row_blocks(n: int, width: int) -> Iterator[slice]:
    """Positions 1 to n, in blocks of bounded size."""
    height = max(1, _CELLS // width)
    for start in range(1, n + 1, height):
        yield slice(start, min(start + height, n + 1))


def _shifted(positions: slice, shift: int) -> slice:
    return slice(positions.start + shift, positions.stop + shift)


def _shifted_sums(position_costs: DoubleArray, shift: int) -> DoubleArray:
    """Cumulative position costs (m + 1,) of the nodes before each position, ``shift`` positions later.

    It is 0 where nodes would be after the end, which no move does.
    """
    sums = np.zeros(len(position_costs) + 1)
    low, high = max(0, -shift), max(0, len(position_costs) - max(0, shift))
    np.cumsum(np.diagonal(position_costs, shift), out=sums[low + 1 : high + 1])
    return sums
