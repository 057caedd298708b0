"""Log in and log out."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from recsys import __version__
from recsys.errors import LibraryNotFound
from recsys.web.records import returns_values
from recsys.web.security.authentication import LOGIN, too_many, unauthorized
from recsys.web.security.cookies import delete_session_cookie, session_cookies, set_session_cookie
from recsys.web.security.sessions import SESSION_SECONDS, Login
from recsys.web.state import ServerState, StateOf

router = APIRouter(tags=["session"])
login_router = APIRouter(include_in_schema=False)

_USED = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>recsys</title></head>
<body><p>This link has been used, or is older than ten minutes.</p>
<p>Start the server again and open its new link, or <a href="{page}">log in with a key</a>.</p></body></html>
"""


SESSION = returns_values(
    authenticated={"type": "boolean"},
    key_needed={"type": "boolean"},
    listener={"type": ["string", "null"], "description": "the one that the key is bound to"},
    bound={"type": "boolean"},
    listeners={"type": "array", "items": {"type": "string"}},
    version={"type": ["string", "null"], "description": "null without a login"},
)


class KeyToLogIn(BaseModel, extra="forbid"):
    """The key to log in with."""

    key: str = Field(min_length=1, max_length=200)


@router.get("/session", responses=SESSION)
def session(request: Request, state: StateOf) -> dict[str, Any]:
    """Whether the client is logged in, and as whom; without a login nothing else."""
    return _session(state, request.scope.get(LOGIN))


@router.post("/session", responses=SESSION)
async def log_in(request: Request, state: StateOf, body: KeyToLogIn) -> Response:
    """Log in with a key; the answer sets a cookie."""
    if wait := state.access.limit.wait(request.scope):
        return too_many(wait)
    key = state.access.keys.verify(body.key.strip())
    if key is None:
        state.access.limit.fail(request.scope)
        return unauthorized("this is no key of the server")
    response = JSONResponse(_session(state, Login(key.name, key.listener)))
    _begin(request, response, state, state.access.sessions.start(key))
    return response


@router.delete("/session", responses=SESSION)
async def log_out(request: Request, state: StateOf) -> Response:
    """Log out; the answer deletes the cookie."""
    _end(request, state)
    response = JSONResponse(_session(state, None))
    delete_session_cookie(response, request.scope)
    return response


@login_router.get("/login")
async def log_in_once(request: Request, state: StateOf, token: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Log in with the token of the URL that the start of the server has printed."""
    page = f"{state.options.base_path}/"
    if request.scope.get(LOGIN) is not None:
        return RedirectResponse(page, status_code=303)
    if wait := state.access.limit.wait(request.scope):
        return too_many(wait)
    if not state.access.token.use(token):
        state.access.limit.fail(request.scope)
        return HTMLResponse(_USED.format(page=page), status_code=401)
    response = RedirectResponse(page, status_code=303)
    _begin(request, response, state, state.access.sessions.start(None))
    return response


def _begin(request: Request, response: Response, state: ServerState, session: str) -> None:
    _end(request, state)
    set_session_cookie(response, request.scope, session, seconds=SESSION_SECONDS)


def _end(request: Request, state: ServerState) -> None:
    for session in session_cookies(request.scope):
        state.access.sessions.end(session)


def _session(state: ServerState, login: Login | None) -> dict[str, Any]:
    if login is None:
        return {
            "authenticated": False, "key_needed": True, "listener": None, "bound": False, "listeners": [],
            "version": None,
        }  # fmt: skip
    bound = login.listener is not None
    return {
        "authenticated": True, "key_needed": False, "listener": login.listener, "bound": bound,
        "listeners": [login.listener] if bound else _listeners(state), "version": __version__,
    }  # fmt: skip


def _listeners(state: ServerState) -> list[str]:
    try:
        return [each.name for each in state.library.listeners.list()]
    except LibraryNotFound:
        return []
