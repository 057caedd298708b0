"""Errors as ``application/problem+json`` (RFC 9457), with the code, the field and the hint of the error.

The tables are those of this door: codes as HTTP statuses, hints as sentences for users of a page.
"""

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from recsys.errors import AmbiguousTrack, Hint, InvalidRequest, RecsysError
from recsys.web.security.asgi import is_audiomuse, is_subsonic, route_path
from recsys.web.subsonic.answers import failure
from recsys.web.subsonic.errors import Code, SubsonicError
from recsys.web.subsonic.parameters import parameters_of_query

_log = logging.getLogger("recsys.web")

STATUS = {
    "invalid_request": 422, "not_found": 404, "library_not_found": 404, "not_analysed": 409, "ambiguous_track": 409,
    "unreadable_audio": 415, "unusable_audio": 415, "unauthorized": 401, "forbidden": 403, "too_large": 413,
    "too_many_requests": 429, "prune_refused": 409, "server_error": 502, "library_busy": 503, "library_full": 507,
}  # fmt: skip
"""By the code of an error; 500 for all others."""

CODES = {400: "malformed", 401: "unauthorized", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
         413: "too_large", 415: "unsupported_media_type", 416: "range_not_satisfiable", 422: "invalid_request",
         429: "too_many_requests"}  # fmt: skip
"""By the status of an answer that no :class:`RecsysError` has caused."""

HINTS = {
    Hint.INGEST: "Add a folder of music first.",
    Hint.SEARCH_TRACKS: "Search for a part of the title or the artist.",
    Hint.LIST_TRACKS: "Open the library and choose a track there.",
    Hint.LIKE_TRACKS: "Like some tracks first, or choose tracks that the playlist begins from.",
    Hint.SAVE_PLAYLIST: "Save a playlist first.",
    Hint.LIST_FAILURES: "The list of failed files has the reasons.",
    Hint.PRUNE: "Mount what is not mounted and scan again, or remove the missing tracks.",
    Hint.FORCE_PRUNE: "Confirm that so many tracks are to be removed.",
    Hint.OPEN_FOLDER: "Change the permissions of the folder, or mount it again.",
    Hint.INGEST_FOLDER: "Scan the folder {folder} again.",
    Hint.FORGET_FOLDER: "Mount the folder {folder} or add its new place; if it is gone for good, remove its tracks.",
    Hint.REPAIR: "Run recsys doctor --fix on the server, then scan the folders again.",
    Hint.RESTORE_DATABASE: "Restore a backup on the server, or move the database away and scan the folders again.",
    Hint.CHOOSE_DATABASE: "Start the server with another database.",
    Hint.UPGRADE_DATABASE: "Run recsys db upgrade on the server.",
    Hint.UPGRADE_PROGRAM: "Install a newer version of recsys on the server.",
    Hint.REINSTALL: "Install recsys on the server again.",
    Hint.INSTALL_EXTRA: "Run pip install 'recsys-music[{extra}]' on the server.",
    Hint.MOVE_LIBRARY: "Free some space on the disk of the server.",
    Hint.MAKE_WRITABLE: "Change the permissions of the library on the server.",
    Hint.MAKE_SCORECARD: "Evaluate the library first.",
    Hint.GIVE_LABELS: "More tracks need a genre in their tags.",
    Hint.LIST_GENRE_MODELS: "Choose one of the genre models that are listed.",
    Hint.TRAIN_GENRE_MODEL: "Train the genre model {name} again.",
    Hint.ACTIVATE_DEFAULT_MODEL: "Use the default genre model first.",
    Hint.LIST_TAG_RUNS: "recsys genre undo --list on the server lists what was written to files.",
    Hint.UNDO_TAG_RUN: "Undo the run {run} first, with recsys genre undo on the server.",
    Hint.CHOOSE_FORMAT: "Choose one of the formats that are listed.",
    Hint.CHOOSE_PLAYLIST: "Choose one of the playlists of the file.",
    Hint.MAP_INPUT_PATHS: "Name the folder that the paths of the file begin with, and the one they have here.",
    Hint.POLL: "The folder cannot be watched; scan it on a schedule.",
    Hint.SEND_FILES: "Mount the folder on the cluster.",
    Hint.NAME_SCHEDULER: "Name the scheduler of the cluster in config.toml.",
    Hint.ADD_LISTENER: "Add the listener {name} first.",
    Hint.ADD_KEY: "Run recsys keys add NAME on the server.",
    Hint.LIST_KEYS: "recsys keys on the server lists the keys.",
    Hint.LIST_LINKS: "recsys links on the server lists the links.",
    Hint.LINK_AGAIN: "Link the server again, with recsys link, with the right password.",
    Hint.CHECK_SERVER: "A proxy or another program may be at the address of the link.",
    Hint.USE_OTHER_URL: "Link the address that the server has.",
    Hint.TRUST_CERTIFICATE: "Start recsys with the path of a file with the certificate in SSL_CERT_FILE.",
    Hint.REPLACE_PLAYLIST: "Push the playlist once with recsys push --replace, or choose another name.",
    Hint.NAME_PLAYLIST: "Push a saved playlist once, with recsys push.",
    Hint.REFRESH_LINK: "If the server has new music, run recsys links refresh {name}.",
}
"""The sentence that each hint stands for."""


PROBLEM_SCHEMA = {
    "type": "object",
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what happened, in one sentence"},
        "code": {"type": "string", "description": "stable"},
        "field": {"type": ["string", "null"], "description": "the parameter that is wrong"},
        "hint": {"type": ["string", "null"], "description": "what helps"},
        "action": {"type": ["string", "null"], "description": "the hint as a stable name"},
        "candidates": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["type", "title", "status", "detail", "code", "field", "hint", "action"],
}  # fmt: skip


_PLAIN_STATUS = {422: 400, 409: 404}
"""Of errors that AudioMuse-AI's clients get, whose interface has fewer statuses."""


class ProblemResponse(JSONResponse):
    """An answer that has a problem; for clients of AudioMuse-AI and of Subsonic, as their protocols have errors."""

    media_type = "application/problem+json"

    def __init__(self, record: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(dict(record), status_code=record["status"], headers=headers)
        self._record, self._given_headers = record, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer in the form of the interface that is called."""
        path, found = route_path(scope), self._record
        if not (is_audiomuse(path) or is_subsonic(path)):
            await super().__call__(scope, receive, send)
            return
        text = f"{found['detail']}. {found['hint']}" if found["hint"] else found["detail"]
        if is_subsonic(path):
            error = SubsonicError(Code.GENERIC, text, status=found["status"])
            await failure(parameters_of_query(scope["query_string"]), error, known=False)(scope, receive, send)
            return
        status = 503 if found["code"] == "library_not_found" else _PLAIN_STATUS.get(found["status"], found["status"])
        await JSONResponse({"error": text}, status, self._given_headers)(scope, receive, send)


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    field: str | None = None,
    hint: str | None = None,
    action: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    """The record of a problem."""
    return {
        "type": f"urn:recsys:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
        "field": field,
        "hint": hint,
        "action": action,
        **more,
    }


def problem_of(error: RecsysError) -> dict[str, Any]:
    """The record of an error.

    >>> problem_of(InvalidRequest("must be at least 0", field="n", value=-1))["detail"]
    'n must be at least 0, got -1'
    """
    hint = None if error.hint is None else HINTS[error.hint].format_map(_Named(error.hint_values))
    more = {"candidates": list(error.candidates)} if isinstance(error, AmbiguousTrack) else {}
    return problem(
        STATUS.get(error.code, 500), error.code, str(error),
        field=error.field, hint=hint, action=error.hint and error.hint.value, **more,
    )  # fmt: skip


def respond(record: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """The answer with a problem."""
    later = {"Retry-After": "2"} if record["status"] == 503 else {}
    return ProblemResponse(record, {**later, **(headers or {})})


def add_handlers(app: FastAPI) -> None:
    """Let an application answer every error with a problem."""

    @app.exception_handler(RecsysError)
    async def on_error(request: Request, error: RecsysError) -> Response:
        if error.code not in STATUS:
            _log.error("%s %s: %s", request.method, request.url.path, error)
        return respond(problem_of(error))

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            return respond(problem(400, "malformed", "the body is not JSON"))
        names = [str(part) for part in first["loc"][1:]]
        detail = f"{'.'.join(names) or 'the body'}: {first['msg'][:1].lower()}{first['msg'][1:]}"
        return respond(problem(422, InvalidRequest.code, detail, field=".".join(names) or None))

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        code = CODES.get(error.status_code, "error")
        detail = "there is nothing at this address" if error.status_code == 404 else str(error.detail)
        return respond(problem(error.status_code, code, detail), error.headers)

    @app.exception_handler(Exception)
    async def on_defect(request: Request, error: Exception) -> Response:
        _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return respond(problem(500, RecsysError.code, "the server failed; its log has the reason"))


class _Named(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return name
