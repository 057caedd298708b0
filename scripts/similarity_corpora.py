"""The collections that the similarity projection is fitted to and scored on, for fit_similarity.py and score_peers.py.

* ``allmusic4q``: features of 685 half-minute clips of the 4Q emotion set, with AllMusic's genres, moods and pairs of
  similar artists (Panda, Malheiro & Paiva 2018);
* ``emotify``: 274 one-minute clips of Magnatune with genre, artist and album (Aljanaki et al.);
* ``gtzan``: MusiCNN's MSD tags of 443 clips with their genres (the musicnn authors); only labels are learned from it;
* any other library: full songs with the artists and albums of their tags, such as Debian's game music.
"""

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from score_gtzan import GTZAN, read_taggrams

from recsys.config import load_settings
from recsys.database.catalogue import Catalogue
from recsys.domain.arrays import FloatArray, IdArray
from recsys.features.scaling import normalise, reference
from recsys.features.schema import DIMENSIONS, GROUPS
from recsys.features.version import FEATURE_VERSION
from recsys.metadata.labels import labels_from_tags
from recsys.recommend.learning import Collection, LabelSet

ALLMUSIC_WEIGHTS = {"genres": 1.0, "moods": 0.5}  # weight of each set of labels
EMOTIFY_WEIGHT, GTZAN_WEIGHT = 1.5, 1.0
MIN_LABEL_TRACKS = 4  # labels with fewer tracks are not learned


@dataclass(eq=False)
class Corpus:
    """n tracks with their labels; unknown artists, albums and genres are "".

    Attributes
    ----------
    genres : list of frozenset
        Sets, because AllMusic has several for a clip.
    folds : (n,) or None
        Where the source defines them.
    similar : (n, n) or None
        Pairs whose artists are similar according to AllMusic's editors.
    parts, part_tracks : (m, D), (m,)
        Normalised windows, and the indices of their tracks.
    tags_only : bool
        Whether only the MSD tags of ``features`` are real.
    """

    name: str
    features: FloatArray
    artists: np.ndarray
    albums: np.ndarray
    genres: list[frozenset[str]]
    files: list[str] = field(default_factory=list)
    audio_hashes: list[str] = field(default_factory=list)
    moods: list[frozenset[str]] = field(default_factory=list)
    folds: np.ndarray | None = None
    similar: np.ndarray | None = None
    parts: FloatArray | None = None
    part_tracks: IdArray = field(default_factory=lambda: np.empty(0, np.int64))
    tags_only: bool = False

    def collection(self, rows: IdArray | None = None) -> Collection:
        """The collection to fit to, with these rows or all."""
        rows = np.arange(len(self.features)) if rows is None else rows
        labels = [LabelSet(_present([self.genres[i] for i in rows]), self._genre_weight())]
        if self.moods:
            labels.append(LabelSet(_present([self.moods[i] for i in rows]), ALLMUSIC_WEIGHTS["moods"]))
        parts, part_tracks = None, np.empty(0, np.int64)
        if self.parts is not None:
            new_index = np.full(len(self.features), -1)
            new_index[rows] = np.arange(len(rows))
            kept = new_index[self.part_tracks] >= 0
            parts, part_tracks = self.parts[kept], new_index[self.part_tracks[kept]]
        return Collection(
            self.features[rows],
            tuple(each for each in labels if each.present.shape[1]),
            tuple(tuple(values[rows]) for values in (self.artists, self.albums) if any(values)),
            parts, part_tracks, self.tags_only,
        )  # fmt: skip

    def _genre_weight(self) -> float:
        return {"emotify": EMOTIFY_WEIGHT, "gtzan": GTZAN_WEIGHT}.get(self.name, ALLMUSIC_WEIGHTS["genres"])


def _present(sets: list[frozenset[str]]) -> np.ndarray:
    """Which track has which label (n, t), without rare labels."""
    names = sorted(set().union(*sets)) if sets else []
    present = np.array([[name in labels for name in names] for labels in sets], float).reshape(len(sets), len(names))
    return present[:, present.sum(axis=0) >= MIN_LABEL_TRACKS]


def read_corpora(data: Path, homes: list[Path]) -> dict[str, Corpus]:
    """All collections in the folder ``data`` and all libraries, by name."""
    found = [read_allmusic(data / "allmusic4q"), read_gtzan(data / "gtzan")]
    for home in homes:
        found.extend(split_library(home, data / "emotify" / "index.csv"))
    return {corpus.name: corpus for corpus in found}


def read_allmusic(folder: Path) -> Corpus:
    """AllMusic 4Q; its tags and embeddings are the means of ten patches, the rest is the raw vector."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with np.load(folder / "features.npz") as stored:
        ids, raw = stored["id"].tolist(), stored["raw"].astype(np.float32)
        patches, tags = stored["embeddings"].astype(np.float32), stored["tags"].astype(np.float32)
    if ids != [row["id"] for row in rows]:
        raise SystemExit(f"{folder}: features.npz and labels.csv have different clips")
    raw[:, GROUPS["learned"]], raw[:, GROUPS["tags"]] = patches.mean(axis=1), tags.mean(axis=1)
    n, p, _ = patches.shape
    parts = np.repeat(normalise(raw), p, axis=0)
    columns, statistics = GROUPS["learned"], reference()
    parts[:, columns] = (patches.reshape(n * p, -1) - statistics.mean[columns]) / statistics.std[columns]
    new_index = {name: i for i, name in enumerate(ids)}
    similar = np.zeros((n, n), bool)
    with (folder / "similar_artists.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            a, b = new_index[row["id_a"]], new_index[row["id_b"]]
            similar[a, b] = similar[b, a] = True
    return Corpus(
        "allmusic4q", normalise(raw), np.array([row["artist"] for row in rows], object), np.full(n, "", object),
        [_set(row["genres"]) for row in rows], moods=[_set(row["moods"]) for row in rows],
        folds=np.array([int(row["fold"]) for row in rows]), similar=similar,
        parts=parts, part_tracks=np.repeat(np.arange(n), p),
    )  # fmt: skip


def read_gtzan(folder: Path) -> Corpus:
    """GTZAN's training files: MSD tags only, all other features are the mean of the reference corpus."""
    data = read_taggrams(folder / "train_taggrams.npz")
    raw = np.tile(reference().mean, (len(data.files), 1)).astype(np.float32)
    start = GROUPS["tags"].start
    raw[:, start : start + data.tags.shape[1]] = data.tags
    blank = np.full(len(raw), "", object)
    genres = [frozenset([GTZAN[label]]) for label in data.labels]
    return Corpus("gtzan", normalise(raw), blank, blank, genres, tags_only=True)


def split_library(home: Path, index: Path) -> Iterator[Corpus]:
    """The Emotify clips of a library, labelled by their index; then the other tracks, labelled by their tags."""
    with index.open(encoding="utf-8", newline="") as file:
        rows = {str((index.parent / row["path"]).resolve()): row for row in csv.DictReader(file)}
    library = read_library_corpus(home)
    is_emotify = np.array([path in rows for path in library.files])
    if is_emotify.any():
        clips = _rows_of(library, np.flatnonzero(is_emotify), "emotify")
        labels = [rows[path] for path in clips.files]
        clips.genres = [frozenset([row["genre"]]) for row in labels]
        clips.artists = np.array([row["artist"] for row in labels], object)
        clips.albums = np.array([f"{r['artist']}\n{r['album']}" if r["album"] else "" for r in labels], object)
        yield clips
    if not is_emotify.all():
        yield _rows_of(library, np.flatnonzero(~is_emotify), home.name)


def read_library_corpus(home: Path) -> Corpus:
    """All tracks of a library with the artists and albums of their tags, and their windows."""
    settings = load_settings({}, home=home)
    with Catalogue.open(settings.database, feature_version=FEATURE_VERSION, read_only=True) as catalogue:
        ids, vectors = catalogue.vectors()
        tracks = list(catalogue.tracks_by_id(ids.tolist()).values())
        windows = [catalogue.windows(i)[1].astype(np.float32) for i in ids.tolist()]
        audio_hashes = [catalogue.track_details(i)["audio_hash"] for i in ids.tolist()]
    labelled = labels_from_tags(tracks)
    artists, albums = (np.array([n or "" for n in names], object) for names in (labelled.artists, labelled.albums))
    return Corpus(
        home.name, vectors, artists, albums,
        [frozenset() for _ in tracks],
        files=[str(Path(track.path).resolve()) for track in tracks], audio_hashes=audio_hashes,
        parts=normalise(np.vstack(windows)), part_tracks=np.repeat(np.arange(len(tracks)), list(map(len, windows))),
    )  # fmt: skip


def _rows_of(corpus: Corpus, rows: IdArray, name: str) -> Corpus:
    new_index = np.full(len(corpus.features), -1)
    new_index[rows] = np.arange(len(rows))
    kept = new_index[corpus.part_tracks] >= 0
    assert corpus.parts is not None
    return Corpus(
        name, corpus.features[rows], corpus.artists[rows], corpus.albums[rows], [corpus.genres[i] for i in rows],
        files=[corpus.files[i] for i in rows], audio_hashes=[corpus.audio_hashes[i] for i in rows],
        parts=corpus.parts[kept], part_tracks=new_index[corpus.part_tracks[kept]],
    )  # fmt: skip


def _set(text: str) -> frozenset[str]:
    return frozenset(filter(None, text.split("|")))


assert len(DIMENSIONS) == GROUPS["tags"].stop  # the tags are the last group
