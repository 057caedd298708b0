"""The functions that read more of a file than its windows, in a worker process: for segments, plots, comparisons."""

import logging
from pathlib import Path
from typing import NamedTuple

import numpy as np

from recsys.domain.arrays import FloatArray
from recsys.errors import AudioError
from recsys.ingest.worker import capture_failure

WINDOW = 6.0  # seconds, as in an ingest: the models are trained on windows of this length
PATCHES = 2  # of 3 s in a window: all of it is analysed, where an ingest analyses half

_log = logging.getLogger(__name__)


class SegmentVectors(NamedTuple):
    """Start and end (n,) in seconds of the stretches that windows represent, their raw vectors (n, D), and the length
    of the music in seconds."""

    bounds: list[tuple[float, float]]
    vectors: FloatArray
    seconds: float


class RecordingData(NamedTuple):
    """Mono samples of a file, the bounds of its music, "artist - title" or the title from its tags or its name, and the
    tempo in BPM (0 if there is no pulse) and the key that an ingest stores; None where they are not estimated."""

    y: FloatArray
    sr: int
    start: float
    end: float
    label: str
    bpm: float | None = None
    key: str | None = None


@capture_failure
def analyse_segments(path: str, *, max_windows: int) -> SegmentVectors:
    """Vectors of at most ``max_windows`` windows along a file; one that cannot be analysed is left out."""
    from recsys.audio.excerpts import iter_windows
    from recsys.features.analysis import analyse

    bounds: list[tuple[float, float]] = []
    vectors: list[FloatArray] = []
    seconds = 0.0
    for window, excerpts in iter_windows(path, seconds=WINDOW, max_windows=max_windows):
        seconds = excerpts.music_end - excerpts.music_start
        try:
            vectors.append(analyse(excerpts, patches_per_window=PATCHES).vector)
        except AudioError as error:
            _log.info("%s at %.0f s: %s", path, window.begin, error)
            continue
        bounds.append((window.segment_start, window.segment_end))
    return SegmentVectors(bounds, np.array(vectors), seconds)


@capture_failure
def compare_audio(path: str, *, other: str) -> bool:
    """Whether two files have the same recorded sound."""
    from recsys.audio.coherence import MIN_COHERENCE, align

    return align(path, other).coherence >= MIN_COHERENCE


@capture_failure
def analyse_recording(path: str, *, max_duration: float, estimate: bool = True) -> RecordingData:
    """Samples of the first ``max_duration`` seconds of the music of a file; with ``estimate`` also tempo and key."""
    from recsys.audio.excerpts import read_excerpts, read_whole
    from recsys.audio.identity import read_tags_with_title
    from recsys.features.analysis import analyse

    excerpts = read_whole(path, max_duration=max_duration)
    tags = read_tags_with_title(path)
    title = tags.title or Path(path).name
    found = RecordingData(
        excerpts.windows[0].y, excerpts.sr, excerpts.music_start, excerpts.music_end,
        f"{tags.artist} - {title}" if tags.artist else title,
    )  # fmt: skip
    if not estimate:
        return found
    analysis = analyse(read_excerpts(path))
    return found._replace(bpm=analysis.tempo.bpm, key=str(analysis.key))
