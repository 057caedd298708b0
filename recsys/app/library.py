"""The facade of all use cases: :class:`Library`, which the terminal, a server and notebooks use.

Slow packages are imported by the methods that need them, so that a query starts at once.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from recsys.app.collection import Collection
from recsys.app.context import LibraryContext
from recsys.app.credits import CreditLists
from recsys.app.inputs import StrPath, paths_of
from recsys.app.players import Players
from recsys.app.recommender import Recommender
from recsys.app.shared_state import SharedState
from recsys.app.track_rows import TrackRows
from recsys.config import Settings, settings_for
from recsys.domain.backups import BackupResult, RestoreResult
from recsys.domain.maps import LibraryMap
from recsys.domain.paths import absolute_path
from recsys.domain.results import Classification, ClassificationFailure


class Library(Collection, TrackRows, CreditLists, Recommender, Players):
    """A music library: its tracks, features, ratings, playlists and genre models.

    Parameters
    ----------
    location : path-like or Settings or None
        A folder that has the database and everything beside it; a database file (``.db``, ``.sqlite``, ``.sqlite3``, or
        any file that exists); a database URL such as "postgresql+psycopg://user@host/recsys"; or
        :class:`~recsys.Settings`. None: the library of the command line, by environment and ``config.toml``.
    listener : str or None
        The name of the listener whose ratings, plays and playlists are used; None: that of the settings, else the
        default listener. A rating or play adds a listener of a new name.
    keep_open : bool
        The database stays open between calls, for a program that asks often; and an index that is out of date is used
        until a thread has updated it.
    on_task : callable
        Called with the name of what a query waits for, such as "building the search index", before it begins.

    Raises
    ------
    InvalidRequest
        The location, or a setting in ``config.toml`` or the environment, is invalid.

    Notes
    -----
    Unless ``keep_open`` is set, each method opens and closes the database. The search index stays in memory until
    :meth:`close`, or the end of a ``with`` block. A library can be used again after that. Several threads may use one.

    Examples
    --------
    >>> with recsys.Library(home) as library:
    ...     len(library.tracks("miles davis"))
    2
    """

    def __init__(
        self,
        location: StrPath | Settings | None = None,
        *,
        listener: str | None = None,
        keep_open: bool = False,
        on_task: Callable[[str], None] = lambda _: None,
    ) -> None:
        settings = location if isinstance(location, Settings) else settings_for(location)
        settings = settings if listener is None else replace(settings, listener=listener)
        self._set_context(LibraryContext(settings, SharedState(keep_open=keep_open), on_task))

    def _set_context(self, context: LibraryContext) -> None:
        self.settings = context.settings
        self._context = context

    def for_listener(self, name: str | None) -> "Library":
        """The same library for another listener, None for the default one; both share the search index.

        >>> lib.for_listener("Anna").settings.listener
        'Anna'
        """
        view = Library.__new__(Library)
        view._set_context(self._context.for_listener(name))
        return view

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

    def create(self) -> None:
        """Create an empty database if there is none, and bring the schema of one up to date.

        Raises
        ------
        SchemaMismatch, LibraryBusy, LibraryFull, LibraryError
            The database cannot be created or used.

        Examples
        --------
        >>> lib.create()
        """
        self._context.open(create=True).close()

    def folders(self) -> list[str]:
        """The folders that were ingested, by path, without those inside another one.

        Raises
        ------
        LibraryNotFound
            There is no database.

        Examples
        --------
        >>> _ = lib.ingest(folder / "music")
        >>> lib.folders() == [str(folder / "music")]
        True
        """
        with self._context.open() as catalogue:
            return catalogue.roots()

    def classify(
        self, files: StrPath | Iterable[StrPath], *, model: str | None = None, segments: bool = False
    ) -> Iterator[Classification | ClassificationFailure]:
        """Genre and tags of audio files, by a genre model or the active one; nothing is stored.

        ``segments`` also returns how the genre changes along each file.

        Raises
        ------
        NotFound, ModelError
            The model does not exist, or cannot be used.

        Examples
        --------
        >>> [found] = lib.classify(folder / "music" / "tone.wav")
        >>> 0 < found.probability <= 1
        True
        """
        from recsys.app.classification import classify_with

        return classify_with(
            paths_of(files),
            self.genre_models.predictor(model),
            segments=segments,
            jobs=self.settings.jobs,
            file_timeout=self.settings.file_timeout,
        )

    def map(self, *, anew: bool = False, on_progress: Callable[[float], None] | None = None) -> LibraryMap:
        """All present analysed tracks as points in the plane, similar tracks close together.

        The points are stored beside the index. Tracks that are added are placed between their neighbours, and the
        others stay where they are, until the library has doubled.

        Parameters
        ----------
        anew : bool
            Arrange all points again, which begins from the present ones.
        on_progress : callable or None
            Called with the share that is done, in [0, 1]: a new map of 100,000 tracks takes half a minute.

        Raises
        ------
        NotAnalysed
            No track has been analysed.
        NotFound
            No analysed track is present.

        Examples
        --------
        >>> found = lib.map()
        >>> found.points.shape, found.genres
        ((3, 2), ('jazz', 'metal'))
        """
        from recsys.app.map import library_map

        report = on_progress or (lambda _: None)
        return self._context.with_index_retry(lambda: library_map(self._context, anew=anew, on_progress=report))

    def backup(self, file: StrPath | None = None, *, force: bool = False) -> BackupResult:
        """Write database, genre models and settings to one file, while others may be writing to the library.

        Parameters
        ----------
        file : path-like or None
            The file; or a folder, by default the current one, for a file with a name of this time.
        force : bool
            Replace the file if it exists.

        Raises
        ------
        InvalidRequest
            The library is on a server, the file exists and ``force`` is not set, or it cannot be written.

        Examples
        --------
        >>> lib.backup(folder / "music.zip").tracks
        3
        """
        from recsys.app.backups import back_up

        return back_up(self._context, None if file is None else Path(file), force=force)

    def restore(self, file: StrPath, *, force: bool = False) -> RestoreResult:
        """Check a backup and make it the library; a backup of an older version is upgraded.

        Nothing is changed if the backup is damaged. The next query builds the index again.

        Parameters
        ----------
        file : path-like
            A file that :meth:`backup` wrote.
        force : bool
            Replace a present library, which is kept under other names.

        Raises
        ------
        InvalidRequest
            The file is not a backup, or there is a library and ``force`` is not set.
        SchemaMismatch
            The backup is of a newer version.

        Examples
        --------
        >>> recsys.Library(folder / "copy").restore(lib.backup(folder / "copy.zip").file).tracks
        3
        """
        from recsys.app.restoring import restore

        return restore(self._context, absolute_path(file), force=force)

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

        Examples
        --------
        >>> lib.plot(folder / "music" / "tone.wav", folder / "tone.png").name
        'tone.png'
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

        Examples
        --------
        >>> lib.plot_library(folder / "map.png", projection="pca")
        'PCA'
        """
        from recsys.app.plotting import plot_library

        return plot_library(self._context, Path(output), projection=projection, dark=dark)
