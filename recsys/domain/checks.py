"""Checks of values that requests consist of; each raises InvalidRequest and names the field."""

import math
from collections.abc import Collection, Sequence

from recsys.errors import InvalidRequest


def check_min(field: str, value: float | None, minimum: float) -> None:
    """Raise InvalidRequest unless ``value`` is None, or finite and at least ``minimum``."""
    if value is not None and not minimum <= value < math.inf:
        raise InvalidRequest(f"must be at least {minimum:g}", field=field, value=value)


def check_range(field: str, value: float, minimum: float, maximum: float) -> None:
    """Raise InvalidRequest unless ``minimum <= value <= maximum``."""
    if not minimum <= value <= maximum:
        raise InvalidRequest(f"must be from {minimum:g} to {maximum:g}", field=field, value=value)


def check_interval(field: str, ends: tuple[float, float] | None, maximum: float = math.inf) -> None:
    """Raise InvalidRequest unless ``ends`` is None, or two numbers with ``0 <= low <= high <= maximum``."""
    if ends is None:
        return
    low, high = ends
    if not (0 <= low <= high <= maximum and high < math.inf):
        limit = f" between 0 and {maximum:g}" if maximum < math.inf else ""
        raise InvalidRequest(f"must go from a lower to a higher number{limit}, got {low:g}-{high:g}", field=field)


def check_choice(field: str, value: str | None, choices: Collection[str]) -> None:
    """Raise InvalidRequest unless ``value`` is None or one of ``choices``."""
    if value is not None and value not in choices:
        raise InvalidRequest(f"must be one of {', '.join(choices)}", field=field, value=value)


def texts(field: str, values: Sequence[str] | str) -> tuple[str, ...]:
    """Strings as a tuple; a single string stands for a sequence of one."""
    found = (values,) if isinstance(values, str) else tuple(values)
    for value in found:
        if not isinstance(value, str):
            raise InvalidRequest("must hold strings", field=field, value=value)
    return found
