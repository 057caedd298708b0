"""Counts of the library, and what its files are of."""

from typing import Annotated, Any, Literal, TypeAlias

from fastapi import APIRouter, Query

from recsys.web.records import RecordResponse, page_of, returns, returns_list
from recsys.web.state import BoundOf, FilterOf, LibraryOf

router = APIRouter(tags=["library"])
Limit = Annotated[int, Query(ge=1, le=1000)]
NameKind: TypeAlias = Literal[
    "track", "artist", "album", "genre", "tagged_genre", "tag", "mood", "genre_model", "saved_playlist", "listener"
]
"""What :meth:`recsys.Library.complete` completes."""


@router.get("/statistics", responses=returns("StatisticsRecord"))
def statistics(library: LibraryOf, bound: BoundOf, filter: FilterOf) -> RecordResponse:
    """How much of what the library has: tracks, hours, genres, decades, keys, tempi.

    For a key that is bound to a listener without the numbers of others, and without what all have played.
    """
    record = library.statistics(filter=filter).to_dict()
    if bound is not None:
        record["listeners"] = [each for each in record["listeners"] if each["name"] == bound]
        record["most_played"] = []
    return RecordResponse(record)


@router.get("/duplicates", responses=returns_list("DuplicateGroupRecord"))
def duplicates(library: LibraryOf, n: Limit = 100) -> RecordResponse:
    """Recordings that the library has more than once, largest first."""
    return RecordResponse(page_of(group.to_dict() for group in library.duplicates(n=n)))


@router.get("/failures", responses=returns_list("FailureRecord"))
def failures(library: LibraryOf) -> RecordResponse:
    """Files that could not be analysed, with the reasons."""
    return RecordResponse(page_of(failure.to_dict() for failure in library.failures()))


@router.get("/complete")
def complete(
    library: LibraryOf,
    bound: BoundOf,
    prefix: Annotated[str, Query(max_length=200)] = "",
    kind: NameKind = "track",
    limit: Limit = 20,
) -> dict[str, Any]:
    """Names that begin with a text: of tracks, artists, albums, genres, tags or moods."""
    names = library.complete(prefix, kind=kind, limit=limit)
    return page_of(name for name in names if kind != "listener" or bound in (None, name))
