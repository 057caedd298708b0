#!/usr/bin/env python3
"""How good is the similarity, and how good are others: one table, the same files, the same artist never counted.

    scripts/score_peers.py FILE.csv [--home HOME] [--corpus HOME ...] [--peers PYTHON]

The csv has the columns path (relative to it), genre, artist and album. Its files are ingested by recsys itself into
HOME (a temporary folder by default; one that holds them already is only read). ``--peers`` is an interpreter that has
Musly and sonara (benchmarks/requirements-peers.txt). Columns:

* *own*: genre P@10 of tracks by unseen artists as a library of their own, folds by artist, stratified by genre;
* *all*, *album*: genre P@10 and album hit@10 of the same queries among all files; *skew* of all 10-occurrences.

Rows: *recsys, artists unseen* has learned its projection without the artists asked about: the row to believe. *As
shipped* has learned from these labels if this is the Emotify folder, and then flatters. ``--corpus`` adds libraries to
the corpus that is learned from. Nothing else here has learned from these labels; sonara's numbers are z-scored, which
is better for it than its own.
"""

import argparse
import csv
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from fit_similarity import read_library
from sklearn.model_selection import StratifiedGroupKFold

from recsys.evaluate.metrics import Scorer, by_vectors, retrieval, skewness
from recsys.evaluate.spaces import baselines, unit
from recsys.nearest import NearestIndex
from recsys.recommend.learning import apply, fit_projection
from recsys.recommend.vectors import similarity_vectors
from recsys.types import FloatArray, IdArray

Row = dict[str, str]
#: From the tracks that may be learned from and the tracks of a library to how these rank each other.
Method = Callable[[IdArray, IdArray], Scorer]

FOLDS, REPEATS = 3, 3


class Scores:
    """The mean scores of a method over folds by artist."""

    def __init__(self, rows: list[Row]) -> None:
        self.genres = np.array([row["genre"] for row in rows])
        self.artists = np.array([row["artist"] for row in rows])
        self.albums = np.array([f"{row['artist']}\n{row['album']}" if row["album"] else "" for row in rows])

    def of(self, method: Method, *, own: bool = True) -> list[float]:
        """P@10 of each fold's tracks among themselves and among all; album hit@10 and skew among all."""
        everything = np.arange(len(self.genres))
        scores = []
        for train, test in self._folds():
            found = self._found(method(train, everything), test, everything)
            inside = np.nan
            if own:
                inside = np.nanmean(self._found(method(train, test), np.arange(len(test)), test).precision[10])
            occurring = self._found(method(train, everything), everything, everything)
            scores.append(
                (
                    inside,
                    np.nanmean(found.precision[10]),
                    np.nanmean(found.album_hit),
                    skewness(occurring.occurrences),
                )
            )
        return np.mean(scores, axis=0).tolist()

    def _found(self, scorer: Scorer, queries: IdArray, library: IdArray):
        labels = (values[library].tolist() for values in (self.genres, self.artists, self.albums))
        return retrieval(scorer, queries, *labels)

    def _folds(self) -> Iterator[tuple[IdArray, IdArray]]:
        for seed in range(REPEATS):
            splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
            yield from splitter.split(self.genres, self.genres, self.artists)


def of_vectors(vectors: FloatArray, *, corrected: bool = False) -> Method:
    """Ranking by similarity as recsys has it, or by cosine; nothing is learned."""

    def method(train: IdArray, library: IdArray) -> Scorer:
        return _ranking(vectors[library], corrected=corrected)

    return method


def of_distances(distances: FloatArray) -> Method:
    """Ranking by given distances (n, n)."""
    return lambda train, library: lambda queries: -distances[np.ix_(library[queries], library)]


def unseen(features: FloatArray, genres: np.ndarray, corpus: list[FloatArray], *, corrected: bool = True) -> Method:
    """recsys, its projection learned from the training artists and the corpus alone."""
    learned: dict[bytes, FloatArray] = {}

    def method(train: IdArray, library: IdArray) -> Scorer:
        if train.tobytes() not in learned:
            projection = fit_projection(np.vstack([features[train], *corpus]), features[train], list(genres[train]))
            learned[train.tobytes()] = apply(projection, features)
        return _ranking(learned[train.tobytes()][library], corrected=corrected)

    return method


def _ranking(vectors: FloatArray, *, corrected: bool) -> Scorer:
    ids = np.arange(len(vectors))
    return by_vectors(vectors, NearestIndex.build(ids, vectors).penalties(ids) if corrected else None)


def peers(python: Path, files: list[str]) -> dict[str, Method]:
    """Musly and sonara on these files, by an interpreter that has them."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "peers.npz"
        command = [str(python), str(ROOT / "scripts" / "peers_similarity.py"), str(out)]
        subprocess.run(command, input="\0".join(files), text=True, check=True)
        with np.load(out) as found:
            distances, embeddings = found["musly"], found["sonara"].astype(np.float32)
    deviations = embeddings.std(axis=0)
    scored = (embeddings - embeddings.mean(axis=0)) / np.where(deviations > 0, deviations, 1)
    return {"Musly, timbre of 30 s": of_distances(distances), "sonara, embedding": of_vectors(unit(scored))}


def read_labelled(labels: Path, home: Path | None) -> tuple[list[Row], FloatArray]:
    """The rows of the csv whose files recsys can listen to, and their features (n, D)."""
    with tempfile.TemporaryDirectory() as scratch:
        folder, library = labels.resolve().parent, home or Path(scratch)
        command = [sys.executable, "-m", "recsys", "--home", str(library), "ingest", str(folder), "--quiet"]
        subprocess.run(command, check=True, cwd=ROOT)
        paths, features = read_library(library)
    where = {path: i for i, path in enumerate(paths)}
    with labels.open(encoding="utf-8", newline="") as file:
        rows = [{**r, "file": str((folder / r["path"]).resolve())} for r in csv.DictReader(file)]
    rows = [row for row in rows if row["file"] in where]
    return rows, features[[where[row["file"]] for row in rows]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path, metavar="FILE.csv")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--corpus", type=Path, action="append", default=[], metavar="HOME")
    parser.add_argument("--peers", type=Path, metavar="PYTHON")
    arguments = parser.parse_args()
    rows, features = read_labelled(arguments.labels, arguments.home)
    scores = Scores(rows)
    corpus = [read_library(home)[1] for home in arguments.corpus]
    methods = {
        "recsys, artists unseen": unseen(features, scores.genres, corpus),
        "the same by cosine, hubs not corrected": unseen(features, scores.genres, corpus, corrected=False),
        "recsys, as shipped": of_vectors(similarity_vectors(features), corrected=True),
    }
    if arguments.peers:
        methods |= peers(arguments.peers, [row["file"] for row in rows])
    methods |= {name: of_vectors(vectors) for name, vectors in baselines(features).items()}
    print(f"{len(rows)} tracks, {len(set(scores.artists))} artists, {len(set(scores.genres))} genres; ", end="")
    print(f"{REPEATS} x {FOLDS} folds by artist, stratified by genre; the same artist never counted for genre\n")
    print("| | own, genre P@10 | all, genre P@10 | album hit@10 | skew |\n|---|---|---|---|---|")
    for name, method in methods.items():
        own, everything, album, skew = scores.of(method)
        print(f"| {name} | {own:.3f} | {everything:.3f} | {album:.3f} | {skew:.2f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
