"""The windows of a track that are analysed: spread over the music between leading and trailing silence.

Only the windows are decoded, by seeking, and a few seconds more to find the silence at the ends; so memory and time do
not grow with the length of the file.
"""

import math
import os
from collections.abc import Iterator

import numpy as np
import soxr

from recsys.audio.decode import open_source
from recsys.audio.downmix import choose_channel, downmix
from recsys.audio.files import printable_name
from recsys.audio.silence import FLOOR_DB, frame_rms, non_silent_interval
from recsys.audio.source import Source, read_finite
from recsys.audio.windows import COUNT, SECONDS, Tile, place_in_gaps, place_windows, tile_windows
from recsys.domain.arrays import FloatArray
from recsys.domain.audio import AudioWindows, Window
from recsys.errors import UnreadableAudio, UnusableAudio

PATCHES_PER_GAP, PATCH_SECONDS = 1, 3.2
"""Number of patches in each gap between two windows, and their length in seconds: one patch of the MusiCNN models, and
margins. No descriptors are computed from them; they raise the mean average precision of tracks by the same artist
(benchmarks/windows.py)."""
MIN_DURATION = 1.0
"""Shortest music in seconds that can be analysed."""
MAX_WHOLE_DURATION = 3600.0
"""Longest file in seconds that ``read_whole`` loads into memory."""


def read_excerpts(
    path: str | os.PathLike[str],
    *,
    sr: int = 22050,
    count: int = COUNT,
    seconds: float = SECONDS,
    patches_per_gap: int = PATCHES_PER_GAP,
    min_duration: float = 0.0,
    max_duration: float = math.inf,
) -> AudioWindows:
    """Windows spread over the music of a file, as mono samples at ``sr`` Hz.

    ``y`` of a window is the mean of the channels, or the loudest channel if they cancel each other
    (:mod:`recsys.audio.downmix`). Silent windows and windows that cannot be decoded are left out, unless all are
    silent.

    Parameters
    ----------
    path : path-like
        An audio file of any supported format.
    sr : int
        Sample rate of the windows in Hz.
    count : int
        Maximum number of windows.
    seconds : float
        Length of a window.
    patches_per_gap : int
        Number of patches in each gap between two windows, for the embedding alone; there are none if a gap is too
        short.
    min_duration, max_duration : float
        Bounds in seconds of the duration of the file.

    Raises
    ------
    UnreadableAudio
        The file cannot be opened or decoded.
    UnusableAudio
        The file is silent, has less than a second of music, or has a duration outside the bounds.
    """
    name = printable_name(path)
    with open_source(path) as source:
        _check_duration(source.info.duration, name, min_duration, max_duration)
        music = find_music(source, name)
        places = place_windows(*music, count=count, seconds=seconds, min_duration=MIN_DURATION)
        gaps = place_in_gaps(places, count=patches_per_gap, seconds=PATCH_SECONDS) if patches_per_gap else ()
        # In the order of the file: seeking forward is faster.
        read = {place: _read(source, *place) for place in sorted((*places, *gaps))}
    channel, rate = choose_channel(read[place] for place in places), source.info.sample_rate

    def window(place: tuple[float, float]) -> Window:
        return Window(place[0], _resampled(downmix(read[place], channel), rate, sr), read[place])

    windows = _check_audible([window(place) for place in places], sr, name)
    patches = tuple(patch for patch in map(window, gaps) if _is_audible(patch.y, sr))
    return AudioWindows(source.info, sr, windows, *music, source.layout, patches)


def read_whole(path: str | os.PathLike[str], *, sr: int = 22050, max_duration: float | None = None) -> AudioWindows:
    """The music of a file as one window, or its first ``max_duration`` seconds.

    Raises
    ------
    UnreadableAudio
        The file cannot be opened or decoded.
    UnusableAudio
        The file is silent, has less than a second of music, or is longer than an hour and ``max_duration`` is None.
    """
    name = printable_name(path)
    with open_source(path) as source:
        if max_duration is None:
            _check_duration(source.info.duration, name, 0.0, MAX_WHOLE_DURATION)
        music = find_music(source, name)
        end = music[1] if max_duration is None else min(music[1], music[0] + max_duration)
        channels = _read(source, music[0], end)
    y = _resampled(downmix(channels, choose_channel([channels])), source.info.sample_rate, sr)
    return AudioWindows(
        source.info, sr, _check_audible([Window(music[0], y, channels)], sr, name), *music, source.layout
    )


def iter_windows(
    path: str | os.PathLike[str], *, sr: int = 22050, seconds: float = SECONDS, max_windows: int
) -> Iterator[tuple[Tile, AudioWindows]]:
    """Iterate over the music of a file from its start to its end, in at most ``max_windows`` windows.

    Each window is decoded when it is requested, so memory does not grow with the file. Silent windows and windows that
    cannot be decoded are left out. The downmix is chosen by the default windows of :func:`read_excerpts`, so that both
    functions have the same one.

    Yields
    ------
    tile : Tile
        Bounds of the window, and the part of the music that it represents.
    audio_windows : AudioWindows
        The window.

    Raises
    ------
    UnreadableAudio
        The file cannot be opened or decoded.
    UnusableAudio
        The file is silent or has less than a second of music.
    """
    name = printable_name(path)
    with open_source(path) as source:
        music = find_music(source, name)
        excerpts = place_windows(*music, count=COUNT, seconds=SECONDS, min_duration=MIN_DURATION)
        channel = choose_channel(_read(source, *place) for place in excerpts) if source.info.channels > 1 else None
        for tile in tile_windows(*music, seconds=seconds, max_windows=max_windows):
            channels = _read(source, tile.begin, tile.end)
            y = _resampled(downmix(channels, channel), source.info.sample_rate, sr)
            if _is_audible(y, sr):
                yield tile, AudioWindows(source.info, sr, (Window(tile.begin, y, channels),), *music, source.layout)


def _check_duration(duration: float, name: str, min_duration: float, max_duration: float) -> None:
    if duration < min_duration:
        raise UnusableAudio(
            f"{name} lasts {duration:.1f} s, shorter than the minimum duration of {min_duration:g} s",
            stage="trim",
        )
    if duration > max_duration:
        raise UnusableAudio(
            f"{name} lasts {duration:.0f} s, longer than the maximum duration of {max_duration:g} s",
            stage="trim",
        )


def find_music(source: Source, name: str) -> tuple[float, float]:
    """Start and end in seconds of the music, without leading and trailing silence; raises UnusableAudio without any."""
    rate = source.info.sample_rate
    if source.info.duration < MIN_DURATION:
        raise _too_short(name, source.info.duration)

    def read(start: float, seconds: float) -> FloatArray:
        return read_finite(source, round(start * rate), round(seconds * rate))

    music = non_silent_interval(read, source.info.duration, rate)
    if music is None:
        raise UnusableAudio(f"{name} is silent", stage="trim")
    if music[1] - music[0] < MIN_DURATION:
        raise _too_short(name, music[1] - music[0])
    return music


def _too_short(name: str, seconds: float) -> UnusableAudio:
    return UnusableAudio(
        f"{name} has {seconds:.2f} s of music, and at least {MIN_DURATION:g} s is needed for an analysis",
        stage="trim",
    )


def _read(source: Source, begin: float, end: float) -> FloatArray:
    """Samples (c, n) of each channel, at the sample rate of the file."""
    first = round(begin * source.info.sample_rate)
    return read_finite(source, first, round(end * source.info.sample_rate) - first)


def _resampled(y: FloatArray, rate: int, sr: int) -> FloatArray:
    if rate != sr and y.size:
        y = soxr.resample(y, rate, sr, quality="HQ")
    return np.ascontiguousarray(y, dtype=np.float32)


def _check_audible(windows: list[Window], sr: int, name: str) -> tuple[Window, ...]:
    decoded = [window for window in windows if _is_long_enough(window.y, sr)]
    if not decoded:
        raise UnreadableAudio(f"{name} is damaged: no part of it can be decoded", stage="decode")
    return tuple(window for window in decoded if _is_audible(window.y, sr)) or tuple(decoded)


def _is_long_enough(y: FloatArray, sr: int) -> bool:
    return y.size >= min(MIN_DURATION, 0.5) * sr


def _is_audible(y: FloatArray, sr: int) -> bool:
    return _is_long_enough(y, sr) and bool(frame_rms(y, sr).max() >= 10 ** (FLOOR_DB / 20))
