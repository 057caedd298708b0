"""The syntax of option values: times, intervals, quotas and pairs of folders.

Each function takes the name of the field that its option stands for, so that an error names the option.
"""

import math
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.errors import InvalidRequest

if TYPE_CHECKING:
    from recsys import Quota

_MAX_PARTS = 3  # of a time: hours, minutes, seconds
_OPEN_END = 9999.0  # beyond any year and any tempo
_QUOTA = re.compile(r"(.+)=\s*(\d+(?:\.\d+)?)\s*(%?)", re.DOTALL)
_PHRASE = re.compile(r"\A([-^]?[^\W\d]+:)([^\s\":]+(?:\s+[^\s\":^-][^\s\":]*)+)\Z")  # artist:miles davis
_PATH_MAP = re.compile(r"(?P<old>.+?)=(?P<new>(?:/|[A-Za-z]:[\\/]|\\\\|(?P<home>~)).*)", re.DOTALL)


def expand_home(text: str) -> Path:
    """A path with "~" or "~user" expanded; unchanged if there is no such user, as in a shell."""
    return Path(os.path.expanduser(text))  # noqa: PTH111 - Path.expanduser fails for an unknown user


def parse_time(field: str, text: str) -> float:
    """The seconds of "90", "1:30" or "1:02:03".

    Raises
    ------
    InvalidRequest
        The text is not a time.

    Examples
    --------
    >>> parse_time("min_duration", "1:30")
    90.0
    """
    parts = text.strip().split(":")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if not 1 <= len(numbers) <= _MAX_PARTS or not all(0 <= number < math.inf for number in numbers):
        raise InvalidRequest("must be seconds, or minutes and seconds such as 1:30", field=field, value=text)
    return sum(number * 60.0**power for power, number in enumerate(reversed(numbers)))


def parse_interval(field: str, text: str | None) -> tuple[float, float] | None:
    """The ends of "1990-1999", "1990", "1990-" or "-1999"; None for None.

    Raises
    ------
    InvalidRequest
        The text is neither a number nor two numbers with a dash between them.

    Examples
    --------
    >>> parse_interval("bpm_range", "120-128")
    (120.0, 128.0)
    """
    if text is None:
        return None
    first, dash, last = text.strip().partition("-")
    try:
        if not first and not last:
            raise ValueError
        low = float(first or 0)
        high = float(last or _OPEN_END) if dash else low
        if not (math.isfinite(low) and math.isfinite(high)):
            raise ValueError
        return low, high
    except ValueError:
        raise InvalidRequest("must be a number, or two numbers such as 120-128", field=field, value=text) from None


def parse_share_interval(field: str, text: str | None) -> tuple[float, float] | None:
    """The ends of "0.6-1", "0.6-" or "-0.4", which are numbers from 0 to 1; None for None.

    Raises
    ------
    InvalidRequest
        The text is not two numbers with a dash between them.

    Examples
    --------
    >>> parse_share_interval("valence_range", "0.6-")
    (0.6, 1.0)
    """
    ends = parse_interval(field, text)
    if ends is None or text is None:
        return None
    if "-" not in text:
        raise InvalidRequest("must be two numbers such as 0.6-1", field=field, value=text)
    return ends[0], 1.0 if ends[1] == _OPEN_END else ends[1]


def parse_quota(text: str) -> "Quota":
    """The quota of "jazz=30%" or "jazz=5".

    Raises
    ------
    InvalidRequest
        The text has another form, or more than 100 %.

    Examples
    --------
    >>> parse_quota("jazz=30%")
    Quota(genre='jazz', share=0.3, count=None)
    """
    from recsys import Quota

    found = _QUOTA.fullmatch(text.strip())
    if not found or (not found[3] and "." in found[2]) or (found[3] and float(found[2]) > 100):
        raise InvalidRequest("must be a share such as jazz=30%, or a count such as jazz=5", field="quotas", value=text)
    genre = found[1].strip()
    return Quota(genre, share=float(found[2]) / 100) if found[3] else Quota(genre, count=int(found[2]))


def join_terms(arguments: Sequence[str]) -> str:
    """The query of arguments from which a shell has taken the quotes: a field with a value of several words gets them.

    >>> join_terms(["artist:miles davis", "year:1959"])
    'artist:"miles davis" year:1959'
    >>> join_terms(["artist:davis year:1959"])
    'artist:davis year:1959'
    """
    return " ".join(_PHRASE.sub(r'\1"\2"', argument) for argument in arguments)


def parse_path_map(field: str, text: str, *, allow_home: bool = False) -> tuple[str, str]:
    r"""The two folders of "OLD=NEW", separated by the first "=" before an absolute path.

    With ``allow_home``, where NEW is a folder of this machine, NEW may begin with "~".

    Raises
    ------
    InvalidRequest
        OLD is empty, or NEW is not an absolute path (of Unix, a Windows drive or a network share).

    Examples
    --------
    >>> parse_path_map("path_map", "/music/a=b=D:\\Music")
    ('/music/a=b', 'D:\\Music')
    """
    found = _PATH_MAP.fullmatch(text)
    if found is None or (found["home"] and not allow_home):
        raise InvalidRequest(
            "must be OLD=NEW, where NEW is an absolute path such as /data or D:\\Music", field=field, value=text
        )
    return found["old"], found["new"]


def parse_path_maps(field: str, texts: list[str], *, allow_home: bool = False) -> dict[str, str]:
    """The folders of several "OLD=NEW"; see :func:`parse_path_map`."""
    return dict(parse_path_map(field, text, allow_home=allow_home) for text in texts)
