"""Score the shipped genre model on a file of MusiCNN taggrams over GTZAN's ten genres.

    python scripts/score_gtzan.py TAGGRAMS.npz

The file has ``X`` (patches, 50) MSD tag probabilities, ``Y`` (patches,) label 0..9 and ``IDS`` (patches,) the file
of each patch. A file's tags are the mean of its patches; probabilities are renormalised over GTZAN's genres. Prints
which split it is, accuracy, precision and recall of each genre, and calibration.
"""

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from recsys.genre.model import GENRES, default_model

GTZAN = ("blues", "classical", "country", "disco", "hip hop", "jazz", "metal", "pop", "reggae", "rock")
COLUMNS = [GENRES.index(genre) for genre in GTZAN]


class Taggrams(NamedTuple):
    """Files (n,) by name, their mean tags (n, 50) and labels (n,) as numbers of GTZAN."""

    files: np.ndarray
    tags: np.ndarray
    labels: np.ndarray


def read_taggrams(path: Path) -> Taggrams:
    """Mean tags and label of every file."""
    with np.load(path, allow_pickle=False) as data:
        patches, labels, ids = data["X"], data["Y"], data["IDS"]
    files, first, inverse = np.unique(ids, return_index=True, return_inverse=True)
    tags = np.zeros((len(files), patches.shape[1]))
    np.add.at(tags, inverse, patches)
    for name, label in zip(files, labels[first], strict=True):  # the order of genres is part of the format
        if GTZAN[label].replace(" ", "") not in str(name):
            raise SystemExit(f"{path}: label {label} of {name} is not {GTZAN[label]}")
    return Taggrams(files, tags / np.bincount(inverse)[:, None], labels[first].astype(int))


def among(probabilities: np.ndarray, columns: list[int]) -> np.ndarray:
    """Probabilities (n, c) renormalised over some columns."""
    kept = probabilities[:, columns]
    return kept / kept.sum(axis=1, keepdims=True)


def calibration_error(probabilities: np.ndarray, labels: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error: mean gap between the probability of the best genre and accuracy."""
    best, correct = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    which = np.minimum((best * bins).astype(int), bins - 1)
    gaps = [abs(best[which == b].sum() - correct[which == b].sum()) for b in range(bins)]
    return float(sum(gaps) / len(labels))


def report(probabilities: np.ndarray, labels: np.ndarray, genres: tuple[str, ...]) -> str:
    """Accuracy, calibration error, log loss, and a table of precision and recall."""
    predicted = probabilities.argmax(axis=1)
    loss = -np.log(probabilities[np.arange(len(labels)), labels]).mean()
    lines = [
        f"accuracy {np.mean(predicted == labels):.3f} ({np.sum(predicted == labels)} of {len(labels)}), "
        f"calibration error {calibration_error(probabilities, labels):.3f}, log loss {loss:.3f}",
        f"{'genre':<12}{'files':>6}{'precision':>11}{'recall':>8}",
    ]
    for i, genre in enumerate(genres):
        hits = np.sum((predicted == i) & (labels == i))
        precision = hits / max(1, np.sum(predicted == i))
        recall = hits / max(1, np.sum(labels == i))
        lines.append(f"{genre:<12}{np.sum(labels == i):>6}{precision:>11.3f}{recall:>8.3f}")
    return "\n".join(lines)


def main() -> None:
    """Print the score of one file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("taggrams", type=Path)
    arguments = parser.parse_args()
    data = read_taggrams(arguments.taggrams)
    model = default_model()
    known = len(set(data.files.tolist()) & set(model.trained_on))
    split = "a training split: the model was trained on it, so this is not a test" if known else "unseen by the model"
    print(f"{model} on {arguments.taggrams.name}, {known} of its {len(data.files)} files trained on: {split}")
    print(report(among(model.probabilities(data.tags), COLUMNS), data.labels, GTZAN))


if __name__ == "__main__":
    main()
