"""Records: the JSON values that ``to_dict()`` returns, key by key.

Numbers are rounded to four decimals. Keys are stable: a later version may add keys, but renames and removes none
without notice. ``docs/schemas`` has a JSON Schema of each record, made by ``scripts/make_schemas.py``.
"""

from typing import Annotated, Literal, NotRequired, TypedDict


class DescriptionRecord(TypedDict):
    """A track in words."""

    moods: Annotated[list[str], "words of mood, strongest first"]
    distinctive_tags: Annotated[dict[str, float], "the most unusual tags and their probabilities"]


class KeyComparison(TypedDict):
    """The key of the query and of the result."""

    query: str | None
    result: str | None


class BpmComparison(TypedDict):
    """The tempo of the query and of the result in BPM."""

    query: float | None
    result: float | None


class MinusSimilarityRecord(TypedDict):
    """The similarity with a seed that the list must not resemble."""

    name: str
    similarity: Annotated[float, "0 to 1"]


class ExplanationRecord(TypedDict):
    """Why a track is similar to the query."""

    groups: Annotated[dict[str, float], "contribution of each feature group to the similarity"]
    hubness_penalty: Annotated[float, "for similarity to very many tracks, mostly negative; added to the groups"]
    shared_tags: Annotated[list[str], "tags of both, most unusual first"]
    bpm: BpmComparison
    key: KeyComparison
    text: Annotated[str, "a sentence"]
    shared: Annotated[list[str], "what both have in common, most unusual first"]
    differences: Annotated[list[str], "where they differ, most unusual first"]
    not_like: Annotated[list[MinusSimilarityRecord], "for each seed that the list must not resemble"]


class TrackRecord(TypedDict):
    """A track."""

    id: Annotated[int, "stays the same for ever"]
    path: Annotated[str, "where the file is, or was last; bytes that are not UTF-8 as surrogate escapes"]
    artist: str | None
    title: Annotated[str, "the title tag, else the file name"]
    album: str | None
    genre: Annotated[str | None, "predicted; “unknown” where no genre is probable enough"]
    genre_probability: Annotated[float | None, "of the genre, or of genre_guess; 0 to 1"]
    tagged_genre: Annotated[str | None, "the genre tag of the file; several genres as one text"]
    duration: Annotated[float, "seconds"]
    bpm: Annotated[float | None, "tempo"]
    bpm_alternative: Annotated[float | None, "the most probable other tempo, often half or double"]
    bpm_alternative_probability: Annotated[float | None, "0 to 1"]
    key: Annotated[str | None, "such as “C major”"]
    camelot: Annotated[str | None, "the key as a Camelot code, such as “8B”"]
    valence: Annotated[float | None, "0 sad or angry, 1 happy or calm"]
    arousal: Annotated[float | None, "0 calm or sad, 1 excited or angry"]
    artists: Annotated[list[str], "each artist; without “Various Artists” and the like"]
    artist_ids: Annotated[list[int], "of these artists; an id stays the same for ever"]
    album_id: Annotated[int | None, "of the album with all its discs; stays the same for ever"]
    tagged_genres: Annotated[list[str], "each genre of the genre tag"]
    genre_guess: NotRequired[Annotated[str, "the most probable genre, only where genre is “unknown”"]]
    similarity: NotRequired[Annotated[float, "0 to 1, 1 is the same sound; only where tracks are compared"]]
    explanation: NotRequired[Annotated[ExplanationRecord, "only where explanations are requested"]]
    moods: NotRequired[Annotated[list[str], "only where descriptions are requested"]]
    distinctive_tags: NotRequired[Annotated[dict[str, float], "only where descriptions are requested"]]


class TrackDetailsRecord(TrackRecord):
    """A track with everything that is stored of it."""

    album_artist: str | None
    album_artists: Annotated[list[str], "each album artist"]
    album_artist_ids: list[int]
    composers: list[str]
    track_number: int | None
    track_total: int | None
    disc_number: Annotated[int | None, "from the tag, else from the title of the album or the name of the folder"]
    disc_total: int | None
    year: int | None
    original_year: Annotated[int | None, "of the first release"]
    compilation: Annotated[bool | None, "the album has tracks of various artists"]
    isrc: str | None
    track_gain: Annotated[float | None, "ReplayGain, dB"]
    track_peak: Annotated[float | None, "ReplayGain, 1 is full scale"]
    album_gain: Annotated[float | None, "ReplayGain, dB"]
    album_peak: Annotated[float | None, "ReplayGain, 1 is full scale"]
    loudness: Annotated[float | None, "LUFS (ITU-R BS.1770)"]
    rating: Annotated[Literal[-1, 0, 1], "1 liked, -1 disliked, 0 neither"]
    stars: Annotated[int | None, "1 to 5; null without"]
    plays: int
    skips: int
    last_played_at: Annotated[str | None, "UTC, ISO 8601; null if unknown"]
    tags: Annotated[dict[str, float], "the probability of every tag, most probable first"]
    paths: Annotated[list[str], "all files of the recording"]
    missing: Annotated[bool, "whether no file of it existed at the last ingest"]
    bpm_confidence: Annotated[float | None, "0 to 1"]
    pulse_clarity: Annotated[float | None, "0 to 1"]
    key_confidence: Annotated[float | None, "0 to 1"]
    genres: Annotated[dict[str, float], "the probability of every genre, most probable first"]
    genre_model: Annotated[str | None, "name and version of the model that predicted the genre"]
    codec: str
    sample_rate: Annotated[int, "Hz"]
    channels: int
    bit_rate: Annotated[int | None, "bits per second"]
    bit_depth: Annotated[int | None, "of a sample; null where samples are not stored as integers"]
    added_at: Annotated[str, "when it came into the library; UTC, ISO 8601"]
    audio_hash: Annotated[str, "hash of the encoded audio without tags"]
    feature_version: Annotated[int | None, "version of the stored features; null before the analysis"]
    starts: Annotated[list[float], "where the analysed windows start, in seconds"]
    musicbrainz_recording: str | None
    musicbrainz_album: str | None
    musicbrainz_artist: str | None


class ArtistRecord(TypedDict):
    """An artist."""

    id: Annotated[int, "stays the same for ever"]
    name: Annotated[str, "in the spelling of most files"]
    tracks: Annotated[int, "in which the artist takes part, or that are on one of the artist's albums"]
    albums: Annotated[int, "by the artist"]


class AlbumRecord(TypedDict):
    """An album with all its discs."""

    id: Annotated[int, "stays the same for ever"]
    title: Annotated[str, "without the number of a disc"]
    artist: Annotated[str | None, "the artists as one text, or “Various Artists”"]
    artists: Annotated[list[str], "the album artists, else the artists of most tracks; empty for various artists"]
    artist_ids: Annotated[list[int], "of these artists"]
    various: Annotated[bool, "whether it is by various artists"]
    year: int | None
    tracks: Annotated[int, "number of tracks"]
    discs: Annotated[int, "number of discs"]
    musicbrainz_album: Annotated[str | None, "the MusicBrainz release"]


class GenreRecord(TypedDict):
    """A genre of the genre tags."""

    id: Annotated[int, "stays the same for ever"]
    name: Annotated[str, "in the spelling of most files"]
    tracks: Annotated[int, "that have it, also among others"]


class UnmetConstraintRecord(TypedDict):
    """A constraint that a playlist does not meet."""

    constraint: Annotated[str, "name of the field of the request, such as “n”, “minutes”, “quotas”"]
    wanted: Annotated[float | str | None, "what was requested"]
    got: Annotated[float | str | None, "what the playlist has, in the same unit"]
    reason: Annotated[str, "a stable slug such as “artist_limit”"]
    details: Annotated[dict[str, float | str | list[str]], "numbers and names that explain the reason"]


class PlaylistRecord(TypedDict):
    """A playlist."""

    name: str
    tracks: list[TrackRecord]
    unmet_constraints: list[UnmetConstraintRecord]
    seed: Annotated[int | None, "gives the same playlist again; null where nothing is drawn, as along a path"]


class RatingRecord(TypedDict):
    """A rating, without its track."""

    rating: Annotated[Literal[-1, 1], "1 liked, -1 disliked"]
    strength: Annotated[float, "0 to 1"]
    plays: int
    rated_at: Annotated[str, "when it was rated or last played; UTC, ISO 8601"]
    source: Annotated[str, "“manual”, or the format that it was imported from"]
    stars: Annotated[int | None, "1 to 5; null without"]
    from_stars: Annotated[bool, "whether the stars imply it"]


class RatedTrackRecord(TrackRecord):
    """A track with its rating."""

    rating: Annotated[Literal[-1, 1], "1 liked, -1 disliked"]
    strength: Annotated[float, "0 to 1"]
    plays: int
    rated_at: Annotated[str, "when it was rated or last played; UTC, ISO 8601"]
    source: Annotated[str, "“manual”, or the format that it was imported from"]
    stars: Annotated[int | None, "1 to 5; null without"]
    from_stars: Annotated[bool, "whether the stars imply it"]


class RatedAlbumRecord(AlbumRecord):
    """An album with its rating."""

    rating: Annotated[Literal[-1, 1], "1 liked, -1 disliked"]
    strength: Annotated[float, "0 to 1"]
    rated_at: Annotated[str, "UTC, ISO 8601"]
    source: Annotated[str, "“manual”, or the format that it was imported from"]
    stars: Annotated[int | None, "1 to 5; null without"]
    from_stars: Annotated[bool, "whether the stars imply it"]


class RatedArtistRecord(ArtistRecord):
    """An artist with the rating."""

    rating: Annotated[Literal[-1, 1], "1 liked, -1 disliked"]
    strength: Annotated[float, "0 to 1"]
    rated_at: Annotated[str, "UTC, ISO 8601"]
    source: Annotated[str, "“manual”, or the format that it was imported from"]
    stars: Annotated[int | None, "1 to 5; null without"]
    from_stars: Annotated[bool, "whether the stars imply it"]


class PlayRecord(TypedDict):
    """A play or a skip of a track."""

    track: TrackRecord
    played_at: Annotated[str, "UTC, ISO 8601"]
    skipped: bool
    source: Annotated[str, "“manual”, or the format that it was imported from"]


class ListenerRecord(TypedDict):
    """A listener, with numbers of what belongs to it."""

    name: str
    created_at: Annotated[str, "UTC, ISO 8601"]
    default: Annotated[bool, "whether it is used where no listener is named"]
    likes: Annotated[int, "of tracks, albums and artists"]
    dislikes: Annotated[int, "of tracks, albums and artists"]
    stars: Annotated[int, "tracks, albums and artists with stars"]
    plays: int
    playlists: Annotated[int, "saved playlists"]


class SegmentRecord(TypedDict):
    """A stretch of a recording, of one genre."""

    start: Annotated[float, "seconds"]
    end: Annotated[float, "seconds"]
    genre: str
    probability: float


class ClassificationRecord(TypedDict):
    """Genre and tags of a file."""

    file: str
    genre: Annotated[str, "“unknown” where no genre is probable enough"]
    probability: float
    genres: Annotated[dict[str, float], "the probability of every genre, most probable first"]
    tags: Annotated[dict[str, float], "the probability of every tag, most probable first"]
    valence: NotRequired[float]
    arousal: NotRequired[float]
    genre_guess: NotRequired[Annotated[str, "the most probable genre, only where genre is “unknown”"]]
    segments: NotRequired[Annotated[list[SegmentRecord], "only where segments are requested"]]


class DuplicateFileRecord(TypedDict):
    """A file that has the same performance as others."""

    id: Annotated[int, "of its track"]
    path: str
    codec: str
    lossless: bool
    bit_rate: Annotated[int, "bits per second, of the whole file"]
    sample_rate: Annotated[int, "Hz"]
    duration: Annotated[float, "seconds"]
    size: Annotated[int, "bytes"]
    preferred: Annotated[bool, "whether lists have this one"]


class DuplicateGroupRecord(TypedDict):
    """Files of one performance, the preferred one first."""

    artist: str | None
    title: str
    rating: Annotated[int | None, "1 like, -1 dislike"]
    files: list[DuplicateFileRecord]


class FailureRecord(TypedDict):
    """A file that could not be ingested."""

    path: str
    stage: Annotated[str, "where it failed: open, decode, trim, features …"]
    reason: str
    attempts: int
    at: Annotated[str, "UTC, ISO 8601"]


class IngestChangeRecord(TypedDict):
    """A file that an ingest stored, moved or found missing."""

    kind: Annotated[str, "new, reanalysed, updated, moved, duplicates or removed"]
    path: str
    former_path: Annotated[str | None, "of a moved file"]


class IngestSummaryRecord(TypedDict):
    """What an ingest did, in files."""

    scanned: Annotated[int, "the sum of the following twelve"]
    new: int
    reanalysed: Annotated[int, "had features of an older version"]
    unchanged: int
    reread: Annotated[int, "unchanged, but their tags were read again, as an older version had read them"]
    updated: Annotated[int, "tags or content changed"]
    moved: int
    duplicates: Annotated[int, "further files of a known recording"]
    by_others: Annotated[int, "processed by another ingest into the library at the same time"]
    failed: int
    skipped: Annotated[int, "outside the limits of duration, or ignored"]
    remaining: Annotated[int, "not processed before the time was up or an interrupt"]
    missing: Annotated[int, "known files that no longer exist; not part of the sum"]
    previously_failed: Annotated[int, "failed in an earlier run and not changed since; part of failed"]
    still_unreadable: Annotated[int, "tried again, and cannot be read for the same reason; part of previously_failed"]
    outdated: Annotated[int, "tracks of the library that still have features of an older version"]
    interrupted: bool
    seconds: float
    audio_seconds: Annotated[float, "duration of the analysed tracks"]
    failures: Annotated[list[FailureRecord], "the first hundred of this run"]
    excluded: Annotated[dict[str, int], "hidden folders and files, and folders of systems, by name; not scanned"]
    removed: Annotated[int, "of the missing files, those that were there at the last ingest"]
    changes: Annotated[list[IngestChangeRecord], "the first hundred of this run"]


class KeptFilesRecord(TypedDict):
    """Files that were not found and are kept."""

    folder: Annotated[str, "the folder that is the reason"]
    files: int
    reason: Annotated[str, "not_mounted, unreadable, or moved (new files in the folder have their size)"]


class PruneRecord(TypedDict):
    """What was removed, or would be."""

    tracks: int
    locations: Annotated[int, "paths"]
    rated: Annotated[int, "of the tracks, how many had a rating"]
    failures: int
    reappeared: Annotated[int, "missing files that exist again; they are kept"]
    sample_paths: Annotated[list[str], "the first hundred paths"]
    kept: list[KeptFilesRecord]


class CheckRecord(TypedDict):
    """The result of one check of the library."""

    name: Annotated[str, "name of the check"]
    status: Literal["ok", "warning", "error"]
    message: str
    remedy: Annotated[str | None, "slug of what helps, such as “ingest”"]
    remedy_values: Annotated[dict[str, str], "names that belong to the remedy, such as the folder"]


class NeighbourRecord(TypedDict):
    """A neighbour of a track."""

    id: int
    path: str
    similarity: Annotated[float, "0 to 1"]


class NeighboursRecord(TypedDict):
    """A track and its nearest neighbours: a line of the export."""

    id: int
    path: str
    neighbours: Annotated[list[NeighbourRecord], "most similar first"]


class ErrorRecord(TypedDict):
    """An error, as `RecsysError.to_dict()` returns it."""

    code: Annotated[str, "a stable slug, see errors"]
    message: str
    field: Annotated[str | None, "the field of the request that is wrong"]
    hint: Annotated[dict[str, str] | None, "action, and the values that belong to it"]
    candidates: NotRequired[Annotated[list[str], "the tracks that match, of an ambiguous reference"]]
