"""What a use case opens: the catalogue that the settings name, and the index that stands beside it.

Packages are imported when they are needed: a command that opens nothing is answered at once.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from recsys.config import Settings
from recsys.errors import IndexDamaged, NothingFound, RecsysError

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue
    from recsys.nearest import NearestIndex

T = TypeVar("T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Library:
    """A catalogue and its index, neither of them open."""

    settings: Settings

    def open(self, *, create: bool = False, durable: bool = False) -> "Catalogue":
        """The catalogue; ``durable``: what is stored outlives a power cut.

        Raises
        ------
        NothingFound, SchemaMismatch, LibraryBusy, LibraryFull, LibraryError
        """
        from recsys.database.catalogue import Catalogue
        from recsys.features.version import COMPATIBLE_VERSIONS, FEATURE_VERSION

        catalogue = Catalogue.open(
            self.settings.database,
            feature_version=FEATURE_VERSION,
            compatible=COMPATIBLE_VERSIONS,
            create=create,
            durable=durable,
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

    def index(self, catalogue: "Catalogue", *, whole: bool = False) -> "NearestIndex":
        """The index of all that the catalogue has heard, as new as that; ``whole``: checked from end to end.

        Raises
        ------
        NothingFound
            Nothing has been heard.
        """
        from recsys.features.version import FEATURE_VERSION
        from recsys.recommend.index_update import current_index

        index = current_index(self.settings.index_path, catalogue, feature_version=FEATURE_VERSION, whole=whole)
        if index is None:
            raise NothingFound("nothing has been listened to yet; run: recsys ingest FOLDER")
        return index

    def answer(self, question: Callable[[], T]) -> T:
        """Ask; where the index turns out to be damaged just then, ask again with a new one."""
        try:
            return question()
        except IndexDamaged as error:
            from recsys.nearest import discard

            _log.warning("%s", error)
            discard(self.settings.index_path)
            return question()

    def catch_up(self, catalogue: "Catalogue") -> None:
        """Bring the index up to date now, that no question has to."""
        try:
            self.index(catalogue)
        except RecsysError as error:  # what was asked for is done; the first question says it again
            _log.warning("%s", error)

    @contextmanager
    def forgetting(self, catalogue: "Catalogue") -> Iterator[None]:
        """While tracks are forgotten; the index then forgets them too."""
        from recsys.features.version import FEATURE_VERSION
        from recsys.recommend.index_update import forgetting

        with forgetting(self.settings.index_path, catalogue, feature_version=FEATURE_VERSION):
            yield
