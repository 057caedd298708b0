"""The values of a request: of its query, or of the JSON object in its body."""

import json
import math
from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Request

from recsys.errors import InvalidRequest


class Values:
    """Values by name, read as leniently as AudioMuse-AI reads them.

    >>> given = Values({"n": "40", "radius": "TRUE", "title": ""})
    >>> given.whole("n", 10, maximum=25), given.whole("limit", 10, maximum=25)
    (25, 10)
    >>> given.flag("radius"), given.text("title")
    (True, None)
    """

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def get(self, name: str) -> object:
        """A value as it was sent; None if it is absent."""
        return self._values.get(name)

    def text(self, name: str) -> str | None:
        """A text without spaces at its ends, or a number as text; None if it is absent or empty.

        Raises
        ------
        InvalidRequest
            It is neither, or has half characters or null characters.
        """
        return text_of(self.get(name), name)

    def required(self, name: str) -> str:
        """A text that must be given; raises InvalidRequest without it."""
        found = self.text(name)
        if found is None:
            raise InvalidRequest("is missing", field=name)
        return found

    def whole(self, name: str, default: int, *, minimum: int = 1, maximum: int) -> int:
        """A whole number, brought into a range; what is no number is the default."""
        value = self.get(name)
        try:
            number = float(value) if isinstance(value, str | int | float) else math.nan
        except (ValueError, OverflowError):
            number = math.nan
        if math.isnan(number):
            return default
        return int(max(minimum, min(number, maximum)))

    def flag(self, name: str, default: bool = False) -> bool:
        """Whether a value is "true"; the default without it."""
        value = self.get(name)
        return default if value in (None, "") else str(value).lower() in ("true", "1")


def text_of(value: object, name: str) -> str | None:
    """A value as a text; see :meth:`Values.text`."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise InvalidRequest("must be a text", field=name)
    text = str(value).strip()
    if "\0" in text or (not text.isascii() and text.encode("utf-8", "replace").decode("utf-8") != text):
        raise InvalidRequest("has characters that no text has", field=name)
    return text


async def values_of(request: Request) -> Values:
    """The values of a request; of a POST those in its body, which may be absent.

    Raises
    ------
    InvalidRequest
        The body is no JSON object.
    """
    if request.method != "POST":
        return Values(dict(request.query_params))
    body = await request.body()
    try:
        found = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError) as error:
        raise InvalidRequest("the body is not JSON") from error
    if not isinstance(found, dict):
        raise InvalidRequest("the body is no JSON object")
    return Values(found)


ValuesOf = Annotated[Values, Depends(values_of)]
