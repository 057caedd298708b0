"""Calls for audio and covers.

A file is sent as it is unless the player asks for another format, for a lower bit rate, or to begin inside it; then it
is transcoded while it is sent. A player that asks for ranges of a file gets them; of what is transcoded there are none.
"""

import math
import os
from collections.abc import Generator
from pathlib import PurePath
from typing import Literal
from urllib.parse import quote

from anyio import to_thread
from starlette.responses import Response

from recsys import Library, MediaFile, Picture
from recsys.errors import NoCover
from recsys.web.api.media import DECODING, READING, TooManyTranscodings, limiter_of, send_file, send_picture
from recsys.web.api.media import send_transcoded as send
from recsys.web.subsonic.answers import ANY_ORIGIN
from recsys.web.subsonic.call import Call, Handler
from recsys.web.subsonic.errors import Code, SubsonicError
from recsys.web.subsonic.ids import read_id
from recsys.web.subsonic.records import CONTENT_TYPES

Encoding = Literal["mp3", "ogg"]

MEDIA_TYPES: dict[Encoding, str] = {"mp3": "audio/mpeg", "ogg": 'audio/ogg; codecs="opus"'}
_FORMATS: dict[str, Encoding] = {"mp3": "mp3", "opus": "ogg", "ogg": "ogg", "oga": "ogg"}
_OTHER: Encoding = "mp3"
"""What a player gets that asks for a format which is not made here: every player has it."""

_CONSTANT: Encoding = "mp3"
"""Each second of it has as many bytes, so that its length can be stated before it is made."""
_ENOUGH = 256_000  # bits per second of it without a limit
_ZEROS = 1 << 16  # bytes at a time
_MARGIN = 0.25  # seconds by which what is encoded may be longer than the track

_HEADERS = {"Accept-Ranges": "none", "Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
_EXPOSED = {**ANY_ORIGIN, "Access-Control-Expose-Headers": "*"}


async def stream(call: Call) -> Response:
    """The audio of a song: its file, or parts of it, or transcoded."""
    found, is_raw = await _locate(call), call.parameters.text("format") == "raw"
    start = 0.0 if is_raw else call.parameters.number("timeOffset", 0.0)
    limit = None if is_raw else 1000 * call.parameters.integer("maxBitRate", 0, maximum=10_000) or None
    encoding = None if is_raw else await to_thread.run_sync(_choose, call, found, limit)
    if encoding is None and start == 0:
        return await _send_file(call, found)
    return await _send_transcoded(call, found, encoding or _like(found), start, limit)


async def download(call: Call) -> Response:
    """The file of a song, as it is."""
    found = await _locate(call)
    response = await _send_file(call, found)
    name = quote(PurePath(found.path).name.encode("utf-8", "replace"), safe="")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


async def cover(call: Call) -> Response:
    """The cover of a song, album, artist or playlist; one of two colours for what has none."""
    id = call.parameters.required("id")
    size = call.parameters.integer("size", 0, maximum=10_000) or None
    picture = await to_thread.run_sync(_cover, call, id, size, limiter=limiter_of(DECODING))
    return _exposed(send_picture(call.request, picture))


def hls(call: Call) -> Response:
    """Segments of audio are not made here."""
    raise SubsonicError(Code.NOT_FOUND, "there is no HLS here; use stream")


def _cover(call: Call, id: str, size: int | None) -> Picture:
    media = call.library.media
    kind, number = read_id(id, "tr", "al", "ar", "pl")
    find = {"tr": media.cover, "al": media.album_cover, "ar": media.artist_cover, "pl": media.playlist_cover}[kind]
    try:
        return find(number, size)
    except NoCover:  # players in a browser show an answer that is no picture as a broken one
        return media.generated_cover(id, size)


async def _locate(call: Call) -> MediaFile:
    _, number = read_id(call.parameters.required("id"), "tr")
    return await to_thread.run_sync(call.library.media.file, number, limiter=limiter_of(READING))


def _choose(call: Call, found: MediaFile, limit: int | None) -> Encoding | None:
    """The encoding that a player asks for; None for the file as it is."""
    wanted = (call.parameters.text("format") or "").lower()
    is_other = bool(wanted) and wanted not in (found.codec, PurePath(found.path).suffix[1:].lower())
    if not is_other and (limit is None or _bit_rate(call.library, found) <= limit):
        return None
    return _FORMATS.get(wanted, _OTHER) if wanted else _like(found)


def _bit_rate(library: Library, found: MediaFile) -> float:
    """In bits per second; of a file whose container does not have it, from its size."""
    [track] = library.tracks_by_id([found.track_id])
    if track.bit_rate:
        return track.bit_rate
    with found.open() as file:
        return 8 * file.seek(0, os.SEEK_END) / max(found.duration, 1.0)


def _like(found: MediaFile) -> Encoding:
    """The encoding that a player has which has that of the file."""
    return "ogg" if found.codec == "opus" else _OTHER


async def _send_file(call: Call, found: MediaFile) -> Response:
    suffix = PurePath(found.path).suffix[1:].lower()
    media_type = found.media_type or CONTENT_TYPES.get(suffix) or f"audio/x-{suffix if suffix.isascii() else 'other'}"
    reading = limiter_of(READING)
    return _exposed(await to_thread.run_sync(send_file, call.request, found, media_type, reading, limiter=reading))


async def _send_transcoded(
    call: Call, found: MediaFile, encoding: Encoding, start: float, limit: int | None
) -> Response:
    headers, length, media = {**_HEADERS, **_EXPOSED}, None, call.library.media
    if encoding == _CONSTANT and call.parameters.boolean("estimateContentLength", False):
        limit = media.bit_rate_within(encoding, limit or _ENOUGH)
        length = math.ceil((max(0.0, found.duration - start) + _MARGIN) * limit / 8)
        headers["Content-Length"] = str(length)
    if call.request.method == "HEAD":
        return Response(None, 200, headers, MEDIA_TYPES[encoding])
    pieces = media.transcode(found.track_id, encoding, start=start, max_bit_rate=limit)
    try:
        return await send(pieces if length is None else exactly(pieces, length), MEDIA_TYPES[encoding], headers)
    except TooManyTranscodings as error:
        raise SubsonicError(Code.GENERIC, str(error), status=503) from error


def exactly(pieces: Generator[bytes], length: int) -> Generator[bytes]:
    """So many bytes: what pieces have more is left out, and zeros follow what has less, which decoders skip.

    >>> b"".join(exactly((piece for piece in (b"ab", b"cd")), 3)), b"".join(exactly((each for each in (b"a",)), 3))
    (b'abc', b'a\\x00\\x00')
    """
    try:
        for piece in pieces:
            yield piece[:length]
            length -= len(piece)
            if length <= 0:
                return
        while length > 0:  # the whole of a long track, if its file ends early, is too much for the memory
            yield bytes(min(length, _ZEROS))
            length -= _ZEROS
    finally:
        pieces.close()


def _exposed(response: Response) -> Response:
    """The answer with the headers that let pages of other origins read it."""
    response.headers.update(_EXPOSED)
    return response


CALLS: dict[str, Handler] = {"stream": stream, "download": download, "getCoverArt": cover, "hls": hls}
