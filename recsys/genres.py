"""Genre models of one's own: training on the tracks of a library, judging, choosing one, and using it.

The models lie in the folder ``models`` of the home, each a file; ``used`` there names the one that says the genres of
this library. All of it works on stored vectors: no audio is touched.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from recsys.errors import NothingFound, RecsysError, UsageError
from recsys.opened import Library
from recsys.types import DoubleArray, FloatArray, GenrePrediction

if TYPE_CHECKING:
    from recsys.genre.training import Examples, TrainedModel
    from recsys.library.catalogue import Catalogue

_log = logging.getLogger(__name__)

DEFAULT = "default"
SHIPPED = "the model that ships, as it is"
_BATCH = 4096  # tracks predicted and written at a time


class Trained(NamedTuple):
    """What a training gave: the model's scores as :func:`scored` has them, and the genres it left out, and why."""

    scores: dict[str, Any]
    dropped: dict[str, str]


class Suspect(NamedTuple):
    """A track whose label a model doubts: what was given, what the model says, the probability it gives to both."""

    path: str
    given: str
    said: str
    given_probability: float
    said_probability: float


@dataclass(frozen=True, slots=True)
class GenreModels:
    """The genre models beside a library."""

    library: Library

    @property
    def folder(self) -> Path:
        """Where the models lie."""
        return self.library.settings.home / "models"

    # Making models

    def train(
        self,
        name: str,
        *,
        labels: str = "tags",
        algorithm: str = "blend",
        features: str = "all",
        progress: Callable[[int, int], None] = lambda _done, _all: None,
    ) -> Trained:
        """Train a model on "tags", on "folders" or on a csv with the columns path and genre, and keep it as ``name``.

        Raises
        ------
        NothingFound, UsageError
        """
        from recsys.features.version import FEATURE_VERSION
        from recsys.genre.algorithms import recipe
        from recsys.genre.registry import describe, path_of, save
        from recsys.genre.training import train, usable

        path = path_of(self.folder, name)
        recipe(algorithm, features)  # what is wrong is said before the library is read
        version = describe(path)["version"] + 1 if path.exists() else 1
        with self.library.open() as catalogue:
            examples, dropped = usable(self._examples(catalogue, labels))
            others = {SHIPPED: _shipped(catalogue, examples)}
        model = train(
            name, examples, others=others,
            algorithm=algorithm, features=features, feature_version=FEATURE_VERSION, version=version, progress=progress,
        )  # fmt: skip
        save(model, self.folder)
        return Trained(scored(model), dropped)

    def _examples(self, catalogue: "Catalogue", labels: str) -> "Examples":
        from recsys.evaluate.labels import labels_from_folders, labels_from_table, labels_from_tags
        from recsys.genre.training import Examples

        ids = np.intersect1d(catalogue.ids(), catalogue.vector_ids())
        tracks = list(catalogue.get(ids.tolist()).values())
        if not tracks:
            raise NothingFound("nothing has been listened to yet; run: recsys ingest FOLDER")
        if labels == "tags":
            known = labels_from_tags(tracks, catalogue.journal.genres())
        elif labels == "folders":
            known = labels_from_folders(tracks, catalogue.roots())
        else:
            known = labels_from_table(tracks, Path(labels))
        rows = [i for i, genre in enumerate(known.genres) if genre]
        if not rows:
            raise NothingFound(f"no track of the library has a genre by the {known.source}")
        groups, grouped_by = _groups(known.artists, known.albums, rows)
        return Examples(
            catalogue.vectors_of([tracks[i].id for i in rows]),
            tuple(str(known.genres[i]) for i in rows),
            groups,
            tuple(tracks[i].path for i in rows),
            tuple(tracks[i].id for i in rows),
            known.source,
            grouped_by,
        )

    # Judging them

    def evaluate(self, name: str | None = None) -> dict[str, Any]:
        """The scores of a model, by default of the one in use, as :func:`scored` has them.

        Raises
        ------
        NothingFound, ModelError
        """
        return scored(self._load(name or self._used_of_ours()))

    def write_report(self, name: str | None, folder: Path) -> list[Path]:
        """Write pictures of :meth:`evaluate` and one HTML page with all of it into a folder; what was written.

        Raises
        ------
        NothingFound, ModelError, UsageError
        """
        from recsys.render.genre_report import write_report

        card = self.evaluate(name)
        try:
            return write_report(card, folder)
        except OSError as error:
            raise UsageError(f"cannot write the report to {folder}: {error.strerror}") from error

    def suspects(self, name: str | None = None) -> list[Suspect]:
        """Tracks whose label a model doubts that has not heard their artist, the most doubted first.

        Raises
        ------
        NothingFound, ModelError
        """
        from recsys.genre.training import suspects

        return [Suspect(*row) for row in suspects(self._load(name or self._used_of_ours()))]

    def _used_of_ours(self) -> str:
        used = self.used()
        if used == DEFAULT:
            raise NothingFound(
                "name a model; the default one has learned from none of your labels. See: recsys genre models"
            )
        return used

    # Choosing one

    def models(self) -> list[dict[str, Any]]:
        """Every model: name, version, when and from what it was made, its accuracy, and whether it is in use."""
        from recsys.genre.model import default_model
        from recsys.genre.registry import describe, names, path_of

        used, default = self.used(), default_model()
        found: list[dict[str, Any]] = [
            {
                "name": DEFAULT, "version": default.version, "made": None, "genres": list(default.genres),
                "algorithm": "discriminant", "features": "tags", "tracks": len(default.trained_on),
                "labels": "GTZAN and Emotify", "accuracy": None, "fingerprint": None, "feature_version": None,
                "used": used == DEFAULT,
            }
        ]  # fmt: skip
        for name in names(self.folder):
            try:
                facts = describe(path_of(self.folder, name))
            except RecsysError as error:  # the others are there all the same
                _log.warning("%s", error)
                continue
            said = facts["answers"]
            right = np.argmax(said["probabilities"], axis=1) == np.array(said["truth"])
            kept = ("name", "version", "made", "genres", "algorithm", "features", "fingerprint", "feature_version")
            found.append(
                {key: facts[key] for key in kept}
                | {
                    "tracks": len(right),
                    "labels": facts["source"],
                    "accuracy": float(right.mean()),
                    "used": used == name,
                }
            )
        return found

    def used(self) -> str:
        """The name of the model in use."""
        try:
            return (self.folder / "used").read_text(encoding="utf-8").strip() or DEFAULT
        except FileNotFoundError:
            return DEFAULT

    def in_use(self, name: str | None) -> Callable[[FloatArray, FloatArray], list[GenrePrediction]]:
        """What a model, by default the one in use, says of raw and normalised vectors (n, D).

        Raises
        ------
        NothingFound, ModelError
        """
        _, ask, kind = self._asked(name or self.used())
        return lambda raw, normalised: list(ask(raw if kind == "raw" else normalised))

    def use(self, name: str) -> None:
        """Let this model say the genres from now on; :meth:`predict` has it say them of what is there.

        Raises
        ------
        NothingFound, ModelError
        """
        from recsys.render.files import replacing

        if name != DEFAULT:
            self._load(name)  # what cannot be read cannot be used
        self.folder.mkdir(parents=True, exist_ok=True)
        with replacing(self.folder / "used") as file:
            file.write(f"{name}\n".encode())

    # Using it

    def predict(
        self, name: str | None = None, *, progress: Callable[[int, int], None] = lambda _done, _all: None
    ) -> int:
        """Have the model in use say the genre of every track that it has not said it of; how many.

        With a ``name``, that one is used from now on: a library has its genres from one model.

        Raises
        ------
        NothingFound, ModelError
        """
        if name:
            self.use(name)
        with self.library.open() as catalogue:
            return self._fill(catalogue, self.used(), progress)

    def catch_up(self, catalogue: "Catalogue") -> None:
        """What came since is named by the model in use; ingest has named it by the default one."""
        if (used := self.used()) == DEFAULT:
            return
        try:
            self._fill(catalogue, used, lambda _done, _all: None)
        except RecsysError as error:  # what was asked for is done; the new tracks have the default model's genre
            _log.warning("%s", error)

    def _fill(self, catalogue: "Catalogue", name: str, progress: Callable[[int, int], None]) -> int:
        model, ask, kind = self._asked(name)
        ids = catalogue.ids_not_by(model).tolist()
        for start in range(0, len(ids), _BATCH):
            progress(start, len(ids))
            batch = ids[start : start + _BATCH]
            catalogue.set_genres(batch, ask(catalogue.vectors_of(batch, kind)))
        progress(len(ids), len(ids))
        return len(ids)

    def _asked(self, name: str) -> tuple[str, Callable[[FloatArray], Sequence[GenrePrediction]], Any]:
        """What a model calls itself, what it says of vectors, and of which kind they must be."""
        if name == DEFAULT:
            from recsys.features.layout import GROUPS
            from recsys.genre.model import default_model, predict

            return str(default_model()), lambda raw: predict(raw[:, GROUPS["tags"]]), "raw"
        model = self._load(name)
        return str(model), model.predict, "normalised"

    def _load(self, name: str) -> "TrainedModel":
        from recsys.features.version import FEATURE_VERSION
        from recsys.genre.registry import load, path_of

        return load(path_of(self.folder, name), FEATURE_VERSION)


def scored(model: "TrainedModel") -> dict[str, Any]:
    """What a model is, its split, its scores on tracks of artists it has not heard, the first fold's, baselines."""
    from recsys.genre.scores import score

    said = model.answers
    held = said.folds == 0
    groups = np.array(said.groups)
    return {
        "name": model.name,
        "version": model.version,
        "made": model.made,
        "algorithm": model.algorithm,
        "features": model.features,
        "feature_version": model.feature_version,
        "labels": model.source,
        "fingerprint": model.fingerprint,
        "genres": list(model.genres),
        "threshold": model.threshold,
        "split": {
            "by": model.grouped_by,
            "folds": int(said.folds.max()) + 1,
            "groups": len(set(said.groups)),
            "tracks_by": Counter(group.split(" ", 1)[0] for group in said.groups),
            "tracks": len(said.truth),
            "test": int(held.sum()),
        },
        "scores": score(said.truth, said.probabilities, said.groups, model.genres, said.thresholds),
        "test": score(said.truth[held], said.probabilities[held], groups[held].tolist(), model.genres),
        "baselines": {
            name: score(said.truth, probabilities, said.groups, model.genres)
            for name, probabilities in model.baselines.items()
        },
    }


def _shipped(catalogue: "Catalogue", examples: "Examples") -> DoubleArray:
    """What the default model says (n, c) of the genres of some examples; of those that it does not know, nothing."""
    from recsys.features.layout import GROUPS
    from recsys.genre.model import default_model

    model = default_model()
    said = model.probabilities(catalogue.vectors_of(list(examples.ids), "raw")[:, GROUPS["tags"]])
    known = {_letters(genre): column for column, genre in enumerate(model.genres)}
    columns = [known.get(_letters(genre)) for genre in sorted(set(examples.genres))]
    chosen = np.column_stack([np.zeros(len(said)) if column is None else said[:, column] for column in columns]) + 1e-9
    shares: DoubleArray = chosen / chosen.sum(axis=1, keepdims=True)
    return shares


def _letters(genre: str) -> str:
    """A genre without what its spellings differ in: "Hip-Hop" and "hip hop"."""
    return "".join(letter for letter in genre.casefold() if letter.isalnum())


def _groups(
    artists: Sequence[str | None], albums: Sequence[str | None], rows: Sequence[int]
) -> tuple[tuple[str, ...], str]:
    """What no fold may tear apart, for each of ``rows``: the artist, else the album, else the track; which mostly."""

    def named() -> Iterator[tuple[str, str]]:
        for i in rows:
            if artists[i]:
                yield "artist", f"artist {artists[i]}"
            elif albums[i]:
                yield "album", f"album {albums[i]}"
            else:
                yield "track", f"track {i}"

    kinds, groups = zip(*named(), strict=True)
    return groups, max(("artist", "album", "track"), key=kinds.count)
