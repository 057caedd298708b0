"""In which order tracks follow each other most smoothly.

The step from one track to the next costs one minus their cosine, more where the tempo jumps (an octave apart
counts as the same: half and double time are felt as one) and where the keys lie apart on the circle of fifths
(a minor key lies with its relative major). The order is a short path through all tracks from a given first
one: greedily the nearest, then improved by turning round stretches (2-opt) until none gets shorter.
"""

import math
from collections.abc import Sequence

import numpy as np

from recsys.types import DoubleArray, FloatArray, Key, Track

TEMPO_WEIGHT = 0.3  # for half an octave, the furthest two tempi can be apart
KEY_WEIGHT = 0.1  # for six fifths, the furthest two keys can be apart
_EPSILON = 1e-9


def smooth_order(tracks: Sequence[Track], vectors: FloatArray) -> list[int]:
    """Positions of ``tracks`` (n) in playing order; the first stays the first.

    ``vectors`` (n, d) are their similarity vectors.
    """
    if len(tracks) < 3:
        return list(range(len(tracks)))
    costs = step_costs(tracks, vectors)
    return _untangle(_greedy(costs), costs)


def step_costs(tracks: Sequence[Track], vectors: FloatArray) -> DoubleArray:
    """What it costs (n, n) to go from one track to another; symmetric, 0 on the diagonal."""
    costs = 1.0 - (vectors @ vectors.T).astype(np.float64)
    tempi = np.array([math.log2(t.bpm) if t.bpm else math.nan for t in tracks])
    fifths = np.array([_fifths(t.key) if t.key else math.nan for t in tracks])
    costs += TEMPO_WEIGHT * 2 * _apart(tempi, 1.0) + KEY_WEIGHT / 6 * _apart(fifths, 12.0)
    np.fill_diagonal(costs, 0.0)
    return costs


def _fifths(key: str) -> float:
    """Place of a key ("A minor") on the circle of fifths, C major = A minor = 0."""
    tonic, mode = key.split()
    major = Key.NAMES.index(tonic) + (3 if mode == "minor" else 0)
    return float(7 * major % 12)


def _apart(places: DoubleArray, round_trip: float) -> DoubleArray:
    """Distances (n, n) on a circle; the mean of the known ones where a place is not known."""
    steps = np.abs(places[:, None] - places[None, :]) % round_trip
    distances = np.minimum(steps, round_trip - steps)
    known = ~np.isnan(distances)
    return np.where(known, distances, distances[known].mean() if known.any() else 0.0)


def _greedy(costs: DoubleArray) -> list[int]:
    order, left = [0], set(range(1, len(costs)))
    while left:
        order.append(min(left, key=lambda j: (costs[order[-1], j], j)))
        left.remove(order[-1])
    return order


def _untangle(order: list[int], costs: DoubleArray) -> list[int]:
    """2-opt on an open path with a fixed beginning."""
    path = np.array(order)
    improved = True
    while improved:
        improved = False
        for i in range(1, len(path) - 1):
            before, first, last, after = path[i - 1], path[i], path[i + 1 :], path[i + 2 :]
            gains = costs[before, first] - costs[before, last]  # of turning round path[i] to each of last
            gains[:-1] += costs[last[:-1], after] - costs[first, after]
            best = int(gains.argmax())
            if gains[best] > _EPSILON:
                path[i : i + best + 2] = path[i : i + best + 2][::-1].copy()
                improved = True
    return [int(i) for i in path]
