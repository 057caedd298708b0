"""Audio, covers and waveforms, by ids."""

import os
from typing import Any

from fastapi import APIRouter, Request, Response

from recsys import MediaFile
from recsys.web.api.tracks import Id
from recsys.web.media_response import MediaResponse, pieces_of
from recsys.web.problems import CODES, problem, respond
from recsys.web.ranges import FileState, choose_part
from recsys.web.state import LibraryOf

router = APIRouter(tags=["media"])

_BINARY = {"schema": {"type": "string", "format": "binary"}}
AUDIO: dict[int | str, dict[str, Any]] = {
    200: {"description": "the audio", "content": {"audio/*": _BINARY}},
    206: {"description": "a part of it", "content": {"audio/*": _BINARY}},
    304: {"description": "it has not changed"},
}


@router.api_route("/audio/{id}", methods=["GET", "HEAD"], response_class=Response, responses=AUDIO)
def audio(request: Request, library: LibraryOf, id: Id) -> Response:
    """The file of a track."""
    return send_file(request, library.media.file(id), "application/octet-stream")


def send_file(request: Request, found: MediaFile, default_type: str) -> Response:
    """The file, or the part of it that a request is for."""
    file = found.open()
    status = os.fstat(file.fileno())
    state = FileState(status.st_size, status.st_mtime_ns, status.st_ino)
    part = choose_part(request.method, request.headers, state)
    headers = {
        "Accept-Ranges": "bytes", "ETag": state.etag, "Last-Modified": state.last_modified,
        "Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    if part.status == 206:
        headers["Content-Range"] = f"bytes {part.start}-{part.start + part.length - 1}/{state.size}"
    if part.status == 416:
        file.close()
        wrong = problem(416, CODES[416], f"the file has {state.size} bytes", field="Range")
        return respond(wrong, {"Content-Range": f"bytes */{state.size}"})
    if part.status == 304 or request.method == "HEAD":
        file.close()
        if request.method == "HEAD" and part.status == 200:
            headers["Content-Length"] = str(state.size)
        return Response(None, part.status, headers, found.media_type or default_type)
    headers["Content-Length"] = str(part.length)
    return MediaResponse(
        pieces_of(file, part.start, part.length), file.close,
        status_code=part.status, headers=headers, media_type=found.media_type or default_type,
    )  # fmt: skip
