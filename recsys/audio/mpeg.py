"""Decoding of MPEG audio (MP3) by an index of its frames.

An MP3 file is a sequence of frames, each with a 4-byte header that defines bit rate, sample rate and length. Reading
all headers takes a few milliseconds for a track. The index gives the true duration (also for variable bit rate without
a Xing header, and for truncated files), exact seeking, and resynchronisation after damaged bytes. FFmpeg decodes the
frames; the decoder of libsndfile (mpg123) stops at damage and writes to stderr.
"""

from array import array
from functools import cache
from struct import Struct
from typing import Any, TypeAlias

import av
import numpy as np

from recsys.audio.downmix import default_layout
from recsys.audio.files import AudioFile, version_of
from recsys.domain.arrays import FloatArray
from recsys.domain.audio import AudioInfo
from recsys.errors import UnreadableAudio

_CHUNK = 1 << 20
_MAX_FRAME = 2881  # layer III at 320 kbit/s and 8 kHz, layer II at 160 kbit/s and 8 kHz, plus padding
_MIN_FRAMES = 8  # random bytes can look like one or two frames
_CHAIN = 3  # consecutive valid headers that are taken for a stream
# Frames that are decoded and discarded before the first that is used:
_OVERLAPPING = 2  # whose samples overlap with it
_RESERVOIRS = {384: 0, 1152: 511, 576: 255}  # bytes before these in which their bits may begin, by samples of a frame
_HEAD = 38  # bytes of a frame that are not in the reservoir, at most: header, checksum, side information
_PACKET = 256  # frames that are decoded together: each takes two thirds of the time
_HEADER = Struct(">I")
_DECODER_DELAY = 529  # samples by which every decoder of layer III is late
# Bytes of number of frames, size, table of positions and quality, by the four bits of which there are:
_XING_FIELDS = [sum(size for bit, size in enumerate((4, 4, 100, 4)) if flags >> bit & 1) for flags in range(16)]
_LAME_DELAYS = 21  # bytes from what follows them to two numbers of 12 bits

_BITRATES = {  # kbit/s by (is MPEG-1, layer); index 0 is "free format", which is not supported
    (True, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = (44100, 48000, 32000)


def _parse(bits: int) -> tuple[int, int, int, int]:
    """Length in bytes, samples, sample rate and layer, from the upper 23 bits of a header; all 0 if it is invalid."""
    sync, version, layer_bits = bits >> 12, bits >> 10 & 3, bits >> 8 & 3
    bitrate_index, rate_index, padding = bits >> 3 & 15, bits >> 1 & 3, bits & 1
    if sync != 0x7FF or version == 1 or layer_bits == 0 or bitrate_index in (0, 15) or rate_index == 3:
        return 0, 0, 0, 0
    layer = 4 - layer_bits
    rate = _RATES[rate_index] >> {3: 0, 2: 1, 0: 2}[version]
    bitrate = 1000 * _BITRATES[version == 3, layer][bitrate_index]
    if layer == 1:
        return (12 * bitrate // rate + padding) * 4, 384, rate, layer
    samples = 576 if layer == 3 and version != 3 else 1152
    return samples // 8 * bitrate // rate + padding, samples, rate, layer


# The upper 23 bits of a header: 11 of sync, then 12 that determine the length (version, layer, protection, bit rate,
# sample rate, padding). Version, layer and sample rate are constant within a stream.
_LENGTHS = [_parse(0x7FF000 | bits)[0] for bits in range(1 << 12)]
_SAME = 0x7FFF06


_Index: TypeAlias = tuple["array[int]", "array[int]", int]
_KEPT, _KEPT_FRAMES = 8, 100_000  # indexes of files that are kept, and frames of each, at most
_recent: dict[tuple[int, ...], _Index] = {}


class MpegSource:
    """Reads an open MPEG audio file from byte ``offset`` on; see ``recsys.audio.source.Source``.

    ``padding`` are the samples before and after the audio that the encoder states it added; they are read too.
    """

    def __init__(self, file: AudioFile, offset: int, name: str) -> None:
        self._file = file
        self._positions, self._lengths, header = _recent_index(file, offset)
        if (n := len(self._positions)) < _MIN_FRAMES:
            few = f"only {n} MPEG audio frame{'s' * (n > 1)}, fewer than {_MIN_FRAMES}"
            found = few if n else "no MPEG audio frames"
            raise UnreadableAudio(f"{name} contains {found}: it may not be an MP3 file", stage="decode")
        _, self._samples, rate, layer = _parse(header)
        self._codec: Any = av.CodecContext.create(f"mp{layer}float", "r")  # twice as fast as fixed point
        self.padding = 0, 0
        channels = self._drop_info_frame()
        self.n_samples = self._samples * len(self._positions)
        self.info = AudioInfo(self.n_samples / rate, rate, channels, f"mp{layer}")
        self.layout = default_layout(channels)

    def read(self, start: int, count: int) -> FloatArray:
        """Samples ``start`` to ``start + count`` of each channel, (channels, n); fewer at the end."""
        first, last = start // self._samples, -(-(start + count) // self._samples)
        last = min(last, len(self._positions))
        if first >= last:
            return np.empty((self.info.channels, 0), np.float32)
        y = self._decode(first, last, _PACKET)
        skip = start - first * self._samples
        return y.reshape(len(y), -1)[:, skip : skip + count]

    def _decode(self, first: int, last: int, size: int) -> FloatArray:
        """Samples (channels, frames, samples) of some frames, decoded in packets of ``size`` frames.

        If a packet is damaged, all are decoded again one by one, so that only the damaged frames are silent.
        """
        preroll = self._preroll(first)
        origin = self._positions[preroll]
        self._file.seek(origin)
        data = self._file.read(self._positions[last - 1] + self._lengths[last - 1] - origin)
        self._codec.flush_buffers()
        stereo = self.info.channels == 2
        y = np.zeros((1 + stereo, last - first, self._samples), np.float32)
        for number in range(preroll, last, size):
            lengths = self._lengths[number : min(number + size, last)]
            begin = self._positions[number] - origin
            frames = self._decode_packet(data[begin : begin + sum(lengths)])
            if size > 1 and (len(frames) < len(lengths) or not self._is_contiguous(number, lengths)):
                return self._decode(first, last, 1)
            for i, frame in enumerate(frames, number - first):
                # Faster than to_ndarray(), which takes four times as long, for about 2,000 frames of a track.
                planes = [np.frombuffer(plane, np.float32) for plane in frame.planes] if i >= 0 else []
                if planes and planes[0].size == self._samples:
                    y[0, i] = planes[0]
                    y[-1, i] = planes[-1] if stereo else sum(planes) / len(planes)
        return y

    def _is_contiguous(self, number: int, lengths: "array[int]") -> bool:
        """Whether there is nothing between the frames from ``number`` on."""
        return self._positions[number + len(lengths) - 1] - self._positions[number] == sum(lengths[:-1])

    def _preroll(self, first: int) -> int:
        """The frame to begin with so that frame ``first`` is exact: two overlap with it, and use bits of others."""
        preroll, missing = max(0, first - _OVERLAPPING), _RESERVOIRS[self._samples]
        while preroll > 0 and missing > 0:
            preroll -= 1
            missing -= max(1, self._lengths[preroll] - _HEAD)
        return preroll

    def _drop_info_frame(self) -> int:
        """Remove a first frame with metadata (Xing, LAME, VBRI) from the index; return the number of channels."""
        self._file.seek(self._positions[0])
        head = self._file.read(min(self._lengths[0], 256))
        if b"Xing" in head[:64] or b"Info" in head[:64] or b"VBRI" in head[:64]:
            self.padding = _padding(head)
            self._positions, self._lengths = self._positions[1:], self._lengths[1:]
        return 1 if head[3] >> 6 == 3 else 2

    def _decode_packet(self, data: bytes) -> list[Any]:
        """The frames of a packet; none after damage."""
        try:
            frames: list[Any] = self._codec.decode(av.Packet(data))
        except (av.error.FFmpegError, EOFError):
            return []
        return frames

    def measure(self) -> None:
        """The index has the exact number of samples."""

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _padding(head: bytes) -> tuple[int, int]:
    """Samples that the encoder added before and after the audio, from the first frame; 0 if it states none."""
    begin = max(head.find(b"Xing", 0, 64), head.find(b"Info", 0, 64))
    fields = _XING_FIELDS[head[begin + 7] & 15] if begin >= 0 else len(head)
    delays = head[begin + 8 + fields + _LAME_DELAYS :][:3]
    if len(delays) < 3 or not any(delays):
        return 0, 0
    value = int.from_bytes(delays)
    return (value >> 12) + _DECODER_DELAY, max(0, (value & 0xFFF) - _DECODER_DELAY)


def _recent_index(file: AudioFile, offset: int) -> _Index:
    """The index of a file; those of the last files are kept, as an ingest opens each to identify and to analyse it."""
    key = *version_of(file), offset
    index = _recent.get(key)
    if index is None:
        index = _index(file, offset)
        if len(index[0]) <= _KEPT_FRAMES:
            _recent[key] = index
            for former in list(_recent)[:-_KEPT]:
                _recent.pop(former, None)
    return index


def _index(file: AudioFile, offset: int) -> _Index:
    """Position and length in bytes of every frame from ``offset`` on, and the upper 23 bits of the first header."""
    positions, lengths = array("q"), array("i")
    unpack, headers = _HEADER.unpack_from, _headers(0)
    stream = found = position = 0
    buffer, base, complete = b"", offset, False
    file.seek(offset)
    while not complete:
        block = file.read(_CHUNK)
        buffer, base, position = buffer[position:] + block, base + position, 0
        complete = not block
        limit = len(buffer) - (4 if complete else _CHAIN * _MAX_FRAME + 4)
        while position <= limit:
            length = headers.get(unpack(buffer, position)[0] >> 9, 0)
            if length:
                if complete and position + length > len(buffer):
                    break
                positions.append(base + position)
                lengths.append(length)
                position += length
                continue
            position = _find_stream(buffer, position, limit, stream)
            if not stream and position <= limit:
                found = unpack(buffer, position)[0] >> 9
                stream = found & _SAME
                headers = _headers(stream)
    return positions, lengths, found


@cache
def _headers(stream: int) -> dict[int, int]:
    """Length in bytes of a frame by the upper 23 bits of its header, for all that frames of ``stream`` may have."""
    return {0x7FF000 | bits: n for bits, n in enumerate(_LENGTHS) if n and (0x7FF000 | bits) & _SAME == stream}


def _find_stream(buffer: bytes, position: int, limit: int, stream: int) -> int:
    """Next position up to ``limit`` where frames of ``stream`` (0: of any) start; ``limit + 1`` if there is none."""
    while (position := buffer.find(b"\xff", position, limit + 1)) >= 0:
        kind = _HEADER.unpack_from(buffer, position)[0] >> 9 & _SAME
        if kind == stream or not stream:
            following = position
            for _ in range(_CHAIN):
                bits = _HEADER.unpack_from(buffer, following)[0] >> 9
                length = _LENGTHS[bits & 0xFFF]
                if not length or bits & _SAME != kind:
                    break
                following += length
                if following + 4 > len(buffer):
                    break
            else:
                return position
        position += 1
    return limit + 1
