"""Where data is stored, and the settings that a door builds once and passes down; nothing is read on import.

Precedence: arguments, environment (``RECSYS_*``), ``config.toml``, default. ``RECSYS_HOME`` moves everything into one
folder; otherwise the platform's own data and config folders are used.
"""

import hashlib
import math
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from recsys.domain.paths import expand_home, is_file
from recsys.errors import Hint, InvalidRequest

DATABASE_NAME = "library.db"
FORMER_MODELS = "models"  # of all databases of a home in older versions
FILE_TIMEOUT = 120.0
_SETTINGS_NAME = "config.toml"
_DATABASE_SUFFIXES = (".db", ".sqlite", ".sqlite3")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one run; made by :func:`load_settings`.

    Parameters
    ----------
    home : Path
        Folder of the database, the index and the genre models.
    database : str
        SQLAlchemy URL.
    jobs : int
        Worker processes of an ingest; 0 is one for each core.
    min_duration, max_duration : float
        Seconds; files outside are not ingested.
    ignore : tuple of str
        Patterns as in .gitignore.
    time_budget : float
        Seconds after which an ingest stops.
    file_timeout : float
        Seconds after which the analysis of a file is given up.
    nice : bool
        Lower the priority of worker processes.
    executor : str
        "local", or "dask" on the cluster of ``scheduler``.
    scheduler : str or None
        Address such as "tcp://host:8786".
    send_files : bool
        Send files to the cluster, which otherwise must see them under the same paths.
    listener : str or None
        Name of the listener whose ratings, plays and playlists are used; None is the default listener.
    """

    home: Path
    database: str
    jobs: int = 0
    min_duration: float = 0.0
    max_duration: float = math.inf
    ignore: tuple[str, ...] = ()
    time_budget: float = math.inf
    file_timeout: float = FILE_TIMEOUT
    nice: bool = False
    executor: str = "local"
    scheduler: str | None = None
    send_files: bool = False
    listener: str | None = None

    @property
    def database_file(self) -> Path | None:
        """The absolute path of the database file; None for a server."""
        return _sqlite_path(self.database)

    @property
    def index_path(self) -> Path:
        """File of the index: beside the database file, or in ``home`` for a server; no other database has its name."""
        file = _sqlite_path(self.database)
        return self.home / f"{_server_name(self.database)}.faiss" if file is None else beside(file, ".faiss")

    @property
    def map_path(self) -> Path:
        """File of the points of the map, beside the index."""
        return self.index_path.with_suffix(".map")

    @property
    def tags_path(self) -> Path:
        """File of the tags of all tracks, beside the index."""
        return self.index_path.with_suffix(".tags")

    @property
    def former_index_path(self) -> Path:
        """File of the index in older versions, which databases shared whose names differ in their suffix."""
        return (_sqlite_path(self.database) or self.home / DATABASE_NAME).with_suffix(".faiss")

    @property
    def models_path(self) -> Path:
        """Folder of the genre models, in ``home``: ``models`` for the default database, else by its whole name."""
        file = _sqlite_path(self.database)
        if file is None:
            return self.home / f"{_server_name(self.database)}.models"
        if file == (self.home / DATABASE_NAME).absolute():
            return self.home / FORMER_MODELS
        if file.parent == self.home.absolute():
            return self.home / f"{file.name}.models"
        return self.home / f"{file.name}-{_digest(str(file))}.models"


def beside(file: Path, ending: str) -> Path:
    """The path of a file that belongs to the database in ``file`` alone: its whole name and an ending."""
    return file.with_name(file.name + ending)


def _sqlite_path(url: str) -> Path | None:
    """The absolute path of the file of a SQLite URL; None for a server or a database in memory."""
    found = re.fullmatch(r"sqlite(?:\+\w+)?:///(.+)", url, re.DOTALL)
    return Path(found[1]).absolute() if found and found[1] != ":memory:" else None


def _server_name(url: str) -> str:
    """A file name for a database of a server: its name, and a digest of the URL without the password."""
    scheme, _, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    user, _, host = authority.rpartition("@")
    path, _, query = path.partition("?")
    options = sorted(option for option in query.split("&") if option and not option.startswith("password="))
    whole = "\0".join((scheme.partition("+")[0], user.partition(":")[0], host, slash, path, *options))
    return f"{re.sub(r'[^A-Za-z0-9_.-]', '_', path)[:60] or 'database'}-{_digest(whole)}"


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()


_NUMBERS: dict[str, type] = {"jobs": int, "min_duration": float, "max_duration": float, "file_timeout": float}
_KINDS = {int: "whole number", float: "number"}
_SWITCHES = ("nice", "send_files")
_KNOWN = {"home", "database", "ignore", "time_budget", "executor", "scheduler", "listener", *_SWITCHES, *_NUMBERS}
_RENAMED = {"max_time": "time_budget", "time_limit": "file_timeout", "ship": "send_files"}


def settings_file(home: Path) -> Path:
    """The ``config.toml`` of the library in ``home``, which need not exist."""
    own = home / _SETTINGS_NAME
    if home == Path(platformdirs.user_data_dir("recsys", appauthor=False)) and not own.exists():
        return Path(platformdirs.user_config_dir("recsys", appauthor=False)) / _SETTINGS_NAME
    return own


def load_settings(
    environ: Mapping[str, str] | None = None,
    *,
    home: str | os.PathLike[str] | None = None,
    database: str | None = None,
    jobs: int | None = None,
    min_duration: float | None = None,
    max_duration: float | None = None,
    ignore: Sequence[str] | None = None,
    time_budget: str | None = None,
    file_timeout: float | None = None,
    nice: bool | None = None,
    executor: str | None = None,
    scheduler: str | None = None,
    send_files: bool | None = None,
    listener: str | None = None,
) -> Settings:
    """Settings from arguments (None: not given), environment, ``config.toml`` and defaults, in this order.

    ``time_budget`` is a time such as "2h", "1h30m", "45m" or "90s"; the others are the fields of :class:`Settings`.

    Raises
    ------
    InvalidRequest
        A value has the wrong type, a key is unknown, or ``config.toml`` cannot be read.

    Examples
    --------
    >>> load_settings({}, home="music", jobs=2).jobs
    2
    """
    environ = os.environ if environ is None else environ
    chosen = home or environ.get("RECSYS_HOME")
    if chosen:
        data = config = expand_home(chosen).absolute()
    else:
        data = Path(platformdirs.user_data_dir("recsys", appauthor=False))
        config = Path(platformdirs.user_config_dir("recsys", appauthor=False))
    values = _read_file(config / _SETTINGS_NAME)
    for name in _KNOWN - {"home"}:
        text = environ.get(f"RECSYS_{name.upper()}")
        if text:
            values[name] = text.split(os.pathsep) if name == "ignore" else text
    given = {
        "database": database, "jobs": jobs, "min_duration": min_duration, "max_duration": max_duration,
        "ignore": None if ignore is None else list(ignore), "time_budget": time_budget, "file_timeout": file_timeout,
        "nice": nice, "executor": executor, "scheduler": scheduler, "send_files": send_files, "listener": listener,
    }  # fmt: skip
    values.update({name: value for name, value in given.items() if value is not None})
    for name, kind in _NUMBERS.items():
        if name in values:
            values[name] = _number(name, values[name], kind)
    values.setdefault("database", _sqlite_url(data / DATABASE_NAME))
    if "time_budget" in values:
        values["time_budget"] = _seconds("time_budget", values["time_budget"])
    for name in _SWITCHES:
        if name in values:
            values[name] = _yes_or_no(name, values[name])
    values.setdefault("executor", "dask" if values.get("scheduler") else "local")
    _check_cluster(values["executor"], values.get("scheduler"), values.get("send_files", False))
    if not isinstance(values.get("listener", ""), str):
        raise InvalidRequest("must be a name", field="listener", value=values["listener"])
    values["ignore"] = _patterns(values.get("ignore", ()))
    return Settings(home=data, **values)


def settings_for(location: str | os.PathLike[str] | None) -> Settings:
    """Settings of a library by its folder, its database file, or its database URL; None: by the environment.

    A folder or a file that is given goes before ``RECSYS_HOME`` and ``RECSYS_DATABASE``.

    Raises
    ------
    InvalidRequest
        As for :func:`load_settings`.

    Examples
    --------
    >>> settings_for("music.db").database.endswith("/music.db")
    True
    """
    if location is None:
        return load_settings()
    if isinstance(location, str) and "://" in location:
        return load_settings(database=location)
    path = expand_home(location).absolute()
    environ = {name: value for name, value in os.environ.items() if name not in ("RECSYS_HOME", "RECSYS_DATABASE")}
    if is_file(path) or (path.suffix in _DATABASE_SUFFIXES and not path.is_dir()):
        return load_settings(environ, home=path.parent, database=_sqlite_url(path))
    return load_settings(environ, home=path)


def _sqlite_url(path: Path) -> str:
    return f"sqlite:///{path.as_posix()}"


def _read_file(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            values = tomllib.load(file)
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"cannot read {path}: {error}; correct it or move it away") from error
    if unknown := sorted(set(values) - _KNOWN):
        new = _RENAMED.get(unknown[0])
        what = f"it is called {new!r} now" if new else f"known are {', '.join(sorted(_KNOWN))}"
        raise InvalidRequest(f"{path} has an unknown setting {unknown[0]!r}; {what}")
    values.pop("home", None)
    return values


def _patterns(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(pattern, str) for pattern in value):
        raise InvalidRequest('must be a list of patterns such as ["Christmas/", "*.wma"]', field="ignore", value=value)
    return tuple(value)


def _seconds(name: str, value: Any) -> float:
    """Seconds from "2h", "1h30m", "45m" or "90s"."""
    match = re.fullmatch(r"(?:(\d+)h)? ?(?:(\d+)m)? ?(?:(\d+)s)?", value) if isinstance(value, str) else None
    parts = match.groups() if match else ()
    seconds = sum(int(n) * unit for n, unit in zip(parts, (3600.0, 60.0, 1.0), strict=False) if n)
    if not seconds:
        raise InvalidRequest("must be a time such as 2h, 1h30m, 45m or 90s", field=name, value=value)
    return seconds


def _yes_or_no(name: str, value: Any) -> bool:
    answers = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    answer = value if isinstance(value, bool) else answers.get(str(value).lower())
    if answer is None:
        raise InvalidRequest("must be true or false", field=name, value=value)
    return answer


def _check_cluster(executor: Any, scheduler: Any, send_files: bool) -> None:
    if executor not in ("local", "dask"):
        raise InvalidRequest("must be local or dask", field="executor", value=executor)
    if executor == "dask" and not (isinstance(scheduler, str) and scheduler):
        raise InvalidRequest(
            "is missing: the executor dask needs the address of a scheduler, tcp://HOST:8786", field="scheduler",
            hint=Hint.NAME_SCHEDULER,
        )  # fmt: skip
    if send_files and not scheduler:
        raise InvalidRequest("needs {scheduler}: files are sent to a cluster", field="send_files", others=["scheduler"])


def _number(name: str, value: Any, kind: type) -> Any:
    try:
        number = kind(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidRequest(f"must be a {_KINDS[kind]}", field=name, value=value) from error
    if isinstance(value, bool) or number != number or (isinstance(value, float) and number != value):
        raise InvalidRequest(f"must be a {_KINDS[kind]}", field=name, value=value)
    if number < 0:
        raise InvalidRequest("must not be negative", field=name, value=number)
    return number
