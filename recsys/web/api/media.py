"""Audio, covers and waveforms, by ids."""

import os
from collections.abc import Generator
from itertools import chain
from typing import Annotated, Any, Literal

from anyio import CapacityLimiter, Semaphore, WouldBlock, to_thread
from anyio.lowlevel import RunVar
from fastapi import APIRouter, Query, Request, Response

from recsys import MediaFile, Picture
from recsys.errors import RecsysError, pluralise
from recsys.web.api.tracks import Id
from recsys.web.media_response import MediaResponse, pieces_of
from recsys.web.problems import CODES, problem, respond
from recsys.web.ranges import FileState, choose_part, has_etag
from recsys.web.records import RecordResponse, returns_values
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
PEAKS = {"type": "array", "items": {"type": "number", "minimum": 0, "maximum": 1}}
Size = Annotated[int | None, Query(ge=1, le=10_000, description="pixels; absent: the picture itself")]

Encoding = Literal["opus", "mp3", "flac"]
TYPES: dict[Encoding, str] = {
    "opus": 'audio/webm; codecs="opus"', "mp3": "audio/mpeg", "flac": 'audio/mp4; codecs="flac"',
}  # fmt: skip
Transcode = Annotated[Encoding | None, Query(description="absent: only what browsers do not play")]
Start = Annotated[float, Query(ge=0, le=10_000_000, allow_inf_nan=False, description="seconds; transcodes")]

# How many threads of one event loop may do what at once, so that other answers get a processor, and a thread where a
# disk is slow.
READING: RunVar[CapacityLimiter] = RunVar("recsys.media.reading")
DECODING: RunVar[CapacityLimiter] = RunVar("recsys.media.decoding")
_TRANSCODING: RunVar[CapacityLimiter] = RunVar("recsys.media.transcoding")
_OPEN: RunVar[Semaphore] = RunVar("recsys.media.open")
_MAX_OPEN = 24  # transcodings that have begun, of 5 MB each, however slowly their clients read
_MOST = {READING: 12, DECODING: 2, _TRANSCODING: 2}


class TooManyTranscodings(RecsysError):
    """As many tracks as permitted are transcoded at the moment."""

    code = "too_many_requests"


@router.head("/audio/{id}", include_in_schema=False)
@router.get("/audio/{id}", response_class=Response, responses=AUDIO)
async def audio(
    request: Request, library: LibraryOf, id: Id, transcode: Transcode = None, start: Start = 0.0
) -> Response:
    """The file of a track, or parts of it, where browsers play it; else it is transcoded while it is sent."""
    reading = limiter_of(READING)
    found = await to_thread.run_sync(library.media.file, id, limiter=reading)
    accepted = request.headers.get("accept", "*/*")
    if transcode is None and start == 0 and found.media_type and accepts(accepted, found.media_type):
        return await to_thread.run_sync(send_file, request, found, found.media_type, reading, limiter=reading)
    plays_mp3_alone = accepts(accepted, TYPES["mp3"]) and not accepts(accepted, TYPES["opus"])
    encoding: Encoding = transcode or ("mp3" if plays_mp3_alone else "opus")
    headers = {"Accept-Ranges": "none", "Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    if request.method == "HEAD":
        return Response(None, 200, headers, TYPES[encoding])
    return await send_transcoded(library.media.transcode(id, encoding, start=start), TYPES[encoding], headers)


async def send_transcoded(pieces: Generator[bytes], media_type: str, headers: dict[str, str]) -> Response:
    """Pieces as they are encoded; the first one before the answer begins, so that an error has its status."""
    limiter, slots = limiter_of(_TRANSCODING), slots_of(_OPEN)
    try:
        slots.acquire_nowait()
    except WouldBlock:
        raise TooManyTranscodings(f"{_MAX_OPEN} tracks are being transcoded; try again later") from None

    def close() -> None:
        pieces.close()
        slots.release()

    try:
        first = await to_thread.run_sync(next, pieces, b"", limiter=limiter)
    except BaseException:
        close()
        raise
    return MediaResponse(chain((first,), pieces), close, headers=headers, media_type=media_type, limiter=limiter)


def accepts(header: str, media_type: str) -> bool:
    """Whether a header ``Accept`` has a media type.

    >>> accepts("audio/webm,audio/*;q=0.9", "audio/flac"), accepts("audio/mpeg", "audio/flac")
    (True, False)
    """
    wanted = {"*/*", "audio/*", media_type.partition(";")[0]}
    parts = (part.replace(" ", "").lower().partition(";") for part in header.split(","))
    return any(kind in wanted and weight not in ("q=0", "q=0.0") for kind, _, weight in parts)


@router.head("/cover/{id}", include_in_schema=False)
@router.get("/cover/{id}", response_class=Response, responses=PICTURE)
async def cover(request: Request, library: LibraryOf, id: Id, size: Size = None) -> Response:
    """The cover of a track, embedded in its file or in its folder; a thumbnail of at least a size, or the original."""
    limiter = limiter_of(DECODING)
    return send_picture(request, await to_thread.run_sync(library.media.cover, id, size, limiter=limiter))


@router.head("/cover/album/{id}", include_in_schema=False)
@router.get("/cover/album/{id}", response_class=Response, responses=PICTURE)
async def album_cover(request: Request, library: LibraryOf, id: Id, size: Size = None) -> Response:
    """The cover of an album: that of its first track that has one."""
    limiter = limiter_of(DECODING)
    return send_picture(request, await to_thread.run_sync(library.media.album_cover, id, size, limiter=limiter))


@router.get("/peaks/{id}", responses=returns_values(peaks=PEAKS, duration={"type": "number"}))
async def peaks(library: LibraryOf, id: Id, n: Annotated[int, Query(ge=1, le=2000)] = 800) -> RecordResponse:
    """The waveform of a track: the largest amplitude of each of ``n`` equal stretches, and its duration in seconds."""
    limiter = limiter_of(DECODING)
    found = await to_thread.run_sync(library.media.waveform, id, n, limiter=limiter)
    return RecordResponse({"peaks": [round(peak, 3) for peak in found.peaks], "duration": found.duration})


def limiter_of(variable: RunVar[CapacityLimiter]) -> CapacityLimiter:
    """The limiter in a variable of this event loop."""
    try:
        return variable.get()
    except LookupError:
        variable.set(CapacityLimiter(_MOST[variable]))
        return variable.get()


def slots_of(variable: RunVar[Semaphore]) -> Semaphore:
    """The semaphore in a variable of this event loop."""
    try:
        return variable.get()
    except LookupError:
        variable.set(Semaphore(_MAX_OPEN, max_value=_MAX_OPEN))
        return variable.get()


def send_picture(request: Request, picture: Picture) -> Response:
    """A picture, unless the browser has it already."""
    etag = f'"{picture.digest}"'
    headers = {
        "ETag": etag, "Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    if has_etag(request.headers, etag):
        return Response(None, 304, headers)
    headers["Content-Length"] = str(len(picture.data))
    return Response(b"" if request.method == "HEAD" else picture.data, 200, headers, picture.media_type)


def send_file(request: Request, found: MediaFile, media_type: str, limiter: CapacityLimiter) -> Response:
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
        wrong = problem(416, CODES[416], f"the file has {pluralise(state.size, 'byte')}", field="Range")
        return respond(wrong, {"Content-Range": f"bytes */{state.size}"})
    if part.status == 304 or request.method == "HEAD":
        file.close()
        if request.method == "HEAD" and part.status == 200:
            headers["Content-Length"] = str(state.size)
        return Response(None, part.status, headers, media_type)
    headers["Content-Length"] = str(part.length)
    return MediaResponse(
        pieces_of(file, part.start, part.length), file.close,
        status_code=part.status, headers=headers, media_type=media_type, limiter=limiter,
    )  # fmt: skip
