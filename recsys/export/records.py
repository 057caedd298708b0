"""Records that are made of several values, and playlists as JSON files; keys are a promise to other programs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from recsys.domain.results import Playlist
from recsys.domain.tracks import Track

if TYPE_CHECKING:
    from recsys.export.locations import Location


def details_record(track: Track, details: Mapping[str, Any], rating: int, words: Mapping[str, Any]) -> dict[str, Any]:
    """A track with all that is stored of it: its rating, and its description in words."""
    analysis = ("bpm_confidence", "pulse_clarity", "key_confidence", "genres", "genre_model")
    stored = ("codec", "sample_rate", "channels", "added_at")
    identifiers = ("musicbrainz_recording", "musicbrainz_album", "musicbrainz_artist")
    return {
        **track.to_dict(),
        "album_artist": track.album_artist,
        "track_number": track.track_number,
        "year": track.year,
        "loudness": track.loudness,
        "rating": rating,
        **words,
        "paths": list(track.paths),
        "missing": track.missing,
        **{name: details[name] for name in (*analysis, *stored)},
        "audio_hash": details["audio_hash"],
        "feature_version": details["feature_version"],
        "starts": list(details["starts"]),
        **{name: details[name] for name in identifiers},
    }


def format_json(playlist: Playlist, locations: "Sequence[Location]") -> bytes:
    """The record of a playlist as a file in ASCII; paths as the player sees them, undecodable bytes as surrogates."""
    moved = [replace(track, path=place.display) for track, place in zip(playlist.tracks, locations, strict=True)]
    return (json.dumps(replace(playlist, tracks=tuple(moved)).to_dict(), indent=2) + "\n").encode("ascii")
