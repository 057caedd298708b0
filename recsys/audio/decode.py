"""Open audio files of any format and read ranges of their samples, channel by channel.

A *source* is an open file: ``info`` has the metadata of the container, ``n_samples`` the number of samples that can be
decoded. It reads a range of samples by seeking. The decoder is chosen by the content of the file, not by its suffix.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from io import FileIO
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np
import soundfile as sf

from recsys.audio.ffmpeg import FfmpegSource
from recsys.audio.mpeg import MpegSource
from recsys.audio.sndfile import SndfileSource
from recsys.audio.sniff import sniff
from recsys.domain.arrays import FloatArray
from recsys.domain.audio import AudioInfo
from recsys.errors import UnreadableAudio

SUFFIXES = frozenset({
    ".aac", ".aif", ".aifc", ".aiff", ".alac", ".ape", ".asf", ".au", ".bwf", ".caf", ".flac", ".m4a", ".m4b",
    ".mka", ".mp2", ".mp3", ".mp4", ".mpc", ".mpga", ".oga", ".ogg", ".opus", ".tta", ".wav", ".wave", ".wma",
    ".wv",
})  # fmt: skip
"""Suffixes, in lower case, of files that may be audio."""

# Without Opus, which FFmpeg decodes three times as fast, and without MP3 (see recsys.audio.mpeg).
_SNDFILE_KINDS = {"wav", "aiff", "flac", "ogg", "ogg-flac", "caf", "au"}
_RATES = range(4_000, 768_001)
_MAX_AMPLITUDE = 32.0  # full scale is 1; float files may exceed it, but 30 dB above it is damage


class Source(Protocol):
    """An open file. Positions are samples at the sample rate of the file; ``read`` returns fewer at its end."""

    info: AudioInfo
    n_samples: int
    layout: tuple[str, ...]
    """Names of the channels in order, in the abbreviations of FFmpeg: FL, FR, FC, LFE, BL, SL …"""

    def read(self, start: int, count: int) -> FloatArray:
        """Samples (channels, n) from ``start`` to ``start + count``."""

    def close(self) -> None:
        """Close the file."""


@contextmanager
def open_source(path: str | os.PathLike[str]) -> Iterator[Source]:
    """Context manager for an open file; raises UnreadableAudio if it cannot be opened or read."""
    source = _open(os.fspath(path))
    try:
        yield source
    except OSError as error:
        raise UnreadableAudio(f"{printable_name(path)} cannot be read: {error.strerror}", stage="decode") from error
    finally:
        source.close()


def probe(path: str | os.PathLike[str]) -> AudioInfo:
    """Duration (of the part that can be decoded), sample rate, channels and codec of a file.

    Raises UnreadableAudio if the file cannot be opened or decoded.
    """
    with open_source(path) as source:
        return source.info


def read_finite(source: Source, start: int, count: int) -> FloatArray:
    """``source.read`` with NaN and infinities replaced by 0, and clipped to ±32 times full scale."""
    channels = source.read(max(0, start), count)
    loudest = max(channels.max(initial=0), -channels.min(initial=0))
    if loudest <= _MAX_AMPLITUDE:  # false for NaN
        return channels
    return np.clip(np.nan_to_num(channels, nan=0.0, posinf=0.0, neginf=0.0), -_MAX_AMPLITUDE, _MAX_AMPLITUDE)


def open_file(path: str | os.PathLike[str]) -> FileIO:
    """Open a regular file for unbuffered reading, without blocking on pipes and devices.

    Raises UnreadableAudio if the file is missing, empty, not a regular file, or not readable.
    """
    name = printable_name(path)
    try:
        status = Path(path).stat()
        if stat.S_ISDIR(status.st_mode):
            raise UnreadableAudio(f"{name} is a folder, not a file")
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableAudio(f"{name} is a pipe or a device, not a file")
        if status.st_size == 0:
            raise UnreadableAudio(f"{name} is empty (0 bytes)")
        return Path(path).open("rb", buffering=0)
    except FileNotFoundError as error:
        raise UnreadableAudio(f"there is no file {printable(os.fspath(path))}") from error
    except PermissionError as error:
        raise UnreadableAudio(f"no permission to read {name}: make the file readable") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UnreadableAudio(f"{name} cannot be opened: {reason}") from error


def printable_name(path: str | os.PathLike[str]) -> str:
    """The name of a file as one line of text, with control characters and undecodable bytes escaped."""
    return printable(Path(path).name or os.fspath(path))


def printable(text: str) -> str:
    """Text with control characters and undecodable bytes escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _open(path: str) -> Source:
    name = printable_name(path)
    file = open_file(path)
    try:
        source = _choose(path, file, name)
    except BaseException as error:
        file.close()
        if isinstance(error, OSError):
            raise UnreadableAudio(f"{name} cannot be read: {error.strerror or error}") from error
        raise
    if source.info.sample_rate not in _RATES or source.info.channels < 1:
        source.close()
        raise UnreadableAudio(
            f"{name} is damaged: its header has a sample rate of {source.info.sample_rate} Hz and a channel count of "
            f"{source.info.channels}"
        )
    _measure(source)
    if source.n_samples <= 0:
        source.close()
        raise UnreadableAudio(f"{name} is damaged: no part of it can be decoded", stage="decode")
    return source


def _choose(path: str, file: BinaryIO, name: str) -> Source:
    kind, offset = sniff(file)
    if kind == "mp3":
        return MpegSource(file, offset, name)
    if kind in _SNDFILE_KINDS:
        try:
            source = SndfileSource(path)
            file.close()
            return source
        except sf.LibsndfileError:
            pass  # an unsupported codec: FFmpeg may support it
    try:
        return FfmpegSource(file, name)
    except UnreadableAudio as error:
        if kind is None:  # MPEG frames after a few bytes of other data
            with suppress(UnreadableAudio):
                return MpegSource(file, 0, name)
        raise error


def _measure(source: Source) -> None:
    """Find by bisection where the audio ends, if the last samples that the header announces cannot be read."""
    block = source.info.sample_rate // 10
    if source.n_samples <= block or source.read(source.n_samples - block, block).shape[1] > block // 2:
        return
    low, high = 0, source.n_samples
    while high - low > block:
        middle = (low + high) // 2
        if source.read(middle, block).shape[1] > block // 2:
            low = middle
        else:
            high = middle
    source.n_samples = low + source.read(low, block).shape[1]
    source.info = replace(source.info, duration=source.n_samples / source.info.sample_rate)
