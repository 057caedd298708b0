"""Genres for the tracks of a library by a model, from stored vectors: no audio is touched."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from recsys.domain.arrays import DoubleArray, FloatArray, IdArray
from recsys.errors import ModelError

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.genre.trained_model import TrainedModel

_BATCH = 4096  # tracks predicted and written at a time

Progress = Callable[[int, int], None]


def predict_with_default(catalogue: "Catalogue", progress: Progress) -> int:
    """Have the model that ships say the genre of all tracks that it has not said it of; how many."""
    from recsys.features.schema import GROUPS
    from recsys.genre.model import default_model, predict

    ids = catalogue.ids_without_prediction_from(str(default_model()))
    for batch in _batches(ids, progress):
        catalogue.set_genres(batch, predict(catalogue.vectors_by_id(batch, "raw")[:, GROUPS["tags"]]))
    return len(ids)


def predict_with(model: "TrainedModel", catalogue: "Catalogue", progress: Progress) -> int:
    """The same by a trained model; other tracks of the same artists are named anew with them, but not counted.

    Raises
    ------
    ModelError
        It cannot be asked.
    """
    ids = catalogue.ids_without_prediction_from(str(model))
    count, groups = len(ids), None
    if model.fusion.collective.weight:
        from recsys.app.training_data import with_same_artist_tracks

        ids, groups = with_same_artist_tracks(catalogue, ids)
    alone = [_predict(model, catalogue.vectors_by_id(batch)) for batch in _batches(ids, progress)]
    if not alone:
        return 0
    said = np.concatenate(alone)
    if groups is not None:
        said = model.fusion.collective.combine(said, groups)
    for start in range(0, len(ids), _BATCH):
        some = slice(start, start + _BATCH)
        catalogue.set_genres(ids[some].tolist(), model.to_predictions(said[some]))
    return count


def _predict(model: "TrainedModel", vectors: FloatArray) -> DoubleArray:
    """Probabilities (n, c) of vectors (n, D), or a ModelError: a model of unknown origin may choke on some alone."""
    try:
        said = model.probabilities(vectors)
    except Exception as error:  # scikit-learn raises whatever it likes
        raise ModelError(f"the genre model {model.name} cannot be asked ({error!r}); train it again") from error
    if not np.isfinite(said).all():
        raise ModelError(f"the genre model {model.name} says no numbers of some tracks; train it again")
    return said


def _batches(ids: IdArray, progress: Progress) -> Iterator[list[int]]:
    """Some ids at a time; ``progress`` hears how many are done."""
    for start in range(0, len(ids), _BATCH):
        progress(start, len(ids))
        yield ids[start : start + _BATCH].tolist()
    progress(len(ids), len(ids))
