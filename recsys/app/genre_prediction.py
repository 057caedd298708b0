"""Genres of the tracks of a library by a genre model, from stored vectors: no audio is read."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from recsys.domain.arrays import DoubleArray, IdArray
from recsys.errors import Hint, ModelError
from recsys.genre.dimensions import SomeDimensions

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.genre.trained_model import TrainedModel

_BATCH_SIZE = 4096  # tracks that are predicted and stored at once
_DIGITS = 6  # of stored probabilities: all 17 would be most of the text, and of the time to write it

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the number of tracks that are finished, and of all."""


def predict_with_default(catalogue: "Catalogue", progress: Progress) -> int:
    """Predict the genres of all tracks without a prediction of the default model; how many tracks."""
    from recsys.features.schema import GROUPS
    from recsys.genre.model import default_model, predict

    ids = catalogue.ids_without_prediction_from(str(default_model()))
    for batch in _batches(ids, progress):
        catalogue.set_genres(batch, predict(catalogue.vectors_by_id(batch, "raw", GROUPS["tags"])))
    return len(ids)


def predict_with(model: "TrainedModel", catalogue: "Catalogue", progress: Progress) -> int:
    """Predict the genres of all tracks without a prediction of a trained model; how many tracks.

    With same-artist context the other tracks of their artists are predicted again too, and not counted.

    Raises
    ------
    ModelError
        The model fails on a vector, or a probability is not finite.
    """
    ids = catalogue.ids_without_prediction_from(str(model))
    count, groups = len(ids), None
    if not count:
        progress(0, 0)
        return 0
    if model.fusion.collective.weight:
        from recsys.app.training_data import with_same_artist_tracks

        ids, groups = with_same_artist_tracks(catalogue, ids)
    numbers = np.unique(np.concatenate([member.dimensions() for member in model.members]))
    part = slice(int(numbers[0]), int(numbers[-1]) + 1)
    numbers = np.arange(part.start, part.stop)
    batches = [
        _probabilities(model, SomeDimensions(catalogue.vectors_by_id(batch, columns=part), numbers))
        for batch in _batches(ids, progress)
    ]
    probabilities = np.concatenate(batches)
    if groups is not None:
        probabilities = model.fusion.collective.combine(probabilities, groups)
    for start in range(0, len(ids), _BATCH_SIZE):
        rows = slice(start, start + _BATCH_SIZE)
        catalogue.set_genres(ids[rows].tolist(), model.to_predictions(probabilities[rows].round(_DIGITS)))
    return count


def _probabilities(model: "TrainedModel", vectors: SomeDimensions) -> DoubleArray:
    """Probabilities (n, c) of vectors (n, D); a model file of unknown origin may fail on some vectors only."""
    try:
        probabilities = model.probabilities(vectors)
    except Exception as error:  # scikit-learn raises any class of exception
        raise _model_error(model, f"fails ({error!r})") from error
    if not np.isfinite(probabilities).all():
        raise _model_error(model, "predicts probabilities that are not finite")
    return probabilities


def _model_error(model: "TrainedModel", problem: str) -> ModelError:
    return ModelError(
        f"the genre model {model.name} {problem}", hint=Hint.TRAIN_GENRE_MODEL, hint_values={"name": model.name}
    )


def _batches(ids: IdArray, progress: Progress) -> Iterator[list[int]]:
    """The ids in batches; ``progress`` is called before each, and at the end."""
    for start in range(0, len(ids), _BATCH_SIZE):
        progress(start, len(ids))
        yield ids[start : start + _BATCH_SIZE].tolist()
    progress(len(ids), len(ids))
