"""The functions that read more of a file than its windows, in a worker process: for segments, plots, comparisons."""

import logging
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
    """Mono samples of a file, with its tempo in BPM (0 if there is no pulse), its key, and the bounds of its music."""

    y: FloatArray
    sr: int
    bpm: float
    key: str
    start: float
    end: float


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
def analyse_recording(path: str, *, max_duration: float) -> RecordingData:
    """Samples, tempo and key of the first ``max_duration`` seconds of the music of a file."""
    from recsys.audio.excerpts import read_whole
    from recsys.features.embedding import embed
    from recsys.features.key import estimate_key
    from recsys.features.pace import pace
    from recsys.features.spectrum import Spectrum
    from recsys.features.tempo import estimate_tempo

    excerpts = read_whole(path, max_duration=max_duration)
    y = excerpts.windows[0].y
    spectra = [Spectrum(y, excerpts.sr)]
    tempo = estimate_tempo(spectra, pace(embed([y], excerpts.sr).tags.mean(axis=0)))
    key = str(estimate_key(spectra))
    return RecordingData(y, excerpts.sr, tempo.bpm, key, excerpts.music_start, excerpts.music_end)
