"""The cookie of a session."""

from starlette.responses import Response

from recsys.web.security.asgi import Scope, header_values

NAME = "recsys_session"


def session_cookies(scope: Scope) -> list[str]:
    """The values of the cookie; a browser may send several of one name, of several paths.

    >>> session_cookies({"headers": [(b"cookie", b"a=1; recsys_session=x; recsys_session=y")]})
    ['x', 'y']
    """
    pairs = (part.partition("=") for header in header_values(scope, b"cookie") for part in header.split(";"))
    return [value.strip() for name, _, value in pairs if name.strip() == NAME]


def set_session_cookie(response: Response, scope: Scope, session: str, *, seconds: int) -> None:
    """Let the browser keep a session: for this path alone, out of reach of scripts and of requests of other sites."""
    response.set_cookie(
        NAME, session, max_age=seconds, path=_path(scope), secure=scope["scheme"] == "https", httponly=True,
        samesite="strict",
    )  # fmt: skip


def delete_session_cookie(response: Response, scope: Scope) -> None:
    """Let the browser delete its session."""
    response.delete_cookie(NAME, path=_path(scope), secure=scope["scheme"] == "https", httponly=True, samesite="strict")


def _path(scope: Scope) -> str:
    return scope.get("root_path") or "/"
