"""Decoding by libsndfile, with seeking exact to the sample: WAV, AIFF, FLAC, Ogg Vorbis, CAF and AU."""

import os
import sys
from contextlib import suppress

import numpy as np
import soundfile as sf

from recsys.audio.downmix import default_layout
from recsys.audio.files import FileSlice
from recsys.audio.source import find_end, has_end, resize
from recsys.domain.arrays import FloatArray
from recsys.domain.audio import AudioInfo
from recsys.errors import UnreadableAudio

_CODECS = {
    "ALAC_16": "alac",
    "ALAC_20": "alac",
    "ALAC_24": "alac",
    "ALAC_32": "alac",
    "FLOAT": "pcm",
    "DOUBLE": "pcm",
}

# libsndfile keeps the channel order of Vorbis files; other formats have the default order.
_VORBIS_LAYOUTS = {
    3: ("FL", "FC", "FR"),
    5: ("FL", "FC", "FR", "BL", "BR"),
    6: ("FL", "FC", "FR", "BL", "BR", "LFE"),
    7: ("FL", "FC", "FR", "SL", "SR", "BC", "LFE"),
    8: ("FL", "FC", "FR", "SL", "SR", "BL", "BR", "LFE"),
}

_UNKNOWN = 2**63 - 1  # number of frames of a FLAC file from a pipe

_DAMAGE = (sf.SoundFileError, ValueError)
"""ValueError: libsndfile is at a position after the end of the file that it announced."""


class SndfileSource:
    """Reads a file, by its path or as a slice; see ``recsys.audio.source.Source``.

    Raises UnreadableAudio if it cannot be opened.
    """

    def __init__(self, file: str | FileSlice, name: str) -> None:
        self._origin = file
        try:
            self._file = self._open()
        except sf.LibsndfileError as error:
            self._close_origin()
            raise UnreadableAudio(f"{name} is not a supported audio file, or is damaged") from error
        self.n_samples: int = self._file.frames
        if self.n_samples == _UNKNOWN:  # it cannot be read up to its end
            self.close()
            raise UnreadableAudio(f"{name} has no declared length")
        rate: int = self._file.samplerate
        self.info = AudioInfo(self.n_samples / max(rate, 1), rate, self._file.channels, self._codec())
        vorbis = _VORBIS_LAYOUTS if self._file.format == "OGG" else {}
        self.layout = vorbis.get(self._file.channels) or default_layout(self._file.channels)

    def _open(self) -> sf.SoundFile:
        if isinstance(self._origin, FileSlice):
            self._origin.seek(0)
            return sf.SoundFile(self._origin)
        # Bytes on POSIX, for names that are not valid UTF-8.
        return sf.SoundFile(self._origin if sys.platform == "win32" else os.fsencode(self._origin))

    def _codec(self) -> str:
        if self._file.format == "FLAC":
            return "flac"
        subtype: str = self._file.subtype
        return "pcm" if subtype.startswith("PCM") else _CODECS.get(subtype, subtype.lower())

    def read(self, start: int, count: int) -> FloatArray:
        """Samples ``start`` to ``start + count`` of each channel, (channels, n); fewer at the end."""
        try:
            y = self._read(start, count)
        except _DAMAGE:
            return self._read_around_damage(start, count)
        whole = y.shape[1] >= min(count, self._file.frames - start)
        return y if whole else self._read_around_damage(start, count)

    def _read(self, start: int, count: int) -> FloatArray:
        self._file.seek(min(start, self._file.frames))
        y = self._file.read(count, dtype="float32", always_2d=True)
        return np.ascontiguousarray(y.T, dtype=np.float32)

    def _read_around_damage(self, start: int, count: int) -> FloatArray:
        """Read in blocks of 250 ms up to the last that can be decoded; other blocks that cannot are silent."""
        step = max(1, self.info.sample_rate // 4)
        y = np.zeros((self.info.channels, count), np.float32)
        end = 0
        for at in range(0, count, step):
            self._file.close()
            with suppress(*_DAMAGE):
                # After damage a handle of libsndfile returns errors only; a new handle can read the next block.
                self._file = self._open()
                block = self._read(start + at, min(step, count - at))
                end = at + block.shape[1]
                y[:, at:end] = block
        return y[:, :end]

    def measure(self) -> None:
        """Find the end of the audio where the header announces more than the file has."""
        if not has_end(self):
            resize(self, find_end(self))

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        self._close_origin()

    def _close_origin(self) -> None:
        if isinstance(self._origin, FileSlice):
            self._origin.close()
