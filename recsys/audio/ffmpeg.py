"""Decoding by FFmpeg: Opus, and all that libsndfile does not support (AAC, ALAC, WMA, APE, WavPack and rare codecs).

Positions are samples at the sample rate of the file. A seek ends at a packet before the requested sample; the samples
up to it are decoded and discarded, which also gives decoders the preroll they need.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO

import av
import numpy as np

from recsys.audio.downmix import default_layout, downmix
from recsys.domain.arrays import FloatArray
from recsys.domain.audio import AudioInfo
from recsys.errors import UnreadableAudio

# A fixed list: FFmpeg would also follow playlists to other files and to the network, or render text as images.
_DEMUXERS = "mov,mp4,m4a,3gp,3g2,mj2,asf,aac,ape,wv,tta,ogg,wav,aiff,flac,matroska,webm,caf,mpc,mpc8,ac3,dsf,w64"
# PyAV 19 removed the argument; earlier versions cannot open a file with a tag in an unknown encoding without it.
_LENIENT: dict[str, Any] = {"metadata_errors": "ignore"} if int(av.__version__.partition(".")[0]) < 19 else {}
_PREROLLS = (0.2, 3.0)  # seconds; the second is for Ogg, where a seek into the last page may yield no packet
_MAX_DRIFT = 0.1  # seconds between time stamp and count of samples (WMA has time stamps in ms)
_MAX_GAP = 60  # seconds of missing audio; a longer gap is a wrong time stamp
_SCALES = {"u1": (128.0, 1 / 128), "i2": (0.0, 1 / 2**15), "i4": (0.0, 1 / 2**31), "i8": (0.0, 1 / 2**63)}


class FfmpegSource:
    """Reads the first audio stream of an open, unbuffered file; see ``recsys.audio.decode.Source``."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        try:
            self._container: Any = _open(file)
        except (av.error.FFmpegError, ValueError) as error:
            raise UnreadableAudio(f"{name} is not a supported audio file, or is damaged") from error
        try:
            self._stream: Any = next(s for s in self._container.streams.audio if s.codec_context is not None)
        except StopIteration:
            self._container.close()
            raise UnreadableAudio(f"{name} has no audio stream of a supported codec") from None
        rate = self._stream.sample_rate or 0
        self._origin = self._stream.start_time or 0
        seconds = self._seconds()
        self.n_samples = round(seconds * rate)
        codec = self._stream.codec_context
        self.info = AudioInfo(seconds, rate, codec.channels, codec.codec.canonical_name)
        named = tuple(channel.name for channel in codec.layout.channels)
        self.layout = named if len(named) == codec.channels and "NONE" not in named else default_layout(codec.channels)
        self._pending: Iterator[FloatArray] = iter(())
        self._position = -1
        self._rest = self._empty_block()

    def _empty_block(self) -> FloatArray:
        return np.empty((self.info.channels, 0), np.float32)

    def _seconds(self) -> float:
        if self._container.format.name == "aac":  # raw frames without a header: FFmpeg only estimates the duration
            ticks = sum(packet.duration or 0 for packet in self._packets())
            return float(ticks * self._stream.time_base)
        if self._stream.duration:
            return float(self._stream.duration * self._stream.time_base)
        return float((self._container.duration or 0) / av.time_base)

    def read(self, start: int, count: int) -> FloatArray:
        """Samples ``start`` to ``start + count`` of each channel, (channels, n); fewer at the end."""
        with np.errstate(invalid="ignore", over="ignore"):  # infinities in float files
            if start != self._position:
                self._seek(start)
            parts, missing = [self._rest[:, :count]], count - self._rest[:, :count].shape[1]
            self._rest = self._rest[:, count:]
            while missing > 0 and (block := next(self._pending, None)) is not None:
                parts.append(block[:, :missing])
                self._rest = block[:, missing:]
                missing -= parts[-1].shape[1]
        y = np.concatenate(parts, axis=1)
        self._position = start + y.shape[1]
        return y

    def _seek(self, start: int) -> None:
        self._rest = self._empty_block()
        for preroll in _PREROLLS:
            target = max(0.0, start / self.info.sample_rate - preroll)
            try:
                self._container.seek(round(target / self._stream.time_base) + self._origin, stream=self._stream)
            except av.error.FFmpegError:
                continue
            self._pending = self._blocks(start)
            first = next(self._pending, None)
            if first is not None:
                self._rest = first
                return
        self._pending = iter(())  # after the last packet

    def _blocks(self, start: int) -> Iterator[FloatArray]:
        """Decoded blocks (channels, n) from sample ``start`` on; gaps left by damage are filled with silence."""
        rate = self.info.sample_rate
        tick = float(self._stream.time_base) * rate
        reached = start  # the next sample to yield
        counted: int | None = None  # first sample of the next frame, by the count of samples
        for frame in self._decoded():
            y = to_channels(frame, self.info.channels)
            at = reached if counted is None else counted
            if frame.pts is not None:
                stamped = round((frame.pts - self._origin) * tick)
                if counted is None or abs(stamped - counted) > _MAX_DRIFT * rate:
                    at = stamped
            if at - reached > _MAX_GAP * rate:  # a wrong time stamp
                at = reached
            counted = at + y.shape[1]
            if at > reached:
                yield np.zeros((self.info.channels, at - reached), np.float32)
                reached = at
            if counted > reached:
                yield y[:, reached - at :]
                reached = counted

    def _decoded(self) -> Iterator[Any]:
        for packet in self._packets():
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                continue
            except (EOFError, ValueError, av.error.FFmpegError):  # PyAV 19: ValueError where FFmpeg has no decoder
                return
            yield from frames

    def _packets(self) -> Iterator[Any]:
        """Packets of the stream, up to the first that cannot be read."""
        with suppress(EOFError, av.error.FFmpegError):
            yield from self._container.demux(self._stream)

    def close(self) -> None:
        """Close the container and the file."""
        self._container.close()
        self._file.close()


def _open(file: BinaryIO) -> Any:
    """Open the file by its descriptor: faster than through Python, and independent of the encoding of its name."""
    options = {"format_whitelist": _DEMUXERS}
    url = "fd:"
    if sys.platform == "win32":  # a descriptor is not valid in another C library
        url = f"file:{file.name}"
    else:
        options["fd"] = str(file.fileno())
        os.lseek(file.fileno(), 0, os.SEEK_SET)
    return av.open(url, options=options, **_LENIENT)


def to_channels(frame: Any, count: int) -> FloatArray:
    """Samples (count, n) of a decoded frame, float32 in [-1, 1].

    The number of channels may change within a stream; a frame that does not have ``count`` channels is replaced by its
    mean in each of them.
    """
    if frame.format.name == "fltp" and len(frame.planes) <= 2:  # the format of most decoders; four times as fast
        channels = np.stack([np.frombuffer(plane, np.float32)[: frame.samples] for plane in frame.planes])
    else:
        samples = _samples(frame)
        if not frame.format.is_planar:
            samples = samples.reshape(-1, frame.layout.nb_channels).T
        if samples.dtype.kind != "f":
            centre, scale = _SCALES[samples.dtype.str[1:]]
            samples = (samples.astype(np.float32) - np.float32(centre)) * np.float32(scale)
        channels = np.asarray(samples, dtype=np.float32)
    if len(channels) != count:
        channels = np.broadcast_to(downmix(channels), (count, channels.shape[1]))
    return channels


def _samples(frame: Any) -> Any:
    if frame.format.name in ("s64", "s64p"):  # 64-bit PCM, which PyAV does not convert to an array
        n = frame.samples * (1 if frame.format.is_planar else frame.layout.nb_channels)
        return np.stack([np.frombuffer(plane, np.int64)[:n] for plane in frame.planes])
    return frame.to_ndarray()
