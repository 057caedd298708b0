"""A client of the server's application in the same process, without a socket."""

import asyncio
from typing import Any

import httpx
from web_server import make_state

import recsys
from recsys.web.app import make_app

BASE = "http://127.0.0.1:8765"


class AsgiClient:
    """Requests to the application of a library, one after the other."""

    def __init__(self, library: recsys.Library) -> None:
        self._app = make_app(make_state(library))

    def get(self, path: str, **headers: str) -> httpx.Response:
        """The answer to a GET request; ``if_range`` is the header ``If-Range``."""
        return self.request("GET", path, **headers)

    def head(self, path: str, **headers: str) -> httpx.Response:
        """The answer to a HEAD request."""
        return self.request("HEAD", path, **headers)

    def request(self, method: str, path: str, *, json: object = None, **headers: str) -> httpx.Response:
        """The whole answer to a request, with a body as JSON if it is not None."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return asyncio.run(self._request(method, path, headers=named, **({} if json is None else {"json": json})))

    async def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self._app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            return await client.request(method, path, **options)
