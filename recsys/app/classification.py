"""Classification of files that need not be in a library: their genre, and how it changes along them."""

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from recsys.audio.decode import printable_name
from recsys.audio.excerpts import iter_windows
from recsys.domain.arrays import FloatArray
from recsys.domain.audio import GenrePrediction
from recsys.domain.results import Classification, ClassificationFailure
from recsys.errors import AudioError, UnreadableAudio
from recsys.features.analysis import analyse
from recsys.features.scaling import normalise
from recsys.features.schema import GROUPS
from recsys.genre.descriptions import describe_sound, tag_probabilities
from recsys.genre.segments import find_segments
from recsys.ingest.worker import AnalysisFailure, analyse_file, capture_failure

WINDOW = 6.0  # seconds, as in an ingest: the models are trained on windows of this length
PATCHES = 2  # of 3 s in a window: all of it is analysed, where an ingest analyses half
MAX_WINDOWS = 1200  # two hours, analysed in 40 s; windows of a longer file are spread over it

_log = logging.getLogger(__name__)

StrPath: TypeAlias = str | os.PathLike[str]
Model: TypeAlias = Callable[[FloatArray, FloatArray], Sequence[GenrePrediction]]
"""A function from raw and normalised vectors (n, D) to predictions."""


def classify(file: StrPath, *, segments: bool = False) -> Classification:
    """Genre and tags of an audio file by the default model; no library is needed, and nothing is stored.

    Parameters
    ----------
    file : path-like
        Path of the file.
    segments : bool
        Also return how the genre changes along the file.

    Raises
    ------
    AudioError
        The file cannot be analysed.

    Examples
    --------
    >>> round(sum(recsys.classify(folder / "music" / "tone.wav").genres.values()), 6)
    1.0
    """
    from recsys.genre.model import predict

    def default_model(raw: FloatArray, _normalised: FloatArray) -> Sequence[GenrePrediction]:
        return predict(raw[:, GROUPS["tags"]])

    [result] = classify_with([Path(file).expanduser()], default_model, segments=segments)
    if isinstance(result, ClassificationFailure):
        raise UnreadableAudio(result.reason)
    return result


def classify_with(
    files: Iterable[StrPath], model: Model, *, segments: bool = False
) -> Iterator[Classification | ClassificationFailure]:
    """Analyse each file and predict its genre; with ``segments`` also how it changes along the file."""
    for file in [os.fspath(path) for path in files]:
        result = analyse_file(file)
        along = analyse_segments(file) if segments and not isinstance(result, AnalysisFailure) else None
        if isinstance(result, AnalysisFailure):
            yield ClassificationFailure(file, result.reason)
        elif isinstance(along, AnalysisFailure):
            yield ClassificationFailure(file, along.reason)
        else:
            vector = result.analysis.vector
            tags, predictions = vector[GROUPS["tags"]], model(vector[None], result.normalised[None])
            found = None
            if along is not None:
                bounds, vectors = along
                found = tuple(find_segments(bounds, model(vectors, normalise(vectors)))) if bounds else ()
            yield Classification(
                file, predictions[0], tag_probabilities(tags), describe_sound(vector), found, result.mood
            )


@capture_failure
def analyse_segments(path: str) -> tuple[list[tuple[float, float]], FloatArray]:
    """Start and end (n,) in seconds of the stretches that windows represent, and their raw vectors (n, D).

    A window that cannot be analysed is left out.
    """
    bounds: list[tuple[float, float]] = []
    vectors: list[FloatArray] = []
    for place, excerpts in iter_windows(path, seconds=WINDOW, max_windows=MAX_WINDOWS):
        minutes = (excerpts.music_end - excerpts.music_start) / 60
        if not bounds and minutes * 60 > MAX_WINDOWS * WINDOW:
            _log.warning("%s: %.0f of its %.0f minutes, evenly spread, are analysed for segments",
                         printable_name(path), MAX_WINDOWS * WINDOW / 60, minutes)  # fmt: skip
        try:
            vectors.append(analyse(excerpts, patches_per_window=PATCHES).vector)
        except AudioError as error:
            _log.info("%s at %.0f s: %s", path, place.begin, error)
            continue
        bounds.append((place.segment_start, place.segment_end))
    return bounds, np.array(vectors)
