"""The audio hash of containers that development versions did not parse: of the decoded samples.

A recording that is stored with it keeps its id: ingest compares it where a file of such a container was changed or
moved since then, and replaces it by the hash of the encoded audio (:mod:`recsys.audio.content_hash`).
"""

import hashlib
import os

import numpy as np

from recsys.audio.decode import open_source
from recsys.audio.downmix import downmix
from recsys.audio.files import open_file
from recsys.audio.sniff import sniff
from recsys.audio.source import read_finite

_PARSED = {"mp3", "aac", "ape", "wavpack", "tta", "musepack", "flac", "ogg", "opus", "mp4", "wav", "aiff", "asf"}
_BLOCK_SECONDS = 10


def had_former_hash(path: str | os.PathLike[str]) -> bool:
    """Whether the container of a file was hashed by its samples. Raises UnreadableAudio if it cannot be opened."""
    with open_file(path) as file:
        kind, offset = sniff(file)
        file.seek(offset + 4)
        return kind not in _PARSED or (kind == "mp4" and file.read(4) != b"ftyp")


def former_hash(path: str | os.PathLike[str]) -> str:
    """Hash of the decoded samples. Raises UnreadableAudio if the file cannot be decoded."""
    digest = hashlib.blake2b(b"samples", digest_size=16)
    with open_source(path) as source:
        digest.update(repr((source.info.sample_rate, source.info.channels)).encode())
        step = _BLOCK_SECONDS * source.info.sample_rate
        for start in range(0, source.n_samples, step):
            y = downmix(read_finite(source, start, min(step, source.n_samples - start)))
            digest.update(np.round(y * 2**15).astype("<i4").tobytes())
    return digest.hexdigest()
