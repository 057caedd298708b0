"""Answers that have records of the library, and their schemas in the OpenAPI document.

``records.json`` has the schema of every record; ``scripts/make_schemas.py`` writes it.
"""

import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse

from recsys import __version__
from recsys.web.problems import PROBLEM_SCHEMA

_REFERENCE = "#/components/schemas/"


class RecordResponse(JSONResponse):
    """JSON in UTF-8; what UTF-8 cannot have, such as a path with other bytes, as escapes."""

    def render(self, content: Any) -> bytes:
        """The bytes of the body."""
        try:
            return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        except UnicodeEncodeError:
            return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()


def page_of(items: Iterable[Any], *, next: str | int | None = None) -> dict[str, Any]:
    """A list as the API returns it; ``next`` is the cursor of the next page, None after the last one."""
    return {"items": list(items), "next": None if next is None else str(next)}


def returns(record: str, *, status: int = 200, **keys: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route that returns a record, with some more ``keys``."""
    schema: dict[str, Any] = {"$ref": _REFERENCE + record}
    if keys:
        schema = {"allOf": [schema, {"type": "object", "properties": keys, "required": sorted(keys)}]}
    return _response(status, schema)


def returns_list(record: str, **keys: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route that returns a page of records, each with some more ``keys``."""
    item: dict[str, Any] = {"$ref": _REFERENCE + record}
    if keys:
        item = {"allOf": [item, {"type": "object", "properties": keys, "required": sorted(keys)}]}
    return _response(200, list_schema(item))


def returns_values(**keys: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route that returns an object of these keys."""
    return _response(200, {"type": "object", "properties": keys, "required": sorted(keys)})


def list_schema(item: dict[str, Any]) -> dict[str, Any]:
    """The schema of a page of items."""
    return {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": item},
            "next": {"type": ["string", "null"], "description": "the cursor of the next page"},
        },
        "required": ["items", "next"],
    }


def add_openapi(app: FastAPI) -> None:
    """Let the OpenAPI document of an application have the schemas of the records and of problems."""

    @cache
    def document() -> dict[str, Any]:
        made = get_openapi(
            title="recsys", version=__version__, routes=app.routes,
            description="Similar tracks, playlists and everything else that a library has. Errors are problems (RFC "
            "9457). Log in with a key: `Authorization: Bearer KEY`, or a session cookie.",
        )  # fmt: skip
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        schemas.update(json.loads(files("recsys.web").joinpath("records.json").read_text(encoding="utf-8")))
        schemas["Problem"] = PROBLEM_SCHEMA
        problem = {
            "description": "a problem",
            "content": {"application/problem+json": {"schema": {"$ref": _REFERENCE + "Problem"}}},
        }
        for path in made["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
                operation["responses"]["default"] = problem
        return made

    app.openapi = document  # type: ignore[method-assign]


def _response(status: int, schema: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    return {status: {"description": "", "content": {"application/json": {"schema": schema}}}}
