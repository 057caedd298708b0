"""Order of a playlist: smooth transitions, an artist gap, and an energy curve.

The cost of a step is that of :mod:`recsys.recommend.transitions`; the order is a short path through all tracks
(:mod:`recsys.recommend.route`). An energy curve adds to the cost: for "rising", "falling" and "arc" the distance of
each track from the target energy at its position; for "flat" the difference between consecutive tracks.

Without a curve, tracks can be divided into *blocks* that stay together. Two interests then follow each other, with the
smoothest possible step between them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recsys.domain.arrays import FloatArray, IdArray
from recsys.domain.catalogue import TrackEdges
from recsys.domain.requests import EnergyCurve
from recsys.domain.results import UnmetConstraint
from recsys.domain.tracks import Track
from recsys.recommend.artists import number_artists
from recsys.recommend.energy import energies, target_curve
from recsys.recommend.route import OrderingProblem, solve
from recsys.recommend.transitions import (
    FEATURE_SCALES,
    Smoothness,
    order_smoothness,
    transition_costs,
    transition_features,
)

CURVE_WEIGHT = 5.0  # the rank correlation with the requested curve is then 0.91, and steps cost a tenth more
FLAT_WEIGHT = 2.0
BLOCK_CHANGE_COST = 1000.0  # added to a step between blocks: more than any whole list, so there are few


@dataclass(frozen=True, slots=True)
class Ordering:
    """An order of n tracks.

    Attributes
    ----------
    positions : (n,)
        Indices of the tracks in playing order.
    unmet_constraints : tuple of UnmetConstraint
    smoothness : Smoothness
    energies : (n,)
        Energy of the tracks in playing order; empty without an energy curve.
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
    """Order tracks for smooth transitions.

    Parameters
    ----------
    tracks, vectors : n tracks, (n, d)
        The tracks and their similarity vectors.
    edges : TrackEdges or None
        Features of the starts and ends of the tracks; None if they are not known.
    first, last : int or None
        Indices of the tracks that must come first and last.
    min_gap : int
        Least distance of the positions of two tracks by one artist; 2 is one track between them.
    energy : {"rising", "falling", "arc", "flat"} or None
        The energy curve.
    blocks : (n,) or None
        Tracks with the same number stay together, as far as ``min_gap`` allows; a negative number fits
        every block.
    rng : numpy.random.Generator
        Of the starts of the search.

    Raises
    ------
    ValueError
        One track must be first and last, or there is an energy curve without edges.
    """
    n = len(tracks)
    if first is not None and first == last and n > 1:
        raise ValueError(f"track {first} cannot be first and last")
    if energy and edges is None:
        raise ValueError("an energy curve needs the edges of the tracks")
    features = transition_features(tracks, vectors, edges)
    energy_levels = np.empty(0) if edges is None or not energy else energies(edges.overall)
    steps, position_costs = transition_costs(features), None
    if blocks is not None:
        steps += BLOCK_CHANGE_COST * ((blocks[:, None] != blocks) & (blocks[:, None] >= 0) & (blocks >= 0))
    if energy == "flat":
        steps += FLAT_WEIGHT / FEATURE_SCALES["energy"] * np.abs(energy_levels[:, None] - energy_levels)
    elif energy:
        position_costs = (
            CURVE_WEIGHT
            / FEATURE_SCALES["energy"]
            * np.abs(energy_levels[:, None] - target_curve(energy_levels, energy))
        )
    artists = number_artists(tracks)
    artists = artists[:, 0] if artists.shape[1] == 1 else artists
    is_free = len(np.unique(artists)) == artists.size  # no artist has two tracks
    last = None if last == first else last  # of one track
    problem = OrderingProblem(steps, position_costs, artists, 0 if is_free else min_gap, first, last)
    found = solve(problem, rng)
    return Ordering(
        tuple(found.tolist()),
        tuple(_unmet_constraints(problem, found)),
        order_smoothness(features, found),
        tuple(energy_levels[found].tolist()) if len(energy_levels) else (),
    )


def _unmet_constraints(problem: OrderingProblem, found: IdArray) -> list[UnmetConstraint]:
    """The artist gap, if two tracks of one artist are closer than that."""
    distances: list[int] = []
    last: dict[int, int] = {}
    for position, groups in enumerate(problem.groups[found].tolist()):
        groups = groups if isinstance(groups, list) else [groups]
        before = [last[group] for group in groups if group in last]
        distances += [position - max(before)] if before else []
        last.update(dict.fromkeys(groups, position))
    n_close = sum(distance < problem.min_gap for distance in distances)
    if problem.min_gap < 2 or not n_close:
        return []
    details = {"n_close": n_close, "n_tracks": len(found)}
    return [
        UnmetConstraint("min_artist_gap", problem.min_gap - 1, min(distances) - 1, "too_few_other_artists", details)
    ]
