"""Verification of a copy with other tags, before it replaces its file."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from recsys.audio.content_hash import hash_audio
from recsys.audio.tags import read_tags
from recsys.metadata.genre_tags import genres_of
from recsys.tagging.blocks import TagsNotWritable
from recsys.tagging.containers import find_layout


def verify(original: Path, copy: Path, target: Mapping[str, str | None], audio_hash: str) -> None:
    """Compare a copy with its original.

    Parameters
    ----------
    original, copy
        The two files.
    target
        The fields that differ, with the text that the copy has in them; None: any.
    audio_hash
        The audio of both.

    Raises
    ------
    TagsNotWritable
        The audio, another tag, or any other part of the copy is not that of the original; or the fields do not have
        the texts.
    """
    fields = tuple(target)
    with original.open("rb") as before, copy.open("rb") as after:
        old, new = find_layout(before), find_layout(after)
        has_new_block = len(new.blocks) != len(old.blocks)
        parts = iter(new.remains(fields))
        if not all(part in parts for part in old.remains(fields)):  # in the same order
            raise TagsNotWritable("its other tags cannot be preserved")
        if any(text is not None and new.texts(field)[:1] != _read_as(field, text) for field, text in target.items()):
            raise TagsNotWritable("its tags cannot be read back as they were written")
    if hash_audio(copy) != audio_hash:
        raise TagsNotWritable("its audio would not be recognised afterwards")
    if has_new_block and _hides_tags(original, copy):
        raise TagsNotWritable("its other tags would be hidden by the new ones")


def _hides_tags(original: Path, copy: Path) -> bool:
    """Whether another value than the genre is read from a copy with a new tag block."""
    old_tags, new_tags = (asdict(read_tags(path)) for path in (original, copy))
    return any(value and new_tags[name] != value for name, value in old_tags.items() if name != "genres")


def _read_as(field: str, text: str) -> list[str]:
    return genres_of([text])[:1] if field == "genre" else [text]
