"""Walks through a library: from one track or file to another."""

import numpy as np

from recsys.app.context import Library
from recsys.app.filters import allowed_ids, unfit_ids
from recsys.app.queries import Seeds
from recsys.app.validation import (
    at_least,
    beyond_lengths,
    check_lengths,
    check_only,
    name_of,
    refuse_empty,
    refuse_unheard,
)
from recsys.database.catalogue import Catalogue
from recsys.domain.requests import LONGEST, SHORTEST, Only
from recsys.domain.results import Playlist
from recsys.errors import NothingFound
from recsys.nearest import NearestIndex
from recsys.recommend.path import End
from recsys.recommend.path import path as walk
from recsys.recommend.selection import PER_ARTIST
from recsys.recommend.vectors import similarity_vectors

ANYTHING = Only()


def path(
    library: Library,
    a: str,
    b: str,
    *,
    n: int = 12,
    only: Only = ANYTHING,
    per_artist: int = PER_ARTIST,
    shortest: float = SHORTEST,
    longest: float = LONGEST,
) -> Playlist:
    """``n`` tracks from ``a`` to ``b`` in even steps; both are among them, whatever else the list may hold.

    Those between are at least ``shortest`` and at most ``longest`` seconds long; 0 is no limit.

    Raises
    ------
    NothingFound, AmbiguousTrack, UsageError
    """
    at_least("-n", n, 2)
    at_least("--per-artist", per_artist, 0)
    check_only(only)
    check_lengths(shortest, longest)
    with library.open() as catalogue:
        index = library.index(catalogue)
        first, last = (end_of(catalogue, index, reference) for reference in (a, b))
        beyond, usual = unfit_ids(catalogue, len(index), shortest, longest)
        found = walk(
            index, first, last, n, per_artist=per_artist,
            allowed=allowed_ids(catalogue, only), absent=np.union1d(catalogue.absent(), beyond), tracks=catalogue.get,
        )  # fmt: skip
        if n > 2 and len(found.picks) == 2:
            refuse_empty(catalogue, only.genres)
        lines = list(found.gave_way)
        if len(found.picks) < n and len(beyond):
            lines.append(f"{len(beyond)} tracks of the library are {beyond_lengths(shortest, longest)}")
        lines += [usual] if usual else []
    return Playlist(
        name=f"From {name_of(first.track)} to {name_of(last.track)}",
        tracks=tuple(pick.track for pick in found.picks),
        similarities=(None, *(pick.similarity for pick in found.picks[1:])),
        gave_way=tuple(lines),
    )


def end_of(catalogue: Catalogue, index: NearestIndex, reference: str) -> End:
    """The track of the library, or else the file, that is meant, and how it sounds.

    Raises
    ------
    NothingFound, AmbiguousTrack
    """
    seeds = Seeds.find(catalogue, [reference])
    if seeds.outside:
        return End(seeds.outside[0], similarity_vectors(np.stack(seeds.features))[0])
    [track] = seeds.tracks
    if track.missing:
        raise NothingFound(f"{name_of(track)} is not on the disk any more; it was at {track.path}")
    refuse_unheard(track, index)
    return End(track, index.vectors(seeds.ids)[0])
