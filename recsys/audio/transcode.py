"""Any file that can be decoded as Opus in WebM or Ogg, as MP3 or FLAC, encoded piece by piece while it is played.

Nothing is stored: a piece of a second is decoded, reduced to two channels, encoded and returned, so that the memory in
use does not depend on the length of the file, and a listener who stops early costs no more than was played.
"""

import os
from collections.abc import Generator, Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

import av
import numpy as np

from recsys.audio.decode import open_source
from recsys.audio.downmix import to_stereo
from recsys.audio.ffmpeg import FfmpegSource
from recsys.audio.mpeg import MpegSource
from recsys.audio.source import Source, read_finite
from recsys.domain.arrays import FloatArray
from recsys.errors import InvalidRequest, UnreadableAudio

_BLOCK = 1.0  # seconds that are decoded at once
_PIECE = 1 << 14  # bytes


class Encoding(NamedTuple):
    """A format of FFmpeg, its codec and media type; bits per second for each channel; sample rates in Hz; effort.

    ``level`` is that of the codec: at these it takes 1 % (Opus), 3 % (MP3) and 0.3 % (FLAC) of one core to encode what
    is played.
    ``bit_rates`` are those in all that a limit chooses from.
    """

    container: str
    codec: str
    media_type: str
    bit_rate: int
    rates: tuple[int, ...]
    level: int
    bit_rates: tuple[int, ...]


_MP3_RATES = tuple(1000 * kilobits for kilobits in (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320))
_OPUS_RATES = tuple(1000 * kilobits for kilobits in (16, 24, *(rate // 1000 for rate in _MP3_RATES), 448, 510))

ENCODINGS: Mapping[str, Encoding] = {
    "opus": Encoding("webm", "libopus", 'audio/webm; codecs="opus"', 80_000, (48_000,), 5, _OPUS_RATES),
    "ogg": Encoding("ogg", "libopus", 'audio/ogg; codecs="opus"', 80_000, (48_000,), 5, _OPUS_RATES),
    "mp3": Encoding("mp3", "libmp3lame", "audio/mpeg", 128_000, (44_100, 48_000), 7, _MP3_RATES),
    "flac": Encoding("mp4", "flac", 'audio/mp4; codecs="flac"', 0, (44_100, 48_000), 2, (0,)),
}
_OPTIONS = {
    "mp3": {"write_xing": "0", "id3v2_version": "0"},
    "mp4": {"movflags": "empty_moov+default_base_moof", "frag_duration": "500000"},
}


def bit_rate_within(encoding: str, limit: int) -> int:
    """The largest bit rate of an encoding that is not above a limit, or its smallest one, in bits per second.

    >>> bit_rate_within("mp3", 100_000), bit_rate_within("mp3", 1000)
    (96000, 32000)
    """
    rates = ENCODINGS[encoding].bit_rates
    return max((rate for rate in rates if rate <= limit), default=rates[0])


def transcode(
    path: str | os.PathLike[str], encoding: str, start: float = 0.0, max_bit_rate: int | None = None
) -> Generator[bytes]:
    """The encoded audio of a file from ``start`` (in seconds) on, piece by piece.

    ``max_bit_rate``, in bits per second, is used if the encoding has it, else the next lower one. The file is open
    until the generator ends or is closed. What the file states that its encoder added to the audio is left out, so that
    tracks that were one recording are one again. WebM has the duration of what follows in its header.

    Raises
    ------
    InvalidRequest
        ``start`` is after the end of the file.
    UnreadableAudio
        The file cannot be decoded, or this build of FFmpeg has no encoder.
    """
    with open_source(path) as source:
        rate = source.info.sample_rate
        before, after = source.padding if isinstance(source, MpegSource | FfmpegSource) else (0, 0)
        position, end = before + round(start * rate), source.n_samples - after
        if not before <= position < end:
            seconds = f"{(end - before) / rate:.3f}"
            raise InvalidRequest(f"must be before the end of the track, at {seconds} s", field="start", value=start)
        bit_rate = None if max_bit_rate is None else bit_rate_within(encoding, max_bit_rate)
        yield from _encode(source, ENCODINGS[encoding], position, end, bit_rate)


def _encode(source: Source, encoding: Encoding, position: int, end: int, bit_rate: int | None) -> Iterator[bytes]:
    output = _Pieces()
    rate = source.info.sample_rate
    layout = "mono" if source.info.channels == 1 else "stereo"
    with av.open(output, "w", format=encoding.container, options=_OPTIONS.get(encoding.container, {})) as container:
        try:
            nearest = max(encoding.rates, key=lambda each: np.gcd(each, rate))  # the simplest ratio
            effort = {"compression_level": str(encoding.level)}
            stream: Any = container.add_stream(encoding.codec, nearest, effort, layout=layout)
        except (ValueError, av.error.FFmpegError) as error:
            raise UnreadableAudio(f"there is no encoder {encoding.codec}", stage="decode") from error
        stream.bit_rate = bit_rate or encoding.bit_rate * (1 if layout == "mono" else 2)
        if encoding.container == "webm":
            stream.metadata["DURATION"] = f"{(end - position) / rate:.3f}"
        written = 0
        for y in _blocks(source, position, end):
            frame = av.AudioFrame.from_ndarray(y.T.reshape(1, -1), format="flt", layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = rate, written, Fraction(1, rate)
            written += y.shape[1]
            container.mux(stream.encode(frame))
            yield from output.take(_PIECE)
        container.mux(stream.encode(None))
    yield from output.take(1)


def _blocks(source: Source, position: int, end: int) -> Iterator[FloatArray]:
    """One or two channels (c, n), block by block, up to ``end``."""
    size = max(1, round(_BLOCK * source.info.sample_rate))
    while (y := read_finite(source, position, min(size, end - position))).shape[1]:
        position += y.shape[1]
        yield np.ascontiguousarray(y if len(y) == 1 else to_stereo(y, source.layout), dtype=np.float32)


class _Pieces:
    """A file that can only be written in order, and what was written to it since it was last taken."""

    def __init__(self) -> None:
        self._data = bytearray()

    def write(self, data: bytes) -> int:
        """Append; for FFmpeg."""
        self._data += data
        return len(data)

    def take(self, least: int) -> Iterator[bytes]:
        """What was written, if there are at least so many bytes."""
        if len(self._data) >= least:
            yield bytes(self._data)
            self._data.clear()
