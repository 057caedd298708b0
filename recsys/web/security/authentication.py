"""Who may use the routes: those who send a key, or the cookie of a session."""

import logging

from starlette.responses import Response

from recsys.errors import RecsysError, pluralise
from recsys.web.problems import problem, respond
from recsys.web.security.access import Access
from recsys.web.security.asgi import ASGIApp, Receive, Scope, Send, header_values, is_subsonic, route_path
from recsys.web.security.cookies import session_cookies
from recsys.web.security.sessions import Login

LOGIN = "recsys.login"
"""Where a scope has the :class:`~recsys.web.security.sessions.Login` of an authenticated request."""

OPEN = frozenset(
    {
        ("GET", "/api/v1/health"), ("HEAD", "/api/v1/health"), ("GET", "/api/health"),
        ("GET", "/api/v1/session"), ("POST", "/api/v1/session"), ("DELETE", "/api/v1/session"),
    }
)  # fmt: skip
"""The routes of the API that need no login."""

_log = logging.getLogger("recsys.web")


class Authentication:
    """Refuses requests for the API without a valid key or session; the files of the page are open to all.

    Routes find who asks in the scope: ``recsys.authenticated``, ``recsys.listener`` (that of the key, or None).
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass an authenticated request, or one that needs no login."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] == "http" and not is_subsonic(route_path(scope)):
            path = route_path(scope)
            try:
                bearer = None if _is_page(path) else bearer_of(scope)
                if bearer is not None and (wait := self.access.limit.wait(scope)):
                    await too_many(wait)(scope, receive, send)
                    return
                login = self._login(scope, bearer)
            except RecsysError as error:
                _log.error("%s", error)
                failure = problem(500, RecsysError.code, "the server failed; its log has the reason")
                await respond(failure)(scope, receive, send)
                return
            if login is not None:
                scope.update({LOGIN: login, "recsys.authenticated": True, "recsys.listener": login.listener})
            elif bearer is not None or not is_open(scope["method"], path):
                await unauthorized()(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _login(self, scope: Scope, bearer: str | None) -> Login | None:
        if bearer is None:
            found = (self.access.sessions.find(session) for session in session_cookies(scope))
            return next((login for login in found if login is not None), None)
        key = self.access.keys.verify(bearer)
        if key is None:
            self.access.limit.fail(scope)
            return None
        return Login(key.name, key.listener)


def is_open(method: str, path: str) -> bool:
    """Whether a request needs no login: the files of the page, the login itself, and whether the server answers.

    >>> is_open("GET", "/"), is_open("GET", "/api/v1/tracks"), is_open("POST", "/")
    (True, False, False)
    """
    return method in ("GET", "HEAD") if _is_page(path) else (method, path) in OPEN


def _is_page(path: str) -> bool:
    """Whether a path is that of a file of the page. Any other depth of "api" is closed, however it is written."""
    return "api" not in path.split("/")


def bearer_of(scope: Scope) -> str | None:
    """The key of a request; schemes other than Bearer belong to a proxy."""
    for value in header_values(scope, b"authorization"):
        scheme, _, text = value.partition(" ")
        if scheme.lower() == "bearer":
            return text.strip()
    return None


def unauthorized(detail: str = "this needs a key") -> Response:
    """The answer to a request without a valid key or session."""
    return respond(
        problem(401, "unauthorized", detail, hint="Enter a key, or send it as a bearer token."),
        {"WWW-Authenticate": "Bearer"},
    )


def too_many(seconds: int) -> Response:
    """The answer after too many failed logins."""
    return respond(
        problem(429, "too_many_requests", f"too many failed logins; try again in {pluralise(seconds, 'second')}"),
        {"Retry-After": str(seconds)},
    )
