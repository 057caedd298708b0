#!/usr/bin/env python3
"""Fit the map from features to valence and arousal, and print what it is worth on artists that it was not fitted on.

    python scripts/train_mood.py DATA [--output recsys/features/data/mood.npz] [--scores-only]

DATA holds ``allmusic4q/``: 685 clips of 528 artists in the four quadrants of the plane, with the mood words of
AllMusic's editors (the 4Q set of Panda, Malheiro and Paiva, 2018). A clip is fitted as the mean of its two analyses
(five windows of 3 s, and ten); it is scored by each of them apart.

Two regressions are joined. *Near*: valence and arousal from the inputs, by ridge regression on Gaussian kernels.
*Words*: the mood words of at least five clips from the inputs, by linear ridge regression; then valence and arousal
from all predicted words, by kernels again, fitted to words predicted without the clip itself (leave-one-out has a
closed form). Words improve valence and cost arousal a little, so valence is the words' and arousal the mean of both.

What is chosen (``GRID``) is chosen in folds within the folds, so that no printed score was chosen on.
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
#: The words of AllMusic's editors that are taken for each of ours.
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
FEWEST = 5  # clips of a mood word
COMPONENTS = 150  # principal components of the inputs: 500 give the same scores
WORD_RIDGE, RIDGE = 3.0, 1.0
GAMMA = 0.5, 1.0  # of both kernels, divided by the mean square of what they are given
GRID = {"arousal_words": (0.0, 0.5), "valence_words": (0.5, 1.0)}
REPEATS = 2000  # of the bootstrap


class Clips(NamedTuple):
    """n clips: inputs (n, k) by raw vector and by ten patches, axes (n, 2) of -1 or 1, the editors' words (n, m), which
    of ours have one of theirs (n, w), artists, folds.
    """

    raw: np.ndarray
    patches: np.ndarray
    axes: np.ndarray
    words: np.ndarray
    ours: np.ndarray
    artist: np.ndarray
    fold: np.ndarray

    def some(self, rows: np.ndarray) -> "Clips":
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
    given = [[word for word in row["moods"].split("|") if word] for row in rows]
    count = Counter(word for words in given for word in words)
    kept = sorted(word for word, n in count.items() if n >= FEWEST)
    return Clips(
        inputs(raw),
        inputs(patched),
        np.array([_axes(row["quadrant"]) for row in rows], np.float64),
        np.array([[word in words for word in kept] for words in given], np.float64),
        np.array([[not set(EDITORS[word].split()).isdisjoint(words) for word in MOOD_WORDS] for words in given], float),
        np.array([int(row["artist"]) for row in rows]),
        np.array([int(row["fold"]) for row in rows]),
    )


def _axes(quadrant: str) -> tuple[int, int]:
    return 1 if quadrant in ("Q1", "Q4") else -1, 1 if quadrant in ("Q1", "Q2") else -1


def fit(clips: Clips, arousal_words: float, valence_words: float) -> MoodMap:
    """The map fitted to these clips."""
    given = (clips.raw + clips.patches) / 2
    mean, scale = given.mean(axis=0), given.std(axis=0)
    standard = (given - mean) / scale
    _, _, rotation = np.linalg.svd(np.sign(standard) * np.sqrt(np.abs(standard)), full_matrices=False)
    fitted = MoodMap(mean, scale, rotation[:COMPONENTS].T, *[np.empty(0)] * 7)
    parts = fitted.components(given)
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


def macro_f1(truth: np.ndarray, said: np.ndarray) -> float:
    hits = [((truth == i) & (said == i)).sum() for i in range(4)]
    return float(np.mean([2 * hit / max(1, (truth == i).sum() + (said == i).sum()) for i, hit in enumerate(hits)]))


def out_of_fold(clips: Clips, **choice: float) -> tuple[np.ndarray, np.ndarray]:
    """Odds (n, 2) of each clip by the map of the other folds: of its raw vector, and of its ten patches."""
    found = np.zeros((2, len(clips.fold), 2))
    for fold in np.unique(clips.fold):
        inside = clips.fold == fold
        fitted = fit(clips.some(~inside), **choice)
        found[0, inside], found[1, inside] = (log_odds(fitted, each[inside]) for each in (clips.raw, clips.patches))
    return found[0], found[1]


def choose(clips: Clips) -> dict[str, float]:
    """What of the grid is best over the folds of these clips, by both analyses."""
    truth = quadrants(clips.axes)

    def worth(choice: dict[str, float]) -> float:
        return sum(macro_f1(truth, quadrants(each)) for each in out_of_fold(clips, **choice))

    return max((dict(zip(GRID, values, strict=True)) for values in product(*GRID.values())), key=worth)


def nested(clips: Clips) -> tuple[np.ndarray, np.ndarray]:
    found = np.zeros((2, len(clips.fold), 2))
    for fold in np.unique(clips.fold):
        inside = clips.fold == fold
        rest = clips.some(~inside)
        choice = choose(rest)
        print(f"fold {fold}: {choice}")
        fitted = fit(rest, **choice)
        found[0, inside], found[1, inside] = (log_odds(fitted, each[inside]) for each in (clips.raw, clips.patches))
    return found[0], found[1]


def report(name: str, clips: Clips, found: np.ndarray) -> None:
    truth, said = quadrants(clips.axes), quadrants(found)
    error = np.std([macro_f1(truth[some], said[some]) for some in _drawn(clips.artist, REPEATS)])
    right = [((found[:, axis] >= 0) == (clips.axes[:, axis] > 0)).mean() for axis in (0, 1)]
    score = macro_f1(truth, said)
    print(f"{name}: macro F1 {score:.3f} (standard error {error:.3f}), valence {right[0]:.3f}, arousal {right[1]:.3f}")


def report_words(folder: Path, clips: Clips, **choice: float) -> None:
    """Mean and deviation of the strength of our mood words, and the areas under the curve for the editors' words."""
    features = normalise(np.load(folder / "features.npz")["raw"].astype(np.float32))
    evidence, plane = np.zeros_like(clips.ours), np.zeros_like(clips.axes)
    for fold in np.unique(clips.fold):
        inside = clips.fold == fold
        fitted, given = fit(clips.some(~inside), **choice), clips.raw[inside]
        evidence[inside], plane[inside] = fitted.components(given) @ fitted.ours, log_odds(fitted, given)
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
    """How often (w,) a clip with a word has more of it than one without."""
    pairs = zip(truth.T > 0, scores.T, strict=True)
    return np.array([(score[has][:, None] > score[~has]).mean() for has, score in pairs])


def _drawn(artist: np.ndarray, repeats: int) -> Iterator[np.ndarray]:
    """Rows of the clips of as many artists as there are, drawn with replacement."""
    rng = np.random.default_rng(0)
    rows = [np.flatnonzero(artist == each) for each in np.unique(artist)]
    for _ in range(repeats):
        yield np.concatenate([rows[i] for i in rng.integers(0, len(rows), len(rows))])


def ten_folds(clips: Clips) -> Clips:
    """The same clips in ten folds of artists."""
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
