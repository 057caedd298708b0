#!/usr/bin/env python3
"""Is the choice of the similarity's weights luck? The choice nested by collection.

    benchmarks/similarity_choice.py DATA HOME [HOME ...]

DATA and the HOMEs are those of scripts/fit_similarity.py. Every alternative is learned and scored as in
scripts/score_peers.py, artists apart, on every collection. Its *regret* in a score is how far it is behind the best
simple baseline there (MusiCNN's tags, its embeddings, its MSD embedding, MFCC Gaussian; all by cosine), in standard
errors of the baseline's score (bootstrap over artists): negative where it is ahead. For each collection the alternative
is chosen whose worst regret on the *other* collections is least; what it scores on this one was not chosen on. *Left
out* is the regret where the map has learned nothing of the collection at all, neither artists nor labels.
"""

import argparse
import itertools
import sys
from functools import partial
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from score_peers import Method, Ranking, Scores, baseline, fixed, gaussian_vectors, ranking, score
from similarity_corpora import Corpus, read_corpora

from recsys.domain.arrays import FloatArray, IdArray
from recsys.evaluate.metrics import confidence_interval
from recsys.evaluate.similarity_models import baselines
from recsys.recommend.learning import RIDGE, WEIGHTS, apply, fit_projection

GRID = {"timbre": (0.7, 1.2), "labels": (1.0, 1.5, 2.0), "tags": (0.0, 0.3), "ridge": (0.2, 0.5)}
SHIPPED = (WEIGHTS["timbre"], WEIGHTS["labels"], WEIGHTS["tags"], RIDGE)
Table = dict[str, tuple[float, float]]


def summary(scores: Scores) -> Table:
    """Mean and standard error by metric."""
    found = {}
    for metric, (values, artists) in scores.items():
        if metric != "skew":
            mean, low, high = confidence_interval(np.array(values), artists, level=0.6827)
            found[metric] = mean, (high - low) / 2
    return found


def alternative(corpora: dict[str, Corpus], timbre: float, labels: float, tags: float, ridge: float) -> Method:
    """recsys with these weights, learned from the training rows and all other collections."""
    weights = {**WEIGHTS, "timbre": timbre, "labels": labels, "tags": max(tags, 1e-6)}
    fitted: dict[bytes, FloatArray] = {}

    def method(corpus: Corpus, train: IdArray | None) -> Ranking:
        key = corpus.name.encode() + (b"" if train is None else train.tobytes())
        if key not in fitted:
            parts = [] if train is None else [corpus.collection(train)]
            parts += [other.collection() for name, other in corpora.items() if name != corpus.name]
            fitted[key] = apply(fit_projection(parts, weights=weights, ridge=ridge), corpus.features)
        return ranking(fitted[key], corrected=True)

    return method


def regrets(ours: Table, simple: dict[str, Table]) -> dict[str, float]:
    """By metric, in standard errors of the best baseline."""
    found = {}
    for metric, (mean, _) in ours.items():
        best, error = max(table[metric] for table in simple.values())
        found[metric] = (best - mean) / error
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, metavar="DATA")
    parser.add_argument("homes", nargs="+", type=Path, metavar="HOME")
    arguments = parser.parse_args()
    corpora = read_corpora(arguments.data, arguments.homes)
    scored = {name: corpus for name, corpus in corpora.items() if not corpus.tags_only}
    names = [name for name in baselines(next(iter(scored.values())).features) if name != "chance"]
    methods = {name: fixed(partial(baseline, name)) for name in names}
    methods["Gaussian of the MFCC"] = fixed(gaussian_vectors)
    simple = {c: {name: summary(score(corpus, m)) for name, m in methods.items()} for c, corpus in scored.items()}
    tables: dict[tuple[float, ...], dict[str, Table]] = {}
    whole: dict[tuple[float, ...], dict[str, Table]] = {}
    for values in itertools.product(*GRID.values()):
        method = alternative(corpora, *values)
        tables[values] = {c: summary(score(corpus, method)) for c, corpus in scored.items()}
        whole[values] = {c: summary(score(corpus, method, exclude_collection=True)) for c, corpus in scored.items()}
        regret = {c: [max(regrets(t[values][c], simple[c]).values()) for t in (tables, whole)] for c in scored}
        shown = {c: "{:.2f}, left out {:.2f}".format(*each) for c, each in regret.items()}
        print(dict(zip(GRID, values, strict=True)), shown, flush=True)
    print(f"\n{len(tables)} alternatives; regret in standard errors, negative is ahead of every baseline\n")
    print("| collection | chosen on the others | its scores here | worst regret | shipped | worst regret | left out |")
    print("|---|---|---|---|---|---|---|")
    for here in scored:
        others = [c for c in scored if c != here]

        def worst(values: tuple[float, ...], where: list[str]) -> float:
            return max(max(regrets(tables[values][c], simple[c]).values()) for c in where)

        best = min(tables, key=lambda values: worst(values, others))
        cells = [", ".join(f"{m} {mean:.3f}" for m, (mean, _) in tables[v][here].items()) for v in (best, SHIPPED)]
        chosen = ", ".join(f"{name} {value:g}" for name, value in zip(GRID, best, strict=True))
        behind = [f"{worst(values, [here]):.2f}" for values in (best, SHIPPED)]
        apart = max(regrets(whole[SHIPPED][here], simple[here]).values())
        print(f"| {here} | {chosen} | {cells[0]} | {behind[0]} | {cells[1]} | {behind[1]} | {apart:.2f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
