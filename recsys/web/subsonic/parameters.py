"""The parameters of a call, from the query and from a form in the body."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NoReturn
from urllib.parse import parse_qsl

from starlette.requests import Request

from recsys.web.subsonic.errors import invalid, missing

_FORM = "application/x-www-form-urlencoded"
_MAX_PARAMETERS = 50_000  # a playlist of so many songs
_MAX_DIGITS = 18


class Parameters:
    """The parameters of one call; a parameter may be given several times, of which most use the first.

    >>> given = Parameters([("size", "20"), ("id", "tr-1"), ("id", "tr-2")])
    >>> given.integer("size", 10, maximum=500), given.texts("id"), given.text("query")
    (20, ['tr-1', 'tr-2'], None)
    """

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        values: dict[str, list[str]] = defaultdict(list)
        for name, value in pairs:
            values[name].append(value)
        self._values = dict(values)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def without(self, *names: str) -> "Parameters":
        """All parameters but some.

        >>> "p" in Parameters([("p", "secret"), ("id", "tr-1")]).without("p")
        False
        """
        return Parameters((name, each) for name, values in self._values.items() if name not in names for each in values)

    def texts(self, name: str) -> list[str]:
        """All values of a parameter, in their order."""
        return list(self._values.get(name, ()))

    def text(self, name: str) -> str | None:
        """The value of a parameter; None if it is absent."""
        return next(iter(self._values.get(name, ())), None)

    def required(self, name: str) -> str:
        """The value of a parameter that must be given.

        Raises
        ------
        SubsonicError
            It is absent or empty.
        """
        value = self.text(name)
        if not value:
            raise missing(name)
        return value

    def integer(self, name: str, default: int, *, minimum: int = 0, maximum: int = 2**31 - 1) -> int:
        """A whole number, brought into a range, as players ask for more than there is.

        Raises
        ------
        SubsonicError
            It is no whole number.
        """
        value = self.text(name)
        return default if value is None or value == "" else self._whole(name, value, minimum, maximum)

    def number(self, name: str, default: float, *, maximum: float = 1e7) -> float:
        """A number that may have a fraction, brought into the range from 0 to a maximum.

        Raises
        ------
        SubsonicError
            It is no number.
        """
        value = self.text(name)
        if value is None or value == "":
            return default
        try:
            found = float(value)
        except ValueError as error:
            raise invalid(name, value, "a number") from error
        if not math.isfinite(found):
            raise invalid(name, value, "a number")
        return max(0.0, min(found, maximum))

    def integers(self, name: str, *, minimum: int = 0, maximum: int = 2**31 - 1) -> list[int]:
        """All values of a parameter as whole numbers.

        Raises
        ------
        SubsonicError
            One is no whole number.
        """
        return [self._whole(name, value, minimum, maximum) for value in self.texts(name)]

    def boolean(self, name: str, default: bool) -> bool:
        """``true`` or ``false``, whatever its case; 1 and 0 are taken as well.

        Raises
        ------
        SubsonicError
            It is neither.
        """
        value = self.text(name)
        if value is None or value == "":
            return default
        if value.lower() in ("true", "1"):
            return True
        if value.lower() in ("false", "0"):
            return False
        raise invalid(name, value, "true or false")

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """One of some values, which must be given.

        Raises
        ------
        SubsonicError
            It is absent or none of them.
        """
        value = self.required(name)
        return value if value in choices else _refuse(name, value, f"one of {', '.join(choices)}")

    def _whole(self, name: str, value: str, minimum: int, maximum: int) -> int:
        text = value.strip()
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= _MAX_DIGITS):
            raise invalid(name, value, "a whole number")
        return max(minimum, min(int(text), maximum))


def _refuse(name: str, value: str, expected: str) -> NoReturn:
    raise invalid(name, value, expected)


async def parameters_of(request: Request) -> Parameters:
    """The parameters of a request; what a form has comes after what the query has.

    Raises
    ------
    SubsonicError
        There are too many.
    """
    texts = [request.scope["query_string"]]
    if request.method == "POST" and request.headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM:
        texts.append(await request.body())
    try:
        return Parameters(pair for text in texts for pair in _pairs(text, _MAX_PARAMETERS))
    except ValueError as error:
        raise invalid("the number of parameters", "more", f"at most {_MAX_PARAMETERS}") from error


def parameters_of_query(query: bytes) -> Parameters:
    """The parameters of a query alone, however many.

    >>> parameters_of_query(b"f=json&c=x").text("f")
    'json'
    """
    return Parameters(_pairs(query, None))


def _pairs(text: bytes, most: int | None) -> list[tuple[str, str]]:
    return parse_qsl(text.decode("utf-8", "replace"), keep_blank_values=True, errors="replace", max_num_fields=most)
