"""Identity of an audio file: its audio hash, container metadata and tags."""

import os
from dataclasses import replace
from pathlib import Path

from recsys.audio.content_hash import hash_audio
from recsys.audio.decode import probe
from recsys.audio.former_hash import had_former_hash
from recsys.audio.rates import read_rates
from recsys.audio.tags import clean, read_tags
from recsys.domain.audio import Identity, Reread, Tags
from recsys.metadata.encodings import decode_together
from recsys.metadata.file_names import parts_of_name


def identify(path: str | os.PathLike[str]) -> Identity:
    """Audio hash, container metadata and tags of a file; the tags are those of :func:`read_tags_with_title`.

    Raises UnreadableAudio if the file cannot be opened or decoded.
    """
    info = probe(path)
    bit_rate, bit_depth = read_rates(path, info.duration)
    tags = read_tags_with_title(path)
    rates = replace(info, bit_rate=bit_rate, bit_depth=bit_depth)
    return Identity(hash_audio(path), rates, tags, had_former_hash(path))


def reread(path: str | os.PathLike[str]) -> Reread:
    """Tags, bit rate and bit depth of a file that was identified before; no audio is decoded.

    The audio hash is computed again where it had another definition (:mod:`recsys.audio.former_hash`).

    Raises UnreadableAudio if the file cannot be opened.
    """
    audio_hash = hash_audio(path) if had_former_hash(path) else None
    return Reread(read_tags_with_title(path), *read_rates(path), audio_hash)


def read_tags_with_title(path: str | os.PathLike[str]) -> Tags:
    """Tags of a file; if it has no title, what it lacks is taken from its name ("03 - Artist - Title.mp3").

    Raises UnreadableAudio if the file cannot be opened.
    """
    tags = read_tags(path)
    if tags.title is not None:
        return tags
    name = parts_of_name(text_of_filename(path), tags.artist)
    return replace(
        tags,
        title=name.title,
        artists=tags.artists or ((name.artist,) if name.artist else ()),
        album=tags.album or name.album,
        track_number=tags.track_number or name.track,
        disc_number=tags.disc_number or name.disc,
    )


def text_of_filename(path: str | os.PathLike[str]) -> str:
    """The file name without suffix as one line of text, also where it is not valid UTF-8.

    >>> text_of_filename("/music/01 - So What.flac")
    '01 - So What'
    """
    [text] = decode_together([os.fsencode(Path(path).stem)])
    return clean(text) or "untitled"
