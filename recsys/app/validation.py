"""Why a question has no answer, and what to do about it: every refusal that several use cases share."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from recsys.domain.requests import TrackFilter
from recsys.domain.tracks import Track
from recsys.errors import InvalidRequest, NotFound

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.nearest import NearestIndex


def check_min(name: str, value: float | None, minimum: float) -> None:
    """InvalidRequest unless ``value`` is finite and ``minimum`` or more, or not given."""
    if value is not None and not minimum <= value < math.inf:
        raise InvalidRequest(f"{name} must be at least {minimum:g}, but is {value:g}")


def check_range(name: str, value: float, minimum: float, maximum: float) -> None:
    """InvalidRequest unless ``value`` is from ``minimum`` to ``maximum``."""
    if not minimum <= value <= maximum:
        raise InvalidRequest(f"{name} must be from {minimum:g} to {maximum:g}, but is {value:g}")


def check_filter(filter: TrackFilter) -> None:
    """InvalidRequest unless years, tempo, valence and arousal are ranges from something to as much or more."""
    for name, ends in (("valence", filter.valence_range), ("arousal", filter.arousal_range)):
        if ends is not None and not 0 <= ends[0] <= ends[1] <= 1:
            raise InvalidRequest(f"{name} must go from less to more between 0 and 1, but is {ends[0]:g}-{ends[1]:g}")
    for option, span in (("--year", filter.year_range), ("--bpm", filter.bpm_range)):
        if span is not None and not 0 <= span[0] <= span[1] < math.inf:
            raise InvalidRequest(f"{option} must go from less to more, but is {span[0]:g}-{span[1]:g}")


def check_durations(min_duration: float, max_duration: float) -> None:
    """InvalidRequest unless both are finite, not negative, and some length lies between them; 0 is no limit."""
    check_min("shortest", min_duration, 0)
    check_min("longest", max_duration, 0)
    if max_duration and min_duration > max_duration:
        raise InvalidRequest(
            f"shortest ({_clock(min_duration)}) must not be more than longest ({_clock(max_duration)})"
        )


def describe_duration_limits(min_duration: float, max_duration: float) -> str:
    """ "shorter than 0:30 or longer than 30:00"."""
    limits = [f"shorter than {_clock(min_duration)}"] if min_duration else []
    limits += [f"longer than {_clock(max_duration)}"] if max_duration else []
    return " or ".join(limits)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def describe_filter(filter: TrackFilter) -> str:
    """ "of the genre jazz, of 1990-1999, of 120-128 BPM " or nothing, for the middle of a sentence."""
    parts = [f"of the genre {' or '.join(filter.genres)}"] if filter.genres else []
    parts += [f"not of the genre {' or '.join(filter.excluded_genres)}"] if filter.excluded_genres else []
    parts += [f"that sounds {' and '.join(filter.tags)}"] if filter.tags else []
    parts += [f"of the mood {' and '.join(filter.moods)}"] if filter.moods else []
    parts += [f"of valence {_span(filter.valence_range)}"] if filter.valence_range else []
    parts += [f"of arousal {_span(filter.arousal_range)}"] if filter.arousal_range else []
    parts += [f"of {_span(filter.year_range)}"] if filter.year_range else []
    parts += [f"of {_span(filter.bpm_range)} BPM"] if filter.bpm_range else []
    parts += [f"in {' or '.join(filter.keys)}"] if filter.keys else []
    parts += [f"in {' or '.join(filter.folders)}"] if filter.folders else []
    parts += [f"outside of {' and '.join(filter.excluded_folders)}"] if filter.excluded_folders else []
    return ", ".join(parts) + " " if parts else ""


def _span(ends: tuple[float, float]) -> str:
    return f"{ends[0]:g}" if ends[0] == ends[1] else f"{ends[0]:g}-{ends[1]:g}"


def ensure_library_not_empty(catalogue: "Catalogue", genres: Sequence[str]) -> None:
    """NotFound if the reason is an empty library or a genre that no track has."""
    counts = catalogue.count()
    if not counts.tracks:
        raise NotFound("the library has no tracks; run: recsys ingest FOLDER")
    ensure_known_genres(catalogue, genres)


def ensure_known_genres(catalogue: "Catalogue", genres: Sequence[str]) -> None:
    """NotFound if a genre is one that no track has."""
    if not genres:
        return
    there = catalogue.genres()
    unknown = [genre for genre in genres if genre.lower() not in {name.lower() for name in there}]
    if unknown:
        listed = ", ".join(f"{name} ({n})" for name, n in there.items()) or "none yet"
        raise NotFound(f"no track has the genre {unknown[0]!r}; there are: {listed}")


def ensure_analysed(track: Track, index: "NearestIndex") -> None:
    """NotFound if the index does not hold the track."""
    if track.id not in index:
        raise NotFound(f"{track_label(track)} has not been listened to by this version; run: recsys ingest FOLDER")


def no_likes_hint(likes: Sequence[Track]) -> str:
    """Why there is nothing to make a playlist from."""
    if likes:
        return "none of your likes has been listened to by this version; run: recsys ingest FOLDER"
    return "nothing is liked yet; like a few tracks (recsys like TRACK…) or name some (recsys playlist --from TRACK)"


def track_label(track: Track) -> str:
    """ "artist - title"."""
    return f"{track.artist} - {track.title}" if track.artist else track.title
