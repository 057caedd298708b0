"""What small changes of a path are worth, all of them at once, where going costs another thing than coming back.

A path has m positions, of which the first and the last stay. ``steps`` (m, m) is what it costs to go from the node at
one position (row) to that at another; ``places`` (m, m) is what the node at one position (row) would cost at another,
or None. A *turn* goes through positions i to j the other way (2-opt). A *move* lets one to three neighbours begin at
another position, turned or not (Or-opt); what they pass is shifted, never turned.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from recsys.domain.arrays import DoubleArray, IdArray

MAX_SEGMENT = 3  # nodes that move together
_CELLS = 1 << 15  # of a matrix at a time: what fits into the cache, and is not given back to the system each time


class Move(NamedTuple):
    """The path gets cheaper by ``gain`` where ``length`` nodes from ``start`` on begin at ``to``, perhaps ``reversed``.

    Length 0 is a turn of ``start`` to ``to``.
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
        """The position behind the last that changes."""
        return max(self.start, self.to) + (self.length or 1)

    @property
    def nodes(self) -> IdArray:
        """Positions whose nodes stand at ``low`` and after it from now on."""
        if not self.length:
            return np.arange(self.to, self.start - 1, -1)
        taken = np.arange(self.start, self.start + self.length)[:: -1 if self.reversed else 1]
        if self.to > self.start:
            return np.concatenate([np.arange(self.start + self.length, self.high), taken])
        return np.concatenate([taken, np.arange(self.to, self.start)])


def improving_moves(
    steps: DoubleArray, position_costs: DoubleArray | None = None, *, min_gain: float, every: bool = False
) -> list[Move]:
    """Changes that gain more than ``min_gain``, best first: for each kind and position the best, or ``every`` one."""
    found: list[Move] = []
    for start, length, turned, gains in _MoveCosts(steps, position_costs).kinds():
        if every:
            rows, columns = np.nonzero(gains > min_gain)
        else:
            columns = gains.argmax(axis=1)
            rows = np.flatnonzero(gains[np.arange(len(gains)), columns] > min_gain)
            columns = columns[rows]
        known = zip(gains[rows, columns].tolist(), (rows + start).tolist(), (columns + 1).tolist(), strict=True)
        found += [Move(*each, length, turned) for each in known]
    found.sort(key=lambda change: -change.gain)
    return found


class _MoveCosts:
    """The gains of all changes of one path; matrices have a column for each position from 1 to the last that moves."""

    def __init__(self, steps: DoubleArray, position_costs: DoubleArray | None) -> None:
        self._steps, self._position_costs = steps, position_costs
        self._forward_costs = np.diagonal(steps, 1)
        # What the steps up to each position cost more backwards.
        self._reversal_costs = np.concatenate([[0.0], np.cumsum(np.diagonal(steps, -1) - self._forward_costs)])
        if position_costs is not None:
            self._sums = {shift: _sums(position_costs, shift) for shift in range(-MAX_SEGMENT, MAX_SEGMENT + 1)}

    def kinds(self) -> Iterator[tuple[int, int, bool, DoubleArray]]:
        """First position of the rows, number of nodes that move (0: a turn), whether turned, and gains."""
        m = len(self._steps)
        places = None if self._position_costs is None else self._reversal_position_costs(self._position_costs)
        for rows in _pieces(m - 2, m):
            yield rows.start, 0, False, self._reversals(places, rows)
        for length in range(1, min(MAX_SEGMENT, m - 3) + 1):
            for turned in (False, True)[:length]:
                for rows in _pieces(m - 1 - length, m):
                    yield rows.start, length, turned, self._moves(length, turned, rows)

    def _reversals(self, places: DoubleArray | None, rows: slice) -> DoubleArray:
        """Gains of turning i (row) to j (column)."""
        there, turning, before = self._forward_costs, self._reversal_costs, _by(rows, -1)
        gains: DoubleArray = -self._steps[before, 1:-1]
        gains -= self._steps[rows, 2:]
        gains += there[1:] - turning[1:-1]
        gains += (there[before] + turning[rows])[:, None]
        if places is not None:
            gains -= places[before]
        gains[_lower(gains, rows)] = -np.inf
        return gains

    def _moves(self, length: int, reversed: bool, rows: slice) -> DoubleArray:
        """Gains of letting the nodes from position i (row) on begin at another position (column)."""
        steps, there, turning = self._steps, self._forward_costs, self._reversal_costs
        before, first, last, after = (slice(at, len(steps) - 1 - length + at) for at in (0, 1, length, length + 1))
        ends = _by(rows, length - 1)
        head, tail = (ends, rows) if reversed else (rows, ends)
        onwards = steps[last, head].T + steps[tail, after]
        onwards -= there[last]
        backwards = steps[before, head].T + steps[tail, first]
        backwards -= there[before]
        if self._position_costs is not None:
            self._add_position_costs(self._position_costs, length, reversed, rows, onwards, backwards)
        left = there[_by(rows, -1)] + there[ends] - steps[_by(rows, -1), _by(rows, length)].diagonal()
        if reversed:
            left = left - (turning[ends] - turning[rows])
        np.copyto(onwards, backwards, where=_lower(onwards, rows))
        gains: DoubleArray = np.subtract(left[:, None], onwards, out=onwards)
        here = np.arange(len(gains))
        gains[here, here + rows.start - 1] = -np.inf
        return gains

    def _reversal_position_costs(self, places: DoubleArray) -> DoubleArray:
        """What turns add to the costs of places: sums along the antidiagonals less those along the diagonal."""
        turned, stay = places.copy(), self._sums[0]
        for row, before in zip(turned[1:], turned, strict=False):
            row[:-1] += before[1:]
        added: DoubleArray = turned[1:-1, 1:-1].T - turned[:-2, 2:]
        added -= stay[2:-1]
        added += stay[1:-2, None]
        return added

    def _add_position_costs(
        self, places: DoubleArray, length: int, turned: bool, rows: slice, onwards: DoubleArray, backwards: DoubleArray
    ) -> None:
        """Add what moves change in the costs of places: of what moves, and of what it passes."""
        first, after, ends = slice(1, len(places) - length), slice(length + 1, len(places)), _by(rows, length)
        for node in range(length):
            moved = places[_by(rows, node), _by(first, length - 1 - node if turned else node)]
            onwards += moved
            backwards += moved
        stay, sooner, later = self._sums[0], self._sums[-length], self._sums[length]
        onwards += (sooner - stay)[after]
        onwards -= (sooner[ends] - stay[rows])[:, None]
        backwards -= (later - stay)[first]
        backwards += (later[rows] - stay[ends])[:, None]


def _pieces(n: int, width: int) -> Iterator[slice]:
    """Positions 1 to n, some at a time."""
    height = max(1, _CELLS // width)
    for start in range(1, n + 1, height):
        yield slice(start, min(start + height, n + 1))


def _by(positions: slice, shift: int) -> slice:
    return slice(positions.start + shift, positions.stop + shift)


def _lower(matrix: DoubleArray, rows: slice) -> "np.ndarray[tuple[int, int], np.dtype[np.bool_]]":
    """Where the column is not beyond the row, of which these are rows from position 1 on."""
    height, width = matrix.shape
    return np.tri(height, width, rows.start - 1, dtype=bool)


def _sums(places: DoubleArray, shift: int) -> DoubleArray:
    """What all nodes before each position (m + 1,) would cost so many positions later."""
    sums = np.zeros(len(places) + 1)
    low, high = max(0, -shift), max(0, len(places) - max(0, shift))
    np.cumsum(np.diagonal(places, shift), out=sums[low + 1 : high + 1])
    sums[high + 1 :] = sums[high]
    return sums
