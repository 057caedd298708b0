"""Transitions between tracks: the cost of a step, and the smoothness of an order.

A transition has five features: the *sound* of both tracks as a whole, one minus their cosine; *timbre* and *loudness*
between the last window of one track and the first of the next, in standard deviations of the reference corpus and in
dB; *tempo* in octaves, where half and double time are equivalent and a probable alternative counts like the tempo
itself; and *key* in steps on the circle of fifths, where a minor key has the position of its relative major. The
features depend on which track comes first.

A window is 6 s long and ends a twentieth of the music before its end: it has the music there, not the fade. Timbre is
the mean of 12 MFCC, without the level, and of 7 bands of spectral contrast; of the sets of this size that were tried
(``benchmarks/sequence.py``) it best predicts which window comes next in the same track.

Each feature is divided by its standard deviation over random pairs of tracks, so that all count the same with weights
of one.
"""

import math
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.domain.audio import Key
from recsys.domain.catalogue import TrackEdges
from recsys.domain.tracks import MIN_ALTERNATIVE_PROBABILITY, Track
from recsys.features.scaling import reference
from recsys.features.schema import index_of

#: Standard deviation of each feature over random pairs of 274 songs and of 431 pieces of game music, the mean of both.
FEATURE_SCALES = {"sound": 0.25, "timbre": 0.65, "loudness": 5.6, "tempo": 0.147, "key": 1.77, "energy": 0.25}
#: Weight of each feature, chosen by the share of each feature's optimum that is preserved (``benchmarks/sequence.py``).
WEIGHTS = {"sound": 2.0, "timbre": 0.7, "loudness": 0.5, "tempo": 1.0, "key": 1.0}
#: Value of a step if a track has no pulse or no key: that of a random pair.
UNKNOWN = {"tempo": 0.245, "key": 2.77}
KEY_CLASH_FIFTHS = 1  # steps on the circle of fifths up to which keys are compatible

TransitionFeatures = dict[str, DoubleArray]


class Smoothness(NamedTuple):
    """Means over the steps of an order; None if no step has a known value.

    Attributes
    ----------
    tempo_jump : float or None
        In per cent, to the nearest of tempo, half and double.
    key_clashes : float or None
        Share of the steps whose keys are more than one step apart on the circle of fifths.
    distance : float or None
        One minus the cosine.
    loudness_jump : float or None
        From the end of one track to the start of the next, in dB.
    timbre_jump : float or None
        The same in standard deviations of the reference corpus (root mean square over 19 numbers).
    """

    tempo_jump: float | None
    key_clashes: float | None
    distance: float | None
    loudness_jump: float | None
    timbre_jump: float | None


def transition_features(tracks: Sequence[Track], vectors: FloatArray, edges: TrackEdges | None) -> TransitionFeatures:
    """Features (n, n) of the steps from one track (row) to another; NaN if not known.

    Parameters
    ----------
    tracks, vectors : n tracks, (n, d)
        The tracks and their similarity vectors.
    edges : TrackEdges or None
        Features of the starts and ends of the tracks; None leaves out timbre and loudness.
    """
    tempi, alternatives = _tempos(tracks)
    keys = np.array([fifths(track.key) if track.key else math.nan for track in tracks])
    features = {"sound": 1.0 - (vectors @ vectors.T).astype(np.float64)}
    features |= {"tempo": _nearest_alternative(tempi, alternatives, 1.0), "key": _circular_distance(keys, keys, 12.0)}
    if edges is not None:
        level, timbre, mean, std = _edge_dimensions()
        ends, beginnings = ((each[:, timbre].astype(np.float64) - mean) / std for each in (edges.last, edges.first))
        squares = (ends**2).sum(axis=1)[:, None] + (beginnings**2).sum(axis=1) - 2 * ends @ beginnings.T
        features["timbre"] = np.sqrt(np.maximum(squares, 0) / len(timbre))
        features["loudness"] = np.abs(edges.last[:, level, None].astype(np.float64) - edges.first[:, level])
    return features


def transition_costs(features: TransitionFeatures) -> DoubleArray:
    """Costs (n, n) of the steps from one track (row) to another, in weighted deviations; 0 on the diagonal."""
    costs = np.zeros(features["sound"].shape)
    for name, values in features.items():
        known = np.where(np.isnan(values), UNKNOWN[name], values) if name in UNKNOWN else values
        costs += WEIGHTS[name] / FEATURE_SCALES[name] * known
    np.fill_diagonal(costs, 0.0)
    return costs


def order_smoothness(features: TransitionFeatures, order: IdArray) -> Smoothness:
    """Smoothness of an order (n,) of the tracks with these features."""
    steps = {name: values[order[:-1], order[1:]] for name, values in features.items()}
    clashes = np.where(np.isnan(steps["key"]), np.nan, steps["key"] > KEY_CLASH_FIFTHS)
    jumps = 100 * (2 ** steps["tempo"] - 1)
    nothing = np.empty(0)
    loudness, timbre = (steps.get(name, nothing) for name in ("loudness", "timbre"))
    return Smoothness(*(_mean(each) for each in (jumps, clashes, steps["sound"], loudness, timbre)))


def fifths(key: str) -> int:
    """Position of a key on the circle of fifths, 0 to 11.

    Examples
    --------
    >>> fifths("C major"), fifths("A minor"), fifths("G major")
    (0, 0, 1)
    """
    tonic, mode = key.split()
    return 7 * (Key.NAMES.index(tonic) + (3 if mode == "minor" else 0)) % 12


def _mean(values: DoubleArray) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None


def _tempos(tracks: Sequence[Track]) -> tuple[DoubleArray, DoubleArray]:
    """Tempo and probable alternative tempo of each track, (n,) in octaves; NaN if there is none."""
    probable = [
        track.bpm_alternative if (track.bpm_alternative_probability or 0.0) >= MIN_ALTERNATIVE_PROBABILITY else None
        for track in tracks
    ]
    first, other = (
        np.array([math.log2(bpm) if bpm else math.nan for bpm in column])
        for column in ([track.bpm for track in tracks], probable)
    )
    return first, other


def _nearest_alternative(positions: DoubleArray, alternatives: DoubleArray, period: float) -> DoubleArray:
    """Circular distances (n, n) of the nearest alternatives of each pair; NaN if one is not known."""
    nearest = _circular_distance(positions, positions, period)
    if np.isnan(alternatives).all():
        return nearest
    crossed = _circular_distance(positions, alternatives, period)
    for others in (crossed, crossed.T, _circular_distance(alternatives, alternatives, period)):
        nearest = np.fmin(nearest, others)
    return nearest


def _circular_distance(a: DoubleArray, b: DoubleArray, period: float) -> DoubleArray:
    """Distances (n, n) on a circle with this period."""
    steps = np.abs(a[:, None] - b) % period
    return np.minimum(steps, period - steps)


@cache
def _edge_dimensions() -> tuple[int, list[int], FloatArray, FloatArray]:
    """The dimension of loudness, those of timbre, and mean and standard deviation of these in the reference corpus."""
    timbre = [index_of(f"mfcc_{i}_mean") for i in range(1, 13)] + [index_of(f"contrast_{i}_mean") for i in range(7)]
    fitted = reference()
    return index_of("loudness_lufs"), timbre, fitted.mean[timbre], fitted.std[timbre]
