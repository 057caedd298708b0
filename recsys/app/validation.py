"""Why a question has no answer, and what to do about it: every refusal that several use cases share."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from recsys.domain.requests import Only
from recsys.domain.tracks import Track
from recsys.errors import NothingFound, UsageError

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.nearest import NearestIndex


def at_least(option: str, value: float | None, least: float) -> None:
    """UsageError unless ``value`` is finite and ``least`` or more, or not given."""
    if value is not None and not least <= value < math.inf:
        raise UsageError(f"{option} must be at least {least:g}, but is {value:g}")


def between(option: str, value: float, least: float, most: float) -> None:
    """UsageError unless ``value`` is from ``least`` to ``most``."""
    if not least <= value <= most:
        raise UsageError(f"{option} must be from {least:g} to {most:g}, but is {value:g}")


def check_only(only: Only) -> None:
    """UsageError unless years, tempo, valence and arousal are ranges from something to as much or more."""
    for name, ends in (("valence", only.valence), ("arousal", only.arousal)):
        if ends is not None and not 0 <= ends[0] <= ends[1] <= 1:
            raise UsageError(f"{name} must go from less to more between 0 and 1, but is {ends[0]:g}-{ends[1]:g}")
    for option, span in (("--year", only.years), ("--bpm", only.bpm)):
        if span is not None and not 0 <= span[0] <= span[1] < math.inf:
            raise UsageError(f"{option} must go from less to more, but is {span[0]:g}-{span[1]:g}")


def check_lengths(shortest: float, longest: float) -> None:
    """UsageError unless both are finite, not negative, and some length lies between them; 0 is no limit."""
    at_least("shortest", shortest, 0)
    at_least("longest", longest, 0)
    if longest and shortest > longest:
        raise UsageError(f"shortest ({_clock(shortest)}) must not be more than longest ({_clock(longest)})")


def beyond_lengths(shortest: float, longest: float) -> str:
    """ "shorter than 0:30 or longer than 30:00"."""
    limits = [f"shorter than {_clock(shortest)}"] if shortest else []
    limits += [f"longer than {_clock(longest)}"] if longest else []
    return " or ".join(limits)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def matching(only: Only) -> str:
    """ "of the genre jazz, of 1990-1999, of 120-128 BPM " or nothing, for the middle of a sentence."""
    parts = [f"of the genre {' or '.join(only.genres)}"] if only.genres else []
    parts += [f"not of the genre {' or '.join(only.not_genres)}"] if only.not_genres else []
    parts += [f"that sounds {' and '.join(only.tags)}"] if only.tags else []
    parts += [f"of the mood {' and '.join(only.moods)}"] if only.moods else []
    parts += [f"of valence {_span(only.valence)}"] if only.valence else []
    parts += [f"of arousal {_span(only.arousal)}"] if only.arousal else []
    parts += [f"of {_span(only.years)}"] if only.years else []
    parts += [f"of {_span(only.bpm)} BPM"] if only.bpm else []
    parts += [f"in {' or '.join(only.keys)}"] if only.keys else []
    parts += [f"in {' or '.join(only.within)}"] if only.within else []
    parts += [f"outside of {' and '.join(only.without)}"] if only.without else []
    return ", ".join(parts) + " " if parts else ""


def _span(ends: tuple[float, float]) -> str:
    return f"{ends[0]:g}" if ends[0] == ends[1] else f"{ends[0]:g}-{ends[1]:g}"


def refuse_empty(catalogue: "Catalogue", genres: Sequence[str]) -> None:
    """NothingFound if the reason is an empty library or a genre that no track has."""
    counts = catalogue.count()
    if not counts.tracks:
        raise NothingFound("the library has no tracks; run: recsys ingest FOLDER")
    refuse_unknown(catalogue, genres)


def refuse_unknown(catalogue: "Catalogue", genres: Sequence[str]) -> None:
    """NothingFound if a genre is one that no track has."""
    if not genres:
        return
    there = catalogue.genres()
    unknown = [genre for genre in genres if genre.lower() not in {name.lower() for name in there}]
    if unknown:
        listed = ", ".join(f"{name} ({n})" for name, n in there.items()) or "none yet"
        raise NothingFound(f"no track has the genre {unknown[0]!r}; there are: {listed}")


def refuse_unheard(track: Track, index: "NearestIndex") -> None:
    """NothingFound if the index does not hold the track."""
    if track.id not in index:
        raise NothingFound(f"{name_of(track)} has not been listened to by this version; run: recsys ingest FOLDER")


def how_to_begin(likes: Sequence[Track]) -> str:
    """Why there is nothing to make a playlist from."""
    if likes:
        return "none of your likes has been listened to by this version; run: recsys ingest FOLDER"
    return "nothing is liked yet; like a few tracks (recsys like TRACK…) or name some (recsys playlist --from TRACK)"


def name_of(track: Track) -> str:
    """ "artist - title"."""
    return f"{track.artist} - {track.title}" if track.artist else track.title
