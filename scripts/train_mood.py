#!/usr/bin/env python3
"""Fit the map from features to valence and arousal, and print its cross-validated scores by artist.

    python scripts/train_mood.py DATA [--output recsys/features/data/mood.npz] [--scores-only]

DATA has the folder ``allmusic4q/``: 685 clips of 528 artists in the four quadrants of the plane, with the mood words of
AllMusic's editors (the 4Q set of Panda, Malheiro and Paiva, 2018). A clip is fitted as the mean of its two analyses
(five windows of 3 s, and ten); it is scored on each of them separately.

Two regressions are combined. *Near*: valence and arousal from the inputs, by ridge regression on Gaussian kernels.
*Words*: the mood words of at least five clips from the inputs, by linear ridge regression; then valence and arousal
from all predicted words, by kernels again, fitted to words predicted without the clip itself (leave-one-out has a
closed form). Words improve valence and slightly worsen arousal, so valence is from words, and arousal the mean.

The parameters of ``GRID`` are chosen by nested cross-validation, so that no printed score is selected for.
"""

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from recsys.features.mood import MOOD_WORDS, MoodMap, input_names, inputs, log_odds
from recsys.features.scaling import normalise
from recsys.features.schema import GROUPS
from recsys.genre.moods import MOODS, raw_strengths

OUTPUT = Path(__file__).parents[1] / "recsys" / "features" / "data" / "mood.npz"
#: The words of AllMusic's editors that correspond to each of our mood words.
EDITORS = {
    "calm": "Calm Peaceful Soothing Relaxed Laid-Back Mellow",
    "energetic": "Energetic Exciting Lively Rousing Boisterous Exuberant",
    "happy": "Happy Joyous Cheerful Fun Playful Celebratory Gleeful",
    "sad": "Sad Gloomy Somber Melancholy Lonely Bleak Weary",
    "tense": "Angry Hostile Tense Anxious Menacing Fierce Harsh Nervous",
    "tender": "Gentle Delicate Intimate Soft Sweet Romantic Warm",
    "nostalgic": "Nostalgic Sentimental Wistful Bittersweet Poignant Yearning",
    "sensual": "Sensual Sexy Sexual",
}
MIN_CLIPS = 5  # of a mood word
COMPONENTS = 150  # principal components of the inputs: 500 give the same scores
WORD_RIDGE, RIDGE = 3.0, 1.0
GAMMA = 0.5, 1.0  # of both kernels, divided by the mean square of their inputs
GRID = {"arousal_words": (0.0, 0.5), "valence_words": (0.5, 1.0)}
REPEATS = 2000  # of the bootstrap


class Clips(NamedTuple):
    """n clips: inputs (n, k) by raw vector and by ten patches, axes (n, 2) of -1 or 1, the editors' words (n, m), our
    words that correspond to one of them (n, w), artists, folds.
    """

    raw: np.ndarray
    patches: np.ndarray
    axes: np.ndarray
    words: np.ndarray
    ours: np.ndarray
    artist: np.ndarray
    fold: np.ndarray

    def subset(self, rows: np.ndarray) -> "Clips":
        return Clips(*(each[rows] for each in self))


def read(folder: Path) -> Clips:
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    stored = np.load(folder / "features.npz")
    assert stored["id"].tolist() == [row["id"] for row in rows]
    raw = stored["raw"].astype(np.float64)
    patched = raw.copy()
    patched[:, GROUPS["learned"]] = stored["embeddings"].astype(np.float64).mean(axis=1)
    patched[:, GROUPS["tags"]] = stored["tags"].astype(np.float64).mean(axis=1)
    labels = [[word for word in row["moods"].split("|") if word] for row in rows]
    count = Counter(word for words in labels for word in words)
    kept = sorted(word for word, n in count.items() if n >= MIN_CLIPS)
    return Clips(
        inputs(raw),
        inputs(patched),
        np.array([_axes(row["quadrant"]) for row in rows], np.float64),
        np.array([[word in words for word in kept] for words in labels], np.float64),
        np.array(
            [[not set(EDITORS[word].split()).isdisjoint(words) for word in MOOD_WORDS] for words in labels], float
        ),
        np.array([int(row["artist"]) for row in rows]),
        np.array([int(row["fold"]) for row in rows]),
    )


def _axes(quadrant: str) -> tuple[int, int]:
    return 1 if quadrant in ("Q1", "Q4") else -1, 1 if quadrant in ("Q1", "Q2") else -1


def fit(clips: Clips, arousal_words: float, valence_words: float) -> MoodMap:
    """The map fitted to these clips."""
    mean_inputs = (clips.raw + clips.patches) / 2
    mean, scale = mean_inputs.mean(axis=0), mean_inputs.std(axis=0)
    standard = (mean_inputs - mean) / scale
    _, _, rotation = np.linalg.svd(np.sign(standard) * np.sqrt(np.abs(standard)), full_matrices=False)
    fitted = MoodMap(mean, scale, rotation[:COMPONENTS].T, *[np.empty(0)] * 7)
    parts = fitted.components(mean_inputs)
    parts_scale = np.sqrt((parts**2).mean())
    words, ours = ((each - each.mean(axis=0)) / (each.std(axis=0) + 1e-3) for each in (clips.words, clips.ours))
    covariance = parts.T @ parts / parts.shape[1]
    inverse = np.linalg.inv(covariance + WORD_RIDGE * parts_scale**2 * np.eye(parts.shape[1]))
    regression = inverse @ parts.T / parts.shape[1]
    leverage = np.einsum("ij,ji->i", parts, regression)[:, None]
    weights, our_weights = regression @ words, regression @ ours
    our_weights /= ((parts @ our_weights - leverage * ours) / (1 - leverage)).std(axis=0)
    left_out = (parts @ weights - leverage * words) / (1 - leverage)
    weights /= left_out.std()
    left_out /= left_out.std()
    shares = np.array([valence_words, arousal_words])
    near, near_weights = _kernels(parts / parts_scale, clips.axes, GAMMA[0])
    far, far_weights = _kernels(left_out, clips.axes, GAMMA[1])
    return fitted._replace(
        words=weights,
        ours=our_weights,
        near=near * parts_scale,
        near_weights=near_weights * (1 - shares),
        gammas=np.array([GAMMA[0] / parts.shape[1] / parts_scale**2, GAMMA[1] / left_out.shape[1]]),
        far=far,
        far_weights=far_weights * shares,
    )


def _kernels(points: np.ndarray, axes: np.ndarray, gamma: float) -> tuple[np.ndarray, np.ndarray]:
    """Centres and their weights for both axes: ridge regression on the Gaussian kernels of some centres (Nyström)."""
    centres = _centres(points)
    inside, across = (_gauss(each, centres, gamma / points.shape[1]) for each in (centres, points))
    normal = across.T @ across + RIDGE * inside + 1e-6 * np.eye(len(centres))
    return centres, np.linalg.solve(normal, across.T @ axes)


def _gauss(points: np.ndarray, centres: np.ndarray, gamma: float) -> np.ndarray:
    squares = (points**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1) - 2 * points @ centres.T
    return np.exp(-gamma * np.maximum(squares, 0))


CENTRES = 256


def _centres(points: np.ndarray) -> np.ndarray:
    """Means of clusters of points (Lloyd, from a fixed start): no clip is stored."""
    rng = np.random.default_rng(0)
    centres = points[rng.permutation(len(points))[:CENTRES]]
    for _ in range(10):
        squares = (centres**2).sum(axis=1) - 2 * points @ centres.T
        nearest = squares.argmin(axis=1)
        for i in np.unique(nearest):
            centres[i] = points[nearest == i].mean(axis=0)
    return centres


def quadrants(axes: np.ndarray) -> np.ndarray:
    """0 to 3 of axes (n, 2): the quadrant by the signs."""
    return np.where(axes[:, 0] >= 0, np.where(axes[:, 1] >= 0, 0, 3), np.where(axes[:, 1] >= 0, 1, 2))


def macro_f1(truth: np.ndarray, predicted: np.ndarray) -> float:
    hits = [((truth == i) & (predicted == i)).sum() for i in range(4)]
    return float(np.mean([2 * hit / max(1, (truth == i).sum() + (predicted == i).sum()) for i, hit in enumerate(hits)]))


def out_of_fold(clips: Clips, **choice: float) -> tuple[np.ndarray, np.ndarray]:
    """Out-of-fold log odds (n, 2) of each clip, from its raw vector and from its ten patches."""
    found = np.zeros((2, len(clips.fold), 2))
    for fold in np.unique(clips.fold):
        inside = clips.fold == fold
        fitted = fit(clips.subset(~inside), **choice)
        found[0, inside], found[1, inside] = (log_odds(fitted, each[inside]) for each in (clips.raw, clips.patches))
    return found[0], found[1]


def choose(clips: Clips) -> dict[str, float]:
    """The parameters of the grid with the best cross-validated score, by both analyses."""
    truth = quadrants(clips.axes)

    def score(choice: dict[str, float]) -> float:
        return sum(macro_f1(truth, quadrants(each)) for each in out_of_fold(clips, **choice))

    return max((dict(zip(GRID, values, strict=True)) for values in product(*GRID.values())), key=score)


def nested(clips: Clips) -> tuple[np.ndarray, np.ndarray]:
    found = np.zeros((2, len(clips.fold), 2))
    for fold in np.unique(clips.fold):
        inside = clips.fold == fold
        rest = clips.subset(~inside)
        choice = choose(rest)
        print(f"fold {fold}: {choice}")
        fitted = fit(rest, **choice)
        found[0, inside], found[1, inside] = (log_odds(fitted, each[inside]) for each in (clips.raw, clips.patches))
    return found[0], found[1]


def report(name: str, clips: Clips, found: np.ndarray) -> None:
    truth, predicted = quadrants(clips.axes), quadrants(found)
    error = np.std([macro_f1(truth[rows], predicted[rows]) for rows in _drawn(clips.artist, REPEATS)])
    accuracy = [((found[:, axis] >= 0) == (clips.axes[:, axis] > 0)).mean() for axis in (0, 1)]
    score = macro_f1(truth, predicted)
    axes = f"valence {accuracy[0]:.3f}, arousal {accuracy[1]:.3f}"
    print(f"{name}: macro F1 {score:.3f} (standard error {error:.3f}), {axes}")


def report_words(folder: Path, clips: Clips, **choice: float) -> None:
    """Mean and deviation of the strength of our mood words, and their areas under the ROC curve."""
    features = normalise(np.load(folder / "features.npz")["raw"].astype(np.float32))
    evidence, plane = np.zeros_like(clips.ours), np.zeros_like(clips.axes)
    for fold in np.unique(clips.fold):
        inside = clips.fold == fold
        fitted, features_of_fold = fit(clips.subset(~inside), **choice), clips.raw[inside]
        evidence[inside], plane[inside] = (
            fitted.components(features_of_fold) @ fitted.ours,
            log_odds(fitted, features_of_fold),
        )
    strengths = raw_strengths(evidence, plane, features)
    for j, word in enumerate(MOODS):
        mean, deviation = strengths[:, j].mean(), strengths[:, j].std()
        print(f"{word}: mean {mean:.2f}, deviation {deviation:.2f}, {int(clips.ours[:, j].sum())} clips")
    without = evidence, raw_strengths(0 * evidence, plane, 0 * features), raw_strengths(evidence, plane, 0 * features)
    for name, scores in zip(("all", "evidence", "plane", "both without cues"), (strengths, *without), strict=True):
        found = np.array([areas(clips.ours[rows], scores[rows]) for rows in _drawn(clips.artist, REPEATS // 10)])
        each = areas(clips.ours, scores)
        error = found.mean(axis=1).std()
        print(f"area by {name}: mean {each.mean():.3f} (standard error {error:.3f}), {each.round(3)}")


def areas(truth: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Areas under the ROC curve (w,): how often a clip with a word has a higher score than one without."""
    pairs = zip(truth.T > 0, scores.T, strict=True)
    return np.array([(score[has][:, None] > score[~has]).mean() for has, score in pairs])


def _drawn(artist: np.ndarray, repeats: int) -> Iterator[np.ndarray]:
    """Rows of bootstrap samples over artists."""
    rng = np.random.default_rng(0)
    rows = [np.flatnonzero(artist == each) for each in np.unique(artist)]
    for _ in range(repeats):
        yield np.concatenate([rows[i] for i in rng.integers(0, len(rows), len(rows))])


def ten_folds(clips: Clips) -> Clips:
    """The clips with ten folds by artist."""
    order = np.random.default_rng(0).permutation(clips.artist.max() + 1) % 10
    return clips._replace(fold=order[clips.artist])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--scores-only", action="store_true")
    arguments = parser.parse_args()
    clips = read(arguments.data / "allmusic4q")
    for name, found in zip(("raw vectors", "ten patches"), nested(clips), strict=True):
        report(f"nested choice, four folds, {name}", clips, found)
    choice = choose(clips)
    print(f"chosen on all: {choice}")
    report_words(arguments.data / "allmusic4q", clips, **choice)
    for folds in (clips, ten_folds(clips)):
        for name, found in zip(("raw vectors", "ten patches"), out_of_fold(folds, **choice), strict=True):
            report(f"the same choice in {len(np.unique(folds.fold))} folds, {name}", folds, found)
    if not arguments.scores_only:
        fitted = fit(clips, **choice)
        arrays: dict[str, Any] = {name: np.asarray(array, np.float32) for name, array in fitted._asdict().items()}
        np.savez_compressed(arguments.output, names=np.array(input_names()), mood_words=np.array(MOOD_WORDS), **arrays)
        print(f"{arguments.output}: {arguments.output.stat().st_size / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
