"""What shall change in the tags of a file: from a wish and what is known of a track to the words of each field."""

import re
import string
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from recsys.domain.tracks import UNKNOWN, Track
from recsys.metadata.names import genre_key

MIN_PROBABILITY = 0.5
_COMMENT_PATTERN = re.compile(r"\s*\[recsys: [^\]]*\]")


class TagWriteOptions(NamedTuple):
    """What to write: the genre into ``field`` ("genre", "comment", "custom" or None), the tempo, the key.

    ``skip_non_empty`` leaves fields alone that say something; genres of less than ``min_probability`` are not written.
    A genre that its owner has labelled a track with goes before the model's, unless ``override_labels``.
    """

    field: str | None = "genre"
    bpm: bool = False
    key: bool = False
    skip_non_empty: bool = False
    min_probability: float = MIN_PROBABILITY
    override_labels: bool = False


class FieldChange(NamedTuple):
    """What a field of a file says, and what it shall say."""

    field: str
    old: str
    new: str


class FileChange(NamedTuple):
    """What shall change in a file, which holds the sound named ``audio_hash``.

    ``probability`` is that of a genre which a model has said, None where it is its owner's label.
    """

    path: str
    audio_hash: str
    changes: tuple[FieldChange, ...]
    probability: float | None


class SkippedFile(NamedTuple):
    """A file that is left as it is, and why."""

    path: str
    reason: str


class TagWritePlan(NamedTuple):
    """What a wish comes to: changes by path, files that are left, and counts.

    ``unchanged`` files say it already, ``kept_existing`` ones say something else that is to stay, of
    ``below_threshold`` tracks the genre is too unsure. Of ``label_conflicts`` tracks the model says another genre than
    their owner has taught it.
    """

    changes: tuple[FileChange, ...]
    skipped: tuple[SkippedFile, ...]
    unchanged: int
    below_threshold: int
    kept_existing: int = 0
    label_conflicts: int = 0


class GenreChoice(NamedTuple):
    """A genre as it may be written, its probability, and whether a model says so against its owner's label."""

    name: str
    probability: float | None
    conflicts_with_label: bool = False


def choose_genre(track: Track, options: TagWriteOptions, labels: Mapping[str, str]) -> GenreChoice | None:
    """What is to be said of the genre of a track, whose label stands in ``labels`` by path; None where it is unsure."""
    probability = track.genre_probability
    if not options.field or not track.genre or track.genre == UNKNOWN or (probability or 0) < options.min_probability:
        return None
    label = next((labels[path] for path in (track.path, *track.paths) if path in labels), track.genre)
    contradicted = options.field == "genre" and genre_key(label) != genre_key(track.genre)
    if contradicted and not options.override_labels:
        return GenreChoice(label, None, True)
    return GenreChoice(track.genre, probability, contradicted)


def target_fields(
    track: Track, genre: GenreChoice | None, options: TagWriteOptions, spelled: Mapping[str, str]
) -> dict[str, str]:
    """What the files of a track shall say, by field."""
    wanted = {}
    if options.field and genre:
        name = _spelling(genre.name, spelled)
        wanted[options.field] = f"[recsys: {name} {genre.probability:.0%}]" if options.field == "comment" else name
    if options.bpm and track.bpm:
        wanted["bpm"] = f"{track.bpm:.0f}"
    if options.key and track.key:
        tonic, mode = track.key.split()
        wanted["key"] = tonic + ("m" if mode == "minor" else "")
    return wanted


def _spelling(genre: str, spelled: Mapping[str, str]) -> str:
    """A genre as it is written: a model of its owner's may have his spelling, in small letters nobody's."""
    if genre != genre.lower():
        return genre
    return spelled.get(genre_key(genre)) or string.capwords(genre)


def planned_changes(
    path: str, target: Mapping[str, str], options: TagWriteOptions
) -> tuple[tuple[FieldChange, ...], bool] | SkippedFile:
    """What is to change in a file, and whether something else that it says is to stay."""
    from recsys.tagging.rewrite import TagWriteRefused, read_fields

    try:
        current = read_fields(path, tuple(target))
    except TagWriteRefused as refused:
        return SkippedFile(path, str(refused))
    changes, other = [], False
    for field, text in target.items():
        values = [value for value in current[field] if value.strip()]
        if _has_value(field, values, text):
            continue
        if values and options.skip_non_empty:
            other = True
            continue
        if field == "comment":  # what its owner wrote stays
            text = " ".join([_COMMENT_PATTERN.sub("", values[0]) if values else "", text]).strip()
        changes.append(FieldChange(field, "; ".join(values), text))
    return tuple(changes), other


def _has_value(field: str, values: Sequence[str], text: str) -> bool:
    """Whether a field says already what it shall."""
    if field == "comment":
        return any(text in value for value in values)
    if field == "bpm":
        return any(_number(value) == int(text) for value in values)
    if field == "key":
        return text.casefold() in {value.strip().casefold() for value in values}
    return any(_names_genre(value, text) for value in values)


def _names_genre(current: str, genre: str) -> bool:
    """Whether a text names a genre, or a kind of it: "Death Metal" is metal."""
    return f" {_words(genre)} " in f" {_words(current)} " or genre_key(genre) == genre_key(current)


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _number(text: str) -> int | None:
    try:
        return round(float(text.replace(",", ".")))
    except (ValueError, OverflowError):
        return None
