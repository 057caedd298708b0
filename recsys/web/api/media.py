"""Audio, covers and waveforms, by ids."""

import os
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from fastapi import APIRouter, Query, Request, Response

from recsys import MediaFile, Picture
from recsys.web.api.tracks import Id
from recsys.web.media_response import MediaResponse, pieces_of
from recsys.web.problems import CODES, problem, respond
from recsys.web.ranges import FileState, choose_part, has_etag
from recsys.web.state import LibraryOf

router = APIRouter(tags=["media"])

_BINARY = {"schema": {"type": "string", "format": "binary"}}
AUDIO: dict[int | str, dict[str, Any]] = {
    200: {"description": "the audio", "content": {"audio/*": _BINARY}},
    206: {"description": "a part of it", "content": {"audio/*": _BINARY}},
    304: {"description": "it has not changed"},
}
PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"description": "the picture", "content": {"image/*": _BINARY}},
    304: {"description": "it has not changed"},
}
Size = Annotated[int | None, Query(ge=1, le=10_000, description="pixels; absent: the picture itself")]

_DECODING: RunVar[CapacityLimiter] = RunVar("recsys.media.decoding")
_MAX_DECODING = 2  # pictures and waveforms at once: they need a processor each, and other answers need one too


@router.head("/audio/{id}", include_in_schema=False)
@router.get("/audio/{id}", response_class=Response, responses=AUDIO)
def audio(request: Request, library: LibraryOf, id: Id) -> Response:
    """The file of a track."""
    return send_file(request, library.media.file(id), "application/octet-stream")


@router.head("/cover/{id}", include_in_schema=False)
@router.get("/cover/{id}", response_class=Response, responses=PICTURE)
async def cover(request: Request, library: LibraryOf, id: Id, size: Size = None) -> Response:
    """The cover of a track, embedded in its file or in its folder; a thumbnail of at least a size, or the original."""
    return send_picture(request, await to_thread.run_sync(library.media.cover, id, size, limiter=decoding_limiter()))


@router.head("/cover/album/{id}", include_in_schema=False)
@router.get("/cover/album/{id}", response_class=Response, responses=PICTURE)
async def album_cover(request: Request, library: LibraryOf, id: Id, size: Size = None) -> Response:
    """The cover of an album: that of its first track that has one."""
    found = await to_thread.run_sync(library.media.album_cover, id, size, limiter=decoding_limiter())
    return send_picture(request, found)


def decoding_limiter() -> CapacityLimiter:
    """How many threads may decode at once, in this event loop."""
    try:
        return _DECODING.get()
    except LookupError:
        limiter = CapacityLimiter(_MAX_DECODING)
        _DECODING.set(limiter)
        return limiter


def send_picture(request: Request, picture: Picture) -> Response:
    """A picture, unless the browser has it already."""
    etag = f'"{picture.digest}"'
    headers = {
        "ETag": etag, "Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }  # fmt: skip
    if has_etag(request.headers, etag):
        return Response(None, 304, headers)
    headers["Content-Length"] = str(len(picture.data))
    return Response(b"" if request.method == "HEAD" else picture.data, 200, headers, picture.media_type)


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
