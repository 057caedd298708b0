"""Where things live and the settings a door builds once and passes down; nothing is read on import.

Precedence: option of a command, environment (``RECSYS_*``), ``config.toml``, default. ``RECSYS_HOME`` (or
``--home``) moves everything into one folder; otherwise the platform's own data and config folders are used.
"""

import math
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from recsys.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that is set for one run; see :func:`load_settings`.

    ``home`` holds the database, the index and its manifest; ``database`` is a SQLAlchemy URL; ``jobs`` worker
    processes (0: one a core); durations in seconds; ``ignore`` are gitignore-like patterns. An ingest stops after
    ``max_time`` seconds and gives up on a file after ``time_limit``; ``nice`` lets everything else go first. It
    listens with the ``executor`` "local", or "dask" on the cluster of ``scheduler``, which sees the files under the
    same paths or, with ``ship``, is sent them.
    """

    home: Path
    database: str
    jobs: int = 0
    min_duration: float = 0.0
    max_duration: float = math.inf
    ignore: tuple[str, ...] = ()
    max_time: float = math.inf
    time_limit: float = 120.0
    nice: bool = False
    executor: str = "local"
    scheduler: str | None = None
    ship: bool = False

    @property
    def index_path(self) -> Path:
        """File of the faiss index: beside the database, or in ``home`` where that is no file."""
        _, scheme, file = self.database.partition("sqlite:///")
        name = Path(file) if scheme and file else self.home / "library.db"
        return name.with_suffix(".faiss")


_NUMBERS: dict[str, type] = {"jobs": int, "min_duration": float, "max_duration": float, "time_limit": float}
_KINDS = {int: "whole number", float: "number"}
_SWITCHES = ("nice", "ship")
_KNOWN = {"home", "database", "ignore", "max_time", "executor", "scheduler", *_SWITCHES, *_NUMBERS}


def load_settings(
    environ: Mapping[str, str] | None = None,
    *,
    home: str | os.PathLike[str] | None = None,
    **options: Any,
) -> Settings:
    """Settings from options (None: not given), environment, ``config.toml`` and defaults, in this order.

    Raises
    ------
    InvalidRequest
        A value has the wrong type, a key is unknown, or ``config.toml`` cannot be read.
    """
    environ = os.environ if environ is None else environ
    chosen = home or environ.get("RECSYS_HOME")
    if chosen:
        data = config = Path(chosen).expanduser().absolute()
    else:
        data = Path(platformdirs.user_data_dir("recsys", appauthor=False))
        config = Path(platformdirs.user_config_dir("recsys", appauthor=False))
    values = _read_file(config / "config.toml")
    for name in _KNOWN - {"home"}:
        text = environ.get(f"RECSYS_{name.upper()}")
        if text:
            values[name] = text.split(os.pathsep) if name == "ignore" else text
    values.update({name: value for name, value in options.items() if value is not None})
    for name, kind in _NUMBERS.items():
        if name in values:
            values[name] = _number(name, values[name], kind)
    values.setdefault("database", f"sqlite:///{(data / 'library.db').as_posix()}")
    if "max_time" in values:
        values["max_time"] = _span("max_time", values["max_time"])
    for name in _SWITCHES:
        if name in values:
            values[name] = _yes_or_no(name, values[name])
    values.setdefault("executor", "dask" if values.get("scheduler") else "local")
    _check_cluster(values["executor"], values.get("scheduler"), values.get("ship", False))
    values["ignore"] = _patterns(values.get("ignore", ()))
    return Settings(home=data, **values)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            values = tomllib.load(file)
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"cannot read {path}: {error}; correct it or move it away") from error
    unknown = set(values) - _KNOWN
    if unknown:
        raise InvalidRequest(
            f"{path} has an unknown setting {sorted(unknown)[0]!r}; known are {', '.join(sorted(_KNOWN))}"
        )
    values.pop("home", None)
    return values


def _patterns(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(pattern, str) for pattern in value):
        raise InvalidRequest(f'ignore must be a list of patterns such as ["Christmas/", "*.wma"], not {value!r}')
    return tuple(value)


def _span(name: str, value: Any) -> float:
    """Seconds from "2h", "1h30m", "45m" or "90s"."""
    match = re.fullmatch(r"(?:(\d+)h)? ?(?:(\d+)m)? ?(?:(\d+)s)?", value) if isinstance(value, str) else None
    parts = match.groups() if match else ()
    seconds = sum(int(n) * unit for n, unit in zip(parts, (3600.0, 60.0, 1.0), strict=False) if n)
    if not seconds:
        raise InvalidRequest(f"{name} must be a time such as 2h, 1h30m, 45m or 90s, not {value!r}")
    return seconds


def _yes_or_no(name: str, value: Any) -> bool:
    answers = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    answer = value if isinstance(value, bool) else answers.get(str(value).lower())
    if answer is None:
        raise InvalidRequest(f"{name} must be true or false, not {value!r}")
    return answer


def _check_cluster(executor: Any, scheduler: Any, ship: bool) -> None:
    if executor not in ("local", "dask"):
        raise InvalidRequest(f"executor must be local or dask, not {executor!r}")
    if executor == "dask" and not (isinstance(scheduler, str) and scheduler):
        raise InvalidRequest("the executor dask needs the address of a scheduler: --scheduler tcp://HOST:8786")
    if ship and not scheduler:
        raise InvalidRequest(
            "files are shipped to a cluster: name its --scheduler tcp://HOST:8786, or leave out --ship"
        )


def _number(name: str, value: Any, kind: type) -> Any:
    try:
        number = kind(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidRequest(f"{name} must be a {_KINDS[kind]}, not {value!r}") from error
    if isinstance(value, bool) or number != number or (isinstance(value, float) and number != value):
        raise InvalidRequest(f"{name} must be a {_KINDS[kind]}, not {value!r}")
    if number < 0:
        raise InvalidRequest(f"{name} must not be negative, but is {number}")
    return number
