"""How well one track follows another: what a step costs, and how smooth an order is.

A step has five parts: the *sound* of both tracks as a whole, one minus their cosine; *timbre* and *loudness* where the
last window of one meets the first of the next, in deviations of the reference and in dB; *tempo* in octaves, where half
and double time are felt as one and a probable alternative counts like the tempo itself; and *key* in steps on the
circle of fifths, where a minor key lies with its relative major. Two tracks thus follow one another more or less well,
by which of them comes first.

A window hears 6 s, a twentieth of the music away from its end: how the music goes there, not its fade. Timbre there is
the mean of 12 MFCC, without the level, and of 7 bands of spectral contrast; of the sets tried that are as small
(``benchmarks/sequence.py``) this one knew best which window comes next in the same track.

Each part is divided by its deviation over random pairs of tracks, so that weights of one would have each count alike.
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

#: Deviation of each part over random pairs of 274 songs and of 431 pieces of game music, the mean of both.
FEATURE_SCALES = {"sound": 0.25, "timbre": 0.65, "loudness": 5.6, "tempo": 0.147, "key": 1.77, "energy": 0.25}
#: What each part counts. Chosen by what it leaves of each part's best (``benchmarks/sequence.py``).
WEIGHTS = {"sound": 2.0, "timbre": 0.7, "loudness": 0.5, "tempo": 1.0, "key": 1.0}
#: What a step is taken to be where a track has no pulse or no key: that of a random pair.
UNKNOWN = {"tempo": 0.245, "key": 2.77}
KEY_CLASH_FIFTHS = 1  # steps on the circle of fifths that still agree

TransitionFeatures = dict[str, DoubleArray]


class Smoothness(NamedTuple):
    """Means over the steps of an order; None where no step tells.

    ``tempo_jump`` in per cent, to the nearer of tempo, half and double; ``key_clashes``, the share of steps whose keys
    lie more than one step apart on the circle of fifths; ``distance``, one minus the cosine; and from the end of one
    track to the beginning of the next ``loudness_jump`` in dB and ``timbre_jump`` in deviations of the reference (root
    mean square over 19 numbers).
    """

    tempo_jump: float | None
    key_clashes: float | None
    distance: float | None
    loudness_jump: float | None
    timbre_jump: float | None


def transition_features(tracks: Sequence[Track], vectors: FloatArray, edges: TrackEdges | None) -> TransitionFeatures:
    """Each part (n, n) of the steps from one track (row) to another; NaN where it is not known.

    Parameters
    ----------
    tracks, vectors : n tracks and their similarity vectors (n, d)
    edges : of the same tracks; None: timbre and loudness are left out
    """
    tempi, others = _tempos(tracks)
    keys = np.array([fifths(track.key) if track.key else math.nan for track in tracks])
    parts = {"sound": 1.0 - (vectors @ vectors.T).astype(np.float64)}
    parts |= {"tempo": _nearest(tempi, others, 1.0), "key": _apart(keys, keys, 12.0)}
    if edges is not None:
        level, timbre, mean, std = _edge_dimensions()
        ends, beginnings = ((each[:, timbre].astype(np.float64) - mean) / std for each in (edges.last, edges.first))
        squares = (ends**2).sum(axis=1)[:, None] + (beginnings**2).sum(axis=1) - 2 * ends @ beginnings.T
        parts["timbre"] = np.sqrt(np.maximum(squares, 0) / len(timbre))
        parts["loudness"] = np.abs(edges.last[:, level, None].astype(np.float64) - edges.first[:, level])
    return parts


def transition_costs(features: TransitionFeatures) -> DoubleArray:
    """What it costs (n, n) to go from one track (row) to another, in weighted deviations; 0 on the diagonal."""
    costs = np.zeros(features["sound"].shape)
    for name, part in features.items():
        known = np.where(np.isnan(part), UNKNOWN[name], part) if name in UNKNOWN else part
        costs += WEIGHTS[name] / FEATURE_SCALES[name] * known
    np.fill_diagonal(costs, 0.0)
    return costs


def order_smoothness(features: TransitionFeatures, order: IdArray) -> Smoothness:
    """How smooth an order (n,) of the tracks is that these parts are of."""
    steps = {name: part[order[:-1], order[1:]] for name, part in features.items()}
    clashes = np.where(np.isnan(steps["key"]), np.nan, steps["key"] > KEY_CLASH_FIFTHS)
    jumps = 100 * (2 ** steps["tempo"] - 1)
    nothing = np.empty(0)
    loudness, timbre = (steps.get(name, nothing) for name in ("loudness", "timbre"))
    return Smoothness(*(_mean(each) for each in (jumps, clashes, steps["sound"], loudness, timbre)))


def fifths(key: str) -> int:
    """Place of a key on the circle of fifths, 0 to 11.

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
    """Tempo of each track and its alternative where that is probable, both (n,) in octaves, NaN where there is none."""
    probable = [
        track.bpm_alternative if (track.bpm_alternative_probability or 0.0) >= MIN_ALTERNATIVE_PROBABILITY else None
        for track in tracks
    ]
    first, other = (
        np.array([math.log2(bpm) if bpm else math.nan for bpm in column])
        for column in ([track.bpm for track in tracks], probable)
    )
    return first, other


def _nearest(places: DoubleArray, others: DoubleArray, round_trip: float) -> DoubleArray:
    """Distances (n, n) on a circle from the nearer place of each to the nearer of the other; NaN where it has none."""
    nearest = _apart(places, places, round_trip)
    for a, b in ((places, others), (others, places), (others, others)):
        nearest = np.fmin(nearest, _apart(a, b, round_trip))
    return nearest


def _apart(a: DoubleArray, b: DoubleArray, round_trip: float) -> DoubleArray:
    """Distances (n, n) on a circle."""
    steps = np.abs(a[:, None] - b) % round_trip
    return np.minimum(steps, round_trip - steps)


@cache
def _edge_dimensions() -> tuple[int, list[int], FloatArray, FloatArray]:
    """The dimension of loudness, those of timbre, and mean and deviation of these in the reference."""
    timbre = [index_of(f"mfcc_{i}_mean") for i in range(1, 13)] + [index_of(f"contrast_{i}_mean") for i in range(7)]
    fitted = reference()
    return index_of("loudness_lufs"), timbre, fitted.mean[timbre], fitted.std[timbre]
