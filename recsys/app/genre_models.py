"""Genre models of a library: trained on its labels, evaluated, activated, and used to predict genres.

Each model is a file in the folder ``models`` of the library. One model is active: it predicts the genres of all tracks.
Everything here works on stored vectors; no audio is read.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from recsys.app.active_model import active_model, active_model_path, load_model
from recsys.app.context import LibraryContext, models_folder
from recsys.app.genre_training import TUNING_MINUTES, TrainingResult, stored_metadata
from recsys.domain.arrays import FloatArray
from recsys.domain.audio import GenrePrediction
from recsys.errors import Hint, InvalidRequest, NotFound, RecsysError
from recsys.genre import DEFAULT_MODEL

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.genre.trained_model import TrainedModel

_log = logging.getLogger(__name__)

_LISTED = (
    "name", "tracks", "accuracy", "version", "made", "genres", "algorithm", "features", "fingerprint",
    "feature_version",
)  # fmt: skip


class LabelIssue(NamedTuple):
    """A track whose label is probably wrong: the label and the predicted genre, with the probabilities of both.

    ``id``, ``artist`` and ``title`` are None if the library has no file at ``path`` any more.
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
        """The record as JSON values."""
        return self._asdict()


@dataclass(frozen=True, slots=True)
class GenreModels:
    """The genre models of a library; :attr:`recsys.Library.genre_models`."""

    context: LibraryContext

    @property
    def folder(self) -> Path:
        """The folder of the model files."""
        return models_folder(self.context)

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
        """Train a model on labelled tracks, cross-validate it, and store it as ``name``.

        Parameters
        ----------
        name : str
            Up to 64 letters, digits, dots, dashes and underscores.
        labels : str or None
            "tags" for the genre tags of the files, "folders" for the names of their folders, or the path of a CSV file
            with the columns path and genre. None: the labels of the stored model of this name, else "tags".
        algorithm, features : str
            See :func:`recsys.genre.algorithms.build_ensemble`.
        replace : bool
            Replace the active model even if it is more accurate (:func:`recsys.genre.trained_model.compare`).
        progress : callable
            Called with the number of finished fits, and of all.

        Raises
        ------
        NotFound
            No track has a label, or fewer than two genres have enough tracks.
        InvalidRequest
            The name, the algorithm or the features are invalid, or the CSV file cannot be read.
        """
        from recsys.app.genre_training import train

        return train(
            self.context, name,
            labels=labels, algorithm=algorithm, features=features, replace=replace, progress=progress,
        )  # fmt: skip

    def tune(
        self,
        name: str,
        *,
        labels: str | None = None,
        minutes: float = TUNING_MINUTES,
        seed: int = 0,
        replace: bool = False,
        progress: Callable[[float], None] = lambda _share: None,
    ) -> TrainingResult:
        """Search algorithms and hyper-parameters, and store the best model as ``name``.

        The scores are those of the whole search, which is run for each fold without its tracks.

        Parameters
        ----------
        name, labels, replace
            See :meth:`train`.
        minutes : float
            Approximate duration of the search, at least 0.1.
        seed : int
            Of the folds and the candidates.
        progress : callable
            Called with the finished share, in [0, 1].

        Raises
        ------
        NotFound
            No track has a label, or there are fewer than two genres with enough tracks, or fewer than three artists.
        InvalidRequest
            The name or a number is invalid, or the CSV file cannot be read.
        """
        from recsys.app.genre_training import tune

        return tune(
            self.context, name, labels=labels, minutes=minutes, seed=seed, replace=replace, progress=progress
        )  # fmt: skip

    def current_version(self, name: str) -> str | None:
        """The stored model of this name with its version, such as "mine 1"; None if there is none, or it is damaged.

        Raises
        ------
        InvalidRequest
            The name is invalid.
        """
        from recsys.genre.model_store import model_path

        metadata = stored_metadata(model_path(self.folder, name))
        return f"{name} {metadata['version']}" if metadata else None

    def delete(self, name: str) -> None:
        """Delete a model; the genres that it has predicted are kept.

        Raises
        ------
        NotFound
            There is no such model.
        InvalidRequest
            It is active or ships with recsys, or its file cannot be deleted.
        """
        from recsys.genre.model_store import model_path

        if name == DEFAULT_MODEL:
            raise InvalidRequest("the default model ships with recsys and cannot be deleted")
        path = model_path(self.folder, name)
        if name == self.active():
            raise InvalidRequest(
                f"the genre model {name!r} is active and cannot be deleted", hint=Hint.ACTIVATE_DEFAULT_MODEL
            )
        try:
            path.unlink()
        except FileNotFoundError:
            raise NotFound(f"there is no genre model {name!r}", hint=Hint.LIST_GENRE_MODELS) from None
        except OSError as error:
            raise InvalidRequest(f"cannot delete {path}: {error.strerror}") from error

    def evaluate(self, name: str | None = None) -> dict[str, Any]:
        """The cross-validated scores of a model, by default the active one: :func:`recsys.genre.scores.scorecard`.

        Raises
        ------
        NotFound
            There is no such model, or it is the default model, which was not trained on labels of this library.
        ModelError
            Its file is damaged, or it was trained on features of an incompatible version.
        """
        from recsys.genre.scores import scorecard

        return scorecard(self._trained_model(name))

    def write_report(self, name: str | None, folder: Path) -> list[Path]:
        """Write the scores of :meth:`evaluate` to a folder, as an HTML page and pictures; the files, the page first.

        Raises
        ------
        NotFound, ModelError
            As for :meth:`evaluate`.
        InvalidRequest
            The folder cannot be written.
        """
        from recsys.plots.genre_page import LabelIssue
        from recsys.plots.genre_report import write_report

        card = self.evaluate(name)
        issues = [
            LabelIssue(issue.path, issue.artist, issue.title or Path(issue.path).name, *issue[4:])
            for issue in self.label_issues(name)
        ]
        try:
            return write_report(card, folder, issues)
        except OSError as error:
            raise InvalidRequest(f"cannot write the report to {folder}: {error.strerror}") from error

    def label_issues(self, name: str | None = None, *, limit: int | None = None) -> list[LabelIssue]:
        """Tracks whose label differs from the out-of-fold prediction of a model, the most improbable label first.

        With a ``limit`` at most so many.

        Raises
        ------
        NotFound, ModelError
            As for :meth:`evaluate`.
        """
        from recsys.genre.trained_model import find_label_issues

        found = find_label_issues(self._trained_model(name, with_baselines=False), limit)
        with self.context.open() as catalogue:
            ids = catalogue.ids_at(path for path, *_ in found)
            tracks = catalogue.tracks_by_id(ids.values())
        issues = []
        for path, label, predicted, label_probability, predicted_probability in found:
            track = tracks.get(ids.get(path, 0))
            genres = (path, label, predicted, label_probability, predicted_probability)
            issues.append(
                LabelIssue(track.id, track.artist, track.title, *genres)
                if track
                else LabelIssue(None, None, None, *genres)
            )
        return issues

    def _trained_model(self, name: str | None, *, with_baselines: bool = True) -> "TrainedModel":
        """A model that was trained on labels of the library, by default the active one; without its members."""
        name = name or self.active()
        if name == DEFAULT_MODEL:
            raise NotFound(
                "the default model was not trained on labels of this library; choose a trained one",
                hint=Hint.LIST_GENRE_MODELS,
            )
        return load_model(self.folder, name, with_members=False, with_baselines=with_baselines)

    def active(self) -> str:
        """The name of the active model.

        >>> lib.genre_models.active()
        'default'
        """
        return active_model(self.folder)

    def predictor(self, name: str | None = None) -> Callable[[FloatArray, FloatArray], list[GenrePrediction]]:
        """A function from raw and normalised vectors (n, D) to n predictions of a model, by default the active one.

        Raises
        ------
        NotFound
            There is no such model.
        ModelError
            Its file is damaged, or it was trained on features of an incompatible version.
        """
        name = name or self.active()
        if name == DEFAULT_MODEL:
            from recsys.features.schema import GROUPS
            from recsys.genre.model import predict

            return lambda raw, _normalised: predict(raw[:, GROUPS["tags"]])
        model = load_model(self.folder, name, with_out_of_fold=False)
        return lambda _raw, normalised: model.predict(normalised)

    def activate(self, name: str) -> None:
        """Make a model the active one: it predicts the genres of new tracks, and :meth:`predict` those of all.

        Raises
        ------
        NotFound
            There is no such model.
        ModelError
            Its file is damaged, or it was trained on features of an incompatible version.
        """
        from recsys.atomic import atomic_write

        if name != DEFAULT_MODEL:
            load_model(self.folder, name, with_out_of_fold=False)  # raises an error if it cannot predict
        self.folder.mkdir(parents=True, exist_ok=True)
        with atomic_write(active_model_path(self.folder)) as file:
            file.write(f"{name}\n".encode())

    def predict(
        self, name: str | None = None, *, progress: Callable[[int, int], None] = lambda _done, _all: None
    ) -> int:
        """Predict the genre of every track that has no prediction of the active model; how many tracks.

        With same-artist context the other tracks of their artists are predicted again too, and not counted. With a
        ``name`` that model is activated first: all genres of a library are by one model.

        Raises
        ------
        NotFound
            There is no such model.
        ModelError
            Its file is damaged, it was trained on features of an incompatible version, or it cannot predict.

        Examples
        --------
        >>> lib.genre_models.predict("default")
        3
        >>> lib.genre_models.predict()
        0
        """
        if name:
            self.activate(name)
        from recsys.app.moods import store_missing_moods

        with self.context.open() as catalogue:
            store_missing_moods(catalogue)
            return self._predict_into(catalogue, self.active(), progress)

    def predict_new(self, catalogue: "Catalogue") -> None:
        """Predict the genres of new tracks by the active model; ingest has predicted them by the default model."""
        if (active := self.active()) == DEFAULT_MODEL:
            return
        try:
            self._predict_into(catalogue, active, lambda _done, _all: None)
        except RecsysError as error:  # the ingest itself has succeeded; new tracks keep the default model's genre
            _log.warning("%s", error)

    def _predict_into(self, catalogue: "Catalogue", name: str, progress: Callable[[int, int], None]) -> int:
        from recsys.app.genre_prediction import predict_with, predict_with_default

        if name == DEFAULT_MODEL:
            return predict_with_default(catalogue, progress)
        return predict_with(load_model(self.folder, name, with_out_of_fold=False), catalogue, progress)

    def list(self) -> list[dict[str, Any]]:
        """The default model and every trained one: name, version, when and on what it was trained, its accuracy, and
        whether it is active. Damaged files are left out.

        >>> [(model["name"], model["active"]) for model in lib.genre_models.list()]
        [('default', True)]
        """
        from recsys.genre.model import default_model
        from recsys.genre.model_store import list_models, model_path, read_metadata

        active, default = self.active(), default_model()
        found: list[dict[str, Any]] = [
            {
                "name": DEFAULT_MODEL, "version": default.version, "made": None, "genres": [*default.genres],
                "algorithm": "discriminant and softmax", "features": "tags", "tracks": len(default.trained_on),
                "labels": "GTZAN, Emotify and AllMusic 4Q", "accuracy": None, "fingerprint": None,
                "feature_version": None,
                "active": active == DEFAULT_MODEL,
            }
        ]  # fmt: skip
        for name in list_models(self.folder):
            try:
                metadata = read_metadata(model_path(self.folder, name))
            except RecsysError as error:
                _log.warning("%s", error)
                continue
            listed = {key: metadata[key] for key in _LISTED}
            found.append(listed | {"labels": metadata["source"], "active": active == name})
        return found
