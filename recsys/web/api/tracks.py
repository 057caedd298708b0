"""Tracks: lists of them, and one with everything that is stored of it."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from recsys.errors import InvalidRequest, NotFound
from recsys.web.records import RecordResponse, page_of, returns, returns_list, returns_values
from recsys.web.state import LibraryOf

router = APIRouter(tags=["tracks"])
MAX_IDS = 1000
MAX_ID = 2**63 - 1

Id = Annotated[int, Path(ge=1, le=MAX_ID)]
OptionalId = Annotated[int | None, Query(ge=1, le=MAX_ID)]
Text = Annotated[str | None, Query(max_length=1000)]
QueryText = Annotated[str | None, Query(max_length=1000, description="words and conditions such as year:1990-1999")]
Sort = Annotated[str | None, Query(max_length=50, description="a field such as title, or with :desc")]


@router.get("/tracks", responses=returns_list("TrackRowRecord"))
def tracks(
    library: LibraryOf,
    query: QueryText = None,
    sort: Sort = None,
    genre: Text = None,
    tagged_genre: Text = None,
    artist: OptionalId = None,
    album: OptionalId = None,
    limit: Annotated[int, Query(ge=1, le=MAX_IDS)] = 100,
    cursor: OptionalId = None,
    ids: Annotated[str | None, Query(pattern=r"^\d{1,18}(,\d{1,18})*$", description="ids, with commas")] = None,
) -> RecordResponse:
    """Tracks that match a query, or those of some ids in their order; unknown ids are left out."""
    if ids is not None:
        wanted = [int(each) for each in ids.split(",")]
        if len(wanted) > MAX_IDS:
            raise InvalidRequest(f"must be at most {MAX_IDS}, got {len(wanted)}", field="ids")
        return RecordResponse(page_of(library.track_rows(wanted)))
    try:
        found = library.tracks(
            query, genre=genre, tagged_genre=tagged_genre, artist=artist, album=album, sort=sort,
            limit=limit + 1, after=cursor,
        )  # fmt: skip
    except NotFound:
        if artist is not None or album is not None:
            raise
        return RecordResponse(page_of([]))
    shown = [track.id for track in found[:limit]]
    return RecordResponse(page_of(library.track_rows(shown), next=shown[-1] if len(found) > limit else None))


@router.get(
    "/tracks/spelling",
    responses=returns_values(query={"type": ["string", "null"], "description": "null where nothing is to correct"}),
)
def spelling(library: LibraryOf, query: Annotated[str, Query(max_length=1000)]) -> RecordResponse:
    """A query whose mistyped words are replaced by the nearest ones of the library."""
    return RecordResponse({"query": library.corrected_query(query)})


@router.get("/tracks/ids", responses=returns_values(ids={"type": "array", "items": {"type": "integer"}}))
def track_ids(
    library: LibraryOf,
    query: QueryText = None,
    sort: Sort = None,
    genre: Text = None,
    tagged_genre: Text = None,
    artist: OptionalId = None,
    album: OptionalId = None,
) -> RecordResponse:
    """The ids of all tracks that match a query, in order: for a list whose rows are read as they come into view."""
    found = library.track_ids(
        query, genre=genre, tagged_genre=tagged_genre, artist=artist, album=album, sort=sort
    )  # fmt: skip
    return RecordResponse({"ids": found})


@router.get("/tracks/{id}", responses=returns("TrackDetailsRecord"))
def track(library: LibraryOf, id: Id) -> RecordResponse:
    """Everything that is stored of a track."""
    return RecordResponse(library.details(id))
