"""The map of the library: its revision, genres and labels, and its points as columns."""

import gzip
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from recsys.errors import NotFound
from recsys.web.map_maker import MapProgress
from recsys.web.ranges import has_etag
from recsys.web.records import RecordResponse, returns_values
from recsys.web.state import LibraryOf, StateOf

router = APIRouter(tags=["map"])

_WAIT = 1.0  # seconds; a map that takes longer is made in the background
_IMMUTABLE = "private, max-age=31536000, immutable"
_PROGRESS = {
    "type": "object",
    "properties": {"progress": {"type": "number", "minimum": 0, "maximum": 1}},
    "required": ["progress"],
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    **returns_values(
        revision={"type": "string", "description": "changes with the points"},
        count={"type": "integer", "description": "points"},
        genres={"type": "array", "items": {"type": "string"}, "description": "the genres that points refer to"},
        labels={"type": "array", "items": {"$ref": "#/components/schemas/MapLabelRecord"}},
        points={"type": "string", "description": "the address of the points, below the base path"},
    ),
    202: {"description": "the map is being made; ask again", "content": {"application/json": {"schema": _PROGRESS}}},
}
_POINTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "columns, little endian, one after the other: int32 id, float32 x, float32 y, uint16 year (0 is "
        "none), float32 BPM (NaN), float32 loudness in LUFS (NaN), uint16 genre (65535)",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    },
    304: {"description": "they have not changed"},
}


@router.get("/map", responses=_ANSWERS)
def library_map(state: StateOf, library: LibraryOf) -> Response:
    """The map of all present tracks; while it is made for the first time, how much of it is done."""
    found = state.maps.latest(library, wait=_WAIT)
    if isinstance(found, MapProgress):
        return RecordResponse(
            {"progress": round(found.done, 3)}, 202, {"Retry-After": "1", "Cache-Control": "no-store"}
        )
    return RecordResponse({**found.to_dict(), "points": f"api/v1/map/points?revision={found.revision}"})


@router.get("/map/points", response_class=Response, responses=_POINTS)
def points(request: Request, state: StateOf, revision: Annotated[str, Query(pattern="^[0-9a-f]{16}$")]) -> Response:
    """The points of a map, which never change for one revision."""
    columns = state.maps.columns(revision)
    if columns is None:
        raise NotFound(f"there is no map of the revision {revision}")
    headers = {"ETag": f'"{revision}"', "Cache-Control": _IMMUTABLE, "Vary": "Accept-Encoding"}
    if has_etag(request.headers, headers["ETag"]):
        return Response(None, 304, headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
    else:
        columns = gzip.decompress(columns)
    return Response(columns, 200, headers, "application/octet-stream")
