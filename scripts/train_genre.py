"""Train the default genre model, and print its cross-validated scores by artist.

    python scripts/train_genre.py DATA [--library HOME] [--output recsys/genre/data]

DATA has the folders ``gtzan/``, ``emotify/`` and ``allmusic4q/``. Writes ``default.npz`` (the model) and
``tag_reference.npz`` (mean and deviation of the log probability of each of MusiCNN's 100 tags). HOME is the home of a
library with the Emotify clips of DATA; without it they are analysed here.

A label is a set of genres, of which one is correct (:mod:`recsys.genre.partial`), chosen from the genres of the corpus:
GTZAN's ten, Emotify's four; AllMusic 4Q has several editorial genres for a clip, and ``genre_map.json`` maps each of
our genres to the editorial genres that it covers. The model has two terms:

* over the 50 MSD tags, which all corpora have, the sum of two models of all three. One is a linear discriminant on
  logarithms; AllMusic's sets are divided by the predictions of the discriminant itself (EM), and a prior on the meaning
  of tags is added: the tag "jazz" is evidence for jazz. The other is a penalised softmax regression on the
  probabilities. It is also the model for MSD tags alone.
* over the logarithms of all 100 tags, a penalised softmax correction of the first term, from Emotify and AllMusic 4Q.

Within a corpus, the weight of a track decreases with the number of tracks of its artist. One temperature for each of
the two models is fitted to out-of-fold predictions for all corpora together, and the threshold of "unknown" is set so
that at most 6 in 100 tracks of Emotify and of AllMusic 4Q are unknown.
"""

import argparse
import csv
import json
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.model_selection import StratifiedGroupKFold

sys.path.insert(0, str(Path(__file__).parents[1]))

from score_gtzan import GTZAN, calibration_error, read_taggrams

from recsys.audio.excerpts import read_excerpts
from recsys.features.analysis import analyse
from recsys.features.schema import GROUPS
from recsys.features.tag_names import MSD_TAGS, MTT_TAGS
from recsys.genre.discriminant import fit_discriminant
from recsys.genre.model import FLOOR, GENRES, GenreModel, save, softmax, tag_features
from recsys.genre.partial import fit_partial, restricted

VERSION = 3
TAGS = (*MSD_TAGS, *MTT_TAGS)
EMOTIFY = ("classical", "electronic", "pop", "rock")
FIRST = {"GTZAN": 1.0, "Emotify": 0.3, "AllMusic 4Q": 0.1}  # weight of a track of a corpus in the first term,
SECOND = {"Emotify": 0.3, "AllMusic 4Q": 1.0}  # and in the second
ARTIST_POWER = 0.25  # the weight of a track of an artist with n tracks is n ** -0.25
SHRINKAGE = 0.25
WORD = 1.0  # logit of a genre, before cooling, for each standard deviation of the tag with its name
COOLING = 3.0  # divides the logits of a discriminant before they divide a set of genres
ROUNDS = 8  # of EM
PENALTY, BIAS_PENALTY = (
    0.2,
    1e-3,
)  # of the correction; with 0.1, accuracy on Emotify of a model of the other corpora falls to 0.63
PROBABILITY_PENALTY = 0.045  # of the regression on probabilities: C = 0.05 on GTZAN's files
FOLDS = 4  # as in AllMusic 4Q
UNKNOWN_SHARE = 0.06  # of a corpus; of 431 tracks of game music, unlike all three corpora, 0.10 are unknown
SAMPLES = 500  # of the bootstrap over artists
OUTPUT = Path(__file__).parents[1] / "recsys" / "genre" / "data"
#: AllMusic's genres that a genre is trained on, if fewer than the genre covers. If trained on all of them, one clip in
#: six was predicted as disco, one in three as pop, and none as R&B/soul.
TRAINING_GENRES = {"disco": {"R&B", "Electronic"}, "pop": {"Pop/Rock", "Vocal"}}
WORDS = {
    "blues": "blues", "country": "country", "electronic": "electronic", "folk": "folk", "hip hop": "Hip-Hop",
    "jazz": "jazz", "metal": "metal", "pop": "pop", "R&B/soul": "soul", "rock": "rock",
}  # fmt: skip


class Corpus(NamedTuple):
    """Labelled tracks: tags (n, 50 or 100), allowed genres (n, g) among those (g,) of the corpus, artist, fold (n,).

    ``target`` (n, g) are the genres that the model is trained on, ``allowed`` those that are correct.
    """

    name: str
    tags: np.ndarray
    target: np.ndarray
    allowed: np.ndarray
    among: np.ndarray
    artist: np.ndarray
    fold: np.ndarray

    @property
    def features(self) -> np.ndarray:
        """Logarithms and probabilities of MSD's tags (n, 100)."""
        return tag_features(self.tags[:, : len(MSD_TAGS)])

    @property
    def choices(self) -> np.ndarray:
        """The genres (n, g) that each label is chosen from."""
        return np.tile(self.among, (len(self.fold), 1))

    def weights(self, each: float) -> np.ndarray:
        """The weight (n,) of each track."""
        size = Counter(self.artist)
        return np.array([each * size[artist] ** -ARTIST_POWER for artist in self.artist])

    def subset(self, rows: np.ndarray) -> "Corpus":
        """These rows."""
        kept = (self.tags[rows], self.target[rows], self.allowed[rows], self.among, self.artist[rows], self.fold[rows])
        return Corpus(self.name, *kept)

    def best_guesses(self, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Probability (n,) of the best genre among those of the corpus, and whether it is correct (n,)."""
        kept = np.where(self.among, probabilities, 0)
        kept /= kept.sum(axis=1, keepdims=True)
        rows = np.arange(len(kept))
        return kept.max(axis=1), self.allowed[rows, kept.argmax(axis=1)]


def single_label_corpus(
    name: str, tags: np.ndarray, genres: list[str], artists: list[str], kinds: tuple[str, ...]
) -> Corpus:
    """A corpus with one genre per label, and folds by artist."""
    numbers = np.array([GENRES.index(genre) for genre in genres])
    fold = np.zeros(len(numbers), int)
    splits = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0).split(tags, numbers, artists)
    for number, (_, test) in enumerate(splits):
        fold[test] = number
    chosen = np.array([genre in kinds for genre in GENRES])
    labels = np.eye(len(GENRES), dtype=bool)[numbers]
    return Corpus(name, tags, labels, labels, chosen, np.array(artists), fold)


def read_gtzan(folder: Path) -> tuple[Corpus, tuple[str, ...]]:
    """GTZAN's training files; a file without a known artist is an artist of its own."""
    data = read_taggrams(folder / "train_taggrams.npz")
    with (folder / "features_30_sec_train_valid.csv").open(newline="", encoding="utf-8") as file:
        groups = {Path(row["filename"]).stem: row["artist_group"] for row in csv.DictReader(file)}
    names = tuple(str(name) for name in data.files)
    artists = [groups[Path(name).stem] or name for name in names]
    return single_label_corpus("GTZAN", data.tags, [GTZAN[label] for label in data.labels], artists, GTZAN), names


def read_emotify(folder: Path, home: Path | None) -> Corpus:
    """Emotify's clips, analysed in the windows of an ingest, or read from a library."""
    with (folder / "index.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    tags = tags_of(home, [folder / row["path"] for row in rows]) if home else analyse_tags(folder, rows)
    return single_label_corpus(
        "Emotify", tags, [row["genre"] for row in rows], [row["artist"] for row in rows], EMOTIFY
    )


def tags_of(home: Path, paths: list[Path]) -> np.ndarray:
    """Tags (n, 100) of files, from a library."""
    from recsys.app.context import LibraryContext
    from recsys.config import load_settings

    with LibraryContext(load_settings({}, home=home)).open() as catalogue:
        texts = [str(path.resolve()) for path in paths]
        ids = catalogue.ids_at(texts)
        return catalogue.vectors_by_id([ids[text] for text in texts], "raw")[:, GROUPS["tags"]].astype(float)


def analyse_tags(folder: Path, rows: list[dict[str, str]]) -> np.ndarray:
    """Tags (n, 100) of files, from their audio."""
    tags = []
    for i, row in enumerate(rows, start=1):
        tags.append(analyse(read_excerpts(folder / row["path"])).vector[GROUPS["tags"]].astype(float))
        print(f"\ranalysing {i} of {len(rows)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return np.stack(tags)


def read_allmusic(folder: Path) -> tuple[Corpus, np.ndarray]:
    """AllMusic 4Q with tags as the mean of ten patches, and the tags (n, 100) of the five windows of an ingest.

    A clip whose genres are not covered by ours ("Holiday") has no allowed genre: the model is not trained on it, and
    every prediction for it is wrong.
    """
    genre_map = json.loads((folder / "genre_map.json").read_text(encoding="utf-8"))
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        known = {row["id"]: row for row in csv.DictReader(file)}
    with np.load(folder / "features.npz", allow_pickle=False) as data:
        tags, raw = data["tags"].astype(float).mean(axis=1), data["raw"][:, GROUPS["tags"]].astype(float)
        rows = [known[str(name)] for name in data["id"]]
    genres = [set(row["genres"].split("|")) for row in rows]
    allowed = np.array([[bool(labels & set(genre_map[genre])) for genre in GENRES] for labels in genres])
    target = np.array(
        [[bool(labels & TRAINING_GENRES.get(genre, set(genre_map[genre]))) for genre in GENRES] for labels in genres]
    )
    artist, fold = np.array([row["artist"] for row in rows]), np.array([int(row["fold"]) for row in rows])
    return Corpus("AllMusic 4Q", tags, target, allowed, np.ones(len(GENRES), bool), artist, fold), raw


class Terms(NamedTuple):
    """Weights and bias over the features of 100 tags, and of MSD's 50."""

    weights: np.ndarray
    bias: np.ndarray
    msd_weights: np.ndarray
    msd_bias: np.ndarray

    def logits(self, tags: np.ndarray) -> np.ndarray:
        """Logits (n, g) of tags (n, 50 or 100)."""
        all_tags = tags.shape[1] > len(MSD_TAGS)
        weights, bias = (self.weights, self.bias) if all_tags else (self.msd_weights, self.msd_bias)
        return tag_features(tags) @ weights.T + bias


def fit_first(parts: list[Corpus]) -> tuple[np.ndarray, np.ndarray]:
    """Weights (g, 100) and bias (g,) over the features of MSD's tags: the sum of both models."""
    by_logarithm, bias = fit_logarithms(parts)
    by_probability, other_bias = fit_probabilities(parts)
    return np.concatenate([by_logarithm, by_probability], axis=1), bias + other_bias


def fit_probabilities(parts: list[Corpus]) -> tuple[np.ndarray, np.ndarray]:
    """Weights and bias over MSD's tag probabilities: a softmax regression with the same weight for all genres."""
    features = np.concatenate([part.features[:, len(MSD_TAGS) :] for part in parts])
    weight = np.concatenate([balanced(part, part.weights(FIRST[part.name])) for part in parts])
    mean = np.average(features, axis=0, weights=weight)
    deviation = np.sqrt(np.average((features - mean) ** 2, axis=0, weights=weight))
    allowed, among = (np.concatenate(sets) for sets in zip(*((p.target, p.choices) for p in parts), strict=True))
    _, weights, bias = fit_partial(
        (features - mean) / deviation, np.zeros(allowed.shape), allowed, among, weight,
        penalty=PROBABILITY_PENALTY, bias_penalty=BIAS_PENALTY,
    )  # fmt: skip
    weights = weights / deviation
    return weights, bias - weights @ mean


def balanced(part: Corpus, weight: np.ndarray) -> np.ndarray:
    """Weights (n,) with the same sum, by which every genre of a corpus has the same total weight."""
    shares = part.target / part.target.sum(axis=1, keepdims=True)
    totals = weight @ shares
    found = weight * (shares / np.where(totals > 0, totals, 1)).sum(axis=1)
    return found * weight.sum() / found.sum()


def fit_logarithms(parts: list[Corpus]) -> tuple[np.ndarray, np.ndarray]:
    """Weights and bias over MSD's log tags: a discriminant that divides sets of genres by its own predictions."""
    features = np.concatenate([part.features[:, : len(MSD_TAGS)] for part in parts])
    allowed = np.concatenate([part.target for part in parts])
    weight = np.concatenate([part.weights(FIRST[part.name]) for part in parts])[:, None]
    present = allowed.any(axis=0)  # if a corpus is left out, a genre may have no track
    shares = allowed / allowed.sum(axis=1, keepdims=True)
    weights, bias = np.zeros((len(GENRES), features.shape[1])), np.full(len(GENRES), -1e3)
    for _ in range(ROUNDS):
        found = fit_discriminant(features, shares[:, present] * weight, shrinkage=SHRINKAGE)
        weights[present], bias[present] = found
        for genre, tag in WORDS.items():
            row, column = GENRES.index(genre), MSD_TAGS.index(tag)
            slope = WORD / features[:, column].std()
            weights[row, column] += slope
            bias[row] -= slope * features[:, column].mean()
        weights, bias = weights / COOLING, bias / COOLING
        shares = restricted(features @ weights.T + bias, allowed)[1]
    return weights, bias


def fit(parts: list[Corpus]) -> Terms:
    """Fit both terms, to the tracks that have a target."""
    parts = [part.subset(np.any(part.target, axis=1)) for part in parts]
    msd_weights, msd_bias = fit_first(parts)
    second = [part for part in parts if part.name in SECOND]
    tags = np.concatenate([part.tags for part in second])
    features, size = tag_features(tags)[:, : len(TAGS)], len(MSD_TAGS)
    mean, deviation = features.mean(axis=0), features.std(axis=0)
    offset = tag_features(tags[:, :size]) @ msd_weights.T + msd_bias
    scale, weights, bias = fit_partial(
        (features - mean) / deviation, offset,
        np.concatenate([part.target for part in second]),
        np.concatenate([part.choices for part in second]),
        np.concatenate([part.weights(SECOND[part.name]) for part in second]),
        penalty=PENALTY, bias_penalty=BIAS_PENALTY,
    )  # fmt: skip
    weights = weights / deviation
    bias = bias - weights @ mean + scale * msd_bias
    weights = np.concatenate(
        [weights, np.zeros(weights.shape)], axis=1
    )  # the correction has no weights for probabilities
    weights[:, :size] += scale * msd_weights[:, :size]
    weights[:, len(TAGS) : len(TAGS) + size] += scale * msd_weights[:, size:]
    return Terms(weights, bias, msd_weights, msd_bias)


def out_of_fold(corpora: list[Corpus], *, without: str = "") -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Out-of-fold logits (n, g) of each corpus, from all its tags and from the MSD tags alone.

    The models are not fitted to the corpus ``without`` either.
    """
    all_tags, msd_tags = ([np.zeros(corpus.allowed.shape) for corpus in corpora] for _ in range(2))
    for fold in range(FOLDS):
        terms = fit([corpus.subset(corpus.fold != fold) for corpus in corpora if corpus.name != without])
        for corpus, logits, msd in zip(corpora, all_tags, msd_tags, strict=True):
            rows = corpus.fold == fold
            logits[rows] = terms.logits(corpus.tags[rows])
            msd[rows] = terms.logits(corpus.tags[rows, : len(MSD_TAGS)])
    return all_tags, msd_tags


def fit_temperature(pairs: list[tuple[Corpus, np.ndarray]]) -> float:
    """The temperature of the logits of corpora by which the probability of the best genre is calibrated."""

    def loss(log_temperature: float) -> float:
        total = 0.0
        for corpus, logits in pairs:
            probability, correct = corpus.best_guesses(softmax(logits / np.exp(log_temperature)))
            probability = np.clip(probability, 1e-6, 1 - 1e-6)
            total -= np.log(np.where(correct, probability, 1 - probability)).sum()
        return total

    return float(np.exp(minimize_scalar(loss, bounds=(-2, 2), method="bounded").x))


def standard_error(correct: np.ndarray, artist: np.ndarray) -> float:
    """Standard error of an accuracy by bootstrap over artists."""
    _, number = np.unique(artist, return_inverse=True)
    hits, size, rng = np.bincount(number, correct), np.bincount(number), np.random.default_rng(0)
    drawn = rng.integers(0, len(size), (SAMPLES, len(size)))
    return float(np.std(hits[drawn].sum(axis=1) / size[drawn].sum(axis=1)))


def report(corpora: list[Corpus], probabilities: list[np.ndarray], threshold: float) -> None:
    """Accuracy, calibration and share of unknown of each corpus, and the precision of each genre of AllMusic 4Q."""
    every = []
    for corpus, found in zip(corpora, probabilities, strict=True):
        confidence, correct = corpus.best_guesses(found)
        every.append(np.stack([confidence, correct], axis=1))
        unknown = np.mean(found.max(axis=1) < threshold)
        print(
            f"{corpus.name:<12} {len(correct):>4} tracks: accuracy {correct.mean():.3f} ± "
            f"{standard_error(correct, corpus.artist):.3f}, calibration error {error_of(confidence, correct):.3f}, "
            f"unknown {unknown:.3f}"
        )
        if corpus.among.all():
            best = found.argmax(axis=1)
            counts = [(genre, int(correct[best == i].sum()), int((best == i).sum())) for i, genre in enumerate(GENRES)]
            print("  correct of all predictions:", ", ".join(f"{genre} {hits}/{n}" for genre, hits, n in counts if n))
    confidence, correct = np.concatenate(every).T
    print(f"all corpora: calibration error {error_of(confidence, correct):.3f}")


def error_of(confidence: np.ndarray, correct: np.ndarray) -> float:
    """Calibration error of the best genres; see :func:`score_gtzan.calibration_error`."""
    return calibration_error(np.stack([confidence, np.zeros(len(confidence))], axis=1), np.where(correct, 0, 1))


def write_reference(corpora: list[Corpus], path: Path) -> None:
    """Mean and deviation of every tag's log probability: MSD's over GTZAN and Emotify, MTT's over Emotify."""
    size = len(MSD_TAGS)
    second = [corpus.tags[:, size:] for corpus in corpora if corpus.tags.shape[1] > size]
    parts = [np.concatenate([corpus.tags[:, :size] for corpus in corpora]), np.concatenate(second)]
    logs = [np.log(part + FLOOR) for part in parts]
    np.savez_compressed(
        path,
        tags=np.array(TAGS),
        mean=np.concatenate([log.mean(axis=0) for log in logs]).astype(np.float32),
        deviation=np.concatenate([log.std(axis=0) for log in logs]).astype(np.float32),
    )


def main() -> None:
    """Cross-validate, train, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--library", type=Path, metavar="HOME", help="a library that has the Emotify clips")
    parser.add_argument("--without", default="", metavar="CORPUS", help="leave one out of the model that is written")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    gtzan, names = read_gtzan(arguments.data / "gtzan")
    allmusic, windows = read_allmusic(arguments.data / "allmusic4q")
    corpora = [gtzan, read_emotify(arguments.data / "emotify", arguments.library), allmusic]
    used = [corpus for corpus in corpora if corpus.name != arguments.without]

    logits, msd_logits = out_of_fold(used)
    with_all_tags = [(c, found) for c, found in zip(used, logits, strict=True) if c.tags.shape[1] > len(MSD_TAGS)]
    temperature, msd_temperature = (
        fit_temperature(with_all_tags),
        fit_temperature(list(zip(used, msd_logits, strict=True))),
    )

    def calibrated(corpus: Corpus, found: np.ndarray) -> np.ndarray:
        return softmax(found / (temperature if corpus.tags.shape[1] > len(MSD_TAGS) else msd_temperature))

    threshold = min(float(np.quantile(calibrated(*pair).max(axis=1), UNKNOWN_SHARE)) for pair in with_all_tags)
    print(f"temperatures {temperature:.2f}, MSD tags alone {msd_temperature:.2f}; unknown below {threshold:.3f}")
    print(f"\n{FOLDS} folds by artist")
    report(used, [calibrated(*pair) for pair in zip(used, logits, strict=True)], threshold)
    print("\nMSD tags alone")
    report(used, [softmax(found / msd_temperature) for found in msd_logits], threshold)
    for number, corpus in enumerate(used if len(used) == len(corpora) else ()):
        print(f"\ntrained without {corpus.name}")
        found = out_of_fold(used, without=corpus.name)[0][number]
        report([corpus], [calibrated(corpus, found)], threshold)

    terms = fit(used)
    weights, bias = terms.weights / temperature, terms.bias / temperature
    msd_weights, msd_bias = terms.msd_weights / msd_temperature, terms.msd_bias / msd_temperature
    best = (softmax(terms.logits(tags) / temperature).argmax(axis=1) for tags in (allmusic.tags, windows))
    same = np.mean(np.equal(*best))
    print(f"\nfive windows of an ingest and ten patches predict the same genre for {same:.3f} of AllMusic 4Q")
    trained_on = () if arguments.without == gtzan.name else names
    model = GenreModel("default", VERSION, GENRES, weights, bias, msd_weights, msd_bias, threshold, trained_on)
    arguments.output.mkdir(parents=True, exist_ok=True)
    save(model, arguments.output / "default.npz")
    write_reference(corpora[:2], arguments.output / "tag_reference.npz")
    print(f"\nwrote default.npz and tag_reference.npz to {arguments.output}")


if __name__ == "__main__":
    main()
