"""Fixtures of all contracts of the catalogue."""

from collections.abc import Callable, Iterator

import pytest
from make_entries import VERSION

from recsys.database.catalogue import Catalogue
from recsys.domain.audio import FileStat, Tags
from recsys.domain.catalogue import FailedFile

BJORK = Tags(title="Jóga", artists=("Björk",), album="Homogenic", track_number=2, year=1997, genres=("Electronic",))


def failed(path: str, *, stage: str = "decode", reason: str = "no frames", size: int = 5) -> FailedFile:
    return FailedFile(FileStat(path, size, 99), stage, reason)


class CatalogueFixtures:
    """Inherit, and define the fixture ``url``: a SQLAlchemy URL of a database without tracks."""

    @pytest.fixture
    def reopen(self, url: str) -> Iterator[Callable[[int], Catalogue]]:
        opened: list[Catalogue] = []

        def again(version: int = VERSION) -> Catalogue:
            opened.append(Catalogue.open(url, feature_version=version))
            return opened[-1]

        yield again
        for catalogue in opened:
            catalogue.close()

    @pytest.fixture
    def catalogue(self, reopen: Callable[[], Catalogue]) -> Catalogue:
        return reopen()
