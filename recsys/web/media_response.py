"""Answers that are streamed piece by piece, and release what they read from when they end or the client goes away."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from io import FileIO

from anyio import CapacityLimiter, to_thread
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

CHUNK = 1 << 15
"""Bytes of a file that are read at once: with twice as many, 200 streams take twice the memory."""


class MediaResponse(StreamingResponse):
    """Pieces that an iterator reads or computes in a thread, one only after the client has taken the one before.

    Parameters
    ----------
    pieces : iterator of bytes
        Ends with the answer.
    close : callable
        Called once at the end, also where nothing was sent.
    limiter : CapacityLimiter or None
        Of the threads that may compute at once; None: that of all routes.
    """

    def __init__(
        self,
        pieces: Iterator[bytes],
        close: Callable[[], None],
        *,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        limiter: CapacityLimiter | None = None,
    ) -> None:
        super().__init__(_in_threads(pieces, limiter), status_code, headers, media_type)
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, and release what it is read from."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._close()


def pieces_of(file: FileIO, start: int, length: int) -> Iterator[bytes]:
    """The bytes of a file from ``start``; fewer than ``length`` if it is truncated meanwhile, never more."""
    file.seek(start)
    while length > 0 and (piece := file.read(min(CHUNK, length))):
        length -= len(piece)
        yield piece


async def _in_threads(pieces: Iterator[bytes], limiter: CapacityLimiter | None) -> AsyncIterator[bytes]:
    while piece := await to_thread.run_sync(next, pieces, b"", limiter=limiter):
        yield piece
