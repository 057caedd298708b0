"""The best list by integer programming: it keeps to all that is wished, if any list does (HiGHS, through scipy).

Each candidate is 0 or 1. Caps are hard; whatever else may be lacking has a variable that says how much, whole numbers
all of them. A first program finds the least that must be lacking, a second the most worth that lacks no more.

*Room for the artist gap.* Where T artists have m tracks or more, their m-th tracks all stand behind the first
``(m - 1) (gap + 1)`` places; so T and as many places are no more than the list is long, for every m. That is also
enough: whoever always takes the artist with most left finds an order.
"""

import numpy as np

from recsys.domain.arrays import DoubleArray, IdArray
from recsys.recommend.candidates import QUOTA_TOLERANCE, TOLERATED_SECONDS, Candidates
from recsys.recommend.constraints import PlaylistConstraints

_TRACK, _SECOND, _QUOTA, _INTEREST = 1000.0, 5.0, 50.0, 1.0  # what it costs to lack one
_NODES = 2000  # of the search for the best of all lists that are possible
_TINY = 1e-6


class _Milp:
    """Rows of a program in whole numbers, whose first n columns are the candidates."""

    def __init__(self, n: int) -> None:
        self.upper, self.costs = [1.0] * n, [0.0] * n
        self.rows: list[int] = []
        self.columns: list[int] = []
        self.values: list[float] = []
        self.bounds: list[tuple[float, float]] = []

    def column(self, upper: float = np.inf, cost: float = 0.0) -> int:
        """One more variable from 0 on."""
        self.upper.append(upper)
        self.costs.append(cost)
        return len(self.upper) - 1

    def limit(
        self, columns: IdArray, values: DoubleArray | float, low: float, high: float, cost: float | None = None
    ) -> None:
        """The sum of these columns, so many times each, lies between; for a cost it may lie outside."""
        found = list(zip(columns.tolist(), np.broadcast_to(values, len(columns)).tolist(), strict=True))
        if cost is not None:
            found += [(self.column(cost=cost), 1.0)] if np.isfinite(low) else []
            found += [(self.column(cost=cost), -1.0)] if np.isfinite(high) else []
        self.rows += [len(self.bounds)] * len(found)
        self.columns += [column for column, _ in found]
        self.values += [value for _, value in found]
        self.bounds.append((low, high))


def solve_milp(
    candidates: Candidates, constraints: PlaylistConstraints, target_shares: DoubleArray, gains: DoubleArray
) -> list[int]:
    """Places of the candidates whose list lacks least and is worth most; ``gains`` (n,) is what each is worth in it."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    n = len(gains)
    if not n:
        return []
    program = _build_milp(candidates, constraints, target_shares)
    width = len(program.upper)
    table = csr_array((program.values, (program.rows, program.columns)), shape=(len(program.bounds), width))
    low, high = np.array(program.bounds).T
    least = np.zeros(width)
    least[: candidates.fixed] = 1
    limits, bounds = LinearConstraint(table, low, high), Bounds(least, np.array(program.upper))
    violation, whole = np.array(program.costs), np.ones(width)
    options = {"node_limit": _NODES, "mip_rel_gap": 0.0}
    first = milp(violation, integrality=whole, bounds=bounds, constraints=limits, options=options)
    if first.x is None:
        return []
    value = gains - gains.min() + 0.05
    if constraints.seconds is not None:
        value = value * candidates.seconds
    scores = np.concatenate([-value / max(float(value.max()), _TINY), np.zeros(width - n)])
    enough = LinearConstraint(violation[None, :], -np.inf, float(violation @ first.x) + _TINY)
    options["mip_rel_gap"] = 1e-3
    second = milp(scores, integrality=whole, bounds=bounds, constraints=[limits, enough], options=options)
    found = first.x if second.x is None else second.x
    return [int(i) for i in np.flatnonzero(found[:n] > 0.5)]


def _build_milp(candidates: Candidates, constraints: PlaylistConstraints, target_shares: DoubleArray) -> _Milp:
    program = _Milp(len(candidates.scores))
    everyone = np.arange(len(candidates.scores))
    caps = (
        (candidates.version_groups, 1),
        (candidates.artists, constraints.max_per_artist),
        (candidates.albums, constraints.max_per_album),
    )
    for numbers, most in caps:
        for members in _groups(numbers, most):
            program.limit(members, 1.0, -np.inf, max(most, int((members < candidates.fixed).sum())))
    if constraints.min_artist_gap:
        _add_spacing_constraints(program, candidates, constraints)
    if constraints.seconds is None:
        program.limit(everyone, 1.0, -np.inf, float(max(constraints.n or 0, candidates.fixed)))
        program.limit(everyone, 1.0, float(constraints.n or 0), np.inf, _TRACK)
    else:
        program.limit(everyone, 1.0, 1.0, np.inf)  # one too long is nearer to what is wished than none
        program.limit(
            everyone,
            candidates.seconds,
            constraints.seconds - TOLERATED_SECONDS,
            constraints.seconds + TOLERATED_SECONDS,
            _SECOND,
        )
    for quota, counted in zip(constraints.quotas, candidates.quotas, strict=True):
        if quota.share is None:
            count = float(min(quota.count or 0, len(everyone)))
            program.limit(np.flatnonzero(counted), 1.0, count, count, _QUOTA)
        else:
            program.limit(everyone, counted.astype(np.float64) - quota.share, -QUOTA_TOLERANCE, QUOTA_TOLERANCE, _QUOTA)
    for interest, share in enumerate(target_shares.tolist()):
        members = candidates.interests == interest
        if members.any():
            program.limit(everyone, members.astype(np.float64) - share / 2, 0, np.inf, _INTEREST)
    return program


def _add_spacing_constraints(program: _Milp, candidates: Candidates, constraints: PlaylistConstraints) -> None:
    """For every number m of tracks that an artist may have: flags of those that have so many, and room for them."""
    places, everyone = constraints.min_artist_gap + 1, np.arange(len(candidates.scores))
    longest = constraints.n or int((constraints.seconds or 0) / max(float(candidates.seconds.min()), 1.0)) + 1
    cap = min(constraints.max_per_artist or longest, len(everyone))
    for m in range(2, cap + 1):
        groups = _groups(candidates.artists, m - 1)
        if not groups:
            break
        if (m - 1) * places >= longest:  # so many never fit
            for members in groups:
                program.limit(members, 1.0, -np.inf, m - 1)
            break
        anybody, flags = program.column(upper=1.0), []
        for members in groups:
            flag = program.column(upper=1.0)
            flags.append(flag)
            program.limit(np.append(members, flag), np.append(np.ones(len(members)), m - 1 - cap), -np.inf, m - 1)
            program.limit(np.array([flag, anybody]), np.array([1.0, -1.0]), -np.inf, 0)
        row = np.concatenate([everyone, flags, [anybody]]).astype(np.int64)
        values = np.concatenate([-np.ones(len(everyone)), np.ones(len(flags)), [(m - 1) * places]])
        program.limit(row, values, -np.inf, 0)


def _groups(numbers: IdArray, max_size: int) -> list[IdArray]:
    """The rows of each number, not negative, that has more than ``max_size``; none where ``max_size`` is 0."""
    if not max_size:
        return []
    rows = np.flatnonzero(numbers >= 0)
    rows = rows[np.argsort(numbers[rows], kind="stable")]
    parts = np.split(rows, np.flatnonzero(np.diff(numbers[rows])) + 1) if len(rows) else []
    return [part for part in parts if len(part) > max_size]
