"""In which order tracks follow each other most smoothly, and with which curve of energy.

A step costs what :mod:`recsys.recommend.transitions` says; the order is a short path through all tracks
(:mod:`recsys.recommend.route`). A wish for the energy adds to that: for a "rising", "falling" or "arc" list, how far
each track is from the energy wanted at its place; for a "flat" one, how far neighbours are apart.

Without one, tracks that belong together may be asked to stay together, in *blocks*: two tastes are then played one
after the other, and the step from one to the other is the smoothest that there is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.domain.catalogue import TrackEdges
from recsys.domain.requests import EnergyCurve
from recsys.domain.results import UnmetConstraint
from recsys.domain.tracks import Track
from recsys.metadata.names import track_artist_key
from recsys.recommend.energy import energies, target_curve
from recsys.recommend.route import OrderingProblem, solve
from recsys.recommend.transitions import (
    FEATURE_SCALES,
    Smoothness,
    order_smoothness,
    transition_costs,
    transition_features,
)

CURVE_WEIGHT = 5.0  # the rank correlation with the wished curve is then 0.91, and steps cost a tenth more
NO_CURVE_WEIGHT = 2.0
BETWEEN_BLOCKS = 1000.0  # what a step from one block to another costs: more than any whole list, so they are few


@dataclass(frozen=True, slots=True)
class Ordering:
    """``positions`` (n,) of the tracks in playing order, the constraints that it does not satisfy, and its smoothness.

    ``energies`` (n,) are those of the tracks in this order; empty if no energy curve was requested.
    """

    positions: tuple[int, ...]
    unmet_constraints: tuple[UnmetConstraint, ...]
    smoothness: Smoothness
    energies: tuple[float, ...]


def order_tracks(
    tracks: Sequence[Track],
    vectors: FloatArray,
    edges: TrackEdges | None = None,
    *,
    first: int | None = None,
    last: int | None = None,
    min_gap: int = 0,
    energy: EnergyCurve | None = None,
    blocks: IdArray | None = None,
    rng: np.random.Generator,
) -> Ordering:
    """The order of ``tracks`` in which they follow each other most smoothly.

    Parameters
    ----------
    tracks, vectors : n tracks and their similarity vectors (n, d)
    edges : of the same tracks; None: how they begin, end and drive is not known
    first, last : positions in ``tracks`` of those that stand there
    min_gap : how many places at least two tracks of one artist stand apart; 2 is one between them
    energy : the curve of the energy
    blocks : (n,) tracks of one number follow each other, and then those of another, as far as ``min_gap`` leaves it
        possible; a negative number goes with all
    rng : decides where the search begins

    Raises
    ------
    ValueError
        One track is to be first and last, or an energy is wished without edges.
    """
    n = len(tracks)
    if first is not None and first == last and n > 1:
        raise ValueError(f"track {first} cannot be first and last")
    if energy and edges is None:
        raise ValueError("without edges the energy of the tracks is not known")
    parts = transition_features(tracks, vectors, edges)
    driving = np.empty(0) if edges is None or not energy else energies(edges.overall)
    steps, places = transition_costs(parts), None
    if blocks is not None:
        steps += BETWEEN_BLOCKS * ((blocks[:, None] != blocks) & (blocks[:, None] >= 0) & (blocks >= 0))
    if energy == "flat":
        steps += NO_CURVE_WEIGHT / FEATURE_SCALES["energy"] * np.abs(driving[:, None] - driving)
    elif energy:
        places = CURVE_WEIGHT / FEATURE_SCALES["energy"] * np.abs(driving[:, None] - target_curve(driving, energy))
    artists = _artists(tracks)
    problem = OrderingProblem(steps, places, artists, min_gap if len(set(artists.tolist())) < n else 0, first, last)
    found = solve(problem, rng)
    return Ordering(
        tuple(found.tolist()),
        tuple(_unmet_constraints(problem, found)),
        order_smoothness(parts, found),
        tuple(driving[found].tolist()) if len(driving) else (),
    )


def _artists(tracks: Sequence[Track]) -> IdArray:
    """Numbers (n,) of the artists; a track of an unknown one has a number of its own."""
    numbers: dict[str | int, int] = {}
    return np.array(
        [numbers.setdefault(track_artist_key(t) or i, len(numbers)) for i, t in enumerate(tracks)], np.int64
    )


def _unmet_constraints(problem: OrderingProblem, found: IdArray) -> list[UnmetConstraint]:
    """The artist gap, if two tracks of one artist are closer than that."""
    distances: list[int] = []
    last: dict[int, int] = {}
    for position, group in enumerate(problem.groups[found].tolist()):
        if group in last:
            distances.append(position - last[group])
        last[group] = position
    n_close = sum(distance < problem.min_gap for distance in distances)
    if problem.min_gap < 2 or not n_close:
        return []
    details = {"n_close": n_close, "n_tracks": len(found)}
    return [
        UnmetConstraint("min_artist_gap", problem.min_gap - 1, min(distances) - 1, "too_few_other_artists", details)
    ]
