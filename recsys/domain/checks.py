"""Checks of values that requests consist of; each raises InvalidRequest and names the field."""

import math
from collections.abc import Collection, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

from recsys.errors import InvalidRequest


def check_number(field: str, value: Any) -> None:
    """Raise InvalidRequest unless ``value`` is a number; NumPy's numbers are, True and False are not."""
    if not isinstance(value, Real) or isinstance(value, bool):
        raise InvalidRequest("must be a number", field=field, value=value)


def check_min(field: str, value: float | None, minimum: float) -> None:
    """Raise InvalidRequest unless ``value`` is None, or a finite number that is at least ``minimum``."""
    if value is None:
        return
    check_number(field, value)
    if not minimum <= value < math.inf:
        raise InvalidRequest(f"must be at least {minimum:g}", field=field, value=value)


def check_range(field: str, value: float, minimum: float, maximum: float) -> None:
    """Raise InvalidRequest unless ``value`` is a number and ``minimum <= value <= maximum``."""
    check_number(field, value)
    if not minimum <= value <= maximum:
        raise InvalidRequest(f"must be from {minimum:g} to {maximum:g}", field=field, value=value)


def check_interval(field: str, ends: tuple[float, float] | None, maximum: float = math.inf) -> None:
    """Raise InvalidRequest unless ``ends`` is None, or two numbers with ``0 <= low <= high <= maximum``."""
    if ends is None:
        return
    for end in ends:
        check_number(field, end)
    low, high = ends
    if not (0 <= low <= high <= maximum and high < math.inf):
        limit = f" between 0 and {maximum:g}" if maximum < math.inf else ""
        raise InvalidRequest(f"must go from a lower to a higher number{limit}, got {low:g}-{high:g}", field=field)


def check_choice(field: str, value: str | None, choices: Collection[str]) -> None:
    """Raise InvalidRequest unless ``value`` is None or one of ``choices``."""
    if value is not None and value not in choices:
        raise InvalidRequest(f"must be one of {', '.join(choices)}", field=field, value=value)


def whole(field: str, value: int | None, minimum: int) -> int | None:
    """A whole number as an int.

    Raises
    ------
    InvalidRequest
        It is neither None nor a whole number that is at least ``minimum``.
    """
    if value is None:
        return None
    check_min(field, value, minimum)
    if not isinstance(value, Integral):
        raise InvalidRequest("must be a whole number", field=field, value=value)
    return int(value)


def texts(field: str, values: Sequence[str] | str) -> tuple[str, ...]:
    """Strings as a tuple; a single string stands for a sequence of one.

    Raises
    ------
    InvalidRequest
        It is not a sequence of strings.
    """
    found = (values,) if isinstance(values, str) else _as_tuple(field, values, "strings")
    for value in found:
        if not isinstance(value, str):
            raise InvalidRequest("must hold strings", field=field, value=value)
    return found


def instances(field: str, values: Any, kind: type) -> tuple[Any, ...]:
    """Values of one class as a tuple; a single value stands for a sequence of one.

    Raises
    ------
    InvalidRequest
        Something in the sequence is not of the class.
    """
    found = (values,) if isinstance(values, kind) else _as_tuple(field, values, f"values of {kind.__name__}")
    for value in found:
        if not isinstance(value, kind):
            raise InvalidRequest(f"must hold values of {kind.__name__}", field=field, value=value)
    return found


def interval(field: str, ends: Any, maximum: float = math.inf) -> tuple[Any, Any] | None:
    """Two numbers as a tuple, or None.

    Raises
    ------
    InvalidRequest
        They are not two numbers with ``0 <= low <= high <= maximum``.
    """
    if ends is None:
        return None
    if isinstance(ends, str) or not isinstance(ends, Sequence) or len(ends) != 2:
        raise InvalidRequest("must be two numbers, the lower one first", field=field, value=ends)
    low, high = ends
    check_interval(field, (low, high), maximum)
    return low, high


def folder_map(field: str, folders: Any) -> dict[str, str]:
    """A mapping from folders to folders as a dict.

    Raises
    ------
    InvalidRequest
        It is not a mapping of strings that are not empty.
    """
    if not isinstance(folders, Mapping):
        raise InvalidRequest("must map folders to folders", field=field, value=folders)
    for pair in folders.items():
        if not all(isinstance(folder, str) and folder for folder in pair):
            raise InvalidRequest("must map folders to folders", field=field, value=dict([pair]))
    return dict(folders)


def _as_tuple(field: str, values: Any, what: str) -> tuple[Any, ...]:
    try:
        return tuple(values)
    except TypeError:
        raise InvalidRequest(f"must be a sequence of {what}", field=field, value=values) from None
