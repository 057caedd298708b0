#!/usr/bin/env python3
"""How good is the similarity: genre P@10 and album hit@10 over a labelled folder, the same artist never counted.

    benchmarks/similarity.py FILE.csv [--home HOME] [--corpus HOME ...]

The csv has the columns path (relative to it), genre, artist and album. Its files are ingested by recsys itself into
HOME (a temporary folder by default; one that holds them already is only read). Rows of the table:

* *as shipped*: the similarity vectors of the product. The shipped projection was learned with these genre labels if
  this is the Emotify folder, so on it this row flatters;
* *artists unseen*: the projection learned again without the artists asked about (5 folds by artist, stratified by
  genre, twice), every query against all files: the row to believe. ``--corpus`` adds libraries to its corpus;
* baselines, none of which is learned from labels.
"""

import argparse
import csv
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from fit_similarity import read_library
from sklearn.model_selection import StratifiedGroupKFold

from recsys.evaluate.metrics import album_hit_rate, genre_precision, k_occurrence_skewness, rank
from recsys.features.layout import DIMENSIONS, GROUPS
from recsys.nearest import NearestIndex
from recsys.recommend.learning import apply, fit_projection
from recsys.recommend.vectors import similarity_vectors
from recsys.types import FloatArray

Row = dict[str, str]


def unit(vectors: FloatArray) -> FloatArray:
    lengths: FloatArray = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)


def baselines(vectors: FloatArray) -> dict[str, FloatArray]:
    mfcc = [i for i, d in enumerate(DIMENSIONS) if d.name.startswith("mfcc_") and d.name[5].isdigit()]
    rng = np.random.default_rng(0)
    return {
        "MusiCNN, both tag vectors, cosine": unit(vectors[:, GROUPS["tags"]]),
        "MusiCNN, both embeddings, cosine": unit(vectors[:, GROUPS["learned"]]),
        "MusiCNN, MSD embedding, cosine": unit(vectors[:, GROUPS["learned"]][:, :200]),
        "MFCC mean and deviation, cosine": unit(vectors[:, mfcc]),
        "random": unit(rng.standard_normal((len(vectors), 32))),
    }


class Scores:
    """Collects per-query scores and prints one row of the table."""

    def __init__(self, rows: list[Row]) -> None:
        self.genres = [row["genre"] for row in rows]
        self.artists = [row["artist"] for row in rows]
        self.albums = [f"{row['artist']}\n{row['album']}" if row["album"] else "" for row in rows]

    def of(self, vectors: FloatArray, *, corrected: bool = False) -> tuple[np.ndarray, np.ndarray, float]:
        """By cosine, or as recsys does, corrected for hubs."""
        ranked = rank(vectors)
        if corrected:
            ranked, _ = NearestIndex.build(np.arange(len(vectors)), vectors).search(vectors, len(vectors))
        precision = genre_precision(ranked, self.genres, self.artists)
        return precision, album_hit_rate(ranked, self.albums), k_occurrence_skewness(ranked)

    def unseen(
        self, vectors: FloatArray, corpus: list[FloatArray], *, corrected: bool
    ) -> tuple[np.ndarray, np.ndarray, float]:
        genres, artists = np.array(self.genres), np.array(self.artists)
        precision, hits, skews = [], [], []
        for seed in range(2):
            folds = StratifiedGroupKFold(5, shuffle=True, random_state=seed).split(vectors, genres, artists)
            for train, test in folds:
                learned = fit_projection(np.vstack([vectors[train], *corpus]), vectors[train], list(genres[train]))
                found, hit, skew = self.of(apply(learned, vectors), corrected=corrected)
                precision.append(found[test])
                hits.append(hit[test])
                skews.append(skew)
        return np.concatenate(precision), np.concatenate(hits), float(np.mean(skews))


def row(name: str, scores: tuple[np.ndarray, np.ndarray, float]) -> None:
    precision, hits, skew = scores
    print(f"| {name} | {np.nanmean(precision):.3f} | {np.nanmean(hits):.3f} | {skew:.2f} |")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path, metavar="FILE.csv")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--corpus", type=Path, action="append", default=[], metavar="HOME")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = arguments.home or Path(scratch)
        folder = arguments.labels.resolve().parent
        command = [sys.executable, "-m", "recsys", "--home", str(home), "ingest", str(folder), "--quiet"]
        subprocess.run(command, check=True, cwd=ROOT)
        paths, vectors = read_library(home)
    where = {path: i for i, path in enumerate(paths)}
    with arguments.labels.open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if str((folder / r["path"]).resolve()) in where]
    vectors = vectors[[where[str((folder / r["path"]).resolve())] for r in rows]]
    scores = Scores(rows)
    print(f"{len(rows)} tracks, {len(set(scores.artists))} artists, {len(set(scores.genres))} genres; ", end="")
    print("every track a query into all others, the same artist never counted for genre P@10\n")
    print("| vectors | genre P@10 | album hit@10 | skew of 10-occurrences |\n|---|---|---|---|")
    row("recsys, as shipped", scores.of(similarity_vectors(vectors), corrected=True))
    corpus = [read_library(home)[1] for home in arguments.corpus]
    row("recsys, artists unseen (2 x 5 folds by artist)", scores.unseen(vectors, corpus, corrected=True))
    row("the same by cosine, hubs not corrected", scores.unseen(vectors, corpus, corrected=False))
    for name, baseline in baselines(vectors).items():
        row(name, scores.of(baseline))
    return 0


if __name__ == "__main__":
    sys.exit(main())
