"""The windows of a track that are listened to: trimmed of silence, spread over the music, decoded by seeking.

Memory and time do not grow with the length of the file: what is decoded is the windows and a few seconds more
to find silence at the ends.
"""

import math
import os
from collections.abc import Iterator

import numpy as np
import soxr

from recsys.audio.decode import Source, open_source, printable_name, read_finite
from recsys.audio.downmix import choose_channel, downmix
from recsys.audio.silence import FLOOR_DB, frame_rms, non_silent_interval
from recsys.audio.windows import Segment, place_between, place_windows, tile_windows
from recsys.domain.arrays import FloatArray
from recsys.domain.audio import AudioWindows, Window
from recsys.errors import UnreadableAudio, UnusableAudio

COUNT, SECONDS = 5, 6.0
"""Windows of a track, and how long each is."""
BETWEEN, PATCH_SECONDS = 1, 3.2
"""Patches in each gap between two windows, and how long each is: one patch of the networks and its margins. They cost
no descriptors, and raise the mean average precision of an artist's songs (benchmarks/windows.py)."""
MIN_DURATION = 1.0
"""Seconds of music below which there is nothing to analyse."""
MAX_WHOLE_DURATION = 3600.0
"""Seconds above which ``read_whole`` refuses to hold a whole file in memory."""


def read_excerpts(
    path: str | os.PathLike[str],
    *,
    sr: int = 22050,
    count: int = COUNT,
    seconds: float = SECONDS,
    between: int = BETWEEN,
    min_duration: float = 0.0,
    max_duration: float = math.inf,
) -> AudioWindows:
    """Up to ``count`` windows of ``seconds`` each, mono at ``sr``, spread over the music of a file.

    Where the music is long enough, ``between`` patches stand in each gap between two windows.
    ``y`` of a window is the mean of the channels, or the louder of them where they cancel each other
    (:mod:`recsys.audio.downmix`). A window that falls into a pause is left out, and so is what cannot be decoded, as
    long as anything is left.

    Raises
    ------
    UnreadableAudio
        The file cannot be opened or decoded.
    UnusableAudio
        It is silent, has less than a second of music, or is shorter than ``min_duration`` or longer than
        ``max_duration`` seconds.
    """
    name = printable_name(path)
    with open_source(path) as source:
        _check_duration(source.info.duration, name, min_duration, max_duration)
        music = _non_silent_interval(source, name)
        places = place_windows(*music, count=count, seconds=seconds, min_duration=MIN_DURATION)
        gaps = place_between(places, count=between, seconds=PATCH_SECONDS) if between else ()
        # In the order of the file: a decoder seeks forward at less cost.
        read = {place: _read(source, *place) for place in sorted((*places, *gaps))}
    only, rate = choose_channel(read[place] for place in places), source.info.sample_rate

    def window(place: tuple[float, float]) -> Window:
        return Window(place[0], _resampled(downmix(read[place], only), rate, sr), read[place])

    windows = _check_audible([window(place) for place in places], sr, name)
    patches = tuple(patch for patch in map(window, gaps) if _is_audible(patch.y, sr))
    return AudioWindows(source.info, sr, windows, *music, source.layout, patches)


def read_whole(path: str | os.PathLike[str], *, sr: int = 22050, max_duration: float | None = None) -> AudioWindows:
    """The music of a whole file as one window; of a longer one its first ``max_duration`` seconds.

    Without ``max_duration``, more than an hour is refused.
    """
    name = printable_name(path)
    with open_source(path) as source:
        if max_duration is None:
            _check_duration(source.info.duration, name, 0.0, MAX_WHOLE_DURATION)
        music = _non_silent_interval(source, name)
        end = music[1] if max_duration is None else min(music[1], music[0] + max_duration)
        channels = _read(source, music[0], end)
    y = _resampled(downmix(channels, choose_channel([channels])), source.info.sample_rate, sr)
    return AudioWindows(
        source.info, sr, _check_audible([Window(music[0], y, channels)], sr, name), *music, source.layout
    )


def iter_windows(
    path: str | os.PathLike[str], *, sr: int = 22050, seconds: float = SECONDS, max_windows: int
) -> Iterator[tuple[Segment, AudioWindows]]:
    """The music of a file from its beginning to its end, one window after the other; at most ``max_windows``.

    Each is decoded when it is asked for: memory does not grow with the file. A window that falls into a pause, or
    that cannot be decoded, is left out. Whether the channels cancel is decided on the windows that
    :func:`read_excerpts` takes by default, so that both have the same downmix.

    Raises
    ------
    UnreadableAudio, UnusableAudio
        As :func:`read_excerpts`; a file of which nothing can be heard yields nothing.
    """
    name = printable_name(path)
    with open_source(path) as source:
        music = _non_silent_interval(source, name)
        usual = place_windows(*music, count=COUNT, seconds=SECONDS, min_duration=MIN_DURATION)
        only = choose_channel(_read(source, *place) for place in usual) if source.info.channels > 1 else None
        for place in tile_windows(*music, seconds=seconds, max_windows=max_windows):
            channels = _read(source, place.begin, place.end)
            y = _resampled(downmix(channels, only), source.info.sample_rate, sr)
            if _is_audible(y, sr):
                yield place, AudioWindows(source.info, sr, (Window(place.begin, y, channels),), *music, source.layout)


def _check_duration(duration: float, name: str, min_duration: float, max_duration: float) -> None:
    if duration < min_duration:
        raise UnusableAudio(
            f"{name} lasts {duration:.1f} s, less than {min_duration:g} s; lower --min-duration to take it",
            stage="trim",
        )
    if duration > max_duration:
        raise UnusableAudio(
            f"{name} lasts {duration:.0f} s, more than {max_duration:g} s; raise --max-duration to take it",
            stage="trim",
        )


def _non_silent_interval(source: Source, name: str) -> tuple[float, float]:
    rate = source.info.sample_rate
    if source.info.duration < MIN_DURATION:
        raise _too_short(name, source.info.duration)

    def read(start: float, seconds: float) -> FloatArray:
        return read_finite(source, round(start * rate), round(seconds * rate))

    music = non_silent_interval(read, source.info.duration, rate)
    if music is None:
        raise UnusableAudio(f"{name} is silent: there is nothing to analyse", stage="trim")
    if music[1] - music[0] < MIN_DURATION:
        raise _too_short(name, music[1] - music[0])
    return music


def _too_short(name: str, seconds: float) -> UnusableAudio:
    return UnusableAudio(
        f"{name} has {seconds:.2f} s of music, and at least {MIN_DURATION:g} s are needed to analyse it",
        stage="trim",
    )


def _read(source: Source, begin: float, end: float) -> FloatArray:
    """Samples (c, n) of each channel, at the rate of the file."""
    first = round(begin * source.info.sample_rate)
    return read_finite(source, first, round(end * source.info.sample_rate) - first)


def _resampled(y: FloatArray, rate: int, sr: int) -> FloatArray:
    if rate != sr and y.size:
        y = soxr.resample(y, rate, sr, quality="HQ")
    return np.ascontiguousarray(y, dtype=np.float32)


def _check_audible(windows: list[Window], sr: int, name: str) -> tuple[Window, ...]:
    decoded = [window for window in windows if _is_long_enough(window.y, sr)]
    if not decoded:
        raise UnreadableAudio(f"{name} is damaged: nothing of it can be decoded", stage="decode")
    return tuple(window for window in decoded if _is_audible(window.y, sr)) or tuple(decoded)


def _is_long_enough(y: FloatArray, sr: int) -> bool:
    return y.size >= min(MIN_DURATION, 0.5) * sr


def _is_audible(y: FloatArray, sr: int) -> bool:
    return _is_long_enough(y, sr) and bool(frame_rms(y, sr).max() >= 10 ** (FLOOR_DB / 20))
