"""Classification of files that need not be in a library: their genre, and how it changes along them.

Files are decoded and analysed in worker processes: one that crashes its decoder is one failure.
"""

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple, TypeAlias, overload

from recsys.app.validation import audio_error, failure_reason
from recsys.audio.files import printable_name
from recsys.config import FILE_TIMEOUT
from recsys.domain.arrays import FloatArray
from recsys.domain.audio import AnalysisResult, GenrePrediction, Segment
from recsys.domain.paths import expand_home
from recsys.domain.results import Classification, ClassificationFailure
from recsys.features.scaling import normalise
from recsys.features.schema import GROUPS
from recsys.genre.descriptions import describe_sound, tag_probabilities
from recsys.genre.segments import find_segments
from recsys.ingest.executors import available_cores
from recsys.ingest.file_workers import WHOLE_FILE_FACTOR, FileWorkers
from recsys.ingest.whole_files import WINDOW, SegmentVectors, analyse_segments
from recsys.ingest.worker import AnalysisFailure, analyse_file

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
    [result] = _classify([_expanded(files)], _default_model, segments=segments)
    if isinstance(result, AnalysisFailure):
        raise audio_error(result.stage, failure_reason(files, result))
    return result


def classify_with(
    files: Iterable[StrPath],
    model: Model,
    *,
    segments: bool = False,
    jobs: int = 0,
    file_timeout: float = FILE_TIMEOUT,
) -> Iterator[Classification | ClassificationFailure]:
    """Analyse each file and predict its genre; with ``segments`` also how it changes along the file.

    Up to ``jobs`` files (0: one for each core) are analysed at a time.
    """
    paths = [os.fspath(path) for path in files]
    results = _classify(paths, model, segments=segments, jobs=jobs, file_timeout=file_timeout)
    for path, result in zip(paths, results, strict=True):
        if isinstance(result, AnalysisFailure):
            yield ClassificationFailure(path, failure_reason(path, result))
        else:
            yield result


class _Analysed(NamedTuple):
    result: AnalysisResult
    along: SegmentVectors | None


def _analyse(path: str, *, max_windows: int) -> _Analysed | AnalysisFailure:
    """In a worker process: the analysis of a file, and of up to ``max_windows`` windows along it."""
    result = analyse_file(path)
    if isinstance(result, AnalysisFailure):
        return result
    along = analyse_segments(path, max_windows=max_windows) if max_windows else None
    return along if isinstance(along, AnalysisFailure) else _Analysed(result, along)


def _classify(
    paths: Sequence[str], model: Model, *, segments: bool, jobs: int = 0, file_timeout: float = FILE_TIMEOUT
) -> Iterator[Classification | AnalysisFailure]:
    workers = min(len(paths), jobs or available_cores()) or 1
    if segments:
        file_timeout *= WHOLE_FILE_FACTOR
    function = partial(_analyse, max_windows=MAX_WINDOWS if segments else 0)
    with FileWorkers(workers, file_timeout=file_timeout) as pool:
        for path, found in zip(paths, pool.map(function, paths), strict=True):
            if isinstance(found, AnalysisFailure):
                yield found
                continue
            vector = found.result.analysis.vector
            [prediction] = model(vector[None], found.result.normalised[None])
            tags = tag_probabilities(vector[GROUPS["tags"]])
            stretches = None if found.along is None else _find_segments(path, found.along, model)
            yield Classification(path, prediction, tags, describe_sound(vector), stretches, found.result.mood)


def _find_segments(path: str, along: SegmentVectors, model: Model) -> tuple[Segment, ...]:
    if along.seconds > MAX_WINDOWS * WINDOW:
        _log.warning("%s: %.0f of its %.0f minutes, evenly spread, are analysed for segments",
                     printable_name(path), MAX_WINDOWS * WINDOW / 60, along.seconds / 60)  # fmt: skip
    if not along.bounds:
        return ()
    return tuple(find_segments(along.bounds, model(along.vectors, normalise(along.vectors))))


def _default_model(raw: FloatArray, _normalised: FloatArray) -> Sequence[GenrePrediction]:
    from recsys.genre.model import predict

    return predict(raw[:, GROUPS["tags"]])


def _expanded(file: StrPath) -> str:
    return str(expand_home(file))
