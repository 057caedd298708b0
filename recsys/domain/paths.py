"""Paths as people write them: with "~", or too long to be one."""

import os
from collections.abc import Iterable
from pathlib import Path


def expand_home(path: str | os.PathLike[str]) -> Path:
    """A path with "~" or "~user" expanded; unchanged if there is no such user, as in a shell.

    >>> expand_home("~no-such-user/a").parts
    ('~no-such-user', 'a')
    """
    return Path(os.path.expanduser(path))  # noqa: PTH111 - Path.expanduser fails for an unknown user


def absolute_path(path: str | os.PathLike[str]) -> Path:
    """A path as the library has it: absolute, with "~" expanded, and without ".", ".." and double slashes.

    Links are not resolved: a scan names files as its root is named.

    >>> absolute_path("/music/mp3/../flac/./a.flac").as_posix().endswith("/music/flac/a.flac")
    True
    """
    absolute = os.path.abspath(expand_home(path))  # noqa: PTH100 - Path.resolve follows links
    if os.name == "posix" and absolute.startswith("//"):  # which POSIX lets a system interpret in its own way
        absolute = absolute[1:]
    return Path(absolute)


def relative_path(path: str, roots: Iterable[str]) -> str:
    """A path in the innermost folder that it is in, with slashes; its own path without a root where it is in none.

    >>> relative_path("/music/jazz/So What.mp3", ["/music", "/other"])
    'jazz/So What.mp3'
    """
    inside = max((root.rstrip(os.sep) for root in roots if path.startswith(root.rstrip(os.sep) + os.sep)), default="")
    return path[len(inside) :].replace(os.sep, "/").lstrip("/")


def is_file(path: str | os.PathLike[str]) -> bool:
    """Whether a path is a file; False for a text that the operating system refuses, such as one of 300 characters."""
    return os.path.isfile(path)  # noqa: PTH113 - Path.is_file fails for such a text


def access_error(path: str | os.PathLike[str]) -> str | None:
    """Why it cannot be seen whether a path exists, such as "Permission denied" for a closed folder; None if it can."""
    try:
        os.stat(path)  # noqa: PTH116 - never made a Path, which fails for some texts
    except PermissionError as error:
        return error.strerror
    except (OSError, ValueError):
        return None
    return None


def is_dir(path: str | os.PathLike[str]) -> bool:
    """Whether a path is a folder; False for a text that the operating system refuses."""
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir fails for such a text


def exists(path: str | os.PathLike[str]) -> bool:
    """Whether there is a file or a folder; False for a text that the operating system refuses."""
    return os.path.exists(path)  # noqa: PTH110 - Path.exists fails for such a text
