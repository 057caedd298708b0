"""Plan changes of tags: the target text of each field, and the difference to the current tags of a file."""

import re
import string
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from recsys.domain.tracks import UNKNOWN, TaggableTrack
from recsys.metadata.names import genre_key

MIN_PROBABILITY = 0.5
USER_FIELDS = ("genre", "bpm", "key")
"""Fields in which users and other programs have values of their own, which are kept unless ``overwrite`` is set."""
_COMMENT_PATTERN = re.compile(r"\s*\[recsys: [^\]]*\]")


class TagWriteOptions(NamedTuple):
    """What to write into tags.

    Attributes
    ----------
    field
        The field for the genre: "genre", "comment" or "custom"; None writes no genre.
    bpm, key
        Whether to write the tempo, and the key.
    skip_non_empty
        Whether to keep fields that have a text.
    min_probability
        The lowest probability of a genre that is written, 0 to 1.
    override_labels
        Whether to write the predicted genre where it differs from the user's genre label. By default the label is
        written.
    overwrite
        Whether to replace a genre, tempo or key in a file that recsys has not written. By default it is kept.
    """

    field: str | None = "genre"
    bpm: bool = False
    key: bool = False
    skip_non_empty: bool = False
    min_probability: float = MIN_PROBABILITY
    override_labels: bool = False
    overwrite: bool = False


class FieldChange(NamedTuple):
    """The old and the new text of a field."""

    field: str
    old: str
    new: str


class FileChange(NamedTuple):
    """The changes of one file.

    ``audio_hash`` identifies the audio that the file must have. ``probability`` is the probability of the predicted
    genre; None for a genre label, and for a change without genre.
    """

    path: str
    audio_hash: str
    changes: tuple[FieldChange, ...]
    probability: float | None

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON values."""
        changes = [change._asdict() for change in self.changes]
        return {"path": self.path, "probability": self.probability, "changes": changes}


class PlannedFields(NamedTuple):
    """The fields of a file to change; those that keep another value, with the value that would replace it; and whether
    a genre that recsys has not written is the target."""

    changes: tuple[FieldChange, ...]
    kept: tuple[FieldChange, ...]
    agrees: bool


class SkippedFile(NamedTuple):
    """A file that stays unchanged, with the reason: a sentence about the file, such as "its tags are damaged (…)"."""

    path: str
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON values."""
        return self._asdict()


class RestoredFields(NamedTuple):
    """A file of which an undo has restored the fields, but not every byte, with the reason."""

    path: str
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON values."""
        return self._asdict()


class TagWritePlan(NamedTuple):
    """The changes of a run, in the order of paths.

    Attributes
    ----------
    changes
        Files to change.
    skipped
        Files that cannot be changed.
    unchanged
        The number of files whose tags already have the target text.
    below_threshold
        The number of tracks with an unknown genre, or one below the lowest probability.
    kept_existing
        The number of files without changes that keep another text.
    label_conflicts
        The number of tracks whose predicted genre differs from their genre label.
    kept
        Fields that keep another text, with the one that would replace it, by file.
    agreeing
        The number of files with a genre that recsys has not written and that is the predicted one.
    hard_links
        Paths of files to change that have other names as well (hard links): those keep the former content.
    """

    changes: tuple[FileChange, ...]
    skipped: tuple[SkippedFile, ...]
    unchanged: int
    below_threshold: int
    kept_existing: int = 0
    label_conflicts: int = 0
    kept: tuple[FileChange, ...] = ()
    agreeing: int = 0
    hard_links: tuple[str, ...] = ()

    @property
    def folders(self) -> int:
        """The number of folders that have files to change."""
        return len({Path(change.path).parent for change in self.changes})

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON values."""
        return {
            "files": [change.to_dict() for change in self.changes],
            "folders": self.folders,
            "kept": [change.to_dict() for change in self.kept],
            "unchanged": self.unchanged,
            "kept_existing": self.kept_existing,
            "agreeing": self.agreeing,
            "label_conflicts": self.label_conflicts,
            "below_threshold": self.below_threshold,
            "hard_links": list(self.hard_links),
            "skipped": [file.to_dict() for file in self.skipped],
        }


def find_hard_links(paths: Sequence[str]) -> tuple[str, ...]:
    """Those of the paths whose file has other names as well, not all of which are among the paths."""
    links: dict[tuple[int, int], list[str]] = {}
    counts: dict[tuple[int, int], int] = {}
    for path in paths:
        with suppress(OSError):
            status = Path(path).stat()
            key = status.st_dev, status.st_ino
            counts[key] = status.st_nlink
            links.setdefault(key, []).append(path)
    return tuple(path for key, found in links.items() if counts[key] > len(found) for path in found)


class GenreChoice(NamedTuple):
    """The genre to write, its probability (None for a label), and whether prediction and label differ."""

    name: str
    probability: float | None
    conflicts_with_label: bool = False


def choose_genre(track: TaggableTrack, options: TagWriteOptions, labels: Mapping[str, str]) -> GenreChoice | None:
    """The genre to write for a track; None if it is unknown or not probable enough. ``labels`` are by path."""
    probability = track.genre_probability
    if not options.field or not track.genre or track.genre == UNKNOWN or (probability or 0) < options.min_probability:
        return None
    label = next((labels[path] for path in track.paths if path in labels), track.genre)
    conflict = options.field == "genre" and genre_key(label) != genre_key(track.genre)
    if conflict and not options.override_labels:
        return GenreChoice(label, None, True)
    return GenreChoice(track.genre, probability, conflict)


def target_fields(
    track: TaggableTrack, genre: GenreChoice | None, options: TagWriteOptions, spellings: Mapping[str, str]
) -> dict[str, str]:
    """The target text of each field of a track. ``spellings`` are genre names by :func:`genre_key`."""
    target = {}
    if options.field and genre:
        name = _spelling(genre.name, spellings)
        target[options.field] = f"[recsys: {name} {genre.probability:.0%}]" if options.field == "comment" else name
    if options.bpm and track.bpm:
        target["bpm"] = f"{track.bpm:.0f}"
    if options.key and track.key:
        tonic, mode = track.key.split()
        target["key"] = tonic + ("m" if mode == "minor" else "")
    return target


def _spelling(genre: str, spellings: Mapping[str, str]) -> str:
    """The spelling of a genre. A name with upper-case letters comes from the user's labels and stays."""
    if genre != genre.lower():
        return genre
    return spellings.get(genre_key(genre)) or string.capwords(genre)


_NONE_WRITTEN: Mapping[str, Collection[str]] = {}


def planned_changes(
    path: str,
    target: Mapping[str, str],
    options: TagWriteOptions,
    written: Mapping[str, Collection[str]] = _NONE_WRITTEN,
) -> PlannedFields | SkippedFile:
    """The changes of a file, and the fields that keep another text; a skipped file if its tags cannot be read.

    ``written`` are the texts that recsys has written, by field.
    """
    from recsys.tagging.rewrite import TagWriteRefused, read_fields

    try:
        current = read_fields(path, tuple(target))
    except TagWriteRefused as refused:
        return SkippedFile(path, str(refused))
    changes, kept, agrees = [], [], False
    for field, text in target.items():
        values = [value for value in current[field] if value.strip() and not (field == "bpm" and _number(value) == 0)]
        old = "; ".join(values)
        of_user = field in USER_FIELDS and bool(values) and old not in written.get(field, ())
        if _has_value(field, values, text):
            agrees |= of_user and field == "genre"
            continue
        if values and (options.skip_non_empty or (of_user and not options.overwrite)):
            kept.append(FieldChange(field, old, text))
            continue
        if field == "comment":  # the rest of the comment stays
            text = " ".join([_COMMENT_PATTERN.sub("", values[0]) if values else "", text]).strip()
        changes.append(FieldChange(field, old, text))
    return PlannedFields(tuple(changes), tuple(kept), agrees)


def _has_value(field: str, values: Sequence[str], text: str) -> bool:
    """Whether a field already has the target text, or an equivalent one."""
    if field == "comment":
        return any(text in value for value in values)
    if field == "bpm":
        return any(_number(value) == int(text) for value in values)
    if field == "key":
        return text.casefold() in {value.strip().casefold() for value in values}
    return any(_names_genre(value, text) for value in values)


def _names_genre(current: str, genre: str) -> bool:
    """Whether a text names a genre or a subgenre: "Death Metal" is metal."""
    return f" {_words(genre)} " in f" {_words(current)} " or genre_key(genre) == genre_key(current)


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _number(text: str) -> int | None:
    try:
        return round(float(text.replace(",", ".")))
    except (ValueError, OverflowError):
        return None
