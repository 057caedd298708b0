"""What shall change in the tags of a file: from a wish and what is known of a track to the words of each field."""

import re
import string
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from recsys.domain.tracks import UNKNOWN, Track
from recsys.metadata.names import genre_key

PROBABLE = 0.5
_OURS = re.compile(r"\s*\[recsys: [^\]]*\]")


class Wish(NamedTuple):
    """What to write: the genre into ``field`` ("genre", "comment", "custom" or None), the tempo, the key.

    ``only_if_empty`` leaves fields alone that say something; genres of less than ``min_probability`` are not written.
    A genre that its owner has labelled a track with goes before the model's, unless ``relabel``.
    """

    field: str | None = "genre"
    bpm: bool = False
    key: bool = False
    only_if_empty: bool = False
    min_probability: float = PROBABLE
    relabel: bool = False


class Change(NamedTuple):
    """What a field of a file says, and what it shall say."""

    field: str
    was: str
    now: str


class Intent(NamedTuple):
    """What shall change in a file, which holds the sound named ``payload``.

    ``probability`` is that of a genre which a model has said, None where it is its owner's label.
    """

    path: str
    payload: str
    changes: tuple[Change, ...]
    probability: float | None


class Left(NamedTuple):
    """A file that is left as it is, and why."""

    path: str
    reason: str


class Plan(NamedTuple):
    """What a wish comes to: changes by path, files that are left, and counts.

    ``alike`` files say it already, ``other`` ones say something else that is to stay, of ``unsure`` tracks the genre
    is too unsure. Of ``contradicted`` tracks the model says another genre than their owner has taught it.
    """

    intents: tuple[Intent, ...]
    left: tuple[Left, ...]
    alike: int
    unsure: int
    other: int = 0
    contradicted: int = 0


class Genre(NamedTuple):
    """A genre as it may be written, its probability, and whether a model says so against its owner's label."""

    name: str
    probability: float | None
    contradicted: bool = False


def genre_of(track: Track, wish: Wish, labels: Mapping[str, str]) -> Genre | None:
    """What is to be said of the genre of a track, whose label stands in ``labels`` by path; None where it is unsure."""
    probability = track.genre_probability
    if not wish.field or not track.genre or track.genre == UNKNOWN or (probability or 0) < wish.min_probability:
        return None
    label = next((labels[path] for path in (track.path, *track.paths) if path in labels), track.genre)
    contradicted = wish.field == "genre" and genre_key(label) != genre_key(track.genre)
    if contradicted and not wish.relabel:
        return Genre(label, None, True)
    return Genre(track.genre, probability, contradicted)


def wanted_of(track: Track, genre: Genre | None, wish: Wish, spelled: Mapping[str, str]) -> dict[str, str]:
    """What the files of a track shall say, by field."""
    wanted = {}
    if wish.field and genre:
        name = _spelling(genre.name, spelled)
        wanted[wish.field] = f"[recsys: {name} {genre.probability:.0%}]" if wish.field == "comment" else name
    if wish.bpm and track.bpm:
        wanted["bpm"] = f"{track.bpm:.0f}"
    if wish.key and track.key:
        tonic, mode = track.key.split()
        wanted["key"] = tonic + ("m" if mode == "minor" else "")
    return wanted


def _spelling(genre: str, spelled: Mapping[str, str]) -> str:
    """A genre as it is written: a model of its owner's may have his spelling, in small letters nobody's."""
    if genre != genre.lower():
        return genre
    return spelled.get(genre_key(genre)) or string.capwords(genre)


def changes_of(path: str, wanted: Mapping[str, str], wish: Wish) -> tuple[tuple[Change, ...], bool] | Left:
    """What is to change in a file, and whether something else that it says is to stay."""
    from recsys.tagging.rewrite import Refused, read_fields

    try:
        said = read_fields(path, tuple(wanted))
    except Refused as refused:
        return Left(path, str(refused))
    changes, other = [], False
    for field, text in wanted.items():
        values = [value for value in said[field] if value.strip()]
        if _says(field, values, text):
            continue
        if values and wish.only_if_empty:
            other = True
            continue
        if field == "comment":  # what its owner wrote stays
            text = " ".join([_OURS.sub("", values[0]) if values else "", text]).strip()
        changes.append(Change(field, "; ".join(values), text))
    return tuple(changes), other


def _says(field: str, values: Sequence[str], text: str) -> bool:
    """Whether a field says already what it shall."""
    if field == "comment":
        return any(text in value for value in values)
    if field == "bpm":
        return any(_number(value) == int(text) for value in values)
    if field == "key":
        return text.casefold() in {value.strip().casefold() for value in values}
    return any(_names(value, text) for value in values)


def _names(said: str, genre: str) -> bool:
    """Whether a text names a genre, or a kind of it: "Death Metal" is metal."""
    return f" {_words(genre)} " in f" {_words(said)} " or genre_key(genre) == genre_key(said)


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _number(text: str) -> int | None:
    try:
        return round(float(text.replace(",", ".")))
    except (ValueError, OverflowError):
        return None
