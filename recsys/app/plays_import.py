"""Stars, play counts and times of plays that are imported beside likes and dislikes, also of tracks without these."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from recsys.domain.listeners import MANUAL, MAX_STARS, PlayCount, PlayEvent, Stars, milliseconds

if TYPE_CHECKING:
    from recsys.importers.entries import ExternalTrack, ImportedFile


@dataclass(frozen=True, slots=True)
class ImportedPlays:
    """What an import stores beside ratings, where it is new.

    Parameters
    ----------
    stars : stars by track id
    counts : play counts by track id
    history : plays with times
    n_tracks : number of tracks of the library that the files have without a rating
    """

    stars: Mapping[int, Stars] = field(default_factory=dict)
    counts: Mapping[int, int] = field(default_factory=dict)
    history: tuple[PlayEvent, ...] = ()
    n_tracks: int = 0


def has_times_or_stars(entry: "ExternalTrack") -> bool:
    """Whether an import of an entry without a rating is of use by itself; a count alone is not."""
    return bool(entry.stars or entry.played_at)


def new_stars(
    entries_of: Mapping[int, "Iterable[tuple[ImportedFile, ExternalTrack]]"],
    stored: Mapping[int, Stars],
    now: str,
    *,
    overwrite: bool,
) -> dict[int, Stars]:
    """The stars of the latest entry of each track; those that were given by hand stay, unless they are overwritten."""
    found: dict[int, Stars] = {}
    for i, entries in entries_of.items():
        dated = [
            (entry.last_played or "", entry.stars, file.format) for file, entry in entries if entry.stars is not None
        ]
        if not dated:
            continue
        at, share, source = max(dated, key=lambda each: each[0])
        stars = max(1, math.floor(share * MAX_STARS + 0.5))
        before = stored.get(i)
        if before is None or (before.stars != stars and (overwrite or before.source != MANUAL)):
            found[i] = Stars(stars, at or now, source)
    return found


def new_counts(plays: Mapping[int, int], stored: Mapping[int, PlayCount]) -> dict[int, int]:
    """The play counts that are larger than the stored ones."""
    none = PlayCount()
    return {i: n for i, n in plays.items() if n > stored.get(i, none).plays}


def events_of(entries_of: Mapping[int, "Iterable[tuple[ImportedFile, ExternalTrack]]"]) -> list[PlayEvent]:
    """All plays with times."""
    return [
        PlayEvent(i, milliseconds(at), False, file.format)
        for i, entries in entries_of.items()
        for file, entry in entries
        for at in entry.played_at
    ]
