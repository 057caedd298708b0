"""Records of requests and of saved playlists; see :mod:`recsys.domain.records`."""

from typing import Annotated, Literal, TypedDict


class FilterRecord(TypedDict):
    """Which tracks a playlist may contain; empty and null let all pass."""

    genres: Annotated[list[str], "predicted genres, any of which a track has"]
    year_range: Annotated[list[int] | None, "first and last year"]
    bpm_range: Annotated[list[float] | None, "slowest and fastest tempo"]
    excluded_genres: list[str]
    keys: Annotated[list[str], "such as “A minor”, any of which a track has"]
    tags: Annotated[list[str], "all of which a track has"]
    folders: Annotated[list[str], "absolute; the file is below one of them"]
    excluded_folders: Annotated[list[str], "absolute; the file is below none of them"]
    moods: Annotated[list[str], "all of which describe a track"]
    valence_range: Annotated[list[float] | None, "0 to 1"]
    arousal_range: Annotated[list[float] | None, "0 to 1"]
    tagged_genres: Annotated[list[str], "genres of the tags, any of which a file has"]
    excluded_tagged_genres: list[str]


class QuotaRecord(TypedDict):
    """How much of a playlist is of one genre: a share or a count, the other is null."""

    genre: str
    share: Annotated[float | None, "0 to 1"]
    count: int | None


class PlaylistRequestRecord(TypedDict):
    """What a playlist is made of."""

    n: Annotated[int | None, "tracks"]
    minutes: float | None
    seeds: Annotated[list[str], "ids of tracks; empty: the likes"]
    include_seeds: bool
    filter: FilterRecord
    min_duration: Annotated[float, "seconds; 0 is no limit"]
    max_duration: Annotated[float, "seconds; 0 is no limit"]
    max_per_artist: Annotated[int, "0 is no limit"]
    max_per_album: Annotated[int, "0 is no limit"]
    min_artist_gap: Annotated[int, "tracks between two of one artist"]
    diversity: Annotated[float, "0 to 10"]
    exploration: Annotated[float, "0 to 10"]
    quotas: list[QuotaRecord]
    energy_curve: Literal["rising", "falling", "arc", "flat"] | None
    exclude_recent: Annotated[bool, "leave out the tracks of the last ten playlists"]
    seed: int
    random: Annotated[bool, "another seed is drawn for each playlist"]
    not_like: Annotated[list[str], "ids of tracks that it must not resemble"]


class PathOptionsRecord(TypedDict):
    """How a playlist file names its tracks."""

    relative_to: str | None
    absolute: bool
    path_map: Annotated[dict[str, str], "folders here and the same folders as the player sees them"]


class SavedPlaylistRecord(TypedDict):
    """A saved playlist."""

    id: Annotated[int, "stays the same for ever"]
    name: str
    request: Annotated[PlaylistRequestRecord | None, "what it is made of; null where its tracks are fixed"]
    output: Annotated[str | None, "the file that it is written to; null without"]
    format: Annotated[str | None, "of the file: m3u8, xspf, jspf, paths or json"]
    path_options: PathOptionsRecord
    saved_at: Annotated[str, "UTC, ISO 8601"]
    changed_at: Annotated[str, "when its tracks were last made or changed; UTC, ISO 8601"]
