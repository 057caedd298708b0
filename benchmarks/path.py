#!/usr/bin/env python3
"""Evenness of the steps of ``recsys path``, compared with simpler methods, and its time.

    benchmarks/path.py HOME... [--pairs 200] [-n 12] [--tracks 100000] [--noise 1.0]
    benchmarks/path.py --service 100000

Paths between random pairs of tracks of each library. *Straight*: the nearest unused track of each way point of the
arc. *Chain*: always the nearest unused track, then the end, as in song-to-song playlists; *chain towards the end*:
always the track with the least sum of distances to the previous track and the end. None of these separates artists.
With ``--tracks``, the libraries are combined, with copies of their tracks that have noise in their features.

Columns: the share of paths whose largest step is at most twice the mean; largest over mean step; both in degrees. Of
the positions along the arc: the share of steps that advance, and the root mean square error of the positions, as a
share of the arc. Then the share of paths with consecutive tracks by one artist.

``--service`` times ``Library.path`` in a synthetic library of TRACKS tracks; index and database are opened each time.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
from bulk_library import make_rows, path_of
from cold_start import make_index
from measure import ROOT
from nearest import copies

sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from similarity_corpora import read_library_corpus

from recsys.app.library import Library
from recsys.config import load_settings
from recsys.database.catalogue import Catalogue
from recsys.domain.arrays import DoubleArray, IdArray
from recsys.domain.audio import FileStat
from recsys.domain.results import Playlist
from recsys.domain.tracks import Track
from recsys.features.version import FEATURE_VERSION
from recsys.metadata.names import track_artist_key
from recsys.nearest import NearestIndex
from recsys.recommend import path as path_module
from recsys.recommend.geodesic import angular_distance, arc_position, slerp
from recsys.recommend.path import Endpoint, path

NONE = np.empty(0, np.int64)
HEADINGS = "even", "largest / mean", "mean, degrees", "largest", "advance", "position error", "same artist", "ms"


@dataclass(frozen=True)
class Data:
    """Tracks with the ids 1 to n, their vectors (n, d) and their index."""

    tracks: list[Track]
    vectors: DoubleArray
    index: NearestIndex


def read(home: Path) -> Data:
    settings = load_settings({}, home=home)
    with Catalogue.open(settings.database, feature_version=FEATURE_VERSION, read_only=True) as catalogue:
        index, _ = NearestIndex.load(settings.index_path)
        ids = index.intersect(catalogue.ids())
        tracks = [
            replace(track, id=number) for number, track in enumerate(catalogue.tracks_by_id(ids.tolist()).values(), 1)
        ]
        vectors = index.vectors(ids)
    return Data(tracks, vectors.astype(np.float64), NearestIndex.build(np.arange(1, len(ids) + 1), vectors))


def shipped(data: Data, a: int, b: int, n: int) -> IdArray:
    start, end = (Endpoint(data.tracks[i], data.vectors[i].astype(np.float32)) for i in (a, b))
    found = path(
        data.index,
        start,
        end,
        n,
        missing_ids=NONE,
        tracks=lambda ids: {i: data.tracks[i - 1] for i in ids},
        max_per_artist=2,
    )
    return np.array([pick.track.id - 1 for pick in found.picks])


def straight(data: Data, a: int, b: int, n: int) -> IdArray:
    points = slerp(data.vectors[a], data.vectors[b], np.arange(1, n - 1) / (n - 1))
    found, free = [a], np.ones(len(data.tracks), bool)
    free[[a, b]] = False
    for similarities in points @ data.vectors.T:
        found.append(int(np.where(free, similarities, -np.inf).argmax()))
        free[found[-1]] = False
    return np.array([*found, b])


def chain(data: Data, a: int, b: int, n: int, towards: float = 0.0) -> IdArray:
    found, free = [a], np.ones(len(data.tracks), bool)
    free[[a, b]] = False
    left = towards * angular_distance(data.vectors[b], data.vectors)
    while len(found) < n - 1:
        found.append(
            int(np.where(free, angular_distance(data.vectors[found[-1]], data.vectors) + left, np.inf).argmin())
        )
        free[found[-1]] = False
    return np.array([*found, b])


def weighted(exponent: int, offset: float, progress: float, data: Data, a: int, b: int, n: int) -> IdArray:
    defaults = path_module.STEP_EXPONENT, path_module.OFFSET_WEIGHT, path_module.PROGRESS_WEIGHT
    path_module.STEP_EXPONENT, path_module.OFFSET_WEIGHT, path_module.PROGRESS_WEIGHT = exponent, offset, progress
    found = shipped(data, a, b, n)
    path_module.STEP_EXPONENT, path_module.OFFSET_WEIGHT, path_module.PROGRESS_WEIGHT = defaults
    return found


_MAX_EVEN_RATIO = 2.0  # largest over mean step of a path that counts as even

METHODS: dict[str, Callable[[Data, int, int, int], IdArray]] = {
    "straight": straight,
    "chain": chain,
    "chain towards the end": partial(chain, towards=1.0),
    "recsys by steps and way points only": partial(weighted, 4, 1.0, 0.0),
    "recsys by squares of steps": partial(weighted, 2, 1.0, 5.0),
    "**recsys**": shipped,
}


def measure(data: Data, found: IdArray) -> list[float]:
    vectors = data.vectors[found]
    steps = np.degrees(np.arccos(np.clip((vectors[1:] * vectors[:-1]).sum(axis=1), -1, 1)))
    along = arc_position(vectors[0], vectors[-1], vectors) / float(angular_distance(vectors[0], vectors[-1]))
    error = float(np.sqrt(np.mean((along - np.linspace(0, 1, len(found))) ** 2)))
    artists = [track_artist_key(data.tracks[i]) for i in found]
    same_artist = any(one and one == other for one, other in pairwise(artists))
    ratio = steps.max() / steps.mean()
    return [
        ratio <= _MAX_EVEN_RATIO,
        ratio,
        steps.mean(),
        steps.max(),
        np.mean(np.diff(along) > 0),
        error,
        same_artist,
    ]


def time_service(tracks: int, n: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        make_rows(Path(folder), (FileStat(f"/music/{path_of(i)}", 5_000_000, i) for i in range(tracks)))
        make_index(Path(folder), tracks)
        service, rng = Library(load_settings({}, home=Path(folder))), np.random.default_rng(0)
        queries: dict[str, Callable[[str, str], Playlist]] = {
            "path": lambda a, b: service.path(a, b, n=n),
            "similar": lambda a, _: service.similar(a),
        }
        for name, query in queries.items():
            times = []
            for _ in range(21):
                a, b = (1 + rng.choice(tracks, 2, replace=False)).astype(str).tolist()
                start = time.perf_counter()
                query(a, b)
                times.append(1000 * (time.perf_counter() - start))
            print(f"{tracks:,} tracks, Library.{name}: median {np.median(times):.0f} ms, slowest {max(times[1:]):.0f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("homes", nargs="*", type=Path, metavar="HOME")
    parser.add_argument("--service", type=int, metavar="TRACKS")
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("-n", type=int, nargs="+", default=[12])
    parser.add_argument("--tracks", type=int, metavar="N")
    parser.add_argument("--noise", type=float, default=1.0)
    options = parser.parse_args()
    if options.service:
        time_service(options.service, options.n[0])
    libraries = {home.name: read(home) for home in options.homes}
    if options.tracks:
        features = np.vstack([read_library_corpus(home).features for home in options.homes])
        vectors = copies(features, options.tracks, options.noise)
        originals = [track for data in libraries.values() for track in data.tracks]
        tracks = [replace(originals[i % len(originals)], id=i + 1, duration=float(i)) for i in range(len(vectors))]
        index = NearestIndex.build(np.arange(1, len(vectors) + 1), vectors)
        libraries = {f"{options.tracks:,} copies": Data(tracks, vectors.astype(np.float64), index)}
    for name, data in libraries.items():
        for n in options.n:
            print(f"\n{name}, {options.pairs} pairs, {n} tracks\n")
            print(f"| | {' | '.join(HEADINGS)} |\n|{'---|' * (len(HEADINGS) + 1)}")
            rng = np.random.default_rng(0)
            pairs = [rng.choice(len(data.tracks), 2, replace=False).tolist() for _ in range(options.pairs)]
            for label, method in METHODS.items():
                start = time.perf_counter()
                found = [method(data, a, b, n) for a, b in pairs]
                milliseconds = (time.perf_counter() - start) / len(pairs) * 1000
                scores = np.mean([measure(data, each) for each in found], axis=0)
                cells = [f"{score:.{digits}f}" for score, digits in zip(scores, (3, 2, 1, 1, 2, 3, 2), strict=True)]
                print(f"| {label} | {' | '.join(cells)} | {milliseconds:.1f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
