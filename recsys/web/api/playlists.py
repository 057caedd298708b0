"""Playlists: from a request, and any list of tracks as a file for players."""

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from recsys import Playlist, PlaylistRequest
from recsys.errors import InvalidRequest
from recsys.web.records import RecordResponse, returns
from recsys.web.state import LibraryOf

router = APIRouter(tags=["playlists"])
MAX_TRACKS = 100_000

Ids = Annotated[list[int], Field(max_length=MAX_TRACKS)]
Format = Literal["m3u8", "xspf", "jspf", "paths", "json"]
MEDIA_TYPES: dict[Format, str] = {
    "m3u8": "audio/x-mpegurl; charset=utf-8", "xspf": "application/xspf+xml", "jspf": "application/json",
    "paths": "text/plain; charset=utf-8", "json": "application/json",
}  # fmt: skip
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
