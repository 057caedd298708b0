"""A client of the server's application in the same process, without a socket."""

import asyncio
from typing import Any

import httpx

import recsys
from recsys.web.app import make_app
from recsys.web.options import ServeOptions
from recsys.web.state import ServerState

BASE = "http://127.0.0.1:8765"


class AsgiClient:
    """Requests to the application of a library, one after the other."""

    def __init__(self, library: recsys.Library) -> None:
        self._app = make_app(ServerState(options=ServeOptions(), library=library))

    def get(self, path: str, **headers: str) -> httpx.Response:
        """The answer to a GET request; ``if_range`` is the header ``If-Range``."""
        return self.request("GET", path, **headers)

    def head(self, path: str, **headers: str) -> httpx.Response:
        """The answer to a HEAD request."""
        return self.request("HEAD", path, **headers)

    def request(self, method: str, path: str, **headers: str) -> httpx.Response:
        """The whole answer to a request."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return asyncio.run(self._request(method, path, headers=named))

    async def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self._app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            return await client.request(method, path, **options)
