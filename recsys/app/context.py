"""What a use case opens: the catalogue of the settings, and the index stored beside it.

Packages are imported when they are needed, so that a command that opens nothing starts at once.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from recsys.app.shared_state import SharedState
from recsys.config import FORMER_MODELS, Settings
from recsys.errors import Hint, IndexCorrupt, LibraryNotFound, NotAnalysed, RecsysError

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.nearest import NearestIndex

T = TypeVar("T")

_log = logging.getLogger(__name__)


class LibraryContext:
    """Opens the catalogue and the index of a library; the index stays in memory until :meth:`close`.

    Several threads may use one context, or contexts that share their state; only one of them loads the index.
    """

    def __init__(
        self, settings: Settings, shared: SharedState | None = None, on_task: Callable[[str], None] = lambda _: None
    ) -> None:
        self.settings = settings
        self._on_task = on_task
        self._shared = SharedState() if shared is None else shared

    def for_listener(self, listener: str | None) -> "LibraryContext":
        """A context for another listener of the same library, which shares the index."""
        return LibraryContext(replace(self.settings, listener=listener), self._shared, self._on_task)

    def ensure_exists(self) -> None:
        """Raise LibraryNotFound if there is no database file, before slow packages are imported."""
        file = self.settings.database_file
        if file is not None and not file.exists():
            raise LibraryNotFound(f"there is no library at {file}", hint=Hint.INGEST)

    def open(self, *, create: bool = False, full_synchronous: bool = False) -> "Catalogue":
        """The catalogue; with ``full_synchronous`` what is stored outlives a power cut.

        Raises
        ------
        LibraryNotFound
            There is no database, and ``create`` is not set.
        SchemaMismatch, LibraryBusy, LibraryFull, LibraryError
            The database cannot be used.
        """
        if not create:
            self.ensure_exists()
            if self._shared.keep_open and not full_synchronous:
                kept = self._shared.catalogue(self.settings.database_file, self._open)
                return kept.for_listener(self.settings.listener)
        return self._open(create=create, full_synchronous=full_synchronous)

    def _open(self, *, create: bool = False, full_synchronous: bool = False) -> "Catalogue":
        from recsys.database.catalogue import Catalogue
        from recsys.features.version import COMPATIBLE_VERSIONS, FEATURE_VERSION

        catalogue = Catalogue.open(
            self.settings.database,
            feature_version=FEATURE_VERSION,
            compatible=COMPATIBLE_VERSIONS,
            create=create,
            full_synchronous=full_synchronous,
            listener=self.settings.listener,
        )
        catalogue.tags_file = self.settings.tags_path
        try:
            if outdated := catalogue.outdated():
                _log.warning(
                    "%d tracks have features of an older version, which are used until an ingest of their folders "
                    "analyses them for version %d",
                    outdated,
                    FEATURE_VERSION,
                )
        except BaseException:
            catalogue.close()
            raise
        return catalogue

    def index(self, catalogue: "Catalogue", *, complete: bool = False) -> "NearestIndex":
        """The index of all analysed tracks; it and the groups of copies are up to date.

        With ``complete`` every part of the file of the index is verified.

        Raises
        ------
        NotAnalysed
            No track has been analysed.
        """
        cached = self._shared.index
        if cached is not None and not complete:
            if cached[1] == self._state(catalogue):
                return cached[0]
            if self._shared.keep_open:
                self._shared.update_later(self._update_in_background)
                return cached[0]
        with self._shared.lock:
            cached = self._shared.index
            if cached is not None and cached[1] == self._state(catalogue) and not complete:
                return cached[0]
            return self._load_index(catalogue, complete=complete)

    def _load_index(self, catalogue: "Catalogue", *, complete: bool = False) -> "NearestIndex":
        from recsys.app.performances import update_performances
        from recsys.features.version import FEATURE_VERSION
        from recsys.recommend.index_update import load_or_update_index

        update_performances(catalogue)
        path = self.settings.index_path
        index = load_or_update_index(
            path, catalogue, feature_version=FEATURE_VERSION, complete=complete, on_task=self._on_task
        )
        if index is None:
            raise NotAnalysed("no track has been analysed yet", hint=Hint.INGEST)
        if self.settings.former_index_path.exists() and path.exists():
            from recsys.app.former_files import delete_former_index

            delete_former_index(self.settings, catalogue)
        self._shared.index = index, self._state(catalogue)
        return index

    def _update_in_background(self) -> None:
        try:
            with self.open() as catalogue, self._shared.lock:
                self._load_index(catalogue)
        except NotAnalysed:
            self._shared.index = None
        except RecsysError as error:
            _log.warning("%s", error)

    def _state(self, catalogue: "Catalogue") -> tuple[object, ...]:
        """What changes whenever the vectors of the catalogue or the file of the index change."""
        path = self.settings.index_path
        state = catalogue.index_state(path)
        try:
            file = path.stat()
        except OSError:
            return state
        return *state, file.st_ino, file.st_size, file.st_mtime_ns

    def with_index_retry(self, query: Callable[[], T]) -> T:
        """Run a query; if the index turns out to be corrupt, once more with a new one."""
        try:
            return query()
        except IndexCorrupt as error:
            from recsys.nearest import delete_index

            _log.warning("%s", error)
            self.close()
            delete_index(self.settings.index_path)
            return query()

    def update_index(self, catalogue: "Catalogue") -> None:
        """Bring the index up to date now, so that no query has to; an error is logged, and raised by the next query."""
        try:
            self.index(catalogue)
        except RecsysError as error:
            _log.warning("%s", error)

    @contextmanager
    def removing_tracks(self, catalogue: "Catalogue") -> Iterator[None]:
        """While tracks are removed from the catalogue; afterwards they are removed from the index too."""
        from recsys.features.version import FEATURE_VERSION
        from recsys.recommend.index_update import removing_from_index

        self.close()
        with removing_from_index(self.settings.index_path, catalogue, feature_version=FEATURE_VERSION):
            yield

    def close(self) -> None:
        """Release the index, and the database if it is kept open."""
        self._shared.close()


def models_folder(context: LibraryContext) -> Path:
    """The folder of the genre models of a library.

    In older versions all databases of a home shared one. A database whose genres are by one of those models gets
    copies of them.
    """
    settings = context.settings
    own, former = settings.models_path, settings.home / FORMER_MODELS
    if own != former and former.is_dir() and not own.exists():
        from recsys.app.former_files import copy_former_models

        with suppress(LibraryNotFound), context.open() as catalogue:
            copy_former_models(former, own, catalogue.genre_models())
    return own
