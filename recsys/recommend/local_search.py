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
        Cost of the step from one position (row) to another.
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
    for start, length, reversed, gains in _MoveCosts(steps, position_costs).kinds():
        if every:
            rows, columns = np.nonzero(gains > min_gain)
        else:
            columns = gains.argmax(axis=1)
            rows = np.flatnonzero(gains[np.arange(len(gains)), columns] > min_gain)
            columns = columns[rows]
        known = zip(gains[rows, columns].tolist(), (rows + start).tolist(), (columns + 1).tolist(), strict=True)
        moves += [Move(*each, length, reversed) for each in known]
    moves.sort(key=lambda move: -move.gain)
    return moves


class _MoveCosts:
    """The gains of all moves of one path.

    Matrices have a column for each position from 1 to the last that is not fixed.
    """

    def __init__(self, steps: DoubleArray, position_costs: DoubleArray | None) -> None:
        self._steps, self._position_costs = steps, position_costs
        self._transposed = np.ascontiguousarray(steps.T)  # rows are read faster than columns
        self._forward_costs = np.diagonal(steps, 1)
        # The additional cost of the steps up to each position in reverse direction.
        self._reversal_costs = np.concatenate([[0.0], np.cumsum(np.diagonal(steps, -1) - self._forward_costs)])
        if position_costs is not None:
            self._shifted_sums = {
                shift: _shifted_sums(position_costs, shift) for shift in range(-MAX_SEGMENT, MAX_SEGMENT + 1)
            }

    def kinds(self) -> Iterator[tuple[int, int, bool, DoubleArray]]:
        """First position of the rows, length of the segment (0: a reversal), whether it is reversed, and gains."""
        m = len(self._steps)
        position_costs = None if self._position_costs is None else self._reversal_position_costs(self._position_costs)
        for rows in _row_blocks(m - 2, m):
            yield rows.start, 0, False, self._reversals(position_costs, rows)
        for length in range(1, min(MAX_SEGMENT, m - 3) + 1):
            for reversed in (False, True)[:length]:
                for rows in _row_blocks(m - 1 - length, m):
                    yield rows.start, length, reversed, self._moves(length, reversed, rows)

    def _reversals(self, position_costs: DoubleArray | None, rows: slice) -> DoubleArray:
        """Gains of the reversal of position i (row) to j (column)."""
        forward, backward, before = self._forward_costs, self._reversal_costs, _shifted(rows, -1)
        low, m = rows.start, len(self._steps)
        found: DoubleArray = np.full((rows.stop - low, m - 2), -np.inf)
        gains = np.negative(self._steps[before, low + 1 : -1], out=found[:, low:])
        gains -= self._steps[rows, low + 2 :]
        gains += forward[low + 1 :] - backward[low + 1 : -1]
        gains += (forward[before] + backward[rows])[:, None]
        if position_costs is not None:
            gains -= position_costs[before, low:]
        gains[_is_not_beyond(gains)] = -np.inf
        return found

    def _moves(self, length: int, reversed: bool, rows: slice) -> DoubleArray:
        """Gains of the move of the segment from position i (row) on to another position (column)."""
        steps, onto, forward, backward = self._steps, self._transposed, self._forward_costs, self._reversal_costs
        width = len(steps) - 1 - length
        low, high = min(rows.start, width), min(rows.stop - 1, width)  # the columns between have moves both ways
        ends = _shifted(rows, length - 1)
        head, tail = (ends, rows) if reversed else (rows, ends)
        costs: DoubleArray = np.empty((rows.stop - rows.start, width))
        before, first = slice(0, high), slice(1, high + 1)
        backwards = np.add(onto[head, before], steps[tail, first], out=costs[:, :high])
        backwards -= forward[before]
        last, after = slice(low + length, width + length), slice(low + length + 1, width + length + 1)
        onwards = onto[head, last] + steps[tail, after]
        onwards -= forward[last]
        if self._position_costs is not None:
            self._add_position_costs(self._position_costs, length, reversed, rows, onwards, backwards)
        beyond = ~_is_not_beyond(costs[:, low:high])
        np.copyto(costs[:, low:high], onwards[:, : high - low], where=beyond)
        costs[:, high:] = onwards[:, high - low :]
        left = (
            forward[_shifted(rows, -1)] + forward[ends] - steps[_shifted(rows, -1), _shifted(rows, length)].diagonal()
        )
        if reversed:
            left = left - (backward[ends] - backward[rows])
        gains: DoubleArray = np.subtract(left[:, None], costs, out=costs)
        rows_here = np.arange(len(gains))
        gains[rows_here, rows_here + rows.start - 1] = -np.inf
        return gains

    def _reversal_position_costs(self, position_costs: DoubleArray) -> DoubleArray:
        """Changes of the position costs by reversals: sums along the antidiagonals less those along the diagonal."""
        reversed, stay = position_costs.copy(), self._shifted_sums[0]
        for row, before in zip(reversed[1:], reversed, strict=False):
            row[:-1] += before[1:]
        added: DoubleArray = reversed[1:-1, 1:-1].T - reversed[:-2, 2:]
        added -= stay[2:-1]
        added += stay[1:-2, None]
        return added

    def _add_position_costs(
        self,
        position_costs: DoubleArray,
        length: int,
        reversed: bool,
        rows: slice,
        onwards: DoubleArray,
        backwards: DoubleArray,
    ) -> None:
        """Add the changes of the position costs by segment moves: of the segment, and of the nodes it passes."""
        width = len(position_costs) - 1 - length
        low, high = width - onwards.shape[1], backwards.shape[1]
        first, after, ends = slice(1, high + 1), slice(low + length + 1, width + length + 1), _shifted(rows, length)
        for node in range(length):
            to, moved = length - 1 - node if reversed else node, position_costs[_shifted(rows, node)]
            onwards += moved[:, low + 1 + to : width + 1 + to]
            backwards += moved[:, 1 + to : high + 1 + to]
        stay, sooner, later = self._shifted_sums[0], self._shifted_sums[-length], self._shifted_sums[length]
        onwards += (sooner - stay)[after]
        onwards -= (sooner[ends] - stay[rows])[:, None]
        backwards -= (later - stay)[first]
        backwards += (later[rows] - stay[ends])[:, None]


def _row_blocks(n: int, width: int) -> Iterator[slice]:
    """Positions 1 to n, in blocks of bounded size."""
    height = max(1, _CELLS // width)
    for start in range(1, n + 1, height):
        yield slice(start, min(start + height, n + 1))


def _shifted(positions: slice, shift: int) -> slice:
    return slice(positions.start + shift, positions.stop + shift)


def _is_not_beyond(matrix: DoubleArray) -> "np.ndarray[tuple[int, int], np.dtype[np.bool_]]":
    """Whether the column is at most the row; the positions of the columns begin one after those of the rows."""
    height, width = matrix.shape
    return np.arange(width) < np.arange(height)[:, None]


def _shifted_sums(position_costs: DoubleArray, shift: int) -> DoubleArray:
    """Cumulative position costs (m + 1,) of the nodes before each position, ``shift`` positions later."""
    sums = np.zeros(len(position_costs) + 1)
    low, high = max(0, -shift), max(0, len(position_costs) - max(0, shift))
    np.cumsum(np.diagonal(position_costs, shift), out=sums[low + 1 : high + 1])
    sums[high + 1 :] = sums[high]
    return sums
