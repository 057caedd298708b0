"""What small changes of a path are worth, all of them at once, where going costs another thing than coming back.

A path has m positions, of which the first and the last stay. ``steps`` (m, m) is what it costs to go from the node at
one position (row) to that at another; ``places`` (m, m) is what the node at one position (row) would cost at another,
or None. A *turn* goes through positions i to j the other way (2-opt). A *move* lets one to three neighbours begin at
another position, turned or not (Or-opt); what they pass is shifted, never turned.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from recsys.types import DoubleArray, IdArray

LONGEST = 3  # nodes that move together
_CELLS = 1 << 15  # of a matrix at a time: what fits into the cache, and is not given back to the system each time


class Change(NamedTuple):
    """The path gets cheaper by ``gain`` where ``length`` nodes from ``start`` on begin at ``to``, perhaps ``turned``.

    Length 0 is a turn of ``start`` to ``to``.
    """

    gain: float
    start: int
    to: int
    length: int
    turned: bool

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
        taken = np.arange(self.start, self.start + self.length)[:: -1 if self.turned else 1]
        if self.to > self.start:
            return np.concatenate([np.arange(self.start + self.length, self.high), taken])
        return np.concatenate([taken, np.arange(self.to, self.start)])


def changes(
    steps: DoubleArray, places: DoubleArray | None = None, *, least: float, every: bool = False
) -> list[Change]:
    """Changes that gain more than ``least``, best first: for each kind and position the best, or ``every`` one."""
    found: list[Change] = []
    for start, length, turned, gains in _kinds(steps, places):
        if every:
            rows, columns = np.nonzero(gains > least)
        else:
            columns = gains.argmax(axis=1)
            rows = np.flatnonzero(gains[np.arange(len(gains)), columns] > least)
            columns = columns[rows]
        known = zip(gains[rows, columns].tolist(), (rows + start).tolist(), (columns + 1).tolist(), strict=True)
        found += [Change(*each, length, turned) for each in known]
    found.sort(key=lambda change: -change.gain)
    return found


def _kinds(steps: DoubleArray, places: DoubleArray | None) -> Iterator[tuple[int, int, bool, DoubleArray]]:
    """Gains of some positions (rows) to change with those from 1 on (columns).

    Before them the first of these positions, the number of nodes that move (0: a turn), and whether they are turned.
    """
    m = len(steps)
    there, back = np.diagonal(steps, 1), np.diagonal(steps, -1)
    turning = np.concatenate([[0.0], np.cumsum(back - there)])  # what the steps up to each position cost more backwards
    turned_places = None if places is None else _places_of_turns(places)
    height = max(1, _CELLS // m)
    for start in range(1, m - 1, height):
        rows = slice(start, min(start + height, m - 1))
        yield start, 0, False, _turns(steps, turned_places, there, turning, rows)
    for length in range(1, min(LONGEST, m - 3) + 1):
        for turned in (False, True)[:length]:
            shifted = None if places is None else _places_of_moves(places, length, turned)
            for start in range(1, m - length, height):
                rows = slice(start, min(start + height, m - length))
                yield start, length, turned, _moves(steps, shifted, there, turning, length, turned, rows)


def _turns(
    steps: DoubleArray, places: DoubleArray | None, there: DoubleArray, turning: DoubleArray, rows: slice
) -> DoubleArray:
    """Gains of turning i (row) to j (column)."""
    gains: DoubleArray = -steps[_by(rows, -1), 1:-1]
    gains -= steps[rows, 2:]
    gains += there[1:] - turning[1:-1]
    gains += (there[_by(rows, -1)] + turning[rows])[:, None]
    if places is not None:
        gains -= places[_by(rows, -1)]
    gains[_lower(gains, rows)] = -np.inf
    return gains


def _moves(
    steps: DoubleArray,
    places: tuple[DoubleArray, DoubleArray] | None,
    there: DoubleArray,
    turning: DoubleArray,
    length: int,
    turned: bool,
    rows: slice,
) -> DoubleArray:
    """Gains of letting the nodes from position i (row) on begin at another position (column)."""
    before, first, last, after = (slice(at, len(steps) - 1 - length + at) for at in (0, 1, length, length + 1))
    ends = _by(rows, length - 1)
    head, tail = (ends, rows) if turned else (rows, ends)
    onwards = steps[last, head].T + steps[tail, after]
    onwards -= there[last]
    backwards = steps[before, head].T + steps[tail, first]
    backwards -= there[before]
    if places is not None:
        onwards += places[0][_by(rows, -1)]
        backwards += places[1][_by(rows, -1)]
    left = there[_by(rows, -1)] + there[ends] - steps[_by(rows, -1), _by(rows, length)].diagonal()
    if turned:
        left = left - (turning[ends] - turning[rows])
    np.copyto(onwards, backwards, where=_lower(onwards, rows))
    gains: DoubleArray = np.subtract(left[:, None], onwards, out=onwards)
    here = np.arange(len(gains))
    gains[here, here + rows.start - 1] = -np.inf
    return gains


def _lower(matrix: DoubleArray, rows: slice) -> "np.ndarray[tuple[int, int], np.dtype[np.bool_]]":
    """Where the column is not beyond the row, of which these are rows from position 1 on."""
    height, width = matrix.shape
    return np.tri(height, width, rows.start - 1, dtype=bool)


def _by(positions: slice, shift: int) -> slice:
    return slice(positions.start + shift, positions.stop + shift)


def _places_of_turns(places: DoubleArray) -> DoubleArray:
    """What a turn adds to the costs of places: sums along the antidiagonals less those along the diagonal."""
    m = len(places)
    skewed = np.zeros((m, 2 * m))
    skewed[:, :m] = places
    columns = skewed.ravel()[: m * (2 * m - 1)].reshape(m, 2 * m - 1)  # each an antidiagonal
    np.cumsum(columns, axis=0, out=columns)
    stay = _sums(places, 0)
    added: DoubleArray = skewed[1:-1, 1 : m - 1].T - skewed[:-2, 2:m] - stay[2:m] + stay[1 : m - 1, None]
    return added


def _places_of_moves(places: DoubleArray, length: int, turned: bool) -> tuple[DoubleArray, DoubleArray]:
    """What moves onwards and backwards add to the costs of places."""
    m = len(places)
    first, after = slice(1, m - length), slice(length + 1, m)
    ways = range(length)
    moved = sum(
        places[1 + a : m - length + a, 1 + b : m - length + b]
        for a, b in zip(ways, reversed(ways) if turned else ways, strict=True)
    )
    stay, sooner, later = _sums(places, 0), _sums(places, -length), _sums(places, length)
    onwards = moved + (sooner - stay)[after] - sooner[after, None] + stay[first, None]
    backwards = moved - (later - stay)[first] + later[first, None] - stay[after, None]
    return onwards, backwards


def _sums(places: DoubleArray, shift: int) -> DoubleArray:
    """What all nodes before each position (m + 1,) would cost so many positions later."""
    sums = np.zeros(len(places) + 1)
    rows = np.arange(max(0, -shift), len(places) - max(0, shift))
    sums[rows + 1] = places[rows, rows + shift]
    return np.cumsum(sums)
