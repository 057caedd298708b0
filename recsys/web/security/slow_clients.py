"""Connections that send the head of a request slowly, or never.

Uvicorn closes a connection that is idle after a request. Before the first request, and within the head of one, it waits
for ever; enough of such connections would leave none for others.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 10.0


class TimedProtocol(H11Protocol):
    """The protocol of uvicorn, with a time limit for the head of each request."""

    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Start the time of the first head."""
        super().connection_made(transport)
        self._start_timer()

    def data_received(self, data: bytes) -> None:
        """Start the time of a further head with its first byte."""
        if self.cycle is None or self.cycle.response_complete:
            self._start_timer()
        super().data_received(data)

    def handle_events(self) -> None:
        """End the time of a head that is complete, which begins a cycle of request and response."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._stop_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the time of a head that does not come any more."""
        self._stop_timer()
        super().connection_lost(exc)

    def _start_timer(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._close)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _close(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing():
            self.transport.close()
