#!/usr/bin/env python3
"""Ordering of tracks: descriptors of their edges, terms of the transition cost, quality of the solver, energy curves.

    benchmarks/sequence.py HOME... [--lists 20] [--tracks 30] [--only edges parts solver times energy] [--moods HOME]
    pip install elkai         # LKH, a reference besides simulated annealing; optional

Every HOME is a library made by ``recsys ingest``. Lists are sampled from each: random tracks, or a random track and
its nearest neighbours. ``--moods`` is a library of the tracks of ``recsys demo``, whose names contain calm, tender,
nostalgic, happy or energetic.
"""

import argparse
import math
import sys
import time
from collections.abc import Callable, Iterator
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from measure import ROOT

sys.path.insert(0, str(ROOT))

from recsys.config import load_settings
from recsys.database.catalogue import Catalogue
from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.domain.catalogue import TrackEdges
from recsys.domain.requests import EnergyCurve
from recsys.domain.tracks import Track
from recsys.features.mood import valence_arousal
from recsys.features.scaling import denormalise, reference
from recsys.features.schema import DIMENSIONS, GROUPS, index_of
from recsys.features.version import FEATURE_VERSION
from recsys.nearest import NearestIndex
from recsys.recommend import energy as energy_module
from recsys.recommend import ordering, transitions
from recsys.recommend.ordering import order_tracks
from recsys.recommend.route import OrderingProblem, nearest_neighbour, solve
from recsys.recommend.transitions import (
    FEATURE_SCALES,
    WEIGHTS,
    order_smoothness,
    transition_costs,
    transition_features,
)

HEADINGS = ("tempo jump, %", "key clashes", "1 - cosine", "loudness jump, dB", "timbre jump")
STIRRING = [f"msd_tag_{tag}" for tag in ("metal", "hard rock", "party", "dance", "punk")]
STIRRING += [f"mtt_tag_{tag}" for tag in ("loud", "fast", "drums", "beat", "techno", "rock")]
CALM = [f"msd_tag_{tag}" for tag in ("Mellow", "chill", "ambient", "acoustic", "sad")]
CALM += [f"mtt_tag_{tag}" for tag in ("slow", "quiet", "soft", "ambient", "solo")]


class Library(NamedTuple):
    """Tracks of a library with the data that an ordering needs."""

    name: str
    tracks: list[Track]
    vectors: FloatArray
    edges: TrackEdges
    windows: list[FloatArray]


def read(home: Path) -> Library:
    settings = load_settings({}, home=home)
    with Catalogue.open(settings.database, feature_version=FEATURE_VERSION, read_only=True) as catalogue:
        index, _ = NearestIndex.load(settings.index_path)
        ids = index.intersect(catalogue.ids())
        return Library(
            home.name,
            list(catalogue.tracks_by_id(ids.tolist()).values()),
            index.vectors(ids),
            catalogue.track_edges(ids.tolist()),
            [catalogue.windows(i)[1].astype(np.float32) for i in ids.tolist()],
        )


def lists(library: Library, n: int, count: int, similar: bool) -> Iterator[IdArray]:
    """Row numbers (n,) of sampled tracks, the first of which is random."""
    rng = np.random.default_rng(0)
    for _ in range(count):
        if similar:
            near = np.argsort(-(library.vectors @ library.vectors[rng.integers(len(library.tracks))]))[:n]
            yield np.concatenate([near[:1], rng.permutation(near[1:])])
        else:
            yield rng.permutation(len(library.tracks))[:n]


def subset(library: Library, picks: IdArray) -> tuple[list[Track], FloatArray, TrackEdges]:
    return (
        [library.tracks[i] for i in picks],
        library.vectors[picks],
        edges_at(library.edges, picks),
    )


def edges_at(edges: TrackEdges, picks: IdArray) -> TrackEdges:
    return TrackEdges(edges.first[picks], edges.last[picks], edges.overall[picks])


def named(*patterns: tuple[str, int, int]) -> list[int]:
    return [index_of(f"{stem}_{i}_mean") for stem, begin, end in patterns for i in range(begin, end)]


def edges(libraries: list[Library], _: argparse.Namespace) -> None:
    """How well descriptors retrieve the next window of a track among the windows of all tracks."""
    spectral = ("centroid", "bandwidth", "rolloff", "flatness", "zero_crossing_rate")
    sets = {
        "MFCC 1-12": named(("mfcc", 1, 13)),
        "MFCC 0-12": named(("mfcc", 0, 13)),
        "MFCC 1-19": named(("mfcc", 1, 20)),
        "contrast": named(("contrast", 0, 7)),
        "centroid, bandwidth, rolloff, flatness, crossings": [index_of(f"{name}_mean") for name in spectral],
        "MFCC 1-12 and the previous row": named(("mfcc", 1, 13)) + [index_of(f"{name}_mean") for name in spectral],
        "**MFCC 1-12 and contrast**": named(("mfcc", 1, 13), ("contrast", 0, 7)),
        "all of timbre except covariances": [
            i for i, d in enumerate(DIMENSIONS) if d.group == "timbre" and "cov" not in d.name
        ],
        "MusiCNN's embeddings": list(range(*GROUPS["learned"].indices(len(DIMENSIONS)))),
        "chroma": [i for i, d in enumerate(DIMENSIONS) if d.name.startswith("chroma") and d.name.endswith("mean")],
        "loudness": [index_of("loudness_lufs")],
    }
    fitted = reference()
    table("descriptors of a window", "dimensions", *(f"{library.name}: mean reciprocal rank" for library in libraries))
    for name, dimensions in sets.items():
        scores = []
        for library in libraries:
            complete = [windows for windows in library.windows if len(windows) == 5]
            scaled = (np.stack(complete)[:, :, dimensions] - fitted.mean[dimensions]) / fitted.std[dimensions]
            ranks = []
            for i in (0, 2, 3):
                distances = np.linalg.norm(scaled[:, i, None] - scaled[None, :, i + 1], axis=2)
                ranks.append(1 + (distances < distances.diagonal()[:, None]).sum(axis=1))
            scores.append(float(np.mean(1 / np.array(ranks))))
        row(name, len(dimensions), *(f"{score:.3f}" for score in scores))


def parts(libraries: list[Library], options: argparse.Namespace) -> None:
    """The distribution of each term of the transition cost, and the orders by each term alone and by all of them."""
    table("over random pairs: mean (deviation)", *FEATURE_SCALES)
    for library in libraries:
        n = len(library.tracks)
        found = transition_features(library.tracks, library.vectors, library.edges)
        drive = energy_module.energies(library.edges.overall)
        found["energy"] = np.abs(drive[:, None] - drive)
        pairs = {name: part[~np.eye(n, dtype=bool)] for name, part in found.items()}
        row(library.name, *(f"{np.nanmean(pairs[name]):.3f} ({np.nanstd(pairs[name]):.3f})" for name in FEATURE_SCALES))
    defaults = dict(WEIGHTS)
    methods: dict[str, dict[str, float] | None] = {"chance": None, "nearest neighbour, all terms": defaults}
    methods |= {f"{name} alone": {name: 1.0} for name in defaults}
    methods |= {"sound, tempo and key (before)": {"sound": 0.25, "tempo": 0.088, "key": 0.03}}
    methods |= {"equal weights": dict.fromkeys(defaults, 1.0), "**default**": defaults}
    for library in libraries:
        for similar in (True, False):
            kind = "similar" if similar else "at random"
            print(f"\n{library.name}, {options.lists} lists of {options.tracks} tracks, {kind}\n")
            table("", *HEADINGS)
            for name, weights in methods.items():
                scores = []
                for picks in lists(library, options.tracks, options.lists, similar):
                    found = transition_features(*subset(library, picks))
                    path = np.arange(len(picks))
                    if weights is not None:
                        transitions.WEIGHTS.update({**dict.fromkeys(defaults, 0.0), **weights})
                        tour = OrderingProblem(transition_costs(found), None, path)
                        path = (
                            nearest_neighbour(tour, 0) if "nearest" in name else solve(tour, np.random.default_rng(0))
                        )
                        transitions.WEIGHTS.update(defaults)
                    scores.append(order_smoothness(found, path))
                means = np.nanmean(np.array(scores, float), axis=0)
                row(name, *(f"{mean:.{digits}f}" for mean, digits in zip(means, (1, 2, 3, 1, 2), strict=True)))


def solver(libraries: list[Library], options: argparse.Namespace) -> None:
    """Cost of the orders of the solver, and its time."""
    methods: dict[str, Callable[[OrderingProblem], IdArray]] = {
        "chance": lambda tour: np.arange(len(tour)),
        "nearest neighbour": lambda tour: nearest_neighbour(tour, 0),
        "nearest neighbour, best of all starts": lambda tour: min(
            (nearest_neighbour(tour, i) for i in range(len(tour))), key=tour.objective
        ),
        "**recsys**": lambda tour: solve(tour, np.random.default_rng(0)),
        "recsys, ten times the sweeps": lambda tour: solve(tour, np.random.default_rng(0), sweeps=800),
        f"simulated annealing, {options.annealing:,} steps": lambda tour: annealed(tour, options.annealing),
    }
    try:
        import elkai
    except ImportError:
        print("elkai is not installed")
    else:
        methods["LKH (elkai)"] = lambda tour: lkh(tour, elkai)
    for n in (25, 50, 100, 500):
        tours = []
        for library in libraries:
            if n <= len(library.tracks) or n == 500:
                for picks in lists(library, min(n, len(library.tracks)), 2 if n == 500 else 5, similar=False):
                    tours.append(
                        OrderingProblem(
                            transition_costs(transition_features(*subset(library, picks))), None, np.arange(len(picks))
                        )
                    )
        print(f"\n{len(tours)} lists of {n} random tracks{' (or all tracks)' if n == 500 else ''}\n")
        table("", "cost of the order", "relative to the best", "CPU milliseconds")
        results: dict[str, tuple[DoubleArray, float]] = {}
        for name, method in methods.items():
            if n == 500 and name.startswith(("simulated", "recsys, ten", "nearest neighbour, ")):
                continue
            start = time.process_time()
            costs_of = np.array([tour.cost(method(tour)) for tour in tours])
            results[name] = costs_of, (time.process_time() - start) / len(tours)
        best = np.min([costs for costs, _ in results.values()], axis=0)
        for name, (costs, seconds) in results.items():
            row(name, f"{costs.mean():.1f}", f"{100 * (np.mean(costs / best) - 1):+.1f} %", f"{1000 * seconds:.1f}")


def times(libraries: list[Library], _: argparse.Namespace) -> None:
    """Time of an ordering, from tracks, vectors and edges."""
    table("50 tracks with", "CPU milliseconds", "500 tracks with", "CPU milliseconds")
    options: tuple[dict[str, Any], ...] = (
        {},
        {"min_gap": 5},
        {"energy": "arc"},
        {"first": 0, "last": 1, "min_gap": 5, "energy": "rising"},
    )
    several = [library for library in libraries if len(library.tracks) >= 50]
    tracks, vectors, track_edges = zip(*(subset(lib, np.arange(len(lib.tracks))) for lib in several), strict=True)
    everything = (
        list(chain(*tracks)),
        np.vstack(vectors),
        TrackEdges(*(np.vstack(part) for part in zip(*track_edges, strict=True))),
    )
    rng = np.random.default_rng(0)
    for request in options:
        cells = []
        for n, rounds in ((50, 10), (500, 2)):
            picks = rng.permutation(len(everything[0]))[:n]
            some = (
                [everything[0][i] for i in picks],
                everything[1][picks],
                edges_at(everything[2], picks),
            )
            start = time.process_time()
            for _again in range(rounds):
                order_tracks(*some, rng=np.random.default_rng(0), **request)
            cells += [", ".join(request) or "no constraint", f"{(time.process_time() - start) / rounds * 1000:.0f}"]
        row(*cells)


def annealed(tour: OrderingProblem, steps: int) -> IdArray:
    """Simulated annealing by reversals and moves of up to three tracks, from a random order, cooled geometrically."""
    rng = np.random.default_rng(0)
    n = len(tour)
    costs = np.zeros((n + 1, n + 1))
    costs[:n, :n] = tour.steps
    table_of = costs.tolist()
    path = [n, *rng.permutation(n).tolist(), n]

    def length(section: list[int]) -> float:
        return sum(table_of[a][b] for a, b in pairwise(section))

    warm, cold = 2.0, 0.02
    randoms = rng.random((steps, 4)).tolist()
    cost, best, shortest = length(path), list(path), math.inf
    for number, (kind, one, other, luck) in enumerate(randoms):
        i, j = sorted((1 + int(one * n), 1 + int(other * n)))
        if i == j:
            continue
        before = path[i - 1 : j + 2]
        inner = before[1:-1]
        if kind < 0.5:
            after = [before[0], *inner[::-1], before[-1]]
        else:
            k = min(1 + int(kind * 97) % 3, len(inner) - 1)
            after = (
                [before[0], *inner[k:], *inner[:k], before[-1]]
                if kind < 0.75
                else [before[0], *inner[-k:], *inner[:-k], before[-1]]
            )
        more = length(after) - length(before)
        heat = warm * (cold / warm) ** (number / steps)
        if more <= 0 or luck < math.exp(-more / heat):
            path[i - 1 : j + 2] = after
            cost += more
            if cost < shortest - 1e-9:
                shortest, best = cost, list(path)
    return np.array(best[1:-1])


def lkh(tour: OrderingProblem, elkai: object) -> IdArray:
    """The path of Lin, Kernighan and Helsgaun: a round trip through an additional node at distance 0."""
    n = len(tour)
    costs = np.zeros((n + 1, n + 1))
    costs[:n, :n] = np.round(1000 * tour.steps)
    trip = elkai.DistanceMatrix(costs.astype(int).tolist()).solve_tsp()[:-1]  # type: ignore[attr-defined]
    at = trip.index(n)
    return np.array(trip[at + 1 :] + trip[:at])


def energy(libraries: list[Library], options: argparse.Namespace) -> None:
    """Correlation of energy with moods and tags, and the cost of energy curves."""
    from scipy.stats import spearmanr

    def tag_energy(normalised: FloatArray) -> DoubleArray:
        logs = np.log(np.clip(denormalise(normalised), 1e-4, 1))
        up, down = (logs[:, [index_of(name) for name in names]].mean(axis=1) for names in (STIRRING, CALM))
        return up - down

    def summed(names: tuple[str, ...]) -> Callable[[FloatArray], DoubleArray]:
        columns = [index_of(name) for name in names]
        return lambda whole: whole[:, columns].sum(axis=1, dtype=np.float64)

    references = {library.name: (library.edges.overall, tag_energy(library.edges.overall)) for library in libraries}
    if options.moods:
        moods = {"calm": 0, "tender": 0, "nostalgic": 1, "happy": 2, "energetic": 3}
        home = read(options.moods)
        truth = [next(moods[m] for m in moods if m in Path(t.path).stem) for t in home.tracks]
        references["moods"] = home.edges.overall, np.array(truth, float)
    sets = {
        "loudness": ("loudness_lufs",),
        "onset rate": ("onset_rate",),
        "spectral flux": ("onset_strength_mean",),
        "brightness": ("centroid_mean",),
        "tempo": ("tempo_log2",),
        "loudness, flux and onset rate": ("loudness_lufs", "onset_strength_mean", "onset_rate"),
        "loudness, flux, onset rate and tempo": ("loudness_lufs", "onset_strength_mean", "onset_rate", "tempo_log2"),
        "drive: loudness, onset rate, brightness and tempo": energy_module._DRIVE_FEATURES,
    }
    methods: dict[str, Callable[[FloatArray], DoubleArray]] = {name: summed(names) for name, names in sets.items()}
    methods |= {
        "arousal": lambda whole: valence_arousal(denormalise(whole))[:, 1],
        "**energy: drive and arousal**": energy_module.energies,
    }
    table("rank correlation with", *("moods" if name == "moods" else f"tags, {name}" for name in references))
    for name, method in methods.items():
        row(name, *(f"{spearmanr(method(whole), truth)[0]:.2f}" for whole, truth in references.values()))
    defaults = ordering.CURVE_WEIGHT, ordering.FLAT_WEIGHT
    for library in libraries:
        print(f"\n{library.name}, {options.lists} lists of {options.tracks} similar tracks\n")
        table("curve, weight", "rank correlation with it", "jump of energy", "cost of a transition", *HEADINGS)
        curves: list[tuple[EnergyCurve | None, float]] = [
            (None, 0.0), *(("rising", w) for w in (1.0, 2.0, 5.0, 8.0)), ("falling", 5.0), ("arc", 5.0),
            *(("flat", w) for w in (1.0, 2.0, 4.0)),
        ]  # fmt: skip
        for curve, weight in curves:
            ordering.CURVE_WEIGHT = ordering.FLAT_WEIGHT = weight
            scores, shapes = [], []
            for picks in lists(library, options.tracks, options.lists, similar=True):
                some = subset(library, picks)
                ordered = order_tracks(*some, energy=curve, rng=np.random.default_rng(0))
                energies = np.array(ordered.energies)
                target = energy_module.target_curve(energies, curve if curve and curve != "flat" else "rising")
                path = np.array(ordered.positions)
                cost = transition_costs(transition_features(*some))[path[:-1], path[1:]].mean()
                shapes.append((spearmanr(target, energies)[0], np.abs(np.diff(energies)).mean(), cost))
                scores.append(ordered.smoothness)
            fit, jump, cost = np.mean(shapes, axis=0)
            means = np.nanmean(np.array(scores, float), axis=0)
            row(
                f"{curve or 'none'}, {weight:g}", f"{fit:.2f}" if curve not in (None, "flat") else "", f"{jump:.3f}",
                f"{cost:.2f}",
                *(f"{mean:.{digits}f}" for mean, digits in zip(means, (1, 2, 3, 1, 2), strict=True)),
            )  # fmt: skip
    ordering.CURVE_WEIGHT, ordering.FLAT_WEIGHT = defaults


def table(*headings: object) -> None:
    row(*headings)
    print("|" + "---|" * len(headings))


def row(*cells: object) -> None:
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


STUDIES = {"edges": edges, "parts": parts, "solver": solver, "times": times, "energy": energy}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("homes", nargs="+", type=Path, metavar="HOME")
    parser.add_argument("--lists", type=int, default=20, metavar="N")
    parser.add_argument("--tracks", type=int, default=30, metavar="N")
    parser.add_argument("--annealing", type=int, default=1_000_000, metavar="STEPS")
    parser.add_argument("--moods", type=Path, metavar="HOME", help="a library of the demo's tracks")
    parser.add_argument("--only", nargs="+", choices=STUDIES, default=list(STUDIES))
    options = parser.parse_args()
    libraries = [read(home) for home in options.homes]
    for name in options.only:
        print(f"\n## {name}\n\n{STUDIES[name].__doc__}\n")
        STUDIES[name](libraries, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
