"""recsys: a local music recommender and playlist engine.

It analyses a folder of music, predicts the genre of every track, finds similar tracks, and makes playlists from likes.

    import recsys

    with recsys.Library("~/library") as library:
        library.ingest("~/Music")
        for track in library.similar("So What", n=5):
            print(track.similarity, track.artist, track.title)

Public names are imported when they are first used, so that ``import recsys`` costs next to nothing. The terminal door
is :mod:`recsys.cli`, errors are in :mod:`recsys.errors`.
"""

from recsys.domain.version import __version__

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without the 10 ms that importing typing takes

if TYPE_CHECKING:
    from recsys import errors
    from recsys.app.access_keys import AccessKeys
    from recsys.app.browsing import Browsing, SearchResult
    from recsys.app.classification import classify
    from recsys.app.completion import complete_names
    from recsys.app.credit_ratings import AlbumRatings, ArtistRatings
    from recsys.app.genre_models import GenreModels, LabelIssue
    from recsys.app.genre_training import TrainingResult
    from recsys.app.import_decisions import ImportOptions
    from recsys.app.library import Library
    from recsys.app.links import LinkedIds, Links
    from recsys.app.listeners import Listeners
    from recsys.app.media import Media
    from recsys.app.play_queues import PlayQueues
    from recsys.app.playlist_files import PlaylistFile
    from recsys.app.plays import Plays
    from recsys.app.ratings import Ratings
    from recsys.app.ratings_import import ImportedEntry, ImportPreview
    from recsys.app.saved_playlists import RefreshResult, SavedPlaylists
    from recsys.app.tag_writing import TagWriter, TagWriteResult
    from recsys.app.unmet_constraints import describe_unmet_constraint
    from recsys.app.vectors import Vectors
    from recsys.config import Settings, load_settings
    from recsys.database.saved_playlists import SavedPlaylist
    from recsys.domain.access_keys import AccessKey
    from recsys.domain.audio import GenrePrediction, Segment
    from recsys.domain.backups import BackupResult, RestoreResult
    from recsys.domain.credits import Album, Artist, Genre, SimilarAlbum, SimilarArtist, TrackPair
    from recsys.domain.duplicates import DuplicateFile, DuplicateGroup
    from recsys.domain.entries import AlbumEntry, ArtistEntry, GenreEntry, Taste, TrackEntry
    from recsys.domain.explanations import Explanation
    from recsys.domain.ingest_changes import IngestChange
    from recsys.domain.keys import camelot
    from recsys.domain.links import Link, LinkReport, PushResult, ServerTrack
    from recsys.domain.listeners import Listener, Play, PlayCount, Stars
    from recsys.domain.lyrics import LyricLine, Lyrics
    from recsys.domain.maps import LibraryMap
    from recsys.domain.media import MediaFile, Picture, Waveform
    from recsys.domain.play_queues import PlayQueue
    from recsys.domain.prune_results import KeptFiles, PruneResult
    from recsys.domain.requests import PathOptions, PlaylistRequest, Quota, TrackFilter
    from recsys.domain.results import (
        CheckResult,
        Classification,
        ClassificationFailure,
        Failure,
        IngestSummary,
        Playlist,
        Progress,
        UnmetConstraint,
    )
    from recsys.domain.statistics import Statistics
    from recsys.domain.tracks import Description, RatedTracks, Rating, Track, TrackList
    from recsys.export.playlist_formats import playlist_format
    from recsys.plots import genre_messages
    from recsys.recommend.keys import compatible_keys
    from recsys.tagging.planning import FileChange, RestoredFields, SkippedFile, TagWriteOptions, TagWritePlan

_MODULES = {
    "recsys.app.access_keys": ("AccessKeys",),
    "recsys.app.browsing": ("Browsing", "SearchResult"),
    "recsys.app.classification": ("classify",),
    "recsys.app.completion": ("complete_names",),
    "recsys.app.genre_models": ("GenreModels", "LabelIssue"),
    "recsys.app.genre_training": ("TrainingResult",),
    "recsys.app.credit_ratings": ("AlbumRatings", "ArtistRatings"),
    "recsys.app.library": ("Library",),
    "recsys.app.links": ("LinkedIds", "Links"),
    "recsys.app.listeners": ("Listeners",),
    "recsys.app.media": ("Media",),
    "recsys.app.playlist_files": ("PlaylistFile",),
    "recsys.app.play_queues": ("PlayQueues",),
    "recsys.app.plays": ("Plays",),
    "recsys.app.ratings": ("Ratings",),
    "recsys.app.ratings_import": ("ImportPreview", "ImportedEntry"),
    "recsys.app.import_decisions": ("ImportOptions",),
    "recsys.app.saved_playlists": ("RefreshResult", "SavedPlaylists"),
    "recsys.app.tag_writing": ("TagWriteResult", "TagWriter"),
    "recsys.app.unmet_constraints": ("describe_unmet_constraint",),
    "recsys.app.vectors": ("Vectors",),
    "recsys.config": ("Settings", "load_settings"),
    "recsys.domain.access_keys": ("AccessKey",),
    "recsys.database.saved_playlists": ("SavedPlaylist",),
    "recsys.domain.audio": ("GenrePrediction", "Segment"),
    "recsys.domain.backups": ("BackupResult", "RestoreResult"),
    "recsys.domain.credits": ("Album", "Artist", "Genre", "SimilarAlbum", "SimilarArtist", "TrackPair"),
    "recsys.domain.duplicates": ("DuplicateFile", "DuplicateGroup"),
    "recsys.domain.entries": ("AlbumEntry", "ArtistEntry", "GenreEntry", "Taste", "TrackEntry"),
    "recsys.domain.explanations": ("Explanation",),
    "recsys.domain.keys": ("camelot",),
    "recsys.domain.links": ("Link", "LinkReport", "PushResult", "ServerTrack"),
    "recsys.domain.listeners": ("Listener", "Play", "PlayCount", "Stars"),
    "recsys.domain.lyrics": ("LyricLine", "Lyrics"),
    "recsys.domain.media": ("MediaFile", "Picture", "Waveform"),
    "recsys.domain.maps": ("LibraryMap",),
    "recsys.domain.play_queues": ("PlayQueue",),
    "recsys.domain.prune_results": ("KeptFiles", "PruneResult"),
    "recsys.domain.requests": ("PathOptions", "PlaylistRequest", "Quota", "TrackFilter"),
    "recsys.domain.ingest_changes": ("IngestChange",),
    "recsys.domain.results": (
        "CheckResult", "Classification", "ClassificationFailure", "Failure", "IngestSummary", "Playlist", "Progress",
        "UnmetConstraint",
    ),
    "recsys.domain.statistics": ("Statistics",),
    "recsys.domain.tracks": ("Description", "RatedTracks", "Rating", "Track", "TrackList"),
    "recsys.export.playlist_formats": ("playlist_format",),
    "recsys.recommend.keys": ("compatible_keys",),
    "recsys.tagging.planning": ("FileChange", "RestoredFields", "SkippedFile", "TagWriteOptions", "TagWritePlan"),
}  # fmt: skip
_SUBMODULES = {"errors": "recsys.errors", "genre_messages": "recsys.plots.genre_messages"}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "AccessKey", "AccessKeys", "Album", "AlbumEntry", "AlbumRatings", "Artist", "ArtistEntry", "ArtistRatings",
    "BackupResult", "Browsing", "CheckResult", "Classification", "ClassificationFailure", "Description",
    "DuplicateFile", "DuplicateGroup", "Explanation", "Failure", "FileChange", "Genre", "GenreEntry", "GenreModels",
    "GenrePrediction", "ImportOptions", "ImportPreview", "ImportedEntry", "IngestChange", "IngestSummary", "KeptFiles",
    "LabelIssue", "Library", "LibraryMap", "Link", "LinkReport", "LinkedIds", "Links", "Listener", "Listeners",
    "LyricLine", "Lyrics", "Media", "MediaFile", "PathOptions", "Picture", "Play", "PlayCount", "PlayQueue",
    "PlayQueues", "Playlist", "PlaylistFile", "PlaylistRequest", "Plays", "Progress", "PruneResult", "PushResult",
    "Quota", "RatedTracks", "Rating", "Ratings", "RefreshResult", "RestoreResult", "RestoredFields", "SavedPlaylist",
    "SavedPlaylists", "SearchResult", "Segment", "ServerTrack", "Settings", "SimilarAlbum", "SimilarArtist",
    "SkippedFile", "Stars", "Statistics", "TagWriteOptions", "TagWritePlan", "TagWriteResult", "TagWriter", "Taste",
    "Track", "TrackEntry", "TrackFilter", "TrackList", "TrackPair", "TrainingResult", "UnmetConstraint", "Vectors",
    "Waveform", "__version__", "camelot", "classify", "compatible_keys", "complete_names", "describe_unmet_constraint",
    "errors", "genre_messages", "load_settings", "playlist_format",
]  # fmt: skip


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in _SUBMODULES:
        return import_module(_SUBMODULES[name])
    if name not in _HOMES:
        raise AttributeError(f"module 'recsys' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
