"""The routes below ``/rest``: which function answers which call."""

import inspect
import logging

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from recsys.errors import RecsysError
from recsys.web.security.sessions import Login
from recsys.web.state import ServerState
from recsys.web.subsonic import browsing, info, lists, scanning, search, system
from recsys.web.subsonic import annotation, browsing, empty, media, system
from recsys.web.subsonic import annotation, browsing, empty, media, playlists, similar, system
from recsys.web.subsonic import annotation, browsing, empty, media, play_queue, playlists, similar, system
from recsys.web.subsonic.answers import ANY_ORIGIN, answer, failure
from recsys.web.subsonic.call import Call, Handler, Payload
from recsys.web.subsonic.errors import Code, SubsonicError, error_of
from recsys.web.subsonic.login import log_in
from recsys.web.subsonic.parameters import Parameters, parameters_of

CALLS: dict[str, Handler] = {
    **annotation.CALLS,
    **browsing.CALLS,
    **info.CALLS,
    **lists.CALLS,
    **scanning.CALLS,
    **search.CALLS,
    **empty.CALLS,
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
    """Answer a call; its name may end in ``.view``."""
    parameters = Parameters(())
    try:
        parameters = await parameters_of(request)
        result = await _run(request, parameters)
    except SubsonicError as error:
        return failure(parameters, error)
    except RecsysError as error:
        _log.info("%s: %s", request.url.path, error)
        return failure(parameters, error_of(error))
    return result if isinstance(result, Response) else answer(parameters, result)


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


async def _run(request: Request, parameters: Parameters) -> Payload | Response:
    state: ServerState = request.app.state.server
    asked = request.path_params["call"].removesuffix(_SUFFIX)
    name = _BY_NAME.get(asked.lower())
    is_open = name in OPEN
    login = Login() if is_open else await to_thread.run_sync(log_in, parameters, state.access, request.scope)
    if name is None:
        raise SubsonicError(Code.GENERIC, f"there is no call {asked[:100]!r}", status=404)
    handler, call = CALLS[name], Call(request, parameters, state, login)
    if inspect.iscoroutinefunction(handler):
        result: Payload | Response = await handler(call)
        return result
    return await to_thread.run_sync(handler, call)  # type: ignore[arg-type]
