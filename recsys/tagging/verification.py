"""Verification of a copy with other tags, before it replaces its file."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from recsys.audio.content_hash import hash_audio
from recsys.audio.tags import read_tags
from recsys.tagging.blocks import TagsNotWritable, genre_names
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
        parts = iter(new.remains(fields))
        if not all(part in parts for part in old.remains(fields)):  # in the same order
            raise TagsNotWritable("its other tags cannot be preserved")
        if any(text is not None and new.texts(field)[:1] != _read_as(field, text) for field, text in target.items()):
            raise TagsNotWritable("its tags cannot be read back as they were written")
    if hash_audio(copy) != audio_hash:
        raise TagsNotWritable("its audio cannot be preserved")
    old_tags, new_tags = (asdict(read_tags(path)) for path in (original, copy))
    if any(value and new_tags[name] != value for name, value in old_tags.items() if name != "genres"):
        raise TagsNotWritable("its other tags would be hidden by the new ones")


def _read_as(field: str, text: str) -> list[str]:
    return genre_names([text])[:1] if field == "genre" else [text]
