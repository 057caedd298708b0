"""Train the default genre model, and print what it is worth on artists that it has not learned from.

    python scripts/train_genre.py DATA [--library HOME] [--output recsys/genre/data]

DATA holds ``gtzan/``, ``emotify/`` and ``allmusic4q/``. Writes ``default.npz`` (the model) and ``tag_reference.npz``
(the usual probability of each of MusiCNN's 100 tags). HOME is the home of a library that has DATA's Emotify clips
already; without it they are analysed here.

A label is a set of genres, of which one is right (:mod:`recsys.genre.partial`), chosen from the genres that the corpus
has: GTZAN's ten, Emotify's four; AllMusic 4Q has several editorial genres for a clip, and ``genre_map.json`` says which
of ours each covers. Two terms:

* over the 50 MSD tags, which all corpora have, the sum of two models of all three. One is a linear discriminant on
  logarithms; AllMusic's sets are divided by what the discriminant itself says (EM), and to what the labels teach is
  added what the words mean: the tag "jazz" speaks for jazz. The other is a penalised softmax regression on the
  probabilities themselves. It is also the model for MSD tags alone.
* over the logarithms of all 100 tags, a penalised softmax correction of the first term, from Emotify and AllMusic 4Q.

Within a corpus, a track counts the less the more tracks its artist has. One temperature for each of the two models is
fitted to what was said out of fold of all corpora together, and the threshold of "unknown" so that at most 6 in 100
tracks of Emotify and of AllMusic 4Q are left unnamed.
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
FIRST = {"GTZAN": 1.0, "Emotify": 0.3, "AllMusic 4Q": 0.1}  # what a track of a corpus counts in the first term,
SECOND = {"Emotify": 0.3, "AllMusic 4Q": 1.0}  # and in the second
ARTIST_POWER = 0.25  # a track of an artist with n tracks counts n ** -0.25
SHRINKAGE = 0.25
WORD = 1.0  # logit of a genre, before the cooling, for each deviation by which the tag of its name is up
COOLING = 3.0  # by which a discriminant's logits are divided before they divide a set of genres
ROUNDS = 8  # of EM
PENALTY, BIAS_PENALTY = 0.2, 1e-3  # of the correction; with 0.1, Emotify by the two other corpora falls to 0.63
PROBABILITY_PENALTY = 0.045  # of the regression on probabilities: C = 0.05 on GTZAN's files
FOLDS = 4  # as AllMusic 4Q has them
UNNAMED = 0.06  # share of a corpus; of 431 tracks of game music, unlike all three, it leaves 0.10 unnamed
SAMPLES = 500  # of the bootstrap over artists
OUTPUT = Path(__file__).parents[1] / "recsys" / "genre" / "data"
#: What of AllMusic's teaches a genre, where it is less than what the genre covers. Where all of it taught, every sixth
#: clip was named disco, every third pop, and none R&B/soul.
TEACHING = {"disco": {"R&B", "Electronic"}, "pop": {"Pop/Rock", "Vocal"}}
WORDS = {
    "blues": "blues", "country": "country", "electronic": "electronic", "folk": "folk", "hip hop": "Hip-Hop",
    "jazz": "jazz", "metal": "metal", "pop": "pop", "R&B/soul": "soul", "rock": "rock",
}  # fmt: skip


class Corpus(NamedTuple):
    """Labelled tracks: tags (n, 50 or 100), allowed genres (n, g) among those (g,) of the corpus, artist, fold (n,).

    ``taught`` (n, g) are the genres that are learned, ``allowed`` those that are right.
    """

    name: str
    tags: np.ndarray
    taught: np.ndarray
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
        """Genres (n, g) that each label was chosen from."""
        return np.tile(self.among, (len(self.fold), 1))

    def weights(self, each: float) -> np.ndarray:
        """What each track counts."""
        size = Counter(self.artist)
        return np.array([each * size[artist] ** -ARTIST_POWER for artist in self.artist])

    def only(self, rows: np.ndarray) -> "Corpus":
        """These rows."""
        kept = (self.tags[rows], self.taught[rows], self.allowed[rows], self.among, self.artist[rows], self.fold[rows])
        return Corpus(self.name, *kept)

    def right(self, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Probability (n,) of the best guess among the genres of the corpus, and whether it is right (n,)."""
        kept = np.where(self.among, probabilities, 0)
        kept /= kept.sum(axis=1, keepdims=True)
        rows = np.arange(len(kept))
        return kept.max(axis=1), self.allowed[rows, kept.argmax(axis=1)]


def single(name: str, tags: np.ndarray, genres: list[str], artists: list[str], kinds: tuple[str, ...]) -> Corpus:
    """A corpus of one label each, with folds by artist."""
    numbers = np.array([GENRES.index(genre) for genre in genres])
    fold = np.zeros(len(numbers), int)
    splits = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0).split(tags, numbers, artists)
    for number, (_, test) in enumerate(splits):
        fold[test] = number
    chosen = np.array([genre in kinds for genre in GENRES])
    labels = np.eye(len(GENRES), dtype=bool)[numbers]
    return Corpus(name, tags, labels, labels, chosen, np.array(artists), fold)


def read_gtzan(folder: Path) -> tuple[Corpus, tuple[str, ...]]:
    """GTZAN's training files; one without a known artist is its own artist."""
    data = read_taggrams(folder / "train_taggrams.npz")
    with (folder / "features_30_sec_train_valid.csv").open(newline="", encoding="utf-8") as file:
        groups = {Path(row["filename"]).stem: row["artist_group"] for row in csv.DictReader(file)}
    names = tuple(str(name) for name in data.files)
    artists = [groups[Path(name).stem] or name for name in names]
    return single("GTZAN", data.tags, [GTZAN[label] for label in data.labels], artists, GTZAN), names


def read_emotify(folder: Path, home: Path | None) -> Corpus:
    """Emotify's clips, analysed in the windows of an ingest, or as a library has them."""
    with (folder / "index.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    tags = tags_of(home, [folder / row["path"] for row in rows]) if home else listen(folder, rows)
    return single("Emotify", tags, [row["genre"] for row in rows], [row["artist"] for row in rows], EMOTIFY)


def tags_of(home: Path, paths: list[Path]) -> np.ndarray:
    """Tags (n, 100) of files that a library has."""
    from recsys.app.context import LibraryContext
    from recsys.config import load_settings

    with LibraryContext(load_settings({}, home=home)).open() as catalogue:
        texts = [str(path.resolve()) for path in paths]
        ids = catalogue.ids_at(texts)
        return catalogue.vectors_by_id([ids[text] for text in texts], "raw")[:, GROUPS["tags"]].astype(float)


def listen(folder: Path, rows: list[dict[str, str]]) -> np.ndarray:
    """Tags (n, 100) of files, from their audio."""
    tags = []
    for i, row in enumerate(rows, start=1):
        tags.append(analyse(read_excerpts(folder / row["path"])).vector[GROUPS["tags"]].astype(float))
        print(f"\ranalysing {i} of {len(rows)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return np.stack(tags)


def read_allmusic(folder: Path) -> tuple[Corpus, np.ndarray]:
    """AllMusic 4Q: tags as the mean of ten patches; besides, the tags (n, 100) of the five windows of an ingest.

    A clip whose genres are all beyond ours ("Holiday") has no allowed genre: nothing is learned from it, and every
    answer is wrong.
    """
    covers = json.loads((folder / "genre_map.json").read_text(encoding="utf-8"))
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        known = {row["id"]: row for row in csv.DictReader(file)}
    with np.load(folder / "features.npz", allow_pickle=False) as data:
        tags, raw = data["tags"].astype(float).mean(axis=1), data["raw"][:, GROUPS["tags"]].astype(float)
        rows = [known[str(name)] for name in data["id"]]
    genres = [set(row["genres"].split("|")) for row in rows]
    allowed = np.array([[bool(said & set(covers[genre])) for genre in GENRES] for said in genres])
    taught = np.array([[bool(said & TEACHING.get(genre, set(covers[genre]))) for genre in GENRES] for said in genres])
    artist, fold = np.array([row["artist"] for row in rows]), np.array([int(row["fold"]) for row in rows])
    return Corpus("AllMusic 4Q", tags, taught, allowed, np.ones(len(GENRES), bool), artist, fold), raw


class Terms(NamedTuple):
    """Weights and bias over the features of 100 tags, and of MSD's 50."""

    weights: np.ndarray
    bias: np.ndarray
    msd_weights: np.ndarray
    msd_bias: np.ndarray

    def logits(self, tags: np.ndarray) -> np.ndarray:
        """Logits (n, g) of tags (n, 50 or 100)."""
        whole = tags.shape[1] > len(MSD_TAGS)
        weights, bias = (self.weights, self.bias) if whole else (self.msd_weights, self.msd_bias)
        return tag_features(tags) @ weights.T + bias


def fit_first(parts: list[Corpus]) -> tuple[np.ndarray, np.ndarray]:
    """Weights (g, 100) and bias (g,) over the features of MSD's tags: both models added."""
    by_logarithm, bias = fit_logarithms(parts)
    by_probability, other_bias = fit_probabilities(parts)
    return np.concatenate([by_logarithm, by_probability], axis=1), bias + other_bias


def fit_probabilities(parts: list[Corpus]) -> tuple[np.ndarray, np.ndarray]:
    """Weights and bias over MSD's tag probabilities: a softmax regression in which all genres count alike."""
    features = np.concatenate([part.features[:, len(MSD_TAGS) :] for part in parts])
    weight = np.concatenate([balanced(part, part.weights(FIRST[part.name])) for part in parts])
    mean = np.average(features, axis=0, weights=weight)
    deviation = np.sqrt(np.average((features - mean) ** 2, axis=0, weights=weight))
    allowed, among = (np.concatenate(sets) for sets in zip(*((p.taught, p.choices) for p in parts), strict=True))
    _, weights, bias = fit_partial(
        (features - mean) / deviation, np.zeros(allowed.shape), allowed, among, weight,
        penalty=PROBABILITY_PENALTY, bias_penalty=BIAS_PENALTY,
    )  # fmt: skip
    weights = weights / deviation
    return weights, bias - weights @ mean


def balanced(part: Corpus, weight: np.ndarray) -> np.ndarray:
    """Weights (n,) of the same sum by which every genre that a corpus has counts as much as any other."""
    shares = part.taught / part.taught.sum(axis=1, keepdims=True)
    totals = weight @ shares
    found = weight * (shares / np.where(totals > 0, totals, 1)).sum(axis=1)
    return found * weight.sum() / found.sum()


def fit_logarithms(parts: list[Corpus]) -> tuple[np.ndarray, np.ndarray]:
    """Weights and bias over MSD's log tags: a discriminant that divides sets of genres by what it says itself."""
    features = np.concatenate([part.features[:, : len(MSD_TAGS)] for part in parts])
    allowed = np.concatenate([part.taught for part in parts])
    weight = np.concatenate([part.weights(FIRST[part.name]) for part in parts])[:, None]
    present = allowed.any(axis=0)  # where a corpus is left out, a genre may be left without a track
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
    """Both terms, from what the parts can teach."""
    parts = [part.only(np.any(part.taught, axis=1)) for part in parts]
    msd_weights, msd_bias = fit_first(parts)
    second = [part for part in parts if part.name in SECOND]
    tags = np.concatenate([part.tags for part in second])
    features, size = tag_features(tags)[:, : len(TAGS)], len(MSD_TAGS)
    mean, deviation = features.mean(axis=0), features.std(axis=0)
    offset = tag_features(tags[:, :size]) @ msd_weights.T + msd_bias
    scale, weights, bias = fit_partial(
        (features - mean) / deviation, offset,
        np.concatenate([part.taught for part in second]),
        np.concatenate([part.choices for part in second]),
        np.concatenate([part.weights(SECOND[part.name]) for part in second]),
        penalty=PENALTY, bias_penalty=BIAS_PENALTY,
    )  # fmt: skip
    weights = weights / deviation
    bias = bias - weights @ mean + scale * msd_bias
    weights = np.concatenate([weights, np.zeros(weights.shape)], axis=1)  # nothing of probabilities in the correction
    weights[:, :size] += scale * msd_weights[:, :size]
    weights[:, len(TAGS) : len(TAGS) + size] += scale * msd_weights[:, size:]
    return Terms(weights, bias, msd_weights, msd_bias)


def out_of_fold(corpora: list[Corpus], *, without: str = "") -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Logits (n, g) of each corpus, from all tags that it has and from MSD's, by models without its artist's fold.

    Nor have they learned from the corpus ``without``.
    """
    said, alone = ([np.zeros(corpus.allowed.shape) for corpus in corpora] for _ in range(2))
    for fold in range(FOLDS):
        terms = fit([corpus.only(corpus.fold != fold) for corpus in corpora if corpus.name != without])
        for corpus, logits, msd in zip(corpora, said, alone, strict=True):
            rows = corpus.fold == fold
            logits[rows] = terms.logits(corpus.tags[rows])
            msd[rows] = terms.logits(corpus.tags[rows, : len(MSD_TAGS)])
    return said, alone


def fit_temperature(pairs: list[tuple[Corpus, np.ndarray]]) -> float:
    """What logits of some corpora are divided by, so that best guesses are as often right as their probability says."""

    def loss(log_temperature: float) -> float:
        total = 0.0
        for corpus, logits in pairs:
            said, right = corpus.right(softmax(logits / np.exp(log_temperature)))
            said = np.clip(said, 1e-6, 1 - 1e-6)
            total -= np.log(np.where(right, said, 1 - said)).sum()
        return total

    return float(np.exp(minimize_scalar(loss, bounds=(-2, 2), method="bounded").x))


def standard_error(right: np.ndarray, artist: np.ndarray) -> float:
    """Of an accuracy: bootstrap over artists."""
    _, number = np.unique(artist, return_inverse=True)
    hits, size, rng = np.bincount(number, right), np.bincount(number), np.random.default_rng(0)
    drawn = rng.integers(0, len(size), (SAMPLES, len(size)))
    return float(np.std(hits[drawn].sum(axis=1) / size[drawn].sum(axis=1)))


def report(corpora: list[Corpus], probabilities: list[np.ndarray], threshold: float) -> None:
    """Accuracy, calibration and share of unknown of each corpus, and the precision of each genre of AllMusic 4Q."""
    every = []
    for corpus, said in zip(corpora, probabilities, strict=True):
        sure, right = corpus.right(said)
        every.append(np.stack([sure, right], axis=1))
        unnamed = np.mean(said.max(axis=1) < threshold)
        print(
            f"{corpus.name:<12} {len(right):>4} tracks: accuracy {right.mean():.3f} ± "
            f"{standard_error(right, corpus.artist):.3f}, calibration error {error_of(sure, right):.3f}, "
            f"unknown {unnamed:.3f}"
        )
        if corpus.among.all():
            best = said.argmax(axis=1)
            counts = [(genre, int(right[best == i].sum()), int((best == i).sum())) for i, genre in enumerate(GENRES)]
            print("  named, right of all:", ", ".join(f"{genre} {hits}/{n}" for genre, hits, n in counts if n))
    sure, right = np.concatenate(every).T
    print(f"all together: calibration error {error_of(sure, right):.3f}")


def error_of(sure: np.ndarray, right: np.ndarray) -> float:
    """Calibration error of best guesses, as :func:`score_gtzan.calibration_error` has it."""
    return calibration_error(np.stack([sure, np.zeros(len(sure))], axis=1), np.where(right, 0, 1))


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
    taught = [corpus for corpus in corpora if corpus.name != arguments.without]

    logits, alone = out_of_fold(taught)
    whole = [(c, said) for c, said in zip(taught, logits, strict=True) if c.tags.shape[1] > len(MSD_TAGS)]
    temperature, msd_temperature = fit_temperature(whole), fit_temperature(list(zip(taught, alone, strict=True)))

    def cooled(corpus: Corpus, said: np.ndarray) -> np.ndarray:
        return softmax(said / (temperature if corpus.tags.shape[1] > len(MSD_TAGS) else msd_temperature))

    threshold = min(float(np.quantile(cooled(*pair).max(axis=1), UNNAMED)) for pair in whole)
    print(f"temperatures {temperature:.2f}, MSD tags alone {msd_temperature:.2f}; unknown below {threshold:.3f}")
    print(f"\n{FOLDS} folds by artist")
    report(taught, [cooled(*pair) for pair in zip(taught, logits, strict=True)], threshold)
    print("\nMSD tags alone")
    report(taught, [softmax(said / msd_temperature) for said in alone], threshold)
    for number, corpus in enumerate(taught if len(taught) == len(corpora) else ()):
        print(f"\nlearned without {corpus.name}")
        said = out_of_fold(taught, without=corpus.name)[0][number]
        report([corpus], [cooled(corpus, said)], threshold)

    found = fit(taught)
    weights, bias = found.weights / temperature, found.bias / temperature
    msd_weights, msd_bias = found.msd_weights / msd_temperature, found.msd_bias / msd_temperature
    best = (softmax(found.logits(tags) / temperature).argmax(axis=1) for tags in (allmusic.tags, windows))
    print(f"\nfive windows of an ingest name what ten patches name in {np.mean(np.equal(*best)):.3f} of AllMusic 4Q")
    trained_on = () if arguments.without == gtzan.name else names
    model = GenreModel("default", VERSION, GENRES, weights, bias, msd_weights, msd_bias, threshold, trained_on)
    arguments.output.mkdir(parents=True, exist_ok=True)
    save(model, arguments.output / "default.npz")
    write_reference(corpora[:2], arguments.output / "tag_reference.npz")
    print(f"\nwrote default.npz and tag_reference.npz to {arguments.output}")


if __name__ == "__main__":
    main()
