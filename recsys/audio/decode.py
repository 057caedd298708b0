"""Open any audio file and read stretches of it, channel by channel.

A *source* knows what its container says (``info``) and how many samples there really are (``frames``), and
reads any stretch by seeking, never more. Content decides which decoder opens it, never the suffix.
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
"""Suffixes in lower case of the files that are worth opening."""

# Not Opus, which FFmpeg decodes three times as fast; not MP3, see recsys.audio.mpeg.
_SNDFILE_KINDS = {"wav", "aiff", "flac", "ogg", "ogg-flac", "caf", "au"}
_RATES = range(4_000, 768_001)
_MAX_AMPLITUDE = 32.0  # full scale is 1; float files may overshoot, but 30 dB more is damage


class Source(Protocol):
    """An open file. Positions are samples at the file's own rate; ``read`` gives fewer where there are no
    more."""

    info: AudioInfo
    n_samples: int
    layout: tuple[str, ...]
    """Names of the channels in order, as FFmpeg abbreviates them: FL, FR, FC, LFE, BL, SL …"""

    def read(self, start: int, count: int) -> FloatArray:
        """Samples ``start`` to ``start + count`` of each channel, (channels, n)."""

    def close(self) -> None:
        """Release the file."""


@contextmanager
def open_source(path: str | os.PathLike[str]) -> Iterator[Source]:
    """A file opened for reading; raises UnreadableAudio, in plain words, when it cannot be."""
    source = _open(os.fspath(path))
    try:
        yield source
    except OSError as error:
        raise UnreadableAudio(f"{printable_name(path)} cannot be read: {error.strerror}", stage="decode") from error
    finally:
        source.close()


def probe(path: str | os.PathLike[str]) -> AudioInfo:
    """What a file holds: its duration as far as it can be read, sample rate, channels and codec."""
    with open_source(path) as source:
        return source.info


def read_finite(source: Source, start: int, count: int) -> FloatArray:
    """``source.read`` with what no sound card would play (NaN, infinity, absurd levels of float files)
    removed."""
    channels = source.read(max(0, start), count)
    loudest = max(channels.max(initial=0), -channels.min(initial=0))
    if loudest <= _MAX_AMPLITUDE:  # not so for NaN
        return channels
    return np.clip(np.nan_to_num(channels, nan=0.0, posinf=0.0, neginf=0.0), -_MAX_AMPLITUDE, _MAX_AMPLITUDE)


def open_file(path: str | os.PathLike[str]) -> FileIO:
    """A regular file opened for reading bytes, unbuffered; never blocks, and says in plain words why it
    cannot be opened."""
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
        raise UnreadableAudio(f"{name} may not be read: give yourself permission to read it") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UnreadableAudio(f"{name} cannot be opened: {reason}") from error


def printable_name(path: str | os.PathLike[str]) -> str:
    """The name of a file, fit for one line of text: control characters and undecodable bytes are escaped."""
    return printable(Path(path).name or os.fspath(path))


def printable(text: str) -> str:
    """Text without control characters and undecodable bytes: they are escaped."""
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
            f"{name} claims {source.info.sample_rate} Hz and {source.info.channels} channels: it is damaged"
        )
    _measure(source)
    if source.n_samples <= 0:
        source.close()
        raise UnreadableAudio(f"{name} is damaged: nothing of it can be decoded", stage="decode")
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
            pass  # a codec it does not know: FFmpeg may
    try:
        return FfmpegSource(file, name)
    except UnreadableAudio as error:
        if kind is None:  # MPEG frames behind a few bytes of something else
            with suppress(UnreadableAudio):
                return MpegSource(file, 0, name)
        raise error


def _measure(source: Source) -> None:
    """Where the end that the header promises cannot be read, find by bisection where sound really ends."""
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
