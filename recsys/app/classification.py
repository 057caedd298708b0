"""Listening to files that need be in no library: what genre they are, and how it changes along them."""

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from recsys.audio.decode import printable_name
from recsys.audio.excerpts import iter_windows
from recsys.domain.arrays import FloatArray
from recsys.domain.audio import GenrePrediction
from recsys.domain.results import Classification, ClassificationFailure
from recsys.errors import AudioError
from recsys.features.analysis import analyse
from recsys.features.scaling import normalise
from recsys.features.schema import GROUPS
from recsys.genre.descriptions import describe_sound, tag_probabilities
from recsys.genre.segments import find_segments
from recsys.ingest.worker import AnalysisFailure, analyse_file, capture_failure

WINDOW = 6.0  # seconds, as at ingest: the models have learned from windows of this length
PATCHES = 2  # of 3 s in a window: all of it is heard, where ingest hears half
MAX_WINDOWS = 1200  # windows: two hours, heard in 40 s; of a longer file they are spread over it

_log = logging.getLogger(__name__)

#: What a model says of raw and of normalised vectors (n, D).
Model = Callable[[FloatArray, FloatArray], Sequence[GenrePrediction]]


def classify(
    files: Iterable[str | os.PathLike[str]], model: Model, *, segments: bool = False
) -> Iterator[Classification | ClassificationFailure]:
    """Listen to each file and have its genre said; with ``segments`` also how it changes along the file."""
    for file in [os.fspath(path) for path in files]:
        heard = analyse_file(file)
        along = analyse_segments(file) if segments and not isinstance(heard, AnalysisFailure) else None
        if isinstance(heard, AnalysisFailure):
            yield ClassificationFailure(file, heard.reason)
        elif isinstance(along, AnalysisFailure):
            yield ClassificationFailure(file, along.reason)
        else:
            vector = heard.analysis.vector
            tags, said = vector[GROUPS["tags"]], model(vector[None], heard.normalised[None])
            found = None
            if along is not None:
                bounds, vectors = along
                found = tuple(find_segments(bounds, model(vectors, normalise(vectors)))) if bounds else ()
            yield Classification(file, said[0], tag_probabilities(tags), describe_sound(vector), found, heard.mood)


@capture_failure
def analyse_segments(path: str) -> tuple[list[tuple[float, float]], FloatArray]:
    """The stretches (n,) of a file that its windows speak for, start and end in seconds, and their raw vectors (n, D).

    A window that cannot be analysed is left out.
    """
    bounds: list[tuple[float, float]] = []
    vectors: list[FloatArray] = []
    for place, excerpts in iter_windows(path, seconds=WINDOW, max_windows=MAX_WINDOWS):
        minutes = (excerpts.music_end - excerpts.music_start) / 60
        if not bounds and minutes * 60 > MAX_WINDOWS * WINDOW:
            _log.warning("%s: %.0f of its %.0f minutes are heard for its segments, evenly spread",
                         printable_name(path), MAX_WINDOWS * WINDOW / 60, minutes)  # fmt: skip
        try:
            vectors.append(analyse(excerpts, patches_per_window=PATCHES).vector)
        except AudioError as error:
            _log.info("%s at %.0f s: %s", path, place.begin, error)
            continue
        bounds.append((place.segment_start, place.segment_end))
    return bounds, np.array(vectors)
