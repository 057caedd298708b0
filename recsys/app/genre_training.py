"""Training of genre models on the labelled tracks of a library, from stored vectors: no audio is read.

A new model replaces the one of the same name, unless that one is active and more accurate on the same tracks.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from recsys.app.active_model import active_model, load_model
from recsys.app.context import LibraryContext, models_folder
from recsys.domain.arrays import IdArray
from recsys.domain.checks import check_min
from recsys.errors import ModelError, NotFound

if TYPE_CHECKING:
    from recsys.genre.trained_model import Comparison, TrainedModel

DEFAULT_BASELINE = "the model that ships, as it is"  # its name in the file of a model
TUNING_MINUTES = 10.0


class TrainingResult(NamedTuple):
    """The scores of a new model, and whether it is stored.

    Attributes
    ----------
    scores
        See :func:`recsys.genre.scores.scorecard`.
    skipped_genres
        Genres that the model does not have, with the reason.
    replaced_version
        The model that is replaced, such as "mine 1"; None if there was none.
    kept
        The active model, where it is more accurate and the new one is discarded; else None.
    compared
        The accuracies of both on the same tracks; None where they cannot be compared.
    """

    scores: dict[str, Any]
    skipped_genres: dict[str, str]
    replaced_version: str | None = None
    kept: str | None = None
    compared: "Comparison | None" = None

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON values: the scorecard, and what became of the model."""
        return {
            **self.scores,
            "skipped_genres": dict(self.skipped_genres),
            "replaced_version": self.replaced_version,
            "kept": self.kept,
            "compared": None if self.compared is None else self.compared._asdict(),
        }


def train(
    context: LibraryContext,
    name: str,
    *,
    labels: str | None,
    algorithm: str,
    features: str,
    replace: bool,
    progress: Callable[[int, int], None],
) -> TrainingResult:
    """Train a model and store it; see :meth:`recsys.app.genre_models.GenreModels.train`."""
    from recsys.genre.algorithms import TUTORIAL_MEMBER, build_ensemble
    from recsys.genre.training import train as fit

    members = [*build_ensemble(algorithm, features), TUTORIAL_MEMBER]  # an error is raised before the library is read
    dimensions = np.unique(np.concatenate([member.dimensions() for member in members]))
    return _fit_and_store(
        context, name, labels, replace,
        lambda arguments: fit(algorithm=algorithm, features=features, progress=progress, **arguments),
        dimensions,
    )  # fmt: skip


def tune(
    context: LibraryContext,
    name: str,
    *,
    labels: str | None,
    minutes: float,
    seed: int,
    replace: bool,
    progress: Callable[[float], None],
) -> TrainingResult:
    """Search for the best model and store it; see :meth:`recsys.app.genre_models.GenreModels.tune`."""
    from recsys.genre.training import tune as search
    from recsys.ingest.executors import available_cores

    check_min("minutes", minutes, 0.1)
    check_min("seed", seed, 0)
    jobs = context.settings.jobs or available_cores()
    return _fit_and_store(
        context, name, labels, replace,
        lambda arguments: search(seconds=60 * minutes, jobs=jobs, seed=seed, progress=progress, **arguments),
    )  # fmt: skip


def _fit_and_store(
    context: LibraryContext,
    name: str,
    labels: str | None,
    replace: bool,
    fit: "Callable[[dict[str, Any]], TrainedModel]",
    dimensions: IdArray | None = None,
) -> TrainingResult:
    """Load the training set with these dimensions, fit a model, and store it unless the active one is more accurate."""
    from recsys.app.training_data import default_model_probabilities, load_training_set
    from recsys.features.version import FEATURE_VERSION
    from recsys.genre.model_store import model_path, save
    from recsys.genre.scores import scorecard
    from recsys.genre.trained_model import compare
    from recsys.genre.training_set import drop_rare_genres, labels_by_path

    folder = models_folder(context)
    before = stored_metadata(model_path(folder, name))
    with context.open() as catalogue:
        labels = labels or before.get("labels") or "tags"
        training_set, skipped = drop_rare_genres(load_training_set(catalogue, labels, dimensions))
        baselines = {DEFAULT_BASELINE: default_model_probabilities(catalogue, training_set)}
        version = 1 + max(before.get("version", 0), *_predicted_versions(name, catalogue.genre_models()))
    model = fit(
        {
            "name": name, "training_set": training_set, "others": baselines,
            "feature_version": FEATURE_VERSION, "version": version,
        }
    )  # fmt: skip
    old_version = f"{name} {before['version']}" if before else None
    old = _load_if_valid(folder, name) if before and name == active_model(folder) else None
    compared = compare(old, model, labels_by_path(training_set)) if old else None
    if compared and compared.before > compared.since and not replace:
        return TrainingResult(scorecard(model), skipped, kept=old_version, compared=compared)
    save(model, folder)
    return TrainingResult(scorecard(model), skipped, old_version, compared=compared)


def stored_metadata(path: Path) -> dict[str, Any]:
    """The metadata of a model file; empty if it does not exist or is damaged."""
    from recsys.genre.model_store import read_metadata

    try:
        return read_metadata(path)
    except (ModelError, NotFound):
        return {}


def _load_if_valid(folder: Path, name: str) -> "TrainedModel | None":
    try:
        return load_model(folder, name, with_members=False, with_baselines=False)
    except (ModelError, NotFound):
        return None


def _predicted_versions(name: str, models: Iterable[str]) -> Iterator[int]:
    """0, and the versions of this model in stored predictions: the file of the model may have been deleted."""
    yield 0
    for model in models:
        model_name, _, version = model.rpartition(" ")
        if model_name == name and version.isascii() and version.isdecimal():
            yield int(version)
