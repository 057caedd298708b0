#!/usr/bin/env python3
"""Cross-validation of the choice of the similarity's weights by collection.

    benchmarks/similarity_choice.py DATA HOME [HOME ...]

DATA and the HOMEs are those of scripts/fit_similarity.py. Every alternative is fitted and scored as in
scripts/score_peers.py, with separate artists, on every collection. Its *regret* in a score is the score of the best
simple baseline (MusiCNN tags, embeddings, MSD embedding, MFCC Gaussian; all by cosine) minus its own, in standard
errors of the baseline's score (bootstrap over artists): negative if it is better. For each collection the alternative
with the least worst regret on the *other* collections is chosen, so that its scores on this one are not selected for.
*Left out* is the regret of a projection that was fitted without the collection, neither its artists nor its labels.
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
    """recsys with these weights, fitted to the training rows and all other collections."""
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


def regrets(system: Table, simple: dict[str, Table]) -> dict[str, float]:
    """The regret by metric."""
    found = {}
    for metric, (mean, _) in system.items():
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
    left_out: dict[tuple[float, ...], dict[str, Table]] = {}
    for values in itertools.product(*GRID.values()):
        method = alternative(corpora, *values)
        tables[values] = {c: summary(score(corpus, method)) for c, corpus in scored.items()}
        left_out[values] = {c: summary(score(corpus, method, exclude_collection=True)) for c, corpus in scored.items()}
        regret = {c: [max(regrets(t[values][c], simple[c]).values()) for t in (tables, left_out)] for c in scored}
        shown = {c: "{:.2f}, left out {:.2f}".format(*each) for c, each in regret.items()}
        print(dict(zip(GRID, values, strict=True)), shown, flush=True)
    print(f"\n{len(tables)} alternatives; regret in standard errors, negative is better than every baseline\n")
    print("| collection | chosen on the others | its scores | worst regret | shipped | worst regret | left out |")
    print("|---|---|---|---|---|---|---|")
    for held_out in scored:
        others = [c for c in scored if c != held_out]

        def worst(values: tuple[float, ...], collections: list[str]) -> float:
            return max(max(regrets(tables[values][c], simple[c]).values()) for c in collections)

        best = min(tables, key=lambda values: worst(values, others))
        cells = [", ".join(f"{m} {mean:.3f}" for m, (mean, _) in tables[v][held_out].items()) for v in (best, SHIPPED)]
        chosen = ", ".join(f"{name} {value:g}" for name, value in zip(GRID, best, strict=True))
        worst_regrets = [f"{worst(values, [held_out]):.2f}" for values in (best, SHIPPED)]
        unseen = max(regrets(left_out[SHIPPED][held_out], simple[held_out]).values())
        columns = (held_out, chosen, cells[0], worst_regrets[0], cells[1], worst_regrets[1], f"{unseen:.2f}")
        print(f"| {' | '.join(columns)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
