#!/usr/bin/env python3
"""Score the similarity of recsys and of other methods, in one table over all available collections.

    scripts/score_peers.py DATA HOME [HOME ...] [--peers PYTHON]

DATA and the HOMEs are those of scripts/fit_similarity.py; ``--peers`` is an interpreter with Musly and sonara
(benchmarks/requirements-peers.txt), which are scored where there is audio. Scores, each with one standard error
(bootstrap over artists) for recsys:

* AllMusic 4Q: *P@10*, for clips with one genre, the share of the ten nearest clips by other artists that have it among
  their genres; *AUC*, how often a clip by an artist whom AllMusic's editors call similar ranks before one by another
  artist who is not; *hit@10*, whether one is among the ten. Queries are the clips of one fold, candidates all clips.
* Emotify: *own*, genre P@10 of the tracks of a fold among themselves; *all* and *album*, genre P@10 and album hit@10
  of the same queries among all; the same artist never counts for genre.
* Other libraries: album hit@10, artist hit@10, mean average precision of the artist.
* *skew* of all 10-occurrences of the collection; for *artists unseen* that of the projection fitted to all.

Columns: *recsys, artists unseen* is fitted without the artists of each fold, *collection unseen* without the whole
collection that is scored. *As shipped* is fitted to all and is too optimistic. No other method is fitted to these
labels; sonara's features are z-scored, which improves its scores. Libraries that the shipped projection is not fitted
to can be added with ``--unseen HOME``: there all columns of recsys are as shipped.
"""

import argparse
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from similarity_corpora import Corpus, read_corpora, split_library
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

from recsys.domain.arrays import FloatArray, IdArray
from recsys.evaluate.metrics import confidence_interval, skewness
from recsys.evaluate.similarity_models import baselines, unit
from recsys.features.gaussian import log_gaussians
from recsys.nearest import NearestIndex
from recsys.recommend.learning import apply, fit_projection
from recsys.recommend.vectors import similarity_vectors

FOLDS, REPEATS = 3, 2
#: Similarities (q, l) of some rows of the corpus with others.
Ranking = Callable[[IdArray, IdArray], FloatArray]
#: A function from the training rows of a corpus (None: none of its rows) to a ranking of the corpus.
Method = Callable[[Corpus, IdArray | None], Ranking]
Scores = dict[str, tuple[list[float], list[str]]]


def folds(corpus: Corpus) -> Iterator[tuple[IdArray, IdArray]]:
    """Training rows and query rows, with different artists."""
    if corpus.folds is not None:
        for fold in np.unique(corpus.folds):
            yield np.flatnonzero(corpus.folds != fold), np.flatnonzero(corpus.folds == fold)
        return
    groups = np.array([artist or f"unknown {i}" for i, artist in enumerate(corpus.artists)])
    if not any(corpus.genres):
        yield from GroupKFold(FOLDS).split(groups, groups=groups)
        return
    genres = np.array([min(genres, default="") for genres in corpus.genres])
    for seed in range(REPEATS):
        yield from StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed).split(genres, genres, groups)


def score(corpus: Corpus, method: Method, *, exclude_collection: bool = False) -> Scores:
    """Scores of the queries and their artists by metric; ``exclude_collection`` fits without any row of the corpus."""
    found: Scores = defaultdict(lambda: ([], []))

    def record(metric: str, query: int, value: float) -> None:
        found[metric][0].append(value)
        found[metric][1].append(corpus.artists[query])

    all_rows = np.arange(len(corpus.features))
    single = [next(iter(genres)) if len(genres) == 1 else "" for genres in corpus.genres]
    for train, test in folds(corpus):
        ranking = method(corpus, None if exclude_collection else train)
        scores = ranking(test, all_rows)
        scores[np.arange(len(test)), test] = -np.inf
        for query, row in zip(test.tolist(), scores, strict=True):
            others = (corpus.artists != corpus.artists[query]) | (corpus.artists == "")
            if single[query]:
                record(
                    "P@10" if corpus.similar is not None else "all",
                    query,
                    _precision(corpus, row, others, single[query]),
                )
            if corpus.similar is not None:
                for metric, value in _similar_artists(corpus.similar[query] & others, row, others):
                    record(metric, query, value)
            for metric, labels in (("album", corpus.albums), ("artist", corpus.artists)):
                same = (labels == labels[query]) & (all_rows != query)
                if not labels[query] or not same.any() or corpus.similar is not None:
                    continue
                if metric == "album" or not any(corpus.genres):
                    record(metric, query, float(same[np.argsort(-row, kind="stable")[:10]].any()))
                if metric == "artist" and not any(corpus.genres):
                    record("MAP", query, _average_precision(row, same))
        if any(corpus.genres) and corpus.similar is None:
            own = ranking(test, test)
            np.fill_diagonal(own, -np.inf)
            for query, row in zip(test.tolist(), own, strict=True):
                padded = np.full(len(all_rows), -np.inf)
                padded[test] = row
                record("own", query, _precision(corpus, padded, corpus.artists != corpus.artists[query], single[query]))
    all_scores = method(corpus, None if exclude_collection else all_rows)(all_rows, all_rows)
    np.fill_diagonal(all_scores, -np.inf)
    nearest = np.argsort(-all_scores, axis=1, kind="stable")[:, :10]
    found["skew"] = ([skewness(np.bincount(nearest.ravel(), minlength=len(all_scores)))], [""])
    return found


def _precision(corpus: Corpus, row: FloatArray, others: np.ndarray, genre: str) -> float:
    nearest = np.argsort(-np.where(others, row, -np.inf), kind="stable")[:10]
    return float(np.mean([genre in corpus.genres[i] for i in nearest if np.isfinite(row[i]) and others[i]]))


def _similar_artists(similar: np.ndarray, row: FloatArray, others: np.ndarray) -> Iterator[tuple[str, float]]:
    if similar.any():
        rest = np.sort(row[others & ~similar])
        yield "AUC", float(np.mean(np.searchsorted(rest, row[similar])) / len(rest))
        yield "hit@10", float(similar[np.argsort(-np.where(others, row, -np.inf), kind="stable")[:10]].any())


def _average_precision(row: FloatArray, same: np.ndarray) -> float:
    ranks = np.flatnonzero(same[np.argsort(-row, kind="stable")])
    return float(np.mean((np.arange(len(ranks)) + 1) / (ranks + 1)))


def ranking(vectors: FloatArray, *, corrected: bool = False) -> Ranking:
    """Ranking by cosine, or by the similarity of recsys in a library of the candidates."""

    def scores(queries: IdArray, library: IdArray) -> FloatArray:
        found = vectors[queries] @ vectors[library].T
        if corrected:
            ids = np.arange(len(library))
            found = found - NearestIndex.build(ids, vectors[library]).hubness_penalties(ids)
        return found

    return scores


def fixed(vectors_of: Callable[[FloatArray], FloatArray], *, corrected: bool = False) -> Method:
    """A method that is not fitted here."""
    return lambda corpus, train: ranking(vectors_of(corpus.features), corrected=corrected)


def baseline(name: str, features: FloatArray) -> FloatArray:
    return baselines(features)[name]


def constant(found: Ranking, _corpus: Corpus, _train: IdArray | None) -> Ranking:
    return found


def learned(corpora: dict[str, Corpus], *, corrected: bool = True) -> Method:
    """recsys, fitted to the training rows and all other collections."""
    fitted: dict[tuple[str, bytes], FloatArray] = {}

    def method(corpus: Corpus, train: IdArray | None) -> Ranking:
        key = corpus.name, b"" if train is None else train.tobytes()
        if key not in fitted:
            parts = [] if train is None else [corpus.collection(train)]
            parts += [other.collection() for name, other in corpora.items() if name != corpus.name]
            fitted[key] = apply(fit_projection(parts), corpus.features)
        return ranking(fitted[key], corrected=corrected)

    return method


def peers(python: Path, corpus: Corpus) -> dict[str, Ranking]:
    """Rankings of Musly and sonara for the files of a corpus, by an interpreter that has them."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "peers.npz"
        command = [str(python), str(ROOT / "scripts" / "peers_similarity.py"), str(out)]
        subprocess.run(command, input="\0".join(corpus.files), text=True, check=True)
        with np.load(out) as found:
            distances, embeddings = found["musly"], found["sonara"].astype(np.float32)
    deviations = embeddings.std(axis=0)
    scored = (embeddings - embeddings.mean(axis=0)) / np.where(deviations > 0, deviations, 1)
    return {
        "Musly, timbre of 30 s": lambda queries, library: -distances[np.ix_(queries, library)],
        "sonara, embedding": ranking(unit(scored)),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, metavar="DATA")
    parser.add_argument("homes", nargs="+", type=Path, metavar="HOME")
    parser.add_argument("--unseen", type=Path, action="append", default=[], metavar="HOME")
    parser.add_argument("--peers", type=Path, metavar="PYTHON")
    arguments = parser.parse_args()
    corpora = read_corpora(arguments.data, arguments.homes)
    index = arguments.data / "emotify" / "index.csv"
    unseen = [corpus for home in arguments.unseen for corpus in split_library(home, index)]
    scored = [corpus for corpus in corpora.values() if not corpus.tags_only]
    fitted_method = learned(corpora)
    shipped = fixed(similarity_vectors, corrected=True)
    methods: dict[str, tuple[Method, bool]] = {
        "recsys, artists unseen": (fitted_method, False),
        "recsys, collection unseen": (fitted_method, True),
        "the same, hubs not corrected": (learned(corpora, corrected=False), True),
        "recsys, as shipped": (shipped, False),
    }
    for name in baselines(scored[0].features):
        methods[name] = (fixed(partial(baseline, name)), False)
    methods["Gaussian of the MFCC, cosine"] = (fixed(gaussian_vectors), False)
    external = {c.name: peers(arguments.peers, c) for c in (*scored, *unseen) if arguments.peers and c.files}
    names = [*methods, *(next(iter(external.values()), {}))]
    table: dict[str, dict[str, tuple[float, float]]] = {name: {} for name in names}
    for corpus in (*scored, *unseen):
        for name, (method, exclude_collection) in methods.items():
            chosen = method
            if corpus in unseen and name.startswith(("recsys", "the same")):
                chosen = fixed(similarity_vectors, corrected=not name.startswith("the same"))
            _fill(table[name], corpus, score(corpus, chosen, exclude_collection=exclude_collection))
        for name, found in external.get(corpus.name, {}).items():
            _fill(table[name], corpus, score(corpus, partial(constant, found)))
    _print(corpora, unseen, table)
    return 0


def gaussian_vectors(features: FloatArray) -> FloatArray:
    """Unit vectors of the Gaussians of the MFCC."""
    found = log_gaussians(features)
    return unit((found - found.mean(axis=0)).astype(np.float32))


def _fill(row: dict[str, tuple[float, float]], corpus: Corpus, scores: Scores) -> None:
    for metric, (values, artists) in scores.items():
        mean, low, high = confidence_interval(np.array(values), artists, level=0.6827)
        row[f"{corpus.name} {metric}"] = (mean, (high - low) / 2)


def _print(corpora: dict[str, Corpus], unseen: list[Corpus], table: dict[str, dict[str, tuple[float, float]]]) -> None:
    for corpus in (*corpora.values(), *unseen):
        print(f"{corpus.name}: {len(corpus.features)} tracks, {len(set(filter(None, corpus.artists)))} artists")
    print("\n| | " + " | ".join(table) + " |\n|---" + "|---" * len(table) + "|")
    for score_name in next(iter(table.values())):
        skewed = score_name.endswith("skew")
        cells = []
        for name, row in table.items():
            mean, error = row.get(score_name, (np.nan, np.nan))
            text = "–" if np.isnan(mean) else f"{mean:.2f}" if skewed else f"{mean:.3f}"
            cells.append(f"{text} ± {error:.3f}" if name.startswith("recsys") and not skewed else text)
        print(f"| {score_name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
