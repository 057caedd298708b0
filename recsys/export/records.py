"""Records that are made of several values, and playlists as JSON files; keys are a promise to other programs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from recsys.domain.catalogue import StoredDetails
from recsys.domain.listeners import TrackTaste
from recsys.domain.records import TrackDetailsRecord
from recsys.domain.results import Playlist
from recsys.domain.tables import rounded
from recsys.domain.tracks import Track

if TYPE_CHECKING:
    from recsys.export.locations import Location


def details_record(
    track: Track, details: StoredDetails, taste: TrackTaste, description: Mapping[str, Any]
) -> TrackDetailsRecord:
    """A track with all that is stored of it: what its listener states, and its description in words."""
    return {
        **track.to_dict(),
        "album_artist": track.album_artist,
        "album_artists": list(track.album_artists),
        "album_artist_ids": list(track.album_artist_ids),
        "composers": list(details["composers"]),
        "track_number": track.track_number,
        "track_total": details["track_total"],
        "disc_number": track.disc_number,
        "disc_total": details["disc_total"],
        "year": track.year,
        "original_year": track.original_year,
        "compilation": track.compilation,
        "isrc": details["isrc"],
        "track_gain": rounded(details["track_gain"]),
        "track_peak": rounded(details["track_peak"]),
        "album_gain": rounded(details["album_gain"]),
        "album_peak": rounded(details["album_peak"]),
        "loudness": rounded(track.loudness),
        "rating": 1 if taste.rating > 0 else -1 if taste.rating < 0 else 0,
        "stars": taste.stars,
        "plays": taste.counts.plays,
        "skips": taste.counts.skips,
        "last_played_at": taste.counts.last_played_at,
        "moods": description["moods"],
        "distinctive_tags": {name: round(value, 4) for name, value in description["distinctive_tags"].items()},
        "tags": {name: round(value, 4) for name, value in description["tags"].items()},
        "paths": list(track.paths),
        "missing": track.missing,
        "bpm_confidence": rounded(details["bpm_confidence"]),
        "pulse_clarity": rounded(details["pulse_clarity"]),
        "key_confidence": rounded(details["key_confidence"]),
        "genres": {name: round(value, 4) for name, value in details["genres"].items()},
        "genre_model": details["genre_model"],
        "codec": details["codec"],
        "sample_rate": details["sample_rate"],
        "channels": details["channels"],
        "bit_rate": track.bit_rate,
        "bit_depth": track.bit_depth,
        "added_at": details["added_at"],
        "audio_hash": details["audio_hash"],
        "feature_version": details["feature_version"],
        "starts": list(details["starts"]),
        "musicbrainz_recording": details["musicbrainz_recording"],
        "musicbrainz_album": details["musicbrainz_album"],
        "musicbrainz_artist": details["musicbrainz_artist"],
    }


def format_json(playlist: Playlist, locations: "Sequence[Location]") -> bytes:
    """The record of a playlist as a file in ASCII; paths as the player sees them, undecodable bytes as surrogates."""
    moved = [replace(track, path=place.display) for track, place in zip(playlist.tracks, locations, strict=True)]
    return (json.dumps(replace(playlist, tracks=tuple(moved)).to_dict(), indent=2) + "\n").encode("ascii")
