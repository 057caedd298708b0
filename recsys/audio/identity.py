"""Which recording a file holds, and what it is called."""

import os
from dataclasses import replace
from pathlib import Path

from recsys.audio.content_hash import hash_audio
from recsys.audio.decode import probe
from recsys.audio.tags import clean, read_tags
from recsys.domain.audio import Identity, Tags


def identify(path: str | os.PathLike[str]) -> Identity:
    """Payload hash, facts and tags of a file, as :func:`read_tags_with_title` has them.

    Raises UnreadableAudio when it cannot be opened or is no audio.
    """
    info = probe(path)
    tags = read_tags_with_title(path)
    return Identity(hash_audio(path), info, tags)


def read_tags_with_title(path: str | os.PathLike[str]) -> Tags:
    """The tags of a file; without a title the file name serves.

    Raises UnreadableAudio when it cannot be opened.
    """
    tags = read_tags(path)
    return tags if tags.title is not None else replace(tags, title=title_from_filename(path))


def title_from_filename(path: str | os.PathLike[str]) -> str:
    """The file name without suffix as a line of text; bytes that are no UTF-8 are taken for Latin-1."""
    stem = Path(path).stem
    try:
        text = os.fsencode(stem).decode("utf-8")
    except UnicodeDecodeError:
        text = os.fsencode(stem).decode("latin-1")
    return clean(text) or "untitled"
