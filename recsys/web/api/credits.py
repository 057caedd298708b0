"""Artists, albums and genres, as the tags of the files name them."""

from typing import Annotated

from fastapi import APIRouter, Query

from recsys.web.api.tracks import Id, OptionalId, QueryText
from recsys.web.records import RecordResponse, page_of, returns, returns_list, returns_values
from recsys.web.state import LibraryOf

router = APIRouter(tags=["artists, albums, genres"])

Limit = Annotated[int, Query(ge=1, le=1000)]
Offset = Annotated[int, Query(ge=0, le=10_000_000)]
Count = Annotated[int, Query(ge=1, le=100)]
COUNTS = returns_values(
    items={
        "type": "array",
        "items": {
            "type": "object", "properties": {"name": {"type": "string"}, "tracks": {"type": "integer"}},
            "required": ["name", "tracks"],
        },
    },
    next={"type": "null"},
)  # fmt: skip
NAMES = returns_values(items={"type": "array", "items": {"type": "string"}}, next={"type": "null"})


@router.get("/artists", responses=returns_list("ArtistRecord"))
def artists(library: LibraryOf, query: QueryText = None, limit: Limit = 100, cursor: Offset = 0) -> RecordResponse:
    """Artists whose name has every word of a query, by name."""
    found = library.artists(query)
    next = cursor + limit if cursor + limit < len(found) else None
    return RecordResponse(page_of((each.to_dict() for each in found[cursor : cursor + limit]), next=next))


@router.get("/artists/{id}", responses=returns("ArtistRecord"))
def artist(library: LibraryOf, id: Id) -> RecordResponse:
    """One artist."""
    return RecordResponse(library.artist(id).to_dict())


@router.get("/artists/{id}/similar", responses=returns_list("SimilarArtistRecord"))
def similar_artists(library: LibraryOf, id: Id, n: Count = 12) -> RecordResponse:
    """The artists most similar to one, by all their tracks."""
    return RecordResponse(page_of(each.to_dict() for each in library.similar_artists(id, n=n)))


@router.get("/albums", responses=returns_list("AlbumRecord"))
def albums(
    library: LibraryOf, query: QueryText = None, artist: OptionalId = None, limit: Limit = 100, cursor: Offset = 0
) -> RecordResponse:
    """Albums whose artist, title and year have every word of a query, or on which an artist is."""
    found = library.albums(query)
    if artist is not None:
        wanted = {track.album_id for track in library.tracks(artist=artist)}
        found = [each for each in found if each.id in wanted]
    next = cursor + limit if cursor + limit < len(found) else None
    return RecordResponse(page_of((each.to_dict() for each in found[cursor : cursor + limit]), next=next))


@router.get("/albums/{id}", responses=returns("AlbumRecord"))
def album(library: LibraryOf, id: Id) -> RecordResponse:
    """One album."""
    return RecordResponse(library.album(id).to_dict())


@router.get("/albums/{id}/similar", responses=returns_list("SimilarAlbumRecord"))
def similar_albums(library: LibraryOf, id: Id, n: Count = 12) -> RecordResponse:
    """The albums most similar to one, by all their tracks."""
    return RecordResponse(page_of(each.to_dict() for each in library.similar_albums(id, n=n)))


@router.get("/genres", responses=COUNTS)
def genres(library: LibraryOf) -> RecordResponse:
    """The predicted genres with their numbers of tracks, most frequent first."""
    found = library.genres()
    return RecordResponse(page_of({"name": name, "tracks": n} for name, n in found.items()))


@router.get("/tagged-genres", responses=returns_list("GenreRecord"))
def tagged_genres(library: LibraryOf) -> RecordResponse:
    """The genres in the tags of the files, most frequent first."""
    return RecordResponse(page_of(each.to_dict() for each in library.tagged_genres()))


@router.get("/tags", responses=NAMES)
def tags(library: LibraryOf) -> RecordResponse:
    """The names of tags that a filter can have."""
    return RecordResponse(page_of(library.complete("", kind="tag", limit=1000)))


@router.get("/moods", responses=NAMES)
def moods(library: LibraryOf) -> RecordResponse:
    """The words of mood that a filter can have."""
    return RecordResponse(page_of(library.complete("", kind="mood", limit=1000)))
