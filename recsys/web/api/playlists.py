"""Playlists: from a request, and any list of tracks as a file for players."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from recsys import Library, Playlist, PlaylistRequest
from recsys.errors import InvalidRequest, RecsysError
from recsys.web.api.bodies import Nothing
from recsys.web.api.tracks import MAX_ID, Id
from recsys.web.records import RecordResponse, page_of, returns, returns_list
from recsys.web.state import LibraryOf

if TYPE_CHECKING:
    from recsys import SavedPlaylist

router = APIRouter(tags=["playlists"])
MAX_TRACKS = 100_000

TrackId = Annotated[int, Field(ge=1, le=MAX_ID)]
Ids = Annotated[list[TrackId], Field(max_length=MAX_TRACKS)]
Format = Literal["m3u8", "xspf", "jspf", "paths", "json"]
MEDIA_TYPES: dict[Format, str] = {
    "m3u8": "audio/x-mpegurl; charset=utf-8", "xspf": "application/xspf+xml", "jspf": "application/json",
    "paths": "text/plain; charset=utf-8", "json": "application/json",
}  # fmt: skip
LENGTH: dict[str, dict[str, Any]] = {
    "n_tracks": {"type": "integer"}, "duration": {"type": "number", "description": "seconds"},
}  # fmt: skip
TRACKS: dict[str, Any] = {"type": "array", "items": {"$ref": "#/components/schemas/TrackRowRecord"}}
SUFFIXES: dict[Format, str] = {"m3u8": "m3u8", "xspf": "xspf", "jspf": "jspf", "paths": "txt", "json": "json"}


class PreviewBody(BaseModel, extra="forbid"):
    """The fields of a request for a playlist; those that are absent have their defaults."""

    request: dict[str, Any] = Field(default_factory=dict)


class ExportBody(BaseModel, extra="forbid"):
    """A list of tracks to write as a file."""

    track_ids: Ids
    name: str = Field(default="Playlist", max_length=200)
    format: Format = "m3u8"


def parse_request(values: dict[str, Any]) -> PlaylistRequest:
    """The request of a body.

    Raises
    ------
    InvalidRequest
        A field is unknown or has another type.
    """
    try:
        return PlaylistRequest.from_dict(values)
    except (TypeError, AttributeError) as error:
        raise InvalidRequest("has a value of another type than a playlist needs", field="request") from error


@router.post("/playlists/preview", responses=returns("PlaylistRecord"))
def preview(library: LibraryOf, body: PreviewBody) -> RecordResponse:
    """The playlist of a request; nothing is stored."""
    return RecordResponse(library.playlist(parse_request(body.request)).to_dict())


class NewPlaylist(BaseModel, extra="forbid"):
    """A playlist to keep: fixed tracks, or with a request that it can be made anew by."""

    name: str = Field(min_length=1, max_length=100)
    track_ids: Ids | None = None
    request: dict[str, Any] | None = None


class PlaylistChange(BaseModel, extra="forbid"):
    """What changes of a playlist; what is absent stays."""

    name: str | None = Field(default=None, min_length=1, max_length=100)
    track_ids: Ids | None = None
    request: dict[str, Any] | None = None


class Continuation(BaseModel, extra="forbid"):
    """Tracks that a list is continued after."""

    track_ids: Annotated[list[TrackId], Field(min_length=1, max_length=MAX_TRACKS)]
    n: int = Field(default=10, ge=1, le=500)


@router.get("/playlists", responses=returns_list("SavedPlaylistRecord", **LENGTH))
def playlists(library: LibraryOf) -> RecordResponse:
    """All saved playlists, by name, with their lengths."""
    lengths = library.playlists.lengths()
    return RecordResponse(page_of(_summary(saved, lengths) for saved in library.playlists.list()))


@router.post("/playlists", status_code=201, responses=returns("SavedPlaylistRecord", status=201, tracks=TRACKS))
def add_playlist(library: LibraryOf, body: NewPlaylist) -> RecordResponse:
    """Keep a playlist; without track ids its request makes them."""
    request = None if body.request is None else parse_request(body.request)
    tracks = body.track_ids
    if tracks is None:
        if request is None:
            raise InvalidRequest("must be given, or a request", field="track_ids")
        tracks = [track.id for track in library.playlist(request)]
    return _contents(library, library.playlists.add(body.name, tracks, request=request).id, status=201)


@router.get("/playlists/{id}", responses=returns("SavedPlaylistRecord", tracks=TRACKS))
def playlist(library: LibraryOf, id: Id) -> RecordResponse:
    """A saved playlist with its tracks."""
    return _contents(library, id)


@router.put("/playlists/{id}", responses=returns("SavedPlaylistRecord", tracks=TRACKS))
def change_playlist(library: LibraryOf, id: Id, body: PlaylistChange) -> RecordResponse:
    """Change the name, the tracks or the request of a saved playlist."""
    request = None if body.request is None else parse_request(body.request)
    library.playlists.change(id, name=body.name, tracks=body.track_ids, request=request)
    return _contents(library, id)


@router.delete("/playlists/{id}", status_code=204)
def remove_playlist(library: LibraryOf, id: Id) -> Response:
    """Remove a saved playlist; its file, if it has one, is kept."""
    library.playlists.remove(id)
    return Response(status_code=204)


@router.post("/playlists/{id}/refresh", responses=returns("SavedPlaylistRecord", tracks=TRACKS))
def refresh_playlist(library: LibraryOf, id: Id, body: Nothing) -> RecordResponse:
    """Make a saved playlist anew from its request, and write its file if it has one."""
    [refreshed] = library.playlists.refresh([library.playlists.find(id).name])
    if refreshed.playlist is None:
        raise RecsysError(f"the playlist cannot be made: {refreshed.error}")
    return _contents(library, id)


@router.post("/playlists/extend", responses=returns("PlaylistRecord"))
def extend(library: LibraryOf, body: Continuation) -> RecordResponse:
    """The tracks that continue a list: similar to it, and none that it has."""
    request = PlaylistRequest(n=body.n, seeds=[str(each) for each in body.track_ids])
    return RecordResponse(library.playlist(request).to_dict())


@router.get("/playlists/{id}/export", response_class=Response)
def export_playlist(library: LibraryOf, id: Id, format: Format = "m3u8") -> Response:
    """A saved playlist as a file for players."""
    found = library.playlists.tracks(id)
    return file_of(library.playlists.render(found, format), found.name, format)


@router.post("/export", response_class=Response)
def export(library: LibraryOf, body: ExportBody) -> Response:
    """A list of tracks as a file for players."""
    playlist = Playlist(name=body.name, tracks=tuple(library.tracks_by_id(body.track_ids)))
    return file_of(library.playlists.render(playlist, body.format), body.name, body.format)


def file_of(data: bytes, name: str, format: Format) -> Response:
    """A playlist file as an answer that a browser stores under the name of the playlist."""
    file_name = quote(f"{name.replace('/', '-') or 'Playlist'}.{SUFFIXES[format]}", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{file_name}"}
    return Response(data, media_type=MEDIA_TYPES[format], headers=headers)


def _summary(saved: "SavedPlaylist", lengths: Mapping[int, tuple[int, float]]) -> dict[str, Any]:
    n, seconds = lengths.get(saved.id, (0, 0.0))
    return {**saved.to_dict(), "n_tracks": n, "duration": round(seconds, 4)}


def _contents(library: Library, id: int, *, status: int = 200) -> RecordResponse:
    rows = library.track_rows([track.id for track in library.playlists.tracks(id)])
    return RecordResponse({**library.playlists.find(id).to_dict(), "tracks": rows}, status_code=status)
