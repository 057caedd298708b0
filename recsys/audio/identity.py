"""Identity of an audio file: its audio hash, container metadata and tags."""

import os
from dataclasses import replace
from pathlib import Path

from recsys.audio.content_hash import hash_audio
from recsys.audio.decode import probe
from recsys.audio.tags import clean, read_tags
from recsys.domain.audio import Identity, Tags


def identify(path: str | os.PathLike[str]) -> Identity:
    """Audio hash, container metadata and tags of a file; the tags are those of :func:`read_tags_with_title`.

    Raises UnreadableAudio if the file cannot be opened or decoded.
    """
    info = probe(path)
    tags = read_tags_with_title(path)
    return Identity(hash_audio(path), info, tags)


def read_tags_with_title(path: str | os.PathLike[str]) -> Tags:
    """Tags of a file; a missing title is replaced by :func:`title_from_filename`.

    Raises UnreadableAudio if the file cannot be opened.
    """
    tags = read_tags(path)
    return tags if tags.title is not None else replace(tags, title=title_from_filename(path))


def title_from_filename(path: str | os.PathLike[str]) -> str:
    """The file name without suffix as one line of text; a name that is not valid UTF-8 is decoded as Latin-1.

    >>> title_from_filename("/music/01 - So What.flac")
    '01 - So What'
    """
    stem = Path(path).stem
    try:
        text = os.fsencode(stem).decode("utf-8")
    except UnicodeDecodeError:
        text = os.fsencode(stem).decode("latin-1")
    return clean(text) or "untitled"
