"""WAV, AIFF, FLAC, Ogg Vorbis and Opus through libsndfile, whose seeking is exact to the sample."""

import os
import sys
from contextlib import suppress

import numpy as np
import soundfile as sf

from recsys.types import AudioInfo, FloatArray

_CODECS = {
    "ALAC_16": "alac",
    "ALAC_20": "alac",
    "ALAC_24": "alac",
    "ALAC_32": "alac",
    "FLOAT": "pcm",
    "DOUBLE": "pcm",
}


_DAMAGE = (sf.SoundFileError, ValueError)
"""ValueError: libsndfile lost its place, and stands behind the end it told."""


class SndfileSource:
    """Reads a file; see ``recsys.audio.decode.Source``. Raises ``soundfile.LibsndfileError`` when it
    cannot."""

    def __init__(self, path: str) -> None:
        # Bytes on POSIX, so that names that are no valid UTF-8 work.
        self._path = path if sys.platform == "win32" else os.fsencode(path)
        self._file = sf.SoundFile(self._path)
        self.frames: int = self._file.frames
        rate: int = self._file.samplerate
        self.info = AudioInfo(self.frames / max(rate, 1), rate, self._file.channels, self._codec())

    def _codec(self) -> str:
        if self._file.format == "FLAC":
            return "flac"
        subtype: str = self._file.subtype
        return "pcm" if subtype.startswith("PCM") else _CODECS.get(subtype, subtype.lower())

    def read(self, start: int, count: int) -> FloatArray:
        """Mono samples ``start`` to ``start + count`` at the file's own rate; fewer at the end."""
        try:
            y = self._read(start, count)
        except _DAMAGE:
            return self._read_around_damage(start, count)
        whole = y.size >= min(count, self._file.frames - start)
        return y if whole else self._read_around_damage(start, count)

    def _read(self, start: int, count: int) -> FloatArray:
        self._file.seek(min(start, self._file.frames))
        y = self._file.read(count, dtype="float32", always_2d=True)
        channels = y.shape[1]
        with np.errstate(invalid="ignore", over="ignore"):
            mono = y[:, 0] if channels == 1 else y @ np.full(channels, 1 / channels, np.float32)
        return np.asarray(mono, dtype=np.float32)

    def _read_around_damage(self, start: int, count: int) -> FloatArray:
        """Quarter seconds, those that cannot be decoded silent, up to the last that can."""
        step = max(1, self.info.sample_rate // 4)
        y = np.zeros(count, np.float32)
        end = 0
        for at in range(0, count, step):
            self._file.close()
            with suppress(*_DAMAGE):
                # libsndfile refuses all further work after damage; a fresh handle can read on.
                self._file = sf.SoundFile(self._path)
                block = self._read(start + at, min(step, count - at))
                end = at + block.size
                y[at:end] = block
        return y[:end]

    def close(self) -> None:
        """Close the file."""
        self._file.close()
