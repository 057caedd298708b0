"""Bit rate and bit depth of a file, from the header of its container; no audio is decoded, and little of it is read."""

import io
import os
import struct
import zlib
from typing import Any

import mutagen
import soundfile as sf
from mutagen import mp4

from recsys.audio.files import open_file
from recsys.audio.sniff import sniff

# Exceptions that mutagen and libsndfile raise on damaged headers.
_HEADER_ERRORS = (
    mutagen.MutagenError, sf.SoundFileError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError,
    EOFError, OSError, MemoryError, RecursionError, struct.error, zlib.error,
)  # fmt: skip
_SUBTYPES = {"PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32, "FLOAT": 32, "DOUBLE": 64,
             "ALAC_16": 16, "ALAC_20": 20, "ALAC_24": 24, "ALAC_32": 32}  # fmt: skip


def read_rates(path: str | os.PathLike[str], duration: float | None = None) -> tuple[int | None, int | None]:
    """The mean bit rate in bits per second, and the bits of a stored sample.

    Parameters
    ----------
    path
    duration : float or None
        Seconds, from which the bit rate is computed if the header does not have it.

    Returns
    -------
    bit_rate, bit_depth : int or None
        The bit depth is None for codecs that do not store samples, such as MP3. Both are None where the container does
        not have them.

    Raises
    ------
    UnreadableAudio
        The file cannot be opened.
    """
    with open_file(path) as raw_file, io.BufferedReader(raw_file) as file:
        size = os.fstat(file.fileno()).st_size
        try:
            kind, _ = sniff(file)
            if kind in ("caf", "au"):
                file.seek(0)
                with sf.SoundFile(file) as sound:
                    return _mean(size, duration or sound.frames / sound.samplerate), _SUBTYPES.get(sound.subtype)
            file.seek(0)
            found = mutagen.File(file)
            info: Any = getattr(found, "info", None)
            length = duration or getattr(info, "length", None) or 0.0
            bit_rate, bit_depth = getattr(info, "bitrate", 0), getattr(info, "bits_per_sample", 0)
        except _HEADER_ERRORS:
            return _mean(size, duration or 0.0), None
    if isinstance(found, mp4.MP4) and not info.codec.startswith(("alac", "flac", "fLaC")):
        bit_depth = 0  # mutagen has the 16 bits that the sample description of every AAC has
    return int(bit_rate) or _mean(size, length), int(bit_depth) or None


def _mean(size: int, seconds: float) -> int | None:
    return round(8 * size / seconds) if seconds > 0 else None
