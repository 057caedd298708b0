"""Numbers and tables as other programs read them."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from recsys.errors import Hint, RecsysError


def rounded(number: float | None) -> float | None:
    """Four decimals, as records have them."""
    return None if number is None else round(float(number), 4)


def to_pandas(records: Sequence[Mapping[str, Any]]) -> Any:
    """A ``pandas.DataFrame`` of records.

    Raises
    ------
    RecsysError
        pandas is not installed.
    """
    return _pandas().DataFrame.from_records(list(records))


def array_to_pandas(values: Any, *, index: Sequence[int], columns: Sequence[str]) -> Any:
    """A ``pandas.DataFrame`` of an array (n, d), indexed by track id.

    Raises
    ------
    RecsysError
        pandas is not installed.
    """
    frame = _pandas().DataFrame(values, index=list(index), columns=list(columns))
    frame.index.name = "id"
    return frame


def _pandas() -> Any:
    try:
        return import_module("pandas")
    except ImportError as error:
        raise RecsysError(
            "pandas is not installed", hint=Hint.INSTALL_EXTRA, hint_values={"extra": "pandas"}
        ) from error
