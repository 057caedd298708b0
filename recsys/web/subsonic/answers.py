"""Answers in the three formats of the protocol: XML, JSON, and JSON in a call of a script (JSONP).

A payload is written once, as the documents of OpenSubsonic write JSON. In XML a single value is an attribute, a record
an element, each member of a list an element of the name of the list, and ``value`` the text of its element. Players
that state an older version of the protocol may refuse elements which that does not have, as Clementine does, and get
none of those that OpenSubsonic adds to records.
"""

import re
from collections.abc import Collection, Mapping
from json import dumps
from typing import Any

from starlette.responses import Response

from recsys import __version__
from recsys.web.subsonic.errors import SubsonicError, invalid
from recsys.web.subsonic.parameters import Parameters

VERSION = "1.16.1"
"""The version of the protocol of Subsonic that OpenSubsonic extends."""

ANY_ORIGIN = {"Access-Control-Allow-Origin": "*"}
"""Players in a browser are pages of other origins; they send their login with each call, and no cookie."""

_OPEN_SINCE = (1, 16)
_ADDED = frozenset({
    "albumArtists", "artists", "contributors", "genres", "isrc", "moods", "releaseDate", "replayGain", "roles",
})  # fmt: skip
"""The elements that OpenSubsonic adds to records."""

_NAMESPACE = "http://subsonic.org/restapi"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPECIAL = re.compile("[^ !#-%'-;=?-~\xa1-\ud7ff]")  # what may have to be replaced
_ENTITIES = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "\t": "&#9;",
        "\n": "&#10;",
        "\r": "&#13;",
    }
)
_CALLBACK = re.compile(r"[A-Za-z_$][A-Za-z0-9_$.]{0,199}")
_HEADERS = {**ANY_ORIGIN, "Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


class Complete(dict[str, Any]):
    """A record that has no field without a value, in no depth: long lists of records are not looked through again."""

    __slots__ = ()


class ElementText(str):
    """A text that is an element in XML, as in the few records of which the protocol has it so."""

    __slots__ = ()


def answer(parameters: Parameters, payload: Mapping[str, Any], *, known: bool) -> Response:
    """The answer to a call that succeeded."""
    return _respond(parameters, {"status": "ok", **_about(known), **payload})


def failure(parameters: Parameters, error: SubsonicError, *, known: bool) -> Response:
    """The answer to a call that failed."""
    response = _respond(parameters, _failed(error, known), error.status)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _failed(error: SubsonicError, known: bool) -> dict[str, Any]:
    return {"status": "failed", **_about(known), "error": {"code": int(error.code), "message": error.message}}


def _about(known: bool) -> dict[str, Any]:
    """The fields that every answer must have; only who is logged in gets the version of the server."""
    return {
        "version": VERSION, "type": "recsys", "serverVersion": __version__ if known else "hidden",
        "openSubsonic": True,
    }  # fmt: skip


def _respond(parameters: Parameters, fields: Mapping[str, Any], status: int = 200) -> Response:
    format = (parameters.text("f") or "xml").lower()
    if format == "json":
        return Response(_json(fields), status, _HEADERS, "application/json")
    callback = parameters.text("callback") or ""
    if format == "jsonp":
        if _CALLBACK.fullmatch(callback):
            script = callback.encode() + b"(" + _json(fields) + b");"
            return Response(script, status, _HEADERS, "application/javascript; charset=utf-8")
        fields = _failed(invalid("callback", callback, "the name of a function"), known=False)
    return Response(to_xml(fields, _left_out(parameters.text("v") or "")), status, _HEADERS, "text/xml; charset=utf-8")


def _json(fields: Mapping[str, Any]) -> bytes:
    text = dumps({"subsonic-response": without_none(fields)}, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")  # a path may have bytes that are no text


def without_none(value: Any) -> Any:
    """A payload without the fields that have no value, which the protocol leaves out.

    >>> without_none({"id": "tr-1", "year": None, "genres": [{"name": "jazz"}]})
    {'id': 'tr-1', 'genres': [{'name': 'jazz'}]}
    """
    if isinstance(value, Complete):
        return value
    if isinstance(value, Mapping):
        return {name: without_none(each) for name, each in value.items() if each is not None}
    if isinstance(value, list | tuple):
        return [without_none(each) for each in value]
    return value


def _left_out(version: str) -> frozenset[str]:
    """The elements of records that are left out for a version of the protocol that a player states.

    >>> sorted(_left_out("1.8.0"))[:2], _left_out("1.16.1"), _left_out("")
    (['albumArtists', 'artists'], frozenset(), frozenset())
    """
    stated = re.match(r"([0-9]{1,3})\.([0-9]{1,3})", version, re.ASCII)
    is_older = stated is not None and (int(stated[1]), int(stated[2])) < _OPEN_SINCE
    return _ADDED if is_older else frozenset()


def to_xml(fields: Mapping[str, Any], left_out: Collection[str] = ()) -> bytes:
    """A payload as XML, without some elements of records.

    >>> print(to_xml({"genres": {"genre": [{"songCount": 2, "value": "jazz"}]}}).decode())
    <?xml version='1.0' encoding='utf-8'?>
    <subsonic-response xmlns="http://subsonic.org/restapi"><genres><genre songCount="2">...</subsonic-response>
    """
    parts = ["<?xml version='1.0' encoding='utf-8'?>\n"]
    _write(parts, "subsonic-response", {"xmlns": _NAMESPACE, **fields}, (), left_out)
    return "".join(parts).encode()


def _write(
    parts: list[str], name: str, fields: Mapping[str, Any], left_out: Collection[str], inside: Collection[str]
) -> None:
    """Write an element without some of its elements, and of those inside of them.

    As texts, since objects of elements take five times as long, and a list has thousands.
    """
    parts.append(f"<{name}")
    inner: list[tuple[str, Any]] = []
    text = ""
    for field, value in fields.items():
        if type(value) is str and field != "value":
            parts.append(f' {field}="{_escaped(value)}"')
        elif value is None:
            continue
        elif isinstance(value, Mapping | list | tuple | ElementText):
            inner.append((field, value))
        elif field == "value":
            text = _escaped(_text(value))
        else:
            parts.append(f' {field}="{_escaped(_text(value))}"')
    parts.append(f">{text}")
    for field, value in inner:
        if field in left_out:
            continue
        for each in value if isinstance(value, list | tuple) else (value,):
            if isinstance(each, Mapping):
                _write(parts, field, each, inside, inside)
            else:
                parts.append(f"<{field}>{_escaped(_text(each))}</{field}>")
    parts.append(f"</{name}>")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _escaped(text: str) -> str:
    """A text between tags or quotes, without the characters that XML cannot have."""
    return text if _SPECIAL.search(text) is None else _NOT_XML.sub("", text).translate(_ENTITIES)
