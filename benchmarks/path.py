#!/usr/bin/env python3
"""Do walks lead evenly from one track to another? ``recsys path`` beside simpler ways, and how long it takes.

    benchmarks/path.py HOME... [--pairs 200] [-n 12] [--tracks 100000] [--noise 1.0]
    benchmarks/path.py --service 100000

Random pairs of tracks of each library. *Straight*: to each way point of the arc the nearest track that is not taken
yet. *Chain*: always the nearest track that is not taken yet, then the end, as song-to-song playlists do it; *chain
towards the end*: always the track with the least sum of distances, from the last one and from the end. None of these
keeps artists apart. With ``--tracks`` the libraries together and copies of them with noise in their features.

Of the steps: the share of walks whose largest is at most twice the mean; the largest over the mean; both in degrees. Of
the longitudes, how far along the way tracks lie: the share of steps that lead on, and the root mean square of how far
tracks are from where they should be, in shares of the way. Then the share of walks with an artist twice in a row.

``--service`` times ``Library.path`` in a library of so many made-up tracks; index and database are opened each time.
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
HEADINGS = "even", "largest / mean", "mean, degrees", "largest", "forward", "off the arc", "artist again", "ms"


@dataclass(frozen=True)
class Shelf:
    """Tracks by number, their vectors (n, d) and their index."""

    tracks: list[Track]
    vectors: DoubleArray
    index: NearestIndex


def read(home: Path) -> Shelf:
    settings = load_settings({}, home=home)
    with Catalogue.open(settings.database, feature_version=FEATURE_VERSION, read_only=True) as catalogue:
        index, _ = NearestIndex.load(settings.index_path)
        ids = index.intersect(catalogue.ids())
        tracks = [
            replace(track, id=number) for number, track in enumerate(catalogue.tracks_by_id(ids.tolist()).values(), 1)
        ]
        vectors = index.vectors(ids)
    return Shelf(tracks, vectors.astype(np.float64), NearestIndex.build(np.arange(1, len(ids) + 1), vectors))


def walk(shelf: Shelf, a: int, b: int, n: int) -> IdArray:
    start, end = (Endpoint(shelf.tracks[i], shelf.vectors[i].astype(np.float32)) for i in (a, b))
    found = path(
        shelf.index,
        start,
        end,
        n,
        missing_ids=NONE,
        tracks=lambda ids: {i: shelf.tracks[i - 1] for i in ids},
        max_per_artist=2,
    )
    return np.array([pick.track.id - 1 for pick in found.picks])


def straight(shelf: Shelf, a: int, b: int, n: int) -> IdArray:
    points = slerp(shelf.vectors[a], shelf.vectors[b], np.arange(1, n - 1) / (n - 1))
    found, free = [a], np.ones(len(shelf.tracks), bool)
    free[[a, b]] = False
    for alike in points @ shelf.vectors.T:
        found.append(int(np.where(free, alike, -np.inf).argmax()))
        free[found[-1]] = False
    return np.array([*found, b])


def chain(shelf: Shelf, a: int, b: int, n: int, towards: float = 0.0) -> IdArray:
    found, free = [a], np.ones(len(shelf.tracks), bool)
    free[[a, b]] = False
    left = towards * angular_distance(shelf.vectors[b], shelf.vectors)
    while len(found) < n - 1:
        found.append(
            int(np.where(free, angular_distance(shelf.vectors[found[-1]], shelf.vectors) + left, np.inf).argmin())
        )
        free[found[-1]] = False
    return np.array([*found, b])


def weighted(strain: int, aside: float, along: float, shelf: Shelf, a: int, b: int, n: int) -> IdArray:
    ships = path_module.STEP_EXPONENT, path_module.OFFSET_WEIGHT, path_module.PROGRESS_WEIGHT
    path_module.STEP_EXPONENT, path_module.OFFSET_WEIGHT, path_module.PROGRESS_WEIGHT = strain, aside, along
    found = walk(shelf, a, b, n)
    path_module.STEP_EXPONENT, path_module.OFFSET_WEIGHT, path_module.PROGRESS_WEIGHT = ships
    return found


WAYS: dict[str, Callable[[Shelf, int, int, int], IdArray]] = {
    "straight": straight,
    "chain": chain,
    "chain towards the end": partial(chain, towards=1.0),
    "recsys by steps and way points alone": partial(weighted, 4, 1.0, 0.0),
    "recsys by squares of steps": partial(weighted, 2, 1.0, 5.0),
    "**recsys**": walk,
}


def measure(shelf: Shelf, found: IdArray) -> list[float]:
    vectors = shelf.vectors[found]
    steps = np.degrees(np.arccos(np.clip((vectors[1:] * vectors[:-1]).sum(axis=1), -1, 1)))
    along = arc_position(vectors[0], vectors[-1], vectors) / float(angular_distance(vectors[0], vectors[-1]))
    error = float(np.sqrt(np.mean((along - np.linspace(0, 1, len(found))) ** 2)))
    artists = [track_artist_key(shelf.tracks[i]) for i in found]
    again = any(one and one == other for one, other in pairwise(artists))
    ratio = steps.max() / steps.mean()
    return [
        ratio <= path_module.MAX_STEP_RATIO,
        ratio,
        steps.mean(),
        steps.max(),
        np.mean(np.diff(along) > 0),
        error,
        again,
    ]


def time_service(tracks: int, n: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        make_rows(Path(folder), (FileStat(f"/music/{path_of(i)}", 5_000_000, i) for i in range(tracks)))
        make_index(Path(folder), tracks)
        service, rng = Library(load_settings({}, home=Path(folder))), np.random.default_rng(0)
        questions: dict[str, Callable[[str, str], Playlist]] = {
            "path": lambda a, b: service.path(a, b, n=n),
            "similar": lambda a, _: service.similar(a),
        }
        for name, ask in questions.items():
            times = []
            for _ in range(21):
                a, b = (1 + rng.choice(tracks, 2, replace=False)).astype(str).tolist()
                began = time.perf_counter()
                ask(a, b)
                times.append(1000 * (time.perf_counter() - began))
            print(f"{tracks:,} tracks, Service.{name}: median {np.median(times):.0f} ms, slowest {max(times[1:]):.0f}")


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
    shelves = {home.name: read(home) for home in options.homes}
    if options.tracks:
        features = np.vstack([read_library_corpus(home).features for home in options.homes])
        vectors = copies(features, options.tracks, options.noise)
        originals = [track for shelf in shelves.values() for track in shelf.tracks]
        tracks = [replace(originals[i % len(originals)], id=i + 1, duration=float(i)) for i in range(len(vectors))]
        index = NearestIndex.build(np.arange(1, len(vectors) + 1), vectors)
        shelves = {f"{options.tracks:,} copies": Shelf(tracks, vectors.astype(np.float64), index)}
    for name, shelf in shelves.items():
        for n in options.n:
            print(f"\n{name}, {options.pairs} pairs, {n} tracks\n")
            print(f"| | {' | '.join(HEADINGS)} |\n|{'---|' * (len(HEADINGS) + 1)}")
            rng = np.random.default_rng(0)
            pairs = [rng.choice(len(shelf.tracks), 2, replace=False).tolist() for _ in range(options.pairs)]
            for way, make in WAYS.items():
                began = time.perf_counter()
                found = [make(shelf, a, b, n) for a, b in pairs]
                each = (time.perf_counter() - began) / len(pairs) * 1000
                scores = np.mean([measure(shelf, walk) for walk in found], axis=0)
                cells = [f"{score:.{digits}f}" for score, digits in zip(scores, (3, 2, 1, 1, 2, 3, 2), strict=True)]
                print(f"| {way} | {' | '.join(cells)} | {each:.1f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
