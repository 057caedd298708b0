"""Train the default genre model, and print what it is worth on artists it has not heard.

    python scripts/train_genre.py DATA [--output recsys/genre/data]

DATA holds ``gtzan/`` and ``emotify/``. Writes ``default.npz`` (the model) and ``tag_reference.npz`` (how
probable each of MusiCNN's 100 tags usually is). Three sources teach three kinds of genre:

* ten genres are GTZAN's, from its 443 training files: human labels, with the artist of each;
* classical, electronic, pop and rock are Emotify's, whose 274 clips are listened to here as by an ingest;
* folk and soul have no labels: MusiCNN's own tags say which tracks of both corpora come near them. Such a
  track counts for its human label in full and for the taught genre by the share of its tags.

Within a source, a track counts the less the more tracks its artist has. To what the labels teach is added
what the words mean: the tag "jazz" speaks for jazz. That costs no accuracy, lowers the log loss, and keeps
tracks unlike both corpora sane. One temperature for all logits is fitted to the cross-validated predictions,
so that probabilities mean what they say.
"""

import argparse
import csv
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

sys.path.insert(0, str(Path(__file__).parents[1]))

from score_gtzan import COLUMNS, GTZAN, among, read_taggrams, report

from recsys.audio.excerpts import read_excerpts
from recsys.features.embedding import embed
from recsys.features.tagnames import MSD_TAGS, MTT_TAGS
from recsys.genre.discriminant import fit_discriminant
from recsys.genre.model import FLOOR, GENRES, GenreModel, save, softmax, tag_features

VERSION = 1
EMOTIFY = ("classical", "electronic", "pop", "rock")
EMOTIFY_WEIGHT = 0.3  # Magnatune's pop and rock are a narrow kind: more weight costs GTZAN more than it gives
ARTIST_POWER = 0.25  # a track of an artist with n tracks counts n ** -0.25
SHRINKAGE = 0.25
WORD = 1.0  # logit of a genre, before the temperature, for each deviation by which the tag of its name is up
REPEATS = 5  # of the cross-validation, each with other folds

# Which MusiCNN tags name a genre, its own name first. The rivals are all the genres that it has words for.
NAMES = {
    "rock": (
        "rock", "alternative rock", "classic rock", "indie rock", "hard rock", "Progressive rock", "punk",
    ),
    "electronic": ("electronic", "electronica", "House", "electro", "ambient"),
    "pop": ("pop", "indie pop"), "metal": ("metal", "heavy metal"), "soul": ("soul", "rnb"),
    "hip hop": ("Hip-Hop",), "jazz": ("jazz",), "folk": ("folk",), "blues": ("blues",),
    "country": ("country",),
}  # fmt: skip
TAUGHT = ("folk", "soul")
OUTPUT = Path(__file__).parents[1] / "recsys" / "genre" / "data"


class Corpus(NamedTuple):
    """Labelled tracks: tags (n, 50 or 100), genre as a number of GENRES, artist, how much each counts."""

    tags: np.ndarray
    genre: np.ndarray
    artist: np.ndarray
    weight: np.ndarray
    columns: list[int]  # the genres that its labels choose from


def corpus(tags: np.ndarray, genres: list[str], artists: list[str], columns: list[int], weight: float) -> Corpus:
    """A corpus whose prolific artists are held back."""
    size = Counter(artists)
    weights = np.array([weight * size[artist] ** -ARTIST_POWER for artist in artists])
    return Corpus(tags, np.array([GENRES.index(g) for g in genres]), np.array(artists), weights, columns)


def read_gtzan(folder: Path) -> tuple[Corpus, tuple[str, ...]]:
    """GTZAN's training files; one without a known artist is its own artist."""
    data = read_taggrams(folder / "train_taggrams.npz")
    with (folder / "features_30_sec_train_valid.csv").open(newline="", encoding="utf-8") as file:
        groups = {Path(row["filename"]).stem: row["artist_group"] for row in csv.DictReader(file)}
    names = [str(name) for name in data.files]
    artists = [groups[Path(name).stem] or name for name in names]
    return corpus(data.tags, [GTZAN[label] for label in data.labels], artists, COLUMNS, 1.0), tuple(names)


def read_emotify(folder: Path) -> Corpus:
    """Emotify's clips, heard through the product's own windows."""
    with (folder / "index.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    tags = []
    for i, row in enumerate(rows, start=1):
        excerpts = read_excerpts(folder / row["path"])
        tags.append(embed([window.y for window in excerpts.windows], excerpts.sr).tags.mean(axis=0))
        print(f"\rlistening to {i} of {len(rows)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    columns = [GENRES.index(genre) for genre in EMOTIFY]
    artists = [row["artist"] for row in rows]
    return corpus(np.stack(tags), [row["genre"] for row in rows], artists, columns, EMOTIFY_WEIGHT)


def teach(tags: np.ndarray) -> np.ndarray:
    """What MusiCNN's words say: each named genre's share among its rivals, (n, len(NAMES))."""
    columns = [[MSD_TAGS.index(tag) for tag in words] for words in NAMES.values()]
    spoken = [1 - np.prod(1 - tags[:, column], axis=1) for column in columns]
    return np.stack(spoken, axis=1) / np.sum(spoken, axis=0)[:, None]


def fit(parts: list[Corpus], temperature: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Weights and bias over all GENRES from the labels of some corpora and from what MusiCNN teaches."""
    tags = np.concatenate([part.tags[:, : len(MSD_TAGS)] for part in parts])
    labels = np.eye(len(GENRES))[np.concatenate([part.genre for part in parts])]
    shares, rivals = teach(tags), list(NAMES)
    for genre in TAUGHT:
        rival = rivals.index(genre)
        labels[:, GENRES.index(genre)] = np.where(shares.argmax(axis=1) == rival, shares[:, rival], 0)
    weight = np.concatenate([part.weight for part in parts])[:, None]
    features = tag_features(tags)
    weights, bias = fit_discriminant(features, labels * weight, shrinkage=SHRINKAGE)
    for genre, (name, *_) in NAMES.items():
        if genre in TAUGHT:
            continue  # its word has had its say
        row, column = GENRES.index(genre), MSD_TAGS.index(name)
        slope = WORD / features[:, column].std()
        weights[row, column] += slope
        bias[row] -= slope * features[:, column].mean()
    return weights / temperature, bias / temperature


def cross_validate(part: Corpus, others: list[Corpus], temperature: float, seed: int) -> np.ndarray:
    """Logits (n, g) of a corpus, each by a model that has heard nothing of its artist."""
    logits = np.zeros((len(part.genre), len(GENRES)))
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=seed)
    for train, test in folds.split(part.tags, part.genre, part.artist):
        kept = Corpus(*(values[train] for values in part[:4]), part.columns)
        weights, bias = fit([kept, *others], temperature)
        logits[test] = tag_features(part.tags[test]) @ weights.T + bias
    return logits


def write_reference(gtzan: Corpus, emotify: Corpus, path: Path) -> None:
    """Mean and deviation of every tag's log probability: MSD's over both corpora, MTT's over Emotify."""
    size = len(MSD_TAGS)
    parts = (np.concatenate([gtzan.tags[:, :size], emotify.tags[:, :size]]), emotify.tags[:, size:])
    logs = [np.log(part + FLOOR) for part in parts]
    np.savez_compressed(
        path,
        tags=np.array((*MSD_TAGS, *MTT_TAGS)),
        mean=np.concatenate([log.mean(axis=0) for log in logs]).astype(np.float32),
        deviation=np.concatenate([log.std(axis=0) for log in logs]).astype(np.float32),
    )


def labels_of(part: Corpus) -> np.ndarray:
    """Labels as numbers of the corpus's own genres."""
    return np.array([part.columns.index(genre) for genre in part.genre])


def main() -> None:
    """Cross-validate, train, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    gtzan, names = read_gtzan(arguments.data / "gtzan")
    emotify = read_emotify(arguments.data / "emotify")

    def score(part: Corpus, other: Corpus, temperature: float, seed: int) -> np.ndarray:
        return among(softmax(cross_validate(part, [other], temperature, seed)), part.columns)

    pairs = ((gtzan, emotify), (emotify, gtzan))
    raw = [cross_validate(part, [other], 1.0, seed=0)[:, part.columns] for part, other in pairs]

    def loss(temperature: float) -> float:
        """Mean log loss of all tracks."""
        chosen = [
            softmax(logits / temperature)[np.arange(len(logits)), labels_of(part)]
            for logits, (part, _) in zip(raw, pairs, strict=True)
        ]
        return float(-np.log(np.concatenate(chosen)).mean())

    temperature = min(np.arange(1.0, 8.0, 0.1).round(1), key=loss)
    print(f"temperature {temperature}")
    corpora = (("GTZAN", GTZAN), ("Emotify", EMOTIFY))
    for (name, genres), (part, other) in zip(corpora, pairs, strict=True):
        runs = [score(part, other, temperature, seed) for seed in range(REPEATS)]
        right = [np.mean(run.argmax(axis=1) == labels_of(part)) for run in runs]
        print(
            f"\n{name}, 5 folds grouped by artist, {REPEATS} times: accuracy {np.mean(right):.3f} "
            f"(from {min(right):.3f} to {max(right):.3f}); the first time:"
        )
        print(report(runs[0], labels_of(part), genres))

    weights, bias = fit([gtzan, emotify], temperature)
    arguments.output.mkdir(parents=True, exist_ok=True)
    model = GenreModel("default", VERSION, GENRES, weights, bias, names)
    save(model, arguments.output / "default.npz")
    write_reference(gtzan, emotify, arguments.output / "tag_reference.npz")
    print(f"\nwrote default.npz and tag_reference.npz to {arguments.output}")


if __name__ == "__main__":
    main()
