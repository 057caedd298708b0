"""The use cases of recsys, one method each, for every door: the terminal, the web, a program.

Plain values of :mod:`recsys.domain` come out; what a user can get wrong is a :class:`~recsys.errors.RecsysError`.
Slow packages are imported by the methods that need them, so that a question is answered at once.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from recsys.app.context import LibraryContext
from recsys.app.genre_models import GenreModels, TrainingResult
from recsys.app.moods import store_missing_moods
from recsys.app.ratings_import import ImportOptions, ImportPreview, RatingsImport
from recsys.app.saved_playlists import SavedPlaylists
from recsys.app.tag_writing import TagWriter, TagWriteResult
from recsys.app.validation import check_min, ensure_library_not_empty
from recsys.config import Settings
from recsys.domain.requests import PathOptions, PlaylistRequest, TrackFilter
from recsys.domain.results import (
    CheckResult,
    Classification,
    ClassificationFailure,
    Failure,
    IngestSummary,
    Playlist,
    Progress,
    PruneResult,
)
from recsys.domain.tracks import Description, RatedTracks, Rating, Track  # fmt: skip
from recsys.errors import NotFound
from recsys.export.records import (
    details_record,
    genre_record,
    neighbours_record,
    playlist_record,
    rating_record,
    track_record,
    track_records,
)
from recsys.plots import genre_messages
from recsys.recommend.keys import compatible_keys
from recsys.tagging.planning import SkippedFile, TagWriteOptions, TagWritePlan

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.recommend.neighbours import Neighbours

__all__ = [
    "Classification",
    "ClassificationFailure",
    "Description",
    "GenreModels",
    "ImportOptions",
    "ImportPreview",
    "Library",
    "PathOptions",
    "PlaylistRequest",
    "RatedTracks",
    "Rating",
    "SkippedFile",
    "TagWriteOptions",
    "TagWritePlan",
    "TagWriteResult",
    "TrackFilter",
    "TrainingResult",
    "compatible_keys",
    "genre_messages",
    "genre_record",
    "neighbours_record",
    "playlist_record",
    "rating_record",
    "track_record",
    "track_records",
]  # fmt: skip

MAX_PER_ARTIST = 2
NO_FILTER = TrackFilter()
DEFAULT_PATH_OPTIONS = PathOptions()


class Library:
    """recsys on one library, the one that ``settings`` name. Nothing stays open between two calls."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._context = LibraryContext(settings)
        #: Genre models: training, judging, choosing, using them.
        self.genre_models = GenreModels(self._context)
        #: What is written into the tags of files, and taken back.
        self.tags = TagWriter(self._context)
        #: Playlists that are kept and renewed.
        self.playlists = SavedPlaylists(self._context)
        #: What other programs know of likes and dislikes.
        self.ratings_import = RatingsImport(self._context)

    # Filling the library

    def ingest(
        self,
        paths: Sequence[str | os.PathLike[str]],
        *,
        retry: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> IngestSummary:
        """Listen to what is new at or under ``paths``; ``retry`` also tries what failed before.

        Raises
        ------
        NotFound
            A path is not there, or no audio file is in any of them.
        LibraryBusy, LibraryFull, LibraryError
        """
        from recsys.ingest.pipeline import ingest

        with self._context.open(create=True) as catalogue:
            store_missing_moods(catalogue)  # those of a library that was made before there were any
            summary = ingest(paths, catalogue, self.settings, retry=retry, progress=on_progress)
            if _analysed_any(summary):
                self._update_derived(catalogue)
        if not summary.scanned and not summary.interrupted:
            raise NotFound(f"no audio file is in {', '.join(map(str, paths))}")
        return summary

    def _update_derived(self, catalogue: "Catalogue") -> None:
        """What is derived from what has been heard: genres by the model in use, the index."""
        self.genre_models.predict_new(catalogue)
        self._context.update_index(catalogue)

    def failures(self) -> list[Failure]:
        """Files that could not be ingested."""
        with self._context.open() as catalogue:
            return catalogue.failures()

    def retry_failures(self, *, on_progress: Callable[[Progress], None] | None = None) -> IngestSummary:
        """Try every failed file again; forget those that are gone."""
        failed = [failure.path for failure in self.failures()]
        there = [path for path in failed if os.path.lexists(path)]
        with self._context.open() as catalogue:
            catalogue.clear_failures(set(failed) - set(there))
        return self.ingest(there, retry=True, on_progress=on_progress) if there else IngestSummary()

    def prune(
        self, roots: Sequence[str | os.PathLike[str]] = (), *, force: bool = False, dry_run: bool = False
    ) -> PruneResult:
        """Forget what is missing at or under ``roots``, or anywhere.

        Raises
        ------
        PruneRefused, NotFound, LibraryBusy
        """
        from recsys.ingest.prune import prune

        with self._context.open() as catalogue, self._context.removing_tracks(catalogue):
            return prune(catalogue, roots, force=force, dry_run=dry_run)

    def watch(
        self,
        folders: Sequence[str | os.PathLike[str]],
        *,
        debounce: float = 5.0,
        poll: bool = False,
        on_event: Callable[[IngestSummary | str], None],
    ) -> None:
        """Ingest ``folders`` now, and whatever changes in them once it has been quiet for ``debounce`` seconds.

        Ends with KeyboardInterrupt. ``on_event`` hears of every ingest, and of what it waits for; ``poll`` looks
        again and again, for network mounts that report no changes.

        Raises
        ------
        NotFound, InvalidRequest, LibraryFull, LibraryError
        """
        from recsys.ingest.watch import SkipPredicate, watch, watch_changes

        check_min("--settle", debounce, 0)

        def run(root: Path, within: Sequence[Path], leave: SkipPredicate) -> IngestSummary:
            from recsys.ingest.pipeline import ingest

            with self._context.open(create=True) as catalogue:
                summary = ingest([root], catalogue, self.settings, only_folders=within, skip=leave)
                if _analysed_any(summary):
                    self._update_derived(catalogue)
                return summary

        roots = [Path(os.path.abspath(folder)) for folder in folders]  # noqa: PTH100 - links stay as named
        for root in roots:
            if not root.is_dir():
                raise NotFound(f"{root} is no folder; give a folder to watch")
        watch(roots, run, watch_changes(roots, poll=poll), debounce=debounce, on_event=on_event)

    def doctor(self, *, fix: bool = False) -> "Iterator[CheckResult]":
        """What is in order and what is not; ``fix`` first drops what is broken.

        Raises
        ------
        NotFound
        """
        from recsys.app.diagnostics import run_checks

        return run_checks(self.settings, fix=fix)

    def upgrade_database(self) -> None:
        """Bring the schema of the library up to date."""
        self._context.open().close()

    # Asking it

    def genres(self) -> dict[str, int]:
        """How many tracks each genre has, most first."""
        with self._context.open() as catalogue:
            return catalogue.genres()

    def tracks(self, query: str | None = None, *, genre: str | None = None, limit: int | None = None) -> list[Track]:
        """Tracks whose artist, title, album or path hold every word of ``query``.

        Raises
        ------
        NotFound
        """
        check_min("--limit", limit, 1)
        with self._context.open() as catalogue:
            found = catalogue.tracks(query or None, genre=genre, limit=limit)
            if not found:
                ensure_library_not_empty(catalogue, [genre] if genre else [])
                raise NotFound(f"no track matches {query!r}" if query else "no track is present")
            return found

    def describe(self, tracks: Iterable[Track]) -> list[Description | None]:
        """How each of these tracks sounds, in words; None before it has been listened to."""
        from recsys.genre.descriptions import describe

        with self._context.open() as catalogue:
            return [describe(catalogue.track_details(track.id)["vector"]) for track in tracks]

    def show(self, reference: str) -> dict[str, Any]:
        """Everything known of one track: its record, description, all tags, rating, files, codec …"""
        from recsys.genre.descriptions import describe_all

        with self._context.open() as catalogue:
            track = catalogue.resolve(reference)
            details = catalogue.track_details(track.id)
            rating = catalogue.rated_tracks().get(track.id, 0)
        return details_record(track, details, rating, describe_all(details["vector"]))

    def similar(
        self,
        *references: str,
        album: str | None = None,
        artist: str | None = None,
        n: int = 10,
        filter: TrackFilter = NO_FILTER,
        max_per_artist: int = MAX_PER_ARTIST,
        explain: bool = False,
        **lengths: float,
    ) -> Playlist:
        """What sounds most like some tracks, files, an album or an artist together; ``explain`` says why.

        Raises
        ------
        NotFound, AmbiguousTrack, InvalidRequest
        """
        from recsys.app.similarity import similar

        return self._context.with_index_retry(
            lambda: similar(
                self._context,
                references,
                album=album,
                artist=artist,
                n=n,
                filter=filter,
                max_per_artist=max_per_artist,
                explain=explain,
                **lengths,
            )
        )

    def neighbours(self, *, n: int = 10, max_per_artist: int = 0) -> "Iterator[Neighbours]":
        """The ``n`` most similar of every present track, one track after the other.

        Raises
        ------
        NotFound, InvalidRequest
        """
        from recsys.app.similarity import neighbours

        yield from neighbours(self._context, n=n, max_per_artist=max_per_artist)

    def write_neighbours(self, path: Path, *, n: int = 10, max_per_artist: int = 0) -> int:
        """Write :meth:`neighbours` to a file of JSON Lines; how many tracks."""
        from recsys.export.neighbours import write_neighbours

        return write_neighbours(self.neighbours(n=n, max_per_artist=max_per_artist), path)

    def evaluate(
        self,
        *,
        labels: Path | None = None,
        compare: Path | None = None,
        playlists: bool = False,
        on_progress: Callable[[str], None] = lambda _: None,
    ) -> dict[str, Any]:
        """The scorecard of the library, as :func:`recsys.evaluate.scorecard.scorecard` has it.

        ``labels`` is a csv with the columns path and genre; without it the genre tags of the files are believed.
        ``compare`` is an earlier scorecard in JSON: "compared" then says what has changed. ``playlists``: these alone.

        Raises
        ------
        NotFound, InvalidRequest
        """
        from recsys.app.evaluation import evaluate

        return evaluate(self._context, labels=labels, compare=compare, playlists=playlists, progress=on_progress)

    # Likes and playlists

    def rate(self, references: Sequence[str], value: int) -> list[Track]:
        """Like (1), dislike (-1) or forget (0) tracks; all of them or, if one is not found, none."""
        with self._context.open() as catalogue:
            found = {track.id: track for track in map(catalogue.resolve, references)}
            catalogue.set_rating(found, value)
        return list(found.values())

    def ratings(self) -> RatedTracks:
        """What is liked and disliked."""
        from recsys.app.ratings import rated_tracks

        with self._context.open() as catalogue:
            return rated_tracks(catalogue)

    def playlist(self, request: PlaylistRequest | None = None, **options: Any) -> Playlist:
        """The playlist of a recipe, or of the ``options`` of one.

        Raises
        ------
        NotFound, AmbiguousTrack, InvalidRequest
        """
        from recsys.app.playlists import make_playlist

        request = request or PlaylistRequest(**options)
        return self._context.with_index_retry(lambda: make_playlist(self._context, request))

    def path(self, a: str, b: str, **options: Any) -> Playlist:
        """A walk in even steps from one track or file to another, both in it; see :func:`recsys.app.paths.path`.

        Raises
        ------
        NotFound, AmbiguousTrack, InvalidRequest
        """
        from recsys.app.paths import path

        return self._context.with_index_retry(lambda: path(self._context, a, b, **options))

    def playlist_format(self, output: Path | None, name: str | None = None) -> str:
        """The format to write ``output`` in (None: a stream): ``name``, or that of the suffix; else InvalidRequest."""
        from recsys.export.playlist_formats import playlist_format

        return playlist_format(output, name)

    def write_playlist(
        self,
        playlist: Playlist,
        output: Path | BinaryIO,
        *,
        format: str | None = None,
        path_options: PathOptions = DEFAULT_PATH_OPTIONS,
    ) -> int:
        """Write a file for players (:func:`recsys.export.playlist_formats.write_playlist`); how many are not mapped.

        Raises
        ------
        InvalidRequest, RecsysError
        """
        from recsys.export.playlist_formats import write_playlist

        missed = write_playlist(playlist, output, format=format, path_options=path_options)
        self.playlists.record_history(playlist)
        return missed

    # Without the library

    def classify(
        self, files: Iterable[str | os.PathLike[str]], *, model: str | None = None, segments: bool = False
    ) -> Iterator[Classification | ClassificationFailure]:
        """Listen to each file and say its genre, by a model or the one in use, and its tags; nothing is stored.

        ``segments`` also says how the genre changes along it.

        Raises
        ------
        NotFound, ModelError
        """
        from recsys.app.classification import classify

        return classify(files, self.genre_models.predictor(model), segments=segments)

    def plot(self, file: str | os.PathLike[str], output: Path | None = None, *, dark: bool = False) -> Path:
        """Draw a file, or a track of the library, into a PNG, SVG or PDF file; of a long one the first ten minutes.

        Where it is drawn comes back: by default into its name with .png, in the current folder.

        Raises
        ------
        NotFound, AudioError, InvalidRequest
        """
        from recsys.app.plotting import plot_reference

        return plot_reference(self._context, os.fspath(file), output, dark=dark)

    def plot_library(self, output: Path, *, projection: str | None = None, dark: bool = False) -> str:
        """Draw the library into a PNG, SVG or PDF file, by "pca" or "umap"; which it was, in words.

        Raises
        ------
        NotFound, InvalidRequest
        """
        from recsys.app.plotting import plot_library

        return plot_library(self._context, output, projection=projection, dark=dark)


def _analysed_any(summary: IngestSummary) -> bool:
    """Whether there is something new to find, and nobody waits for us to stop."""
    return bool(summary.new or summary.reanalysed or summary.updated) and not summary.interrupted
