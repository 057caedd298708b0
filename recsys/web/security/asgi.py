"""The types of ASGI, under the names that the middlewares use, and what they read from a request."""

from collections.abc import Iterator

from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = [
    "OWN_SITES",
    "ASGIApp",
    "Receive",
    "Scope",
    "Send",
    "header_values",
    "is_audiomuse",
    "is_subsonic",
    "route_path",
]

OWN_SITES = ("same-origin", "none")
"""Values of ``Sec-Fetch-Site`` of requests that no page of another site has caused."""


def header_values(scope: Scope, name: bytes) -> Iterator[str]:
    """The values of a header, which may be sent several times.

    >>> list(header_values({"headers": [(b"host", b"a"), (b"host", b"b")]}, b"host"))
    ['a', 'b']
    """
    return (value.decode("latin-1") for key, value in scope.get("headers", ()) if key == name)


def route_path(scope: Scope) -> str:
    """The path of a request without the base path, as the routes have it.

    >>> route_path({"path": "/recsys/api/v1/health", "root_path": "/recsys"})
    '/api/v1/health'
    >>> route_path({"path": "/recsystem", "root_path": "/recsys"})
    '/recsystem'
    """
    path: str = scope["path"]
    base: str = scope.get("root_path", "")
    return path[len(base) :] if base and path.startswith(f"{base}/") else path


def is_audiomuse(path: str) -> bool:
    """Whether a path is of the interface of AudioMuse-AI, whose clients expect its errors.

    >>> is_audiomuse("/api/similar_tracks"), is_audiomuse("/api/v1/tracks"), is_audiomuse("/chat/api/config")
    (True, False, True)
    """
    return path.startswith("/chat/api/") or (path.startswith("/api/") and path.split("/")[2] != "v1")


def is_subsonic(path: str) -> bool:
    """Whether a path is of the calls of players, which log in with each call.

    >>> is_subsonic("/rest/ping.view"), is_subsonic("/api/v1/rest/ping")
    (True, False)
    """
    return path.startswith("/rest/")
