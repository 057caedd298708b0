"""A client of the server behind its checks, in the same process, without a socket."""

import asyncio
from collections.abc import AsyncIterable, Mapping
from json import dumps
from pathlib import Path
from typing import Any

import httpx

import recsys
from recsys.web.app import guarded_app
from recsys.web.options import ServeOptions
from recsys.web.security.access import Access
from recsys.web.state import ServerState

BASE = "http://127.0.0.1:8765"
Headers = Mapping[str, str] | list[tuple[str, str]]


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class GuardedClient:
    """Requests to the application of a home folder as the server runs it; each of its own connection.

    ``key`` is sent as a bearer token where it is given; no cookies are kept.
    """

    def __init__(
        self,
        home: Path,
        *,
        address: str = "127.0.0.1",
        key: str | None = None,
        keep_open: bool = False,
        **options: Any,
    ) -> None:
        self.library = recsys.Library(home, keep_open=keep_open)
        self.state = ServerState(options=ServeOptions(**options), library=self.library)
        self.app = guarded_app(self.state)
        self.address = address
        self.key = key

    @property
    def access(self) -> Access:
        return self.state.access

    def request(
        self,
        method: str,
        url: str,
        headers: Headers = (),  # type: ignore[assignment]
        *,
        content: bytes | AsyncIterable[bytes] | None = None,
        json: Any = None,
        address: str | None = None,
    ) -> httpx.Response:
        sent = dict(headers)
        if content is None and json is not None:  # in ASCII, so that it may have half characters
            content, sent = dumps(json).encode("ascii"), {"Content-Type": "application/json", **sent}
        return asyncio.run(self._request(method, url, sent, address or self.address, content=content))

    async def _request(self, method: str, url: str, headers: Headers, address: str, **body: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, client=(address, 50_000), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            own = {} if self.key is None else {"Authorization": f"Bearer {self.key}"}
            request = client.build_request(method, url, headers=[*own.items(), *dict(headers).items()], **body)
            return await client.send(request)

    def get(self, url: str, **headers: str) -> httpx.Response:
        return self.request("GET", url, named(headers))

    def post(self, url: str, json: Any = None, **headers: str) -> httpx.Response:
        return self.request("POST", url, named(headers), json={} if json is None else json)


def named(headers: dict[str, str]) -> dict[str, str]:
    """Headers from keywords: ``if_range`` is If-Range."""
    return {name.replace("_", "-"): value for name, value in headers.items()}


def cookie_of(answer: httpx.Response) -> str:
    """The cookie that an answer sets, as a browser sends it back."""
    return answer.headers["set-cookie"].partition(";")[0]
