"""Classification of files that need not be in a library: their genre, and how it changes along them."""

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias, overload

import numpy as np

from recsys.app.validation import audio_error
from recsys.audio.excerpts import iter_windows
from recsys.audio.files import printable_name
from recsys.domain.arrays import FloatArray
from recsys.domain.audio import GenrePrediction
from recsys.domain.paths import expand_home
from recsys.domain.results import Classification, ClassificationFailure
from recsys.errors import AudioError
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


@overload
def classify(files: StrPath, *, segments: bool = False) -> Classification: ...
@overload
def classify(
    files: list[str] | tuple[str, ...] | Iterable[os.PathLike[str]], *, segments: bool = False
) -> Iterator[Classification | ClassificationFailure]: ...
def classify(
    files: StrPath | Iterable[StrPath], *, segments: bool = False
) -> Classification | Iterator[Classification | ClassificationFailure]:
    """Genre and tags of audio files by the default model; no library is needed, and nothing is stored.

    Parameters
    ----------
    files : path-like or iterable of path-like
        Path of one file, or of several.
    segments : bool
        Also return how the genre changes along each file.

    Returns
    -------
    Classification or iterator
        Of one file its :class:`~recsys.Classification`. Of several an iterator over one result for each; for a file
        that cannot be analysed it is a :class:`~recsys.ClassificationFailure`.

    Raises
    ------
    AudioError
        The one file cannot be analysed.

    Examples
    --------
    >>> found = recsys.classify(folder / "music" / "tone.wav")
    >>> round(sum(found.genres.values()), 6)
    1.0
    >>> [each.file for each in recsys.classify(["no.mp3", "such.mp3"])]
    ['no.mp3', 'such.mp3']
    """
    if not isinstance(files, str | os.PathLike):
        return classify_with([_expanded(file) for file in files], _default_model, segments=segments)
    result = _classify_file(_expanded(files), _default_model, segments=segments)
    if isinstance(result, AnalysisFailure):
        raise audio_error(result.stage, result.reason)
    return result


def classify_with(
    files: Iterable[StrPath], model: Model, *, segments: bool = False
) -> Iterator[Classification | ClassificationFailure]:
    """Analyse each file and predict its genre; with ``segments`` also how it changes along the file."""
    for file in [os.fspath(path) for path in files]:
        result = _classify_file(file, model, segments=segments)
        yield ClassificationFailure(file, result.reason) if isinstance(result, AnalysisFailure) else result


def _classify_file(file: str, model: Model, *, segments: bool) -> Classification | AnalysisFailure:
    result = analyse_file(file)
    if isinstance(result, AnalysisFailure):
        return result
    found = None
    if segments:
        along = analyse_segments(file)
        if isinstance(along, AnalysisFailure):
            return along
        bounds, vectors = along
        found = tuple(find_segments(bounds, model(vectors, normalise(vectors)))) if bounds else ()
    vector = result.analysis.vector
    [prediction] = model(vector[None], result.normalised[None])
    tags = tag_probabilities(vector[GROUPS["tags"]])
    return Classification(file, prediction, tags, describe_sound(vector), found, result.mood)


@capture_failure
def analyse_segments(path: str) -> tuple[list[tuple[float, float]], FloatArray]:
    """Start and end (n,) in seconds of the stretches that windows represent, and their raw vectors (n, D).

    A window that cannot be analysed is left out.
    """
    bounds: list[tuple[float, float]] = []
    vectors: list[FloatArray] = []
    for window, excerpts in iter_windows(path, seconds=WINDOW, max_windows=MAX_WINDOWS):
        minutes = (excerpts.music_end - excerpts.music_start) / 60
        if not bounds and minutes * 60 > MAX_WINDOWS * WINDOW:
            _log.warning("%s: %.0f of its %.0f minutes, evenly spread, are analysed for segments",
                         printable_name(path), MAX_WINDOWS * WINDOW / 60, minutes)  # fmt: skip
        try:
            vectors.append(analyse(excerpts, patches_per_window=PATCHES).vector)
        except AudioError as error:
            _log.info("%s at %.0f s: %s", path, window.begin, error)
            continue
        bounds.append((window.segment_start, window.segment_end))
    return bounds, np.array(vectors)


def _default_model(raw: FloatArray, _normalised: FloatArray) -> Sequence[GenrePrediction]:
    from recsys.genre.model import predict

    return predict(raw[:, GROUPS["tags"]])


def _expanded(file: StrPath) -> str:
    return str(expand_home(file))
