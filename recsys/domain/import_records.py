"""Records of imports from other programs; see :mod:`recsys.domain.records`."""

from typing import Annotated, TypedDict

from recsys.domain.records import RatingRecord, TrackRecord


class ImportSourceRecord(TypedDict):
    """An entry of an imported file, as the file has it."""

    artist: str | None
    title: str | None
    album: str | None
    path: str | None
    musicbrainz_recording: str | None
    duration: Annotated[float | None, "seconds"]


class ImportedEntryRecord(TypedDict):
    """An entry of an imported file, and what becomes of it."""

    file: str
    source: ImportSourceRecord
    track: Annotated[TrackRecord | None, "the track of the library that it matches"]
    match_method: Annotated[str | None, "path, path ending, musicbrainz, name or similar name"]
    action: Annotated[str, "like, dislike, update_plays, unchanged, kept_manual, ignored or not_found"]
    new_rating: Annotated[RatingRecord | None, "the rating that is stored; null where none changes"]


class ImportedGroupRecord(TypedDict):
    """An album or artist of an imported file, and what becomes of it."""

    kind: Annotated[str, "album or artist"]
    artist: str
    album: str | None
    id: Annotated[int | None, "of the album or artist of the library"]
    action: Annotated[str, "like, dislike, unchanged, kept_manual or not_found"]


class ImportRecord(TypedDict):
    """What an import of likes and dislikes does."""

    stored: Annotated[bool, "false for a preview, which stores nothing"]
    not_found: Annotated[int, "entries that match no track"]
    matched: Annotated[dict[str, int], "entries by the method that matched them"]
    tracks: Annotated[dict[str, int], "tracks by the action"]
    without_rating: Annotated[int, "entries that are neither liked nor disliked"]
    unidentified: Annotated[int, "entries without a name"]
    stars: Annotated[int, "tracks whose stars are new"]
    play_counts: Annotated[int, "tracks whose play count grows"]
    plays: Annotated[int, "plays with times that are new"]
    playlists: Annotated[list[str], "the playlists of a file of playlists, which are read together"]
    groups: Annotated[list[ImportedGroupRecord], "albums and artists that are liked or banned as a whole"]
    entries: list[ImportedEntryRecord]
