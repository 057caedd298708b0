"""What a use case opens: the catalogue that the settings name, and the index that stands beside it.

Packages are imported when they are needed: a command that opens nothing is answered at once.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from recsys.config import Settings
from recsys.errors import IndexCorrupt, NotFound, RecsysError

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.nearest import NearestIndex

T = TypeVar("T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LibraryContext:
    """A catalogue and its index, neither of them open."""

    settings: Settings

    def open(self, *, create: bool = False, full_synchronous: bool = False) -> "Catalogue":
        """The catalogue; ``full_synchronous``: what is stored outlives a power cut.

        Raises
        ------
        NotFound, SchemaMismatch, LibraryBusy, LibraryFull, LibraryError
        """
        from recsys.database.catalogue import Catalogue
        from recsys.features.version import COMPATIBLE_VERSIONS, FEATURE_VERSION

        catalogue = Catalogue.open(
            self.settings.database,
            feature_version=FEATURE_VERSION,
            compatible=COMPATIBLE_VERSIONS,
            create=create,
            full_synchronous=full_synchronous,
        )
        try:
            if outdated := catalogue.outdated():
                _log.warning(
                    "%d tracks were analysed for an older feature version, and answer with that until an ingest of "
                    "their folders has analysed them again for version %d",
                    outdated,
                    FEATURE_VERSION,
                )
        except BaseException:
            catalogue.close()
            raise
        return catalogue

    def index(self, catalogue: "Catalogue", *, complete: bool = False) -> "NearestIndex":
        """The index of all that the catalogue has heard, as new as that; ``complete``: checked from end to end.

        Raises
        ------
        NotFound
            Nothing has been heard.
        """
        from recsys.features.version import FEATURE_VERSION
        from recsys.recommend.index_update import load_or_update_index

        index = load_or_update_index(
            self.settings.index_path, catalogue, feature_version=FEATURE_VERSION, complete=complete
        )
        if index is None:
            raise NotFound("nothing has been listened to yet; run: recsys ingest FOLDER")
        return index

    def with_index_retry(self, question: Callable[[], T]) -> T:
        """Ask; where the index turns out to be damaged just then, ask again with a new one."""
        try:
            return question()
        except IndexCorrupt as error:
            from recsys.nearest import delete_index

            _log.warning("%s", error)
            delete_index(self.settings.index_path)
            return question()

    def update_index(self, catalogue: "Catalogue") -> None:
        """Bring the index up to date now, that no question has to."""
        try:
            self.index(catalogue)
        except RecsysError as error:  # what was asked for is done; the first question says it again
            _log.warning("%s", error)

    @contextmanager
    def removing_tracks(self, catalogue: "Catalogue") -> Iterator[None]:
        """While tracks are forgotten; the index then forgets them too."""
        from recsys.features.version import FEATURE_VERSION
        from recsys.recommend.index_update import removing_from_index

        with removing_from_index(self.settings.index_path, catalogue, feature_version=FEATURE_VERSION):
            yield
