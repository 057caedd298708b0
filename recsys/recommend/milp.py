"""Choice of a playlist by integer programming (HiGHS, through scipy): it satisfies all constraints if any choice does.

Each candidate is a binary variable. Limits are hard constraints; each soft constraint has variables for the amount by
which it is violated. All variables are integers. A first program minimises the violation, and a second maximises the
score among the choices with the smallest violation.

*Room for the artist gap.* If T artists have m tracks or more, their m-th tracks are all after the first
``(m - 1) (gap + 1)`` positions; so the sum of this number and T is at most the length, for every m. The condition is
also sufficient: taking the artist with most tracks left at each position yields an order.
"""

import numpy as np

from recsys.domain.arrays import DoubleArray, IdArray
from recsys.recommend.artists import disjoint, rows_by_number
from recsys.recommend.candidates import QUOTA_TOLERANCE, TOLERATED_SECONDS, Candidates
from recsys.recommend.constraints import PlaylistConstraints

_TRACK, _SECOND, _QUOTA, _INTEREST = 1000.0, 5.0, 50.0, 1.0  # costs of one unit of each violation
_NODES = 2000  # most nodes of the branch-and-bound search
_EPSILON = 1e-6


class _Milp:
    """The rows of an integer program whose first n columns are the candidates."""

    def __init__(self, n: int) -> None:
        self.upper, self.costs = [1.0] * n, [0.0] * n
        self.rows: list[int] = []
        self.columns: list[int] = []
        self.values: list[float] = []
        self.bounds: list[tuple[float, float]] = []

    def column(self, upper: float = np.inf, cost: float = 0.0) -> int:
        """Add a variable with lower bound 0; returns its index."""
        self.upper.append(upper)
        self.costs.append(cost)
        return len(self.upper) - 1

    def limit(
        self, columns: IdArray, values: DoubleArray | float, low: float, high: float, cost: float | None = None
    ) -> None:
        """Bound the weighted sum of some columns; with a ``cost`` the bounds can be violated at this cost per unit."""
        terms = list(zip(columns.tolist(), np.broadcast_to(values, len(columns)).tolist(), strict=True))
        if cost is not None:
            terms += [(self.column(cost=cost), 1.0)] if np.isfinite(low) else []
            terms += [(self.column(cost=cost), -1.0)] if np.isfinite(high) else []
        self.rows += [len(self.bounds)] * len(terms)
        self.columns += [column for column, _ in terms]
        self.values += [value for _, value in terms]
        self.bounds.append((low, high))


def solve_milp(
    candidates: Candidates, constraints: PlaylistConstraints, target_shares: DoubleArray, gains: DoubleArray
) -> list[int]:
    """Indices of the chosen candidates: the smallest violation, and among those choices the largest gain.

    Parameters
    ----------
    candidates : Candidates
    constraints : PlaylistConstraints
    target_shares : (i,)
        The share of the playlist that each interest should have.
    gains : (n,)
        Gain of each candidate.

    Returns
    -------
    list of int
        Empty if there is no candidate or the hard constraints cannot be satisfied.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    n = len(gains)
    if not n:
        return []
    program = _build_milp(candidates, constraints, target_shares)
    width = len(program.upper)
    matrix = csr_array((program.values, (program.rows, program.columns)), shape=(len(program.bounds), width))
    low, high = np.array(program.bounds).T
    lower_bounds = np.zeros(width)
    lower_bounds[: candidates.fixed] = 1
    linear_constraints, bounds = LinearConstraint(matrix, low, high), Bounds(lower_bounds, np.array(program.upper))
    violation_costs, integrality = np.array(program.costs), np.ones(width)
    first = milp(
        violation_costs, integrality=integrality, bounds=bounds, constraints=linear_constraints, options=_options(0.0)
    )
    if first.x is None:
        return []
    value = gains - gains.min() + 0.05
    if constraints.seconds is not None:
        value = value * candidates.seconds
    scores = np.concatenate([-value / max(float(value.max()), _EPSILON), np.zeros(width - n)])
    max_violation = LinearConstraint(violation_costs[None, :], -np.inf, float(violation_costs @ first.x) + _EPSILON)
    second = milp(
        scores,
        integrality=integrality,
        bounds=bounds,
        constraints=[linear_constraints, max_violation],
        options=_options(1e-3),
    )
    solution = first.x if second.x is None else second.x
    return [int(i) for i in np.flatnonzero(solution[:n] > 0.5)]


def _options(gap: float) -> dict[str, float]:
    """Options of one run, which removes those that it has read: the share by which a better solution is not sought."""
    return {"node_limit": _NODES, "mip_rel_gap": gap}


def _build_milp(candidates: Candidates, constraints: PlaylistConstraints, target_shares: DoubleArray) -> _Milp:
    program = _Milp(len(candidates.scores))
    all_columns = np.arange(len(candidates.scores))
    limits_by_group = (
        (candidates.version_groups, 1),
        (candidates.artists, constraints.max_per_artist),
        (candidates.albums, constraints.max_per_album),
    )
    for numbers, limit in limits_by_group:
        for rows in _groups(numbers, limit):
            program.limit(rows, 1.0, -np.inf, max(limit, int((rows < candidates.fixed).sum())))
    if constraints.min_artist_gap:
        _add_spacing_constraints(program, candidates, constraints)
    if constraints.seconds is None:
        program.limit(all_columns, 1.0, -np.inf, float(max(constraints.n or 0, candidates.fixed)))
        program.limit(all_columns, 1.0, float(constraints.n or 0), np.inf, _TRACK)
    else:
        program.limit(all_columns, 1.0, 1.0, np.inf)  # a track that is too long is better than an empty playlist
        program.limit(
            all_columns,
            candidates.seconds,
            constraints.seconds - TOLERATED_SECONDS,
            constraints.seconds + TOLERATED_SECONDS,
            _SECOND,
        )
    for quota, in_quota in zip(constraints.quotas, candidates.quotas, strict=True):
        if quota.share is None:
            count = float(min(quota.count or 0, len(all_columns)))
            program.limit(np.flatnonzero(in_quota), 1.0, count, count, _QUOTA)
        else:
            program.limit(
                all_columns, in_quota.astype(np.float64) - quota.share, -QUOTA_TOLERANCE, QUOTA_TOLERANCE, _QUOTA
            )
    for interest, share in enumerate(target_shares.tolist()):
        of_interest = candidates.interests == interest
        if of_interest.any():
            program.limit(all_columns, of_interest.astype(np.float64) - share / 2, 0, np.inf, _INTEREST)
    return program


def _add_spacing_constraints(program: _Milp, candidates: Candidates, constraints: PlaylistConstraints) -> None:
    """For every number m of tracks by one artist: flags of the artists with m tracks or more, and room for them."""
    spacing, all_columns = constraints.min_artist_gap + 1, np.arange(len(candidates.scores))
    max_length = constraints.n or int((constraints.seconds or 0) / max(float(candidates.seconds.min()), 1.0)) + 1
    cap = min(constraints.max_per_artist or max_length, len(all_columns))
    for m in range(2, cap + 1):
        groups = _groups(candidates.artists, m - 1)
        if not groups:
            break
        if (m - 1) * spacing >= max_length:  # m tracks by one artist never fit
            for rows in groups:
                program.limit(rows, 1.0, -np.inf, m - 1)
            break
        any_flag, flags = program.column(upper=1.0), []
        for rows, apart in zip(groups, disjoint(groups), strict=True):
            flag = program.column(upper=1.0)
            program.limit(np.append(rows, flag), np.append(np.ones(len(rows)), m - 1 - cap), -np.inf, m - 1)
            program.limit(np.array([flag, any_flag]), np.array([1.0, -1.0]), -np.inf, 0)
            if apart:
                flags.append(flag)
            else:  # it may have its m-th track together with another artist
                row = np.append(all_columns, flag)
                values = np.append(-np.ones(len(all_columns)), (m - 1) * spacing + 1)
                program.limit(row, values, -np.inf, 0)
        row = np.concatenate([all_columns, flags, [any_flag]]).astype(np.int64)
        values = np.concatenate([-np.ones(len(all_columns)), np.ones(len(flags)), [(m - 1) * spacing]])
        program.limit(row, values, -np.inf, 0)


def _groups(numbers: IdArray, max_size: int) -> list[IdArray]:
    """The rows of each non-negative number that occurs more than ``max_size`` times; none if ``max_size`` is 0."""
    return [rows for _, rows in rows_by_number(numbers) if len(rows) > max_size] if max_size else []
