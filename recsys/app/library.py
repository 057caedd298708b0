"""The facade of all use cases: :class:`Library`, which the terminal, a server and notebooks use.

Slow packages are imported by the methods that need them, so that a query starts at once.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self, TypeAlias

from recsys.app.context import LibraryContext
from recsys.app.genre_models import GenreModels
from recsys.app.ratings import Ratings
from recsys.app.saved_playlists import SavedPlaylists
from recsys.app.tag_writing import TagWriter
from recsys.config import Settings, settings_for
from recsys.domain.checks import check_min
from recsys.domain.requests import (
    MAX_DURATION,
    MAX_PER_ARTIST,
    MIN_DURATION,
    EnergyCurve,
    PathOptions,
    PlaylistRequest,
    Quota,
    TrackFilter,
)
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
from recsys.domain.tracks import Description, Track, TrackList
from recsys.errors import InvalidRequest, NotFound

if TYPE_CHECKING:
    from recsys.app.vectors import VectorKind, Vectors
    from recsys.recommend.neighbours import Neighbours

StrPath: TypeAlias = str | os.PathLike[str]
NO_FILTER = TrackFilter()
DEFAULT_PATHS = PathOptions()


class Library:
    """A music library: its tracks, features, ratings, playlists and genre models.

    Parameters
    ----------
    location : a folder that has the database and everything beside it; a database file (``.db``, ``.sqlite``,
        ``.sqlite3``, or any file that exists); a database URL such as "postgresql+psycopg://user@host/recsys"; or
        :class:`~recsys.Settings`. None: the library of the command line, by environment and ``config.toml``

    Raises
    ------
    InvalidRequest
        The location, or a setting in ``config.toml`` or the environment, is invalid.

    Notes
    -----
    The database is opened by each method and closed at its end; the search index stays in memory until :meth:`close`, or
    the end of a ``with`` block. A library can be used again after that.

    Examples
    --------
    >>> with recsys.Library(home) as library:
    ...     len(library.tracks("miles davis"))
    2
    """

    def __init__(self, location: StrPath | Settings | None = None) -> None:
        self.settings = location if isinstance(location, Settings) else settings_for(location)
        self._context = LibraryContext(self.settings)
        #: Likes and dislikes, and their import from other programs: :class:`~recsys.app.ratings.Ratings`.
        self.ratings = Ratings(self._context)
        #: Saved playlists: :class:`~recsys.app.saved_playlists.SavedPlaylists`.
        self.playlists = SavedPlaylists(self._context)
        #: Genre models: :class:`~recsys.app.genre_models.GenreModels`.
        self.genre_models = GenreModels(self._context)
        #: Tags of the files: :class:`~recsys.app.tag_writing.TagWriter`.
        self.tags = TagWriter(self._context)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the search index."""
        self._context.close()

    def __repr__(self) -> str:
        return f"Library({str(self.settings.home)!r})"

    # Filling the library

    def ingest(
        self,
        paths: StrPath | Sequence[StrPath],
        *,
        retry: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> IngestSummary:
        """Analyse and store what is new at or below ``paths``; what is known and unchanged is skipped.

        Parameters
        ----------
        paths : folders or files
        retry : also try files that failed before
        on_progress : called with the :class:`~recsys.Progress` now and then

        Raises
        ------
        NotFound
            A path does not exist, or no audio file is in any of them.
        LibraryBusy, LibraryFull, LibraryError
            Another process is writing, the disk is full, or the database cannot be used.

        Examples
        --------
        >>> lib.ingest(folder / "music").unchanged
        3
        """
        from recsys.app.ingestion import ingest

        return ingest(self._context, _paths(paths), retry=retry, on_progress=on_progress)

    def failures(self) -> list[Failure]:
        """Files that could not be ingested."""
        with self._context.open() as catalogue:
            return catalogue.failures()

    def retry_failures(self, *, on_progress: Callable[[Progress], None] | None = None) -> IngestSummary:
        """Try every failed file again; failures of files that no longer exist are removed."""
        from recsys.app.ingestion import retry_failures

        return retry_failures(self._context, on_progress=on_progress)

    def prune(
        self, roots: StrPath | Sequence[StrPath] = (), *, force: bool = False, dry_run: bool = False
    ) -> PruneResult:
        """Remove tracks whose files are missing, at or below ``roots``, or anywhere.

        Raises
        ------
        PruneRefused
            More than half of a root is missing, and ``force`` is not set.
        NotFound
            No file of the library is at or below a root.
        LibraryBusy
            Another process is writing.
        """
        from recsys.app.ingestion import prune

        return prune(self._context, _paths(roots), force=force, dry_run=dry_run)

    def watch(
        self,
        folders: StrPath | Sequence[StrPath],
        *,
        debounce: float = 5.0,
        poll: bool = False,
        on_event: Callable[[IngestSummary | str], None],
    ) -> None:
        """Ingest ``folders`` now, and every change once the folder is unchanged for ``debounce`` seconds.

        Ends with KeyboardInterrupt. ``on_event`` is called with the summary of each ingest, and with messages; ``poll``
        scans again and again, for network mounts that report no changes.

        Raises
        ------
        NotFound
            A folder does not exist.
        InvalidRequest
            ``debounce`` is negative.
        LibraryFull, LibraryError
            The disk is full, or the database cannot be used.
        """
        from recsys.app.ingestion import watch

        watch(self._context, _paths(folders), debounce=debounce, poll=poll, on_event=on_event)

    def check(self, *, fix: bool = False) -> Iterator[CheckResult]:
        """Check database, vectors, index, files and free space; ``fix`` first removes what is damaged.

        Raises
        ------
        LibraryNotFound
            There is no database.

        Examples
        --------
        >>> {result.status for result in lib.check()} <= {"ok", "warning"}
        True
        """
        from recsys.app.diagnostics import run_checks

        return run_checks(self.settings, fix=fix)

    def upgrade_database(self) -> None:
        """Bring the schema of the database up to date."""
        self._context.open().close()

    # Tracks

    def genres(self) -> dict[str, int]:
        """How many tracks each predicted genre has, most first.

        >>> lib.genres()
        {'jazz': 2, 'rock': 1}
        """
        with self._context.open() as catalogue:
            return catalogue.genres()

    def tracks(self, query: str | None = None, *, genre: str | None = None, limit: int | None = None) -> TrackList:
        """Tracks whose artist, title, album or path contain every word of ``query``.

        Raises
        ------
        NotFound
            No track matches.
        InvalidRequest
            ``limit`` is less than 1.

        Examples
        --------
        >>> [track.title for track in lib.tracks("davis", limit=1)]
        ['So What']
        """
        from recsys.app.validation import ensure_library_not_empty

        check_min("limit", limit, 1)
        with self._context.open() as catalogue:
            found = catalogue.tracks(query or None, genre=genre, limit=limit)
            if not found:
                ensure_library_not_empty(catalogue, [genre] if genre else [])
                raise NotFound(f"no track matches {query!r}" if query else "no track is present")
            return TrackList(found)

    def track(self, reference: str | int) -> Track:
        """The track of an id, a path, a title, "artist - title", or the beginning of one of them.

        Raises
        ------
        NotFound
            No track matches.
        AmbiguousTrack
            Several do; ``candidates`` has them.

        Examples
        --------
        >>> lib.track("Miles Davis - So What").duration
        562.0
        """
        with self._context.open() as catalogue:
            return catalogue.resolve(str(reference))

    def details(self, reference: str | int) -> dict[str, Any]:
        """Everything that is stored of one track: its record, description, all tags, rating, files, codec …

        Raises
        ------
        NotFound, AmbiguousTrack
            As for :meth:`track`.

        Examples
        --------
        >>> lib.details("So What")["year"]
        1959
        """
        from recsys.export.records import details_record
        from recsys.genre.descriptions import describe_all

        with self._context.open() as catalogue:
            track = catalogue.resolve(str(reference))
            details = catalogue.details(track.id)
            rating = catalogue.rated_tracks().get(track.id, 0)
        return details_record(track, details, rating, describe_all(details["vector"]))

    def describe(self, tracks: Iterable[Track]) -> list[Description | None]:
        """Moods and distinctive tags of each track; None for one that has not been analysed."""
        from recsys.genre.descriptions import describe_vector

        with self._context.open() as catalogue:
            return [describe_vector(catalogue.details(track.id)["vector"]) for track in tracks]

    def vectors(self, ids: Iterable[int] | None = None, *, kind: "VectorKind" = "normalised") -> "Vectors":
        """Feature vectors (n, d) of all analysed tracks, or of those of ``ids``, as arrays.

        Parameters
        ----------
        ids : ids of tracks
        kind : "raw" features, "normalised" ones (centred and scaled by the reference corpus), or the "similarity"
            vectors whose inner product is the cosine similarity

        Raises
        ------
        NotAnalysed
            A track, or the whole library, has not been analysed.

        Examples
        --------
        >>> found = lib.vectors(kind="similarity")
        >>> found.vectors.shape
        (3, 128)
        """
        from recsys.app.vectors import read_vectors

        return read_vectors(self._context, ids, kind)

    # Similarity

    def similar(
        self,
        *references: str | int,
        album: str | None = None,
        artist: str | None = None,
        n: int = 10,
        filter: TrackFilter = NO_FILTER,
        max_per_artist: int = MAX_PER_ARTIST,
        min_duration: float = 0.0,
        max_duration: float = 0.0,
        explain: bool = False,
    ) -> Playlist:
        """The tracks most similar to some tracks, files, an album or an artist together, most similar first.

        Parameters
        ----------
        references : tracks as for :meth:`track`, or audio files that need not be in the library
        album, artist : all tracks of an album or artist
        n : number of tracks
        filter : which tracks may be returned
        max_per_artist : tracks of one artist; 0 is no limit
        min_duration, max_duration : seconds; 0 is no limit
        explain : also return an :class:`~recsys.Explanation` for each track

        Returns
        -------
        Playlist
            ``similarity`` of each track is the mean over the references, in [0, 1].

        Raises
        ------
        NotFound, AmbiguousTrack
            A reference matches no track, or several; or no track passes the filter.
        NotAnalysed
            A referenced track has not been analysed.
        InvalidRequest
            A number is out of range, or there is no reference.

        Examples
        --------
        >>> [track.title for track in lib.similar("So What", n=1)]
        ['Blue in Green']
        """
        from recsys.app.similarity import similar

        return self._context.with_index_retry(
            lambda: similar(
                self._context, list(map(str, references)),
                album=album, artist=artist, n=n, filter=filter, max_per_artist=max_per_artist,
                min_duration=min_duration, max_duration=max_duration, explain=explain, writer=self._write,
            )
        )  # fmt: skip

    def neighbours(self, *, n: int = 10, max_per_artist: int = 0) -> "Iterator[Neighbours]":
        """The ``n`` most similar tracks of every present track, one track after the other.

        Raises
        ------
        NotAnalysed
            No track has been analysed.
        InvalidRequest
            A number is out of range.
        """
        from recsys.app.similarity import neighbours

        yield from neighbours(self._context, n=n, max_per_artist=max_per_artist)

    def write_neighbours(self, path: StrPath, *, n: int = 10, max_per_artist: int = 0) -> int:
        """Write :meth:`neighbours` to a file of JSON Lines; how many tracks."""
        from recsys.export.neighbours import write_neighbours

        return write_neighbours(self.neighbours(n=n, max_per_artist=max_per_artist), Path(path))

    def path(
        self,
        start: str | int,
        end: str | int,
        *,
        n: int = 12,
        filter: TrackFilter = NO_FILTER,
        max_per_artist: int = MAX_PER_ARTIST,
        min_duration: float = MIN_DURATION,
        max_duration: float = MAX_DURATION,
    ) -> Playlist:
        """``n`` tracks from one track or file to another, in steps of similarity that are as even as possible.

        Raises
        ------
        NotFound, AmbiguousTrack
            An end matches no track, or several.
        InvalidRequest
            A number is out of range, or both ends are the same recording.

        Examples
        --------
        >>> lib.path("So What", "Smoke on the Water", n=3).name
        'From Miles Davis - So What to Deep Purple - Smoke on the Water'
        """
        from recsys.app.paths import path

        return self._context.with_index_retry(
            lambda: path(
                self._context, str(start), str(end), n=n, filter=filter, max_per_artist=max_per_artist,
                min_duration=min_duration, max_duration=max_duration, writer=self._write,
            )
        )  # fmt: skip

    def evaluate(
        self,
        *,
        labels: StrPath | None = None,
        compare: StrPath | None = None,
        playlists: bool = False,
        on_progress: Callable[[str], None] = lambda _: None,
    ) -> dict[str, Any]:
        """The scorecard of the library: :func:`recsys.evaluate.scorecard.scorecard`.

        Parameters
        ----------
        labels : a CSV file with the columns path and genre; None: the genre tags of the files
        compare : an earlier scorecard as JSON; "compared" then has the differences
        playlists : score playlists alone, with more simulated listeners
        on_progress : called with the name of each part

        Raises
        ------
        NotFound
            There are too few labels.
        InvalidRequest
            A file cannot be read or has the wrong form.
        """
        from recsys.app.evaluation import evaluate

        return evaluate(
            self._context,
            labels=None if labels is None else Path(labels),
            compare=None if compare is None else Path(compare),
            playlists=playlists,
            on_progress=on_progress,
        )

    # Ratings and playlists

    def like(self, *references: str | int) -> TrackList:
        """Like tracks: all of them or, if one is not found, none.

        Raises
        ------
        NotFound, AmbiguousTrack
            As for :meth:`track`.

        Examples
        --------
        >>> [track.title for track in lib.like("So What")]
        ['So What']
        """
        return TrackList(self.ratings.set(list(map(str, references)), 1))

    def dislike(self, *references: str | int) -> TrackList:
        """Dislike tracks: all of them or, if one is not found, none."""
        return TrackList(self.ratings.set(list(map(str, references)), -1))

    def unrate(self, *references: str | int) -> TrackList:
        """Remove likes and dislikes."""
        return TrackList(self.ratings.set(list(map(str, references)), 0))

    def playlist(
        self,
        request: PlaylistRequest | None = None,
        *,
        n: int | None = None,
        minutes: float | None = None,
        seeds: Sequence[str] = (),
        include_seeds: bool = False,
        filter: TrackFilter = NO_FILTER,
        min_duration: float = MIN_DURATION,
        max_duration: float = MAX_DURATION,
        max_per_artist: int = MAX_PER_ARTIST,
        max_per_album: int = 0,
        min_artist_gap: int = 0,
        diversity: float = 2.0,
        exploration: float = 0.0,
        quotas: Sequence[Quota] = (),
        energy_curve: EnergyCurve | None = None,
        exclude_recent: bool = False,
        seed: int = 0,
    ) -> Playlist:
        """A playlist from the likes, or from ``seeds``; the parameters are the fields of :class:`~recsys.PlaylistRequest`.

        Raises
        ------
        NotFound, AmbiguousTrack
            Nothing is liked, a seed matches no track or several, or no track passes the filter.
        InvalidRequest
            A value is out of range, or both a ``request`` and fields of one are given.

        Examples
        --------
        >>> playlist = lib.playlist(seeds=["So What"], n=2)
        >>> [unmet.constraint for unmet in playlist.unmet_constraints]
        ['n']
        """
        from recsys.app.playlists import make_playlist

        fields = PlaylistRequest(
            n=n, minutes=minutes, seeds=seeds, include_seeds=include_seeds, filter=filter,
            min_duration=min_duration, max_duration=max_duration, max_per_artist=max_per_artist,
            max_per_album=max_per_album, min_artist_gap=min_artist_gap, diversity=diversity, exploration=exploration,
            quotas=quotas, energy_curve=energy_curve, exclude_recent=exclude_recent, seed=seed,
        )  # fmt: skip
        if request is not None and fields != PlaylistRequest():
            raise InvalidRequest("cannot be combined with fields of a request", field="request")
        return self._context.with_index_retry(
            lambda: make_playlist(self._context, request or fields, writer=self._write)
        )

    def write_playlist(
        self,
        playlist: Playlist,
        output: StrPath | BinaryIO,
        *,
        format: str | None = None,
        path_options: PathOptions = DEFAULT_PATHS,
    ) -> int:
        """Write a playlist for players, and add it to the history; how many tracks its path map does not cover.

        Raises
        ------
        InvalidRequest
            The format is unknown.
        RecsysError
            The file cannot be written.
        """
        from recsys.export.playlist_formats import write_playlist

        target = Path(output) if isinstance(output, str | os.PathLike) else output
        not_mapped = write_playlist(playlist, target, format=format, path_options=path_options)
        self.playlists.record_history(playlist)
        return not_mapped

    def _write(self, playlist: Playlist, output: Path, format: str | None, options: PathOptions) -> int:
        return self.write_playlist(playlist, output, format=format, path_options=options)

    # Files

    def classify(
        self, files: StrPath | Iterable[StrPath], *, model: str | None = None, segments: bool = False
    ) -> Iterator[Classification | ClassificationFailure]:
        """Genre and tags of audio files, by a genre model or the active one; nothing is stored.

        ``segments`` also returns how the genre changes along each file.

        Raises
        ------
        NotFound, ModelError
            The model does not exist, or cannot be used.
        """
        from recsys.app.classification import classify

        return classify(_paths(files), self.genre_models.predictor(model), segments=segments)

    def plot(self, file: StrPath, output: StrPath | None = None, *, dark: bool = False) -> Path:
        """Draw a file, or a track of the library, as PNG, SVG or PDF; of a long one the first ten minutes.

        Returns
        -------
        Path
            The picture; by default the name of the file with .png, in the current folder.

        Raises
        ------
        NotFound
            There is neither such a file nor such a track.
        AudioError
            The file cannot be analysed.
        InvalidRequest
            ``output`` is not a picture, or cannot be written.
        """
        from recsys.app.plotting import plot_reference

        return plot_reference(self._context, os.fspath(file), None if output is None else Path(output), dark=dark)

    def plot_library(self, output: StrPath, *, projection: str | None = None, dark: bool = False) -> str:
        """Draw the library as PNG, SVG or PDF, projected by "pca" or "umap"; which it was, in words.

        Raises
        ------
        NotFound
            No track is present.
        InvalidRequest
            The projection is unknown or not installed, or ``output`` is not a picture.
        """
        from recsys.app.plotting import plot_library

        return plot_library(self._context, Path(output), projection=projection, dark=dark)


def _paths(paths: StrPath | Iterable[StrPath]) -> list[Path]:
    single = isinstance(paths, str | os.PathLike)
    return [Path(path).expanduser() for path in ([paths] if single else paths)]  # type: ignore[list-item]
