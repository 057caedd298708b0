"""Genre models of one's own: training on the tracks of a library, judging, choosing one, and using it.

The models lie in the folder ``models`` of the home, each a file; ``active_model`` there names the one that says the
genres of this library. All of it works on stored vectors: no audio is touched.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from recsys.app.active_model import active_model, active_model_path
from recsys.app.context import LibraryContext
from recsys.domain.arrays import FloatArray
from recsys.domain.audio import GenrePrediction
from recsys.domain.checks import check_min
from recsys.errors import InvalidRequest, ModelError, NotFound, RecsysError
from recsys.genre import DEFAULT_MODEL

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.genre.trained_model import Comparison, TrainedModel

_log = logging.getLogger(__name__)

SHIPPED = "the model that ships, as it is"
TUNING_SECONDS = 600.0


class TrainingResult(NamedTuple):
    """What a training gave: scores as :func:`recsys.genre.scores.scorecard` has them; the genres left out, and why.

    ``replaced_version`` is the replaced model, "mine 1"; ``kept`` the active model, where it scores better and the new
    one is discarded. ``compared`` has the scores of both on the same tracks, None where they are unknown.
    """

    scores: dict[str, Any]
    skipped_genres: dict[str, str]
    replaced_version: str | None = None
    kept: str | None = None
    compared: "Comparison | None" = None

    def to_dict(self) -> dict[str, Any]:
        """The record of ``--json``: the scorecard, and what became of the model."""
        return {
            **self.scores,
            "skipped_genres": dict(self.skipped_genres),
            "replaced_version": self.replaced_version,
            "kept": self.kept,
            "compared": None if self.compared is None else self.compared._asdict(),
        }


class LabelIssue(NamedTuple):
    """A track whose label a model doubts: what was given, what the model says, the probability it gives to both.

    ``id`` and the names are None where the library knows the path no more.
    """

    id: int | None
    artist: str | None
    title: str | None
    path: str
    label: str
    predicted: str
    label_probability: float
    predicted_probability: float

    def to_dict(self) -> dict[str, Any]:
        """The record of ``--json``."""
        return self._asdict()


@dataclass(frozen=True, slots=True)
class GenreModels:
    """The genre models beside a library."""

    context: LibraryContext

    @property
    def folder(self) -> Path:
        """Where the models lie."""
        return self.context.settings.home / "models"

    # Making models

    def train(
        self,
        name: str,
        *,
        labels: str | None = None,
        algorithm: str = "blend",
        features: str = "embedding",
        replace: bool = False,
        progress: Callable[[int, int], None] = lambda _done, _all: None,
    ) -> TrainingResult:
        """Train a model and keep it as ``name``.

        ``labels`` are "tags", "folders" or a csv with the columns path and genre; without them those that a model of
        this name has learned from, else "tags". A model of this name that is in use and does better on the same tracks
        stays, unless ``replace``: see :func:`recsys.genre.trained_model.compare`.

        Raises
        ------
        NotFound, InvalidRequest
        """
        from recsys.genre.algorithms import build_ensemble
        from recsys.genre.training import train

        build_ensemble(algorithm, features)  # what is wrong is said before the library is read
        return self._learn(
            name, labels, replace,
            lambda lesson: train(algorithm=algorithm, features=features, progress=progress, **lesson),
        )  # fmt: skip

    def tune(
        self,
        name: str,
        *,
        labels: str | None = None,
        seconds: float = TUNING_SECONDS,
        seed: int = 0,
        replace: bool = False,
        progress: Callable[[float], None] = lambda _share: None,
    ) -> TrainingResult:
        """Search algorithms and hyper-parameters for about so many seconds, and keep the best as ``name``.

        The scores are those of the whole search, run for each fold without it. ``labels`` and ``replace``
        as for :meth:`train`.

        Raises
        ------
        NotFound, InvalidRequest
        """
        from recsys.genre.training import tune
        from recsys.ingest.executors import available_cores

        check_min("minutes", seconds / 60, 0.1)
        check_min("seed", seed, 0)
        jobs = self.context.settings.jobs or available_cores()
        return self._learn(
            name, labels, replace,
            lambda lesson: tune(seconds=seconds, jobs=jobs, seed=seed, progress=progress, **lesson),
        )  # fmt: skip

    def _learn(
        self, name: str, labels: str | None, replace: bool, fit: "Callable[[dict[str, Any]], TrainedModel]"
    ) -> TrainingResult:
        from recsys.app.training_data import default_model_probabilities, load_training_set
        from recsys.features.version import FEATURE_VERSION
        from recsys.genre.model_store import model_path, save
        from recsys.genre.scores import scorecard
        from recsys.genre.trained_model import compare
        from recsys.genre.training_set import drop_rare_genres, labels_by_path

        path = model_path(self.folder, name)
        before = _described(path)
        with self.context.open() as catalogue:
            examples, dropped = drop_rare_genres(load_training_set(catalogue, labels or before.get("labels") or "tags"))
            others = {SHIPPED: default_model_probabilities(catalogue, examples)}
            version = 1 + max(before.get("version", 0), *_versions(name, catalogue.genre_models()))
        model = fit(
            {
                "name": name, "training_set": examples, "others": others,
                "feature_version": FEATURE_VERSION, "version": version,
            }
        )  # fmt: skip
        standing = f"{name} {before['version']}" if before else None
        old = self._read_current(name) if before and name == self.active() else None
        compared = compare(old, model, labels_by_path(examples)) if old else None
        if compared and compared.before > compared.since and not replace:
            return TrainingResult(scorecard(model), dropped, kept=standing, compared=compared)
        save(model, self.folder)
        return TrainingResult(scorecard(model), dropped, standing, compared=compared)

    def _read_current(self, name: str) -> "TrainedModel | None":
        """The model of this name with its answers; None where it cannot be read."""
        try:
            return self._load(name)
        except (ModelError, NotFound):
            return None

    def current_version(self, name: str) -> str | None:
        """The model of this name with its version, "mine 1"; None where there is none that can be read.

        Raises
        ------
        InvalidRequest
        """
        from recsys.genre.model_store import model_path

        found = _described(model_path(self.folder, name))
        return f"{name} {found['version']}" if found else None

    def delete(self, name: str) -> None:
        """Remove a model for good; the genres that it has given stay.

        Raises
        ------
        NotFound
            There is none.
        InvalidRequest
            It is in use.
        """
        from recsys.genre.model_store import model_path

        if name == DEFAULT_MODEL:
            raise InvalidRequest("the default model ships with recsys and is not deleted")
        path = model_path(self.folder, name)
        if name == self.active():
            raise InvalidRequest(f"{name} is in use; choose another first: recsys genre use default")
        try:
            path.unlink()
        except FileNotFoundError:
            raise NotFound(f"there is no genre model {name!r}; see: recsys genre models") from None
        except OSError as error:
            raise InvalidRequest(f"cannot delete {path}: {error.strerror}") from error

    # Judging them

    def evaluate(self, name: str | None = None) -> dict[str, Any]:
        """The scores of a model, by default of the one in use, as :func:`recsys.genre.scores.scorecard` has them.

        Raises
        ------
        NotFound, ModelError
        """
        from recsys.genre.scores import scorecard

        return scorecard(self._trained_model(name))

    def write_report(self, name: str | None, folder: Path) -> list[Path]:
        """Write pictures of :meth:`evaluate` and one HTML page with all of it into a folder; what was written.

        Raises
        ------
        NotFound, ModelError, InvalidRequest
        """
        from recsys.plots.genre_page import LabelIssue
        from recsys.plots.genre_report import write_report

        card = self.evaluate(name)
        doubts = [LabelIssue(s.path, s.artist, s.title or Path(s.path).name, *s[4:]) for s in self.label_issues(name)]
        try:
            return write_report(card, folder, doubts)
        except OSError as error:
            raise InvalidRequest(f"cannot write the report to {folder}: {error.strerror}") from error

    def label_issues(self, name: str | None = None) -> list[LabelIssue]:
        """Tracks whose label a model doubts that has not heard their artist, the most doubted first.

        Raises
        ------
        NotFound, ModelError
        """
        from recsys.genre.trained_model import find_label_issues

        found = find_label_issues(self._trained_model(name))
        with self.context.open() as catalogue:
            ids = catalogue.ids_at(path for path, *_ in found)
            tracks = catalogue.tracks_by_id(ids.values())
        rows = []
        for row in found:
            known = tracks.get(ids.get(row[0], 0))
            named = LabelIssue(None, None, None, *row)
            rows.append(named._replace(id=known.id, artist=known.artist, title=known.title) if known else named)
        return rows

    def _trained_model(self, name: str | None) -> "TrainedModel":
        """A model that has learned from labels of the library, by default the one in use."""
        name = name or self.active()
        if name == DEFAULT_MODEL:
            raise NotFound(
                "name a model of yours: the default one has learned from none of your labels; see recsys genre models"
            )
        return self._load(name)

    # Choosing one

    def models(self) -> list[dict[str, Any]]:
        """Every model: name, version, when and from what it was made, its accuracy, and whether it is in use."""
        from recsys.genre.model import default_model
        from recsys.genre.model_store import list_models, model_path, read_metadata

        active, default = self.active(), default_model()
        found: list[dict[str, Any]] = [
            {
                "name": DEFAULT_MODEL, "version": default.version, "made": None, "genres": list(default.genres),
                "algorithm": "discriminant and softmax", "features": "tags", "tracks": len(default.trained_on),
                "labels": "GTZAN, Emotify and AllMusic 4Q", "accuracy": None, "fingerprint": None,
                "feature_version": None,
                "active": active == DEFAULT_MODEL,
            }
        ]  # fmt: skip
        for name in list_models(self.folder):
            try:
                facts = read_metadata(model_path(self.folder, name))
            except RecsysError as error:  # the others are there all the same
                _log.warning("%s", error)
                continue
            kept = (
                "name",
                "tracks",
                "accuracy",
                "version",
                "made",
                "genres",
                "algorithm",
                "features",
                "fingerprint",
                "feature_version",
            )
            found.append({key: facts[key] for key in kept} | {"labels": facts["source"], "active": active == name})
        return found

    def active(self) -> str:
        """The name of the model in use."""
        return active_model(self.folder)

    def predictor(self, name: str | None) -> Callable[[FloatArray, FloatArray], list[GenrePrediction]]:
        """What a model, by default the one in use, says of raw and normalised vectors (n, D).

        Raises
        ------
        NotFound, ModelError
        """
        name = name or self.active()
        if name == DEFAULT_MODEL:
            from recsys.features.schema import GROUPS
            from recsys.genre.model import predict

            return lambda raw, _normalised: predict(raw[:, GROUPS["tags"]])
        model = self._load(name, with_out_of_fold=False)
        return lambda _raw, normalised: model.predict(normalised)

    def activate(self, name: str) -> None:
        """Let this model say the genres from now on; :meth:`predict` has it say them of what is there.

        Raises
        ------
        NotFound, ModelError
        """
        from recsys.atomic import atomic_write

        if name != DEFAULT_MODEL:
            self._load(name, with_out_of_fold=False)  # what cannot be read cannot be used
        self.folder.mkdir(parents=True, exist_ok=True)
        with atomic_write(active_model_path(self.folder)) as file:
            file.write(f"{name}\n".encode())

    # Using it

    def predict(
        self, name: str | None = None, *, progress: Callable[[int, int], None] = lambda _done, _all: None
    ) -> int:
        """Have the model in use say the genre of every track that it has not said it of; how many.

        Where company counts, the other tracks of their artists are named anew too, which are not counted.

        With a ``name``, that one is used from now on: a library has its genres from one model.

        Raises
        ------
        NotFound, ModelError
        """
        if name:
            self.activate(name)
        from recsys.app.moods import store_missing_moods

        with self.context.open() as catalogue:
            store_missing_moods(catalogue)
            return self._predict_into(catalogue, self.active(), progress)

    def predict_new(self, catalogue: "Catalogue") -> None:
        """What came since is named by the model in use; ingest has named it by the default one."""
        if (used := self.active()) == DEFAULT_MODEL:
            return
        try:
            self._predict_into(catalogue, used, lambda _done, _all: None)
        except RecsysError as error:  # what was asked for is done; the new tracks have the default model's genre
            _log.warning("%s", error)

    def _predict_into(self, catalogue: "Catalogue", name: str, progress: Callable[[int, int], None]) -> int:
        from recsys.app.genre_prediction import predict_with, predict_with_default

        if name == DEFAULT_MODEL:
            return predict_with_default(catalogue, progress)
        return predict_with(self._load(name, with_out_of_fold=False), catalogue, progress)

    def _load(self, name: str, *, with_out_of_fold: bool = True) -> "TrainedModel":
        from recsys.features.version import FEATURE_VERSION
        from recsys.genre.model_store import load, model_path

        return load(model_path(self.folder, name), FEATURE_VERSION, with_out_of_fold=with_out_of_fold)


def _described(path: Path) -> dict[str, Any]:
    """What the model there says of itself; nothing where there is none, or none that can be read."""
    from recsys.genre.model_store import read_metadata

    try:
        return read_metadata(path)
    except (ModelError, NotFound):
        return {}


def _versions(name: str, models: Iterable[str]) -> Iterator[int]:
    """The versions of a model of this name among those that predictions name, and 0: its file may be gone."""
    yield 0
    for model in models:
        own, _, version = model.rpartition(" ")
        if own == name and version.isascii() and version.isdecimal():
            yield int(version)
