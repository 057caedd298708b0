"""Tracks and playlists as the records that JSON is made of; their keys are a promise to other programs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from recsys.domain.audio import GenrePrediction, Mood, Segment
from recsys.domain.results import Explanation, Playlist
from recsys.domain.tracks import Rating, Track

if TYPE_CHECKING:
    from recsys.export.locations import Location


def track_record(track: Track, similarity: float | None = None) -> dict[str, Any]:
    """A track; ``similarity`` only where it is compared with another."""
    record: dict[str, Any] = {
        "id": track.id,
        "path": track.path,
        "artist": track.artist,
        "title": track.title,
        "album": track.album,
        "genre": track.genre,
        "genre_probability": _rounded(track.genre_probability),
        "tagged_genre": track.tagged_genre,
        "duration": _rounded(track.duration),
        "bpm": _rounded(track.bpm),
        "bpm_alternative": _rounded(track.bpm_alternative),
        "bpm_alternative_probability": _rounded(track.bpm_alternative_probability),
        "key": track.key,
        "valence": _rounded(track.valence),
        "arousal": _rounded(track.arousal),
    }
    if track.genre_guess is not None:
        record["genre_guess"] = track.genre_guess
    if similarity is not None:
        record["similarity"] = _rounded(similarity)
    return record


def rating_record(rating: Rating) -> dict[str, Any]:
    """What is thought of a track."""
    return {
        "rating": rating.value,
        "strength": _rounded(rating.strength),
        "plays": rating.plays,
        "at": rating.at,
        "source": rating.source,
    }


def details_record(track: Track, details: Mapping[str, Any], rating: int, words: Mapping[str, Any]) -> dict[str, Any]:
    """A track with all that is stored of it, what its owner thinks of it, and how it sounds in words."""
    shown = ("bpm_confidence", "pulse_clarity", "key_confidence", "genres", "genre_model")
    stored = ("codec", "sample_rate", "channels", "added_at", "payload", "feature_version", "starts")
    identifiers = ("musicbrainz_recording", "musicbrainz_album", "musicbrainz_artist")
    return {
        **track_record(track),
        "album_artist": track.album_artist,
        "track_number": track.track_number,
        "year": track.year,
        "loudness": track.loudness,
        "rating": rating,
        **words,
        "paths": list(track.paths),
        "missing": track.missing,
        **{name: details[name] for name in (*shown, *stored, *identifiers)},
    }


def neighbours_record(track: Track, others: Sequence[tuple[Track, float]]) -> dict[str, Any]:
    """A track and what sounds like it, most similar first."""
    near = [{"id": other.id, "path": other.path, "similarity": _rounded(alike)} for other, alike in others]
    return {"id": track.id, "path": track.path, "neighbours": near}


def track_records(playlist: Playlist) -> list[dict[str, Any]]:
    """The tracks of a list in their order, with what similarity is known."""
    similarities = playlist.similarities or (None,) * len(playlist.tracks)
    records = [track_record(t, s) for t, s in zip(playlist.tracks, similarities, strict=True)]
    for record, explanation in zip(records, playlist.explanations, strict=False):
        record["explanation"] = explanation_record(explanation)
    return records


def explanation_record(explanation: Explanation) -> dict[str, Any]:
    """Why a track was picked; the groups and the hubs sum to the similarity."""
    return {
        "groups": {group: _rounded(value) for group, value in explanation.groups.items()},
        "hubs": _rounded(explanation.hubness_penalty),
        "shared_tags": list(explanation.tags),
        "bpm": {"asked": _rounded(explanation.bpm[0]), "found": _rounded(explanation.bpm[1])},
        "key": {"asked": explanation.key[0], "found": explanation.key[1]},
        "text": explanation.text,
        "shared": list(explanation.shared),
        "differences": list(explanation.differences),
    }


def playlist_record(playlist: Playlist) -> dict[str, Any]:
    """A playlist with its name and what gave way."""
    return {
        "name": playlist.name,
        "tracks": track_records(playlist),
        "gave_way": list(playlist.unmet_constraints),
    }


def format_json(playlist: Playlist, locations: "Sequence[Location]") -> bytes:
    """The record of a playlist as a file of pure ASCII; paths as the player sees them, odd bytes as surrogates."""
    moved = [replace(track, path=place.display) for track, place in zip(playlist.tracks, locations, strict=True)]
    return (json.dumps(playlist_record(replace(playlist, tracks=tuple(moved))), indent=2) + "\n").encode("ascii")


def genre_record(
    file: str,
    prediction: GenrePrediction,
    tags: Mapping[str, float],
    segments: Sequence[Segment] | None = None,
    mood: Mood | None = None,
) -> dict[str, Any]:
    """What a file sounds like, though it is in no library; how its genre changes only where that was asked for.

    Where the genre is "unknown", ``genre_guess`` is the best guess.
    """
    record: dict[str, Any] = {
        "file": file,
        "genre": prediction.genre,
        "probability": _rounded(prediction.probability),
        "genres": {name: _rounded(probability) for name, probability in prediction.genres.items()},
        "tags": {name: _rounded(probability) for name, probability in tags.items()},
    }
    if mood is not None:
        record |= {"valence": _rounded(mood.valence), "arousal": _rounded(mood.arousal)}
    if prediction.genre not in prediction.genres:
        record["genre_guess"] = max(prediction.genres, key=prediction.genres.__getitem__)
    if segments is not None:
        record["segments"] = [
            {
                "start": _rounded(segment.start),
                "end": _rounded(segment.end),
                "genre": segment.genre,
                "probability": _rounded(segment.probability),
            }
            for segment in segments
        ]
    return record


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(float(number), 4)
