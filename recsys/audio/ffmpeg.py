"""Decoding by FFmpeg: Opus, and all that libsndfile does not support (AAC, ALAC, WMA, APE, WavPack and rare codecs).

Positions are samples at the sample rate of the file. A seek ends at a packet before the requested sample; the samples
up to it are decoded and discarded, which also gives decoders the preroll they need. Where a file cannot be searched, it
is decoded from its start.
"""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import av
import numpy as np
import soxr

from recsys.audio.files import AudioFile, FileSlice
from recsys.audio.formats import DEMUXERS
from recsys.audio.frames import take_layout, to_channels
from recsys.audio.source import block_size, find_end, has_end, resize
from recsys.domain.arrays import FloatArray
from recsys.domain.audio import AudioInfo
from recsys.errors import UnreadableAudio

# PyAV 19 removed the argument; earlier versions cannot open a file with a tag in an unknown encoding without it.
_LENIENT: dict[str, Any] = {"metadata_errors": "ignore"} if int(av.__version__.partition(".")[0]) < 19 else {}
_PREROLLS = (0.2, 3.0)  # seconds; the second is for Ogg, where a seek into the last page may yield no packet
_PAGE_PREROLLS = (4.0, 8.0)  # the time stamps of FLAC and Speex in Ogg are wrong up to the second page
_MAX_DRIFT = 0.1  # seconds between time stamp and count of samples (WMA has time stamps in ms)
_MAX_GAP = 60  # seconds of missing audio; a longer gap is a wrong time stamp
# Streams of frames without a header: FFmpeg only estimates their duration, from the bit rate.
_HEADERLESS = {"aac", "ac3", "amr", "dts", "eac3", "loas", "mlp", "truehd"}
_PROTECTED = {"drms", "enca", "aavd"}  # sample entries of MP4: FairPlay, common encryption, Audible
_ASF_ENCRYPTION = (  # GUIDs of the objects for content encryption
    b"\xfb\xb3\x11\x22\x23\xbd\xd2\x11\xb4\xb7\x00\xa0\xc9\x55\xfc\x6e",
    b"\x14\xe6\x8a\x29\x22\x26\x17\x4c\xb9\x35\xda\xe0\x7e\xe9\x28\x9c",
)
_ASF_HEADER = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"
_PADDING = 4096  # samples after the end of the audio in the last packets: two packets of HE-AAC
_SUSPICIOUS = 0.9  # share of the packets that can be read by seeking, below which all are decoded in order


class FfmpegSource:
    """Reads the first audio stream of an open, unbuffered file; see ``recsys.audio.source.Source``."""

    def __init__(self, file: AudioFile, name: str) -> None:
        self._file = file
        protected = UnreadableAudio(f"{name} is protected (DRM): it cannot be decoded without its key")
        if _is_protected_asf(file):
            raise protected
        try:
            self._container: Any = open_container(file)
        except (av.error.FFmpegError, ValueError) as error:
            raise UnreadableAudio(f"{name} is not a supported audio file, or is damaged") from error
        try:
            self._stream: Any = next(s for s in self._container.streams.audio if s.codec_context is not None)
        except StopIteration:
            self._container.close()
            raise UnreadableAudio(f"{name} has no audio stream of a supported codec") from None
        if _codec_tag(self._stream) in _PROTECTED:
            self._container.close()
            raise protected
        rate = self._stream.sample_rate or 0
        self._origin = self._stream.start_time or 0
        seconds = self._seconds()
        self.n_samples = round(seconds * rate)
        codec = self._stream.codec_context
        self.layout = take_layout(codec)
        self.info = AudioInfo(seconds, rate, len(self.layout), _codec_name(codec))
        self._pending: Iterator[FloatArray] = iter(())
        self._position = -1
        self._rest = self._empty_block()
        paged = self._container.format.name == "ogg" and self.info.codec in ("flac", "speex")
        self._prerolls = _PAGE_PREROLLS if paged else _PREROLLS
        self._searchable = True
        self._measured = self._was_decoded_in_order = False

    def _empty_block(self) -> FloatArray:
        return np.empty((self.info.channels, 0), np.float32)

    def _seconds(self) -> float:
        """The declared duration; 0 if there is none."""
        if self._container.format.name in _HEADERLESS:
            return self._count_seconds()
        if self._stream.duration:
            return float(self._stream.duration * self._stream.time_base)
        return float((self._container.duration or 0) / av.time_base)

    def _count_seconds(self) -> float:
        """The end of the last packet; nothing is decoded."""
        ticks = last = 0
        for packet in self._packets():
            ticks += packet.duration or 0
            if packet.pts is not None:
                last = max(last, packet.pts - self._origin + (packet.duration or 0))
        return float(max(ticks, last) * self._stream.time_base)

    def measure(self) -> None:
        """Find the end of the audio where the declared duration is missing, too short or too long."""
        declared = self.n_samples
        if not self._ends_at(declared):
            self._rewind()
            counted = round(self._count_seconds() * self.info.sample_rate)
            # The time stamps after a search may be wrong (WMA Pro): more than is declared only if there are packets.
            if counted > declared + self._padding() or not (declared and has_end(self)):
                self._measure_up_to(counted)
        self._measured = True

    def _measure_up_to(self, counted: int) -> None:
        """Find the end of the audio, which is that of the packets unless some cannot be decoded."""
        resize(self, counted)
        if counted and not self._ends_at(counted):
            end = self._read_on(counted) if has_end(self) else find_end(self)
            if end < _SUSPICIOUS * counted:
                self._restart(0)
                end = max(end, self._read_on(0))
            resize(self, end)

    def _ends_at(self, n_samples: int) -> bool:
        """Whether the samples before a position can be read, and no more than the padding of a packet after it."""
        block, padding = min(n_samples, block_size(self)), self._padding()
        n: int = self.read(n_samples - block, block + padding + 1).shape[1]
        return block // 2 < n <= block + padding

    @property
    def padding(self) -> tuple[int, int]:
        """Samples before and after the audio that its encoder added, as iTunes writes it: those before are not read."""
        fields = self._container.metadata.get("iTunSMPB", "").split()
        with suppress(IndexError, ValueError):
            after = self.n_samples - int(fields[3], 16)
            return 0, after if 0 <= after <= _PADDING else 0
        return 0, 0

    def _padding(self) -> int:
        return max(block_size(self), _PADDING)

    def _read_on(self, position: int) -> int:
        """The position at which the audio ends, read from ``position`` on."""
        while n := self.read(position, 10 * self.info.sample_rate).shape[1]:
            position += n
        return position

    def read(self, start: int, count: int) -> FloatArray:
        """Samples ``start`` to ``start + count`` of each channel, (channels, n); fewer at the end."""
        y = self._read(start, count)
        missing = min(count, self.n_samples - start) - y.shape[1]
        if missing > block_size(self) and self._measured and self._searchable and not self._was_decoded_in_order:
            self._was_decoded_in_order = True  # once: it takes as long as decoding the file
            self._searchable = False
            self._position = -1
            in_order = self._read(start, count)
            if in_order.shape[1] > y.shape[1]:
                return in_order
            self._searchable = True
            self._position = -1
        return y

    def _read(self, start: int, count: int) -> FloatArray:
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
        if not self._searchable:
            self._restart(start)
            return
        for preroll in self._prerolls:
            target = max(0.0, start / self.info.sample_rate - preroll)
            try:
                self._container.seek(round(target / self._stream.time_base) + self._origin, stream=self._stream)
            except av.error.FFmpegError:
                continue
            if self._begin(start):
                return
        self._pending = iter(())  # after the last packet
        self._rest = self._empty_block()

    def _begin(self, start: int) -> bool:
        """Decode the block at ``start`` from the current position of the container on; False if there is none."""
        self._pending = self._blocks(start)
        first = next(self._pending, None)
        self._rest = self._empty_block() if first is None else first
        return first is not None

    def _restart(self, start: int) -> None:
        """Decode from the start of the file up to ``start``."""
        self._rewind()
        self._position = start
        self._begin(start)

    def _rewind(self) -> None:
        """Open the container again: not every one can be searched, even for its start."""
        index = self._stream.index
        self._container.close()
        self._container = open_container(self._file)
        self._stream = self._container.streams[index]
        take_layout(self._stream.codec_context)
        self._position = -1

    def _blocks(self, start: int) -> Iterator[FloatArray]:
        """Decoded blocks (channels, n) from sample ``start`` on; gaps left by damage are filled with silence."""
        rate = self.info.sample_rate
        tick = float(self._stream.time_base) * rate
        reached = start  # the next sample to yield
        counted: int | None = None  # first sample of the next block, by the count of samples
        for pts, y in self._arrays():
            at = reached if counted is None else counted
            if pts is not None:
                stamped = round((pts - self._origin) * tick)
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

    def _arrays(self) -> Iterator[tuple[int | None, FloatArray]]:
        """Time stamp and samples (channels, n) of each frame; the sample rate may change within a stream."""
        resampler: Any = None
        rate = self.info.sample_rate
        for frame in self._decoded():
            y = to_channels(frame, self.info.channels)
            if frame.sample_rate in (rate, 0):
                resampler = None
            else:
                if resampler is None or resampler[0] != frame.sample_rate:
                    stream = soxr.ResampleStream(frame.sample_rate, rate, self.info.channels, dtype="float32")
                    resampler = frame.sample_rate, stream
                y = np.ascontiguousarray(resampler[1].resample_chunk(np.ascontiguousarray(y.T)).T)
            yield frame.pts, y

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


def open_container(file: AudioFile, demuxers: str = DEMUXERS) -> Any:
    """Open the file by its descriptor: faster than through Python, and independent of the encoding of its name."""
    options = {"format_whitelist": demuxers, "max_pixels": "1"}  # covers, which can be huge, are not decoded
    if isinstance(file, FileSlice):
        file.seek(0)
        return av.open(file, options=options, **_LENIENT)
    url = "fd:"
    if sys.platform == "win32":  # a descriptor is not valid in another C library
        url = f"file:{file.name}"
    else:
        options["fd"] = str(file.fileno())
        os.lseek(file.fileno(), 0, os.SEEK_SET)
    return av.open(url, options=options, **_LENIENT)


def _codec_name(codec: Any) -> str:
    name: str = codec.codec.canonical_name
    return "pcm" if re.fullmatch(r"pcm_[suf]\d+(le|be)?(_planar)?", name) else name


def _codec_tag(stream: Any) -> str:
    try:
        return str(stream.codec_context.codec_tag)
    except UnicodeDecodeError:  # not four letters
        return ""


def _is_protected_asf(file: AudioFile) -> bool:
    """Whether the file is WMA with encrypted content, which FFmpeg would decode as noise."""
    file.seek(0)
    head = file.read(24)
    if head[:8] != _ASF_HEADER:
        return False
    header = file.read(min(int.from_bytes(head[16:24], "little"), 1 << 20))
    return any(guid in header for guid in _ASF_ENCRYPTION)
