"""Audio hash: identifies a recording by its encoded audio data, independent of tags, file name and folder.

Each container has a parser that yields the byte ranges of its audio data (:mod:`recsys.audio.regions`); these are
hashed in order. Nothing is decoded, so that the hash is the same with every decoder. If the structure is invalid, all
bytes of the file are hashed.

=======================  ============================================================================
Container                Hashed bytes
=======================  ============================================================================
FLAC                     STREAMINFO and the frames
Ogg                      all packets except comments; no page headers
MP4                      the media data (``mdat``)
Matroska, WebM           codec, sample rate and channels, and the frames of the audio tracks
WAV, W64, AIFF, CAF      format and data chunks
AU                       encoding, sample rate, channels and data
DSF, DSDIFF              format and data chunks
ASF (WMA)                the data object
all others               all except ID3v2 tags at the start and APEv2, ID3v1, Lyrics3 at the end
=======================  ============================================================================
"""

import hashlib
import io
import os
from collections.abc import Callable
from typing import BinaryIO

from recsys.audio import regions
from recsys.audio.files import open_file, printable_name
from recsys.audio.matroska import matroska
from recsys.audio.regions import InvalidStructure, Regions
from recsys.audio.sniff import sniff
from recsys.errors import UnreadableAudio

_BLOCK = 1 << 20


def hash_audio(path: str | os.PathLike[str]) -> str:
    """Audio hash of a file: 32 hexadecimal digits (BLAKE2b, 128 bits).

    Raises UnreadableAudio if the file cannot be opened or read.
    """
    with open_file(path) as raw, io.BufferedReader(raw) as file:
        try:
            kind, offset = sniff(file)
            end = file.seek(0, os.SEEK_END)
            parser = _PARSERS.get(kind or "", regions.whole_range)
            return _hash(file, kind or "", parser(file, offset, end)) or _hash(file, "bytes", iter([(0, end)]))
        except OSError as error:
            raise UnreadableAudio(f"{printable_name(path)} cannot be read: {error.strerror}") from error


def _hash(file: BinaryIO, kind: str, ranges: Regions) -> str:
    """Hash of the byte ranges; the empty string if they have no bytes or the structure is invalid."""
    digest = hashlib.blake2b(kind.encode(), digest_size=16)
    total = 0
    try:
        for part in ranges:
            if isinstance(part, bytes):
                digest.update(part)
                continue
            start, length = part
            file.seek(start)
            while length > 0 and (block := file.read(min(length, _BLOCK))):
                digest.update(block)
                length -= len(block)
                total += len(block)
    except InvalidStructure:
        return ""
    return digest.hexdigest() if total else ""


_PARSERS: dict[str, Callable[[BinaryIO, int, int], Regions]] = {
    "flac": regions.flac,
    "ogg": regions.ogg,
    "opus": regions.ogg,
    "ogg-flac": regions.ogg_flac,
    "mp4": regions.mp4,
    "matroska": matroska,
    "wav": regions.wav,
    "w64": regions.w64,
    "aiff": regions.aiff,
    "caf": regions.caf,
    "au": regions.au,
    "dsf": regions.dsf,
    "dff": regions.dff,
    "asf": regions.asf,
    "atrac": regions.atrac,
}
