"""The routes below ``/rest``: which function answers which call."""

import logging
from collections.abc import Awaitable

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from recsys.errors import RecsysError
from recsys.web.security.sessions import Login
from recsys.web.state import ServerState
from recsys.web.subsonic import (
    annotation,
    browsing,
    empty,
    info,
    lists,
    lyrics,
    media,
    play_queue,
    playlists,
    scanning,
    search,
    similar,
    system,
)
from recsys.web.subsonic.answers import ANY_ORIGIN, answer, failure
from recsys.web.subsonic.call import Call, Handler, Payload
from recsys.web.subsonic.errors import DEFECT, Code, SubsonicError, error_of
from recsys.web.subsonic.login import FIELDS, log_in
from recsys.web.subsonic.parameters import Parameters, parameters_of

CALLS: dict[str, Handler] = {
    **annotation.CALLS,
    **browsing.CALLS,
    **info.CALLS,
    **lists.CALLS,
    **scanning.CALLS,
    **search.CALLS,
    **empty.CALLS,
    **lyrics.CALLS,
    **media.CALLS,
    **play_queue.CALLS,
    **playlists.CALLS,
    **similar.CALLS,
    **system.CALLS,
}
"""Every call that is answered, by its name."""

OPEN = frozenset({"getOpenSubsonicExtensions"})
"""The calls that need no login."""

_BY_NAME = {name.lower(): name for name in CALLS}
_SUFFIX = ".view"
_log = logging.getLogger("recsys.web")


async def rest(request: Request) -> Response:
    """Answer a call; its name may end in ``.view``. Who is not logged in learns neither versions nor inner errors."""
    parameters, login = Parameters(()), Login()
    name = request.path_params["call"].removesuffix(_SUFFIX)
    try:
        parameters = await parameters_of(request)
        login = await _log_in(request, parameters, name)
        result = await _run(name, Call(request, parameters.without(*FIELDS), request.app.state.server, login))
    except SubsonicError as error:
        return failure(parameters, error, known=login.key is not None)
    except RecsysError as error:
        shown = DEFECT if login.key is None else error_of(error)
        _log.log(logging.ERROR if shown is DEFECT else logging.INFO, "%s: %s", request.url.path, error)
        return failure(parameters, shown, known=login.key is not None)
    return result if isinstance(result, Response) else answer(parameters, result, known=login.key is not None)


async def preflight(request: Request) -> Response:
    """Let pages of other origins call: there is no cookie here that they could misuse."""
    allowed = {
        **ANY_ORIGIN, "Access-Control-Allow-Methods": "GET, POST, HEAD", "Access-Control-Allow-Headers": "*",
        "Access-Control-Max-Age": "86400",
    }  # fmt: skip
    return Response(None, 204, allowed)


ROUTES = (
    Route("/rest/{call}", preflight, methods=["OPTIONS"]),
    Route("/rest/{call}", rest, methods=["GET", "HEAD", "POST"]),
)


async def _log_in(request: Request, parameters: Parameters, name: str) -> Login:
    if _BY_NAME.get(name.lower()) in OPEN:
        return Login()
    state: ServerState = request.app.state.server
    return await to_thread.run_sync(log_in, parameters, state.access, request.scope)


async def _run(asked: str, call: Call) -> Payload | Response:
    name = _BY_NAME.get(asked.lower())
    if name is None:
        raise SubsonicError(Code.GENERIC, f"there is no call {asked[:100]!r}", status=404)
    result = await to_thread.run_sync(CALLS[name], call)
    return await result if isinstance(result, Awaitable) else result
