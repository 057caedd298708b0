"""Folders of the server, for a page on which users choose what to ingest: names of folders alone."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from recsys.errors import Hint, InvalidRequest, NotFound, RecsysError

MAX_FOLDERS = 2000


class FolderUnreadable(RecsysError):
    """The server may not read a folder."""

    code = "forbidden"


def list_folders(path: str | None, known: Iterable[str] = ()) -> dict[str, Any]:
    """The folders in a folder, by name, without hidden ones; and the folder above it.

    Parameters
    ----------
    path : str or None
        An absolute path; None: the home folder of the user who runs the server.
    known : iterable of str
        Other folders to begin from.

    Raises
    ------
    InvalidRequest
        The path is relative.
    NotFound
        There is no such folder.
    FolderUnreadable
        The folder may not be read.
    """
    folder = Path(_home() if path is None else path)
    if not folder.is_absolute() or "\0" in str(folder):
        raise InvalidRequest("must be an absolute path", field="path", value=path)
    try:
        with os.scandir(folder) as entries:
            names = sorted(filter(None, map(_name, entries)), key=lambda name: (name.casefold(), name))
    except PermissionError as error:
        raise FolderUnreadable(f"the server may not read the folder {folder}", hint=Hint.OPEN_FOLDER) from error
    except OSError as error:
        raise NotFound(f"there is no folder {folder}") from error
    above = folder.parent
    return {
        "path": str(folder),
        "parent": None if above == folder else str(above),
        "items": [{"name": name, "path": str(folder / name)} for name in names[:MAX_FOLDERS]],
        "truncated": len(names) > MAX_FOLDERS,
        "places": list(dict.fromkeys(place for place in (*known, _home(), *_drives()) if _is_shown(place))),
    }


def is_inside(path: str, roots: Iterable[str]) -> bool:
    """Whether a path, links resolved, is at or below one of some folders.

    >>> is_inside("/music/album/..", ["/music"]), is_inside("/music/../etc", ["/music"])
    (True, False)
    """
    real = Path(os.path.realpath(path))
    return any(real.is_relative_to(os.path.realpath(root)) for root in roots)


def _name(entry: "os.DirEntry[str]") -> str | None:
    try:
        is_folder = entry.is_dir()
    except OSError:  # a link in a circle
        return None
    return entry.name if is_folder and not entry.name.startswith(".") and _is_shown(entry.name) else None


def _is_shown(name: str) -> bool:
    """Whether a URL can have the name: it has no bytes that are not UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _home() -> str:
    home = os.path.expanduser("~")  # noqa: PTH111 - where the user has no home folder, Path.home raises
    return home if os.path.isabs(home) and os.path.isdir(home) else _drives()[0]  # noqa: PTH112, PTH117 - never raise


def _drives() -> list[str]:
    if sys.platform == "win32":
        return os.listdrives() if sys.version_info >= (3, 12) else ["C:\\"]
    return ["/"]
