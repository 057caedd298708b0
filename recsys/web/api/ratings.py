"""Likes, dislikes and stars of tracks, albums and artists."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from recsys.web.api.tracks import Id
from recsys.web.records import RecordResponse, returns, returns_values
from recsys.web.state import LibraryOf

router = APIRouter(tags=["ratings"])


class NewRating(BaseModel, extra="forbid"):
    """A like (1), a dislike (-1), or neither (0)."""

    rating: Literal[1, -1, 0]


class NewStars(BaseModel, extra="forbid"):
    """One to five stars, or none."""

    stars: int | None = Field(ge=1, le=5)


@router.get(
    "/ratings",
    responses=returns_values(
        **{
            f"{rated}{kind}": {"type": "array", "items": {"$ref": f"#/components/schemas/{record}"}}
            for kind, record in (("tracks", "TrackRecord"), ("albums", "AlbumRecord"), ("artists", "ArtistRecord"))
            for rated in ("liked_", "disliked_")
        }
    ),
)
def ratings(library: LibraryOf, kind: Literal["track", "album", "artist"] | None = None) -> RecordResponse:
    """Everything that is liked or disliked, also by its stars, oldest rating first; of one kind, or of all."""
    ratings = library.ratings
    record: dict[str, object] = {}
    for name, read in (("track", ratings.tracks), ("album", ratings.albums.list), ("artist", ratings.artists.list)):
        found = read() if kind in (None, name) else None
        record[f"liked_{name}s"] = [each.to_dict() for each in found.likes] if found else []
        record[f"disliked_{name}s"] = [each.to_dict() for each in found.dislikes] if found else []
    return RecordResponse(record)


@router.put("/tracks/{id}/rating", responses=returns("TrackRecord"))
def rate_track(library: LibraryOf, id: Id, body: NewRating) -> RecordResponse:
    """Like or dislike a track, or remove the like or dislike; stars stay."""
    [track] = library.ratings.set([str(id)], body.rating)
    return RecordResponse(track.to_dict())


@router.put("/tracks/{id}/stars", responses=returns("TrackRecord"))
def rate_track_with_stars(library: LibraryOf, id: Id, body: NewStars) -> RecordResponse:
    """Give a track stars, or remove them."""
    [track] = library.ratings.set_stars([id], body.stars or 0)
    return RecordResponse(track.to_dict())


@router.put("/albums/{id}/rating", responses=returns("AlbumRecord"))
def rate_album(library: LibraryOf, id: Id, body: NewRating) -> RecordResponse:
    """Like or dislike an album."""
    [album] = library.ratings.albums.set([id], body.rating)
    return RecordResponse(album.to_dict())


@router.put("/albums/{id}/stars", responses=returns("AlbumRecord"))
def rate_album_with_stars(library: LibraryOf, id: Id, body: NewStars) -> RecordResponse:
    """Give an album stars, or remove them."""
    [album] = library.ratings.albums.set_stars([id], body.stars or 0)
    return RecordResponse(album.to_dict())


@router.put("/artists/{id}/rating", responses=returns("ArtistRecord"))
def rate_artist(library: LibraryOf, id: Id, body: NewRating) -> RecordResponse:
    """Like or dislike an artist."""
    [artist] = library.ratings.artists.set([id], body.rating)
    return RecordResponse(artist.to_dict())


@router.put("/artists/{id}/stars", responses=returns("ArtistRecord"))
def rate_artist_with_stars(library: LibraryOf, id: Id, body: NewStars) -> RecordResponse:
    """Give an artist stars, or remove them."""
    [artist] = library.ratings.artists.set_stars([id], body.stars or 0)
    return RecordResponse(artist.to_dict())
