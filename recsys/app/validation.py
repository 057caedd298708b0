"""Checks against the library, and the phrases of messages that several use cases share."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from recsys.audio.files import printable_name
from recsys.domain.paths import access_error
from recsys.domain.requests import TrackFilter
from recsys.domain.results import UnmetConstraint
from recsys.domain.tracks import Track
from recsys.errors import AudioError, Hint, InvalidRequest, NotAnalysed, NotFound, UnreadableAudio, UnusableAudio
from recsys.metadata.names import genre_key

_MAX_GENRES_SHOWN = 20  # of the tags, in a message

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.ingest.worker import AnalysisFailure
    from recsys.nearest import NearestIndex


def ensure_library_not_empty(catalogue: "Catalogue", filter: TrackFilter) -> None:
    """Raise NotFound if the library has no tracks, or none of one of the genres of a filter."""
    if catalogue.is_empty():
        raise NotFound("the library has no tracks", hint=Hint.INGEST)
    ensure_known_genres(catalogue, filter.genres)
    if filter.tagged_genres:
        known = catalogue.tagged_genres()
        keys = {genre_key(genre.name) for genre in known}
        if unknown := [name for name in filter.tagged_genres if genre_key(name) not in keys]:
            listed = ", ".join(f"{genre.name} ({genre.n_tracks})" for genre in known[:_MAX_GENRES_SHOWN])
            more = f" and {len(known) - _MAX_GENRES_SHOWN} more" if len(known) > _MAX_GENRES_SHOWN else ""
            raise NotFound(f"no file has the genre {unknown[0]!r} in its tags; they have: {listed or 'none'}{more}")


def ensure_known_genres(catalogue: "Catalogue", genres: Sequence[str]) -> None:
    """Raise NotFound if no track has one of the genres."""
    if not genres:
        return
    counts = catalogue.genres()
    known = {name.lower() for name in counts}
    unknown = [genre for genre in genres if genre.lower() not in known]
    if unknown:
        listed = ", ".join(f"{name} ({n})" for name, n in counts.items()) or "none yet"
        raise NotFound(f"no track has the genre {unknown[0]!r}; the library has: {listed}")


def unknown_exclusions(catalogue: "Catalogue", filter: TrackFilter) -> list[UnmetConstraint]:
    """The genres that a filter excludes and that no track has: typing errors, or what is no longer in the library."""
    unmet = []
    if filter.excluded_genres:
        known = {name.lower() for name in catalogue.genres()}
        unmet += [("excluded_genres", name) for name in filter.excluded_genres if name.lower() not in known]
    if filter.excluded_tagged_genres:
        keys = {genre_key(genre.name) for genre in catalogue.tagged_genres()}
        names = filter.excluded_tagged_genres
        unmet += [("excluded_tagged_genres", name) for name in names if genre_key(name) not in keys]
    return [UnmetConstraint(field, name, None, "no_track_has_it") for field, name in unmet]


def ensure_analysed(track: Track, index: "NearestIndex") -> None:
    """Raise NotAnalysed unless the index contains the track."""
    if track.id not in index:
        raise NotAnalysed(f"{track_label(track)} has not been analysed by this version", hint=Hint.INGEST)


def audio_error(stage: str, reason: str) -> AudioError:
    """The error for a file whose analysis failed at a stage."""
    kinds = {
        "access": UnreadableAudio,
        "open": UnreadableAudio,
        "decode": UnreadableAudio,
        "trim": UnusableAudio,
        "features": UnusableAudio,
    }
    return kinds.get(stage, AudioError)(reason, stage=stage)


def ensure_accessible(reference: str) -> None:
    """Raise UnreadableAudio for the path of a file in a folder that is closed to this user."""
    if reason := access_error(reference):
        raise audio_error("access", f"cannot access {reference}: {reason}")


def failure_reason(path: str | os.PathLike[str], failure: "AnalysisFailure") -> str:
    """The reason of a failure, with the name of the file, which it does not have if the worker process failed."""
    if failure.stage != "worker":
        return failure.reason
    return f"{printable_name(path)} cannot be analysed: {failure.reason}"


def no_likes_error(likes: Sequence[Track]) -> NotFound:
    """Why there is nothing to make a playlist from."""
    if likes:
        return NotAnalysed("none of the liked tracks has been analysed by this version", hint=Hint.INGEST)
    return NotFound("no track is liked yet", hint=Hint.LIKE_TRACKS)


def unknown_name_error(field: str, name: str, known: Sequence[str]) -> InvalidRequest:
    """The error for a tag or mood that does not exist; it has the most similar names."""
    from difflib import get_close_matches

    similar = get_close_matches(name, known, n=3) or list(known[:8])
    return InvalidRequest(f"must be one of {len(known)} names such as {', '.join(similar)}", field=field, value=name)


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
    parts += [f"tagged as {' or '.join(filter.tagged_genres)}"] if filter.tagged_genres else []
    excluded = filter.excluded_tagged_genres
    parts += [f"not tagged as {' or '.join(excluded)}"] if excluded else []
    parts += [f"with the tag {' and '.join(filter.tags)}"] if filter.tags else []
    parts += [f"of the mood {' and '.join(filter.moods)}"] if filter.moods else []
    parts += [f"of valence {_interval(filter.valence_range)}"] if filter.valence_range else []
    parts += [f"of arousal {_interval(filter.arousal_range)}"] if filter.arousal_range else []
    parts += [f"of {_interval(filter.year_range)}"] if filter.year_range else []
    parts += [f"of {_interval(filter.bpm_range)} BPM"] if filter.bpm_range else []
    parts += [f"in {' or '.join(filter.keys)}"] if filter.keys else []
    parts += [f"in {' or '.join(filter.folders)}"] if filter.folders else []
    parts += [f"outside of {' and '.join(filter.excluded_folders)}"] if filter.excluded_folders else []
    return ", ".join(parts) + " " if parts else ""


def _interval(ends: tuple[float, float]) -> str:
    return f"{ends[0]:g}" if ends[0] == ends[1] else f"{ends[0]:g}-{ends[1]:g}"


def track_label(track: Track) -> str:
    """ "artist - title"."""
    return track.label
