"""What is similar: to tracks, albums and artists, and the way from one track to another."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from recsys import Library, Track
from recsys.web.api.tracks import MAX_ID, Id
from recsys.web.records import RecordResponse, returns
from recsys.web.state import FilterOf, LibraryOf

router = APIRouter(tags=["recommendations"])
MAX_SEEDS = 1000

TrackId = Annotated[int, Field(ge=1, le=MAX_ID)]
Ids = Annotated[list[TrackId], Query(max_length=MAX_SEEDS)]
Count = Annotated[int, Query(ge=1, le=1000)]
PerArtist = Annotated[int, Query(ge=0, le=1000, description="tracks of one artist; 0 is no limit")]
Seconds = Annotated[float, Query(ge=0, le=1e6, description="seconds; 0 is no limit")]
NO_IDS: list[int] = []


@router.get("/tracks/{id}/similar", responses=returns("PlaylistRecord"))
def similar_to_track(
    library: LibraryOf, id: Id, filter: FilterOf, n: Count = 25, max_per_artist: PerArtist = 2, explain: bool = False
) -> RecordResponse:
    """The tracks most similar to one, most similar first."""
    found = library.similar(id, n=n, filter=filter, max_per_artist=max_per_artist, explain=explain)
    return RecordResponse(found.to_dict())


@router.get("/similar", responses=returns("PlaylistRecord"))
def similar(
    library: LibraryOf,
    filter: FilterOf,
    seed: Ids = NO_IDS,
    album: Ids = NO_IDS,
    artist: Ids = NO_IDS,
    minus: Ids = NO_IDS,
    minus_album: Ids = NO_IDS,
    minus_artist: Ids = NO_IDS,
    n: Count = 25,
    max_per_artist: PerArtist = 2,
    min_duration: Seconds = 0.0,
    max_duration: Seconds = 0.0,
    explain: bool = False,
) -> RecordResponse:
    """The tracks most similar to some tracks, albums and artists together, without those near the minus seeds."""
    found = library.similar(
        *seed, *_tracks_of(library, album, artist), n=n, filter=filter, max_per_artist=max_per_artist,
        min_duration=min_duration, max_duration=max_duration, explain=explain, not_like=minus,
        not_like_albums=[str(each) for each in minus_album], not_like_artists=[str(each) for each in minus_artist],
    )  # fmt: skip
    return RecordResponse(found.to_dict())


@router.get("/path", responses=returns("PlaylistRecord"))
def path(
    library: LibraryOf,
    filter: FilterOf,
    start: Annotated[int, Query(ge=1, le=MAX_ID)],
    end: Annotated[int, Query(ge=1, le=MAX_ID)],
    n: Annotated[int, Query(ge=2, le=500)] = 12,
    max_per_artist: PerArtist = 2,
) -> RecordResponse:
    """Tracks from one track to another, in steps of similarity that are as even as possible."""
    found = library.path(start, end, n=n, filter=filter, max_per_artist=max_per_artist)
    return RecordResponse(found.to_dict())


def _tracks_of(library: Library, albums: list[int], artists: list[int]) -> list[Track]:
    found = [track for album in albums for track in library.tracks(album=album)]
    return found + [track for artist in artists for track in library.tracks(artist=artist)]
